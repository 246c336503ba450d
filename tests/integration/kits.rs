//! Kits from their registration to the subject's hand.

use std::thread;

use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use store::rows::leaf;
use store::{Failure, Store, Tree};
use terms::{Moment, StudyId};
use trial::Refusal;

const SITE: &str = "34-001";

/// The acts of the study's journal with all their fields.
fn acts(app: &TestApp) -> Vec<Value> {
    let store = Store::open(app.database.url()).expect("the store opens");
    let tree = Tree::Study(StudyId::parse("imodals").expect("an id"));
    let leaves = store.read(|conn| Ok::<_, Failure<Refusal>>(leaf::page(conn, &tree, 0, 10_000)?));
    let leaves = leaves.expect("the leaves are read").into_iter();
    leaves
        .map(|leaf| serde_json::from_slice::<Value>(&leaf.canonical).expect("JSON")["act"].clone())
        .collect()
}

/// The acts of one kind.
fn acts_of(app: &TestApp, kind: &str) -> Vec<Value> {
    acts(app).into_iter().filter(|act| act["kind"] == kind).collect()
}

/// Lets the time be this, and these people log in again.
fn set_clock(app: &mut TestApp, moment: &str, people: &[&str]) {
    app.clock.set(Moment::parse(moment).expect("an instant"));
    app.cast.log_in_again(people).expect("a log-in");
}

fn registration(batch: &str, kits: u32, label_expiry: &str) -> Value {
    let content = |kit_type: &str, lot: &str, expiry: &str| {
        let kits = json!(kits);
        json!({ "kit_type": kit_type, "kits": kits, "lot": lot, "expiry": expiry })
    };
    let contents = [
        content("KUNZITE-3358", "TRUE-LOT-B", "2031-12-31"),
        content("SUGILITE-9127", "TRUE-LOT-A", label_expiry),
        content("LARIMAR-4406", "TRUE-LOT-C", "2032-06-30"),
    ];
    json!({ "batch": batch, "label_expiry": label_expiry, "contents": contents })
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap_or_else(|| panic!("a list: {list}")).iter();
    texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// Certifies and releases a batch in the country of the site.
fn take_both_steps(app: &TestApp, batch: &str) {
    let country = json!({ "country": "FR" });
    let certification = app.path(&format!("/batches/{batch}/certification"));
    app.person("quality").sign_and_post("certify_batch", &certification, &country).expect(201);
    let release = app.path(&format!("/batches/{batch}/release"));
    app.person("supply").sign_and_post("release_batch", &release, &country).expect(201);
}

/// Registers and releases a batch, and gives its kit numbers.
fn released(app: &TestApp, batch: &str, kits: u32) -> Vec<String> {
    let supply = app.person("supply");
    let body = registration(batch, kits, "2031-03-31");
    let registered = supply.post(&app.path("/kits"), &body).expect(201);
    app.pack(batch);
    take_both_steps(app, batch);
    texts(&registered["batch"]["kits"])
}

fn receipts(app: &TestApp, batch: &str) -> String {
    app.path(&format!("/batches/{batch}/receipts"))
}

fn state(app: &TestApp, number: &str) -> String {
    let kit = app.person("monitor").get(&app.path(&format!("/kits/{number}"))).expect(200);
    kit["kit"]["state"].as_str().expect("a state").to_owned()
}

/// Asks for the kits of a visit.
fn dispense(app: &TestApp, subject: &str, visit: &str) -> iwrs::client::Reply {
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    app.person("pharmacist").post(&path, &json!({ "visit": visit }))
}

/// A subject whose first kit was asked for: the dispensation's id and the kit.
fn dispensed(app: &TestApp, subject: &str, birth_year: u16) -> (String, String) {
    app.randomize(subject, birth_year, "female");
    let answer = dispense(app, subject, "D1").expect(201);
    let id = answer["dispensation"]["id"].as_str().expect("an id").to_owned();
    let kits = texts(&answer["dispensation"]["kits"]);
    assert_eq!(kits.len(), 1);
    (id, kits[0].clone())
}

fn confirmation(app: &TestApp, dispensation: &str) -> String {
    app.path(&format!("/dispensations/{dispensation}/confirmation"))
}

#[test]
fn kit_04_a_kit_goes_from_registration_to_the_subjects_hand() {
    let app = TestApp::imodals();
    let supply = app.person("supply");
    let body = registration("B-2", 4, "2031-03-31");
    let registered = supply.post_with_key(&app.path("/kits"), &body, "register").expect(201);
    let kits = texts(&registered["batch"]["kits"]);
    assert!(kits.len() == 12 && kits.is_sorted());
    assert_eq!(supply.post_with_key(&app.path("/kits"), &body, "register").expect(201), registered);
    assert_eq!(supply.post(&app.path("/kits"), &body).problem(409), "exists");
    let leaf = acts_of(&app, "kits_registered").pop().expect("a leaf");
    assert_eq!((&leaf["batch"], leaf["kits"].as_array().map(Vec::len)), (&json!("B-2"), Some(12)));
    let early = json!({ "site": SITE, "received": [kits[0]] });
    assert_eq!(app.person("pharmacist").post(&receipts(&app, "B-2"), &early).problem(409), "batch-state");
    assert_eq!(state(&app, &kits[0]), "registered");
    let release = app.path("/batches/B-2/release");
    let france = json!({ "country": "FR" });
    assert_eq!(supply.post(&release, &france).problem(403), "signature-needed");
    assert_eq!(supply.post(&release, &json!({ "country": "France" })).problem(422), "invalid-field");
    assert_eq!(supply.sign_and_post("release_batch", &release, &france).problem(409), "not-packed");
    app.pack("B-2");
    let released = supply.sign_and_post("release_batch", &release, &france).expect(201);
    assert_eq!(released["batch"]["released_in"], json!([]), "KIT-01: neither step alone enables anything");
    assert_eq!(supply.sign_and_post("release_batch", &release, &france).problem(409), "batch-state");
    assert_eq!(state(&app, &kits[0]), "registered");
    let certification = app.path("/batches/B-2/certification");
    let quality = app.person("quality");
    quality.sign_and_post("certify_batch", &certification, &json!({ "country": "GB" })).expect(201);
    assert_eq!(state(&app, &kits[0]), "registered", "nor both for two countries");
    assert_eq!(app.person("pharmacist").post(&receipts(&app, "B-2"), &early).problem(409), "batch-state");
    let certified = quality.sign_and_post("certify_batch", &certification, &france).expect(201);
    assert_eq!(certified["batch"]["released_in"], json!(["FR"]));
    assert_eq!(certified["batch"]["steps"].as_array().map(Vec::len), Some(3));
    assert_eq!(state(&app, &kits[0]), "released");
    let receipt =
        json!({ "site": SITE, "received": &kits[..10], "missing": [kits[10]], "damaged": [kits[11]] });
    let pharmacist = app.person("pharmacist");
    let received = pharmacist.post_with_key(&receipts(&app, "B-2"), &receipt, "receive").expect(201);
    assert_eq!(texts(&received["receipt"]["received"]), kits[..10]);
    assert_eq!(pharmacist.post_with_key(&receipts(&app, "B-2"), &receipt, "receive").expect(201), received);
    let states = [&kits[0], &kits[10], &kits[11]].map(|kit| state(&app, kit));
    assert_eq!(states, ["available", "lost", "damaged"]);
    let again = pharmacist.post(&receipts(&app, "B-2"), &receipt).expect(201);
    assert_eq!(again["receipt"]["received"], json!([]), "two receipts of one kit are one");
    let (dispensation, kit) = dispensed(&app, "S-001", 1960);
    let confirm = confirmation(&app, &dispensation);
    let done = pharmacist.post_with_key(&confirm, &json!({ "kit_number": kit }), "confirm").expect(201);
    assert_eq!(done["handover"]["kit_number"], json!(kit));
    let same = pharmacist.post_with_key(&confirm, &json!({ "kit_number": kit }), "confirm");
    assert_eq!(same.expect(201), done);
    let twice = pharmacist.post(&confirm, &json!({ "kit_number": kit }));
    assert_eq!(twice.problem(409), "already-handed-over");
    assert_eq!(state(&app, &kit), "dispensed");
    assert_eq!(acts_of(&app, "handed_over").len(), 1);
    let listed = pharmacist.get(&app.path("/subjects/S-001/dispensations")).expect(200);
    let listed = &listed["dispensations"][0];
    assert_eq!((&listed["kits"], &listed["handed_over"]), (&json!([kit]), &json!([kit])));
    assert_eq!((&listed["day"], &listed["covers_through"]), (&json!("2015-10-05"), &json!("2015-10-09")));
}

#[test]
fn kit_16_a_wrong_kit_stops_and_is_recorded_once() {
    let app = TestApp::imodals();
    let (first, of_first) = dispensed(&app, "S-001", 1960);
    let (_, of_second) = dispensed(&app, "S-002", 1970);
    let pharmacist = app.person("pharmacist");
    let confirm = confirmation(&app, &first);
    let body = json!({ "kit_number": of_second });
    for _ in 0..2 {
        assert_eq!(pharmacist.post_with_key(&confirm, &body, "scan-1").problem(409), "wrong-kit");
    }
    assert_eq!(acts_of(&app, "wrong_kit_stopped").len(), 1, "the same request is one scan");
    let nonsense = json!({ "kit_number": "a pack of aspirin" });
    assert_eq!(pharmacist.post(&confirm, &nonsense).problem(409), "wrong-kit");
    let stopped = acts_of(&app, "wrong_kit_stopped");
    assert_eq!((stopped.len(), &stopped[0]["dispensation"]), (2, &json!(first)));
    assert!(!acts(&app).iter().any(|act| act.to_string().contains("aspirin")), "free text is committed to");
    let rows = app.database.values("SELECT dispensation AS value FROM wrong_scan").expect("the scans");
    assert_eq!(rows, [first.clone(), first]);
    assert_eq!(state(&app, &of_second), "allocated", "the other subject's kit is where it was");
    pharmacist.post(&confirm, &json!({ "kit_number": of_first })).expect(201);
}

#[test]
fn kit_07_what_no_longer_lasts_is_never_dispensed_by_the_day_at_the_site() {
    // The label says 2030-12-31; with five dosing days and the margin the last day of use is 2030-12-26.
    let mut app = TestApp::imodals();
    let people = ["investigator", "pharmacist", "monitor", "quality", "supply", "reviewer"];
    set_clock(&mut app, "2030-12-20T09:00:00Z", &people);
    app.randomize("S-001", 1960, "female");
    app.randomize("S-002", 1970, "female");
    set_clock(&mut app, "2030-12-26T22:30:00Z", &people);
    dispense(&app, "S-001", "D1").expect(201);
    // In Paris the 27th has begun.
    set_clock(&mut app, "2030-12-26T23:30:00Z", &people);
    let leaves = acts(&app).len();
    assert_eq!(dispense(&app, "S-002", "D1").problem(409), "supply-short");
    assert_eq!(acts(&app).len(), leaves, "a refusal leaves nothing");
    let alerts = "SELECT recipient AS value FROM notice WHERE template = 'shortage_alert'";
    let alerts = app.database.values(alerts).expect("the notices");
    assert_eq!(alerts, ["unblinded-supply@demo.invalid"; 3], "NOT-05: of every type");
    let kits = released(&app, "B-2", 4);
    let damaged = json!({ "site": SITE, "damaged": &kits[..6], "missing": &kits[6..] });
    app.person("pharmacist").post(&receipts(&app, "B-2"), &damaged).expect(201);
    assert_eq!(dispense(&app, "S-002", "D1").problem(409), "supply-short", "nothing of it can be used");
    let kits = released(&app, "B-3", 4);
    let receipt = json!({ "site": SITE, "received": kits });
    app.person("pharmacist").post(&receipts(&app, "B-3"), &receipt).expect(201);
    let answer = dispense(&app, "S-002", "D1").expect(201);
    let kit = texts(&answer["dispensation"]["kits"]).remove(0);
    assert!(kits.contains(&kit), "it is of the batch that lasts");
    assert_eq!(answer["dispensation"]["day"], "2030-12-27");
    let aside = acts_of(&app, "kits_set_aside").pop().expect("the expired kit is set aside");
    assert_eq!(state(&app, &texts(&aside["kits"])[0]), "quarantined");
}

#[test]
fn two_parallel_requests_for_one_visit_are_one_dispensation() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    let answers: Vec<Value> = thread::scope(|scope| {
        let ask = || scope.spawn(|| dispense(&app, "S-001", "D1").expect(201));
        let asked: Vec<_> = (0..8).map(|_| ask()).collect();
        asked.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(acts_of(&app, "dispensed").len(), 1);
    assert_eq!(acts_of(&app, "kits_allocated").len(), 1);
}

#[test]
fn windows_warn_the_minimum_refuses_and_a_hold_stops_both_ends() {
    let mut app = TestApp::imodals();
    let (first, kit) = dispensed(&app, "S-001", 1960);
    assert_eq!(dispense(&app, "S-001", "D8").problem(409), "no-dispensing-visit");
    assert_eq!(dispense(&app, "S-001", "D29").problem(409), "too-soon");
    let hold = json!({ "on": "dispensing", "site": SITE, "reason": "the refrigerator failed" });
    let placed = app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    let confirm = confirmation(&app, &first);
    let scan = json!({ "kit_number": kit });
    assert_eq!(app.person("pharmacist").post(&confirm, &scan).problem(409), "on-hold");
    assert_eq!(dispense(&app, "S-001", "D29").problem(409), "on-hold");
    let id = placed["hold"]["id"].as_str().expect("an id");
    let release = app.path(&format!("/holds/{id}/release"));
    app.person("monitor").post(&release, &json!({ "reason": "it cools" })).expect(201);
    set_clock(&mut app, "2015-10-28T09:00:00Z", &["pharmacist"]);
    assert_eq!(dispense(&app, "S-001", "D29").problem(409), "outside-window");
    let path = app.path("/subjects/S-001/dispensations");
    let body = json!({ "visit": "D29", "reason": "the subject travels" });
    let answer = app.person("pharmacist").post(&path, &body).expect(201);
    assert_eq!(answer["dispensation"]["in_window"], false);
    let leaf = acts_of(&app, "dispensed").pop().expect("a leaf");
    assert!(leaf["reason"].as_str().is_some_and(|text| text.len() == 64), "the reason is committed to");
    let late = app.person("pharmacist").post(&confirm, &scan);
    assert_eq!(late.problem(409), "visit-out-of-order", "the first course must not begin any more");
}

#[test]
fn a_subject_who_stops_the_drug_is_due_no_more_kits() {
    let app = TestApp::imodals();
    app.add_site("44-002");
    app.add_person("far", "investigator", Some("44-002"));
    app.add_person("farpharm", "pharmacist", Some("44-002"));
    let log_in =
        |app: &TestApp, who: &str| Client::log_in(app.base(), who, &format!("a long passphrase of {who}"));
    // Two of every type: one goes to the first subject, and the other one is due for the second course.
    let kits = released(&app, "B-2", 2);
    let receipt = json!({ "site": "44-002", "received": kits });
    let pharmacist = log_in(&app, "farpharm");
    pharmacist.post(&receipts(&app, "B-2"), &receipt).expect(201);
    let randomize = |who: &Client, subject: &str, birth_year: u32| {
        let entry = json!({
            "screening_number": subject, "site": "44-002", "birth_year": birth_year, "sex": "male",
        });
        who.post(&app.path("/subjects"), &entry).expect(201);
        let path = app.path(&format!("/subjects/{subject}/randomization"));
        (path.clone(), who.sign_and_post("randomize", &path, &eligible()))
    };
    let far = log_in(&app, "far");
    randomize(&far, "F-1", 1950).1.expect(201);
    let path = app.path("/subjects/F-1/dispensations");
    pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    app.clock.set(Moment::parse("2015-10-28T09:00:00Z").expect("an instant"));
    let far = Client(far.0.log_in_again().expect("a log-in"));
    let (path, refused) = randomize(&far, "F-2", 1951);
    assert_eq!(refused.problem(409), "supply-short", "the last kit of one type is due to the first subject");
    let stop = json!({ "stops": "drug", "reason": "withdrew" });
    far.post(&app.path("/subjects/F-1/withdrawal"), &stop).expect(201);
    far.sign_and_post("randomize", &path, &eligible()).expect(201);
}

#[test]
fn nobody_reaches_over_to_another_site_and_every_role_keeps_to_its_right() {
    let app = TestApp::imodals();
    app.add_site("44-002");
    let (dispensation, kit) = dispensed(&app, "S-001", 1960);
    let kits = released(&app, "B-2", 1);
    let other = app.add_person("other", "pharmacist", Some("44-002"));
    let not_found = |reply: iwrs::client::Reply| assert_eq!(reply.problem(404), "not-found");
    not_found(other.post(&receipts(&app, "B-2"), &json!({ "site": SITE, "received": [kits[0]] })));
    not_found(other.post(&app.path("/subjects/S-001/dispensations"), &json!({ "visit": "D1" })));
    not_found(other.post(&confirmation(&app, &dispensation), &json!({ "kit_number": kit })));
    not_found(other.get(&app.path(&format!("/kits/{kit}"))));
    not_found(other.get(&app.path(&format!("/kits?site={SITE}"))));
    not_found(other.get(&app.path("/subjects/S-001/dispensations")));
    assert_eq!(other.get(&app.path("/kits")).expect(200)["kits"], json!([]));
    other.post(&receipts(&app, "B-2"), &json!({ "site": "44-002", "received": [kits[0]] })).expect(201);
    assert_eq!(other.get(&app.path("/kits")).expect(200)["kits"][0]["number"], json!(kits[0]));
    let here = json!({ "site": SITE, "received": [kits[1], kits[0]] });
    let refused = app.person("pharmacist").post(&receipts(&app, "B-2"), &here).expect(422);
    assert_eq!(refused["field"], "received[1]");
    assert_eq!(state(&app, &kits[1]), "released", "all or nothing");
    let forbidden = |reply: iwrs::client::Reply| assert_eq!(reply.problem(403), "forbidden");
    forbidden(app.person("pharmacist").post(&app.path("/kits"), &registration("B-9", 1, "2031-03-31")));
    forbidden(app.person("supply").post(&receipts(&app, "B-2"), &here));
    forbidden(app.person("investigator").get(&app.path("/kits")));
    forbidden(
        app.person("supply").post(&app.path("/subjects/S-001/dispensations"), &json!({ "visit": "D1" })),
    );
}

#[test]
fn bld_03_a_list_of_kits_shows_and_filters_by_public_fields_alone() {
    let app = TestApp::imodals();
    let kit = dispensed(&app, "S-001", 1960).1;
    let monitor: Client = app.person("monitor");
    let all = monitor.get(&app.path("/kits")).expect(200);
    let numbers: Vec<&str> =
        all["kits"].as_array().expect("kits").iter().filter_map(|kit| kit["number"].as_str()).collect();
    assert!(numbers.len() == 144 && numbers.is_sorted());
    let fields: Vec<&String> = all["kits"][0].as_object().expect("a kit").keys().collect();
    assert_eq!(fields, ["batch", "label_expiry", "number", "site", "state"]);
    let allocated = monitor.get(&app.path("/kits?state=allocated&batch=B-2026-01&site=34-001")).expect(200);
    assert_eq!(allocated["kits"][0]["number"], json!(kit));
    assert_eq!(allocated["kits"].as_array().map(Vec::len), Some(1));
    let hidden = monitor.get(&app.path("/kits?kit_type=KUNZITE-3358"));
    let unknown = monitor.get(&app.path("/kits?nonsense=KUNZITE-3358"));
    assert_eq!((hidden.status, &hidden.body), (400, &unknown.body));
    assert_eq!(monitor.get(&app.path("/kits?state=expired")).expect(422)["field"], "state");
    let batches = monitor.get(&app.path("/batches")).expect(200);
    let fields: Vec<&String> = batches["batches"][0].as_object().expect("a batch").keys().collect();
    assert_eq!(fields, ["id", "label_expiry", "packing", "registered_at", "released_in", "steps", "visible"]);
}

#[test]
fn bad_input_stores_nothing() {
    let app = TestApp::imodals();
    let supply = app.person("supply");
    let before = acts(&app).len();
    let mut unknown_code = registration("B-2", 1, "2031-03-31");
    unknown_code["contents"][2]["kit_type"] = json!("QUOLL-7193");
    let mut late_label = registration("B-2", 1, "2031-03-31");
    late_label["label_expiry"] = json!("2031-04-01");
    for (body, field) in [(unknown_code, "contents[2].kit_type"), (late_label, "label_expiry")] {
        let refused = supply.post(&app.path("/kits"), &body).expect(422);
        assert_eq!(refused["field"], field);
    }
    let numbers = json!({ "site": SITE, "received": ["1234567888"] });
    let refused = app.person("pharmacist").post(&receipts(&app, "B-2026-01"), &numbers).expect(422);
    assert_eq!(refused["field"], "received[0]");
    let kept = ["SELECT id AS value FROM batch", "SELECT DISTINCT batch AS value FROM kit"];
    for rows in kept {
        assert_eq!(app.database.values(rows).expect("rows"), ["B-2026-01"]);
    }
    assert_eq!(acts(&app).len(), before);
}
