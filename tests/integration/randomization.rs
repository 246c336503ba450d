//! A randomization through all rooms.

use std::collections::BTreeSet;

use iwrs_tests::app::{TestApp, eligible, files};
use iwrs_tests::client::Expect;
use iwrs_tests::database::Engine;
use serde_json::Value;
use terms::Arm;
use trial::study::{SealedDesign, StudyDesign};

/// The names of an object's fields, in the order of the alphabet.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Every word and name, in small letters, in which the public or the sealed design speaks of an arm or of what
/// serves it.
fn words_for_arms() -> BTreeSet<String> {
    let files = files();
    let design = StudyDesign::from_toml(&files.design).expect("a design");
    let sealed = SealedDesign::from_toml(&files.sealed, &design).expect("a sealed design");
    let mut names: Vec<&str> = Vec::new();
    for (arm, index) in design.arms.iter().zip(0..) {
        names.extend([arm.name.as_str(), &arm.substance, &arm.dose]);
        names.extend(sealed.arm_code(Arm::new(index)));
    }
    names.extend(sealed.kit_types().iter().flat_map(|kit| [kit.code.as_str(), &kit.contents.text]));
    let words = names.iter().flat_map(|name| name.split(|letter: char| !letter.is_alphabetic()));
    // Shorter words tell nothing by themselves, and a header may hold them; the whole names are looked for, too.
    let words = words.filter(|word| word.len() >= 4).chain(names.iter().copied());
    let words: BTreeSet<String> = words.map(str::to_lowercase).collect();
    for known in ["placebo", "aldesleukin", "1 miu", "quoll", "larimar-4406", "vials"] {
        assert!(words.contains(known), "{known} is not among {words:?}");
    }
    words
}

#[test]
fn a_subject_is_randomized_once_and_no_arm_is_in_the_answer() {
    let app = TestApp::imodals();
    app.screen("S-001", 1960, "female");
    let investigator = app.person("investigator");
    let path = app.path("/subjects/S-001/randomization");
    let signature = investigator.sign("randomize", &path, &eligible());
    let first = investigator.post_signed(&path, &eligible(), "key-1", &signature);
    let answer = first.expect(201);
    assert_eq!(answer["randomization"]["randomization_number"], "R0001");
    assert_eq!(keys(&answer), ["randomization"]);
    let fields = [
        "first_visit",
        "position",
        "randomization_number",
        "randomized_at",
        "randomized_by",
        "stratum",
        "subject",
    ];
    assert_eq!(keys(&answer["randomization"]), fields);
    let placed = (&answer["randomization"]["stratum"], &answer["randomization"]["position"]);
    assert_eq!(placed, (&"all subjects".into(), &0.into()));
    let shown = &investigator.get(&app.path("/subjects/S-001")).expect(200)["subject"];
    assert_eq!((&shown["stratum"], &shown["position"]), placed);
    let whole = format!("{:?} {}", first.headers, first.body).to_lowercase();
    for word in words_for_arms() {
        assert!(!whole.contains(&word), "{word} is in {whole}");
    }
    let again = investigator.post_with_key(&path, &eligible(), "key-1");
    assert_eq!(again.expect(201), answer, "the same key gives the same answer, without another signature");
    let twice = investigator.sign_and_post("randomize", &path, &eligible());
    assert_eq!(twice.problem(409), "already-randomized");
}

/// Lets somebody with the database's password exchange two references to sealed values, past the append-only triggers.
fn exchange(app: &TestApp, table: &str, key: &str) {
    let (off, on) = match Engine::from_env() {
        Engine::Sqlite => (format!("DROP TRIGGER IF EXISTS {table}_no_update;"), String::new()),
        Engine::Postgres => (
            format!("ALTER TABLE {table} DISABLE TRIGGER ALL;"),
            format!("ALTER TABLE {table} ENABLE TRIGGER ALL;"),
        ),
    };
    let two = app.database.values(&format!("SELECT opening AS value FROM {table} ORDER BY {key} LIMIT 2"));
    let two = two.expect("two rows");
    let to = |from: &str, to: &str| format!("UPDATE {table} SET opening = '{to}' WHERE opening = '{from}';");
    let sql = to(&two[0], "aside") + &to(&two[1], &two[0]) + &to("aside", &two[1]);
    app.database.execute(&format!("{off}{sql}{on}")).expect("they are exchanged");
}

#[test]
fn bld_07_a_reference_moved_to_another_row_stops_the_next_randomization() {
    for (table, key) in [("kit", "number"), ("list_position", "stratum, position")] {
        let app = TestApp::imodals();
        app.screen("S-001", 1960, "female");
        let path = app.path("/subjects/S-001/randomization");
        let investigator = app.person("investigator");
        exchange(&app, table, key);
        assert_eq!(investigator.sign_and_post("randomize", &path, &eligible()).problem(500), "fault");
        exchange(&app, table, key);
        investigator.sign_and_post("randomize", &path, &eligible()).expect(201);
    }
}
