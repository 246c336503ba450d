//! Setting a second factor up, giving it up, and the codes for the day on which the device is lost (USR-09, USR-11).

use std::net::IpAddr;
use std::sync::Arc;

use store::rows::second_factor::{self, SecondFactor};
use store::rows::session::{self, Session};
use store::rows::{opening, role};
use store::{Conn, Tree, Tx};
use terms::{Moment, UserId};
use trial::Refusal;
use trial::act::{Account, Act};

use super::code::{FARTHEST, RECOVERY_DIGITS, digits, drift, recovery_hash, secret, slowed, wrong};
use super::credentials::{Attempt, Proved, prove};
use super::first::takes_second_factor;
use super::{First, append, first, owner};
use crate::case::logged_in;
use crate::failure::Failure;
use crate::keys::Kind;
use crate::mail::{BlindedEvent, FactorChange};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::throttle::Door;
use crate::totp;
use crate::vault::Vault;

/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// A clock that is wrong is told by how much, as far as so many steps: ten minutes.
const TOLD: i64 = 20;

/// A secret for an authenticator, shown once.
pub struct Offer {
    /// In base 32, to be typed.
    pub secret: String,
    /// The `otpauth` address, to be scanned.
    pub address: String,
}

/// Makes a secret for the caller, which is in force once a code of it has come.
///
/// # Errors
/// [`Refusal::WrongCredentials`] for a wrong password; what else comes first; [`Refusal::TooManyAttempts`].
pub fn offer(service: &Shared, caller: &Caller, attempt: &Attempt) -> Result<Offer, Failure> {
    with_password(service, caller, attempt, |service, tx, of| {
        let bytes = service.entropy.bytes::<{ totp::SECRET }>()?;
        forget_offer(tx, &of.user)?;
        let vault = Vault::unlock(service, tx, &Tree::Installation)?;
        let stored = vault.seal(tx, Kind::SecondFactor, "second_factor", &bytes)?;
        second_factor::put_offer(tx, &of.user, &stored.opening, service.clock.now())?;
        Ok(Offer { secret: totp::base32(&bytes), address: totp::address(&bytes, of.user.as_str()) })
    })
}

/// Puts the offered secret in force, in the place of the one before, by a code of it. The other sessions end. Gives the
/// recovery codes.
///
/// # Errors
/// [`Refusal::NotFound`] when nothing was offered; [`Refusal::WrongCode`]; [`Refusal::Field`] for the code of a clock
/// that is wrong by more than a minute; [`Refusal::TooManyAttempts`].
pub fn confirm(service: &Shared, caller: &Caller, code: &str, from: IpAddr) -> Result<Vec<String>, Failure> {
    let (shared, caller, code) = (Arc::clone(service), caller.clone(), code.to_owned());
    let user = caller.user.clone();
    slowed(service, &user, from, || {
        service.store.write(Tree::Installation, move |tx: &mut Tx| {
            let of = own(&shared, tx, &caller)?;
            put_in_force(&shared, tx, &of, &code)
        })
    })
}

/// Makes new recovery codes.
///
/// # Errors
/// [`Refusal::NotFound`] without a second factor; otherwise as [`offer`].
pub fn recovery_codes(service: &Shared, caller: &Caller, attempt: &Attempt) -> Result<Vec<String>, Failure> {
    with_password(service, caller, attempt, |service, tx, of| {
        second_factor::find(tx, &of.user)?.ok_or(Refusal::NotFound)?;
        record(service, tx, &of.user, Act::RecoveryCodesMade, FactorChange::CodesMade)?;
        new_recovery_codes(service, tx, &of.user)
    })
}

/// Gives the caller's second factor up.
///
/// # Errors
/// [`Refusal::SecondFactorNeeded`] of somebody whose roles take one; [`Refusal::NotFound`] without one; otherwise as
/// [`offer`].
pub fn remove(service: &Shared, caller: &Caller, attempt: &Attempt) -> Result<(), Failure> {
    with_password(service, caller, attempt, |service, tx, of| {
        second_factor::find(tx, &of.user)?.ok_or(Refusal::NotFound)?;
        if takes_second_factor(service, &role::held(tx, &of.user)?) {
            return Err(Refusal::SecondFactorNeeded.into());
        }
        take_away(tx, &of.user)?;
        record(service, tx, &of.user, Act::SecondFactorRemoved, FactorChange::Removed)
    })
}

/// Takes a person's second factor away with everything that belongs to it.
pub(super) fn take_away(tx: &mut Tx, user: &UserId) -> Result<(), Failure> {
    forget_offer(tx, user)?;
    if let Some(factor) = second_factor::find(tx, user)? {
        opening::redact(tx, &factor.opening)?;
    }
    Ok(second_factor::remove(tx, user)?)
}

/// The caller's own log-in, when nothing comes before the person's own affairs but the second factor itself.
pub(super) fn own(service: &Service, conn: &mut Conn, caller: &Caller) -> Result<Session, Failure> {
    let of = logged_in(conn, caller, service.clock.now())?;
    let roles = role::held(conn, &caller.user)?;
    match first(service, conn, &of, &roles)? {
        None | Some(First::SecondFactor) => Ok(of),
        Some(first) => Err(first.refusal().into()),
    }
}

/// Acts upon the caller's second factor, for which the password is asked again: somebody may have walked past.
fn with_password<T: Send + 'static>(
    service: &Shared,
    caller: &Caller,
    attempt: &Attempt,
    act: impl Fn(&Service, &mut Tx, &Session) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    service.store.read(|conn| own(service, conn, caller).map(drop))?;
    let proved: Proved = prove(service, Door::LogIn, caller.user.as_str(), attempt)?;
    let (shared, caller) = (Arc::clone(service), caller.clone());
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let of = own(&shared, tx, &caller)?;
        proved.still_holds(tx)?;
        act(&shared, tx, &of)
    })
}

fn put_in_force(service: &Service, tx: &mut Tx, of: &Session, code: &str) -> Result<Vec<String>, Failure> {
    let offered = second_factor::offered(tx, &of.user)?.ok_or(Refusal::NotFound)?;
    let now = service.clock.now();
    let step = step_of(&secret(service, tx, &offered)?, code, now)?;
    if let Some(before) = second_factor::find(tx, &of.user)? {
        opening::redact(tx, &before.opening)?;
    }
    let factor = SecondFactor { opening: offered, drift: drift(step, now), last_step: step };
    second_factor::set(tx, &of.user, &factor, now)?;
    second_factor::remove_offer(tx, &of.user)?;
    session::end_all(tx, &of.user, Some(&of.id), now)?;
    session::give_code(tx, &of.id, now)?;
    record(service, tx, &of.user, Act::SecondFactorSet, FactorChange::Set)?;
    new_recovery_codes(service, tx, &of.user)
}

/// The step of the first code, which shows by how much the clock of the device is wrong. It may be told, because
/// whoever types it here has just seen the secret.
fn step_of(secret: &[u8], code: &str, now: Moment) -> Result<i64, Refusal> {
    let (typed, here) = (digits(code).ok_or_else(|| wrong(now))?, totp::step_at(now));
    let mut near = totp::steps_of(secret, &typed, here, TOLD);
    let step = near.next().ok_or_else(|| wrong(now))?;
    let off = step.saturating_sub(here);
    if off.abs() <= FARTHEST {
        return Ok(step);
    }
    let minutes = off.abs().div_euclid(2);
    let wrong = if off > 0 {
        format!(
            "is that of a clock about {minutes} minutes ahead: let your device set it, and type the next \
             code"
        )
    } else {
        format!(
            "is that of a clock about {minutes} minutes behind: let your device set it, and type the next \
             code"
        )
    };
    Err(Refusal::field("code", wrong))
}

fn forget_offer(tx: &mut Tx, user: &UserId) -> Result<(), Failure> {
    if let Some(offered) = second_factor::offered(tx, user)? {
        opening::redact(tx, &offered)?;
    }
    Ok(second_factor::remove_offer(tx, user)?)
}

fn new_recovery_codes(service: &Service, tx: &mut Tx, user: &UserId) -> Result<Vec<String>, Failure> {
    let codes: Vec<String> =
        (0..RECOVERY_CODES).map(|_| recovery_code(service)).collect::<Result<_, Failure>>()?;
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| recovery_hash(&code.replace('-', ""))).collect();
    second_factor::set_recovery(tx, user, &hashes)?;
    Ok(codes)
}

/// Digits in groups of five, out of 128 random bits: what is left of these after the division makes no digit likelier
/// than another by more than one in 10^18.
fn recovery_code(service: &Service) -> Result<String, Failure> {
    let number = u128::from_be_bytes(service.entropy.bytes()?) % 10_u128.pow(20);
    let digits = format!("{number:0RECOVERY_DIGITS$}");
    let groups = [0, 5, 10, 15].map(|at| digits.get(at..at + 5).unwrap_or_default());
    Ok(groups.join("-"))
}

/// Records what was done to the own account, and tells its owner by mail.
fn record(
    service: &Service,
    tx: &mut Tx,
    user: &UserId,
    act: fn(Account) -> Act,
    what: FactorChange,
) -> Result<(), Failure> {
    let now = service.clock.now();
    append(service, tx, Some(user), None, now, act(Account::of(user)))?;
    let event = BlindedEvent::SecondFactorChanged { user: user.clone(), what };
    owner::tell(service, tx, user, Some(user), now, event)
}
