//! Replacing the master key of an installation.

use std::process::Command;

use iwrs_tests::app::{MASTER_KEY, eligible};
use iwrs_tests::authenticator::Authenticator;
use iwrs_tests::client::Expect;
use iwrs_tests::process::Installation;
use serde_json::json;
use service::clock::Clock;

use crate::once::{PROGRAM, assert_journal_holds, leaves};

const NEW: &str = "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5";

/// Runs a command on the installation: whether it did what was asked, and what it said.
fn run(installation: &Installation, words: &[&str]) -> (bool, String) {
    let config = installation.file("iwrs.toml");
    let run = Command::new(PROGRAM).args(words).arg("--config").arg(config).output();
    let output = run.expect("the program runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).expect("text"))
}

fn rewrap(installation: &Installation) -> (bool, String) {
    installation.write_key("next", NEW);
    let next = installation.key("next").display().to_string();
    run(installation, &["keys", "rewrap", "--new-master", &next])
}

fn anew(keys: u32) -> (bool, String) {
    let words = "data keys were wrapped anew; put the new master key in the place of the old one.";
    (true, format!("{keys} {words}\n"))
}

#[test]
fn bld_11_after_another_master_key_everything_opens_and_the_old_one_opens_nothing() {
    let installation = Installation::imodals(PROGRAM);
    let mut device = {
        let server = installation.start();
        Authenticator::set_up(&installation.log_in(&server, "monitor"), &Clock::System).0
    };
    for tree in ["imodals", "--installation"] {
        let (rotated, said) = run(&installation, &["keys", "rotate", tree]);
        assert!(rotated && said.ends_with(" values are sealed anew, under version 2.\n"), "{said}");
    }
    assert_eq!(rewrap(&installation), anew(4), "two versions of the installation's key, two of the study's");
    let (code, lines) = installation.start_in_vain();
    assert_eq!(code, Some(1), "the old master key opens no data key: {lines:?}");
    installation.write_key("master", NEW);
    let server = installation.start();
    let investigator = installation.log_in(&server, "investigator");
    let entry = json!({ "screening_number": "S-001", "site": "34-001", "birth_year": 1960, "sex": "female" });
    investigator.post("/studies/imodals/subjects", &entry).expect(201);
    let path = "/studies/imodals/subjects/S-001/randomization";
    investigator.sign_and_post("randomize", path, &eligible()).expect(201);
    let ask = json!({ "screening_number": "S-001", "reason": "overdose" });
    let shown = investigator.sign_and_post("unblind", "/studies/imodals/unblindings", &ask).expect(201);
    assert!(shown["unblinding"]["treatment"].is_object(), "{shown}");
    let export = assert_journal_holds(&installation.log_in(&server, "statistician"));
    let told = leaves(&export, "master_key_replaced");
    assert_eq!(told.iter().map(|leaf| &leaf["act"]["keys"]).collect::<Vec<_>>(), [&json!(2)]);
    let (sound, said) = run(&installation, &["verify", "--rebuild"]);
    assert!(sound, "{said}");
    // The code of the half minute to come: that of this one may have been used.
    device.ahead = 30;
    let monitor = installation.log_in(&server, "monitor");
    let given = monitor.post("/session/code", &json!({ "code": device.code(&Clock::System) }));
    assert_eq!(given.status, 204, "the second factor opens as well: {}", given.body);
}

#[test]
fn stopped_between_two_trees_it_is_run_again_and_a_key_that_opens_under_neither_is_told() {
    let installation = Installation::imodals(PROGRAM);
    let sql = |sql: &str| installation.database.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    sql("CREATE TABLE kept AS SELECT * FROM data_key");
    assert_eq!(rewrap(&installation), anew(2));
    // As it is when it was killed after the first tree.
    sql("UPDATE data_key SET wrapped = (SELECT kept.wrapped FROM kept WHERE kept.tree = data_key.tree) \
         WHERE tree = 'study/imodals'");
    for key in [MASTER_KEY, NEW] {
        installation.write_key("master", key);
        assert_eq!(installation.start_in_vain().0, Some(1), "neither key opens all");
    }
    installation.write_key("master", MASTER_KEY);
    assert_eq!(rewrap(&installation), anew(1));
    assert_eq!(rewrap(&installation), anew(0));
    sql("DROP TABLE kept");
    installation.write_key("master", NEW);
    let (sound, said) = run(&installation, &["verify", "--rebuild"]);
    assert!(sound, "{said}");
    installation.write_key("master", &MASTER_KEY.replace('5', "6"));
    installation.write_key("third", &NEW.replace('5', "7"));
    let third = installation.key("third").display().to_string();
    let (done, said) = run(&installation, &["keys", "rewrap", "--new-master", &third]);
    assert!(!done && said.contains("does not open under this master key"), "{said}");
}
