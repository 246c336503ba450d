//! The benchmarks of the supply and of the pages, at a size at which they take a moment: what they stage is a study
//! like any other, and their tables name what was measured. How long that took is not asked here.

use std::process::{Command, Output};
use std::sync::Arc;

use iwrs_tests::database::Engine;
use iwrs_tests::folder::TempFolder;
use service::request::Caller;
use service::{Failure, crowd};
use terms::{Id, StudyId};
use trial::Refusal;

use crate::once::PROGRAM;
use crate::trust;

/// What is no page, or a file.
const NOT_MEASURED: [&str; 4] = [
    "/log-out",
    "/language/{language}",
    "/studies/{study}/supply/resupply/all",
    "/studies/{study}/shipments/{shipment}/label",
];

#[test]
fn every_page_is_measured_by_somebody_who_sees_it() {
    let mut command = Command::new(PROGRAM);
    command.args(["bench", "pages", "--subjects", "30", "--clients", "2", "--requests", "3"]);
    command.args(["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/../config")]);
    let done = command.output().expect("the program starts");
    let (printed, told) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{told}");
    let is_measured = |page: &&str| printed.contains(&format!("| `{page}` | "));
    let rest: Vec<&str> = web::addresses().filter(|page| !is_measured(page)).collect();
    assert_eq!(rest, NOT_MEASURED, "no link leads to these at the stage of the benchmark: {printed}");
}

fn supply(size: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["bench", "supply", "--runs", "1", "--verify"]).args(size.split_whitespace());
    command.args(["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/../config")]);
    if Engine::from_env() == Engine::Postgres {
        command.args(["--postgres", &std::env::var("IWRS_TEST_POSTGRES").expect("a server")]);
    }
    command.output().expect("the program starts")
}

/// The cells of the table rows that begin with an engine, without those that are times.
fn rows(printed: &str, engine: &str) -> Vec<Vec<String>> {
    let rows = printed.lines().filter(|line| line.starts_with(&format!("| {engine}")));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let is_count = |cell: &String| !cell.is_empty() && !cell.contains('.');
    rows.map(|line| {
        let cells: Vec<String> = cells(line);
        cells.into_iter().skip(1).filter(is_count).collect()
    })
    .collect()
}

#[test]
fn a_large_study_is_staged_measured_and_sound() {
    let done = supply("--sites 3 --subjects 8 --kits 500 --shelf 60");
    let (printed, told) =
        (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr).into_owned());
    assert!(done.status.success(), "{told}");
    // Two of the three subjects of the first site are counted at each of two visits, and two sites are sent kits.
    let expected =
        [vec!["IMODALS", "1", "36", "144", "4"], vec!["large", "3", "8", "501", "4"], vec!["3", "2"]];
    let engines =
        if Engine::from_env() == Engine::Postgres { vec!["SQLite", "PostgreSQL"] } else { vec!["SQLite"] };
    for engine in engines {
        assert_eq!(rows(&printed, engine), expected, "{printed}");
    }
}

#[test]
fn a_size_that_makes_no_sense_is_refused_in_one_line() {
    for (size, says) in [
        ("--sites 1", "there must be two sites, and a subject at each\n"),
        (
            "--sites 3 --subjects 9 --kits 100 --shelf 9",
            "there are too few kits for so many sites and subjects\n",
        ),
    ] {
        let refused = supply(size);
        assert_eq!(refused.status.code(), Some(1), "{size}");
        assert_eq!(String::from_utf8_lossy(&refused.stderr), says, "{size}");
    }
}

#[test]
fn no_crowd_is_let_into_a_database_that_is_kept() {
    let folder = TempFolder::new();
    let app = trust::imodals(folder.path());
    let study = StudyId::parse("imodals").expect("an id");
    let caller =
        Caller { user: Id::parse("pharmacist").expect("an id"), session: Id::parse("any").expect("an id") };
    let visit = Id::parse("D1").expect("an id");
    let done = crowd::hand_out(&app.service, &caller, &study, Arc::new([]), visit);
    assert!(matches!(done, Err(Failure::Refusal(Refusal::AllocationsStopped))), "{done:?}");
}
