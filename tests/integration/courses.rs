//! One, two and three courses handed out at a visit, in a study in the manner of MIROCALS.

use std::collections::BTreeSet;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files, root};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::fresh_database;
use serde_json::{Map, Value, json};
use terms::Moment;

use crate::replacements::assert_sound_by;

const PEOPLE: [&str; 5] = ["investigator", "pharmacist", "monitor", "supply", "statistician"];

fn data(name: &str) -> String {
    let path = root().join("tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The study with a subject in treatment since day 1, the fifth of October.
struct Study {
    app: TestApp,
    design: String,
    sealed: String,
}

impl Study {
    fn new() -> Self {
        let (design, sealed) = (data("mirocals-like.toml"), data("mirocals-like.sealed.toml"));
        let now = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        let world = World {
            now,
            design: Some(design.clone()),
            sealed_design: Some(sealed.clone()),
            ..World::default()
        };
        let study = Self { app: TestApp::planned(fresh_database(), world, files()), design, sealed };
        study.app.screen("S-001", 1960, "female");
        let answers: Map<String, Value> =
            ["I01", "I02", "E01"].map(|id| (id.to_owned(), json!("yes"))).into_iter().collect();
        let strata = json!({ "country": "France", "onset": "limb" });
        let body = json!({ "consent_date": "2015-06-01", "answers": answers, "strata": strata });
        let path = study.app.path("/subjects/S-001/randomization");
        study.person("investigator").sign_and_post("randomize", &path, &body).expect(201);
        study
    }

    fn person(&self, login: &str) -> Client {
        self.app.person(login)
    }

    fn at(&mut self, moment: &str) {
        self.app.clock.set(Moment::parse(moment).expect("an instant"));
        self.app.cast.log_in_again(&PEOPLE).expect("a log-in");
    }

    fn dispense(&self, visit: &str) -> Reply {
        let path = self.app.path("/subjects/S-001/dispensations");
        self.person("pharmacist").post(&path, &json!({ "visit": visit }))
    }

    fn scan(&self, id: &str, kit: &str) -> Reply {
        let path = self.app.path(&format!("/dispensations/{id}/confirmation"));
        self.person("pharmacist").post(&path, &json!({ "kit_number": kit }))
    }

    /// Another kit in the place of this one.
    fn replace(&self, id: &str, kit: &str, why: &str) -> Value {
        let path = self.app.path(&format!("/dispensations/{id}/replacements"));
        let body = json!({ "kit_number": kit, "reason": why, "explanation": "as the subject tells" });
        self.person("pharmacist").post(&path, &body).expect(201)["replacement"].clone()
    }

    fn count(&self, kit: &str, used: u32) {
        let path = self.app.path(&format!("/kits/{kit}/return"));
        let body = json!({ "used": used, "unused": 5 - used, "missing": 0 });
        self.person("pharmacist").post(&path, &body).expect(201);
    }

    /// The dispensation for a visit as it is followed.
    fn followed(&self, id: &str) -> Value {
        let listed = self.person("monitor").get(&self.app.path("/subjects/S-001/dispensations")).expect(200);
        let all = listed["dispensations"].as_array().expect("dispensations");
        all.iter().find(|one| one["id"] == id).expect("it is there").clone()
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap_or_else(|| panic!("a list: {list}")).iter();
    texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn one_two_and_three_courses_are_handed_out_at_a_visit_each_kit_by_its_own_scan() {
    let mut study = Study::new();
    let mut seen = BTreeSet::new();
    // The visit, the day, how many kits, and the last dosing day of its last course: day 1 + 4, day 1 + 28 + 4, then
    // the second course begins 28 days after the first, and the third 56 days after it.
    for (visit, day, kits, through) in [
        ("D1", "2015-10-05", 1, "2015-10-09"),
        ("D29", "2015-11-02", 1, "2015-11-06"),
        ("D57", "2015-11-30", 2, "2016-01-01"),
        ("D113", "2016-01-25", 3, "2016-03-25"),
    ] {
        study.at(&format!("{day}T09:00:00Z"));
        let asked = study.dispense(visit).expect(201)["dispensation"].clone();
        let (id, numbers) = (asked["id"].as_str().expect("an id").to_owned(), texts(&asked["kits"]));
        assert_eq!((numbers.len(), &asked["covers_through"]), (kits, &json!(through)), "{visit}");
        assert_eq!(study.dispense(visit).expect(201)["dispensation"], asked, "asked again, it is the same");
        for (place, kit) in numbers.iter().enumerate() {
            assert!(seen.insert(kit.clone()), "{kit} was given before");
            study.scan(&id, kit).expect(201);
            assert_eq!(study.scan(&id, kit).problem(409), "already-handed-over");
            assert_eq!(texts(&study.followed(&id)["handed_over"]).len(), place + 1);
        }
    }
    assert_eq!(seen.len(), 7);
    assert_sound_by(&study.app, (&study.design, &study.sealed));
}

#[test]
fn of_three_courses_each_kit_is_replaced_on_the_same_arm_and_counted_by_itself() {
    let mut study = Study::new();
    for (visit, day) in [("D1", "2015-10-05"), ("D29", "2015-11-02"), ("D57", "2015-11-30")] {
        study.at(&format!("{day}T09:00:00Z"));
        let asked = study.dispense(visit).expect(201)["dispensation"].clone();
        let id = asked["id"].as_str().expect("an id");
        texts(&asked["kits"]).iter().for_each(|kit| drop(study.scan(id, kit).expect(201)));
    }
    study.at("2016-01-25T09:00:00Z");
    let asked = study.dispense("D113").expect(201)["dispensation"].clone();
    let (id, kits) = (asked["id"].as_str().expect("an id").to_owned(), texts(&asked["kits"]));
    let [first, second, third] = kits.as_slice() else { panic!("{kits:?}") };
    // One falls down before it is handed over; the others are handed over, and one is lost and one not taken.
    let new_first = study.replace(&id, first, "damaged");
    assert_eq!(study.scan(&id, first).problem(409), "wrong-kit", "the old number is stopped");
    for kit in [second, third] {
        study.scan(&id, kit).expect(201);
    }
    study.at("2016-02-22T09:00:00Z");
    let new_second = study.replace(&id, second, "lost");
    let new_third = study.replace(&id, third, "not_taken");
    let new: Vec<String> = [&new_first, &new_second, &new_third]
        .map(|new| new["kit_number"].as_str().expect("a number").to_owned())
        .into();
    for (new, old) in [(&new_first, first), (&new_second, second), (&new_third, third)] {
        assert_eq!((&new["replaced_kit"], &new["visit"]), (&json!(old), &json!("D113")));
    }
    let pairs: BTreeSet<String> = study.followed(&id)["replacements"]
        .as_array()
        .expect("replacements")
        .iter()
        .map(|pair| pair.to_string())
        .collect();
    let expected = kits.iter().zip(&new);
    let expected = expected.map(|(old, new)| json!({ "replaced_kit": old, "kit_number": new }).to_string());
    assert_eq!(pairs, expected.collect());
    for kit in &new {
        study.scan(&id, kit).expect(201);
    }
    assert_eq!(texts(&study.followed(&id)["handed_over"]).len(), 5, "two, and the three that replaced all");
    // What comes back is counted kit by kit, and doses are those that the study plans out of each.
    study.at("2016-04-20T09:00:00Z");
    for (kit, used) in new.iter().zip([5, 4, 0]) {
        study.count(kit, used);
    }
    study.count(third, 0);
    let log = study.person("monitor").get(&study.app.path("/subjects/S-001/accountability")).expect(200);
    let log = &log["accountability"];
    assert_eq!(log["planned_doses"], 95, "nineteen courses of five days");
    let doses = |kit: &String| {
        let lines = log["kits"].as_array().expect("kits");
        let line = lines.iter().find(|line| line["kit"] == *kit).expect("the line");
        format!("{} {}", line["state"].as_str().expect("a state"), line["doses"])
    };
    let of = |given: u32| json!({ "planned": 5, "given": given, "missed": 5 - given, "extra": 0 });
    let states = ["returned_used", "returned_partly_used", "returned_unused"];
    for ((kit, state), given) in new.iter().zip(states).zip([5, 4, 0]) {
        assert_eq!(doses(kit), format!("{state} {}", of(given)));
    }
    assert_eq!(doses(third), format!("returned_unused {}", of(0)));
    assert_sound_by(&study.app, (&study.design, &study.sealed));
}
