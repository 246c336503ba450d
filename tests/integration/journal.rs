//! The journal through the interface: its views, its checkpoints, and exports that a stranger can check.

mod alerts;
mod batches;
mod forgeries;
mod labels;
mod long;
mod lots;
mod needs;
mod packing;
pub(crate) mod played;

use std::process::Command;

use iwrs_tests::app::root;
use iwrs_tests::client::Expect;
use iwrs_tests::folder::TempFolder;
use journal::{Entry, Export, Outcome};
use serde_json::json;
use trial::replay::Given;

use played::{checks, failed, given, key, open, played};

#[test]
fn aud_12_every_reader_verifies_the_same_tree_and_none_finds_it_wrong() {
    let app = played();
    for login in ["statistician", "reviewer", "supply", "monitor", "investigator", "pharmacist"] {
        let export = app.person(login).get(&app.path("/journal/export")).body;
        let checks = checks(&export, &given());
        let wrong: Vec<_> =
            checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).collect();
        assert!(wrong.is_empty(), "{login}: {wrong:?}");
    }
}

#[test]
fn the_statistician_can_check_everything_but_what_stands_elsewhere() {
    let app = played();
    let export = app.person("statistician").get(&app.path("/journal/export")).body;
    let open: Vec<_> = checks(&export, &given())
        .into_iter()
        .filter(|check| matches!(check.outcome, Outcome::NotCheckable(_)))
        .map(|check| check.name)
        .collect();
    let elsewhere =
        ["mailed checkpoints are signed", "mailed checkpoints are prefixes", "lists follow from their seeds"];
    assert_eq!(open, elsewhere);
}

#[test]
fn bld_04_what_is_opened_and_what_is_shown_goes_by_the_reader() {
    let app = played();
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    let of = |login: &str| open(&app.person(login).get(&app.path("/journal/export")).body);
    let fields = |export: &Export| {
        let fields: std::collections::BTreeSet<_> =
            export.openings.iter().map(|opening| opening.field.clone()).collect();
        fields.into_iter().collect::<Vec<_>>()
    };
    let hidden =
        |export: &Export| export.entries.iter().filter(|entry| matches!(entry, Entry::Hash(_))).count();
    for login in ["monitor", "investigator", "pharmacist"] {
        let export = of(login);
        assert!(export.openings.is_empty() && export.trees.is_empty(), "{login} is blinded");
    }
    assert_eq!(hidden(&of("monitor")), 0);
    let away = open(&away.get(&app.path("/journal/export")).body);
    assert!(hidden(&away) > 20, "of the other site there are only hashes");
    let shown: String = away.entries.iter().filter_map(text).collect();
    assert!(!shown.contains("S-001"), "not even a subject's number: {shown}");
    let supply = of("supply");
    assert_eq!((fields(&supply), supply.trees.len()), (vec!["kit_type".to_owned(), "lots".to_owned()], 0));
    let shown: String = supply.entries.iter().filter_map(text).collect();
    assert!(!shown.contains("kits_allocated") && !shown.contains("handed_over"), "no kit with its subject");
    let (statistician, reviewer) = (of("statistician"), of("reviewer"));
    assert_eq!(
        fields(&statistician),
        ["file", "found", "kit_type", "lots", "reason", "recipient", "scanned", "sealed", "text"]
    );
    let texts = ["file", "found", "kit_type", "lots", "reason", "recipient", "scanned", "text"];
    assert_eq!(fields(&reviewer), texts);
    assert_eq!((statistician.trees.len(), reviewer.trees.len()), (1, 1));
}

fn text(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Leaf(leaf) => Some(leaf),
        Entry::Hash(_) => None,
    }
}

#[test]
fn bld_14_an_export_is_an_act_and_is_signed_with_its_own_leaf() {
    let app = played();
    let reviewer = app.person("reviewer");
    let size = |login: &str| {
        app.person(login).get(&app.path("/journal?limit=1")).expect(200)["journal"]["size"].as_u64()
    };
    let before = size("monitor").expect("a size");
    let export = open(&reviewer.get(&app.path("/journal/export")).body);
    assert_eq!(export.size, before + 1);
    let path = app.path(&format!("/journal?from={before}"));
    let page = app.person("monitor").get(&path).expect(200);
    let leaves = page["journal"]["leaves"].as_array().expect("leaves");
    assert_eq!(leaves.len(), 1, "{page}");
    assert_eq!(leaves[0]["leaf"]["act"], json!({ "kind": "exported", "size": before + 1 }));
    assert_eq!(leaves[0]["leaf"]["actor"], "reviewer");
    let last = export.entries.last().expect("an entry");
    assert_eq!(leaves[0]["hash"], last.hash().to_string());
}

#[test]
fn an_export_ends_with_its_own_leaf_whatever_is_done_meanwhile() {
    let app = played();
    std::thread::scope(|threads| {
        threads.spawn(|| (10..40).for_each(|n| app.screen(&format!("S-0{n}"), 1900 + n, "female")));
        for _ in 0..6 {
            let export = app.person("reviewer").get(&app.path("/journal/export")).body;
            assert_eq!(failed(&export, &[], &given()), [""; 0]);
            let export = open(&export);
            let last = export.entries.last().and_then(text).expect("a leaf");
            let act = format!("\"act\":{{\"kind\":\"exported\",\"size\":{}}}", export.size);
            assert!(last.contains(&act), "{last} of {}", export.size);
        }
    });
}

#[test]
fn a_checkpoint_is_signed_once_for_a_size_and_kept() {
    let app = played();
    let path = app.path("/journal/checkpoint");
    let ask =
        |login: &str| app.person(login).get(&path).expect(200)["checkpoint"].as_str().map(str::to_owned);
    let first = ask("monitor").expect("a note");
    assert_eq!(ask("pharmacist").as_ref(), Some(&first), "nothing has happened since");
    app.screen("S-009", 1950, "female");
    let second = ask("monitor").expect("a note");
    assert_ne!(first, second);
    let export = app.person("monitor").get(&app.path("/journal/export")).body;
    let kept = open(&export).checkpoints;
    assert!(kept.contains(&first) && kept.contains(&second), "{kept:?}");
    assert_eq!(failed(&export, std::slice::from_ref(&first), &Given::default()), [""; 0]);
}

#[test]
fn aud_05_a_history_that_was_rewritten_in_the_database_is_not_signed() {
    let app = played();
    let path = app.path("/journal/checkpoint");
    app.person("monitor").get(&path).expect(200);
    let rewrite = match iwrs_tests::database::Engine::from_env() {
        iwrs_tests::database::Engine::Sqlite => {
            "DROP TRIGGER journal_leaf_no_update;
             UPDATE journal_leaf SET leaf_hash = zeroblob(32) WHERE tree = 'study/imodals' AND leaf_index = 3"
        }
        iwrs_tests::database::Engine::Postgres => {
            "ALTER TABLE journal_leaf DISABLE TRIGGER ALL;
             UPDATE journal_leaf SET leaf_hash = decode(repeat('00', 32), 'hex')
             WHERE tree = 'study/imodals' AND leaf_index = 3"
        }
    };
    app.database.execute(rewrite).expect("somebody with the database's password can do that");
    app.screen("S-009", 1950, "female");
    assert_eq!(app.person("monitor").get(&path).problem(500), "fault");
}

#[test]
fn who_may_read_the_journal() {
    let app = played();
    for path in ["/journal", "/journal/checkpoint", "/journal/export"] {
        let path = app.path(path);
        assert_eq!(app.anonymous().get(&path).problem(401), "not-authenticated", "{path}");
        assert_eq!(app.person("admin").get(&path).problem(404), "not-found", "{path}");
        let elsewhere = path.replace("imodals", "nowhere");
        assert_eq!(app.person("monitor").get(&elsewhere).problem(404), "not-found", "{path}");
    }
    let odd = app.path("/journal?arm=1");
    assert_eq!(app.person("monitor").get(&odd).problem(400), "malformed-request");
    let beyond = app.person("monitor").get(&app.path("/journal?from=9007199254740993")).expect(200);
    assert_eq!(beyond["journal"]["leaves"], json!([]));
}

#[test]
fn the_command_verifies_offline_and_its_exit_code_tells() {
    let app = played();
    let note = app.person("monitor").get(&app.path("/journal/checkpoint")).expect(200);
    let export = app.person("statistician").get(&app.path("/journal/export")).body;
    let folder = TempFolder::new();
    let place = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the test's folder takes files");
        path.display().to_string()
    };
    let good = place("export.jsonl", &export);
    let note = place("checkpoint", note["checkpoint"].as_str().expect("a note"));
    let bad = place("bad.jsonl", &export.replacen("monitor", "manitor", 1));
    let config = |name: &str| root().join("config").join(name).display().to_string();
    let (study, sealed) = (config("imodals.toml"), config("imodals.sealed.toml"));
    let (right, wrong) = (key(8).verifying_key().to_string(), key(9).verifying_key().to_string());
    let table: [(&[&str], i32, &str); 9] = [
        (&[&good], 0, "not checkable  checkpoints are signed"),
        (
            &[&good, "--key", &right, "--checkpoint", &note],
            0,
            "passed         mailed checkpoints are prefixes",
        ),
        (
            &[&good, "--key", &right, "--study", &study, "--sealed", &sealed],
            0,
            "passed         kits are of the arm's type",
        ),
        (&[&good, "--key", &wrong], 1, "FAILED         checkpoints are signed"),
        (&[&bad, "--key", &right], 1, "FAILED         root is that of the leaves"),
        (&[&study], 1, "FAILED         file is well formed"),
        (&[&good, "--key", "no key"], 1, ""),
        (&["no-such-file"], 1, ""),
        (&[&good, "--sealed", &sealed], 2, ""),
    ];
    for (arguments, code, line) in table {
        let run = Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).arg("verify").args(arguments).output();
        let run = run.expect("the program runs");
        let printed = String::from_utf8(run.stdout).expect("text");
        assert_eq!(run.status.code(), Some(code), "{arguments:?}: {printed}");
        assert!(printed.contains(line), "{arguments:?}: {printed}");
    }
}
