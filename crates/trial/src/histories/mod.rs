//! Random histories of a whole study: every decision that touches a kit is asked as the service asks it, and what it
//! allows is held against a plain record of what is true, which shares nothing with the decisions.

mod acts;
mod play;
mod stock;
mod truth;

use std::collections::BTreeMap;

use play::{House, Play};

/// How many histories are played, of so many steps each: enough in every run, and more by `IWRS_HISTORIES`.
const HISTORIES: u64 = 100_000;
const STEPS: u32 = 100;

/// How often each thing happened.
type Happened = BTreeMap<&'static str, u64>;

#[test]
fn no_kit_is_given_twice_or_too_late_or_to_the_wrong_one_in_any_history() {
    let wanted = option_env!("IWRS_HISTORIES").and_then(|number| number.parse().ok()).unwrap_or(HISTORIES);
    let house = House::imodals();
    let some = |first: u64| {
        let mut happened = Happened::new();
        for number in (first..wanted).step_by(2) {
            for (what, times) in history(&house, number) {
                *happened.entry(what).or_default() += times;
            }
        }
        happened
    };
    let happened = std::thread::scope(|scope| {
        let other = scope.spawn(|| some(1));
        let mut all = some(0);
        for (what, times) in other.join().expect("the histories hold") {
            *all.entry(what).or_default() += times;
        }
        all
    });
    // A promise is kept easily where nothing happens: everything has to come up, and not once.
    for what in EVERYTHING {
        let times = happened.get(what).copied().unwrap_or(0);
        assert!(times > wanted / 500, "`{what}` came up {times} times in {wanted} histories: {happened:?}");
    }
}

/// What has to come up: acts, and refusals by their codes.
const EVERYTHING: [&str; 27] = [
    "randomized",
    "dispensed",
    "allocated anew",
    "set aside as out of date",
    "handed over",
    "wrong kit stopped",
    "replaced",
    "picked",
    "dispatched",
    "received",
    "received after an excursion",
    "received directly",
    "quarantined",
    "given back out of quarantine",
    "rejected",
    "damaged",
    "lost",
    "found",
    "shortened",
    "extended",
    "recalled",
    "returned",
    "supply-short",
    "kit-expired",
    "kit-state",
    "too-soon",
    "visit-out-of-order",
];

fn history(house: &House, number: u64) -> Happened {
    let mut play = Play::new(house, number);
    play.begin();
    for _ in 0..STEPS {
        play.step();
    }
    play.settle(number)
}
