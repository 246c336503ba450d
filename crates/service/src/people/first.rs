//! What somebody who is logged in must do before anything else.

use store::Conn;
use store::rows::session::Session;
use store::rows::{password, second_factor};
use trial::{HeldRole, Refusal};

use crate::failure::Failure;
use crate::service::Service;

/// Whether those who hold an unblinded role or an administrator's must have a second factor (USR-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorRule {
    /// They can do nothing before they have set one up.
    Required,
    /// They may have one, like everybody else.
    Offered,
}

/// What comes before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// To replace the one-time password.
    Password,
    /// To give the code of the second factor.
    Code,
    /// To set a second factor up.
    SecondFactor,
}

impl First {
    /// In which words everything else is refused.
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::Password => Refusal::PasswordChangeNeeded,
            Self::Code => Refusal::CodeNeeded,
            Self::SecondFactor => Refusal::SecondFactorNeeded,
        }
    }
}

/// What a person with these roles must do first in a session.
pub(crate) fn first(
    service: &Service,
    conn: &mut Conn,
    of: &Session,
    roles: &[HeldRole],
) -> Result<Option<First>, Failure> {
    if password::is_one_time(conn, &of.user)? {
        return Ok(Some(First::Password));
    }
    if second_factor::is_set(conn, &of.user)? {
        return Ok(of.code_given_at.is_none().then_some(First::Code));
    }
    Ok(takes_second_factor(service, roles).then_some(First::SecondFactor))
}

/// Whether these roles take a second factor.
pub(super) fn takes_second_factor(service: &Service, roles: &[HeldRole]) -> bool {
    service.second_factor == SecondFactorRule::Required && roles.iter().any(|held| held.role.takes_two())
}
