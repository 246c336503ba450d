//! Exactly once: whatever comes at the same time, from however many processes, no position, no kit and no key has two
//! effects.

mod proof;

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::Engine;
use iwrs_tests::process::{Installation, Server};
use serde_json::{Value, json};

pub(crate) use proof::{assert_journal_holds, leaves, reconciled};

/// The program under test, built with the tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_iwrs-tested");
/// The positions that the design lets be given.
const POSITIONS: usize = 36;

/// A request for a randomization, with everything that it takes.
struct Attempt {
    path: String,
    key: String,
    signature: String,
}

/// Enters subjects and mints a signing token for the randomization of each.
fn prepare(investigator: &Client, subjects: std::ops::Range<usize>) -> Vec<Attempt> {
    let attempt = |ordinal: usize| {
        let number = format!("S-{ordinal:03}");
        let (birth_year, sex) =
            (1970 + ordinal / 8, if ordinal.is_multiple_of(2) { "female" } else { "male" });
        let body = json!({
            "screening_number": number, "site": "34-001", "birth_year": birth_year, "sex": sex,
            "duplicate_reason": "seen in person",
        });
        let key = format!("screen-{ordinal}");
        investigator.post_with_key("/studies/imodals/subjects", &body, &key).expect(201);
        let path = format!("/studies/imodals/subjects/{number}/randomization");
        let signature = investigator.sign("randomize", &path, &eligible());
        Attempt { path, key: format!("randomize-{ordinal}"), signature }
    };
    subjects.map(attempt).collect()
}

/// Lets all of them go at the same moment, each on a thread of its own.
fn at_once<T: Sync, R: Send>(all: &[T], act: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
    let barrier = Barrier::new(all.len());
    thread::scope(|scope| {
        let start = |(index, one)| {
            let (barrier, act) = (&barrier, &act);
            scope.spawn(move || {
                barrier.wait();
                act(index, one)
            })
        };
        let threads: Vec<_> = all.iter().enumerate().map(start).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread ends well")).collect()
    })
}

/// One server on SQLite, whose writers are threads of one process; two on PostgreSQL.
fn servers(installation: &Installation) -> Vec<Server> {
    let count = match Engine::from_env() {
        Engine::Sqlite => 1,
        Engine::Postgres => 2,
    };
    (0..count).map(|_| installation.start()).collect()
}

#[test]
fn seq_08_two_hundred_at_once_for_thirty_six_positions() {
    let installation = Installation::imodals(PROGRAM);
    let servers = servers(&installation);
    let askers: Vec<Client> =
        servers.iter().map(|server| installation.log_in(server, "investigator")).collect();
    // A signature is bound to the log-in that made it.
    let share = 200 / askers.len();
    let attempts: Vec<(usize, Attempt)> = (askers.iter().enumerate())
        .flat_map(|(n, asker)| prepare(asker, n * share..(n + 1) * share).into_iter().map(move |a| (n, a)))
        .collect();
    let replies = at_once(&attempts, |_, (n, attempt)| {
        askers[*n].post_signed(&attempt.path, &eligible(), &attempt.key, &attempt.signature)
    });
    let (done, refused): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 201);
    assert_eq!((done.len(), refused.len()), (POSITIONS, 200 - POSITIONS));
    refused.iter().for_each(|reply| assert_eq!(reply.problem(409), "cap-reached"));
    let numbers: BTreeSet<String> = done.iter().map(|reply| number(&reply.json())).collect();
    let expected: BTreeSet<String> = (1..=POSITIONS).map(|ordinal| format!("R{ordinal:04}")).collect();
    assert_eq!(numbers, expected);
    assert_whole(&installation.log_in(&servers[0], "statistician"));
}

fn number(answer: &Value) -> String {
    answer["randomization"]["randomization_number"].as_str().expect("a randomization number").to_owned()
}

/// Positions 0 to 35 in the order of the numbers, no kit twice, and a journal that says the same.
fn assert_whole(statistician: &Client) {
    let mut subjects = reconciled(statistician);
    assert_eq!(subjects.len(), POSITIONS);
    subjects.sort_by_key(|subject| subject["position"].as_u64());
    for (position, subject) in subjects.iter().enumerate() {
        assert_eq!(subject["position"], json!(position));
        assert_eq!(subject["randomization_number"], json!(format!("R{:04}", position + 1)));
    }
    let kits: Vec<&Value> =
        subjects.iter().flat_map(|subject| subject["kits"].as_array().expect("kits")).collect();
    let numbers: BTreeSet<&str> = kits.iter().filter_map(|kit| kit["number"].as_str()).collect();
    assert_eq!((kits.len(), numbers.len()), (POSITIONS, POSITIONS), "one kit each, none twice");
    let export = assert_journal_holds(statistician);
    let given = proof::leaves(&export, "randomized");
    let positions: Vec<u64> = given.iter().filter_map(|leaf| leaf["act"]["position"].as_u64()).collect();
    assert_eq!(positions, (0..36).collect::<Vec<u64>>(), "given in the order of the list");
}

/// Sends one request a hundred times at once, under one key, and asserts that all were answered alike.
fn a_hundred_times(app: &TestApp, login: &str, action: Option<&str>, path: &str, body: &Value) -> Value {
    let who = app.person(login);
    let signature = action.map(|action| who.sign(action, path, body)).unwrap_or_default();
    let replies = at_once(&[(); 100], |_, ()| match action {
        Some(_) => who.post_signed(path, body, "the-one-key", &signature),
        None => who.post_with_key(path, body, "the-one-key"),
    });
    let first = replies[0].expect(201);
    for reply in &replies {
        assert_eq!((reply.status, &reply.body), (201, &replies[0].body));
    }
    first
}

/// How many leaves of a kind the journal holds, and how many say that a request was asked again.
fn told(app: &TestApp, kind: &str) -> (usize, usize) {
    let export = assert_journal_holds(&app.person("statistician"));
    (proof::leaves(&export, kind).len(), proof::leaves(&export, "asked_again").len())
}

#[test]
fn one_key_a_hundred_times_is_one_randomization() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let path = app.path("/subjects/S-001/randomization");
    let answer = a_hundred_times(&app, "investigator", Some("randomize"), &path, &eligible());
    assert_eq!(number(&answer), "R0001");
    assert_eq!(told(&app, "randomized"), (1, 99));
    assert_eq!(app.database.values("SELECT kit AS value FROM kit_allocation").expect("rows").len(), 1);
}

#[test]
fn one_key_a_hundred_times_is_one_dispensation() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let path = app.path("/subjects/S-001/dispensations");
    let answer = a_hundred_times(&app, "pharmacist", None, &path, &json!({ "visit": "D1" }));
    assert_eq!(answer["dispensation"]["kits"].as_array().map(Vec::len), Some(1));
    assert_eq!(told(&app, "dispensed"), (1, 99));
    assert_eq!(app.database.values("SELECT id AS value FROM dispensation").expect("rows").len(), 1);
}

#[test]
fn unb_03_one_key_a_hundred_times_is_one_break() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let body = json!({ "screening_number": "S-001", "reason": "medical_emergency" });
    let answer = a_hundred_times(&app, "oncall", Some("unblind"), &app.path("/unblindings"), &body);
    assert!(answer["unblinding"]["treatment"]["substance"].is_string(), "{answer}");
    assert_eq!(app.database.values("SELECT id AS value FROM unblinding").expect("rows").len(), 1);
    let (breaks, again) = told(&app, "unblinded");
    assert_eq!((breaks, again), (1, 99));
}
