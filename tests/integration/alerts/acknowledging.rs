//! Taking note of an alert: who may, once, and that it silences nothing.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use serde_json::json;

use super::{
    SITE, acknowledge, acknowledge_as, id, of_kind, recall, round, seen, send, set_clock, standing, unpack,
};
use crate::once::assert_journal_holds;
use crate::record::{count, leaves};
use crate::shipments::Supplied;

#[test]
fn not_05_an_alert_is_acknowledged_by_its_owner_and_stays() {
    let mut s = Supplied::new();
    s.app.add_site("44-001");
    let sent = send(&s);
    set_clock(&mut s.app, "2015-10-20T09:00:00Z");
    s.app.cast.log_in_again(&["admin", "admin2"]).expect("a log-in");
    round(&s.app);
    let alert = id(&s.app, "pharmacist", "overdue_receipt");
    let other = s.app.add_person("awayphar", "pharmacist", Some("44-001"));
    let refused = acknowledge_as(&other, &s.app, &alert, &json!({}));
    assert_eq!(refused.problem(404), "not-found", "another site's");
    assert_eq!(acknowledge(&s.app, "pharmacist", "no-such-alert").problem(404), "not-found");
    for who in ["depot", "quality", "supply", "statistician"] {
        assert_eq!(acknowledge(&s.app, who, &alert).problem(403), "not-alert-owner", "{who}");
    }
    for who in ["investigator", "monitor"] {
        assert_eq!(acknowledge(&s.app, who, &alert).problem(403), "forbidden", "{who}");
    }
    assert_eq!(count(&s.app, "alert_acknowledged"), 0, "a refusal leaves nothing");

    let pharmacist = s.person("pharmacist");
    let text = json!({ "text": "the courier was called" });
    let path = s.app.path(&format!("/alerts/{alert}/acknowledgement"));
    let done = pharmacist.post_with_key(&path, &text, "once").expect(201);
    assert_eq!(done["alert"]["acknowledged_by"], "pharmacist");
    assert!(done["alert"]["text"].is_null(), "BLD-04: {done}");
    assert_eq!(pharmacist.post_with_key(&path, &text, "once").expect(201), done);
    assert_eq!(acknowledge(&s.app, "pharmacist", &alert).problem(409), "exists");

    let shown = of_kind(&s.app, "monitor", "overdue_receipt");
    assert_eq!(shown["acknowledged_by"], "pharmacist");
    assert!(shown["acknowledged_at"].is_string() && shown["text"].is_null(), "{shown}");
    let unblinded = of_kind(&s.app, "statistician", "overdue_receipt");
    assert_eq!(unblinded["text"], "the courier was called");
    unpack(&s, &sent);
    round(&s.app);
    assert_eq!(standing(&s.app, "pharmacist"), [""; 0]);
    assert_eq!(acknowledge(&s.app, "pharmacist", &alert).problem(409), "alert-cleared");
    assert_journal_holds(&s.person("statistician"));
}

#[test]
fn not_05_a_text_is_no_must_and_no_empty_one() {
    let app = TestApp::imodals();
    recall(&app, "B-2026-01");
    round(&app);
    let alert = id(&app, "depot", "low_stock");
    let depot = app.person("depot");
    let refused = acknowledge_as(&depot, &app, &alert, &json!({ "text": " " }));
    assert_eq!(refused.expect(422)["field"], "text");
    let done = acknowledge_as(&depot, &app, &alert, &json!({ "text": null })).expect(201);
    assert!(done["alert"]["text"].is_null());
    let leaf = leaves(&app).pop().expect("a leaf");
    assert_eq!((&leaf["act"]["kind"], &leaf["site"]), (&json!("alert_acknowledged"), &json!(SITE)));
    assert_eq!((&leaf["role"], &leaf["act"]["text"]), (&json!("depot"), &json!(null)));
}

/// Whoever holds two roles acts in the one that the alert is for.
#[test]
fn an_alert_is_acknowledged_in_the_name_of_its_owner() {
    let app = TestApp::imodals();
    app.grant("pharmacist", "depot", None);
    recall(&app, "B-2026-01");
    round(&app);
    acknowledge(&app, "pharmacist", &id(&app, "pharmacist", "low_stock")).expect(201);
    assert_eq!(leaves(&app).pop().expect("a leaf")["role"], "depot");
    assert_journal_holds(&app.person("statistician"));
}

#[test]
fn not_05_an_alert_that_ended_is_raised_anew_under_another_id() {
    let mut s = Supplied::new();
    let (mut ids, mut day) = (Vec::new(), 5);
    for month in ["11", "12"] {
        s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
        day += 20;
        set_clock(&mut s.app, &format!("2015-{month}-{day}T09:00:00Z"));
        day -= 20;
        round(&s.app);
        let alert = id(&s.app, "quality", "old_quarantine");
        acknowledge(&s.app, "quality", &alert).expect(201);
        ids.push(alert);
        s.release_from_quarantine(json!({ "site": SITE }));
        round(&s.app);
        assert!(seen(&s.person("quality"), &s.app).iter().all(|alert| alert["kind"] != "old_quarantine"));
    }
    assert_ne!(ids[0], ids[1]);
    let raised = "SELECT CAST(ordinal AS text) AS value FROM alert WHERE kind = 'old_quarantine' ORDER BY 1";
    assert_eq!(s.app.database.values(raised).expect("the alerts"), ["1", "2"]);
    assert_journal_holds(&s.person("statistician"));
}
