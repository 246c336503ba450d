//! A server with two administrators and one study.

use iwrs::Running;
use iwrs::client::{self, Reply};
use iwrs_tests::app::{World, files, service};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::{TestDatabase, fresh_database};
use serde_json::{Value, json};
use service::Shared;
use service::clock::Clock;
use service::people::bootstrap_administrator;
use service::study::{self, NewSite};
use store::rows::leaf;
use store::{Store, Tree};
use terms::Id;
use trial::Refusal;

pub(super) const SITE: &str = "34-001";

pub(super) struct Office {
    pub(super) service: Shared,
    pub(super) clock: Clock,
    /// An administrator, `ada`.
    pub(super) first: Client,
    /// Another, `ben`.
    pub(super) second: Client,
    // The order of dropping: the server before the database.
    running: Running,
    pub(super) database: TestDatabase,
}

impl Office {
    pub(super) fn open() -> Self {
        Self::with(World::default())
    }

    pub(super) fn with(world: World) -> Self {
        let database = fresh_database();
        let (service, clock) = service(database.url(), world);
        let running = Running::start(&service).expect("the server starts");
        let [first, second] = ["ada", "ben"].map(|login| {
            let email = format!("{login}@test.invalid");
            let one_time = bootstrap_administrator(&service, login, login, &email).expect("an administrator");
            first_log_in(running.base(), login, &one_time)
        });
        let files = files();
        let id = study::open(&service, &files.design, &files.sealed).expect("a study");
        let site = NewSite {
            id: parse(SITE),
            name: "Test".to_owned(),
            time_zone: "Europe/Paris".to_owned(),
            country: "FR".parse().expect("a country"),
        };
        study::add_site(&service, &id, site).expect("a site");
        Self { service, clock, first, second, running, database }
    }

    /// Where the server listens.
    pub(super) fn base(&self) -> &str {
        self.running.base()
    }

    /// Invites somebody, and answers with the one-time password.
    pub(super) fn invite(&self, login: &str) -> String {
        let email = format!("{login}@test.invalid");
        let body = json!({ "login": login, "display_name": login, "email": email });
        let answer = self.first.post("/users", &body).expect(201);
        answer["invitation"]["one_time_password"].as_str().expect("a password").to_owned()
    }

    /// Somebody with an account and a password, and no role.
    pub(super) fn person(&self, login: &str) -> Client {
        first_log_in(self.base(), login, &self.invite(login))
    }

    /// Asks for a role in the study.
    pub(super) fn grant(&self, by: &Client, user: &str, role: &str) -> Reply {
        by.sign_and_post("grant_role", &format!("/users/{user}/grants"), &wanted(role))
    }

    /// Grants a role that takes one administrator, and answers with the grant's id.
    pub(super) fn granted(&self, user: &str, role: &str) -> String {
        let answer = self.grant(&self.first, user, role).expect(201);
        assert_eq!(answer["grant"]["state"], "in_force");
        answer["grant"]["id"].as_str().expect("an id").to_owned()
    }

    /// The answer to a log-in.
    pub(super) fn log_in(&self, login: &str, password: &str) -> Reply {
        let body = json!({ "login": login, "password": password });
        Client::anonymous(self.base()).post("/session", &body)
    }

    pub(super) fn installation(&self) -> Tree {
        Tree::Installation
    }

    pub(super) fn study(&self) -> Tree {
        Tree::Study(parse("imodals"))
    }

    pub(super) fn leaves(&self, tree: &Tree) -> Vec<Value> {
        let store = Store::open(self.database.url()).expect("the store opens");
        let leaves = store.read::<_, Refusal>(|conn| Ok(leaf::page(conn, tree, 0, 1_000)?)).expect("leaves");
        leaves.iter().map(|leaf| serde_json::from_slice(&leaf.canonical).expect("a leaf is JSON")).collect()
    }

    /// The kinds of the installation's leaves, in order.
    pub(super) fn acts(&self) -> Vec<String> {
        let leaves = self.leaves(&Tree::Installation);
        leaves.iter().map(|leaf| leaf["act"]["kind"].as_str().expect("a kind").to_owned()).collect()
    }
}

/// The body of a request for a role.
pub(super) fn wanted(role: &str) -> Value {
    match role {
        "administrator" => json!({ "role": role, "reason": "delegated" }),
        "investigator" | "pharmacist" => {
            json!({ "role": role, "study": "imodals", "site": SITE, "reason": "delegated" })
        }
        _ => json!({ "role": role, "study": "imodals", "reason": "delegated" }),
    }
}

fn parse<K>(text: &str) -> Id<K> {
    Id::parse(text).expect("an id")
}

/// Logs in for the first time, and sets a password that can be told from the name.
fn first_log_in(base: &str, login: &str, one_time: &str) -> Client {
    let password = format!("a long passphrase of {login}");
    Client(client::Client::first_log_in(base, login, one_time, &password).expect("a first log-in"))
}

/// Asks for a signature.
pub(super) fn try_sign(by: &Client, action: &str, path: &str, body: &Value) -> Reply {
    by.0.try_sign(action, path, body).expect("an answer")
}
