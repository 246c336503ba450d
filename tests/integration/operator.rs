//! The operator's commands: an installation is set up by them alone, and what they refuse is refused in one line.

use std::process::Command;

use iwrs_tests::client::{Client, Expect};
use iwrs_tests::process::Installation;
use serde_json::json;

use crate::once::PROGRAM;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");

/// Runs a command, words by spaces with `~` for a space, and gives what it printed, or what it refused with.
fn run(installation: &Installation, line: &str) -> Result<String, String> {
    let words = line.split_whitespace().map(|word| word.replace('~', " "));
    let words = words.map(|word| word.replace("CONFIG", CONFIG).replace("DATA", DATA));
    let output = Command::new(PROGRAM)
        .args(words)
        .arg("--config")
        .arg(installation.file("iwrs.toml"))
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").trim_end().to_owned();
    match output.status.code() {
        Some(0) => Ok(text(output.stdout)),
        Some(1) => Err(text(output.stderr)),
        other => panic!("{line}: {other:?}: {}", text(output.stderr)),
    }
}

/// How many leaves a journal has.
fn leaves(installation: &Installation, tree: &str) -> u64 {
    let query = format!("SELECT CAST(size AS text) AS value FROM tree_head WHERE tree = '{tree}'");
    let values = installation.database.values(&query).expect("the query runs");
    values.first().map_or(0, |size| size.parse().expect("a number"))
}

#[test]
fn a_study_is_opened_and_furnished_and_each_act_is_a_leaf() {
    let installation = Installation::empty(PROGRAM);
    let four = "--design DATA/imodals-4-arms.toml --sealed DATA/imodals-4-arms.sealed.toml";
    let three = "--design CONFIG/imodals.toml --sealed CONFIG/imodals.sealed.toml";
    let paris = "site add imodals 34 --name A~B --time-zone Europe/Paris --country FR".to_owned();
    let mail = |rest: &str| format!("recipient add imodals {rest}");
    let table = [
        ("migrate".to_owned(), 0, Ok("The schema is that of this program.")),
        ("site add imodals 34 --name A --time-zone UTC --country FR".to_owned(), 0, Err("no such thing")),
        (format!("study open {four}"), 2, Ok("The study imodals is open.")),
        (format!("study open {three}"), 2, Err("already")),
        (format!("study amend imodals {three}"), 3, Ok("Version 2 of the design of imodals is in force.")),
        (paris.clone(), 4, Ok("The site 34 is in imodals.")),
        (paris, 4, Err("already")),
        ("site add imodals 35 --name A --time-zone Mars --country FR".to_owned(), 4, Err("time_zone")),
        (mail("a@b.invalid --site 34"), 5, Ok("Notices of imodals go to a@b.invalid.")),
        (mail("a@b.invalid --unblinded"), 6, Ok("Notices of imodals go to a@b.invalid.")),
        (mail("nobody"), 6, Err("email")),
    ];
    for (line, leaves_after, expected) in table {
        match (run(&installation, &line), expected) {
            (Ok(told), Ok(expected)) => assert_eq!(told, expected, "{line}"),
            (Err(refused), Err(word)) => {
                assert!(refused.contains(word) && refused.lines().count() == 1, "{line}: {refused}");
            }
            (got, _) => panic!("{line}: {got:?}"),
        }
        assert_eq!(leaves(&installation, "study/imodals"), leaves_after, "{line}");
    }
    // The commands remember the journal where the server looks for it, so it allocates at once.
    let log = installation.start().log();
    assert!(!log.iter().any(|line| line.contains("nothing is allocated")), "{log:?}");
}

#[test]
fn every_problem_of_a_design_is_told_and_nothing_is_opened() {
    let installation = Installation::empty(PROGRAM);
    let wrong = "study open --design CONFIG/imodals.toml --sealed DATA/imodals-4-arms.sealed.toml";
    let refused = run(&installation, wrong).expect_err("they do not belong together");
    assert!(refused.lines().all(|line| line.contains("imodals-4-arms.sealed.toml: ")), "{refused}");
    assert_eq!(leaves(&installation, "study/imodals"), 0);
}

#[test]
fn two_administrators_are_made_and_a_forgotten_password_is_replaced() {
    let installation = Installation::empty(PROGRAM);
    let add = |login: &str| {
        run(&installation, &format!("user add-administrator {login} --name A --mail a@b.invalid"))
    };
    let first = add("ada").expect("a one-time password");
    add("bob").expect("a one-time password");
    assert_eq!(add("eve").expect_err("two are enough").lines().count(), 1);
    let server = installation.start();
    let body = |password: &str| json!({ "login": "ada", "password": password });
    let anonymous = Client::anonymous(server.base());
    anonymous.post("/session", &body(&first)).expect(201);
    let again = run(&installation, "user reset ada").expect("another one-time password");
    anonymous.post("/session", &body(&again)).expect(201);
    assert_eq!(anonymous.post("/session", &body(&first)).problem(401), "wrong-credentials");
    assert_eq!(run(&installation, "user reset eve").expect_err("there is nobody").lines().count(), 1);
}
