//! `GET, POST /studies/{study}/subjects/{subject}/check`: a second person checks a kit before another one hands it
//! over.

use actix_web::web::{Data, Path};
use service::Shared;
use service::counter::{self, Counter, Waiting};
use service::hand_over::{self, CheckOutcome};
use terms::SubjectId;
use trial::{Action, Refusal};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::dispensations::Confirm;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

/// What the page knows of the counter.
struct Known {
    at: Standing,
    subject: SubjectId,
    counter: Counter,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page(known.form()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let dispensation = sent.typed.get("dispensation").unwrap_or_default().to_owned();
    let form = sent.fill(known.scan_of(&dispensation));
    if sent.is_resumed() {
        return known.page(Some(form)).answer();
    }
    let id = named(&dispensation)?;
    let ordered =
        Ordered::at(&known.at, Action::ConfirmHandover, format_args!("/dispensations/{dispensation}/check"));
    // Which dispensation it is stands in the address, not in the body.
    let mut scan = form.clone();
    scan.fields.retain(|field| field.name == "kit_number");
    let done =
        sent.act(&service, &scan, &ordered, |service, envelope, body: Confirm| {
            match hand_over::check(service, envelope, id, body.kit_number)? {
                CheckOutcome::Checked(_) => Ok(()),
                CheckOutcome::WrongKit => Err(Refusal::WrongKit.into()),
            }
        });
    match done.await {
        Ok(()) => {
            let to = known.at.address(format_args!("/subjects/{}/check", known.subject));
            go_on_having(&to, "kit_checked")
        }
        // That a wrong kit was scanned is recorded: the next scan is another act, and begins with an empty field.
        Err(problem) => {
            let is_wrong = problem.code() == Refusal::WrongKit.code();
            let form = if is_wrong { known.scan_of(&dispensation) } else { form };
            sent.refused(|form| known.page(Some(form)), form, &problem)
        }
    }
}

async fn load(service: &Data<Shared>, path: &(String, String), visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let subject: SubjectId = named(&path.1)?;
    let (shared, caller, study, id) = (service.clone(), at.caller(), at.study(), subject.clone());
    let counter = run(move || counter::of_subject(&shared, &caller, &study, &id)).await?;
    Ok(Known { at, subject, counter })
}

impl Known {
    fn page(&self, form: Option<Form>) -> Page {
        let words = self.at.words();
        let mut page = Page::of_study(&self.at, words.fill("check.of", &[("subject", &self.subject)]))
            .text(words.say("check.what"));
        for one in &self.counter.kits {
            let label = words.fill("check.this", &[("visit", &one.visit)]);
            page = page.part(Part::Large { label, text: face::kit(&one.kit) }).text(self.standing(one));
        }
        match form {
            Some(form) => page.form(form),
            None => page.text(words.say("check.nothing")),
        }
    }

    /// Who has checked it today.
    fn standing(&self, one: &Waiting) -> String {
        let words = self.at.words();
        if !one.is_ready() {
            return words.fill("check.not_ready", &[("state", &words.code("kit_state", one.state.code()))]);
        }
        let by = one.checked_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if by.is_empty() {
            words.say("check.by_nobody").to_owned()
        } else {
            words.fill("counter.checked_by", &[("by", &by)])
        }
    }

    /// The form of the scan, while there is something to scan and the visitor may.
    fn form(&self) -> Option<Form> {
        let first = self.counter.kits.iter().find(|one| one.is_ready())?;
        self.at.may(Action::ConfirmHandover).then(|| self.scan_of(first.dispensation.as_str()))
    }

    fn scan_of(&self, dispensation: &str) -> Form {
        let words = self.at.words();
        let scan = Field::new("kit_number", words.say("kits.scan"), Kind::Scan);
        let of = Field::new("dispensation", "", Kind::Text).value(dispensation).hidden();
        let fields = vec![of, scan.hint(words.say("kits.scan_hint"))];
        Form::of(&self.at.visitor, fields, words.say("check.button"))
    }
}
