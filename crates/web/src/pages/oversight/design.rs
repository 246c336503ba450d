//! `GET /studies/{study}/oversight/design`: the public design in force, and its versions.

use actix_web::web::{Data, Path};
use service::Shared;
use service::study::{self, Designs, Version};
use trial::study::{ArmWords, Criterion, StudyDesign, Visit};

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const VERSIONS: [&str; 3] = ["design.version", "design.since", "design.fingerprint"];
const ARMS: [&str; 5] = ["design.arm", "design.substance", "design.dose", "design.schedule", "design.ratio"];
const VISITS: [&str; 4] = ["visit.id", "design.day", "design.window", "design.dispenses"];
const CRITERIA: [&str; 2] = ["design.criterion", "design.statement"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let Designs { in_force, versions } = run(move || study::versions(&service, &caller, &study)).await?;
    let words = at.words();
    let table = |id, caption, titles: &[&'static str], rows| {
        Part::table(Table::new(&at.visitor.here, id, caption, titles, rows))
    };
    let versions = versions.iter().rev().map(|version| version_row(&at, version)).collect();
    let visits = in_force.visits.iter().map(|visit| visit_row(&at, visit)).collect();
    Page::of_study(&at, words.say("design.title"))
        .part(facts(&at, &in_force))
        .part(table("versions", "design.versions", &VERSIONS, versions))
        .text(words.say("design.fingerprint_what"))
        .part(table(
            "arms",
            "design.arms",
            &ARMS,
            in_force.arms.iter().map(|arm| arm_row(&at, arm)).collect(),
        ))
        .part(table("visits", "visits.title", &VISITS, visits))
        .part(table(
            "criteria",
            "design.criteria",
            &CRITERIA,
            in_force.criteria.iter().map(|of| criterion(&at, of)).collect(),
        ))
        .answer()
}

fn facts(at: &Standing, design: &StudyDesign) -> Part {
    let factors = design.allocation.factors.iter();
    let factors = factors.map(|factor| {
        let levels: Vec<&str> = factor.levels.iter().map(|level| at.said(level)).collect();
        format!("{}: {}", at.said(&factor.name), levels.join(", "))
    });
    let factors: Vec<String> = factors.collect();
    let registrations = design.registrations.iter();
    let registrations = registrations.map(|known| format!("{} {}", known.registry, known.number));
    Part::facts(
        at.words(),
        [
            ("study.title", design.title_in(at.words().0).to_owned()),
            ("study.sponsor", design.sponsor.clone()),
            ("design.registrations", registrations.collect::<Vec<_>>().join(", ")),
            ("design.target", design.allocation.target.to_string()),
            ("design.cap", design.allocation.cap.to_string()),
            ("design.strata", factors.join("; ")),
        ],
    )
}

fn version_row(at: &Standing, version: &Version) -> Vec<Cell> {
    vec![
        Cell::text(version.number),
        Cell::text(face::time(version.since, at.zone())),
        Cell::text(&version.fingerprint),
    ]
}

fn arm_row(at: &Standing, arm: &ArmWords) -> Vec<Cell> {
    vec![
        Cell::text(at.said(&arm.name)),
        Cell::text(at.said(&arm.substance)),
        Cell::text(at.said(&arm.dose)),
        Cell::text(at.said(&arm.schedule)),
        Cell::number(arm.ratio),
    ]
}

fn visit_row(at: &Standing, visit: &Visit) -> Vec<Cell> {
    vec![
        Cell::text(&visit.id),
        Cell::number(visit.day),
        Cell::text(format_args!("\u{2212}{} / +{}", visit.before, visit.after)),
        Cell::text(at.words().yes_no(visit.dispensing.is_some())),
    ]
}

fn criterion(at: &Standing, criterion: &Criterion) -> Vec<Cell> {
    vec![Cell::text(&criterion.id), Cell::text(at.said(&criterion.text))]
}
