//! `GET, POST /studies/{study}/kits/set-aside`: all kits of a site or a depot are set aside, as when a refrigerator
//! failed. Some of them alone cannot be: picking them out would tell them apart.

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::read::{self, Filter, Kit, KitState};
use service::shipments::{At, quarantine};
use strum::VariantArray;
use trial::{Action, QuarantineCause};

use super::places;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::quarantines::SetAside;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

/// What the page knows.
struct Known {
    at: Standing,
    kits: Vec<Kit>,
    places: Vec<At>,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    match places::chosen(&known.places, |name| known.at.visitor.here.asked(name)) {
        Some(place) => known.page(&place).form(known.form(&place)).answer(),
        None => known.choice().answer(),
    }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let Some(place) = places::chosen(&known.places, |name| sent.typed.get(name)) else {
        return known.choice().answer();
    };
    let page = |form: Form| known.page(&place).form(form);
    let form = sent.fill(known.form(&place));
    if sent.is_resumed() {
        return page(form).answer();
    }
    let ordered = Ordered::at(&known.at, Action::ReportIncident, "/quarantines");
    if !sent.is_confirmed() {
        return match form.read::<SetAside>().and_then(|body| Ok(body.into_command()?)) {
            Ok(_command) => page(known.to_confirm(&place, form)).answer(),
            Err(problem) => sent.refused(page, form, &problem),
        };
    }
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: SetAside| {
        let (at, cause, evidence) = body.into_command()?;
        quarantine::set_aside(service, envelope, at, cause, evidence)
    });
    match done.await {
        Ok(_) => go_on_having(&known.at.address("/kits"), "kits_set_aside"),
        Err(problem) => sent.refused(page, form, &problem),
    }
}

async fn load(service: &Data<Shared>, study: &str, visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, study).await?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let kits = run(move || read::kits(&shared, &caller, &study, &Filter::default())).await?;
    let places = places::of_visitor(&at, kits.iter().map(|kit| &kit.place));
    Ok(Known { at, kits, places })
}

impl Known {
    fn choice(&self) -> Page {
        places::to_choose(&self.at, self.titled(), &self.places)
    }

    fn titled(&self) -> Page {
        Page::of_study(&self.at, self.at.words().say("set_aside.title"))
    }

    fn page(&self, place: &At) -> Page {
        let words = self.at.words();
        let (of, n) = (places::in_words(&self.at, place), self.count(place));
        self.titled()
            .part(Part::Warning(words.fill("set_aside.what", &[("n", &n), ("place", &of)])))
            .text(words.say("set_aside.why_all"))
    }

    /// How many kits there could be used or are promised.
    fn count(&self, place: &At) -> usize {
        let is_hit = |kit: &&Kit| {
            let usable = [KitState::Released, KitState::Available, KitState::Allocated];
            places::holds(place, kit) && kit.state.is_some_and(|state| usable.contains(&state))
        };
        self.kits.iter().filter(is_hit).count()
    }

    fn to_confirm(&self, place: &At, form: Form) -> Form {
        let words = self.at.words();
        let mut form = form.into_confirmation(words);
        form.facts.insert(0, (words.say("kit.place").to_owned(), places::in_words(&self.at, place)));
        form.facts.insert(1, (words.say("kit.count").to_owned(), self.count(place).to_string()));
        Form { submit: words.say("set_aside.button").to_owned(), is_grave: true, ..form }
    }

    fn form(&self, place: &At) -> Form {
        let words = self.at.words();
        let causes = QuarantineCause::VARIANTS.iter();
        let causes = causes.map(|cause| (cause.to_string(), words.code("quarantine_cause", cause))).collect();
        let evidence = Field::new("evidence_sha256", words.say("set_aside.evidence"), Kind::Hash)
            .hint(words.say("form.hash_hint"))
            .optional();
        let fields = vec![
            places::field(place),
            Field::new("cause", words.say("set_aside.cause"), Kind::Radio(causes)),
            evidence,
        ];
        Form::of(&self.at.visitor, fields, words.say("randomize.check"))
    }
}
