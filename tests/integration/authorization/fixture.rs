//! A study in full swing, everybody who may or may not call, and how each is to call a route.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use terms::{SiteId, StudyId, UserId};
use trial::{Actor, HeldRole};

use super::routes::{Access, Route};

/// Somebody who calls.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    /// What the policy is asked about; nobody when not logged in.
    pub(crate) actor: Option<Actor>,
    client: Client,
}

/// The study, the people, and a thing for every name in an address.
pub(crate) struct Fixture {
    pub(crate) app: TestApp,
    people: Vec<Person>,
    things: BTreeMap<&'static str, String>,
}

/// A well-formed kit number that was never drawn: what is malformed is not found by anybody, with or without a right.
const NO_KIT: &str = "7955171567";
const NO_UNIT: &str = "7955171567-1";

/// Everybody of one role at most: their name, their log-in, their role, and whether it is one of the installation or
/// at which site it is.
#[rustfmt::skip]
const PEOPLE: [(&str, &str, Option<&str>, Option<&str>); 12] = [
    ("administrator",                 "admin",        Some("administrator"),      None),
    ("investigator",                  "investigator", Some("investigator"),       Some("34-001")),
    ("pharmacist",                    "pharmacist",   Some("pharmacist"),         Some("34-001")),
    ("monitor",                       "monitor",      Some("monitor"),            None),
    ("depot",                         "depot",        Some("depot"),              None),
    ("quality",                       "quality",      Some("quality"),            None),
    ("supply manager",                "supply",       Some("supply_manager"),     None),
    ("statistician",                  "statistician", Some("statistician"),       None),
    ("unblinded reviewer",            "reviewer",     Some("unblinded_reviewer"), None),
    ("investigator of another site",  "away",         Some("investigator"),       Some("44-001")),
    ("pharmacist of another site",    "awayphar",     Some("pharmacist"),         Some("44-001")),
    ("somebody whose role has ended", "former",       None,                       None),
];

impl Fixture {
    pub(crate) fn new() -> Self {
        let (app, alert) = crate::alerts::with_overdue_receipt();
        app.add_site("44-001");
        let mut clients = vec![
            app.add_person("away", "investigator", Some("44-001")),
            app.add_person("awayphar", "pharmacist", Some("44-001")),
            app.add_person("former", "monitor", None),
        ];
        revoke(&app, "former");
        app.add_person("extra", "monitor", None);
        let mut things = things(&app);
        things.insert("alert", alert);
        let mut people = vec![Person { name: "nobody logged in", actor: None, client: unknown(&app) }];
        for (name, login, role, site) in PEOPLE {
            let found = clients.iter().position(|client| client.0.login == login);
            let client = found.map_or_else(|| app.person(login), |index| clients.remove(index));
            people.push(Person { name, actor: Some(actor(login, role, site)), client });
        }
        Self { app, people, things }
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// The first who may do it.
    pub(crate) fn entitled(&self, route: &Route) -> &Client {
        let wanted = match route.action() {
            None => "investigator".to_owned(),
            Some(action) => action.roles()[0].to_string().replace('_', " "),
        };
        &self.people.iter().find(|person| person.name == wanted).expect("somebody of every role").client
    }

    /// The address of a route for things that are there, or for things that are not.
    pub(crate) fn address(&self, route: &Route, is_there: bool) -> String {
        let subject = if route.path.ends_with("randomization") { "S-002" } else { "S-001" };
        let mut address = route.path.replace("{study}", "imodals");
        for (name, thing) in &self.things {
            let thing = if *name == "subject" { subject } else { thing };
            let absent = match *name {
                "number" => NO_KIT,
                "unit" => NO_UNIT,
                _ => "no-such-thing",
            };
            address = address.replace(&format!("{{{name}}}"), if is_there { thing } else { absent });
        }
        address
    }

    /// Calls a route as somebody, signed where it takes that.
    pub(crate) fn call(&self, route: &Route, person: &Person, is_there: bool) -> Reply {
        let address = self.address(route, is_there);
        let body = self.body(route, &person.client, is_there);
        // Logging out is done with a session of its own.
        let again = (route.method == "DELETE" && person.actor.is_some())
            .then(|| Client(person.client.0.log_in_again().expect("a log-in")));
        let client = again.as_ref().unwrap_or(&person.client);
        match (route.method, route.action()) {
            _ if matches!(route.access, Access::SiteByPassword(_)) => {
                client.post_with_key(&address, &body, &new_key())
            }
            ("POST", Some(action)) if action.needs_signature() && person.actor.is_some() => {
                client.sign_and_post(action.into(), &address, &body)
            }
            ("POST", _) => client.post(&address, &body),
            (method, _) => client.send(method, &address, None, &[]),
        }
    }

    /// The body of a route, with the password or the token that it takes.
    pub(crate) fn body(&self, route: &Route, client: &Client, is_there: bool) -> Value {
        let mut body = route.body.clone();
        let password = &client.0.password;
        match route.path {
            "/session" => body = json!({ "login": client.0.login, "password": password }),
            "/session/refresh" => {
                let log_in = json!({ "login": client.0.login, "password": password });
                let session = self.app.anonymous().post("/session", &log_in).expect(201);
                body["refresh_token"] = session["session"]["refresh_token"].clone();
            }
            "/me/password" => body["old_password"] = json!(password),
            "/studies/{study}/emergency-unblindings" => {
                body["login"] = json!(client.0.login);
                body["password"] = json!(password);
            }
            "/signatures" | "/me/second-factor" => body["password"] = json!(password),
            _ => {}
        }
        if is_there || route.access == Access::Anybody {
            return body;
        }
        let absent = body.to_string().replace("34-001", "99-999").replace("\"S-001\"", "\"S-999\"");
        serde_json::from_str(&absent).expect("JSON")
    }
}

/// A key that nobody has used: somebody who is not logged in counts keys of the same names as the person of that name.
fn new_key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("emergency-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Somebody who knows a name and its password, and has not logged in.
fn unknown(app: &TestApp) -> Client {
    let mut client = app.anonymous();
    let known = app.person("investigator");
    client.0.login.clone_from(&known.0.login);
    client.0.password.clone_from(&known.0.password);
    client
}

fn actor(login: &str, role: Option<&str>, site: Option<&str>) -> Actor {
    let held = role.map(|role| HeldRole {
        role: role.parse().expect("a role"),
        study: (role != "administrator").then(|| StudyId::parse("imodals").expect("an id")),
        site: site.map(|site| SiteId::parse(site).expect("an id")),
    });
    Actor { user: UserId::parse(login).expect("an id"), roles: held.into_iter().collect() }
}

fn grant_of(app: &TestApp, login: &str) -> String {
    let users = app.person("admin").get("/users").expect(200);
    let user = users["users"].as_array().expect("users").iter().find(|user| user["id"] == login);
    user.expect("the person")["grants"][0]["id"].as_str().expect("an id").to_owned()
}

fn revoke(app: &TestApp, login: &str) {
    let path = format!("/users/{login}/grants/{}/revocation", grant_of(app, login));
    app.person("admin").post(&path, &json!({ "reason": "for the test" })).expect(201);
}

/// A thing for every name: S-001 is randomized, dispensed to and unblinded, S-002 screened.
fn things(app: &TestApp) -> BTreeMap<&'static str, String> {
    app.randomize("S-001", 1961, "male");
    app.screen("S-002", 1962, "female");
    let path = app.path("/subjects/S-001/dispensations");
    let dispensed = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
    let unit = crate::units::prepared(app, "S-001", &dispensed).remove(0);
    let body = json!({ "screening_number": "S-001", "reason": "overdose" });
    let broken = app.person("oncall").sign_and_post("unblind", &app.path("/unblindings"), &body).expect(201);
    let hold = json!({ "on": "randomization", "site": "34-001", "reason": "for the test" });
    let held = app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    let lists = app.person("statistician").get(&app.path("/lists")).expect(200);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let shipment = text(&shipment(app)["shipment"]["id"]);
    let (reconciliation, destruction) = disposals(app);
    BTreeMap::from([
        ("user", "extra".to_owned()),
        ("grant", grant_of(app, "extra")),
        ("hold", text(&held["hold"]["id"])),
        ("subject", "S-001".to_owned()),
        ("id", text(&dispensed["dispensation"]["id"])),
        ("number", text(&dispensed["dispensation"]["kits"][0])),
        ("unit", unit),
        ("unblinding", text(&broken["unblinding"]["id"])),
        ("batch", "B-2026-01".to_owned()),
        ("shipment", shipment),
        ("reconciliation", reconciliation),
        ("destruction", destruction),
        ("redaction", redaction(app)),
        ("extension", extension(app)),
        ("list", text(&lists["lists"][0]["id"])),
    ])
}

/// What one person proposed to redact: the reason of the first role that was proposed.
fn redaction(app: &TestApp) -> String {
    let journal = app.person("monitor").get(&app.path("/journal")).expect(200);
    let leaves = journal["journal"]["leaves"].as_array().expect("leaves");
    let leaf = leaves.iter().position(|leaf| leaf["leaf"]["act"]["kind"] == "role_proposed").expect("a leaf");
    let (path, body) = (app.path("/redactions"), json!({ "leaf": leaf, "why": "identifies_staff" }));
    let proposed = app.person("monitor").sign_and_post("propose_redaction", &path, &body).expect(201);
    proposed["redaction"]["id"].as_str().expect("an id").to_owned()
}

/// An extension of the label expiry of the cast's batch that one person proposed.
fn extension(app: &TestApp) -> String {
    let lots = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"];
    let lots = lots.map(|kit_type| json!({ "kit_type": kit_type, "expiry": "2040-01-31" }));
    let body = json!({ "label_expiry": "2031-01-31", "lots": lots, "reason": "for the test" });
    let path = app.path("/batches/B-2026-01/expiry-extensions");
    let proposed = app.person("supply").sign_and_post("propose_extension", &path, &body).expect(201);
    proposed["expiry_change"]["id"].as_str().expect("an id").to_owned()
}

/// A shipment to the cast's site that is picked, and has not left.
fn shipment(app: &TestApp) -> Value {
    let request = json!({ "to_site": "34-001", "groups": 1 });
    app.person("depot").post(&app.path("/shipments"), &request).expect(201)
}

/// A reconciliation that one person signed, and a destruction that one person proposed.
fn disposals(app: &TestApp) -> (String, String) {
    let pharmacist = app.person("pharmacist");
    let shelf = pharmacist.get(&app.path("/kits?state=available")).expect(200);
    let sign = |kit: &Value| {
        let incident = app.path(&format!("/kits/{}/incidents", kit["number"].as_str().expect("a number")));
        pharmacist.post(&incident, &json!({ "incident": "lost", "reason": "for the test" })).expect(201);
        let (path, site) = (app.path("/kit-reconciliations"), json!({ "site": "34-001" }));
        let signed = pharmacist.sign_and_post("sign_kit_reconciliation", &path, &site).expect(201);
        signed["kit_reconciliation"]["id"].as_str().expect("an id").to_owned()
    };
    let confirmation = app.path(&format!("/kit-reconciliations/{}/confirmation", sign(&shelf["kits"][0])));
    app.person("monitor").sign_and_post("confirm_kit_reconciliation", &confirmation, &json!({})).expect(201);
    let body = json!({ "site": "34-001", "kits": [shelf["kits"][0]["number"]] });
    let path = app.path("/destructions");
    let proposed = pharmacist.sign_and_post("propose_destruction", &path, &body).expect(201);
    let destruction = proposed["destruction"]["id"].as_str().expect("an id").to_owned();
    (sign(&shelf["kits"][1]), destruction)
}
