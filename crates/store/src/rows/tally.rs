//! Kits counted over all types, by batch and state: what a decision about a place goes by when it needs no number.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, not};
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use ledger::{KitState, Place};
use terms::{BatchId, Day, Moment, SiteId, StudyId};

use super::kit::{PlaceRow, read_place};
use super::shipment::StepKind;
use crate::rows::batch_expiry;
use crate::schema::{
    batch, kit, kit_state as state, lot_recall_kit as named, shipment, shipment_kit as sent,
    shipment_step as step,
};
use crate::stored::to_id;
use crate::{Conn, Fault};

/// How many kits of a batch are in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The batch.
    pub batch: BatchId,
    /// The label expiry that is in force for it.
    pub label_expiry: Day,
    /// The state.
    pub state: KitState,
    /// Whether they were called back with their true lot.
    pub with_its_lot: bool,
    /// How many there are.
    pub kits: u32,
}

/// What is known of the batches of a study when kits are counted, read once for all counts of one decision.
pub struct BatchFacts {
    label_expiries: BTreeMap<String, Day>,
    /// Whether a kit was called back with its true lot, in turn: hardly ever a lot is, and then there is nothing to
    /// tell apart.
    lots: &'static [bool],
}

impl BatchFacts {
    /// Reads the label expiry that is in force for every batch of a study, and whether a lot was ever called back.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn of(conn: &mut Conn, study: &StudyId) -> Result<Self, Fault> {
        let registered: Vec<(String, Day)> = batch::table
            .filter(batch::study.eq(study.as_str()))
            .select((batch::id, batch::label_expiry))
            .load(&mut conn.0)?;
        let mut label_expiries: BTreeMap<String, Day> = registered.into_iter().collect();
        label_expiries.extend(batch_expiry::in_force(conn, study)?);
        let named = named::table.filter(named::study.eq(study.as_str())).select(named::kit);
        let any: Option<String> = named.first(&mut conn.0).optional()?;
        let lots: &[bool] = if any.is_some() { &[false, true] } else { &[false] };
        Ok(Self { label_expiries, lots })
    }
}

diesel::allow_columns_to_appear_in_same_group_by_clause!(state::site, kit::batch);
diesel::allow_columns_to_appear_in_same_group_by_clause!(state::depot, kit::batch);
diesel::allow_columns_to_appear_in_same_group_by_clause!(state::shipment, kit::batch);
diesel::allow_columns_to_appear_in_same_group_by_clause!(state::state, kit::batch);

/// All kits of a study, by the place that accounts for them.
pub fn of_study(conn: &mut Conn, study: &StudyId) -> Result<Vec<(Place, Tally)>, Fault> {
    let place = (state::site, state::depot, state::shipment);
    let batches = BatchFacts::of(conn, study)?;
    let mut all = Vec::new();
    for with_its_lot in batches.lots {
        let named = named::table.filter(named::study.eq(study.as_str())).select(named::kit);
        let mut query = state::table
            .inner_join(kit::table.on(kit::study.eq(state::study).and(kit::number.eq(state::kit))))
            .filter(state::study.eq(study.as_str()))
            .group_by((place, (kit::batch, state::state)))
            .select((place, (kit::batch, state::state, count_star())))
            .into_boxed();
        if batches.lots.len() > 1 {
            query = query.filter(state::kit.eq_any(named).eq(*with_its_lot));
        }
        let rows: Vec<(PlaceRow, (String, String, i64))> = query.load(&mut conn.0)?;
        for (place, row) in rows {
            all.push((read_place(place)?, read(row, *with_its_lot, &batches)?));
        }
    }
    Ok(all)
}

/// The kits for which a site accounts, those apart that are meant for a subject or were given to one.
pub fn free_at(
    conn: &mut Conn,
    study: &StudyId,
    site: &SiteId,
    batches: &BatchFacts,
) -> Result<Vec<Tally>, Fault> {
    let mut all = Vec::new();
    for with_its_lot in batches.lots {
        let named = named::table.filter(named::study.eq(study.as_str())).select(named::kit);
        let mut query = state::table
            .inner_join(kit::table.on(kit::study.eq(state::study).and(kit::number.eq(state::kit))))
            .filter(state::study.eq(study.as_str()))
            .filter(state::site.eq(site.as_str()))
            .filter(state::subject.is_null().and(state::given.eq(false)))
            .group_by((kit::batch, state::state))
            .select((kit::batch, state::state, count_star()))
            .into_boxed();
        if batches.lots.len() > 1 {
            query = query.filter(state::kit.eq_any(named).eq(*with_its_lot));
        }
        let rows: Vec<(String, String, i64)> = query.load(&mut conn.0)?;
        for row in rows {
            all.push(read(row, *with_its_lot, batches)?);
        }
    }
    Ok(all)
}

/// The kits that were sent to a site and are not there, those apart that are meant for a subject or were given to one:
/// on their way, still to leave, or gone. Each stands with when its shipment was picked; one that was given up sends
/// nothing.
pub fn free_sent_to(
    conn: &mut Conn,
    study: &StudyId,
    site: &SiteId,
    batches: &BatchFacts,
) -> Result<Vec<(Moment, Tally)>, Fault> {
    let picked = picked_for(conn, study, site)?;
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let named = named::table.filter(named::study.eq(study.as_str())).select(named::kit);
    let rows: Vec<(String, String, String, bool)> = sent::table
        .inner_join(state::table.on(state::study.eq(sent::study).and(state::kit.eq(sent::kit))))
        .inner_join(kit::table.on(kit::study.eq(state::study).and(kit::number.eq(state::kit))))
        .filter(sent::study.eq(study.as_str()))
        .filter(sent::shipment.eq_any(picked.keys()))
        .filter(state::site.is_null().or(state::site.ne(site.as_str())))
        .filter(state::subject.is_null().and(state::given.eq(false)))
        .select((sent::shipment, kit::batch, state::state, state::kit.eq_any(named)))
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|(shipment, batch, state, with_its_lot)| {
            let at = picked.get(&shipment).copied().ok_or(Fault::Malformed("shipment of a kit"))?;
            Ok((at, read((batch, state, 1), with_its_lot, batches)?))
        })
        .collect()
}

/// The shipments to a site that were not given up, each with when it was picked. Asked for by itself: PostgreSQL cannot
/// foresee that they are few, and would read the kits of the whole study for them.
fn picked_for(conn: &mut Conn, study: &StudyId, site: &SiteId) -> Result<BTreeMap<String, Moment>, Fault> {
    let given_up = step::table
        .filter(step::study.eq(shipment::study))
        .filter(step::shipment.eq(shipment::id))
        .filter(step::step.eq(StepKind::Cancelled.code()));
    let rows: Vec<(String, NaiveDateTime)> = shipment::table
        .filter(shipment::study.eq(study.as_str()))
        .filter(shipment::to_site.eq(site.as_str()))
        .filter(not(exists(given_up)))
        .select((shipment::id, shipment::picked_at))
        .load(&mut conn.0)?;
    Ok(rows.into_iter().map(|(id, at)| (id, Moment::from_stored(at))).collect())
}

fn read(
    (batch, state, kits): (String, String, i64),
    with_its_lot: bool,
    batches: &BatchFacts,
) -> Result<Tally, Fault> {
    Ok(Tally {
        with_its_lot,
        label_expiry: batches
            .label_expiries
            .get(&batch)
            .copied()
            .ok_or(Fault::Malformed("batch of a kit"))?,
        batch: to_id(&batch, "batch id")?,
        state: KitState::parse(&state).ok_or(Fault::Malformed("kit state"))?,
        kits: u32::try_from(kits).map_err(|_range| Fault::Malformed("number of kits"))?,
    })
}
