//! `GET, POST /studies/{study}/kits/{kit}/return`: the vials of a kit that came back are counted.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::read::{self as account, Counted, Line};
use service::accountability::returned;
use service::study;
use terms::KitNumber;
use trial::decide::accountability::Count;
use trial::{Action, Refusal};

use super::facts;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::accountability::Return;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

type At = Path<(String, String)>;

/// What the page knows of the kit.
struct Known {
    at: Standing,
    line: Line,
    vials: u32,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page(known.form()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let (form, kit) = (sent.fill(known.form()), known.line.kit);
    if sent.is_resumed() {
        return known.page(form).answer();
    }
    let ordered = Ordered::at(&known.at, Action::ReturnKit, format_args!("/kits/{kit}/return"));
    let done = sent.act(&service, &form, &ordered, move |service, envelope, body: Return| {
        let (count, reason) = body.into_count();
        returned::count(service, envelope, kit, count, reason)
    });
    match done.await {
        Ok(_) => go_on_having(&known.at.address(format_args!("/kits/{kit}")), "kit_counted"),
        Err(problem) => sent.refused(|form| known.page(form), form, &problem),
    }
}

async fn load(service: &Data<Shared>, path: &(String, String), visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let number = KitNumber::scanned(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let (line, vials) = run(move || {
        let line = account::of_kit(&shared, &caller, &study, number)?.line;
        Ok((line, study::find(&shared, &caller, &study)?.design.supply.vials_per_kit))
    })
    .await?;
    Ok(Known { at, line, vials })
}

impl Known {
    fn page(&self, form: Form) -> Page {
        let words = self.at.words();
        let mut known = vec![("kit.state", words.code("kit_state", self.line.state.code()))];
        known.extend(self.line.whose.iter().map(|(subject, _)| ("subject.title_alone", subject.to_string())));
        known.extend(self.line.counted.iter().map(|counted| ("return.count", in_words(words, counted))));
        let again = self.line.counted.is_some().then(|| Part::Warning(words.say("return.again").to_owned()));
        Page::of_study(&self.at, words.fill("return.of", &[("kit", &face::kit(&self.line.kit))]))
            .part(facts(words, known))
            .parts(again)
            .text(words.fill("return.vials", &[("n", &self.vials)]))
            .form(form)
    }

    fn form(&self) -> Form {
        let words = self.at.words();
        let vials = |name, word| Field::new(name, words.say(word), Kind::Number);
        let reason = Field::new("reason", words.say("return.reason"), Kind::Text)
            .hint(words.say("return.reason_hint"))
            .optional();
        let fields = vec![
            vials("used", "return.used"),
            vials("unused", "return.unused"),
            vials("missing", "return.missing").value(0),
            reason,
        ];
        Form::of(&self.at.visitor, fields, words.say("return.button"))
    }
}

/// The last count of a kit.
pub(super) fn in_words(words: Words, counted: &Counted) -> String {
    let Count { used, unused, missing } = &counted.count;
    words.fill("return.counted", &[("used", used), ("unused", unused), ("missing", missing)])
}
