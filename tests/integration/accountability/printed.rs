//! Logs as tables and as pages to be printed.

use iwrs_tests::client::Expect;
use iwrs_tests::paper::{in_groups, words};

use super::Trial;

#[test]
fn logs_of_a_subject_and_a_kit_are_tables_and_pages_too() {
    let (trial, kit) = Trial::begun();
    let of = |rest: &str| {
        let path = trial.app.path(&format!("/{rest}/accountability"));
        let get = |form: &str| trial.person("pharmacist").get(&format!("{path}?format={form}"));
        let (csv, pdf, other) = (get("csv"), get("pdf"), get("xml"));
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
        assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
        assert_eq!(other.problem(422), "invalid-field");
        (csv.body, words(&pdf.bytes).concat())
    };
    let (csv, page) = of("subjects/S-001");
    assert_eq!(csv.lines().count(), 2);
    assert!(
        csv.contains(&kit) && page.contains(&in_groups(&kit)) && page.contains("Subject S-001"),
        "{page}"
    );
    assert!(
        page.contains("Doses planned for the study: 15; of the kits that were counted: 0 planned"),
        "{page}"
    );
    let (csv, page) = of(&format!("kits/{kit}"));
    let moves: Vec<&str> = csv.lines().skip(1).filter_map(|row| row.split(',').nth(1)).collect();
    assert_eq!(moves, ["register", "release", "receive", "allocate", "hand_over"]);
    let told =
        ["registered", "released for use", "received at a site", "picked for a subject", "handed over"];
    assert!(told.iter().all(|moved| page.contains(moved)) && page.contains("Movements"), "{page}");
}

#[test]
fn a_log_is_printed_in_the_language_that_is_asked_for() {
    let (trial, kit) = Trial::begun();
    let printed = |language: &str, rest: &str| {
        let path = trial.app.path(&format!("{rest}?format=pdf"));
        let reply = trial.person("pharmacist").send("GET", &path, None, &[("accept-language", language)]);
        assert_eq!(reply.header("content-type"), "application/pdf");
        words(&reply.bytes).concat()
    };
    for (rest, said) in [
        (
            "/accountability".to_owned(),
            ["Registre de comptabilité", "Tous les lieux accessibles", "péremption"],
        ),
        (
            "/subjects/S-001/accountability".to_owned(),
            ["Participant S-001", "Doses prévues dans l'étude : 15", "remis le"],
        ),
        (format!("/kits/{kit}/accountability"), ["libéré pour l'utilisation", "Mouvements", "page 1 sur 1"]),
    ] {
        let (french, english) = (printed("fr-CH, en;q=0.5", &rest), printed("en", &rest));
        let there = |page: &str| said.map(|words| page.contains(words));
        assert_eq!((there(&french), there(&english)), ([true; 3], [false; 3]), "{french}\n{english}");
    }
}
