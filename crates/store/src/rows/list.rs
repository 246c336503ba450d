//! Allocation lists and their positions. The arms stand behind openings.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use journal::Hash;
use terms::{ListId, Moment, OpeningId, Position, Stratum, StudyId, UserId};
use trial::ListState;

use super::opening::{self, Opening};
use crate::schema::{
    allocation_list as list, list_change as change, list_position as position, list_state as state,
    opening as opened,
};
use crate::stored::{exactly_one, from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// An allocation list with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// The version of the design that it was made for.
    pub design_version: u64,
    /// The algorithm.
    pub algorithm: String,
    /// The commitment to all its positions.
    pub root: Hash,
    /// The opening of its seed.
    pub seed: OpeningId,
    /// Who generated it.
    pub generated_by: UserId,
    /// When.
    pub generated_at: Moment,
    /// What has become of it.
    pub state: ListState,
}

/// A step in the life of a list. A list comes into each state at most once, so this answers who brought it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The state that it came into.
    pub state: ListState,
    /// The opening of the reason, where one is asked for.
    pub reason: Option<OpeningId>,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// A position of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The opening of its arm.
    pub arm: OpeningId,
}

/// A position of a list with the opening of its arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The opening of its arm.
    pub arm: Opening,
}

/// Adds a list to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &List) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(list::table)
        .values((
            list::id.eq(new.id.as_str()),
            list::study.eq(&study),
            list::design_version.eq(to_bigint(new.design_version, "design version")?),
            list::algorithm.eq(&new.algorithm),
            list::root.eq(new.root.bytes().as_slice()),
            list::seed_opening.eq(new.seed.as_str()),
            list::generated_by.eq(new.generated_by.as_str()),
            list::generated_at.eq(new.generated_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    diesel::insert_into(state::table)
        .values((
            state::list.eq(new.id.as_str()),
            state::study.eq(&study),
            state::state.eq(new.state.to_string()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds a position.
pub fn add_place(tx: &mut Tx, list: &ListId, new: &Place) -> Result<(), Fault> {
    diesel::insert_into(position::table)
        .values((
            position::list.eq(list.as_str()),
            position::stratum.eq(i64::from(new.stratum.index())),
            position::position.eq(i64::from(new.position.index())),
            position::opening.eq(new.arm.as_str()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Moves a list from one state to another; a fault when it was in a third, or has been in that one before.
pub fn change(tx: &mut Tx, id: &ListId, from: ListState, to: &Change) -> Result<(), Fault> {
    diesel::insert_into(change::table)
        .values((
            change::list.eq(id.as_str()),
            change::state.eq(to.state.to_string()),
            change::reason_opening.eq(to.reason.as_ref().map(OpeningId::as_str)),
            change::changed_by.eq(to.by.as_str()),
            change::changed_at.eq(to.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    let met = diesel::update(state::table.find(id.as_str()))
        .filter(state::state.eq(from.to_string()))
        .set(state::state.eq(to.state.to_string()))
        .execute(&mut tx.0)?;
    exactly_one(met, "list_state")
}

/// The steps in the life of a list after its generation, in the order of its life.
pub fn changes(conn: &mut Conn, id: &ListId) -> Result<Vec<Change>, Fault> {
    let rows: Vec<(String, Option<String>, String, NaiveDateTime)> = change::table
        .filter(change::list.eq(id.as_str()))
        .select((change::state, change::reason_opening, change::changed_by, change::changed_at))
        .load(&mut conn.0)?;
    let read = |(state, reason, by, at): (String, Option<String>, String, NaiveDateTime)| {
        Ok(Change {
            state: state.parse().map_err(|_unknown| Fault::Malformed("list state"))?,
            reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    };
    let mut changes = rows.into_iter().map(read).collect::<Result<Vec<Change>, Fault>>()?;
    // Two steps may share an instant; the states do not lie about which came first.
    changes.sort_by_key(|change| change.state);
    Ok(changes)
}

/// One list.
pub fn find(conn: &mut Conn, study: &StudyId, id: &ListId) -> Result<Option<List>, Fault> {
    Ok(all(conn, study)?.into_iter().find(|list| list.id == *id))
}

/// The list in use.
pub fn active(conn: &mut Conn, study: &StudyId) -> Result<Option<List>, Fault> {
    Ok(all(conn, study)?.into_iter().find(|list| list.state == ListState::Active))
}

/// All lists of a study, discarded ones too, in the order of generation.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<List>, Fault> {
    let rows: Vec<Row> = list::table
        .inner_join(state::table.on(state::list.eq(list::id)))
        .filter(list::study.eq(study.as_str()))
        .order((list::generated_at, list::id))
        .select((
            (list::id, list::design_version, list::algorithm, list::root, list::seed_opening),
            (list::generated_by, list::generated_at),
            state::state,
        ))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// One position of a list.
pub fn place(
    conn: &mut Conn,
    list: &ListId,
    stratum: Stratum,
    position: Position,
) -> Result<Option<Place>, Fault> {
    let opening: Option<String> = position::table
        .find((list.as_str(), i64::from(stratum.index()), i64::from(position.index())))
        .select(position::opening)
        .first(&mut conn.0)
        .optional()?;
    opening.map(|arm| Ok(Place { stratum, position, arm: to_id(&arm, "opening id")? })).transpose()
}

/// All positions of a list with the openings of their arms, stratum by stratum, in order; a fault when one is gone.
pub fn contents(conn: &mut Conn, list: &ListId) -> Result<Vec<Content>, Fault> {
    let opened_row = (opened::id, opened::kind, opened::key_version, opened::ciphertext);
    let rows: Vec<(i64, i64, Option<opening::Row>)> = position::table
        .left_join(opened::table.on(opened::id.eq(position::opening)))
        .filter(position::list.eq(list.as_str()))
        .order((position::stratum, position::position))
        .select((position::stratum, position::position, opened_row.nullable()))
        .load(&mut conn.0)?;
    let read = |(stratum, position, arm): (i64, i64, Option<opening::Row>)| {
        let stratum = u32::try_from(stratum).map_err(|_range| Fault::Malformed("stratum"))?;
        let position = u32::try_from(position).map_err(|_range| Fault::Malformed("position"))?;
        let (stratum, position) = (Stratum::new(stratum), Position::new(position));
        let arm = arm.ok_or(Fault::Malformed("position without its arm"))?;
        Ok(Content { stratum, position, arm: opening::read(arm)? })
    };
    rows.into_iter().map(read).collect()
}

type Row = ((String, i64, String, Vec<u8>, String), (String, NaiveDateTime), String);

fn read(row: Row) -> Result<List, Fault> {
    let ((id, design_version, algorithm, root, seed), (generated_by, generated_at), state) = row;
    Ok(List {
        id: to_id(&id, "list id")?,
        design_version: from_bigint(design_version, "design version")?,
        algorithm,
        root: Hash::from_slice(&root).ok_or(Fault::Malformed("list root"))?,
        seed: to_id(&seed, "opening id")?,
        generated_by: to_id(&generated_by, "user id")?,
        generated_at: Moment::from_stored(generated_at),
        state: state.parse().map_err(|_unknown| Fault::Malformed("list state"))?,
    })
}
