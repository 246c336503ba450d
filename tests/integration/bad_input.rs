//! Bad requests: each is refused as a problem that a program can read, and nothing is stored.

mod start;
mod tampered;

use std::collections::BTreeMap;

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::{Engine, TestDatabase};
use serde_json::{Value, json};

use crate::authorization::fixture::Fixture;
use crate::authorization::routes::{Route, routes};

/// How many rows every table has.
fn rows(database: &TestDatabase) -> BTreeMap<String, String> {
    let tables = match Engine::from_env() {
        Engine::Sqlite => "SELECT name AS value FROM sqlite_master WHERE type = 'table'",
        Engine::Postgres => "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'",
    };
    let tables = database.values(tables).expect("the tables");
    assert!(tables.len() > 30, "{tables:?}");
    let count = |table: String| {
        let sql = format!("SELECT CAST(COUNT(*) AS TEXT) AS value FROM \"{table}\"");
        (table, database.values(&sql).expect("a count").concat())
    };
    tables.into_iter().map(count).collect()
}

fn posts() -> impl Iterator<Item = Route> {
    routes().into_iter().filter(|route| route.method == "POST")
}

/// Whether the route is for an act that takes a key.
fn takes_a_key(route: &Route) -> bool {
    route.path.starts_with("/studies/") || route.path.contains("/grants")
}

/// Bodies that nobody can mean, with the statuses that they may be refused with.
fn bad_bodies(good: &Value) -> Vec<(String, &'static [u16])> {
    let text = good.to_string();
    let mut bodies: Vec<(String, &[u16])> = vec![
        ("{".to_owned(), &[400]),
        (format!("{text} {text}"), &[400]),
        ("consent".to_owned(), &[400]),
        ("[".repeat(2_000), &[400, 422]),
        ("null".to_owned(), &[422]),
        ("17".to_owned(), &[422]),
        ("\"text\"".to_owned(), &[422]),
        ("[]".to_owned(), &[422]),
        (with(good, "surplus", json!(1)), &[422]),
        (with(good, "surplus", json!("x".repeat(64 * 1024))), &[413]),
    ];
    let fields = good.as_object().expect("an object");
    if !fields.is_empty() {
        bodies.push((String::new(), &[422]));
        bodies.push(("{}".to_owned(), &[422]));
        let values: Vec<&Value> = fields.values().collect();
        bodies.push((json!(values).to_string(), &[422]));
    }
    for (name, value) in fields {
        let wrong = if value.is_string() { json!(17) } else { json!("text") };
        bodies.push((with(good, name, wrong), &[422]));
        bodies.push((with(good, name, json!({ "a": [1] })), &[422]));
        bodies.push((text.replacen('{', &format!("{{\"{name}\":{value},"), 1), &[422]));
    }
    bodies
}

fn with(good: &Value, name: &str, value: Value) -> String {
    let mut body = good.clone();
    body[name] = value;
    body.to_string()
}

fn post(client: &Client, address: &str, body: &str, key: Option<&str>) -> Reply {
    let headers: Vec<(&str, &str)> = key.map(|key| ("Idempotency-Key", key)).into_iter().collect();
    client.send("POST", address, Some(body), &headers)
}

#[test]
fn a_body_that_is_not_the_routes_own_is_refused_and_nothing_is_stored() {
    let fixture = Fixture::new();
    let before = rows(&fixture.app.database);
    for route in posts() {
        let (who, address) = (fixture.entitled(&route), fixture.address(&route, true));
        for (body, statuses) in bad_bodies(&route.body) {
            let reply = post(who, &address, &body, Some(&who.0.next_key()));
            let shown: String = body.chars().take(200).collect();
            assert!(statuses.contains(&reply.status), "{}: {shown}: {reply:?}", route.name());
            reply.problem(reply.status);
        }
    }
    assert_eq!(rows(&fixture.app.database), before);
}

#[test]
fn an_act_without_a_usable_key_is_not_done() {
    let fixture = Fixture::new();
    let before = rows(&fixture.app.database);
    let long = "k".repeat(41);
    for route in posts().filter(takes_a_key) {
        let (who, address) = (fixture.entitled(&route), fixture.address(&route, true));
        for key in [None, Some(""), Some(long.as_str()), Some("a b"), Some("a/b"), Some("ключ")] {
            let reply = post(who, &address, &route.body.to_string(), key);
            assert_eq!(reply.problem(400), "idempotency-key-needed", "{}: {key:?}", route.name());
        }
    }
    assert_eq!(rows(&fixture.app.database), before);
}

#[test]
fn a_key_is_good_for_one_act_of_one_person() {
    let fixture = Fixture::new();
    let oncall = fixture.app.person("investigator");
    let visit = json!({ "visit": "SCR", "date": "2015-10-01" });
    let visits = "/studies/imodals/subjects/S-002/visits";
    oncall.post_with_key(visits, &visit, "taken").expect(201);
    let before = rows(&fixture.app.database);
    for route in posts().filter(|route| route.path.starts_with("/studies/")) {
        let (who, address) = (fixture.entitled(&route), fixture.address(&route, true));
        let body = fixture.body(&route, who, true);
        let reply = post(who, &address, &body.to_string(), Some("taken"));
        if who.0.login == "investigator" {
            assert_eq!(reply.problem(422), "idempotency-key-reused", "{}", route.name());
        } else {
            assert_eq!(reply.problem(404), "not-found", "{}", route.name());
        }
    }
    let other = json!({ "visit": "SCR", "date": "2015-10-02" });
    assert_eq!(oncall.post_with_key(visits, &other, "taken").problem(422), "idempotency-key-reused");
    assert_eq!(rows(&fixture.app.database), before);
}

/// What no identifier is, and what might be taken for something else on the way to the database or to a file.
const HOSTILE: [&str; 10] = [
    "..%2f",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%00",
    "S-001%00",
    "S-001%0a",
    "%27%20OR%201%3D1%20--",
    "%C3%A9",
    "%E2%80%AES-001",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

#[test]
fn a_name_that_is_no_identifier_names_nothing() {
    let fixture = Fixture::new();
    let before = rows(&fixture.app.database);
    for route in routes().into_iter().filter(|route| route.path.contains('{')) {
        let who = fixture.entitled(&route);
        for (address, hostile) in hostile_addresses(&fixture, &route) {
            let body = (route.method == "POST").then(|| route.body.to_string());
            let headers = [("Idempotency-Key", "hostile")];
            let reply = who.send(route.method, &address, body.as_deref(), &headers);
            assert_eq!(reply.problem(404), "not-found", "{} with {hostile}", route.name());
        }
    }
    assert_eq!(rows(&fixture.app.database), before);
}

/// The route's address with one of its names, each in turn, replaced by each of the hostile ones.
fn hostile_addresses(fixture: &Fixture, route: &Route) -> Vec<(String, &'static str)> {
    let names: Vec<&str> = route.path.split('/').collect();
    let good = fixture.address(route, true);
    let good: Vec<&str> = good.split('/').collect();
    let places = (0..names.len()).filter(|place| names[*place].starts_with('{'));
    let replaced = |place: usize| {
        HOSTILE.map(|hostile| {
            let mut parts = good.clone();
            parts[place] = hostile;
            (parts.join("/"), hostile)
        })
    };
    places.flat_map(replaced).collect()
}

#[test]
fn what_is_no_route_is_not_found_in_the_same_form() {
    let app = TestApp::imodals();
    let who = app.person("investigator");
    let long = format!("/studies/imodals/subjects/{}", "x".repeat(4_000));
    for path in
        ["/", "/nothing", "/studies/imodals/nothing", "//studies", "/studies/imodals/subjects/", &long]
    {
        assert_eq!(who.get(path).problem(404), "not-found", "{path}");
    }
    for (method, path) in
        [("PUT", "/me"), ("DELETE", "/studies/imodals"), ("POST", "/me"), ("PATCH", "/session")]
    {
        let reply = who.send(method, path, None, &[]);
        assert!([404, 405].contains(&reply.status), "{method} {path}: {reply:?}");
        reply.problem(reply.status);
    }
}
