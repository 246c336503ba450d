//! The round that raises and clears: once, whoever else does it at that moment, and told to whom it may be.

use std::sync::Barrier;
use std::thread;

use iwrs_tests::app::{TestApp, World, service};
use iwrs_tests::client::Expect;
use iwrs_tests::folder::TempFolder;
use serde_json::json;
use service::alerts::round::round as run;
use service::trust::Trust;
use store::Store;
use store::rows::alert::{self, Alert};
use store::{Fault, Tree};
use trial::Refusal;
use trial::alerts::{AlertKind, AlertPlace};

use super::{SITE, acknowledge, id, recall, reminded, round, set_clock, standing, told};
use crate::record::{count, leaves};
use crate::shipments::Supplied;

const SAFETY: &str = "safety@demo.invalid";
const SUPPLY: &str = "unblinded-supply@demo.invalid";

#[test]
fn not_05_an_alert_is_raised_once_and_told_and_cleared_once() {
    let app = TestApp::imodals();
    round(&app);
    assert_eq!(count(&app, "alert_raised"), 0);
    recall(&app, "B-2026-01");
    let before = leaves(&app).len();
    round(&app);
    round(&app);
    assert_eq!(leaves(&app).len(), before + 1, "once");
    let leaf = leaves(&app).pop().expect("a leaf");
    assert_eq!((&leaf["actor"], &leaf["site"]), (&json!(null), &json!(SITE)));
    let alert = id(&app, "depot", "low_stock");
    let said = json!({
        "kind": "alert_raised", "alert": alert, "alert_kind": "low_stock", "place": format!("site/{SITE}"),
        "reference": SITE,
    });
    assert_eq!(leaf["act"], said);
    assert_eq!((told(&app, SAFETY), told(&app, SUPPLY)), (1, 0));
    let notice = "SELECT params AS value FROM notice WHERE template = 'alert_raised'";
    let notice = &app.database.values(notice).expect("the notices")[0];
    assert!(notice.contains("0 usable kits of all types together; 18 are wanted."), "{notice}");

    let s = Supplied { app };
    let s = Supplied::with_depots(s.app);
    s.register("B-2", 12, "2031-03-31");
    let sent = super::send(&s);
    super::unpack(&s, &sent);
    let before = leaves(&s.app).len();
    round(&s.app);
    round(&s.app);
    assert_eq!(leaves(&s.app).len(), before + 1);
    assert_eq!(
        leaves(&s.app).pop().expect("a leaf")["act"],
        json!({ "kind": "alert_cleared", "alert": alert })
    );
    assert_eq!((told(&s.app, SAFETY), told(&s.app, SUPPLY)), (1, 0), "an end is not mailed");
}

#[test]
fn not_05_an_alert_that_nobody_acknowledges_is_told_again_once_a_day() {
    let mut app = TestApp::imodals();
    recall(&app, "B-2026-01");
    round(&app);
    let before = leaves(&app).len();
    let told = |app: &TestApp| {
        round(app);
        round(app);
        (reminded(app, SAFETY), reminded(app, SUPPLY))
    };
    // Raised at eight o'clock on the fifth.
    for (moment, expected) in [
        ("2015-10-06T07:59:59Z", (0, 0)),
        ("2015-10-06T08:00:00Z", (1, 0)),
        ("2015-10-07T07:59:59Z", (1, 0)),
        ("2015-10-09T12:00:00Z", (2, 0)),
        ("2015-10-10T11:59:59Z", (2, 0)),
    ] {
        set_clock(&mut app, moment);
        assert_eq!(told(&app), expected, "{moment}");
    }
    assert_eq!(leaves(&app).len(), before, "a mail is no act");
    let alert = id(&app, "depot", "low_stock");
    acknowledge(&app, "depot", &alert).expect(201);
    set_clock(&mut app, "2015-10-20T12:00:00Z");
    assert_eq!(told(&app), (2, 0), "its owner has taken note");
}

#[test]
fn bld_04_what_tells_which_kits_are_left_at_a_site_is_told_to_nobody_unblinded() {
    let mut app = TestApp::imodals();
    set_clock(&mut app, "2030-11-01T09:00:00Z");
    round(&app);
    assert_eq!(standing(&app, "depot"), [format!("expiry_horizon site/{SITE} B-2026-01 *")]);
    assert_eq!((told(&app, SAFETY), told(&app, SUPPLY)), (1, 0));
    set_clock(&mut app, "2030-11-02T09:00:00Z");
    round(&app);
    assert_eq!((reminded(&app, SAFETY), reminded(&app, SUPPLY)), (1, 0), "told again, and not to them");
    let journal = |who: &str| app.person(who).get(&app.path("/journal?limit=500")).expect(200).to_string();
    assert!(journal("monitor").contains("alert_raised"));
    assert!(!journal("supply").contains("alert_raised"));
}

#[test]
fn not_05_two_servers_raise_an_alert_once_however_close_they_come() {
    let folder = TempFolder::new();
    let trust = || Trust::in_folder(folder.path()).expect("a state folder");
    let app = TestApp::in_world(World { trust: trust(), ..World::default() });
    recall(&app, "B-2026-01");
    let world = World { now: app.clock.now(), trust: trust(), ..World::default() };
    let (other, _) = service(app.database.url(), world);
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        for server in [&app.service, &other] {
            let ready = &ready;
            scope.spawn(move || {
                ready.wait();
                run(server).expect("a round");
            });
        }
    });
    assert_eq!(count(&app, "alert_raised"), 1);
    assert_eq!((told(&app, SAFETY), told(&app, SUPPLY)), (1, 0));
    assert_eq!(standing(&app, "depot"), [format!("low_stock site/{SITE} {SITE} *")]);
}

/// The net under the lock.
#[test]
fn the_same_alert_cannot_be_raised_twice_past_the_round() {
    let app = TestApp::imodals();
    recall(&app, "B-2026-01");
    round(&app);
    let store = Store::open(app.database.url()).expect("the store opens");
    let now = app.clock.now();
    let again = store.write::<_, Refusal>(Tree::Study("imodals".parse().expect("an id")), move |tx| {
        let row = Alert {
            id: "again".parse().expect("an id"),
            kind: AlertKind::LowStock,
            place: AlertPlace::Site(SITE.parse().expect("an id")),
            reference: SITE.to_owned(),
            ordinal: 1,
            raised_at: now,
            acknowledged: None,
            cleared_at: None,
        };
        Ok(alert::raise(tx, &row, 1_000)?)
    });
    let Err(store::Failure::Fault(Fault::Conflict(constraint))) = again else { panic!("{again:?}") };
    assert_eq!(constraint, "alert_study_kind_place_reference_ordinal_key");
}

/// In a database that may be a second history nothing is written by itself; what stands is read all the same.
#[test]
fn a_server_that_does_not_trust_its_database_raises_nothing() {
    let app = TestApp::imodals();
    recall(&app, "B-2026-01");
    let nothing = TempFolder::new();
    let trust = Trust::in_folder(nothing.path()).expect("a state folder");
    let world = World { now: app.clock.now(), trust, ..World::default() };
    let (stranger, _) = service(app.database.url(), world);
    run(&stranger).expect("a round");
    assert_eq!(count(&app, "alert_raised"), 0);
    assert_eq!(standing(&app, "depot"), [format!("low_stock site/{SITE} {SITE}")]);
    round(&app);
    assert_eq!(count(&app, "alert_raised"), 1);
}
