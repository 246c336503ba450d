//! Proposals to reset the password of a person of whom that takes two administrators.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Moment, UserId};

use crate::schema::reset_proposal;
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetProposal {
    /// The index of its leaf in the installation's journal.
    pub entry: u64,
    /// Whose password is to be reset.
    pub user: UserId,
    /// The administrator who proposes it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Every proposal ever made about a person, in order.
pub fn of_user(conn: &mut Conn, user: &UserId) -> Result<Vec<ResetProposal>, Fault> {
    let rows: Vec<(String, i64, String, NaiveDateTime)> = reset_proposal::table
        .filter(reset_proposal::user_id.eq(user.as_str()))
        .order(reset_proposal::entry)
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|(user, entry, by, at)| {
            Ok(ResetProposal {
                entry: from_bigint(entry, "entry")?,
                user: to_id(&user, "user id")?,
                by: to_id(&by, "user id")?,
                at: Moment::from_stored(at),
            })
        })
        .collect()
}

/// Adds a proposal.
pub fn add(tx: &mut Tx, new: &ResetProposal) -> Result<(), Fault> {
    diesel::insert_into(reset_proposal::table)
        .values((
            reset_proposal::entry.eq(to_bigint(new.entry, "entry")?),
            reset_proposal::user_id.eq(new.user.as_str()),
            reset_proposal::proposed_by.eq(new.by.as_str()),
            reset_proposal::proposed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}
