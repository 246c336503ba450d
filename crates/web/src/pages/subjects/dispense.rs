//! `GET, POST /studies/{study}/subjects/{subject}/kits`: which kits to hand over at a visit, and the handover by
//! a scan.

use actix_web::web::{Data, Path};
use service::Shared;
use service::counter::{self, Counter};
use service::dispense::{self, Command, Followed};
use service::hand_over::{self, Outcome};
use service::subjects::{self, View};
use terms::{SubjectId, VisitId};
use trial::{Action, Refusal};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::dispensations::{Confirm, Dispense};
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::pharmacy::kit_cell;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

const COLUMNS: [&str; 5] = ["visit.id", "kit.number", "kit.day", "kit.covers", "kit.handed_over"];

/// What the page knows of the subject.
struct Known {
    at: Standing,
    subject: SubjectId,
    view: View,
    dispensed: Vec<Followed>,
    counter: Counter,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page(known.request(), known.scan()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    // The scan names the dispensation that it is for; the form that asks for kits names a visit.
    match sent.typed.get("dispensation").map(str::to_owned) {
        Some(dispensation) => known.scanned(&service, &sent, &dispensation).await,
        None => known.requested(&service, &sent).await,
    }
}

async fn load(service: &Data<Shared>, path: &(String, String), visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let subject: SubjectId = named(&path.1)?;
    let (shared, caller, study, id) = (service.clone(), at.caller(), at.study(), subject.clone());
    let (view, dispensed, counter) = run(move || {
        let view = subjects::one(&shared, &caller, &study, &id)?;
        let dispensed = dispense::dispensations(&shared, &caller, &study, &id)?;
        Ok((view, dispensed, counter::of_subject(&shared, &caller, &study, &id)?))
    })
    .await?;
    Ok(Known { at, subject, view, dispensed, counter })
}

impl Known {
    async fn requested(&self, service: &Data<Shared>, sent: &Sent) -> Answer {
        // Sent again, it is answered again, also when nothing is left to be dispensed.
        let form = sent.fill(self.asking());
        if sent.is_resumed() {
            return self.page(Some(form), self.scan()).answer();
        }
        let address = format!("/subjects/{}/dispensations", self.subject);
        let ordered = Ordered::at(&self.at, Action::Dispense, address);
        let subject = self.subject.clone();
        let done = sent.act(service, &form, &ordered, |service, envelope, body: Dispense| {
            let visit = VisitId::parse(&body.visit).map_err(|bad| Refusal::field("visit", bad))?;
            dispense::dispense(service, envelope, subject, Command { visit, reason: body.reason })
        });
        match done.await {
            Ok(_dispensed) => go_on_having(&self.address(), "dispensed"),
            Err(problem) => {
                let short = self.what_now(&problem);
                sent.refused(|form| self.page(Some(form), self.scan()).parts(short), form.clone(), &problem)
            }
        }
    }

    async fn scanned(&self, service: &Data<Shared>, sent: &Sent, dispensation: &str) -> Answer {
        let form = sent.fill(self.scan_of(dispensation));
        if sent.is_resumed() {
            return self.page(self.request(), Some(form)).answer();
        }
        let address = format!("/dispensations/{dispensation}/confirmation");
        let ordered = Ordered::at(&self.at, Action::ConfirmHandover, address);
        let done = async {
            // Which dispensation it is stands in the address, not in the body.
            let mut scan = form.clone();
            scan.fields.retain(|field| field.name == "kit_number");
            let (envelope, body) = sent.order::<Confirm>(service, &scan, &ordered).await?;
            let (id, shared, scanned) = (named(dispensation)?, service.clone(), body.kit_number);
            match run(move || hand_over::hand_over(&shared, envelope, id, scanned)).await? {
                Outcome::HandedOver(_) => Ok(()),
                Outcome::WrongKit => Err(Problem::of(&Refusal::WrongKit)),
            }
        };
        match done.await {
            Ok(()) => go_on_having(&self.address(), "handed_over"),
            // That a wrong kit was scanned is recorded: the next scan is another act, and begins with an empty field.
            Err(problem) => {
                let form = if problem.code() == Refusal::WrongKit.code() {
                    self.scan_of(dispensation)
                } else {
                    form
                };
                sent.refused(|form| self.page(None, Some(form)), form, &problem)
            }
        }
    }

    /// What to do when nothing on the shelf can be given: the same whichever kit is short.
    fn what_now(&self, problem: &Problem) -> Option<Part> {
        let is_short = problem.code() == Refusal::SupplyShort.code();
        let words = self.at.words();
        let link = || Link::new(words.say("kits.on_their_way"), self.at.address("/shipments"));
        is_short.then(|| Part::Links(vec![link()]))
    }

    fn address(&self) -> String {
        self.at.address(format_args!("/subjects/{}/kits", self.subject))
    }

    /// The form that asks for the kits of a visit, while there is one to dispense at.
    fn request(&self) -> Option<Form> {
        let is_open = self.to_dispense().next().is_some() && self.view.randomized.is_some();
        (is_open && self.at.may(Action::Dispense)).then(|| self.asking())
    }

    fn asking(&self) -> Form {
        let words = self.at.words();
        let options = self.to_dispense().map(|visit| (visit.to_string(), visit.to_string())).collect();
        let next = self.to_dispense().next().map(ToString::to_string).unwrap_or_default();
        let asked = self.at.visitor.here.asked("visit").unwrap_or(&next);
        let fields = vec![
            Field::new("visit", words.say("visit.id"), Kind::Choice(options)).value(asked),
            Field::new("reason", words.say("kits.reason"), Kind::Text)
                .hint(words.say("kits.reason_hint"))
                .optional(),
        ];
        Form::of(&self.at.visitor, fields, words.say("kits.request"))
    }

    fn to_dispense(&self) -> impl Iterator<Item = &VisitId> {
        let open = self.view.visits.iter().filter(|visit| visit.is_dispensing && visit.dispensed.is_none());
        open.map(|visit| &visit.visit)
    }

    /// The form in which a kit is scanned, while one is to be handed over.
    fn scan(&self) -> Option<Form> {
        let open = self.dispensed.iter().find(|one| !self.to_hand_over(one).is_empty())?;
        self.at.may(Action::ConfirmHandover).then(|| self.scan_of(open.dispensed.id.as_str()))
    }

    fn scan_of(&self, dispensation: &str) -> Form {
        let words = self.at.words();
        let scan =
            Field::new("kit_number", words.say("kits.scan"), Kind::Scan).hint(words.say("kits.scan_hint"));
        let of = Field::new("dispensation", "", Kind::Text).value(dispensation).hidden();
        Form::of(&self.at.visitor, vec![of, scan], words.say("kits.hand_over"))
    }

    /// The kits of a dispensation as they are now, that nobody has yet.
    fn to_hand_over(&self, one: &Followed) -> Vec<terms::KitNumber> {
        let mut kits = one.dispensed.kits.clone();
        for (old, new) in &one.replaced {
            kits.iter_mut().filter(|kit| *kit == old).for_each(|kit| *kit = *new);
        }
        kits.retain(|kit| !one.handed_over.contains(kit));
        kits
    }

    /// Where the study wants two people at the counter: whether somebody has checked the kit, and the way to do it.
    fn second_person(&self) -> Vec<Part> {
        let words = self.at.words();
        let ready = self.counter.kits.iter().filter(|one| self.counter.wants_second_person && one.is_ready());
        let told = ready.map(|one| {
            let by = one.checked_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let said = if by.is_empty() {
                Part::Warning(words.say("check.needed").to_owned())
            } else {
                Part::Text(words.fill("counter.checked_by", &[("by", &by)]))
            };
            let to = self.at.address(format_args!("/subjects/{}/check", self.subject));
            [said, Part::Links(vec![Link::new(words.say("check.title"), to)])]
        });
        told.flatten().collect()
    }

    fn page(&self, request: Option<Form>, scan: Option<Form>) -> Page {
        let words = self.at.words();
        let mut page = Page::of_study(&self.at, words.fill("kits.of", &[("subject", &self.subject)]));
        for one in &self.dispensed {
            for kit in self.to_hand_over(one) {
                let label = words.fill("kits.hand_this", &[("visit", &one.dispensed.visit)]);
                page = page.part(Part::Large { label, text: face::kit(&kit) });
            }
        }
        page = page.parts(self.second_person());
        if let Some(form) = scan {
            page = page.form(form);
        }
        if let Some(form) = request {
            page = page.part(Part::Heading(words.say("kits.next").to_owned())).form(form);
        }
        let rows = self.dispensed.iter().flat_map(|one| rows(&self.at, one)).collect();
        page.part(Part::table(Table::new(&self.at.visitor.here, "kits", "kits.dispensed", &COLUMNS, rows)))
    }
}

/// A row for each kit, with what took the place of another under it.
fn rows(at: &Standing, one: &Followed) -> Vec<Vec<Cell>> {
    let words = at.words();
    let day = if one.dispensed.in_window {
        one.dispensed.day.to_string()
    } else {
        format!("{} ({})", one.dispensed.day, words.say("visit.outside"))
    };
    let all = one.dispensed.kits.iter().chain(one.replaced.iter().map(|(_, new)| new));
    let row = |kit: &terms::KitNumber| {
        let instead = one.replaced.iter().find(|(old, _)| old == kit).map(|(_, new)| new);
        let state = match instead {
            Some(new) => Cell::text(words.fill("kit.replaced_by", &[("kit", &face::kit(new))])),
            None if one.handed_over.contains(kit) => Cell::text(words.say("frame.yes")).badge("good"),
            None => Cell::text(words.say("frame.no")).badge("note"),
        };
        let (visit, through) = (&one.dispensed.visit, one.dispensed.through);
        vec![Cell::text(visit), kit_cell(at, kit), Cell::text(&day), Cell::text(through), state]
    };
    all.map(row).collect()
}
