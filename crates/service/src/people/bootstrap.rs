//! The first administrators, made by the operator of the installation and by nobody else.

use std::sync::Arc;

use store::rows::{data_key, password, person, role};
use store::{Tree, Tx};
use terms::UserId;
use trial::{HeldRole, Refusal, Role};

use super::desk::Desk;
use super::grant;
use super::invite::{NewPerson, add_account, one_time_pair, replace};
use crate::failure::Failure;
use crate::service::Shared;
use crate::vault::Vault;

/// So many administrators are needed: an unblinded role takes two.
const FIRST: usize = 2;

/// Makes an administrator while there are fewer than two, and answers with a one-time password. It makes the
/// installation's tree and its data key, too, when they are not there.
///
/// # Errors
/// [`Refusal::Exists`] when there are two administrators already, who make every further one, or when
/// somebody has or had the log-in name; [`Refusal::Field`] as in [`NewPerson::new`].
pub fn bootstrap_administrator(
    service: &Shared,
    login: &str,
    display_name: &str,
    email: &str,
) -> Result<String, Failure> {
    let new = NewPerson::new(login, display_name, email)?;
    service.store.create_tree(&Tree::Installation)?;
    let (password, hash) = one_time_pair(service, None)?;
    at_the_operators_desk(service, move |tx, desk| add_first(tx, desk, &new, &hash))?;
    Ok(password)
}

/// Gives a person a new one-time password: the operator's way back in when no administrator can log in any
/// more (UNB-08). Like every reset it ends the person's sessions and stands in the journal.
///
/// # Errors
/// [`Refusal::NotFound`] when there is nobody of that log-in name.
pub fn reset_by_operator(service: &Shared, login: &str) -> Result<String, Failure> {
    let user = UserId::parse(login).map_err(|_malformed| Refusal::NotFound)?;
    let (password, hash) = one_time_pair(service, None)?;
    at_the_operators_desk(service, move |tx, desk| {
        person::find(tx, &user)?.ok_or(Refusal::NotFound)?;
        replace(tx, desk, &user, &hash)
    })?;
    Ok(password)
}

/// Whether a person has not yet replaced the one-time password.
///
/// # Errors
/// [`Refusal::NotFound`] when there is nobody of that log-in name.
pub fn has_one_time_password(service: &Shared, login: &str) -> Result<bool, Failure> {
    let user = UserId::parse(login).map_err(|_malformed| Refusal::NotFound)?;
    service.store.read(|conn| {
        person::find(conn, &user)?.ok_or(Refusal::NotFound)?;
        Ok(password::is_one_time(conn, &user)?)
    })
}

/// Runs an act of the operator, whom no account names, in the installation's tree.
fn at_the_operators_desk(
    service: &Shared,
    f: impl Fn(&mut Tx, &Desk<'_>) -> Result<(), Failure> + Send + 'static,
) -> Result<(), Failure> {
    let shared = Arc::clone(service);
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        if data_key::all(tx, &Tree::Installation)?.is_empty() {
            Vault::furnish(&shared, tx)?;
        }
        let vault = Vault::unlock(&shared, tx, &Tree::Installation)?;
        let now = shared.clock.now();
        f(tx, &Desk { service: &shared, actor: None, role: None, design: None, vault: &vault, now })
    })
}

fn add_first(tx: &mut Tx, desk: &Desk<'_>, new: &NewPerson, hash: &str) -> Result<(), Failure> {
    let held = HeldRole { role: Role::Administrator, study: None, site: None };
    let grants = role::all(tx)?;
    if grants.iter().filter(|grant| grant.held == held && grant.is_in_force()).count() >= FIRST {
        return Err(Refusal::Exists("administrator").into());
    }
    add_account(tx, desk, new, hash)?;
    grant::add(tx, desk, &new.login, &held, false, "made by the operator of the installation")?;
    Ok(())
}
