//! Somebody who has moved to another site in the same role asks again under an old key.

use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::Expect;
use serde_json::json;

/// Ends the only role of a person, and gives it to that person at the other site.
fn move_away(app: &TestApp, login: &str, role: &str) {
    let admin = app.person("admin");
    let users = admin.get("/users").expect(200);
    let user = users["users"].as_array().expect("users").iter().find(|user| user["id"] == login);
    let grant = user.expect("the person")["grants"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/users/{login}/grants/{grant}/revocation");
    admin.post(&path, &json!({ "reason": "moves" })).expect(201);
    app.grant(login, role, Some("44-001"));
}

#[test]
fn usr_03_a_randomization_is_not_answered_again_to_an_investigator_who_has_moved() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    app.screen("S-001", 1961, "male");
    let mover = app.add_person("mover", "investigator", Some("34-001"));
    let path = app.path("/subjects/S-001/randomization");
    let signature = mover.sign("randomize", &path, &eligible());
    mover.post_signed(&path, &eligible(), "key-1", &signature).expect(201);
    mover.post_with_key(&path, &eligible(), "key-1").expect(201);
    move_away(&app, "mover", "investigator");
    assert_eq!(mover.post_with_key(&path, &eligible(), "key-1").problem(404), "not-found");
}

#[test]
fn usr_03_no_kit_is_told_again_to_a_pharmacist_who_has_moved() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    app.randomize("S-001", 1961, "male");
    let mover = app.add_person("mover", "pharmacist", Some("34-001"));
    let (asked, body) = (app.path("/subjects/S-001/dispensations"), json!({ "visit": "D1" }));
    let told = mover.post_with_key(&asked, &body, "key-1").expect(201);
    let id = told["dispensation"]["id"].as_str().expect("an id");
    let confirmed = app.path(&format!("/dispensations/{id}/confirmation"));
    let scan = json!({ "kit_number": told["dispensation"]["kits"][0] });
    mover.post_with_key(&confirmed, &scan, "key-2").expect(201);
    mover.post_with_key(&confirmed, &scan, "key-2").expect(201);
    move_away(&app, "mover", "pharmacist");
    assert_eq!(mover.post_with_key(&asked, &body, "key-1").problem(404), "not-found");
    assert_eq!(mover.post_with_key(&confirmed, &scan, "key-2").problem(404), "not-found");
}
