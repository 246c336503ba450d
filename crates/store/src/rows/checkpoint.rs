//! Signed checkpoints of the journal trees.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::Moment;

use crate::schema::checkpoint;
use crate::stored::{from_bigint, to_bigint};
use crate::{Conn, Fault, Tree, Tx};

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of leaves that it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub signed_at: Moment,
}

/// Keeps a checkpoint. There is one for a size: whoever asks for another at the same size gets the first.
pub fn add(tx: &mut Tx, new: &Checkpoint) -> Result<(), Fault> {
    let tree = tx.tree().to_string();
    diesel::insert_into(checkpoint::table)
        .values((
            checkpoint::tree.eq(tree),
            checkpoint::size.eq(to_bigint(new.size, "checkpoint size")?),
            checkpoint::note.eq(&new.note),
            checkpoint::signed_at.eq(new.signed_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The checkpoint over the most leaves.
pub fn latest(conn: &mut Conn, tree: &Tree) -> Result<Option<Checkpoint>, Fault> {
    checkpoint::table
        .filter(checkpoint::tree.eq(tree.to_string()))
        .order(checkpoint::size.desc())
        .select((checkpoint::size, checkpoint::note, checkpoint::signed_at))
        .first::<Row>(&mut conn.0)
        .optional()?
        .map(read)
        .transpose()
}

/// All checkpoints, in the order of their sizes.
pub fn all(conn: &mut Conn, tree: &Tree) -> Result<Vec<Checkpoint>, Fault> {
    let rows: Vec<Row> = checkpoint::table
        .filter(checkpoint::tree.eq(tree.to_string()))
        .order(checkpoint::size)
        .select((checkpoint::size, checkpoint::note, checkpoint::signed_at))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

type Row = (i64, String, NaiveDateTime);

fn read((size, note, signed_at): Row) -> Result<Checkpoint, Fault> {
    let size = from_bigint(size, "checkpoint size")?;
    Ok(Checkpoint { size, note, signed_at: Moment::from_stored(signed_at) })
}
