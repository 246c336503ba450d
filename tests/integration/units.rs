//! Kits prepared on site: each unit carries kit, preparer, time and limit, and is blocked after it.

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::client::{Client, Expect};
use journal::{Entry, Export, Outcome};
use serde_json::{Value, json};
use terms::Moment;
use trial::replay::{Given, replay};
use trial::study::StudyDesign;

use crate::record::{count, leaves};
use crate::replacements::assert_sound_by;

/// What a public design gains by it: the text that is replaced, and what stands there instead.
pub(crate) const PREPARATIONS: (&str, &str) = (
    "[supply]\n",
    "[[preparations]]\nid = \"reconstituted\"\nhours = 24\n\n\
     [[preparations]]\nid = \"diluted\"\nhours = 48\n\n[supply]\n",
);
const CHECK: &str = "units are prepared of what was handed over, and used in time";
const EVIDENCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const PEOPLE: [&str; 7] =
    ["investigator", "pharmacist", "monitor", "quality", "supply", "statistician", "oncall"];

/// IMODALS with two preparations.
pub(crate) fn design() -> String {
    let (old, new) = PREPARATIONS;
    let design = files().design.replacen(old, new, 1);
    assert!(design.contains(new), "the design has a supply");
    design
}

/// Hands over the kit of a dispensation and prepares two units of it: their numbers.
pub(crate) fn prepared(app: &TestApp, subject: &str, dispensed: &Value) -> Vec<String> {
    let kit = &dispensed["dispensation"]["kits"][0];
    let id = dispensed["dispensation"]["id"].as_str().expect("an id");
    let path = app.path(&format!("/dispensations/{id}/confirmation"));
    app.person("pharmacist").post(&path, &json!({ "kit_number": kit })).expect(201);
    let body = json!({ "kit_number": kit, "preparation": "reconstituted", "units": 2 });
    let path = app.path(&format!("/subjects/{subject}/units"));
    numbers(&app.person("pharmacist").post(&path, &body).expect(201))
}

/// Units of a subject are prepared; one is given, one thrown away, and something else is stopped.
pub(crate) fn play(app: &TestApp) {
    app.randomize("S-030", 1975, "male");
    let path = app.path("/subjects/S-030/dispensations");
    let dispensed = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
    let units = prepared(app, "S-030", &dispensed);
    let given = app.path("/subjects/S-030/administrations");
    let pharmacist = app.person("pharmacist");
    pharmacist.post(&given, &json!({ "unit": units[0] })).expect(201);
    pharmacist.post(&given, &json!({ "unit": "a syringe" })).problem(409);
    let path = app.path(&format!("/subjects/S-030/units/{}/disposal", units[1]));
    pharmacist.post(&path, &json!({ "reason": "it fell down" })).expect(201);
}

fn numbers(answer: &Value) -> Vec<String> {
    let units = answer["units"].as_array().unwrap_or_else(|| panic!("units: {answer}"));
    units.iter().map(|unit| unit["unit"].as_str().expect("a number").to_owned()).collect()
}

/// A pharmacy that prepares what it hands over, and two subjects with a kit dispensed to each.
struct Pharmacy {
    app: TestApp,
    kits: [String; 2],
    dispensations: [String; 2],
}

impl Pharmacy {
    fn at(now: &str) -> Self {
        let now = Moment::parse(now).expect("an instant");
        let app = TestApp::in_world(World { design: Some(design()), now, ..World::default() });
        let dispensed = [("S-001", 1960), ("S-002", 1961)].map(|(subject, born)| {
            app.randomize(subject, born, "female");
            let path = app.path(&format!("/subjects/{subject}/dispensations"));
            app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201)
        });
        let text = |pointer: &str| {
            dispensed
                .each_ref()
                .map(|of| of.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned())
        };
        let (kits, dispensations) = (text("/dispensation/kits/0"), text("/dispensation/id"));
        Self { app, kits, dispensations }
    }

    fn hand_over(&self, place: usize) {
        let path = self.app.path(&format!("/dispensations/{}/confirmation", self.dispensations[place]));
        let scan = json!({ "kit_number": self.kits[place] });
        self.app.person("pharmacist").post(&path, &scan).expect(201);
    }

    fn clock(&mut self, moment: &str) {
        self.app.clock.set(Moment::parse(moment).expect("an instant"));
        self.app.cast.log_in_again(&PEOPLE).expect("a log-in");
    }

    fn person(&self, login: &str) -> Client {
        self.app.person(login)
    }

    /// Prepares for the first subject.
    fn prepare(&self, kit: &str, preparation: &str, units: u32, at: Option<&str>) -> Reply {
        let body =
            json!({ "kit_number": kit, "preparation": preparation, "units": units, "prepared_at": at });
        self.person("pharmacist").post(&self.app.path("/subjects/S-001/units"), &body)
    }

    fn give(&self, unit: &str, at: Option<&str>) -> Reply {
        let body = json!({ "unit": unit, "given_at": at });
        self.person("investigator").post(&self.app.path("/subjects/S-001/administrations"), &body)
    }

    fn throw_away(&self, index: u32, reason: &str) -> Reply {
        let path = self.app.path(&format!("/subjects/S-001/units/{}/disposal", self.unit(index)));
        self.person("pharmacist").post(&path, &json!({ "reason": reason }))
    }

    fn unit(&self, index: u32) -> String {
        format!("{}-{index}", self.kits[0])
    }

    /// The units of the first subject, as numbers after the kit's with their states.
    fn units(&self) -> String {
        let listed = self.person("monitor").get(&self.app.path("/subjects/S-001/units")).expect(200);
        let units = listed["units"].as_array().expect("units").iter();
        let told = units.map(|unit| {
            let (number, state) = (unit["unit"].as_str().expect("a number"), &unit["state"]);
            format!("{} {}", number.replace(&self.kits[0], ""), state.as_str().expect("a state"))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// The checks of the replay that fail, when the journal is changed like this.
    fn failed(&self, change: impl Fn(&str) -> String) -> Vec<&'static str> {
        let export = self.person("statistician").get(&self.app.path("/journal/export")).body;
        let mut export = Export::parse(&export).unwrap_or_else(|bad| panic!("{bad}"));
        for entry in &mut export.entries {
            if let Entry::Leaf(leaf) = entry {
                *leaf = change(leaf);
            }
        }
        let design = Some(StudyDesign::from_toml(&design()).expect("a design"));
        let checks = replay(&export, &Given { design, ..Given::default() }).into_iter();
        checks.filter(|check| matches!(check.outcome, Outcome::Failed(_))).map(|check| check.name).collect()
    }
}

/// On the night on which the clocks of Paris go back: a day of hours is one hour less of the clock.
#[test]
fn kit_24_a_unit_carries_kit_preparer_time_and_limit_and_is_stopped_after_it() {
    let mut p = Pharmacy::at("2015-10-24T08:00:00Z");
    assert_eq!(p.prepare(&p.kits[0], "reconstituted", 2, None).problem(409), "kit-state", "not handed over");
    p.hand_over(0);
    p.hand_over(1);
    p.clock("2015-10-24T09:00:00Z");
    let early = p.prepare(&p.kits[0], "reconstituted", 2, Some("2015-10-24T09:59:59+02:00"));
    assert_eq!(
        (early.problem(422), early.json()["field"].clone()),
        ("invalid-field".into(), json!("prepared_at"))
    );
    let answer = p.prepare(&p.kits[0], "reconstituted", 2, Some("2015-10-24T10:30:00+02:00")).expect(201);
    let expected = json!({
        "unit": p.unit(1), "kit": p.kits[0], "subject": "S-001", "preparation": "reconstituted",
        "prepared_at": "2015-10-24T08:30:00.000000Z", "prepared_by": "pharmacist",
        "use_by": "2015-10-25T08:30:00.000000Z", "state": "prepared",
    });
    assert_eq!(answer["units"][0], expected);
    assert_eq!(numbers(&answer), [p.unit(1), p.unit(2)]);
    // What is of another subject stops, whether a kit or a unit, and is recorded.
    assert_eq!(p.prepare(&p.kits[1], "reconstituted", 1, None).problem(409), "wrong-unit");
    assert_eq!(p.give("a syringe of somebody", None).problem(409), "wrong-unit");
    assert!(!leaves(&p.app).iter().any(|leaf| leaf.to_string().contains("syringe")), "it is committed to");
    // It is given once, however often it is asked.
    let body = json!({ "unit": p.unit(1) });
    let path = p.app.path("/subjects/S-001/administrations");
    let first = p.person("investigator").post_with_key(&path, &body, "dose-1").expect(201);
    assert_eq!(p.person("investigator").post_with_key(&path, &body, "dose-1").expect(201), first);
    assert_eq!(p.give(&p.unit(1), None).problem(409), "unit-state");
    assert_eq!(count(&p.app, "unit_given"), 1);
    // At Paris it is half past nine, and not half past ten.
    p.clock("2015-10-25T08:30:00.000001Z");
    let late = p.give(&p.unit(2), None);
    assert_eq!(late.problem(409), "unit-expired");
    assert!(late.body.contains(&format!("unit {} is past its limit", p.unit(2))), "{}", late.body);
    assert_eq!(p.units(), "-1 given, -2 past_limit");
    let stops = "SELECT COALESCE(unit, '?') AS value FROM unit_stop ORDER BY entry";
    assert_eq!(p.app.database.values(stops).expect("the stops"), ["?", "?", &p.unit(2)]);
    let told = "SELECT recipient AS value FROM notice WHERE template = 'unit_stopped' GROUP BY recipient";
    assert!(p.app.database.values(told).expect("the notices").len() > 1, "and told, as a wrong kit is");
    // A dose that was given in time, and is written down later.
    let given = p.give(&p.unit(2), Some("2015-10-25T08:30:00Z")).expect(201);
    assert_eq!(given["administration"]["given_at"], "2015-10-25T08:30:00.000000Z");
    assert_sound_by(&p.app, (&design(), &files().sealed));
    assert_eq!(p.failed(str::to_owned), [""; 0]);
}

#[test]
fn kit_24_a_kit_gives_no_more_units_than_it_has_vials_and_its_log_tells_all_of_them() {
    let mut p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.prepare(&p.kits[0], "reconstituted", 2, None).expect(201);
    p.clock("2015-10-06T08:00:00Z");
    let many = p.prepare(&p.kits[0], "diluted", 4, None);
    assert!(many.body.contains("must be at most 3: so many vials of the kit are left"), "{}", many.body);
    let boiled = p.prepare(&p.kits[0], "boiled", 1, None);
    assert!(boiled.body.contains("must be one of reconstituted, diluted"), "{}", boiled.body);
    assert_eq!(
        p.prepare(&p.kits[0], "diluted", 1, Some("2015-10-06T08:00:01Z")).problem(422),
        "invalid-field"
    );
    assert_eq!(p.prepare(&p.kits[0], "diluted", 1, Some("yesterday")).problem(422), "invalid-field");
    let more = p.prepare(&p.kits[0], "diluted", 3, None).expect(201);
    assert_eq!(more["units"][2]["use_by"], "2015-10-08T08:00:00.000000Z");
    assert_eq!(p.prepare(&p.kits[0], "diluted", 1, None).problem(422), "invalid-field");
    assert_eq!(p.throw_away(3, " ").problem(422), "invalid-field");
    let gone = p.throw_away(3, "it fell down").expect(201);
    assert_eq!(
        (&gone["unit"]["state"], &gone["unit"]["ended_by"]),
        (&json!("discarded"), &json!("pharmacist"))
    );
    assert_eq!(p.throw_away(3, "again").problem(409), "unit-state");
    assert_eq!(p.give(&p.unit(3), None).problem(409), "unit-state");
    assert_eq!(p.throw_away(9, "there is none").problem(404), "not-found");
    let of_another = p.app.path(&format!("/subjects/S-002/units/{}/disposal", p.unit(4)));
    p.person("pharmacist").post(&of_another, &json!({ "reason": "not theirs" })).problem(404);
    p.clock("2015-10-06T08:00:01Z");
    // A late one is thrown away all the same.
    p.throw_away(2, "nobody came").expect(201);
    let told = "-1 past_limit, -2 discarded, -3 discarded, -4 prepared, -5 prepared";
    assert_eq!(p.units(), told);
    let log = p.app.path(&format!("/kits/{}/accountability", p.kits[0]));
    let units = p.person("monitor").get(&log).expect(200)["accountability"]["units"].clone();
    assert_eq!(units.as_array().expect("units").len(), 5);
    let page = p.person("monitor").get(&format!("{log}?format=pdf"));
    let page = iwrs_tests::paper::words(&page.bytes).concat();
    assert!(page.contains("Prepared on site") && page.contains(&p.unit(5)), "{page}");
    assert_sound_by(&p.app, (&design(), &files().sealed));
}

#[test]
fn kit_24_a_shorter_label_and_a_recall_end_what_was_prepared_before() {
    let mut p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.prepare(&p.kits[0], "diluted", 3, None).expect(201);
    let label = json!({ "label_expiry": "2015-10-06", "evidence_sha256": EVIDENCE, "reason": "new data" });
    let path = p.app.path("/batches/B-2026-01/expiry-shortening");
    p.person("quality").sign_and_post("shorten_expiry", &path, &label).expect(201);
    // Midnight in Paris.
    p.clock("2015-10-06T21:59:59Z");
    p.give(&p.unit(1), None).expect(201);
    p.clock("2015-10-06T22:00:00Z");
    assert_eq!(p.give(&p.unit(2), None).problem(409), "unit-expired");
    assert_eq!(p.prepare(&p.kits[0], "reconstituted", 1, None).problem(409), "kit-expired");
    p.prepare(&p.kits[0], "reconstituted", 1, Some("2015-10-06T23:59:59+02:00")).expect(201);
    assert_eq!(p.failed(str::to_owned), [""; 0]);

    let mut p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.prepare(&p.kits[0], "reconstituted", 2, None).expect(201);
    p.clock("2015-10-05T09:00:00Z");
    let body = json!({ "evidence_sha256": EVIDENCE, "reason": "a torn seal" });
    let path = p.app.path("/batches/B-2026-01/recall");
    p.person("quality").sign_and_post("recall_batch", &path, &body).expect(201);
    assert_eq!(p.give(&p.unit(1), None).problem(409), "kit-state");
    assert_eq!(p.prepare(&p.kits[0], "reconstituted", 1, None).problem(409), "kit-state");
    p.give(&p.unit(1), Some("2015-10-05T08:59:59Z")).expect(201);
    assert_eq!(p.units(), "-1 given, -2 prepared");
}

/// Of three lots one is that of the kit: the recalls of the others leave what is prepared of it alone.
#[test]
fn bld_10_the_recall_of_its_true_lot_ends_what_was_prepared_of_a_kit() {
    let mut p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.prepare(&p.kits[0], "reconstituted", 2, None).expect(201);
    p.clock("2015-10-05T09:00:00Z");
    let lots = files().plan.batch.lots;
    for lot in &lots {
        crate::batches::lot::recalled(&p.app, "B-2026-01", &lot.lot).expect(201);
        let seen = p.person("pharmacist").get(&p.app.path("/batches/B-2026-01/lot-recalls"));
        if seen.expect(200).to_string().contains(&p.kits[0]) {
            assert_eq!(p.give(&p.unit(1), None).problem(409), "kit-state");
            assert_eq!(p.prepare(&p.kits[0], "reconstituted", 1, None).problem(409), "kit-state");
            p.give(&p.unit(1), Some("2015-10-05T08:59:59Z")).expect(201);
            assert_eq!(p.failed(str::to_owned), [""; 0]);
            return;
        }
        p.prepare(&p.kits[0], "reconstituted", 1, None).expect(201);
    }
    panic!("the kit is of none of {} lots", lots.len());
}

/// A dose that was given is written down whatever became known after it; a hold and the end of the treatment stop what
/// comes later.
#[test]
fn kit_24_what_ends_the_treatment_stops_later_doses_and_no_record_of_earlier_ones() {
    let mut p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.prepare(&p.kits[0], "reconstituted", 3, None).expect(201);
    p.clock("2015-10-05T09:00:00Z");
    let hold = json!({ "on": "dispensing", "reason": "a signal" });
    let placed = p.person("monitor").post(&p.app.path("/holds"), &hold).expect(201);
    assert_eq!(p.give(&p.unit(1), None).problem(409), "on-hold");
    assert_eq!(p.prepare(&p.kits[0], "reconstituted", 1, None).problem(409), "on-hold");
    p.give(&p.unit(1), Some("2015-10-05T08:59:59Z")).expect(201);
    let release = p.app.path(&format!("/holds/{}/release", placed["hold"]["id"].as_str().expect("an id")));
    p.clock("2015-10-05T10:00:00Z");
    p.person("monitor").post(&release, &json!({ "reason": "none" })).expect(201);
    assert_eq!(p.give(&p.unit(2), Some("2015-10-05T09:30:00Z")).problem(409), "on-hold", "it was then");
    let left = json!({ "stops": "drug", "reason": "withdrew" });
    p.person("investigator").post(&p.app.path("/subjects/S-001/withdrawal"), &left).expect(201);
    assert_eq!(p.give(&p.unit(2), None).problem(409), "subject-state");
    p.give(&p.unit(2), Some("2015-10-05T08:30:00Z")).expect(201);
    assert_sound_by(&p.app, (&design(), &files().sealed));
}

#[test]
fn kit_24_the_replay_finds_what_was_prepared_or_given_against_the_rule() {
    let p = Pharmacy::at("2015-10-05T08:00:00Z");
    p.hand_over(0);
    p.hand_over(1);
    p.prepare(&p.kits[0], "reconstituted", 1, None).expect(201);
    p.app.clock.advance(60);
    p.give(&p.unit(1), None).expect(201);
    assert_eq!(p.failed(str::to_owned), [""; 0]);
    let (kit, other) = (p.kits[0].clone(), p.kits[1].clone());
    type Change<'a> = Box<dyn Fn(&str) -> String + 'a>;
    let within = |kind: &'static str, old: String, new: String| -> Change<'_> {
        Box::new(
            move |leaf: &str| if leaf.contains(kind) { leaf.replace(&old, &new) } else { leaf.to_owned() },
        )
    };
    let at = |minute: &str| format!("\"happened\":\"2015-10-0{minute}:00.000000Z\"");
    let changes: [(&str, Change<'_>); 6] = [
        ("of a kit of somebody else", within("units_prepared", kit.clone(), other)),
        ("for more hours", within("units_prepared", "\"hours\":24".into(), "\"hours\":48".into())),
        ("another unit than the next", within("units_prepared", format!("{kit}-1"), format!("{kit}-2"))),
        ("before the handover", within("units_prepared", at("5T08:00"), at("5T07:59"))),
        ("given before it was prepared", within("unit_given", at("5T08:01"), at("5T07:59"))),
        ("given to somebody else", within("unit_given", "S-001".into(), "S-002".into())),
    ];
    for (what, change) in &changes {
        assert!(p.failed(change).contains(&CHECK), "{what}");
    }
    let never = within("unit_given", format!("{kit}-1"), format!("{kit}-2"));
    assert!(p.failed(never).contains(&CHECK));
}

#[test]
fn kit_24_nothing_is_prepared_where_the_design_names_no_preparation() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    let body = json!({ "kit_number": "1234567889", "preparation": "reconstituted", "units": 1 });
    let before = leaves(&app).len();
    let pharmacist = app.person("pharmacist");
    let prepared = pharmacist.post(&app.path("/subjects/S-001/units"), &body);
    assert_eq!(prepared.problem(409), "nothing-prepared");
    let given =
        pharmacist.post(&app.path("/subjects/S-001/administrations"), &json!({ "unit": "1234567889-1" }));
    assert_eq!(given.problem(409), "nothing-prepared");
    assert_eq!(leaves(&app).len(), before, "a refusal leaves nothing");
    assert_eq!(pharmacist.get(&app.path("/subjects/S-001/units")).expect(200), json!({ "units": [] }));
}
