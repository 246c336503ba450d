//! `iwrs verify --rebuild`: the rows of the database against what its own journal says.

pub(crate) mod tampering;

use std::process::Command;

use iwrs_tests::app::{TestApp, World};
use iwrs_tests::client::Expect;
use iwrs_tests::process::Installation;
use serde_json::json;
use service::rebuild::{Compared, Repair, Repaired, compare, repair};
use terms::StudyId;
use trial::rebuild::{OF_A_STUDY, OF_THE_INSTALLATION, PROJECTIONS};

use crate::journal::played::{played, played_in};
use crate::once::{PROGRAM, assert_journal_holds};
use crate::record::{count, leaves};
use crate::redaction::redacted;
use tampering::Tampering;

/// The played trial with something of everything: every table has a row in it.
fn whole() -> TestApp {
    let world = World { design: Some(crate::units::design()), ..World::default() };
    let app = crate::shipments::play(played_in(world));
    replaced(&app);
    crate::units::play(&app);
    let app = crate::accountability::play(app);
    let app = crate::labels::play(crate::batches::play(app));
    let (investigator, monitor) = (app.person("investigator"), app.person("monitor"));
    let twin = json!({
        "screening_number": "S-005", "site": "34-001", "birth_year": 1960, "sex": "female",
        "duplicate_reason": "her twin sister",
    });
    investigator.post(&app.path("/subjects"), &twin).expect(201);
    let failed = app.path("/subjects/S-005/screen-failure");
    investigator.post(&failed, &json!({ "criteria": [] })).expect(201);
    let left = json!({ "stops": "drug", "reason": "withdrew" });
    investigator.post(&app.path("/subjects/S-002/withdrawal"), &left).expect(201);
    let visits = app.path("/subjects/S-003/visits");
    for day in ["2015-10-01", "2015-10-02"] {
        let visit = json!({ "visit": "SCR", "date": day, "correction_reason": "a slip of the pen" });
        investigator.post(&visits, &visit).expect(201);
    }
    app.add_person("gone", "monitor", None);
    let grants = app.database.values("SELECT id AS value FROM role_grant WHERE user_id = 'gone'");
    let grant = grants.expect("grants").pop().expect("a grant");
    let revocation = format!("/users/gone/grants/{grant}/revocation");
    app.person("admin").post(&revocation, &json!({ "reason": "moved away" })).expect(201);
    app.person("admin").post("/users/statistician/reset", &json!({})).expect(201);
    redacted(&app, "hold_placed");
    monitor.get(&app.path("/journal/checkpoint")).expect(200);
    crate::alerts::play(app)
}

/// A kit that a subject has lost, with another in its place, which was checked.
fn replaced(app: &TestApp) {
    let dispensed = app.person("pharmacist").get(&app.path("/subjects/S-001/dispensations")).expect(200);
    let dispensed = &dispensed["dispensations"][0];
    let replacements =
        app.path(&format!("/dispensations/{}/replacements", dispensed["id"].as_str().expect("an id")));
    let lost =
        json!({ "kit_number": dispensed["kits"][0], "reason": "lost", "explanation": "left in a train" });
    let replaced = app.person("pharmacist").post(&replacements, &lost).expect(201);
    let check = replacements.replace("/replacements", "/check");
    let scan = json!({ "kit_number": replaced["replacement"]["kit_number"] });
    app.person("pharmacist").post(&check, &scan).expect(201);
}

fn study() -> StudyId {
    StudyId::parse("imodals").expect("an id")
}

/// What is wrong with the database.
fn found(app: &TestApp) -> Vec<String> {
    let compared = compare(&app.service).expect("it can be compared");
    let told = |compared: &Compared| {
        let differences = compared.tables.iter().flat_map(|table| &table.differences);
        differences.map(ToString::to_string).chain(compared.stuck.clone()).collect::<Vec<_>>()
    };
    compared.iter().flat_map(told).collect()
}

#[test]
fn aud_05_after_a_whole_trial_every_row_follows_from_the_journal() {
    let app = whole();
    let compared = compare(&app.service).expect("it can be compared");
    assert_eq!(found(&app), [""; 0]);
    assert!(compared.iter().all(Compared::is_sound));
    let [installation, of_study] = compared.as_slice() else { panic!("{compared:?}") };
    for (compared, names) in [(installation, &OF_THE_INSTALLATION[..]), (of_study, &OF_A_STUDY[..])] {
        let tables: Vec<&str> = compared.tables.iter().map(|table| table.name).collect();
        assert_eq!(tables, names);
        // A table without a row would be compared with nothing.
        let empty: Vec<&str> =
            compared.tables.iter().filter(|table| table.rows == 0).map(|table| table.name).collect();
        let nowhere =
            if compared == installation { vec!["role_confirmation", "role_revocation"] } else { vec![] };
        assert_eq!(empty, nowhere, "{}", compared.tree);
    }
}

#[test]
fn aud_05_whatever_is_changed_past_the_triggers_is_found_by_its_table() {
    let app = whole();
    let tampering = Tampering::with(&app.database);
    let mut tried = 0;
    for table in OF_A_STUDY {
        for change in tampering.changes(table) {
            tampering.tried(table, &change, || {
                let found = found(&app);
                let named = found.iter().any(|line| line.starts_with(&format!("{table} ")));
                assert!(named, "{change}: {found:?}");
            });
            tried += 1;
        }
    }
    assert!(tried > 150, "only {tried} were tried");
    assert_eq!(found(&app), [""; 0], "and nothing is left of them");
}

#[test]
fn projections_are_set_anew_from_the_journal_and_a_leaf_says_how_many() {
    let app = whole();
    let tampering = Tampering::with(&app.database);
    for table in PROJECTIONS {
        for change in tampering.changes(table) {
            let before = count(&app, "projections_rebuilt");
            tampering.execute(table, &change);
            let Repair::Done(done) = repair(&app.service, &study()).expect("repaired") else {
                panic!("{change}: only a projection was changed");
            };
            assert!(done != Repaired::default(), "{change}");
            tampering.drop_strays(table);
            assert_eq!(found(&app), [""; 0], "{change}");
            assert_eq!(count(&app, "projections_rebuilt"), before + 1, "{change}");
            let last = leaves(&app).pop().expect("a leaf")["act"].clone();
            let said = json!({
                "kind": "projections_rebuilt",
                "kits": done.kits, "lists": done.lists, "subjects": done.subjects,
            });
            assert_eq!(last, said, "{change}");
        }
    }
    let size = leaves(&app).len();
    assert_eq!(repair(&app.service, &study()).expect("nothing to do"), Repair::Done(Repaired::default()));
    assert_eq!(leaves(&app).len(), size, "an act that changed nothing is none");
    assert_journal_holds(&app.person("statistician"));
    app.randomize("S-020", 1970, "male");
    assert_eq!(found(&app), [""; 0], "and the trial goes on");
}

#[test]
fn a_projection_is_not_set_anew_while_the_history_differs() {
    // One kit was handed over, and is still out.
    let app = crate::shipments::play(played());
    let tampering = Tampering::with(&app.database);
    tampering.execute("handover", "DELETE FROM handover");
    tampering.execute("kit_state", "UPDATE kit_state SET state = 'available' WHERE state = 'dispensed'");
    let before = (found(&app), leaves(&app).len());
    assert_eq!(repair(&app.service, &study()).expect("an answer"), Repair::HistoryDiffers);
    assert_eq!((found(&app), leaves(&app).len()), before);
    let [kit, handover] = before.0.as_slice() else { panic!("{before:?}") };
    assert!(kit.contains("state is \"available\", and the journal says \"dispensed\""), "{kit}");
    assert!(handover.ends_with("the journal tells of it, and there is no such row"), "{handover}");
}

#[test]
fn the_command_tells_by_its_exit_code_and_needs_only_the_operator() {
    let installation = Installation::imodals(PROGRAM);
    let run = |more: &[&str]| {
        let config = installation.file("iwrs.toml");
        let mut command = Command::new(PROGRAM);
        command.args(["verify", "--rebuild"]).args(more).arg("--config").arg(config);
        let output = command.output().expect("the program runs");
        let printed = String::from_utf8(output.stdout).expect("text");
        (output.status.code(), printed, String::from_utf8(output.stderr).expect("text"))
    };
    let (code, printed, told) = run(&[]);
    assert_eq!(code, Some(0), "{printed}{told}");
    assert!(printed.contains("passed  study/imodals kit_state: 144 rows\n"), "{printed}");
    let lost = "UPDATE kit_state SET state = 'lost' WHERE kit = (SELECT min(kit) FROM kit_state)";
    installation.database.execute(lost).expect("a kit is lost");
    let (code, printed, told) = run(&[]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("FAILED  study/imodals kit_state: 144 rows, 1 differences"), "{printed}");
    assert_eq!(told, "the rows are not what the journal says: study/imodals\n");
    let (code, printed, _) = run(&["--repair"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("imodals: set anew 1 kits, 0 lists, 0 subjects\n"), "{printed}");
    let words = ["placebo", "aldesleukin"];
    assert!(words.iter().all(|word| !printed.contains(word)), "{printed}");
    for line in [&["export.jsonl"][..], &["--key", "K"]] {
        assert_eq!(run(line).0, Some(2), "{line:?}: one or the other");
    }
}
