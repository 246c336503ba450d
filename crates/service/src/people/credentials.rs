//! Checking a password: throttled first, then hashed, with no lock held.

use std::net::IpAddr;

use store::rows::password::{self, Password};
use store::rows::{person, role};
use terms::UserId;
use trial::{Actor, Refusal};

use crate::failure::Failure;
use crate::service::Service;
use crate::throttle::{Door, RetryAfter};

/// A password that is given, and from where.
pub struct Attempt {
    /// The password.
    pub password: String,
    /// The address of the connection.
    pub from: IpAddr,
}

/// A person whose password was right, and the password as it is stored: whoever acts upon it reads it again
/// in the transaction of the act, and refuses when it has changed meanwhile.
#[derive(Clone)]
pub(crate) struct Proved {
    pub(crate) user: UserId,
    pub(super) stored: Password,
}

/// Checks the password of `name`. An unknown name costs what a wrong password costs and is answered in the
/// same words; the throttle is asked before either is looked at (USR-07).
pub(crate) fn prove(service: &Service, door: Door, name: &str, attempt: &Attempt) -> Result<Proved, Failure> {
    let now = service.clock.now();
    let throttled = service.throttle.check(door, name, attempt.from, now);
    throttled.map_err(|RetryAfter(seconds)| Refusal::TooManyAttempts(seconds))?;
    let known = find(service, name)?;
    let hash = known.as_ref().map(|proved| proved.stored.hash.as_str());
    // UNB-08: the place at which breaks are signed is never given to a log-in.
    let right = match door {
        Door::LogIn | Door::Code => service.passwords.verify(&attempt.password, hash)?,
        Door::Break => service.passwords.verify_reserved(&attempt.password, hash)?,
        Door::Emergency if service.throttle.knows(name, attempt.from, now) => {
            service.passwords.verify_reserved(&attempt.password, hash)?
        }
        Door::Emergency => service.passwords.verify_stranger(&attempt.password, hash)?,
    };
    match known.filter(|_known| right) {
        Some(proved) => {
            service.throttle.succeeded(door, name, attempt.from, now);
            Ok(proved)
        }
        None => {
            service.throttle.failed(door, name, attempt.from, now);
            service.failed_log_ins.note(name);
            Err(Refusal::WrongCredentials.into())
        }
    }
}

fn find(service: &Service, name: &str) -> Result<Option<Proved>, Failure> {
    let Ok(user) = UserId::parse(name) else { return Ok(None) };
    service.store.read(|conn| {
        let person = person::find(conn, &user)?;
        let stored = password::find(conn, &user)?;
        Ok(person.and(stored).map(|stored| Proved { user: user.clone(), stored }))
    })
}

impl Proved {
    /// Refuses when the password was changed or reset since it was checked.
    pub(super) fn still_holds(&self, conn: &mut store::Conn) -> Result<(), Failure> {
        let unchanged = password::find(conn, &self.user)?.is_some_and(|now| now == self.stored);
        if unchanged { Ok(()) } else { Err(Refusal::WrongCredentials.into()) }
    }

    /// The person with the roles that the database gives now, when the password is still this one and the person's
    /// own: what a log-in is to other acts, for an act that is its own log-in.
    pub(crate) fn admit(&self, conn: &mut store::Conn) -> Result<Actor, Failure> {
        self.still_holds(conn)?;
        if self.stored.one_time {
            return Err(Refusal::PasswordChangeNeeded.into());
        }
        Ok(Actor { user: self.user.clone(), roles: role::held(conn, &self.user)? })
    }
}
