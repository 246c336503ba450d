//! Each alert on the day before it stands, on the day, and when it ends: by reading alone, while no round ever runs.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use serde_json::json;
use service::study::{NewSite, add_site};
use terms::{Id, StudyId};

use super::{SITE, of_kind, recall, seen, send, set_clock, standing, unpack, with_design};
use crate::shipments::Supplied;

#[test]
fn not_05_a_receipt_is_overdue_from_midnight_at_the_site() {
    let mut s = Supplied::new();
    // In Paris it is still the 19th; seven days later the clock has gone back by an hour, on the 25th.
    set_clock(&mut s.app, "2015-10-19T21:30:00Z");
    let sent = send(&s);
    let overdue = format!("overdue_receipt site/{SITE} {}", sent.1);
    for (moment, stands) in
        [("2015-10-26T22:59:59Z", false), ("2015-10-26T23:00:00Z", true), ("2015-11-26T09:00:00Z", true)]
    {
        set_clock(&mut s.app, moment);
        let expected = Vec::from_iter(stands.then(|| overdue.clone()));
        for who in ["pharmacist", "investigator", "monitor", "depot", "quality", "supply", "statistician"] {
            assert_eq!(standing(&s.app, who), expected, "{who} at {moment}");
        }
    }
    let alert = of_kind(&s.app, "pharmacist", "overdue_receipt");
    assert_eq!(alert["owner"], "pharmacist");
    assert_eq!(alert["says"], "It left on 2015-10-19, and no receipt is recorded.");
    assert!(alert["id"].is_null() && alert["raised_at"].is_null(), "no round has run: {alert}");
    unpack(&s, &sent);
    assert_eq!(standing(&s.app, "pharmacist"), [""; 0]);
}

#[test]
fn not_05_a_receipt_at_a_depot_is_awaited_by_the_day_in_utc() {
    let mut s = Supplied::new();
    set_clock(&mut s.app, "2015-10-19T22:30:00Z");
    let (to_depot, _) = s.send(&json!({ "to_depot": "NIMES", "groups": 1 }));
    let overdue = format!("overdue_receipt depot/NIMES {}", to_depot.trim_start_matches("/shipments/"));
    for (moment, stands) in [("2015-10-26T23:59:59Z", false), ("2015-10-27T00:00:00Z", true)] {
        set_clock(&mut s.app, moment);
        let of_receipts = |who| {
            let mut lines = standing(&s.app, who);
            lines.retain(|line| line.starts_with("overdue"));
            lines
        };
        assert_eq!(of_receipts("depot"), Vec::from_iter(stands.then(|| overdue.clone())), "{moment}");
        assert_eq!(of_receipts("pharmacist"), [""; 0], "a site sees nothing of a depot");
    }
}

#[test]
fn not_05_a_quarantine_is_old_after_its_days_at_the_site() {
    let mut app = TestApp::imodals();
    // In spring a day of the fortnight is an hour shorter in Paris.
    set_clock(&mut app, "2016-03-20T23:30:00Z");
    let s = Supplied { app };
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
    let mut app = s.app;
    let old = [format!("old_quarantine site/{SITE} {SITE}")];
    let of_quarantine = |app: &TestApp, who: &str| {
        let mut lines = standing(app, who);
        lines.retain(|line| line.starts_with("old"));
        lines
    };
    set_clock(&mut app, "2016-04-03T21:59:59Z");
    assert_eq!(of_quarantine(&app, "quality"), [""; 0]);
    set_clock(&mut app, "2016-04-03T22:00:00Z");
    for who in ["quality", "pharmacist", "monitor", "depot"] {
        assert_eq!(of_quarantine(&app, who), old, "{who}");
    }
    assert_eq!(of_quarantine(&app, "supply"), [""; 0], "BLD-04");
    assert_eq!(of_kind(&app, "quality", "old_quarantine")["owner"], "quality");
    let s = Supplied { app };
    s.release_from_quarantine(json!({ "site": SITE }));
    assert_eq!(standing(&s.app, "quality"), [""; 0]);
}

#[test]
fn not_05_an_expiry_is_near_from_midnight_at_the_site_for_those_who_may_know_what_is_left() {
    let mut app = TestApp::imodals();
    set_clock(&mut app, "2030-10-31T22:59:59Z");
    assert_eq!(standing(&app, "depot"), [""; 0]);
    set_clock(&mut app, "2030-10-31T23:00:00Z");
    let near = [format!("expiry_horizon site/{SITE} B-2026-01")];
    for who in ["depot", "pharmacist", "investigator", "monitor", "quality", "statistician"] {
        assert_eq!(standing(&app, who), near, "{who}");
    }
    assert_eq!(standing(&app, "supply"), [""; 0], "BLD-04: it ends with the last kit of the batch");
    let alert = of_kind(&app, "depot", "expiry_horizon");
    assert_eq!(
        (&alert["owner"], &alert["says"]),
        (&json!("depot"), &json!("The label expiry is 2030-12-31."))
    );
    recall(&app, "B-2026-01");
    let left = standing(&app, "depot");
    assert_eq!(left, [format!("low_stock site/{SITE} {SITE}")], "nothing of the batch is used any more");
}

#[test]
fn not_05_stock_is_low_by_the_total_over_all_types() {
    let s = Supplied::new();
    assert_eq!(standing(&s.app, "depot"), [""; 0]);
    recall(&s.app, "B-2026-01");
    let low = [format!("low_stock site/{SITE} {SITE}")];
    for who in ["depot", "pharmacist", "monitor", "quality", "statistician"] {
        assert_eq!(standing(&s.app, who), low, "{who}");
    }
    // BLD-04: by as much as the total falls when a true lot is called back, so many of its type were left.
    assert_eq!(standing(&s.app, "supply"), [""; 0]);
    let kits = s.person("monitor").get(&s.app.path("/kits?batch=B-2")).expect(200);
    let kits: Vec<&str> =
        kits["kits"].as_array().expect("kits").iter().flat_map(|k| k["number"].as_str()).collect();
    let receive = |kits: &[&str]| {
        let body = json!({ "site": SITE, "received": kits });
        s.post("pharmacist", "/batches/B-2/receipts", &body).expect(201);
    };
    receive(&kits[..17]);
    let alert = of_kind(&s.app, "depot", "low_stock");
    assert_eq!(alert["says"], "17 usable kits of all types together; 18 are wanted.");
    assert_eq!(alert["owner"], "depot");
    receive(&kits[17..18]);
    assert_eq!(standing(&s.app, "depot"), [""; 0], "whatever their types are");
}

/// Nothing is usable; what is wanted follows from the one subject who is wanted in all, and ends with the treatment.
#[test]
fn not_05_wanted_is_what_is_due_within_the_lead_and_no_more_than_is_to_come() {
    let mut app =
        with_design(&[("target = 36", "target = 1"), ("low_stock_kits = 18", "low_stock_kits = 1")]);
    app.randomize("S-001", 1960, "female");
    recall(&app, "B-2026-01");
    // The second course is due on 2 November, the third on 30 November; the lead is seven days.
    for (moment, wanted) in [
        ("2015-10-05T09:00:00Z", 1),
        ("2015-10-25T22:59:59Z", 1),
        ("2015-10-25T23:00:00Z", 2),
        ("2015-11-22T22:59:59Z", 2),
        ("2015-11-22T23:00:00Z", 2),
    ] {
        set_clock(&mut app, moment);
        let says = format!("0 usable kits of all types together; {wanted} are wanted.");
        assert_eq!(of_kind(&app, "depot", "low_stock")["says"], says, "{moment}");
    }
    let left = json!({ "stops": "drug", "reason": "withdrew" });
    app.person("investigator").post(&app.path("/subjects/S-001/withdrawal"), &left).expect(201);
    let quarantine = [format!("old_quarantine site/{SITE} {SITE}")];
    assert_eq!(
        standing(&app, "depot"),
        quarantine,
        "nothing more is to come, and what was recalled still lies there"
    );
}

#[test]
fn not_05_a_depot_that_has_sent_everything_is_low_on_stock() {
    let s = Supplied::new();
    let (to_depot, kits) = s.send(&json!({ "to_depot": "NIMES", "groups": 1 }));
    assert_eq!(standing(&s.app, "supply"), ["low_stock depot/NIMES NIMES"]);
    s.post("depot", &format!("{to_depot}/receipt"), &crate::shipments::receipt(&kits, &[], &[], false))
        .expect(201);
    assert_eq!(standing(&s.app, "supply"), [""; 0]);
    // What is promised is not there for anything else.
    s.pick(&json!({ "from_depot": "NIMES", "to_site": SITE, "groups": 1 }));
    assert_eq!(standing(&s.app, "supply"), ["low_stock depot/NIMES NIMES"]);
    assert_eq!(of_kind(&s.app, "depot", "low_stock")["owner"], "supply_manager");
    assert_eq!(standing(&s.app, "pharmacist"), [""; 0], "a site sees nothing of a depot");
}

#[test]
fn not_05_a_list_is_near_its_end_in_words_without_a_number() {
    let app = with_design(&[("cap = 36", "cap = 48"), ("list_positions = 6", "list_positions = 46")]);
    app.randomize("S-001", 1960, "female");
    assert_eq!(standing(&app, "statistician"), [""; 0], "47 are left");
    app.randomize("S-002", 1961, "female");
    for who in ["statistician", "investigator", "pharmacist", "monitor", "supply"] {
        let alert = of_kind(&app, who, "list_near_exhaustion");
        assert_eq!(alert["says"], "A stratum of the list in use has few planned positions left.");
        assert_eq!((&alert["place"], &alert["owner"]), (&json!("study"), &json!("statistician")));
    }
    for who in ["depot", "quality"] {
        assert_eq!(standing(&app, who), [""; 0], "{who} knows of no subject");
    }
}

#[test]
fn a_site_sees_its_own_alerts_alone_and_a_site_without_kits_has_none() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    let other = app.add_person("awayphar", "pharmacist", Some("44-001"));
    assert_eq!(standing(&app, "monitor"), [""; 0], "nobody has opened the other site");
    recall(&app, "B-2026-01");
    assert_eq!(standing(&app, "pharmacist").len(), 1);
    assert!(seen(&other, &app).is_empty());
}

#[test]
fn days_are_those_of_each_site() {
    let mut s = Supplied::new();
    let study = StudyId::parse("imodals").expect("an id");
    let new = NewSite {
        id: Id::parse("81-001").expect("an id"),
        name: "Kiritimati".to_owned(),
        time_zone: "Pacific/Kiritimati".to_owned(),
        country: "FR".parse().expect("a country"),
    };
    add_site(&s.app.service, &study, new).expect("the site is added");
    for site in [SITE, "81-001"] {
        s.send(&json!({ "to_site": site, "groups": 1 }));
    }
    // There it is fourteen hours later than in UTC.
    set_clock(&mut s.app, "2015-10-12T10:00:00Z");
    let overdue = standing(&s.app, "monitor");
    assert!(overdue.len() == 1 && overdue[0].starts_with("overdue_receipt site/81-001 "), "{overdue:?}");
}
