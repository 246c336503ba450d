//! `GET /studies/{study}/statistics/reconciliation`: list against allocated against dispensed, with a verdict on each
//! line.

use actix_web::web::{Data, Path};
use service::reconciliation::{self, Kit, Mismatch, Reconciliation, Subject};
use service::unblind::Deduced;
use service::{Shared, lists};

use super::verdict;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Page, Part};
use crate::pages::recorded::{is_asked_for, page, to_read};
use crate::pages::supply::by_type;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

const CHECKS: [&str; 3] = ["reconciliation.check", "reconciliation.result", "reconciliation.found"];
const SUBJECTS: [&str; 7] = [
    "subject.randomization_number",
    "subject.screening_number",
    "positions.stratum",
    "positions.position",
    "positions.arm",
    "reconciliation.kits",
    "reconciliation.result",
];
const KITS: [&str; 7] = [
    "kit.number",
    "reconciliation.subject",
    "visit.id",
    "reconciliation.contents",
    "reconciliation.dispensed",
    "kit.handed_over",
    "reconciliation.result",
];
const DEDUCED: [&str; 4] = ["list.id", "positions.stratum", "positions.position", "subject.screening_number"];

/// What can be wrong with a kit, each a line of the checks.
const OF_KITS: [Mismatch; 4] =
    [Mismatch::WrongKitType, Mismatch::TypeOfAnotherKit, Mismatch::NotAllocated, Mismatch::OtherDispensation];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study, title) = (at.caller(), at.study(), at.words().say("reconciliation.title"));
    if !is_asked_for(&at) {
        let all = run(move || lists::all(&service, &caller, &study)).await?;
        return to_read(&at, title, "reconciliation.what")
            .part(Part::table(super::lists(&at, &all)))
            .answer();
    }
    let read = run(move || reconciliation::read(&service, &caller, &study)).await?;
    reconciled(&at, &read).answer()
}

fn reconciled(at: &Standing, read: &Reconciliation) -> Page {
    let (words, here) = (at.words(), &at.visitor.here);
    let subjects =
        Table::of(here, "subjects", "reconciliation.subjects", &SUBJECTS, &read.subjects, |subject| {
            subject_row(at, subject)
        });
    let kits = read.subjects.iter().flat_map(|subject| subject.kits.iter().map(move |kit| (subject, kit)));
    let kits: Vec<(&Subject, &Kit)> = kits.collect();
    let kits = Table::of(here, "kits", "reconciliation.kits", &KITS, &kits, |(subject, kit)| {
        kit_row(at, subject, kit)
    });
    let deduced = Table::of(here, "deduced", "reconciliation.deduced", &DEDUCED, &read.deduced, deduced_row);
    let told = match read.mismatches() + read.stock.unreadable {
        0 => Part::Text(words.say("reconciliation.good").to_owned()),
        count => Part::Warning(words.fill("reconciliation.bad", &[("n", &count)])),
    };
    let checks = Table::new(here, "checks", "reconciliation.checks", &CHECKS, checks(words, read));
    page(at, words.say("reconciliation.title"))
        .part(told)
        .part(Part::table(checks))
        .part(Part::table(subjects))
        .text(words.say("reconciliation.kits_what"))
        .part(Part::table(kits))
        .text(words.say("reconciliation.visit_what"))
        .part(Part::table(deduced))
        .text(words.say("reconciliation.deduced_what"))
        .parts(by_type::drawn(at, "reconciliation.stock", &read.stock))
        .text(words.say("recorded.every_read"))
}

/// One line for each check: of every list, of the subjects' places, and of the kits.
fn checks(words: Words, read: &Reconciliation) -> Vec<Vec<Cell>> {
    let line = |check: String, wrong: usize| {
        let wrong = i64::try_from(wrong).unwrap_or(i64::MAX);
        vec![Cell::text(check), verdict(words, wrong == 0), Cell::number(wrong)]
    };
    let of_list = |list: &lists::Recomputed| {
        let said = |key| words.fill(key, &[("list", &list.list)]);
        [
            line(said("reconciliation.as_committed"), usize::from(!list.as_committed)),
            line(said("reconciliation.as_derived"), usize::from(!list.as_derived)),
        ]
    };
    let found = |of: Mismatch| {
        let of_subject = |subject: &Subject| {
            let kits = subject.kits.iter().flat_map(|kit| &kit.mismatches);
            kits.chain(&subject.mismatches).filter(|mismatch| **mismatch == of).count()
        };
        read.subjects.iter().map(of_subject).sum()
    };
    let places = Mismatch::PositionOutOfOrder;
    let others = std::iter::once(places).chain(OF_KITS);
    let others = others.map(|of| line(words.code("mismatch_check", of), found(of)));
    read.lists.iter().flat_map(of_list).chain(others).collect()
}

fn subject_row(at: &Standing, subject: &Subject) -> Vec<Cell> {
    let count = |is: fn(&Kit) -> bool| subject.kits.iter().filter(|kit| is(kit)).count();
    let kits = [
        count(|kit| !kit.mismatches.contains(&Mismatch::NotAllocated)),
        count(|kit| kit.dispensed_at.is_some()),
        count(|kit| kit.handed_over_at.is_some()),
    ];
    vec![
        Cell::text(subject.number),
        Cell::link(&subject.id, at.address(format_args!("/subjects/{}", subject.id))),
        Cell::text(at.stratum(&subject.levels)),
        Cell::number(subject.position),
        Cell::text(at.said(&subject.arm)),
        Cell::text(kits.map(|count| count.to_string()).join(" / ")),
        result(at.words(), subject.mismatches.iter().chain(subject.kits.iter().flat_map(|k| &k.mismatches))),
    ]
}

fn kit_row(at: &Standing, subject: &Subject, kit: &Kit) -> Vec<Cell> {
    let time = |at_moment: Option<_>| Cell::maybe(at_moment.map(|moment| face::time(moment, at.zone())));
    vec![
        Cell::text(face::kit(&kit.number)),
        Cell::text(&subject.id),
        Cell::text(format_args!("{} ({})", kit.visit, kit.attempt)),
        Cell::text(kit.contents.said(at.words().0)),
        time(kit.dispensed_at),
        time(kit.handed_over_at),
        result(at.words(), kit.mismatches.iter()),
    ]
}

/// Pass, or in words what is wrong.
fn result<'a>(words: Words, mismatches: impl Iterator<Item = &'a Mismatch>) -> Cell {
    let found: Vec<String> = mismatches.map(|mismatch| words.code("mismatch", mismatch)).collect();
    if found.is_empty() { verdict(words, true) } else { Cell::text(found.join("; ")).badge("bad") }
}

fn deduced_row(place: &Deduced) -> Vec<Cell> {
    vec![
        Cell::text(&place.list),
        Cell::number(place.stratum.index()),
        Cell::number(place.position.index()),
        Cell::maybe(place.subject.as_ref()),
    ]
}
