//! Breaking one subject's code: `GET, POST /studies/{study}/break`, and what anybody may read, `GET /break-glass`.
//!
//! One page, one reason, and the password; what there is to say is written down afterwards. With a link from the
//! subject's page the number is filled in.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use service::Shared;
use service::unblind::{self, Revealed};
use strum::VariantArray;
use trial::{Action, BreakReason};

use super::face;
use super::form::{Field, Form, Kind};
use super::page::{Link, Page, Part};
use super::sent::{Ordered, Sent};
use super::visitor::{Here, Standing, Visitor};
use crate::answer::{Answer, run};
use crate::api::unblindings::Unblind;

const NUMBERS: [(&str, &str); 3] = [
    ("screening_number", "subject.screening_number"),
    ("randomization_number", "subject.randomization_number"),
    ("kit_number", "kit.number"),
];

/// `GET /studies/{study}/break`
pub(super) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let mut form = form(&at);
    for field in &mut form.fields {
        at.visitor.here.asked(&field.name).unwrap_or_default().clone_into(&mut field.value);
    }
    page(&at).form(form).answer()
}

/// `POST /studies/{study}/break`
pub(super) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let form = sent.fill(form(&at));
    if sent.is_resumed() {
        return page(&at).form(form).answer();
    }
    let ordered = Ordered::at(&at, Action::Unblind, "/unblindings");
    let (form, shared) = (&form, &service);
    let done = async {
        let (envelope, body) = sent.order::<Unblind>(shared, form, &ordered).await?;
        let (lookup, reason, shared) = (body.lookup()?, body.reason()?, shared.clone());
        run(move || unblind::unblind(&shared, envelope, lookup, reason)).await
    };
    match done.await {
        Ok(revealed) => treatment(&at, &revealed).answer(),
        Err(problem) => {
            let way_out = problem.status().is_server_error();
            let way_out = way_out.then(|| Part::Warning(at.words().say("break.way_out").to_owned()));
            sent.refused(|form| page(&at).parts(way_out).form(form), form.clone(), &problem)
        }
    }
}

/// `GET /break-glass`: what to do when a participant is ill and nobody of the study is there.
pub(super) async fn glass(request: HttpRequest) -> Answer {
    let here = Here::of(&request);
    let words = here.words;
    let steps = ["glass.first", "glass.second", "glass.third", "glass.fourth"];
    let log_in = Link::new(words.say("log_in.title"), "/log-in").main();
    Page::public(&here, words.say("glass.title"))
        .parts(steps.map(|step| Part::Text(words.say(step).to_owned())))
        .part(Part::Links(vec![log_in]))
        .answer()
}

fn page(at: &Standing) -> Page {
    let words = at.words();
    Page::of_study(at, words.say("break.title")).part(Part::Warning(words.say("break.what").to_owned()))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let numbers = NUMBERS.iter().map(|(name, word)| {
        let kind = if *name == "kit_number" { Kind::Scan } else { Kind::Text };
        Field::new(*name, words.say(word), kind).optional()
    });
    let reasons = BreakReason::VARIANTS.iter();
    let reasons = reasons.map(|reason| (reason.to_string(), words.code("break_reason", reason))).collect();
    let reason = Field::new("reason", words.say("break.reason"), Kind::Radio(reasons));
    let form = Form::of(&at.visitor, numbers.chain([reason]).collect(), words.say("break.button"));
    Form { is_grave: true, ..form.signed(words.say("break.meaning")) }
}

/// The treatment, as large as it can be, and what the clinician needs with it.
fn treatment(at: &Standing, revealed: &Revealed) -> Page {
    let words = at.words();
    let zone = at.zone_of(&revealed.site);
    let (of, arm) = (&revealed.subject, &revealed.treatment);
    let facts = [
        ("subject.screening_number", of.to_string()),
        ("subject.randomization_number", revealed.number.to_string()),
        ("break.substance", arm.substance.clone()),
        ("break.dose", arm.dose.clone()),
        ("break.schedule", arm.schedule.clone()),
        ("break.broken_by", revealed.by.to_string()),
        ("break.broken_at", face::time(revealed.at, zone)),
    ];
    let facts = facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec();
    let kits = revealed.kits.iter().map(|kit| {
        let (visit, time) = (&kit.visit, face::time(kit.handed_over, zone));
        let what = kit.contents.as_deref().unwrap_or(words.say("break.unreadable"));
        (face::kit(&kit.number), words.fill("break.kit", &[("visit", visit), ("at", &time), ("what", &what)]))
    });
    let is_mismatched = revealed.kits.iter().any(|kit| !kit.is_as_assigned);
    let mismatch = is_mismatched.then(|| Part::Warning(words.say("break.mismatch").to_owned()));
    let back = Link::new(words.say("break.subject"), at.address(format_args!("/subjects/{of}")));
    Page::unblinded(at, revealed.at, words.say("break.shown"))
        .part(Part::Large { label: words.say("break.treatment").to_owned(), text: arm.name.clone() })
        .parts(mismatch)
        .part(Part::Facts(facts))
        .part(Part::Heading(words.say("break.kits").to_owned()))
        .part(Part::Facts(kits.collect()))
        .text(words.say("break.afterwards"))
        .part(Part::Links(vec![back]))
}
