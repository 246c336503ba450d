//! A person's own account (`GET /me`, `POST /me/password`).

use std::sync::Arc;

use store::rows::password::{self, Password};
use store::rows::person::{self, Person};
use store::rows::{role, session};
use store::{Tree, Tx};
use trial::act::Act;
use trial::{HeldRole, Refusal};

use super::append;
use super::credentials::{Attempt, prove};
use crate::case::assert_logged_in;
use crate::failure::{Failure, missing};
use crate::passwords::check_new;
use crate::request::Caller;
use crate::service::Shared;
use crate::throttle::Door;

/// The caller.
pub struct Me {
    /// The person.
    pub person: Person,
    /// The roles held now.
    pub roles: Vec<HeldRole>,
    /// Whether the password must be replaced before anything else.
    pub must_change_password: bool,
}

/// Who the caller is, and with which roles now.
///
/// # Errors
/// [`Refusal::NotAuthenticated`] when the session has ended.
pub fn me(service: &Shared, caller: &Caller) -> Result<Me, Failure> {
    service.store.read(|conn| {
        assert_logged_in(conn, caller, service.clock.now())?;
        Ok(Me {
            person: person::find(conn, &caller.user)?.ok_or_else(|| missing("person"))?,
            roles: role::held(conn, &caller.user)?,
            must_change_password: password::is_one_time(conn, &caller.user)?,
        })
    })
}

/// Replaces the caller's password, and ends the caller's other sessions.
///
/// # Errors
/// [`Refusal::WrongCredentials`] for a wrong old password; [`Refusal::Field`] for a new one that is not
/// taken.
pub fn set_password(service: &Shared, caller: &Caller, old: &Attempt, new: &str) -> Result<(), Failure> {
    service.store.read(|conn| assert_logged_in(conn, caller, service.clock.now()))?;
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
        assert_logged_in(tx, &caller, now)?;
        proved.still_holds(tx)?;
        password::set(tx, &caller.user, &Password { hash: hash.clone(), one_time: false }, now)?;
        session::end_all(tx, &caller.user, Some(&caller.session), now)?;
        append(&shared, tx, Some(&caller.user), None, now, Act::PasswordSet { user: caller.user.clone() })
    })
}
