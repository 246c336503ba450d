//! Accounts: inviting a person (`POST /users`).

use store::Tx;
use store::rows::password::{self, Password};
use store::rows::person::{self, Person};
use store::rows::session;
use terms::UserId;
use trial::act::{Account, Act};
use trial::{Action, Refusal};

use super::desk::{self, Desk};
use super::once::Keyed;
use super::owner;
use super::second_factor::take_away;
use crate::failure::Failure;
use crate::mail::{BlindedEvent, EmailAddress};
use crate::passwords::one_time;
use crate::request::{Caller, IdempotencyKey};
use crate::service::{Service, Shared};

/// A person who is to have an account.
#[derive(Clone)]
pub struct NewPerson {
    /// The log-in name, for ever.
    pub login: UserId,
    /// The name as it is shown.
    pub display_name: String,
    /// Where the person is written to.
    pub email: EmailAddress,
}

/// A password that its owner must replace, shown once to the administrator, who hands it over by another way
/// than mail.
pub struct Invited {
    /// The person.
    pub user: UserId,
    /// The password.
    pub one_time_password: String,
}

impl NewPerson {
    /// A person out of what an administrator wrote.
    ///
    /// # Errors
    /// [`Refusal::Field`]: the log-in name has 1 to 40 characters of `a-z 0-9 . _ -`, the name 1 to 100
    /// printable ones.
    pub fn new(login: &str, display_name: &str, email: &str) -> Result<Self, Refusal> {
        let login = Some(login).filter(|login| !login.bytes().any(|byte| byte.is_ascii_uppercase()));
        let login = login.and_then(|login| UserId::parse(login).ok()).ok_or_else(|| {
            Refusal::field("login", "must be 1 to 40 of a-z 0-9 . _ - and begin with a letter or a digit")
        })?;
        let display_name = display_name.trim().to_owned();
        let length = display_name.chars().count();
        if !(1..=100).contains(&length) || display_name.chars().any(is_unseen) {
            return Err(Refusal::field("display_name", "must be 1 to 100 printable characters"));
        }
        let email = email.parse().map_err(|bad| Refusal::field("email", bad))?;
        Ok(Self { login, display_name, email })
    }
}

/// What is no letter of a name: a name that turned the direction of writing would turn round what stands beside it,
/// such as the time on an unblinded page.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Makes an account, and tells its owner by mail, without the password.
///
/// Sent again under the same key it has the same answer. Without a key, a request that is sent again is refused,
/// because a log-in name is given once, and an administrator whose first answer was lost resets the password.
///
/// # Errors
/// [`Refusal::Exists`] for a log-in name that somebody has or had (SIG-03, USR-10).
pub fn invite(
    service: &Shared,
    caller: &Caller,
    new: NewPerson,
    key: Option<&IdempotencyKey>,
) -> Result<Invited, Failure> {
    desk::read(service, caller, Action::InviteUser, |_conn| Ok(()))?;
    let user = new.login.clone();
    let what = format!("invite|{}|{}", new.display_name, new.email);
    let keyed = key.map(|key| Keyed::new(caller, key, &what, &user));
    let (one_time_password, hash) = one_time_pair(service, keyed.as_ref())?;
    desk::write(service, caller, Action::InviteUser, move |tx, desk| {
        if let Some(keyed) = &keyed {
            if keyed.outcome(tx)?.is_some() {
                return Ok(());
            }
            keyed.keep(tx, desk, "done")?;
        }
        add_account(tx, desk, &new, &hash)?;
        tell(tx, desk, &new.login, BlindedEvent::Invitation { user: new.login.clone() })
    })?;
    Ok(Invited { user, one_time_password })
}

/// Replaces a password by a one-time one, takes the second factor away, ends all of the person's sessions, and tells
/// the person by mail.
pub(super) fn replace(tx: &mut Tx, desk: &Desk<'_>, user: &UserId, hash: &str) -> Result<(), Failure> {
    password::set(tx, user, &Password { hash: hash.to_owned(), one_time: true }, desk.now)?;
    take_away(tx, user)?;
    session::end_all(tx, user, None, desk.now)?;
    desk.append(tx, None, Act::AccountReset(Account::of(user)))?;
    tell(tx, desk, user, BlindedEvent::AccountReset { user: user.clone() })
}

fn tell(tx: &mut Tx, desk: &Desk<'_>, user: &UserId, event: BlindedEvent) -> Result<(), Failure> {
    owner::tell(desk.service, tx, user, desk.actor, desk.now, event)
}

/// A one-time password, and its hash: that of an act under a key, or a new one.
pub(super) fn one_time_pair(service: &Service, of: Option<&Keyed>) -> Result<(String, String), Failure> {
    let password = match of {
        Some(keyed) => keyed.password(service),
        None => one_time(&service.entropy)?,
    };
    let hash = service.passwords.hash(&password, &service.entropy)?;
    Ok((password, hash))
}

/// Adds a person with a one-time password.
pub(super) fn add_account(tx: &mut Tx, desk: &Desk<'_>, new: &NewPerson, hash: &str) -> Result<(), Failure> {
    if person::find(tx, &new.login)?.is_some() {
        return Err(Refusal::Exists("log-in name").into());
    }
    let row = Person {
        id: new.login.clone(),
        display_name: new.display_name.clone(),
        email: new.email.to_string(),
        invited_by: desk.actor.cloned(),
        invited_at: desk.now,
    };
    person::add(tx, &row)?;
    password::set(tx, &new.login, &Password { hash: hash.to_owned(), one_time: true }, desk.now)?;
    desk.append(tx, None, Act::AccountInvited(Account::of(&new.login)))
}
