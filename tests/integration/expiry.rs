//! Expiry is decided at the moment of use, by the day at the site: at midnight, on the days on which clocks change, on
//! a leap day and at the end of a month on a label. No loop of the service runs in any of these tests, so nothing but
//! the request itself can have decided.

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World};
use iwrs_tests::client::Expect;
use serde_json::{Value, json};
use terms::Moment;

use crate::replacements::assert_sound;
use crate::shipments::Supplied;

const EVIDENCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const BATCH: &str = "B-2026-01";

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|| panic!("{text}"))
}

/// IMODALS shortly before a moment, with another label expiry on every kit.
fn labelled(label: &str, before: Moment) -> TestApp {
    let app = TestApp::in_world(World { now: before.plus_seconds(-300), ..World::default() });
    let body = json!({ "label_expiry": label, "evidence_sha256": EVIDENCE, "reason": "new data" });
    let path = app.path(&format!("/batches/{BATCH}/expiry-shortening"));
    app.person("quality").sign_and_post("shorten_expiry", &path, &body).expect(201);
    app
}

fn dispense(app: &TestApp, subject: &str) -> Reply {
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    app.person("pharmacist").post(&path, &json!({ "visit": "D1" }))
}

fn hand_over(app: &TestApp, dispensed: &Value) -> Reply {
    let dispensed = &dispensed["dispensation"];
    let id = dispensed["id"].as_str().expect("an id");
    let path = app.path(&format!("/dispensations/{id}/confirmation"));
    app.person("pharmacist").post(&path, &json!({ "kit_number": dispensed["kits"][0] }))
}

/// Five dosing days and a margin of one day: a kit is used for the last time five days before its label expiry.
#[test]
fn kit_07_the_last_second_of_the_last_day_at_the_site_decides_with_no_job_running() {
    for (what, label, last, too_late) in [
        ("the end of a month", "2015-11-30", "2015-11-25T22:59:59Z", "2015-11-25T23:00:00Z"),
        ("before clocks go back", "2015-10-29", "2015-10-24T21:59:59Z", "2015-10-24T22:00:00Z"),
        ("a day of 25 hours", "2015-10-30", "2015-10-25T22:59:59Z", "2015-10-25T23:00:00Z"),
        ("before clocks go forward", "2016-03-31", "2016-03-26T22:59:59Z", "2016-03-26T23:00:00Z"),
        ("a day of 23 hours", "2016-04-01", "2016-03-27T21:59:59Z", "2016-03-27T22:00:00Z"),
        ("a leap day", "2016-03-05", "2016-02-29T22:59:59Z", "2016-02-29T23:00:00Z"),
        ("a leap day on the label", "2016-02-29", "2016-02-24T22:59:59Z", "2016-02-24T23:00:00Z"),
        ("no leap day", "2017-03-01", "2017-02-24T22:59:59Z", "2017-02-24T23:00:00Z"),
        ("the end of a year", "2016-01-05", "2015-12-31T22:59:59Z", "2015-12-31T23:00:00Z"),
    ] {
        let (last, too_late) = (moment(last), moment(too_late));
        assert_eq!(last.plus_seconds(1), too_late, "{what}");
        let app = labelled(label, last);
        for (subject, born) in [("S-001", 1960), ("S-002", 1961), ("S-003", 1962)] {
            app.randomize(subject, born, "female");
        }
        app.clock.set(last);
        let first = dispense(&app, "S-001").expect(201);
        let second = dispense(&app, "S-002").expect(201);
        hand_over(&app, &first).expect(201);
        app.clock.set(too_late);
        assert_eq!(hand_over(&app, &second).problem(409), "kit-expired", "{what}");
        assert_eq!(dispense(&app, "S-003").problem(409), "supply-short", "{what}");
        let new = app.path("/subjects/S-004/randomization");
        app.screen("S-004", 1963, "female");
        let body = iwrs_tests::app::eligible();
        let refused = app.person("investigator").sign_and_post("randomize", &new, &body);
        assert_eq!(refused.problem(409), "supply-short", "{what}");
        assert_sound(&app);
    }
}

/// Kits are not sent that would have less than thirty days left when they arrive, a week later: by the day in UTC.
#[test]
fn kit_14_what_would_arrive_too_near_its_expiry_is_not_sent_by_the_day_in_utc() {
    for (label, last, too_late) in [
        ("2031-03-31", "2031-02-22T23:59:59Z", "2031-02-23T00:00:00Z"),
        ("2032-03-31", "2032-02-23T23:59:59Z", "2032-02-24T00:00:00Z"),
        ("2032-02-29", "2032-01-23T23:59:59Z", "2032-01-24T00:00:00Z"),
        // In Paris clocks go forward in the week on the way.
        ("2031-05-05", "2031-03-29T23:59:59Z", "2031-03-30T00:00:00Z"),
    ] {
        let now = moment(last).plus_seconds(-300);
        let s = Supplied { app: TestApp::in_world(World { now, ..World::default() }) };
        s.register("B-2", 24, label);
        let request = json!({ "to_site": "34-001", "groups": 1 });
        s.app.clock.set(moment(last));
        s.post("depot", "/shipments", &request).expect(201);
        s.app.clock.set(moment(too_late));
        assert_eq!(s.post("depot", "/shipments", &request).problem(409), "supply-short", "{label}");
    }
}

/// A plan of a Monday in Paris, half an hour after its midnight, which is still Sunday in UTC: kits with less than
/// fourteen days left do not count.
#[test]
fn kit_14_what_is_too_near_its_expiry_does_not_count_by_the_day_at_the_site() {
    for (label, midnight, too_short) in [
        ("2015-11-09", "2015-10-25T23:00:00Z", false),
        ("2015-11-08", "2015-10-25T23:00:00Z", true),
        ("2016-04-11", "2016-03-27T22:00:00Z", false),
        ("2016-04-10", "2016-03-27T22:00:00Z", true),
        ("2016-03-14", "2016-02-28T23:00:00Z", false),
        ("2016-03-13", "2016-02-28T23:00:00Z", true),
    ] {
        let s = Supplied { app: labelled(label, moment(midnight)) };
        s.register("B-2", 36, "2031-03-31");
        let order = json!({ "site": "34-001" });
        s.app.clock.set(moment(midnight).plus_seconds(-1));
        assert_eq!(s.post("depot", "/resupply-plans", &order).problem(409), "not-order-day", "{label}");
        s.app.clock.set(moment(midnight));
        let plan = s.post("depot", "/resupply-plans", &order).expect(201)["resupply_plan"].clone();
        let reasons = plan["reasons"].to_string();
        let told = reasons.contains("Of these, 144 expire too soon and do not count.");
        assert_eq!(told, too_short, "{label}: {reasons}");
    }
}
