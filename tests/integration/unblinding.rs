//! Emergency code breaks through the interface.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::Engine;
use serde_json::{Value, json};

use crate::record::{count, leaves};

/// Words that stand in no answer to somebody who may not know a treatment.
const TREATMENT: [&str; 6] = ["placebo", "aldesleukin", "MIU", "vehicle", "vials", "subcutaneous"];

/// A randomized subject whose first kits are handed over: the kits' numbers.
pub(crate) fn treated(app: &TestApp, subject: &str, birth_year: u16) -> Vec<String> {
    app.randomize(subject, birth_year, "female");
    let pharmacist = app.person("pharmacist");
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    let dispensed = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    let id = dispensed["dispensation"]["id"].as_str().expect("an id");
    let kits = dispensed["dispensation"]["kits"].as_array().expect("kits").iter();
    let kits: Vec<String> = kits.map(|kit| kit.as_str().expect("a number").to_owned()).collect();
    for kit in &kits {
        let path = app.path(&format!("/dispensations/{id}/confirmation"));
        pharmacist.post(&path, &json!({ "kit_number": kit })).expect(201);
    }
    kits
}

fn ask(field: &str, number: &str) -> Value {
    json!({ field: number, "reason": "medical_emergency" })
}

/// Signs and sends a code break: what is shown, or the refusal.
fn unblind(app: &TestApp, who: &Client, body: &Value) -> Result<Value, String> {
    let path = app.path("/unblindings");
    let reply = who.sign_and_post("unblind", &path, body);
    if reply.status == 201 {
        return Ok(reply.json()["unblinding"].clone());
    }
    assert!(TREATMENT.iter().all(|word| !reply.body.contains(word)), "{reply:?}");
    Err(reply.problem(reply.status))
}

/// The arm of a subject in the words of the protocol, as the statistician reads it in the list.
pub(crate) fn arm(app: &TestApp, subject: &str) -> String {
    let statistician = app.person("statistician");
    let lists = statistician.get(&app.path("/lists")).expect(200);
    let list = lists["lists"][0]["id"].as_str().expect("a list");
    let positions = statistician.get(&app.path(&format!("/lists/{list}/positions"))).expect(200);
    let mut positions = positions["positions"].as_array().expect("positions").iter();
    let position = positions.find(|position| position["subject"] == subject).expect("the subject's position");
    position["arm"].as_str().expect("an arm").to_owned()
}

#[test]
fn unb_11_each_of_the_three_numbers_finds_the_subject_and_shows_its_treatment() {
    let app = TestApp::imodals();
    let (on_call, mut names) = (app.person("oncall"), Vec::new());
    for (subject, number, field) in [
        ("S-001", "R0001", "screening_number"),
        ("S-002", "R0002", "randomization_number"),
        ("S-003", "R0003", "kit_number"),
    ] {
        let kits = treated(&app, subject, 1960 + u16::try_from(names.len()).expect("few"));
        let asked = match field {
            "screening_number" => subject,
            "randomization_number" => number,
            // As it is printed, in groups, so that it can be read aloud.
            _ => &format!("{} {} {}", &kits[0][..4], &kits[0][4..8], &kits[0][8..]),
        };
        let shown = unblind(&app, &on_call, &ask(field, asked)).expect("shown");
        assert_eq!(shown["screening_number"], subject);
        assert_eq!(shown["randomization_number"], number);
        assert_eq!(shown["treatment"]["name"], arm(&app, subject), "{subject}");
        for word in ["substance", "dose", "schedule"] {
            assert!(shown["treatment"][word].as_str().is_some_and(|word| !word.is_empty()), "{shown}");
        }
        let handed = shown["kits"].as_array().expect("kits");
        assert_eq!(
            handed.iter().map(|kit| &kit["number"]).collect::<Vec<_>>(),
            kits.iter().collect::<Vec<_>>()
        );
        assert_eq!((&handed[0]["visit"], &handed[0]["as_assigned"]), (&json!("D1"), &json!(true)));
        let contents = handed[0]["contents"].as_str().expect("contents");
        let told = shown["treatment"]["name"].as_str().expect("a name");
        assert!(contents.contains(told) || (told == "placebo" && contents.contains("vehicle")), "{shown}");
        assert_eq!(shown["mismatch"], false);
        names.push(told.to_owned());
    }
    let found: Vec<_> = leaves(&app)
        .iter()
        .filter(|leaf| leaf["act"]["kind"] == "unblinded")
        .map(|leaf| leaf["act"]["found_by"].clone())
        .collect();
    assert_eq!(found, ["screening_number", "randomization_number", "kit_number"]);
}

#[test]
fn unb_11_a_screening_number_is_found_in_small_letters_too_and_never_that_of_another() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    treated(&app, "S-001", 1960);
    treated(&app, "S-002", 1961);
    let on_call = app.person("oncall");
    let shown = unblind(&app, &on_call, &ask("screening_number", "s-001")).expect("shown");
    assert_eq!(shown["screening_number"], "S-001");
    // At another site a number is written otherwise. Then none but the one that is written so is meant.
    let far = app.add_person("far", "investigator", Some("44-001"));
    let entry = json!({ "screening_number": "s-002", "site": "44-001", "birth_year": 1970, "sex": "male" });
    far.post(&app.path("/subjects"), &entry).expect(201);
    let refused = unblind(&app, &on_call, &ask("screening_number", "s-002"));
    assert_eq!(refused.expect_err("of another site"), "not-found");
    let shown = unblind(&app, &on_call, &ask("screening_number", "S-002")).expect("shown");
    assert_eq!(shown["screening_number"], "S-002");
}

#[test]
fn unb_02_one_number_of_one_subject_and_nothing_else() {
    let app = TestApp::imodals();
    let kits = treated(&app, "S-001", 1960);
    treated(&app, "S-002", 1961);
    app.screen("S-003", 1962, "male");
    let mistyped = |kit: &str| {
        let last = kit.chars().last().expect("a digit");
        let other = if last == '0' { '1' } else { '0' };
        format!("{}{other}", &kit[..kit.len() - 1])
    };
    let pharmacist = app.person("pharmacist");
    let shelf = pharmacist.get(&app.path("/kits?state=available")).expect(200);
    let of_nobody = shelf["kits"][0]["number"].as_str().expect("a kit on the shelf");
    let reason = "overdose";
    let two = json!({ "screening_number": "S-001", "randomization_number": "R0002", "reason": reason });
    #[rustfmt::skip]
    let table = [
        (ask("kit_number", &mistyped(&kits[0])), "invalid-field"),
        (ask("kit_number", of_nobody), "not-found"),
        (ask("kit_number", &format!("{}-", kits[0])), "invalid-field"),
        (ask("screening_number", "S-999"), "not-found"),
        (ask("screening_number", "S-00*"), "invalid-field"),
        (ask("screening_number", "%"), "invalid-field"),
        (ask("screening_number", "S-001,S-002"), "invalid-field"),
        (ask("screening_number", "s-999"), "not-found"),
        (ask("randomization_number", "R0001-R0002"), "invalid-field"),
        (ask("randomization_number", "R0009"), "not-found"),
        (ask("screening_number", "S-003"), "not-randomized"),
        (json!({ "reason": reason }), "invalid-field"),
        (json!({ "screening_number": "S-001", "kit_number": kits[0], "reason": reason }), "invalid-field"),
        (two, "invalid-field"),
        (json!({ "screening_number": ["S-001", "S-002"], "reason": reason }), "malformed-request"),
        (json!({ "screening_number": { "like": "S-%" }, "reason": reason }), "malformed-request"),
        (json!([{ "screening_number": "S-001", "reason": reason }]), "malformed-request"),
        (json!({ "screening_number": "S-001", "reason": reason, "all": true }), "malformed-request"),
        (json!({ "screening_number": "S-001" }), "malformed-request"),
        (json!({ "screening_number": "S-001", "reason": "curiosity" }), "unknown-reason"),
    ];
    for (body, problem) in table {
        assert_eq!(unblind(&app, &app.person("oncall"), &body), Err(problem.to_owned()), "{body}");
    }
    let breaks = app.person("monitor").get(&app.path("/unblindings")).expect(200);
    assert_eq!(breaks["unblindings"], json!([]));
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (0, 0));
}

#[test]
fn who_may_break_a_code() {
    let app = TestApp::imodals();
    let kits = treated(&app, "S-001", 1960);
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    let numbers =
        [("screening_number", "S-001"), ("randomization_number", "R0001"), ("kit_number", &kits[0])];
    for (field, number) in numbers {
        assert_eq!(unblind(&app, &away, &ask(field, number)), Err("not-found".to_owned()), "{field}");
        for login in ["pharmacist", "monitor", "supply", "statistician", "reviewer"] {
            let refused = unblind(&app, &app.person(login), &ask(field, number));
            assert_eq!(refused, Err("forbidden".to_owned()), "{login}");
        }
    }
    let unsigned = app.person("oncall").post(&app.path("/unblindings"), &ask("screening_number", "S-001"));
    assert_eq!(unsigned.problem(403), "signature-needed");
    assert_eq!(count(&app, "unblinded"), 0);
    assert_eq!(away.get(&app.path("/unblindings")).expect(200)["unblindings"], json!([]));
}

#[test]
fn asked_twice_it_is_one_break_and_two_views() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    let (path, body) = (app.path("/unblindings"), ask("screening_number", "S-001"));
    let on_call = app.person("oncall");
    let signature = on_call.sign("unblind", &path, &body);
    let first = on_call.post_signed(&path, &body, "night-1", &signature).expect(201);
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 1));
    let replayed = on_call.post_with_key(&path, &body, "night-1").expect(201);
    assert_eq!(replayed, first, "the same key shows the same again");
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 2));
    let other = unblind(&app, &app.person("investigator"), &ask("randomization_number", "R0001"));
    assert_eq!(other.expect("shown"), first["unblinding"], "who broke it first does not change");
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 3));
    let views: Vec<_> = leaves(&app)
        .iter()
        .filter(|leaf| leaf["act"]["kind"] == "unblinding_viewed")
        .map(|leaf| leaf["actor"].clone())
        .collect();
    assert_eq!(views, ["oncall", "oncall", "investigator"], "every view says who looked (BLD-14)");
    let foreign = app.person("investigator").post_with_key(&path, &body, "night-1");
    assert_eq!(foreign.problem(404), "not-found", "another person's key shows nothing");
    let receipts = app.database.values("SELECT outcome AS value FROM receipt WHERE action = 'unblind'");
    let id = first["unblinding"]["id"].as_str().expect("an id");
    assert!(
        receipts.expect("the receipts").iter().all(|outcome| outcome == id),
        "a receipt holds the id alone"
    );
}

#[test]
fn seq_23_what_was_handed_over_is_shown_even_when_it_is_not_what_was_assigned() {
    let app = TestApp::imodals();
    let kit = treated(&app, "S-001", 1960).pop().expect("a kit");
    let assigned = arm(&app, "S-001");
    let others = format!("SELECT number AS value FROM kit WHERE number <> '{kit}'");
    // One kit after another is recorded as handed over, too, until one is of another type.
    let wrong = app.database.values(&others).expect("the kits").into_iter().find_map(|other| {
        let handed_over = format!(
            "INSERT INTO handover SELECT study, '{other}', dispensation, handed_by, handed_at FROM handover \
             WHERE kit = '{kit}'"
        );
        app.database.execute(&handed_over).expect("handed over in error");
        let shown = unblind(&app, &app.person("oncall"), &ask("screening_number", "S-001")).expect("shown");
        let kits = shown["kits"].as_array().expect("the kits").clone();
        let wrong = kits.into_iter().find(|kit| kit["as_assigned"] == false);
        assert_eq!(shown["mismatch"], wrong.is_some());
        assert_eq!(shown["treatment"]["name"], assigned, "the assignment stays what it is");
        wrong
    });
    let wrong = wrong.expect("kits of more than one type");
    let contents = wrong["contents"].as_str().expect("contents");
    assert!(
        !contents.contains(&assigned) && (assigned != "placebo" || !contents.contains("vehicle")),
        "{wrong}"
    );
}

#[test]
fn unb_08_an_arm_is_shown_even_when_the_contents_of_a_kit_cannot_be_read() {
    let app = TestApp::imodals();
    let kit = treated(&app, "S-001", 1960).pop().expect("a kit");
    let assigned = arm(&app, "S-001");
    let spoilt = format!("DELETE FROM opening WHERE id = (SELECT opening FROM kit WHERE number = '{kit}')");
    app.database.execute(&spoilt).expect("somebody with all rights");
    let shown = unblind(&app, &app.person("oncall"), &ask("screening_number", "S-001")).expect("shown");
    assert_eq!(shown["treatment"]["name"], assigned);
    assert_eq!((&shown["kits"][0]["contents"], &shown["mismatch"]), (&Value::Null, &json!(true)));
}

#[test]
fn unb_10_it_works_on_hold_and_in_every_state_of_a_randomized_subject() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    for (born, (subject, stops)) in
        (1960..).zip([("S-001", &[][..]), ("S-002", &["drug"][..]), ("S-003", &["drug", "study"][..])])
    {
        treated(&app, subject, born);
        for stops in stops {
            let path = app.path(&format!("/subjects/{subject}/withdrawal"));
            investigator.post(&path, &json!({ "stops": stops, "reason": "investigator" })).expect(201);
        }
    }
    for on in ["randomization", "dispensing"] {
        let hold = json!({ "on": on, "reason": "an inspection" });
        app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    }
    for subject in ["S-001", "S-002", "S-003"] {
        let shown = unblind(&app, &app.person("oncall"), &ask("screening_number", subject)).expect("shown");
        assert_eq!(shown["treatment"]["name"], arm(&app, subject), "{subject}");
    }
}

#[test]
fn unb_05_everybody_else_learns_that_and_never_what() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    unblind(&app, &app.person("oncall"), &ask("screening_number", "S-001")).expect("shown");
    for login in ["investigator", "pharmacist", "monitor", "supply", "statistician", "reviewer"] {
        for path in ["/unblindings", "/subjects", "/subjects/S-001"] {
            let reply = app.person(login).get(&app.path(path));
            reply.expect(200);
            assert!(
                TREATMENT.iter().all(|word| !reply.body.contains(word)),
                "{login} {path}: {}",
                reply.body
            );
        }
        let listed = app.person(login).get(&app.path("/unblindings")).expect(200)["unblindings"][0].clone();
        assert_eq!(listed["reason"], "medical_emergency");
        assert_eq!(listed["broken_by"], "oncall");
        let subject = app.person(login).get(&app.path("/subjects/S-001")).expect(200)["subject"].clone();
        assert_eq!(subject["code_broken"], true);
        assert_eq!(subject["code_break"]["broken_at"], listed["broken_at"]);
        assert_eq!(subject["code_break"]["broken_by"], "oncall");
    }
}

#[test]
fn unb_03_a_note_comes_after_the_reveal_and_is_sealed() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    let shown = unblind(&app, &app.person("oncall"), &ask("screening_number", "S-001")).expect("shown");
    let path = app.path(&format!("/unblindings/{}/notes", shown["id"].as_str().expect("an id")));
    let note = json!({ "text": "Seen in the emergency room; he had placebo." });
    let reply = app.person("oncall").post_with_key(&path, &note, "note-1");
    reply.expect(201);
    assert!(!reply.body.contains("placebo"), "{}", reply.body);
    assert_eq!(app.person("oncall").post_with_key(&path, &note, "note-1").body, reply.body);
    assert_eq!(count(&app, "unblinding_noted"), 1);
    let leaf =
        leaves(&app).into_iter().find(|leaf| leaf["act"]["kind"] == "unblinding_noted").expect("a leaf");
    let names: Vec<_> = leaf["act"].as_object().expect("an act").keys().cloned().collect();
    assert_eq!(names, ["kind", "text", "unblinding"]);
    let opening = "SELECT kind AS value FROM opening WHERE id = (SELECT opening FROM unblinding_note)";
    assert_eq!(app.database.values(opening).expect("the opening"), ["text"]);
    assert_eq!(app.person("oncall").post(&path, &json!({ "text": " " })).problem(422), "invalid-field");
    assert_eq!(app.person("monitor").post(&path, &note).problem(403), "forbidden");
    let unknown = app.path("/unblindings/nothing/notes");
    assert_eq!(app.person("oncall").post(&unknown, &note).problem(404), "not-found");
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    assert_eq!(away.post(&path, &note).problem(404), "not-found");
}

#[test]
fn unb_04_what_is_not_recorded_is_not_shown() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    let (path, body) = (app.path("/unblindings"), ask("screening_number", "S-001"));
    let on_call = app.person("oncall");
    let signature = on_call.sign("unblind", &path, &body);
    // The last statement before COMMIT fails: everything else, the reading of the arm included, has been done.
    let size = leaves(&app).len();
    let refuse = match Engine::from_env() {
        Engine::Sqlite => format!(
            "CREATE TRIGGER full BEFORE UPDATE ON tree_head \
             WHEN NEW.tree = 'study/imodals' AND NEW.size > {size} \
             BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        ),
        Engine::Postgres => format!(
            "ALTER TABLE tree_head ADD CONSTRAINT is_full CHECK (tree <> 'study/imodals' OR size <= {size})"
        ),
    };
    app.database.execute(&refuse).expect("the head takes no more");
    let reply = on_call.post_signed(&path, &body, "night-1", &signature);
    assert_eq!(reply.problem(500), "fault");
    assert!(TREATMENT.iter().all(|word| !reply.body.contains(word)), "{reply:?}");
    assert_eq!(leaves(&app).len(), size);
    assert!(app.database.values("SELECT id AS value FROM unblinding").expect("the breaks").is_empty());
    let allow = match Engine::from_env() {
        Engine::Sqlite => "DROP TRIGGER full",
        Engine::Postgres => "ALTER TABLE tree_head DROP CONSTRAINT is_full",
    };
    app.database.execute(allow).expect("the head takes more");
    let shown = on_call.post_signed(&path, &body, "night-1", &signature).expect(201);
    assert_eq!(shown["unblinding"]["treatment"]["name"], arm(&app, "S-001"));
}

#[test]
fn unb_08_a_clock_that_once_ran_ahead_stops_no_code_break_and_the_journal_stays_in_order() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    let ahead = app.clock.now().plus_seconds(400);
    let before = app.clock.now();
    app.clock.set(ahead);
    app.screen("S-002", 1961, "male");
    app.clock.set(before);
    let shown = unblind(&app, &app.person("oncall"), &ask("screening_number", "S-001")).expect("shown");
    assert!(shown["treatment"].is_object());
    let broken = leaves(&app).into_iter().find(|leaf| leaf["act"]["kind"] == "unblinded").expect("a leaf");
    assert_eq!(
        (&broken["saved"], &broken["happened"]),
        (&json!(ahead.to_string()), &json!(before.to_string()))
    );
}
