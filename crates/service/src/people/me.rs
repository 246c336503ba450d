//! A person's own account (`GET /me`, `POST /me/password`).

use std::sync::Arc;

use store::rows::password::{self, Password};
use store::rows::person::{self, Person};
use store::rows::{role, second_factor, session};
use store::{Conn, Tree, Tx};
use trial::act::{Account, Act};
use trial::{HeldRole, Refusal};

use super::credentials::{Attempt, prove};
use super::first::takes_second_factor;
use super::{First, append, first};
use crate::case::logged_in;
use crate::failure::{Failure, missing};
use crate::passwords::check_new;
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::throttle::Door;

/// The caller.
pub struct Me {
    /// The person.
    pub person: Person,
    /// The roles held now.
    pub roles: Vec<HeldRole>,
    /// What comes before anything else.
    pub first: Option<First>,
    /// Whether there is a second factor.
    pub has_second_factor: bool,
    /// Whether the roles take one.
    pub must_have_second_factor: bool,
    /// How many recovery codes are left.
    pub recovery_codes: usize,
}

/// Who the caller is, and with which roles now.
///
/// # Errors
/// [`Refusal::NotAuthenticated`] when the session has ended.
pub fn me(service: &Shared, caller: &Caller) -> Result<Me, Failure> {
    service.store.read(|conn| {
        let session = logged_in(conn, caller, service.clock.now())?;
        let roles = role::held(conn, &caller.user)?;
        Ok(Me {
            person: person::find(conn, &caller.user)?.ok_or_else(|| missing("person"))?,
            first: first(service, conn, &session, &roles)?,
            must_have_second_factor: takes_second_factor(service, &roles),
            roles,
            has_second_factor: second_factor::is_set(conn, &caller.user)?,
            recovery_codes: second_factor::recovery_left(conn, &caller.user)?,
        })
    })
}

/// Replaces the caller's password, and ends the caller's other sessions.
///
/// # Errors
/// [`Refusal::WrongCredentials`] for a wrong old password; [`Refusal::Field`] for a new one that is not
/// taken.
pub fn set_password(service: &Shared, caller: &Caller, old: &Attempt, new: &str) -> Result<(), Failure> {
    service.store.read(|conn| assert_whole(service, conn, caller))?;
    check_new(caller.user.as_str(), new)
        .map_err(|weak| Refusal::field("new_password", format!("is not taken: {weak}")))?;
    if new == old.password {
        return Err(Refusal::field("new_password", "is not taken: it is the old one").into());
    }
    let proved = prove(service, Door::LogIn, caller.user.as_str(), old)?;
    let hash = service.passwords.hash(new, &service.entropy)?;
    let (shared, caller) = (Arc::clone(service), caller.clone());
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let now = shared.clock.now();
        assert_whole(&shared, tx, &caller)?;
        proved.still_holds(tx)?;
        password::set(tx, &caller.user, &Password { hash: hash.clone(), one_time: false }, now)?;
        session::end_all(tx, &caller.user, Some(&caller.session), now)?;
        append(&shared, tx, Some(&caller.user), None, now, Act::PasswordSet(Account::of(&caller.user)))
    })
}

/// Whoever has found out a password alone must not replace it.
fn assert_whole(service: &Service, conn: &mut Conn, caller: &Caller) -> Result<(), Failure> {
    let session = logged_in(conn, caller, service.clock.now())?;
    let roles = role::held(conn, &caller.user)?;
    match first(service, conn, &session, &roles)? {
        Some(First::Code) => Err(Refusal::CodeNeeded.into()),
        _ => Ok(()),
    }
}
