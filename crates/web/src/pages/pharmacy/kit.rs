//! `GET /studies/{study}/kits/{kit}`: a kit as it stands, everything that happened to it, and what can be done. A scan
//! or a search leads here. Nothing here knows what is in it.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use chrono_tz::Tz;
use service::Shared;
use service::accountability::read::{self as account, Line, OfKit};
use service::kits::read::{self, Kit, KitState, Movement, Place};
use service::study;
use service::units::Unit;
use terms::{KitNumber, Moment};
use trial::study::StudyDesign;
use trial::{Action, Refusal};

use super::units::unit_state;
use super::{facts, files};
use crate::answer::{Answer, run};
use crate::api::accountability::{Form, log_of_kit};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::supply::place;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const MOVES: [&str; 5] = ["move.at", "move.what", "kit.state", "kit.place", "move.reason"];
const UNITS: [&str; 3] = ["unit.number", "unit.use_by", "unit.state"];

pub(in crate::pages) async fn show(
    service: Data<Shared>,
    path: Path<(String, String)>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let number = KitNumber::scanned(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (caller, study) = (at.caller(), at.study());
    // Who may not know whose a kit is sees the kit alone.
    if !at.may(Action::ReadAccountability) {
        let kit = run(move || read::kit(&service, &caller, &study, number)).await?;
        return outside(&at, &kit).answer();
    }
    let (log, design) = run(move || {
        let log = account::of_kit(&service, &caller, &study, number)?;
        Ok((log, study::find(&service, &caller, &study)?.design))
    })
    .await?;
    match at.visitor.here.asked("format").and_then(Form::of_file) {
        Some(form) => log_of_kit(form, at.words(), log).await,
        None => whole(&at, &log, &design).answer(),
    }
}

fn outside(at: &Standing, kit: &Kit) -> Page {
    let words = at.words();
    let state = kit
        .state
        .map_or_else(|| words.say("kit.not_yours").to_owned(), |state| words.code("kit_state", state.code()));
    let known = [
        ("kit.state", state),
        ("kit.place", place(words, &kit.place)),
        ("kit.batch", kit.batch.to_string()),
        ("kit.label_expiry", kit.label_expiry.to_string()),
    ];
    let is_open = !matches!(kit.state, None | Some(KitState::Reconciled | KitState::Destroyed));
    let at_a_depot = matches!(kit.place, Place::Depot(_) | Place::Shipment(_));
    let incident = is_open && at_a_depot && at.may(Action::ReportIncident);
    let ways = incident.then(|| Part::Links(vec![way(at, &kit.number, "incident.title", "/incident")]));
    titled(at, &kit.number).part(facts(words, known)).parts(ways)
}

fn titled(at: &Standing, number: &KitNumber) -> Page {
    Page::of_study(at, at.words().fill("kit.title", &[("kit", &face::kit(number))]))
}

fn way(at: &Standing, number: &KitNumber, word: &'static str, rest: &str) -> Link {
    Link::new(at.words().say(word), at.address(format_args!("/kits/{number}{rest}")))
}

fn whole(at: &Standing, log: &OfKit, design: &Arc<StudyDesign>) -> Page {
    let (here, line) = (&at.visitor.here, &log.line);
    let zone = line.place.site().map_or_else(|| at.zone(), |site| at.zone_of(site));
    let moves = log.moves.iter().rev().map(|moved| move_row(at, moved, zone)).collect();
    let units: Vec<_> = log.units.iter().map(|unit| unit_row(at, unit, zone)).collect();
    let units =
        (!units.is_empty()).then(|| Part::table(Table::new(here, "units", "units.title", &UNITS, units)));
    let mut page = titled(at, &line.kit).part(facts(at.words(), line_facts(at, line, zone)));
    let ways = ways(at, line, design);
    if !ways.is_empty() {
        page = page.part(Part::Links(ways));
    }
    page.parts(units)
        .part(Part::table(Table::new(here, "moves", "kit.history", &MOVES, moves)))
        .part(Part::Links(files(at, &at.address(format_args!("/kits/{}", line.kit)))))
}

fn line_facts(at: &Standing, line: &Line, zone: Tz) -> Vec<(&'static str, String)> {
    let words = at.words();
    let mut facts = vec![
        ("kit.state", words.code("kit_state", line.state.code())),
        ("kit.place", place(words, &line.place)),
        ("kit.batch", line.batch.to_string()),
        ("kit.label_expiry", line.label_expiry.to_string()),
    ];
    if let Some((subject, visit)) = &line.whose {
        facts.push(("subject.title_alone", subject.to_string()));
        facts.extend(visit.as_ref().map(|visit| ("visit.id", visit.to_string())));
    }
    let moments: [(&str, Option<Moment>); 5] = [
        ("kit.received_at", line.received),
        ("kit.dispensed_at", line.dispensed),
        ("kit.handed_over_at", line.handed_over),
        ("kit.reconciled_at", line.reconciled),
        ("kit.destroyed_at", line.destroyed),
    ];
    facts.extend(moments.into_iter().filter_map(|(key, at)| Some((key, face::time(at?, zone)))));
    if let Some(counted) = &line.counted {
        facts.push(("return.count", super::returned::in_words(words, counted)));
    }
    if let Some(doses) = line.doses() {
        facts.push(("doses.of_kit", super::accountability::doses(words, &doses)));
    }
    facts
}

/// What can be done with the kit as it stands, as far as the visitor may.
fn ways(at: &Standing, line: &Line, design: &StudyDesign) -> Vec<Link> {
    use KitState as S;
    let words = at.words();
    let to = |word, rest: &str| way(at, &line.kit, word, rest);
    let was_given = line.planned.is_some();
    let mut ways = Vec::new();
    if let Some((subject, _)) = &line.whose {
        let of_subject = |word, rest: &str| {
            Link::new(words.say(word), at.address(format_args!("/subjects/{subject}{rest}")))
        };
        if line.state == S::Allocated && at.may(Action::ConfirmHandover) {
            ways.push(of_subject("kits.hand_over_it", "/kits").main());
        } else if at.may(Action::ReadDispensations) {
            let text = words.fill("kits.of", &[("subject", subject)]);
            ways.push(Link::new(text, at.address(format_args!("/subjects/{subject}/kits"))));
        }
        if line.state == S::Dispensed && !design.preparations.is_empty() && at.may(Action::GiveUnit) {
            ways.push(of_subject("units.title", "/units"));
        }
    }
    let returned = matches!(line.state, S::ReturnedUnused | S::ReturnedPartlyUsed | S::ReturnedUsed);
    let may_come_back =
        matches!(line.state, S::Dispensed | S::DispensedInError | S::Lost | S::Reconciled) || returned;
    if was_given && may_come_back && at.may(Action::ReturnKit) {
        let count = to("return.title", "/return");
        ways.push(if line.counted.is_none() { count.main() } else { count });
    }
    let is_finished = matches!(line.state, S::Reconciled | S::Destroyed);
    if line.whose.is_some() && !is_finished && at.may(Action::ReplaceKit) {
        ways.push(to("replace.title", "/replacement"));
    }
    if !is_finished && at.may(Action::ReportIncident) {
        ways.push(to("incident.title", "/incident"));
    }
    ways
}

fn move_row(at: &Standing, moved: &Movement, zone: Tz) -> Vec<Cell> {
    let words = at.words();
    vec![
        Cell::text(face::time(moved.happened, zone)),
        Cell::text(words.code("move", moved.a_move.code())),
        Cell::text(words.code("kit_state", moved.to.code())),
        Cell::text(place(words, &moved.place)),
        Cell::maybe(moved.reason.as_ref().map(|reason| words.code("move_reason", reason))),
    ]
}

fn unit_row(at: &Standing, unit: &Unit, zone: Tz) -> Vec<Cell> {
    vec![Cell::text(unit.number), Cell::text(face::time(unit.use_by, zone)), unit_state(at.words(), unit)]
}
