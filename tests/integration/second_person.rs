//! A second person checks a kit before it is handed over, where the study asks for it.

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::client::{Client, Expect};
use journal::{Entry, Export, Outcome};
use serde_json::json;
use terms::Moment;
use trial::replay::{Given, replay};
use trial::study::StudyDesign;

const CHECK: &str = "kits are checked by another where the design asks";

/// IMODALS where a second person is asked for, a dispensation with its kit, and a pharmacist more.
struct Counter {
    app: TestApp,
    design: String,
    second: Client,
    dispensation: String,
    kit: String,
}

impl Counter {
    fn new() -> Self {
        let design = files().design.replace("[supply]\n", "[supply]\nsecond_person = true\n");
        // Two minutes before midnight in Paris.
        let now = Moment::parse("2015-10-05T21:58:00Z").expect("an instant");
        let app = TestApp::in_world(World { design: Some(design.clone()), now, ..World::default() });
        let second = app.add_person("second", "pharmacist", Some("34-001"));
        app.randomize("S-001", 1960, "female");
        let path = app.path("/subjects/S-001/dispensations");
        let asked = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
        let text =
            |pointer: &str| asked.pointer(pointer).and_then(|text| text.as_str()).expect("a text").to_owned();
        let (dispensation, kit) = (text("/dispensation/id"), text("/dispensation/kits/0"));
        Self { app, design, second, dispensation, kit }
    }

    fn scan(&self, who: &Client, what: &str, kit: &str) -> Reply {
        let path = self.app.path(&format!("/dispensations/{}/{what}", self.dispensation));
        who.post(&path, &json!({ "kit_number": kit }))
    }

    fn checks(&self) -> Vec<String> {
        let query = "SELECT checked_by AS value FROM kit_check ORDER BY entry";
        self.app.database.values(query).expect("the checks")
    }

    /// The checks of the replay that fail, when the journal is changed like this.
    fn failed(&self, change: impl Fn(&str) -> String) -> Vec<&'static str> {
        let export = self.app.person("statistician").get(&self.app.path("/journal/export")).body;
        let mut export = Export::parse(&export).unwrap_or_else(|bad| panic!("{bad}"));
        for entry in &mut export.entries {
            if let Entry::Leaf(leaf) = entry {
                *leaf = change(leaf);
            }
        }
        let design = Some(StudyDesign::from_toml(&self.design).expect("a design"));
        let checks = replay(&export, &Given { design, ..Given::default() }).into_iter();
        checks.filter(|check| matches!(check.outcome, Outcome::Failed(_))).map(|check| check.name).collect()
    }
}

#[test]
fn a_kit_is_handed_over_only_after_somebody_else_has_checked_it_on_the_same_day() {
    let counter = Counter::new();
    let (first, kit) = (counter.app.person("pharmacist"), counter.kit.clone());
    assert_eq!(counter.scan(&first, "confirmation", &kit).problem(409), "second-person-needed");
    counter.scan(&first, "check", &kit).expect(201);
    assert_eq!(counter.scan(&first, "confirmation", &kit).problem(409), "second-person-needed");
    let elsewhere = {
        counter.app.add_site("30-001");
        counter.app.add_person("elsewhere", "pharmacist", Some("30-001"))
    };
    assert_eq!(counter.scan(&elsewhere, "check", &kit).problem(404), "not-found");
    counter.scan(&counter.app.person("investigator"), "check", &kit).problem(403);
    assert_eq!(counter.scan(&counter.second, "check", "7955171567").problem(409), "wrong-kit");
    let scans = counter.app.database.values("SELECT scanned_by AS value FROM wrong_scan").expect("the scans");
    assert_eq!(scans, ["second"], "and it is recorded");
    let checked = counter.scan(&counter.second, "check", &kit).expect(201);
    assert_eq!(
        (&checked["check"]["kit_number"], &checked["check"]["checked_by"]),
        (&json!(kit), &json!("second"))
    );
    assert_eq!(counter.checks(), ["pharmacist", "second"]);
    // Just after midnight, which is still the same day in UTC, it has to be checked again.
    counter.app.clock.set(Moment::parse("2015-10-05T22:00:01Z").expect("an instant"));
    assert_eq!(counter.scan(&first, "confirmation", &kit).problem(409), "second-person-needed");
    counter.app.clock.set(Moment::parse("2015-10-05T21:59:59Z").expect("an instant"));
    counter.scan(&first, "confirmation", &kit).expect(201);
    assert_eq!(counter.scan(&counter.second, "check", &kit).problem(409), "already-handed-over");
    assert_eq!(counter.failed(str::to_owned), [""; 0]);
    // A handover that nobody else had checked is found in the journal.
    let by_the_same = |leaf: &str| match leaf.contains("\"kit_checked\"") {
        true => leaf.replace("\"actor\":\"second\"", "\"actor\":\"pharmacist\""),
        false => leaf.to_owned(),
    };
    assert!(counter.failed(by_the_same).contains(&CHECK));
    let without = |leaf: &str| leaf.replace("\"kind\":\"kit_checked\"", "\"kind\":\"no_such_act\"");
    assert!(counter.failed(without).contains(&CHECK));
}

/// Where the study does not ask for it, a kit may be checked, and need not be.
#[test]
fn a_check_is_free_where_the_study_does_not_ask_for_it() {
    let app = TestApp::imodals();
    for (year, subject, is_checked) in [(1960, "S-001", true), (1961, "S-002", false)] {
        app.randomize(subject, year, "female");
        let path = app.path(&format!("/subjects/{subject}/dispensations"));
        let asked = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
        let scan = json!({ "kit_number": asked["dispensation"]["kits"][0] });
        let path =
            app.path(&format!("/dispensations/{}", asked["dispensation"]["id"].as_str().expect("an id")));
        if is_checked {
            app.person("pharmacist").post(&format!("{path}/check"), &scan).expect(201);
        }
        app.person("pharmacist").post(&format!("{path}/confirmation"), &scan).expect(201);
    }
    crate::replacements::assert_sound(&app);
}
