//! Passwords: Argon2id under a gate, so that guessing is dear and a flood of guesses cannot starve the
//! on-call break.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::entropy::{Entropy, NoEntropy, letters};

/// What hashing costs, and how many may hash at once.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Memory per hash, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// How many log-ins are checked at once; each takes the memory and a core.
    pub at_once: usize,
    /// How many more may wait. The next one is turned away, because a thread that waits is a thread lost to
    /// others.
    pub waiting: usize,
}

impl Settings {
    /// 19 MiB and two passes, the least that OWASP's password storage guidance recommends for Argon2id; two
    /// at once.
    pub const LIVE: Self = Self { memory_kib: 19 * 1024, passes: 2, at_once: 2, waiting: 16 };
    /// As cheap as the algorithm allows, for tests that log in often.
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1, at_once: 2, waiting: 16 };
}

/// Why a password was neither accepted nor refused.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are being checked already; the same request may be sent again (503).
    #[error("too many log-ins are being checked; try again in a few seconds")]
    Busy,
    /// A stored hash is not one, or the settings are out of the algorithm's range.
    #[error("a password cannot be hashed with the stored settings")]
    Hash(#[from] argon2::password_hash::Error),
    /// There is no salt to be had.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 12 characters.
    #[error("a password has at least 12 characters")]
    TooShort,
    /// More than 256 characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// It is the log-in name.
    #[error("a password must not be the log-in name")]
    IsLogin,
}

/// Whether `password` may become the password of `login`: 12 to 256 characters, any of them, and not the
/// log-in name.
///
/// There is no rule about digits and capitals: such rules make people choose alike and write passwords down,
/// while length is what costs the guesser (NIST SP 800-63B, 5.1.1.2; USR-09 asks for long passphrases).
///
/// # Errors
/// [`WeakPassword`], the first rule that is broken.
pub fn check_new(login: &str, password: &str) -> Result<(), WeakPassword> {
    match password.chars().count() {
        0..12 => Err(WeakPassword::TooShort),
        257.. => Err(WeakPassword::TooLong),
        _ if password.to_lowercase() == login.to_lowercase() => Err(WeakPassword::IsLogin),
        _ => Ok(()),
    }
}

/// A first password that its owner must replace: four groups of five characters, 100 random bits.
///
/// # Errors
/// [`NoEntropy`] when there are no random bytes.
pub fn one_time(entropy: &Entropy) -> Result<String, NoEntropy> {
    Ok(one_time_of(&entropy.bytes::<20>()?))
}

/// The same out of bytes that nobody can guess, the first twenty of them.
pub(crate) fn one_time_of(bytes: &[u8]) -> String {
    let groups = bytes.chunks(5).take(4).map(letters);
    groups.collect::<Vec<_>>().join("-")
}

/// The checker of passwords. Its calls take as long as hashing takes and wait for a free place: call them
/// where waiting is allowed.
pub struct Passwords {
    argon2: Argon2<'static>,
    /// The hash of a password that nobody has: an unknown log-in costs what a wrong password costs (USR-07).
    nobody: String,
    log_ins: Gate,
    on_call: Gate,
    strangers: Gate,
}

impl Passwords {
    /// The checker with these settings.
    ///
    /// # Errors
    /// [`PasswordError`] when the settings are out of the algorithm's range or there is no salt to be had.
    pub fn new(settings: Settings, entropy: &Entropy) -> Result<Self, PasswordError> {
        let params = Params::new(settings.memory_kib, settings.passes, 1, None)
            .map_err(argon2::password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_with(&argon2, &entropy.text::<20>()?, entropy)?;
        let log_ins = Gate::new(settings.at_once, settings.waiting);
        // UNB-08: this place is kept for the emergency break and is never given to a log-in.
        let on_call = Gate::new(1, settings.waiting);
        let strangers = Gate::new(1, settings.waiting);
        Ok(Self { argon2, nobody, log_ins, on_call, strangers })
    }

    /// The hash to be stored for a password, as a PHC string.
    ///
    /// # Errors
    /// [`PasswordError`]; [`PasswordError::Busy`] when too many wait already.
    pub fn hash(&self, password: &str, entropy: &Entropy) -> Result<String, PasswordError> {
        let _place = self.log_ins.enter()?;
        hash_with(&self.argon2, password, entropy)
    }

    /// Whether the password is the one whose hash is stored. `None`, for an unknown log-in, takes as long and
    /// is never right.
    ///
    /// # Errors
    /// [`PasswordError`]; [`PasswordError::Busy`] when too many wait already.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
        let _place = self.log_ins.enter()?;
        self.compare(password, stored)
    }

    /// [`Self::verify`] at the place that is reserved for the emergency break, which no flood of log-ins can
    /// take (UNB-08).
    ///
    /// # Errors
    /// [`PasswordError`]; [`PasswordError::Busy`] only when too many breaks wait already.
    pub fn verify_reserved(&self, password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
        let _place = self.on_call.enter()?;
        self.compare(password, stored)
    }

    /// [`Self::verify`] at the place for a break without a log-in, from where nobody has logged in: a crowd of
    /// strangers takes a place from strangers alone.
    ///
    /// # Errors
    /// [`PasswordError`]; [`PasswordError::Busy`] when too many strangers wait already.
    pub fn verify_stranger(&self, password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
        let _place = self.strangers.enter()?;
        self.compare(password, stored)
    }

    fn compare(&self, password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
        let hash =
            PasswordHash::new(stored.unwrap_or(&self.nobody)).map_err(argon2::password_hash::Error::from)?;
        match self.argon2.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(stored.is_some()),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn hash_with(argon2: &Argon2<'_>, password: &str, entropy: &Entropy) -> Result<String, PasswordError> {
    let salt: [u8; 16] = entropy.bytes()?;
    let hash: PasswordHash = argon2.hash_password_with_salt(password.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

/// A door through which so many may be at once, and before which so many may wait.
struct Gate {
    state: Mutex<Crowd>,
    freed: Condvar,
    waiting_at_most: usize,
}

struct Crowd {
    free: usize,
    waiting: usize,
}

/// A place inside; leaving is dropping it.
struct Inside<'a>(&'a Gate);

impl Gate {
    fn new(at_once: usize, waiting_at_most: usize) -> Self {
        let state = Mutex::new(Crowd { free: at_once.max(1), waiting: 0 });
        Self { state, freed: Condvar::new(), waiting_at_most }
    }

    fn enter(&self) -> Result<Inside<'_>, PasswordError> {
        let mut crowd = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if crowd.free == 0 && crowd.waiting >= self.waiting_at_most {
            return Err(PasswordError::Busy);
        }
        crowd.waiting += 1;
        let mut crowd =
            self.freed.wait_while(crowd, |crowd| crowd.free == 0).unwrap_or_else(PoisonError::into_inner);
        crowd.waiting -= 1;
        crowd.free -= 1;
        Ok(Inside(self))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).free += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{PasswordError, Passwords, Settings, WeakPassword, check_new, one_time};
    use crate::entropy::Entropy;

    fn cheap(at_once: usize, waiting: usize) -> Passwords {
        let settings = Settings { at_once, waiting, ..Settings::CHEAP };
        Passwords::new(settings, &Entropy::System).expect("passwords")
    }

    #[test]
    fn only_the_password_itself_is_right() {
        let passwords = cheap(2, 0);
        let stored = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        for (password, stored, right) in [
            ("correct horse battery", Some(&*stored), true),
            ("correct horse batterz", Some(&*stored), false),
            ("", Some(&*stored), false),
            ("correct horse battery", None, false),
        ] {
            assert_eq!(passwords.verify(password, stored).expect("an answer"), right, "{password:?}");
            assert_eq!(
                passwords.verify_reserved(password, stored).expect("an answer"),
                right,
                "{password:?}"
            );
        }
        assert!(matches!(passwords.verify("correct horse battery", Some("x")), Err(PasswordError::Hash(_))));
        let again = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        assert_ne!(stored, again, "every hash has its own salt");
    }

    #[test]
    fn an_unknown_log_in_is_never_right_not_even_with_nobodys_password() {
        let mut passwords = cheap(2, 0);
        passwords.nobody = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        assert!(!passwords.verify("correct horse battery", None).expect("an answer"));
    }

    #[test]
    fn usr_07_an_unknown_log_in_costs_what_a_wrong_password_costs() {
        let live = Passwords::new(Settings::LIVE, &Entropy::System).expect("passwords");
        let stored = live.hash("correct horse battery", &Entropy::System).expect("a hash");
        for hash in [&stored, &live.nobody] {
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
            assert_eq!(hash.len(), stored.len());
        }
    }

    #[test]
    fn unb_08_full_log_ins_are_turned_away_and_the_break_is_served() {
        let passwords = cheap(2, 0);
        let stored = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        let _both = [passwords.log_ins.enter().ok(), passwords.log_ins.enter().ok()]
            .map(|place| place.expect("free"));
        for _ in 0..1_000 {
            assert!(matches!(passwords.verify("wrong", Some(&stored)), Err(PasswordError::Busy)));
        }
        assert!(passwords.verify_reserved("correct horse battery", Some(&stored)).expect("served"));
    }

    #[test]
    fn unb_08_a_crowd_of_strangers_takes_no_place_from_anybody_else() {
        let passwords = cheap(1, 0);
        let stored = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        let Ok(_place) = passwords.strangers.enter() else { panic!("the place is free") };
        let strange = passwords.verify_stranger("correct horse battery", Some(&stored));
        assert!(matches!(strange, Err(PasswordError::Busy)));
        assert!(passwords.verify_reserved("correct horse battery", Some(&stored)).expect("served"));
        assert!(passwords.verify("correct horse battery", Some(&stored)).expect("served"));
    }

    #[test]
    fn unb_08_a_flood_of_a_thousand_bad_log_ins_leaves_the_break_its_place() {
        let passwords = cheap(2, 16);
        let stored = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        let flood = || {
            (0..40).for_each(|_| match passwords.verify("wrong", None) {
                Ok(right) => assert!(!right),
                Err(error) => assert!(matches!(error, PasswordError::Busy), "{error}"),
            });
        };
        thread::scope(|scope| {
            let flooding: Vec<_> = (0..25).map(|_| scope.spawn(flood)).collect();
            while !flooding.iter().all(thread::ScopedJoinHandle::is_finished) {
                assert!(passwords.verify_reserved("correct horse battery", Some(&stored)).expect("served"));
            }
        });
        assert!(passwords.verify("correct horse battery", Some(&stored)).expect("free again"));
    }

    #[test]
    fn who_waits_is_served_when_a_place_is_free() {
        let passwords = cheap(1, 1);
        let stored = passwords.hash("correct horse battery", &Entropy::System).expect("a hash");
        thread::scope(|scope| {
            let Ok(place) = passwords.log_ins.enter() else { panic!("the place is free") };
            let waiter = scope.spawn(|| passwords.verify("correct horse battery", Some(&stored)));
            while passwords.log_ins.state.lock().expect("a lock").waiting == 0 {
                thread::yield_now();
            }
            assert!(matches!(passwords.verify("x", None), Err(PasswordError::Busy)), "one waits at most");
            drop(place);
            assert!(waiter.join().expect("no panic").expect("served"));
        });
    }

    #[test]
    fn usr_09_long_passwords_of_any_kind_are_taken() {
        let long = "é".repeat(257);
        #[rustfmt::skip]
        let table = [
            ("all lower case", Ok(())),
            ("åäöåäöåäöåäö",   Ok(())),
            (&long[2..],       Ok(())),
            ("elevenchars",    Err(WeakPassword::TooShort)),
            ("ééééééééééé",    Err(WeakPassword::TooShort)),
            (&long,            Err(WeakPassword::TooLong)),
            ("ada.lovelace.x", Err(WeakPassword::IsLogin)),
            ("Ada.Lovelace.X", Err(WeakPassword::IsLogin)),
        ];
        for (password, expected) in table {
            assert_eq!(check_new("ada.lovelace.X", password), expected, "{password}");
        }
    }

    #[test]
    fn a_one_time_password_is_readable_random_and_long_enough_to_be_one() {
        let one = one_time(&Entropy::System).expect("entropy");
        assert_ne!(one, one_time(&Entropy::System).expect("entropy"));
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [5; 4]);
        assert_eq!(check_new("ada", &one), Ok(()));
    }
}
