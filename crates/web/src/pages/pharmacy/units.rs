//! `GET, POST /studies/{study}/subjects/{subject}/units`: what is prepared on site out of a subject's kits, and given;
//! `.../units/{unit}`: one of them is thrown away.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use chrono_tz::Tz;
use service::Shared;
use service::study;
use service::subjects;
use service::units::{Unit, discard, give, prepare, read};
use terms::{SubjectId, UnitNumber};
use trial::study::StudyDesign;
use trial::{Action, Refusal};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::units::{DiscardUnit, GiveUnit, PrepareUnits};
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;
use crate::words::Words;

type At = Path<(String, String)>;

const COLUMNS: [&str; 6] =
    ["unit.number", "unit.preparation", "unit.prepared_at", "unit.use_by", "unit.state", "unit.ended_at"];

/// What the page knows of the subject.
struct Known {
    at: Standing,
    subject: SubjectId,
    zone: Tz,
    units: Vec<Unit>,
    design: Arc<StudyDesign>,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    known.page(known.giving(), known.preparing()).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    if sent.typed.get("unit").is_some() {
        known.given(&service, &sent).await
    } else {
        known.prepared(&service, &sent).await
    }
}

async fn load(service: &Data<Shared>, path: &(String, String), visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, &path.0).await?;
    let subject: SubjectId = named(&path.1)?;
    let (shared, caller, study, id) = (service.clone(), at.caller(), at.study(), subject.clone());
    let (units, site, design) = run(move || {
        let units = read::of_subject(&shared, &caller, &study, &id)?;
        let site = subjects::one(&shared, &caller, &study, &id)?.summary.site;
        Ok((units, site, study::find(&shared, &caller, &study)?.design))
    })
    .await?;
    let zone = at.zone_of(&site);
    Ok(Known { at, subject, zone, units, design })
}

impl Known {
    async fn given(&self, service: &Data<Shared>, sent: &Sent) -> Answer {
        let form = sent.fill(self.gives());
        let page = |form: Form| self.page(Some(form), None);
        if sent.is_resumed() {
            return page(form).answer();
        }
        let (subject, address) =
            (self.subject.clone(), format!("/subjects/{}/administrations", self.subject));
        let ordered = Ordered::at(&self.at, Action::GiveUnit, address);
        let done = sent.act(service, &form, &ordered, |service, envelope, body: GiveUnit| {
            let (unit, at) = body.into_scan()?;
            match give::give(service, envelope, subject, unit, at)? {
                give::Outcome::Given(_) => Ok(()),
                give::Outcome::Late(unit) => Err(Refusal::UnitExpired(unit.to_string()).into()),
                give::Outcome::Wrong => Err(Refusal::WrongUnit.into()),
            }
        });
        match done.await {
            Ok(()) => go_on_having(&self.address(), "unit_given"),
            // A scan that was stopped is recorded: the next one is another act, and begins with an empty field.
            Err(problem) if is_stopped(&problem) => sent.refused(page, self.gives(), &problem),
            Err(problem) => sent.refused(page, form, &problem),
        }
    }

    async fn prepared(&self, service: &Data<Shared>, sent: &Sent) -> Answer {
        let form = sent.fill(self.prepares());
        let page = |form: Form| self.page(None, Some(form));
        if sent.is_resumed() {
            return page(form).answer();
        }
        let (subject, address) = (self.subject.clone(), format!("/subjects/{}/units", self.subject));
        let ordered = Ordered::at(&self.at, Action::PrepareUnits, address);
        let done =
            sent.act(
                service,
                &form,
                &ordered,
                |service, envelope, body: PrepareUnits| match prepare::prepare(
                    service,
                    envelope,
                    subject,
                    body.into_command()?,
                )? {
                    prepare::Outcome::Prepared(_) => Ok(()),
                    prepare::Outcome::WrongKit => Err(Refusal::WrongUnit.into()),
                },
            );
        match done.await {
            Ok(()) => go_on_having(&self.address(), "units_prepared"),
            Err(problem) if is_stopped(&problem) => sent.refused(page, self.prepares(), &problem),
            Err(problem) => sent.refused(page, form, &problem),
        }
    }

    fn address(&self) -> String {
        self.at.address(format_args!("/subjects/{}/units", self.subject))
    }

    fn page(&self, giving: Option<Form>, preparing: Option<Form>) -> Page {
        let words = self.at.words();
        let mut page = Page::of_study(&self.at, words.fill("units.of", &[("subject", &self.subject)]));
        if self.design.preparations.is_empty() {
            page = page.text(words.say("units.nothing"));
        }
        for (heading, form) in [("units.give", giving), ("units.prepare", preparing)] {
            if let Some(form) = form {
                page = page.part(Part::Heading(words.say(heading).to_owned())).form(form);
            }
        }
        let rows = self.units.iter().map(|unit| self.row(unit)).collect();
        page.part(Part::table(Table::new(&self.at.visitor.here, "units", "units.title", &COLUMNS, rows)))
    }

    fn row(&self, unit: &Unit) -> Vec<Cell> {
        let words = self.at.words();
        let to = format!("{}/{}", self.address(), unit.number);
        let may_go = unit.end.is_none() && self.at.may(Action::DiscardUnit);
        let number = unit.number;
        let ended = unit.end.as_ref().map(|(_, by, at)| format!("{} ({by})", face::time(*at, self.zone)));
        vec![
            if may_go { Cell::link(number, to) } else { Cell::text(number) },
            Cell::text(&unit.preparation),
            Cell::text(format!("{} ({})", face::time(unit.at, self.zone), unit.by)),
            Cell::text(face::time(unit.use_by, self.zone)),
            unit_state(words, unit),
            Cell::maybe(ended),
        ]
    }

    /// The form of a unit that is given, while there is one.
    fn giving(&self) -> Option<Form> {
        let is_open = self.units.iter().any(|unit| unit.end.is_none());
        (is_open && self.at.may(Action::GiveUnit)).then(|| self.gives())
    }

    fn gives(&self) -> Form {
        let words = self.at.words();
        let fields = vec![
            Field::new("unit", words.say("unit.number"), Kind::Text).hint(words.say("units.give_hint")),
            self.when("given_at"),
        ];
        Form::of(&self.at.visitor, fields, words.say("units.give_button"))
    }

    /// The form of what is prepared, where the study prepares something.
    fn preparing(&self) -> Option<Form> {
        let is_open = !self.design.preparations.is_empty();
        (is_open && self.at.may(Action::PrepareUnits)).then(|| self.prepares())
    }

    fn prepares(&self) -> Form {
        let words = self.at.words();
        let ways = self.design.preparations.iter().map(|way| {
            let label = words.fill("units.within", &[("way", &way.id), ("hours", &way.hours)]);
            (way.id.to_string(), label)
        });
        let fields = vec![
            Field::new("kit_number", words.say("units.kit"), Kind::Scan),
            Field::new("preparation", words.say("unit.preparation"), Kind::Radio(ways.collect())),
            Field::new("units", words.say("units.count"), Kind::Number),
            self.when("prepared_at"),
        ];
        Form::of(&self.at.visitor, fields, words.say("units.prepare_button"))
    }

    fn when(&self, name: &str) -> Field {
        let words = self.at.words();
        let field = Field::new(name, words.say("units.when"), Kind::Time(self.zone)).optional();
        field.hint(words.fill("units.when_hint", &[("zone", &self.zone)]))
    }
}

/// Whether the scan was stopped and recorded.
fn is_stopped(problem: &Problem) -> bool {
    let stops = [Refusal::WrongUnit.code(), Refusal::UnitExpired(String::new()).code()];
    stops.contains(&problem.code())
}

/// What has become of a unit, as a badge.
pub(super) fn unit_state(words: Words, unit: &Unit) -> Cell {
    let (code, kind) = match &unit.end {
        Some((became, ..)) => (became.into(), "plain"),
        None if unit.is_late => ("past_limit", "bad"),
        None => ("prepared", "good"),
    };
    Cell::text(words.code("unit_state", code)).badge(kind)
}

type AtUnit = Path<(String, String, String)>;

pub(in crate::pages) async fn show_one(service: Data<Shared>, path: AtUnit, visitor: Visitor) -> Answer {
    let (known, unit) = load_one(&service, &path, visitor).await?;
    known.of_unit(&unit, known.discards()).answer()
}

pub(in crate::pages) async fn throw_away(service: Data<Shared>, path: AtUnit, sent: Sent) -> Answer {
    let (known, unit) = load_one(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(known.discards());
    let page = |form: Form| known.of_unit(&unit, form);
    if sent.is_resumed() {
        return page(form).answer();
    }
    let (subject, number) = (known.subject.clone(), unit.number);
    let address = format!("/subjects/{subject}/units/{number}/disposal");
    let ordered = Ordered::at(&known.at, Action::DiscardUnit, address);
    let done = sent.act(&service, &form, &ordered, move |service, envelope, body: DiscardUnit| {
        discard::discard(service, envelope, subject, number, body.reason)
    });
    match done.await {
        Ok(_) => go_on_having(&known.address(), "unit_discarded"),
        Err(problem) => sent.refused(page, form, &problem),
    }
}

async fn load_one(
    service: &Data<Shared>,
    path: &(String, String, String),
    visitor: Visitor,
) -> Result<(Known, Unit), Problem> {
    let known = load(service, &(path.0.clone(), path.1.clone()), visitor).await?;
    let number: UnitNumber = path.2.parse().map_err(|_malformed| Refusal::NotFound)?;
    let unit = known.units.iter().find(|unit| unit.number == number).cloned();
    Ok((known, unit.ok_or(Refusal::NotFound)?))
}

impl Known {
    fn of_unit(&self, unit: &Unit, form: Form) -> Page {
        let words = self.at.words();
        let title = words.fill("units.discard_of", &[("unit", &unit.number)]);
        let rows = vec![self.row(unit)];
        let table = Table::new(&self.at.visitor.here, "units", "units.title", &COLUMNS, rows);
        let page = Page::of_study(&self.at, title).part(Part::table(table));
        let may_go = unit.end.is_none() && self.at.may(Action::DiscardUnit);
        if may_go { page.form(form) } else { page }
    }

    fn discards(&self) -> Form {
        let words = self.at.words();
        let reason = Field::new("reason", words.say("units.discard_reason"), Kind::Text);
        let form = Form::of(&self.at.visitor, vec![reason], words.say("units.discard_button"));
        Form { is_grave: true, ..form }
    }
}
