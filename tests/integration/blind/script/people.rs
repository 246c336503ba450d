//! People come, are given roles, forget passwords and go.

use iwrs_tests::app::CHECKPOINT_SEED;
use iwrs_tests::client::Expect;
use journal::{Checkpoint, Frontier, SigningKey};
use serde_json::{Value, json};

use super::super::trial::Trial;
use super::{FAR_SITE, text};
use iwrs_tests::authenticator::Authenticator;

/// The pages for everybody, log-ins, and people for the second site.
pub(super) fn come(trial: &mut Trial) {
    let assets = ["/style.css", "/pages.js", "/datamatrix.js"];
    for address in ["/", "/docs/", "/openapi.json", "/nowhere", "/break-glass"].iter().chain(&assets) {
        trial.page("anonymous", address);
    }
    trial.get("anonymous", "/me").problem(401);
    trial.get("investigator", "/nowhere").problem(404);
    trial.send("anonymous", "POST", "/session", Some("{"), &[]).problem(400);
    for login in ["investigator", "nobody"] {
        let wrong = json!({ "login": login, "password": "not the password of anybody" });
        trial.post("anonymous", "/session", &wrong).problem(401);
    }
    sessions(trial);
    peers_ask(trial);
    second_factor(trial);
    invite(trial, "nurse", "monitor", None);
    invite(trial, "far", "investigator", Some(FAR_SITE));
    invite(trial, "farpharm", "pharmacist", Some(FAR_SITE));
    invite(trial, "supply2", "supply_manager", None);
    let twice = json!({ "login": "nurse", "display_name": "Nurse", "email": "n@test.invalid" });
    trial.post("admin", "/users", &twice).problem(409);
    trial.post("monitor", "/users", &twice).problem(403);
    trial.get("admin", "/users").expect(200);
    trial.get("investigator", "/users").problem(403);
    let excluded = json!({ "role": "statistician", "study": "imodals", "reason": "a mistake" });
    trial.signed("admin", "grant_role", "/users/nurse/grants", &excluded).problem(409);
    trial.post("admin", "/users/nurse/grants", &excluded).problem(403);
}

fn sessions(trial: &mut Trial) {
    let session = trial.log_in("monitor", None);
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    trial.post("anonymous", "/session/refresh", &refresh).expect(200);
    trial.post("anonymous", "/session/refresh", &refresh).problem(401);
    trial.get("monitor", "/me").problem(401);
    trial.log_in("monitor", None);
    assert_eq!(trial.send("monitor", "DELETE", "/session", None, &[]).status, 204);
    trial.log_in("monitor", None);
}

/// The monitor sets a second factor up, gives a code, makes recovery codes, and gives it up again.
fn second_factor(trial: &mut Trial) {
    let password = json!({ "password": trial.person("monitor").password });
    let offer = trial.post("monitor", "/me/second-factor", &password).expect(201);
    let device = Authenticator::with(&text(&offer, "/second_factor/secret"));
    let code = |trial: &Trial| json!({ "code": device.code(&trial.app.clock) });
    let first = code(trial);
    trial.post("monitor", "/me/second-factor/confirmation", &json!({ "code": "000000" })).problem(401);
    trial.post("monitor", "/me/second-factor/confirmation", &first).expect(201);
    trial.log_in("monitor", None);
    trial.get("monitor", "/studies").problem(403);
    trial.post("monitor", "/session/code", &first).problem(401);
    trial.app.clock.advance(30);
    let next = code(trial);
    assert_eq!(trial.post("monitor", "/session/code", &next).status, 204);
    trial.post("monitor", "/me/second-factor/recovery-codes", &password).expect(201);
    assert_eq!(trial.post("monitor", "/me/second-factor/removal", &password).status, 204);
    trial.get("monitor", "/me/sessions").expect(200);
    trial.post("monitor", "/me/sessions/end", &json!({})).expect(201);
    trial.get("monitor", "/users/admin2/sessions").problem(403);
    trial.get("admin", "/users/admin2/sessions").expect(200);
    trial.post("monitor", "/users/nobody/sessions/end", &json!({})).problem(403);
    trial.post("admin", "/users/nobody/sessions/end", &json!({})).problem(404);
}

/// A server of the installation is answered, and nobody who has not its key.
fn peers_ask(trial: &mut Trial) {
    let key = SigningKey::from_seed("iwrs-test", CHECKPOINT_SEED).expect("a key");
    let asked = Checkpoint::new("iwrs-peer-question/word", Frontier::empty().head());
    let question = key.sign_extension(None, &[], &asked).expect("signed").to_string();
    trial.post("anonymous", "/checkpoints", &json!({ "question": "tell me" })).problem(422);
    trial.post("monitor", "/checkpoints", &json!({ "question": asked.text() })).problem(422);
    trial.post("statistician", "/checkpoints", &json!({ "question": question })).expect(200);
}

/// Invites a person, who logs in for the first time, and gives the role.
fn invite(trial: &mut Trial, login: &str, role: &str, site: Option<&str>) {
    let email = format!("{login}@test.invalid");
    let body = json!({ "login": login, "display_name": login, "email": email });
    let invited = trial.post("admin", "/users", &body).expect(201);
    first_log_in(trial, login, &invited);
    let grant = json!({ "role": role, "study": "imodals", "site": site, "reason": "delegated" });
    let path = format!("/users/{login}/grants");
    let granted = trial.signed("admin", "grant_role", &path, &grant).expect(201);
    let path = format!("{path}/{}/confirmation", text(&granted, "/grant/id"));
    let confirmed = trial.signed("admin2", "grant_role", &path, &json!({}));
    assert_eq!(confirmed.status, if role == "supply_manager" { 201 } else { 409 });
}

/// Logs in with a one-time password, which must be replaced, and with the new one.
fn first_log_in(trial: &mut Trial, login: &str, invited: &Value) {
    let one_time = text(invited, "/invitation/one_time_password");
    trial.log_in(login, Some(&one_time));
    trial.get(login, "/me").expect(200);
    trial.get(login, "/studies").problem(403);
    let password = format!("a long passphrase of {login}");
    for (new, status) in [("short", 422), (password.as_str(), 204)] {
        let change = json!({ "old_password": one_time, "new_password": new });
        assert_eq!(trial.post(login, "/me/password", &change).status, status);
    }
    trial.log_in(login, Some(&password));
}

/// A forgotten password and a revoked role.
pub(super) fn go(trial: &mut Trial) {
    trial.post("admin", "/users/nobody/reset", &json!({})).problem(404);
    let reset = trial.post("admin", "/users/nurse/reset", &json!({})).expect(201);
    trial.get("nurse", "/me").problem(401);
    let one_time = text(&reset, "/reset/one_time_password");
    trial.log_in("nurse", Some(&one_time));
    let password = "another long passphrase of nurse";
    let change = json!({ "old_password": one_time, "new_password": password });
    assert_eq!(trial.post("nurse", "/me/password", &change).status, 204);
    trial.log_in("nurse", Some(password));
    trial.post("admin", "/users/nurse/sessions/end", &json!({})).expect(201);
    trial.log_in("nurse", Some(password));
    let users = trial.get("admin", "/users").expect(200);
    let users = users["users"].as_array().expect("users");
    let nurse = users.iter().find(|user| user["id"] == "nurse").expect("the nurse");
    let path = format!("/users/nurse/grants/{}/revocation", text(nurse, "/grants/0/id"));
    trial.post("admin", &path, &json!({ "reason": "she has left" })).expect(201);
    trial.read("nurse", "/subjects").problem(404);
}
