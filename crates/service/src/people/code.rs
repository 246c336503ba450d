//! The code of the second factor in a log-in (`POST /session/code`), or a recovery code in its place.

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use store::rows::second_factor::{self, SecondFactor};
use store::rows::session;
use store::{Conn, Tree, Tx};
use terms::{Moment, OpeningId, UserId};
use trial::Refusal;
use trial::act::{Account, Act};

use super::{append, owner};
use crate::case::logged_in;
use crate::failure::{Failure, instrument};
use crate::keys::Kind;
use crate::mail::{BlindedEvent, FactorChange};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::throttle::{Door, RetryAfter};
use crate::totp;
use crate::vault::Vault;

/// A code is looked for so many steps around the time of the device (RFC 6238, 5.2).
const WINDOW: i64 = 1;

/// The clock of a device may be wrong by so many steps, one minute; it is set right by whoever owns it.
pub(super) const FARTHEST: i64 = 2;

/// Digits of a recovery code: 66 bits, and none of them needs another keyboard than a code does.
pub(super) const RECOVERY_DIGITS: usize = 20;

/// Makes a log-in whole that was by the password alone.
///
/// # Errors
/// [`Refusal::WrongCode`], [`Refusal::TooManyAttempts`]; [`Refusal::NotAuthenticated`] when the session has ended.
pub fn give(service: &Shared, caller: &Caller, code: &str, from: IpAddr) -> Result<(), Failure> {
    let (shared, caller, code) = (Arc::clone(service), caller.clone(), code.to_owned());
    let user = caller.user.clone();
    slowed(service, &user, from, || {
        service.store.write(Tree::Installation, move |tx: &mut Tx| {
            let now = shared.clock.now();
            let of = logged_in(tx, &caller, now)?;
            if of.code_given_at.is_some() {
                return Ok(());
            }
            take(&shared, tx, &caller.user, &code, now)?;
            session::give_code(tx, &of.id, now)?;
            append(&shared, tx, Some(&of.user), None, now, Act::LoggedIn(Account::of(&of.user)))
        })
    })
}

/// Tries a code, and counts it when it was wrong, so that the next one has to wait (USR-07).
pub(super) fn slowed<T>(
    service: &Shared,
    user: &UserId,
    from: IpAddr,
    attempt: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let now = service.clock.now();
    let throttled = service.throttle.check(Door::Code, user.as_str(), from, now);
    throttled.map_err(|RetryAfter(seconds)| Refusal::TooManyAttempts(seconds))?;
    let tried = attempt();
    match &tried {
        Err(Failure::Refusal(Refusal::WrongCode(_))) => {
            service.throttle.failed(Door::Code, user.as_str(), from, now);
            service.failed_log_ins.note(user.as_str());
        }
        Ok(_) => service.throttle.succeeded(Door::Code, user.as_str(), from, now),
        Err(_) => {}
    }
    tried
}

/// Takes a code of a person, which is good once, whichever of two requests with it comes first.
pub(super) fn take(
    service: &Service,
    tx: &mut Tx,
    user: &UserId,
    code: &str,
    now: Moment,
) -> Result<(), Failure> {
    let factor = second_factor::find(tx, user)?.ok_or_else(|| wrong(now))?;
    let typed = digits(code).ok_or_else(|| wrong(now))?;
    if typed.len() == RECOVERY_DIGITS {
        return take_recovery(service, tx, user, &typed, now);
    }
    let secret = secret(service, tx, &factor.opening)?;
    let taken = match next_step(&secret, &typed, &factor, now) {
        Some(step) => second_factor::use_step(tx, user, step, drift(step, now))?,
        None => false,
    };
    if taken { Ok(()) } else { Err(wrong(now).into()) }
}

fn take_recovery(
    service: &Service,
    tx: &mut Tx,
    user: &UserId,
    typed: &str,
    now: Moment,
) -> Result<(), Failure> {
    if !second_factor::use_recovery(tx, user, &recovery_hash(typed), now)? {
        return Err(wrong(now).into());
    }
    append(service, tx, Some(user), None, now, Act::RecoveryCodeUsed(Account::of(user)))?;
    let event = BlindedEvent::SecondFactorChanged { user: user.clone(), what: FactorChange::CodeUsed };
    owner::tell(service, tx, user, Some(user), now, event)
}

/// The step of the code by the clock of the device, which was off by as much as before, if it lies after the last one.
fn next_step(secret: &[u8], typed: &str, factor: &SecondFactor, now: Moment) -> Option<i64> {
    let there = totp::step_at(now).saturating_add(factor.drift);
    totp::steps_of(secret, typed, there, WINDOW).find(|step| *step > factor.last_step)
}

/// By how many steps the clock of the device is off: a code is never looked for farther than that and one step more.
pub(super) fn drift(step: i64, now: Moment) -> i64 {
    step.saturating_sub(totp::step_at(now)).clamp(-FARTHEST, FARTHEST)
}

/// The digits of what was typed: people write them in groups.
pub(super) fn digits(typed: &str) -> Option<String> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    typed.bytes().all(|byte| byte.is_ascii_digit()).then_some(typed)
}

/// What is stored of a recovery code: a fast hash will do for what was drawn at random.
pub(super) fn recovery_hash(digits: &str) -> [u8; 32] {
    Sha256::digest(digits).into()
}

pub(super) fn wrong(now: Moment) -> Refusal {
    Refusal::WrongCode(now.utc().format("%H:%M:%S UTC").to_string())
}

pub(super) fn secret(
    service: &Service,
    conn: &mut Conn,
    opening: &OpeningId,
) -> Result<[u8; totp::SECRET], Failure> {
    let opened =
        Vault::unlock(service, conn, &Tree::Installation)?.open(conn, Kind::SecondFactor, opening)?;
    opened.value.as_slice().try_into().map_err(instrument)
}
