//! People: accounts, log-ins, signatures and roles.
//!
//! What concerns an account stands in the installation's tree; a role in a study is granted and revoked in
//! the study's tree, under the study's lock. No password is ever hashed inside a transaction: hashing takes
//! long on purpose, and nobody waits for a lock that a log-in holds.

pub mod browser;
pub mod code;
pub mod grant;
pub mod invite;
pub mod log_in;
pub mod me;
pub mod refresh;
pub mod reset;
pub mod review;
pub mod second_factor;
pub mod sessions;
pub mod sign;

mod bootstrap;
mod count;
mod credentials;
mod desk;
mod first;
mod once;
mod owner;

pub use bootstrap::{bootstrap_administrator, has_one_time_password, reset_by_operator};
pub(crate) use count::FailedLogIns;
pub use count::flush;
pub use credentials::Attempt;
pub(crate) use credentials::{Proved, prove};
pub(crate) use first::first;
pub use first::{First, SecondFactorRule};

use store::Tx;
use terms::{Moment, UserId};
use trial::Role;
use trial::act::{Act, Leaf};

use crate::case::append_leaf;
use crate::failure::Failure;
use crate::service::Service;

/// Appends an act that belongs to no study.
fn append(
    service: &Service,
    tx: &mut Tx,
    actor: Option<&UserId>,
    role: Option<Role>,
    saved: Moment,
    act: Act,
) -> Result<(), Failure> {
    let index = tx.frontier().size();
    let nonce = service.entropy.id()?;
    let actor = actor.cloned();
    let leaf = Leaf { index, nonce, saved, happened: None, actor, role, site: None, design: None, act };
    append_leaf(tx, leaf)?;
    Ok(())
}
