//! What happens to an account: acts of the installation, which belong to no study.

use serde::{Deserialize, Serialize};
use terms::UserId;

use crate::text;

/// Whose account it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The person.
    #[serde(with = "text")]
    pub user: UserId,
}

impl Account {
    /// The account of this person.
    pub fn of(user: &UserId) -> Self {
        Self { user: user.clone() }
    }
}

/// Log-ins of a person that were ended, by the person or by an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsEnded {
    /// The person.
    #[serde(with = "text")]
    pub user: UserId,
    /// How many.
    pub sessions: u64,
}
