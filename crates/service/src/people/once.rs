//! Acts that show a one-time password, once under a key.
//!
//! Nothing keeps the password: it follows from the key, the log-in of the administrator and the master key. So a form
//! that is sent twice shows the same password twice, and a new key gives another one.

use aws_lc_rs::hmac;
use sha2::{Digest, Sha256};
use store::rows::account_receipt;
use store::{Conn, Tx};
use terms::UserId;

use super::desk::Desk;
use crate::failure::Failure;
use crate::passwords::one_time_of;
use crate::request::{Caller, IdempotencyKey};
use crate::service::Service;

/// An act of an administrator upon an account, under a key.
#[derive(Clone)]
pub(super) struct Keyed {
    /// What stands for the act in the table of receipts.
    receipt: [u8; 32],
    name: String,
}

impl Keyed {
    /// The act `what` upon the account of `user`.
    pub(super) fn new(caller: &Caller, key: &IdempotencyKey, what: &str, user: &UserId) -> Self {
        let name = format!("{}|{}|{key}|{what}|{user}", caller.user, caller.session);
        Self { receipt: Sha256::digest(&name).into(), name }
    }

    /// The one-time password of the act.
    pub(super) fn password(&self, service: &Service) -> String {
        let key = service.master.authenticator("one-time passwords");
        one_time_of(hmac::sign(&key, self.name.as_bytes()).as_ref())
    }

    /// What the act came to, when it was done before.
    pub(super) fn outcome(&self, conn: &mut Conn) -> Result<Option<String>, Failure> {
        Ok(account_receipt::find(conn, &self.receipt)?)
    }

    /// Keeps what the act has come to.
    pub(super) fn keep(&self, tx: &mut Tx, desk: &Desk<'_>, outcome: &str) -> Result<(), Failure> {
        Ok(account_receipt::add(tx, &self.receipt, outcome, desk.now)?)
    }
}
