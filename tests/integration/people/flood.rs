//! A flood of bad log-ins, and the emergency break in the midst of it (UNB-08).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use iwrs_tests::app::{TestApp, World};
use iwrs_tests::client::{Client, Expect};
use serde_json::json;
use service::people::Attempt;
use service::people::log_in::log_in;
use service::people::sign::{Wanted, sign};
use service::{Failure, passwords};
use trial::{Action, Refusal};

use super::office::{Office, try_sign};

const FLOOD: u32 = 1_000;

/// One place and nobody may wait: the log-ins are full as soon as one of them is checked.
fn narrow() -> World {
    World {
        passwords: passwords::Settings { at_once: 1, waiting: 0, ..passwords::Settings::LIVE },
        ..World::default()
    }
}

/// A bad log-in in a name and from an address of its own, so that no throttle spares the gate.
fn bad_log_in(office: &Office, number: u32) -> Refusal {
    let from = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number));
    let attempt = Attempt { password: "wrong password".to_owned(), from };
    match log_in(&office.service, &format!("nobody-{number}"), &attempt, None) {
        Err(Failure::Refusal(refusal)) => refusal,
        Err(Failure::Fault(fault)) => panic!("{fault:?}"),
        Ok(_) => panic!("nobody was logged in"),
    }
}

#[test]
fn unb_08_a_break_is_signed_while_the_log_ins_are_full() {
    let office = Office::with(narrow());
    let ann = office.person("ann");
    office.granted("ann", "investigator");
    let caller = office.service.caller_of(ann.0.token.as_deref().expect("a token")).expect("a caller");
    let (count, signed) = (AtomicU32::new(0), AtomicBool::new(false));
    let flood = || {
        let mut busy = 0;
        loop {
            let number = count.fetch_add(1, Ordering::Relaxed);
            match bad_log_in(&office, number) {
                Refusal::Busy => busy += 1,
                refusal => assert_eq!(refusal, Refusal::WrongCredentials),
            }
            if number >= FLOOD && signed.load(Ordering::Relaxed) {
                return busy;
            }
        }
    };
    let attempt = || Attempt { password: ann.0.password.clone(), from: IpAddr::V4(Ipv4Addr::LOCALHOST) };
    let is_full =
        || matches!(log_in(&office.service, "ann", &attempt(), None), Err(Failure::Refusal(Refusal::Busy)));
    let address = "/api/v1/studies/imodals/unblindings".to_owned();
    let wanted = Wanted { action: Action::Unblind, address, body_sha256: "0".repeat(64) };
    // Nothing panics before the flood is told to end: it would never end, and the test with it.
    let (full, breaks, busy) = thread::scope(|scope| {
        let flooding: Vec<_> = (0..4).map(|_| scope.spawn(flood)).collect();
        let full = (0..100 * FLOOD).any(|_| is_full());
        let breaks = [(); 5].map(|()| sign(&office.service, &caller, &wanted, &attempt()).is_ok());
        signed.store(true, Ordering::Relaxed);
        let busy: u32 = flooding.into_iter().map(|thread| thread.join().expect("no panic")).sum();
        (full, breaks, busy)
    });
    assert!(full, "the log-ins never were full");
    assert_eq!(breaks, [true; 5], "a break was not signed");
    assert!(busy > FLOOD / 2, "the log-ins were full all the time, but only {busy} were turned away");
}

/// Bad log-ins through the interface in one name, from many threads, until they are told that it is over.
#[derive(Default)]
struct Flood {
    begun: AtomicU32,
    answered: AtomicU32,
    is_over: AtomicBool,
}

impl Flood {
    /// One bad log-in, and the status of its answer.
    fn drop_in(&self, flooder: &Client) -> u16 {
        let body = json!({ "login": "oncall", "password": "wrong password" });
        self.begun.fetch_add(1, Ordering::SeqCst);
        let status = flooder.post("/session", &body).status;
        self.answered.fetch_add(1, Ordering::SeqCst);
        status
    }

    /// Bad log-ins until there were enough and it is over.
    fn pour(&self, base: &str) -> Vec<u16> {
        let flooder = Client::anonymous(base);
        let mut statuses = Vec::new();
        while self.begun.load(Ordering::SeqCst) < FLOOD || !self.is_over.load(Ordering::SeqCst) {
            statuses.push(self.drop_in(&flooder));
        }
        statuses
    }

    /// Does something once the flood has risen, and counts the log-ins that were answered while it was done.
    fn amid<T>(&self, base: &str, act: impl FnOnce() -> T) -> (T, u32) {
        let flooder = Client::anonymous(base);
        while self.answered.load(Ordering::SeqCst) < FLOOD / 10 {
            self.drop_in(&flooder);
        }
        let before = self.answered.load(Ordering::SeqCst);
        let done = act();
        (done, self.answered.load(Ordering::SeqCst) - before)
    }
}

#[test]
fn unb_08_a_code_is_broken_through_the_interface_in_a_flood_of_a_thousand() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    let on_call = app.person("oncall");
    let (path, flood) = (app.path("/unblindings"), Flood::default());
    let wanted = json!({ "screening_number": "S-001", "reason": "serious_adverse_event" });
    // Nothing panics before the flood is told to end: it would never end, and the test with it.
    let (broken, amid, statuses) = thread::scope(|scope| {
        let flooding: Vec<_> = (0..8).map(|_| scope.spawn(|| flood.pour(app.base()))).collect();
        let (broken, amid) = flood.amid(app.base(), || on_call.0.sign_and_post("unblind", &path, &wanted));
        flood.is_over.store(true, Ordering::SeqCst);
        let statuses = flooding.into_iter().flat_map(|thread| thread.join().expect("no panic"));
        (broken, amid, statuses.collect::<Vec<u16>>())
    });
    let broken = broken.expect("the break is signed and answered").expect(201);
    assert_eq!(broken["unblinding"]["screening_number"], "S-001");
    assert!(broken["unblinding"]["treatment"]["name"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(amid > 0, "no log-in was answered while the code was broken");
    assert!(flood.answered.load(Ordering::SeqCst) >= FLOOD);
    assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&429));
    let delayed = try_sign(&on_call, "randomize", "/studies/imodals/subjects/x/randomization", &wanted);
    assert_eq!(delayed.problem(429), "too-many-attempts", "anything but a break waits like a log-in");
}
