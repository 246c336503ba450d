//! A label expiry that is shortened at once, and extended by two.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use serde_json::json;

use super::{
    EVIDENCE, confirm, dispense, extend, journal, label, numbers, places, propose, recall, replace, scan,
    set_clock, shorten, sign_once, told,
};
use crate::record::count;
use crate::replacements::assert_sound;
use crate::shipments::Supplied;

/// Expiries beyond everything that is known.
const LOTS: [&str; 3] = ["2040-06-30"; 3];
const BATCH: &str = "B-2026-01";
const BLINDED: [&str; 3] = ["archive@demo.invalid", "safety@demo.invalid", "study-lead@demo.invalid"];

/// The address of the shortening, and its body.
fn shortening(app: &TestApp, label_expiry: &str) -> (String, serde_json::Value) {
    let body = json!({ "label_expiry": label_expiry, "evidence_sha256": EVIDENCE, "reason": "new data" });
    (app.path(&format!("/batches/{BATCH}/expiry-shortening")), body)
}

#[test]
fn kit_11_what_is_shortened_while_allocated_is_not_handed_over_and_is_replaced() {
    let s = Supplied::new();
    let receipt = json!({ "site": "34-001", "received": numbers(&s.app, "batch=B-2") });
    s.post("pharmacist", "/batches/B-2/receipts", &receipt).expect(201);
    for (subject, born) in [("S-001", 1960), ("S-002", 1961)] {
        s.app.randomize(subject, born, "female");
    }
    let (first, given) = dispense(&s.app, "S-001");
    scan(&s.app, &first, &given).expect(201);
    let (second, waiting) = dispense(&s.app, "S-002");
    let (path, body) = shortening(&s.app, "2015-10-09");
    s.post("pharmacist", "/batches/B-2026-01/expiry-shortening", &body).problem(403);
    let quality = s.person("quality");
    let answer = sign_once(&s.app, "quality", "shorten_expiry", &path, &body).expect(201);
    let change = &answer["expiry_change"];
    assert_eq!(
        (&change["old_label_expiry"], &change["label_expiry"]),
        (&json!("2030-12-31"), &body["label_expiry"])
    );
    assert_eq!(places(change), [("34-001".to_owned(), 143, 1)], "every kit of it, and the one that is out");
    assert!(change["places"][0]["kits"].to_string().contains(&waiting));
    assert_eq!(change["places"][0]["with_subjects"], json!([given]));
    let again = quality.post_with_key(&path, &body, "once").expect(201);
    assert_eq!(again, answer, "the same request is one shortening");
    assert_eq!((count(&s.app, "expiry_shortened"), count(&s.app, "kits_shortened")), (1, 1));
    let stopped = scan(&s.app, &second, &waiting);
    assert_eq!(stopped.problem(409), "kit-expired");
    assert!(stopped.body.contains(&format!("Kit {waiting} no longer lasts long enough")), "{}", stopped.body);
    let new = replace(&s.app, &second, &waiting, "expired").expect(201);
    let new = super::text(&new["replacement"]["kit_number"]);
    assert_eq!((s.state(&waiting), s.state(&new)), ("quarantined".into(), "allocated".into()));
    scan(&s.app, &second, &new).expect(201);
    assert_eq!(told(&s.app, "kits_shortened"), BLINDED, "whoever knows the types is not told what is left");
    assert!(told(&s.app, "expiry_changed").contains(&"unblinded-supply@demo.invalid".to_owned()));
    assert_sound(&s.app);
}

/// Midnight at the site, at both changes of the clocks, at the ends of months and on a leap day.
#[test]
fn kit_06_kit_11_a_shortened_label_counts_by_the_day_at_the_site() {
    let mut app = TestApp::imodals();
    #[rustfmt::skip]
    let table = [
        // The last day on which five dosing days and the margin still fit, half an hour before and after it ends in
        // Paris.
        ("2015-10-29", "2015-10-24T21:30:00Z", "2015-10-24T22:30:00Z"),
        ("2015-10-30", "2015-10-25T22:30:00Z", "2015-10-25T23:30:00Z"),
        ("2015-11-30", "2015-11-25T22:30:00Z", "2015-11-25T23:30:00Z"),
        ("2015-12-31", "2015-12-26T22:30:00Z", "2015-12-26T23:30:00Z"),
        ("2016-02-29", "2016-02-24T22:30:00Z", "2016-02-24T23:30:00Z"),
        ("2016-03-31", "2016-03-26T22:30:00Z", "2016-03-26T23:30:00Z"),
        ("2016-04-01", "2016-03-27T21:30:00Z", "2016-03-27T22:30:00Z"),
    ];
    let people = ["investigator", "pharmacist", "quality", "supply", "monitor", "statistician"];
    for (at, (expiry, before, after)) in (0_u16..).zip(table) {
        let [in_time, late] = [format!("A-{at}"), format!("B-{at}")];
        set_clock(&mut app, before, &people);
        shorten(&app, BATCH, expiry).expect(201);
        app.randomize(&in_time, 1940 + at, "female");
        let (dispensation, kit) = dispense(&app, &in_time);
        set_clock(&mut app, after, &people);
        assert_eq!(scan(&app, &dispensation, &kit).problem(409), "kit-expired", "{expiry}");
        app.screen(&late, 1960 + at, "female");
        let path = app.path(&format!("/subjects/{late}/randomization"));
        let randomize =
            || app.person("investigator").sign_and_post("randomize", &path, &iwrs_tests::app::eligible());
        assert_eq!(randomize().problem(409), "supply-short", "{expiry}");
        // What was shortened goes back as far as its lots, told anew, allow; and the same kit is good again.
        extend(&app, BATCH, "2030-12-31", &LOTS).expect(201);
        randomize().expect(201);
        scan(&app, &dispensation, &kit).expect(201);
    }
    assert_sound(&app);
}

#[test]
fn kit_10_an_extension_takes_two_people_and_is_of_what_may_still_be_used() {
    let s = Supplied::new();
    s.app.randomize("S-001", 1960, "female");
    let (dispensation, kit) = dispense(&s.app, "S-001");
    scan(&s.app, &dispensation, &kit).expect(201);
    let to = "2031-06-30";
    assert_eq!(propose(&s.app, BATCH, to, &[]).expect(422)["field"], "label_expiry", "beyond the lots");
    assert_eq!(propose(&s.app, BATCH, "2030-12-31", &LOTS).expect(422)["field"], "label_expiry");
    assert_eq!(
        propose(&s.app, BATCH, to, &["2040-06-30", "2040-06-30", "2030-01-01"]).expect(422)["field"],
        "lots[2].expiry"
    );
    let proposed = propose(&s.app, BATCH, to, &LOTS);
    let change = &proposed.expect(201)["expiry_change"];
    assert_eq!((change.get("signed_by"), &change["places"]), (None, &json!([])));
    assert_eq!(label(&s.app, BATCH), "2030-12-31", "until the second signature nothing changes");
    let id = super::text(&change["id"]);
    let confirmation = format!("/batches/{BATCH}/expiry-extensions/{id}/confirmation");
    let evidence = json!({ "evidence_sha256": EVIDENCE });
    for who in ["supply", "pharmacist", "monitor"] {
        s.post(who, &confirmation, &evidence).problem(403);
    }
    let of_another = confirmation.replace(BATCH, "B-2");
    s.sign("quality", "confirm_extension", &of_another, &evidence).problem(404);
    let confirmed = confirm(&s.app, BATCH, &proposed).expect(201);
    let change = &confirmed["expiry_change"];
    assert_eq!(places(change), [("34-001".to_owned(), 143, 0)], "what was handed over is not in it");
    assert!(!change["places"].to_string().contains(&kit));
    assert_eq!(label(&s.app, BATCH), to);
    assert_eq!(confirm(&s.app, BATCH, &proposed).problem(409), "already-confirmed");
    assert_eq!(told(&s.app, "kits_extended"), BLINDED);
    let lots = s.person("supply").get(&s.app.path("/journal/export")).body;
    assert!(lots.contains("\"field\":\"lots\""), "whoever knows the lots sees what was proposed of them");
    assert_sound(&s.app);
}

#[test]
fn kit_10_an_extension_is_not_confirmed_when_something_has_changed_and_revives_nothing() {
    let mut app = TestApp::imodals();
    let to = "2031-06-30";
    let proposed = propose(&app, BATCH, to, &LOTS);
    shorten(&app, BATCH, "2016-02-29").expect(201);
    assert_eq!(confirm(&app, BATCH, &proposed).problem(409), "batch-state", "another is in force by now");
    let proposed = propose(&app, BATCH, to, &LOTS);
    // The leap day is over in Paris, and not in London or in UTC.
    set_clock(&mut app, "2016-02-29T23:30:00Z", &["quality", "supply", "monitor"]);
    assert_eq!(confirm(&app, BATCH, &proposed).problem(409), "batch-state", "what has expired stays so");
    assert_eq!(propose(&app, BATCH, to, &LOTS).problem(409), "batch-state");
    assert_eq!(label(&app, BATCH), "2016-02-29");
    let changes =
        app.person("quality").get(&app.path(&format!("/batches/{BATCH}/expiry-changes"))).expect(200);
    let changes = changes["expiry_changes"].as_array().expect("changes");
    let told: Vec<_> =
        changes.iter().map(|one| (one["change"].as_str(), one["signed_by"].is_string())).collect();
    let expected = [("extension", false), ("shortening", true), ("extension", false)];
    assert_eq!(told, expected.map(|(change, signed)| (Some(change), signed)));
}

/// A shortening says that what was known of the lots no longer holds, and that what was proposed before it does not.
#[test]
fn kit_10_after_a_shortening_an_extension_rests_on_what_is_known_since() {
    let app = TestApp::imodals();
    let old = propose(&app, BATCH, "2031-06-30", &LOTS);
    shorten(&app, BATCH, "2016-02-29").expect(201);
    for lots in [&[][..], &LOTS[..2]] {
        assert_eq!(propose(&app, BATCH, "2030-12-31", lots).expect(422)["field"], "lots", "{lots:?}");
    }
    let bad = ["2040-06-30", "2016-03-31", "2040-06-30"];
    assert_eq!(propose(&app, BATCH, "2030-12-31", &bad).expect(422)["field"], "label_expiry");
    extend(&app, BATCH, "2016-03-31", &bad).expect(201);
    assert_eq!(
        propose(&app, BATCH, "2016-04-30", &[]).expect(422)["field"],
        "label_expiry",
        "it is known now"
    );
    extend(&app, BATCH, "2030-12-31", &LOTS).expect(201);
    assert_eq!(label(&app, BATCH), "2030-12-31", "as when the first was proposed");
    assert_eq!(confirm(&app, BATCH, &old).problem(409), "batch-state", "and it rests on what was known then");
    assert_sound(&app);
}

#[test]
fn kit_11_what_a_subject_has_is_replaced_for_the_true_reason() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    let (dispensation, given) = dispense(&app, "S-001");
    scan(&app, &dispensation, &given).expect(201);
    assert_eq!(replace(&app, &dispensation, &given, "expired").problem(409), "kit-state", "it lasts");
    assert_eq!(replace(&app, &dispensation, &given, "recalled").problem(409), "kit-state");
    shorten(&app, BATCH, "2015-10-09").expect(201);
    assert_eq!(replace(&app, &dispensation, &given, "expired").problem(409), "supply-short", "none lasts");
    extend(&app, BATCH, "2030-12-31", &LOTS).expect(201);
    assert_eq!(replace(&app, &dispensation, &given, "expired").problem(409), "kit-state", "it lasts again");
}

#[test]
fn bld_04_another_site_and_the_supply_manager_see_no_kit_of_a_site() {
    let app = TestApp::imodals();
    app.add_site("44-002");
    let far = app.add_person("farpharm", "pharmacist", Some("44-002"));
    shorten(&app, BATCH, "2015-10-09").expect(201);
    recall(&app, BATCH).expect(201);
    let read = |client: &Client, what: &str| {
        client.get(&app.path(&format!("/batches/{BATCH}/{what}"))).expect(200).to_string()
    };
    let kit = app.person("pharmacist").get(&app.path("/kits")).expect(200)["kits"][0]["number"].clone();
    let kit = super::text(&kit);
    for what in ["expiry-changes", "recall"] {
        assert!(read(&app.person("pharmacist"), what).contains(&kit), "{what}: it is there to be seen");
        assert!(!read(&far, what).contains(&kit), "{what} at another site");
    }
    assert!(!read(&app.person("supply"), "expiry-changes").contains(&kit), "who knows the types");
    let seen = read(&app.person("supply"), "recall");
    assert!(!seen.contains("quarantined") && seen.contains("\"places\":[]"), "{seen}");
    let far_reads = far.get(&app.path("/journal?limit=500")).expect(200).to_string();
    for (reader, sees) in
        [(journal(&app, "pharmacist"), true), (far_reads, false), (journal(&app, "supply"), false)]
    {
        for kind in ["kits_shortened", "kits_recalled"] {
            assert_eq!(reader.contains(kind), sees, "{kind}");
        }
        assert!(
            reader.contains("expiry_shortened") && reader.contains("batch_recalled"),
            "all are told of the batch"
        );
    }
    for template in ["kits_shortened", "kits_recalled"] {
        assert_eq!(told(&app, template), BLINDED, "{template}");
    }
}

/// What was picked by a label that was shortened since does not leave.
#[test]
fn kit_11_a_shipment_of_shortened_kits_is_given_up() {
    let s = Supplied::new();
    let (shipment, kits) = s.pick(&json!({ "to_site": "34-001", "groups": 1 }));
    let answer = shorten(&s.app, "B-2", "2015-10-25").expect(201);
    assert_eq!(answer["expiry_change"]["places"], json!([]), "today they last");
    let packed = json!({ "kits": kits });
    assert_eq!(s.post("depot", &format!("{shipment}/dispatch"), &packed).problem(409), "kit-expired");
    s.post("depot", &format!("{shipment}/cancellation"), &json!({ "reason": "out of date" })).expect(201);
    let again = s.post("depot", "/shipments", &json!({ "to_site": "34-001", "groups": 1 }));
    assert_eq!(again.problem(409), "supply-short");
    assert_sound(&s.app);
}

/// What waited in its box until it would arrive too late does not leave.
#[test]
fn kit_06_a_shipment_that_waited_too_long_is_given_up() {
    let mut s = Supplied::with_depots(TestApp::imodals());
    s.register("B-SOON", 12, "2015-12-31");
    let (shipment, kits) = s.pick(&json!({ "to_site": "34-001", "groups": 1 }));
    s.set_clock("2015-12-15T09:00:00Z", &["depot", "monitor"]);
    let packed = json!({ "kits": kits });
    assert_eq!(s.post("depot", &format!("{shipment}/dispatch"), &packed).problem(409), "kit-expired");
    s.states(&kits[..1], "released");
}
