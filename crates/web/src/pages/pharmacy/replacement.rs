//! `GET, POST /studies/{study}/kits/{kit}/replacement`: another kit of the same arm for one that a subject lost, that
//! broke, or that was not taken. The system picks it.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::read::{self as account, Line};
use service::dispense::{self, Followed};
use service::{Failure, replace, study};
use strum::VariantArray;
use terms::{KitNumber, SubjectId};
use trial::{Action, Refusal, ReplaceReason};

use super::facts;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::replacements::ReplaceKit;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

type At = Path<(String, String)>;

/// What the page knows of the kit.
struct Known {
    at: Standing,
    line: Line,
    subject: SubjectId,
    /// The dispensation that it belongs to.
    of: Followed,
    /// How many the design expects of a subject.
    expected: u32,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page(known.form()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(known.form());
    if sent.is_resumed() {
        return known.page(form).answer();
    }
    let id = known.of.dispensed.id.clone();
    let ordered =
        Ordered::at(&known.at, Action::ReplaceKit, format_args!("/dispensations/{id}/replacements"));
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: ReplaceKit| {
        replace::replace(service, envelope, id, body.into_command()?)
    });
    match done.await {
        Ok(_) => {
            let to = known.at.address(format_args!("/subjects/{}/kits", known.subject));
            go_on_having(&to, "kit_replaced")
        }
        Err(problem) => sent.refused(|form| known.page(form), form, &problem),
    }
}

async fn load(service: &Data<Shared>, path: &(String, String), visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let number = KitNumber::scanned(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let (line, subject, of, expected) = run(move || {
        let line = account::of_kit(&shared, &caller, &study, number)?.line;
        // What nobody was told yet has nothing to take its place.
        let (subject, _) = line.whose.clone().ok_or(Refusal::NotFound)?;
        let mut all = dispense::dispensations(&shared, &caller, &study, &subject)?.into_iter();
        let of = all.find(|one| belongs_to(one, number)).ok_or(Failure::from(Refusal::NotFound))?;
        let design = study::find(&shared, &caller, &study)?.design;
        Ok((line, subject, of, design.supply.replacements_per_subject))
    })
    .await?;
    Ok(Known { at, line, subject, of, expected })
}

fn belongs_to(one: &Followed, number: KitNumber) -> bool {
    one.dispensed.kits.contains(&number) || one.replaced.iter().any(|(_, new)| *new == number)
}

impl Known {
    fn page(&self, form: Form) -> Page {
        let words = self.at.words();
        let number = self.line.kit;
        let known = [
            ("subject.title_alone", self.subject.to_string()),
            ("visit.id", self.of.dispensed.visit.to_string()),
            ("kit.state", words.code("kit_state", self.line.state.code())),
        ];
        let page = Page::of_study(&self.at, words.fill("replace.of", &[("kit", &face::kit(&number))]));
        let page = page.part(facts(words, known));
        match self.of.replaced.iter().find(|(old, _)| *old == number) {
            // One kit takes the place of another, once.
            Some((_, new)) => {
                page.part(Part::Warning(words.fill("replace.done", &[("kit", &face::kit(new))])))
            }
            None => page.text(words.say("replace.what")).form(form),
        }
    }

    fn form(&self) -> Form {
        let words = self.at.words();
        let reasons = ReplaceReason::VARIANTS.iter();
        let reasons = reasons.map(|why| (why.to_string(), words.code("replace_reason", why))).collect();
        let explanation = Field::new("explanation", words.say("replace.explanation"), Kind::Text)
            .hint(words.fill("replace.explanation_hint", &[("n", &self.expected)]))
            .optional();
        let fields = vec![
            Field::new("kit_number", "", Kind::Text).value(self.line.kit).hidden(),
            Field::new("reason", words.say("replace.reason"), Kind::Radio(reasons)),
            explanation,
        ];
        Form::of(&self.at.visitor, fields, words.say("replace.button"))
    }
}
