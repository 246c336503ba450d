//! The movements of kits, as the ledger has them.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use ledger::{KitState, Move, Movement, Place, ReasonCode};
use terms::{KitNumber, Moment, StudyId};

use super::kit::{PlaceRow, read_place};
use crate::schema::{kit_state as state, movement};
use crate::stored::{from_bigint, to_bigint, to_id, to_kit_number};
use crate::{Conn, Fault};

/// A movement with the index of the leaf that says who recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The leaf.
    pub entry: u64,
    /// The movement.
    pub movement: Movement,
}

/// All movements of a study, kit by kit in the order in which they happened: several under one leaf follow from each
/// other by the states that they name.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Posted>, Fault> {
    let rows: Vec<Row> = query().filter(movement::study.eq(study.as_str())).load(&mut conn.0)?;
    in_order(rows)
}

/// The movements of one kit, in the order in which they happened.
pub fn of_kit(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Vec<Posted>, Fault> {
    let rows: Vec<Row> = query()
        .filter(movement::study.eq(study.as_str()))
        .filter(movement::kit.eq(kit.to_string()))
        .load(&mut conn.0)?;
    in_order(rows)
}

/// When each kit that is in quarantine came into it, with the place that accounts for it.
pub fn in_quarantine(conn: &mut Conn, study: &StudyId) -> Result<Vec<(Place, Moment)>, Fault> {
    let quarantined = KitState::Quarantined.code();
    let kits: Vec<(String, PlaceRow)> = state::table
        .filter(state::study.eq(study.as_str()))
        .filter(state::state.eq(quarantined))
        .select((state::kit, (state::site, state::depot, state::shipment)))
        .load(&mut conn.0)?;
    let mut since = Vec::new();
    for (kit, place) in kits {
        // The last time counts, of a kit that was in quarantine before.
        let came: Option<NaiveDateTime> = movement::table
            .filter(movement::study.eq(study.as_str()))
            .filter(movement::kit.eq(kit))
            .filter(movement::to_state.eq(quarantined))
            .order(movement::entry.desc())
            .select(movement::happened_at)
            .first(&mut conn.0)
            .optional()?;
        let place = read_place(place)?;
        since.extend(came.map(|at| (place, Moment::from_stored(at))));
    }
    Ok(since)
}

/// A movement into a stock or out of it: what could be used afterwards or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfStock {
    /// The state before; none for a registration.
    pub from: Option<KitState>,
    /// The state afterwards.
    pub to: KitState,
    /// The place that accounts for the kit afterwards.
    pub place: Place,
    /// When it happened.
    pub happened: Moment,
}

type StockRow = ((Option<String>, String), PlaceRow, NaiveDateTime);

/// The states of kits that could be used.
const USABLE: [KitState; 2] = [KitState::Released, KitState::Available];

/// The movements by which kits became usable, or ceased to be, in the order in which they happened. Of those that are
/// alike in all but the kit it is told how many there are.
pub fn of_stock(conn: &mut Conn, study: &StudyId) -> Result<Vec<(OfStock, u32)>, Fault> {
    let usable = USABLE.map(KitState::code);
    let states = (movement::from_state, movement::to_state);
    let place = (movement::site, movement::depot, movement::shipment);
    let rows: Vec<(StockRow, i64)> = movement::table
        .filter(movement::study.eq(study.as_str()))
        .filter(movement::to_state.eq_any(usable).or(movement::from_state.eq_any(usable)))
        .group_by((states, place, movement::happened_at))
        .order(movement::happened_at)
        .select(((states, place, movement::happened_at), diesel::dsl::count_star()))
        .load(&mut conn.0)?;
    let counted = |(row, kits)| {
        let kits = u32::try_from(kits).map_err(|_range| Fault::Malformed("number of kits"))?;
        Ok((read_of_stock(row)?, kits))
    };
    rows.into_iter().map(counted).collect()
}

/// The same kit by kit.
pub fn of_stock_by_kit(conn: &mut Conn, study: &StudyId) -> Result<Vec<(KitNumber, OfStock)>, Fault> {
    let usable = USABLE.map(KitState::code);
    let states = (movement::from_state, movement::to_state);
    let place = (movement::site, movement::depot, movement::shipment);
    let rows: Vec<(String, StockRow)> = movement::table
        .filter(movement::study.eq(study.as_str()))
        .filter(movement::to_state.eq_any(usable).or(movement::from_state.eq_any(usable)))
        .order(movement::happened_at)
        .select((movement::kit, (states, place, movement::happened_at)))
        .load(&mut conn.0)?;
    rows.into_iter().map(|(kit, row)| Ok((to_kit_number(&kit)?, read_of_stock(row)?))).collect()
}

fn read_of_stock(((from, to), place, happened): StockRow) -> Result<OfStock, Fault> {
    let state = |code: &str| KitState::parse(code).ok_or(Fault::Malformed("kit state"));
    Ok(OfStock {
        from: from.as_deref().map(state).transpose()?,
        to: state(&to)?,
        place: read_place(place)?,
        happened: Moment::from_stored(happened),
    })
}

/// The kits that moved under a leaf after this one.
pub fn moved_after(conn: &mut Conn, study: &StudyId, entry: u64) -> Result<BTreeSet<KitNumber>, Fault> {
    let rows: Vec<String> = movement::table
        .filter(movement::study.eq(study.as_str()))
        .filter(movement::entry.gt(to_bigint(entry, "leaf index")?))
        .select(movement::kit)
        .load(&mut conn.0)?;
    rows.iter().map(|kit| to_kit_number(kit)).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    movement::table.order((movement::entry, movement::kit)).select((
        (movement::entry, movement::kit, movement::kit_move),
        (movement::from_state, movement::to_state),
        (movement::site, movement::depot, movement::shipment),
        (movement::subject, movement::visit, movement::reason),
        (movement::happened_at, movement::recorded_at),
    ))
}

fn in_order(rows: Vec<Row>) -> Result<Vec<Posted>, Fault> {
    let mut posted = rows.into_iter().map(read).collect::<Result<Vec<_>, Fault>>()?;
    let by_kit = |one: &Posted| (one.movement.kit, one.entry);
    posted.sort_by_key(by_kit);
    for of_one_leaf in posted.chunk_by_mut(|one, next| by_kit(one) == by_kit(next)) {
        follow(of_one_leaf);
    }
    Ok(posted)
}

/// Puts the movements of one kit under one leaf into order: first the one that no other leads to.
fn follow(posted: &mut [Posted]) {
    for start in 0..posted.len() {
        let Some(rest) = posted.get_mut(start..) else { return };
        let leads_to = |from: &Posted| rest.iter().any(|other| Some(other.movement.to) == from.movement.from);
        let first = rest.iter().position(|one| !leads_to(one)).unwrap_or(0);
        rest.swap(0, first);
    }
}

type Texts = (Option<String>, Option<String>, Option<String>);
type Row = ((i64, String, String), (Option<String>, String), PlaceRow, Texts, (NaiveDateTime, NaiveDateTime));

fn read(
    ((entry, kit, a_move), (from, to), place, (subject, visit, reason), (happened, recorded)): Row,
) -> Result<Posted, Fault> {
    let state = |code: &str| KitState::parse(code).ok_or(Fault::Malformed("kit state"));
    let movement = Movement {
        kit: to_kit_number(&kit)?,
        from: from.as_deref().map(state).transpose()?,
        to: state(&to)?,
        a_move: Move::parse(&a_move).ok_or(Fault::Malformed("move of a kit"))?,
        place: read_place(place)?,
        subject: subject.map(|id| to_id(&id, "subject id")).transpose()?,
        visit: visit.map(|id| to_id(&id, "visit id")).transpose()?,
        happened: Moment::from_stored(happened),
        recorded: Moment::from_stored(recorded),
        reason: reason
            .as_deref()
            .map(ReasonCode::parse)
            .transpose()
            .map_err(|_bad| Fault::Malformed("reason"))?,
    };
    Ok(Posted { entry: from_bigint(entry, "leaf index")?, movement })
}
