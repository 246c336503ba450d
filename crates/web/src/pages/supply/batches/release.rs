//! `GET, POST /studies/{study}/supply/batches/{batch}/certification`, `.../release`: the two steps after which a batch
//! may be used in a country, each by another role.

use std::collections::BTreeSet;

use actix_web::Resource;
use actix_web::web::Data;
use service::Shared;
use service::kits::release::take_step;
use trial::{Action, ReleaseStep};

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::Answer;
use crate::api::batches::Release;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::located;
use crate::pages::visitor::Visitor;

/// A step: who takes it, where, and how it is called.
#[derive(Clone, Copy)]
struct Step {
    step: ReleaseStep,
    action: Action,
    rest: &'static str,
    title: &'static str,
    meaning: &'static str,
    button: &'static str,
    done: &'static str,
}

const CERTIFICATION: Step = Step {
    step: ReleaseStep::Certification,
    action: Action::CertifyBatch,
    rest: "/certification",
    title: "certify.of",
    meaning: "certify.meaning",
    button: "certify.button",
    done: "certified",
};

const RELEASE: Step = Step {
    step: ReleaseStep::RegulatoryRelease,
    action: Action::ReleaseBatch,
    rest: "/release",
    title: "release.of",
    meaning: "release.meaning",
    button: "release.button",
    done: "released",
};

/// The page of the Qualified Person's certification.
pub(in crate::pages) fn of_certification(at: Resource) -> Resource {
    at.get(|service, path, visitor| show(service, path, visitor, CERTIFICATION))
        .post(|service, path, sent| submit(service, path, sent, CERTIFICATION))
}

/// The page of the sponsor's release.
pub(in crate::pages) fn of_release(at: Resource) -> Resource {
    at.get(|service, path, visitor| show(service, path, visitor, RELEASE))
        .post(|service, path, sent| submit(service, path, sent, RELEASE))
}

async fn show(service: Data<Shared>, path: At, visitor: Visitor, step: Step) -> Answer {
    let (of, form) = load(&service, &path, visitor, step).await?;
    page(&of, step).form(form).answer()
}

async fn submit(service: Data<Shared>, path: At, sent: Sent, step: Step) -> Answer {
    let (of, form) = load(&service, &path, sent.visitor.clone(), step).await?;
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, step.action, format_args!("/batches/{id}{}", step.rest));
    let page = |form| page(&of, step).form(form);
    let done = sent.acted(&service, form, &ordered, page, move |service, envelope, body: Release| {
        take_step(service, envelope, id, body.country()?, step.step)
    });
    match done.await {
        Ok(_batch) => go_on_having(&of.address(""), step.done),
        Err(answer) => answer,
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
    step: Step,
) -> Result<(OfBatch, Form), Problem> {
    let of = OfBatch::load(service, path, visitor, step.action).await?;
    let countries: BTreeSet<String> =
        located(service, &of.at).await?.into_iter().map(|place| place.country.to_string()).collect();
    let words = of.words();
    let only = countries.iter().next().filter(|_| countries.len() == 1).cloned();
    let options = countries.into_iter().map(|country| (country.clone(), country)).collect();
    let country = Field::new("country", words.say("batch.country"), Kind::Choice(options));
    let country = country.value(only.unwrap_or_default()).hint(words.say("release.country_hint"));
    let form = Form::of(&of.at.visitor, vec![country], words.say(step.button));
    let form = Form { is_grave: true, ..form.signed(of.title(step.meaning)) };
    Ok((of, form))
}

fn page(of: &OfBatch, step: Step) -> Page {
    of.page(step.title).text(of.words().say("release.what"))
}
