//! Delays after failed log-ins, asked for before the dear work of checking a password (USR-07).
//!
//! Nobody is ever locked out: the longest delay is a minute (UNB-08). Three counts are kept, each in bounded
//! memory: by account, by address, and by account *and* address once that pair has logged in well. A pair
//! that is known is judged by its own count alone, so that strangers who hammer an account, or a ward's
//! shared address, do not delay the clinician at the usual desk. The emergency break is counted apart from
//! log-ins.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use terms::Moment;

/// The longest delay, in seconds.
const LONGEST: i64 = 60;
/// After so many seconds without a failure, failures are forgotten.
const FORGOTTEN_AFTER: i64 = 15 * 60;
/// A pair of account and address stays known so many seconds after its last good log-in.
const KNOWN_FOR: i64 = 30 * 24 * 3600;
/// Failures that cost nothing: by account or pair, and by address, behind which there may be a whole
/// hospital.
const FREE_FOR_ACCOUNT: u32 = 5;
const FREE_FOR_ADDRESS: u32 = 20;
/// Entries per count. The entry that was touched longest ago makes room.
const ENTRIES: usize = 10_000;

/// For what a password is given. Failures at the one door do not delay the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// Logging in, and signing any act but a break.
    LogIn,
    /// Giving the code of the second factor, for which the password was right.
    Code,
    /// Breaking a code in an emergency, by somebody who is logged in.
    Break,
    /// Breaking a code in an emergency without a log-in: a door before which everybody may stand, so that a crowd
    /// there takes nothing from those who are logged in.
    Emergency,
}

/// The log-in is to be tried again after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many failed log-ins; try again in {0} seconds")]
pub struct RetryAfter(pub u32);

/// The counts of failed log-ins, of this process.
#[derive(Default)]
pub struct Throttle(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    accounts: BTreeMap<Key, Failures>,
    addresses: BTreeMap<Key, Failures>,
    known: BTreeMap<Key, Failures>,
}

type Key = (Door, String);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    /// When it was last touched: by a failure or, for a known pair, by a good log-in.
    last: Moment,
}

impl Throttle {
    /// Whether a password may be tried now. It is asked before the password is looked at, so a refusal says
    /// nothing about the password or about whether there is such an account.
    ///
    /// # Errors
    /// [`RetryAfter`], with the seconds to wait.
    pub fn check(&self, door: Door, account: &str, address: IpAddr, now: Moment) -> Result<(), RetryAfter> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = Keys::new(door, account, address);
        let wait = match counts.known.get(&keys.pair).filter(|pair| pair.age(now) < KNOWN_FOR) {
            Some(pair) => pair.wait(FREE_FOR_ACCOUNT, now),
            None => {
                let by = |map: &BTreeMap<Key, Failures>, key, free| {
                    map.get(key).map_or(0, |failures: &Failures| failures.wait(free, now))
                };
                by(&counts.accounts, &keys.account, FREE_FOR_ACCOUNT).max(by(
                    &counts.addresses,
                    &keys.address,
                    FREE_FOR_ADDRESS,
                ))
            }
        };
        if wait == 0 { Ok(()) } else { Err(RetryAfter(wait)) }
    }

    /// Counts a wrong password, or an unknown account.
    pub fn failed(&self, door: Door, account: &str, address: IpAddr, now: Moment) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = Keys::new(door, account, address);
        if let Some(pair) = counts.known.get_mut(&keys.pair) {
            pair.add(now);
            return;
        }
        fail(&mut counts.accounts, keys.account, now);
        fail(&mut counts.addresses, keys.address, now);
    }

    /// Forgets the failures of the account, and knows the pair from now on, at the door of the emergency, too. The
    /// address's failures stay: else one own account would let a guesser try all others.
    pub fn succeeded(&self, door: Door, account: &str, address: IpAddr, now: Moment) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = Keys::new(door, account, address);
        counts.accounts.remove(&keys.account);
        for pair in [keys.pair, Keys::new(Door::Emergency, account, address).pair] {
            make_room(&mut counts.known, &pair, KNOWN_FOR, now);
            counts.known.insert(pair, Failures { count: 0, last: now });
        }
    }

    /// Whether this account has given its password well at this address, at whichever door.
    pub fn knows(&self, account: &str, address: IpAddr, now: Moment) -> bool {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = Keys::new(Door::Emergency, account, address).pair;
        counts.known.get(&pair).is_some_and(|known| known.age(now) < KNOWN_FOR)
    }
}

struct Keys {
    account: Key,
    address: Key,
    pair: Key,
}

impl Keys {
    fn new(door: Door, account: &str, address: IpAddr) -> Self {
        // Cut, because the name was sent by anybody; it need not be an account's.
        let account: String = account.chars().take(64).flat_map(char::to_lowercase).collect();
        let address = network(address).to_string();
        Self {
            pair: (door, format!("{account} {address}")),
            account: (door, account),
            address: (door, address),
        }
    }
}

/// The part of an address that costs something to change: all of IPv4, the first 64 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        address => address,
    }
}

impl Failures {
    fn age(self, now: Moment) -> i64 {
        now.utc().signed_duration_since(self.last.utc()).num_seconds()
    }

    fn add(&mut self, now: Moment) {
        self.count = if self.age(now) < FORGOTTEN_AFTER { self.count.saturating_add(1) } else { 1 };
        self.last = now;
    }

    /// The seconds still to wait: 1 after the last free failure, then twice as long after each.
    fn wait(self, free: u32, now: Moment) -> u32 {
        let Some(beyond) = self.count.checked_sub(free) else { return 0 };
        let delay = 1_i64.checked_shl(beyond.min(32)).map_or(LONGEST, |delay| delay.min(LONGEST));
        // Should the clock go backwards, nobody waits longer than the delay itself.
        let left = delay.saturating_sub(self.age(now).max(0));
        u32::try_from(left).unwrap_or(0)
    }
}

fn fail(map: &mut BTreeMap<Key, Failures>, key: Key, now: Moment) {
    make_room(map, &key, FORGOTTEN_AFTER, now);
    map.entry(key).or_insert(Failures { count: 0, last: now }).add(now);
}

fn make_room(map: &mut BTreeMap<Key, Failures>, key: &Key, forgotten_after: i64, now: Moment) {
    if map.len() < ENTRIES || map.contains_key(key) {
        return;
    }
    map.retain(|_, failures| failures.age(now) < forgotten_after);
    let oldest = map.iter().min_by_key(|(_, failures)| failures.last).map(|(key, _)| key.clone());
    if let Some(oldest) = oldest.filter(|_| map.len() >= ENTRIES) {
        map.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use terms::Moment;

    use super::{Door, ENTRIES, RetryAfter, Throttle};

    fn at(seconds: i64) -> Moment {
        Moment::parse("2026-01-05T03:00:00Z").expect("an instant").plus_seconds(seconds)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn usr_07_the_delay_doubles_from_one_second_up_to_a_minute() {
        let throttle = Throttle::default();
        let (account, mut now) = ("ada", 0);
        let mut delays = Vec::new();
        for attempt in 0..14 {
            // Every attempt from another address: the account alone is counted.
            let from = address(&format!("192.0.2.{attempt}"));
            let wait = throttle.check(Door::LogIn, account, from, at(now));
            delays.push(wait.err().map_or(0, |RetryAfter(seconds)| seconds));
            now += i64::from(*delays.last().expect("a delay"));
            assert_eq!(throttle.check(Door::LogIn, account, from, at(now)), Ok(()), "waiting is enough");
            throttle.failed(Door::LogIn, account, from, at(now));
        }
        assert_eq!(delays, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn unb_08_nobody_is_locked_out_and_failures_are_forgotten() {
        let throttle = Throttle::default();
        let from = address("192.0.2.1");
        (0..10_000).for_each(|_| throttle.failed(Door::LogIn, "ada", from, at(0)));
        assert_eq!(throttle.check(Door::LogIn, "ada", from, at(59)), Err(RetryAfter(1)));
        assert_eq!(throttle.check(Door::LogIn, "ada", from, at(60)), Ok(()));
        throttle.failed(Door::LogIn, "ada", from, at(15 * 60));
        assert_eq!(throttle.check(Door::LogIn, "ada", from, at(15 * 60)), Ok(()), "a count begins anew");
    }

    #[test]
    fn unb_08_a_flood_of_log_ins_delays_no_break() {
        let throttle = Throttle::default();
        let from = address("192.0.2.1");
        (0..1_000).for_each(|_| throttle.failed(Door::LogIn, "ada", from, at(0)));
        assert!(throttle.check(Door::LogIn, "ada", from, at(0)).is_err());
        assert_eq!(throttle.check(Door::Break, "ada", from, at(0)), Ok(()));
    }

    #[test]
    fn unb_08_the_emergency_door_has_a_count_of_its_own_and_knows_who_logged_in_elsewhere() {
        let throttle = Throttle::default();
        let (desk, stranger) = (address("192.0.2.1"), address("198.51.100.1"));
        throttle.succeeded(Door::LogIn, "ada", desk, at(0));
        assert!(throttle.knows("ADA", desk, at(1)) && !throttle.knows("ada", stranger, at(1)));
        assert!(!throttle.knows("ada", desk, at(31 * 24 * 3600)), "not for ever");
        (0..30).for_each(|_| throttle.failed(Door::Emergency, "ada", stranger, at(1)));
        assert!(throttle.check(Door::Emergency, "ada", stranger, at(1)).is_err());
        assert_eq!(throttle.check(Door::Emergency, "ada", desk, at(1)), Ok(()));
        assert_eq!(throttle.check(Door::Break, "ada", stranger, at(1)), Ok(()));
        assert_eq!(throttle.check(Door::LogIn, "ada", stranger, at(1)), Ok(()));
        (0..5).for_each(|_| throttle.failed(Door::Emergency, "ada", desk, at(2)));
        assert_eq!(throttle.check(Door::Emergency, "ada", desk, at(2)), Err(RetryAfter(1)));
    }

    #[test]
    fn an_address_is_delayed_over_all_accounts_after_twenty_failures() {
        let throttle = Throttle::default();
        let from = |host: u32| address(&format!("2001:db8::{host:x}"));
        for attempt in 0..20 {
            assert_eq!(throttle.check(Door::LogIn, "new", from(attempt), at(0)), Ok(()), "after {attempt}");
            throttle.failed(Door::LogIn, &format!("account-{attempt}"), from(attempt), at(0));
        }
        assert_eq!(throttle.check(Door::LogIn, "new", from(99), at(0)), Err(RetryAfter(1)));
        assert_eq!(throttle.check(Door::LogIn, "new", address("2001:db8:1::1"), at(0)), Ok(()));
    }

    #[test]
    fn unb_08_strangers_do_not_delay_the_usual_desk() {
        let throttle = Throttle::default();
        let (desk, stranger) = (address("192.0.2.1"), address("198.51.100.1"));
        throttle.succeeded(Door::LogIn, "ada", desk, at(0));
        (0..30).for_each(|_| throttle.failed(Door::LogIn, "ADA", stranger, at(1)));
        (0..30).for_each(|n| throttle.failed(Door::LogIn, &format!("other-{n}"), desk, at(1)));
        assert!(throttle.check(Door::LogIn, "ada", stranger, at(1)).is_err());
        assert!(throttle.check(Door::LogIn, "eve", desk, at(1)).is_err());
        assert_eq!(throttle.check(Door::LogIn, "ada", desk, at(1)), Ok(()));
        (0..5).for_each(|_| throttle.failed(Door::LogIn, "ada", desk, at(2)));
        assert_eq!(
            throttle.check(Door::LogIn, "ada", desk, at(2)),
            Err(RetryAfter(1)),
            "but its own count does"
        );
    }

    #[test]
    fn a_good_log_in_clears_the_account_but_not_the_address() {
        let throttle = Throttle::default();
        let from = address("192.0.2.1");
        (0..20).for_each(|_| throttle.failed(Door::LogIn, "ada", from, at(0)));
        throttle.succeeded(Door::LogIn, "ada", from, at(60));
        assert_eq!(throttle.check(Door::LogIn, "ada", address("192.0.2.2"), at(0)), Ok(()));
        assert_eq!(throttle.check(Door::LogIn, "eve", from, at(0)), Err(RetryAfter(1)));
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_makes_room() {
        let throttle = Throttle::default();
        let from = address("192.0.2.1");
        (0..5).for_each(|_| throttle.failed(Door::LogIn, "first", from, at(0)));
        for n in 0..ENTRIES {
            throttle.failed(Door::LogIn, &format!("account-{n}{}", "x".repeat(100)), from, at(1));
        }
        let counts = throttle.0.lock().expect("a lock");
        assert_eq!(counts.accounts.len(), ENTRIES);
        assert!(counts.accounts.keys().all(|(_, account)| account.len() <= 64 && account != "first"));
    }
}
