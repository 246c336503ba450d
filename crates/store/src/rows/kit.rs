//! Kits, their states, their movements, and whom they are allocated to. What is in a kit stands behind an opening.

use std::collections::BTreeSet;

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use ledger::{KitState, Movement, Place};
use terms::{BatchId, Day, DepotId, KitNumber, Moment, OpeningId, SiteId, StudyId, SubjectId, VisitId};

use crate::rows::batch_expiry;
use crate::rows::opening::Opening;
use crate::schema::{
    batch, kit, kit_allocation as allocation, kit_state as state, movement, opening, subject,
};
use crate::stored::{exactly_one, from_bigint, to_bigint, to_id, to_kit_number};
use crate::{Conn, Fault, Tx};

/// A kit as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The number on it.
    pub number: KitNumber,
    /// Its batch.
    pub batch: BatchId,
    /// The label expiry that is in force for its batch.
    pub label_expiry: Day,
    /// Its state.
    pub state: KitState,
    /// The place that accounts for it.
    pub place: Place,
    /// The subject for whom it is or was meant.
    pub subject: Option<SubjectId>,
    /// The visit for which it is or was meant.
    pub visit: Option<VisitId>,
    /// Whether it was ever released.
    pub released: bool,
    /// Whether anybody was ever given it.
    pub given: bool,
}

impl Kit {
    /// The kit as the ledger knows it.
    pub fn in_ledger(&self) -> ledger::Kit {
        ledger::Kit {
            state: self.state,
            place: self.place.clone(),
            subject: self.subject.clone(),
            visit: self.visit.clone(),
            released: self.released,
            given: self.given,
        }
    }
}

/// Where kits lie that can be given or shipped, as far as their own state goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShelfAt<'a> {
    /// At a site.
    Site(&'a SiteId),
    /// In a depot.
    Depot(&'a DepotId),
    /// In the sponsor's stock.
    Store,
}

/// A kit with the opening of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The number on it.
    pub number: KitNumber,
    /// The opening of its type.
    pub kit_type: Opening,
}

/// A kit allocated to a subject at a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// The kit's place among the kits of the allocation, from 0.
    pub slot: u32,
    /// The kit.
    pub kit: KitNumber,
    /// The last dosing day that it covers.
    pub through: Day,
}

/// Adds a kit in the sponsor's stock, registered.
pub fn add(tx: &mut Tx, number: KitNumber, batch: &BatchId, kit_type: &OpeningId) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(kit::table)
        .values((
            kit::study.eq(&study),
            kit::number.eq(number.to_string()),
            kit::batch.eq(batch.as_str()),
            kit::opening.eq(kit_type.as_str()),
        ))
        .execute(&mut tx.0)?;
    diesel::insert_into(state::table)
        .values((
            state::study.eq(&study),
            state::kit.eq(number.to_string()),
            state::state.eq(KitState::Registered.code()),
            state::released.eq(false),
            state::given.eq(false),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Appends a movement and moves the kit along, from exactly the state that the movement says it had to what the
/// ledger made of it. `entry` is the index of the journal leaf that says who did it.
pub fn move_kit(tx: &mut Tx, entry: u64, moved: &Movement, after: &ledger::Kit) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let (site, depot, shipment) = columns(&moved.place);
    diesel::insert_into(movement::table)
        .values((
            movement::study.eq(&study),
            movement::entry.eq(to_bigint(entry, "leaf index")?),
            movement::kit.eq(moved.kit.to_string()),
            movement::from_state.eq(moved.from.map(KitState::code)),
            movement::to_state.eq(moved.to.code()),
            movement::kit_move.eq(moved.a_move.code()),
            movement::site.eq(site),
            movement::subject.eq(moved.subject.as_ref().map(SubjectId::as_str)),
            movement::visit.eq(moved.visit.as_ref().map(VisitId::as_str)),
            movement::happened_at.eq(moved.happened.to_stored()),
            movement::recorded_at.eq(moved.recorded.to_stored()),
            movement::reason.eq(moved.reason.as_ref().map(|reason| reason.as_str())),
            movement::depot.eq(depot),
            movement::shipment.eq(shipment),
        ))
        .execute(&mut tx.0)?;
    let Some(from) = moved.from else { return Ok(()) };
    let (site, depot, shipment) = columns(&after.place);
    let met = diesel::update(state::table.find((&study, moved.kit.to_string())))
        .filter(state::state.eq(from.code()))
        .set((
            state::state.eq(after.state.code()),
            state::site.eq(site),
            state::subject.eq(after.subject.as_ref().map(SubjectId::as_str)),
            state::visit.eq(after.visit.as_ref().map(VisitId::as_str)),
            state::depot.eq(depot),
            state::shipment.eq(shipment),
            state::released.eq(after.released),
            state::given.eq(after.given),
        ))
        .execute(&mut tx.0)?;
    exactly_one(met, "kit_state")
}

/// A place as it is stored: the id of a site, of a depot or of a shipment; none of them in the sponsor's stock.
pub(super) fn columns(place: &Place) -> (Option<&str>, Option<&str>, Option<&str>) {
    match place {
        Place::Store => (None, None, None),
        Place::Site(site) => (Some(site.as_str()), None, None),
        Place::Depot(depot) => (None, Some(depot.as_str()), None),
        Place::Shipment(shipment) => (None, None, Some(shipment.as_str())),
    }
}

pub(super) fn read_place((site, depot, shipment): PlaceRow) -> Result<Place, Fault> {
    match (site, depot, shipment) {
        (None, None, None) => Ok(Place::Store),
        (Some(site), None, None) => Ok(Place::Site(to_id(&site, "site id")?)),
        (None, Some(depot), None) => Ok(Place::Depot(to_id(&depot, "depot id")?)),
        (None, None, Some(shipment)) => Ok(Place::Shipment(to_id(&shipment, "shipment id")?)),
        _ => Err(Fault::Malformed("place of a kit")),
    }
}

pub(super) type PlaceRow = (Option<String>, Option<String>, Option<String>);

/// Adds the allocation of a kit to a subject.
pub fn allocate(tx: &mut Tx, new: &Allocated, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(allocation::table)
        .values((
            allocation::study.eq(study),
            allocation::subject.eq(new.subject.as_str()),
            allocation::visit.eq(new.visit.as_str()),
            allocation::attempt.eq(i64::from(new.attempt)),
            allocation::slot.eq(i64::from(new.slot)),
            allocation::kit.eq(new.kit.to_string()),
            allocation::through.eq(new.through),
            allocation::allocated_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The numbers of the kits on a shelf, in their order.
pub fn on_shelf(conn: &mut Conn, study: &StudyId, at: ShelfAt<'_>) -> Result<Vec<KitNumber>, Fault> {
    let of_study = state::table.filter(state::study.eq(study.as_str())).select(state::kit);
    let rows: Vec<String> = match at {
        ShelfAt::Site(site) => of_study
            .filter(state::site.eq(site.as_str()))
            .filter(state::state.eq(KitState::Available.code()))
            .load(&mut conn.0)?,
        ShelfAt::Depot(depot) => of_study
            .filter(state::depot.eq(depot.as_str()))
            .filter(state::state.eq(KitState::Released.code()))
            .load(&mut conn.0)?,
        ShelfAt::Store => of_study
            .filter(state::depot.is_null())
            .filter(state::state.eq(KitState::Released.code()))
            .load(&mut conn.0)?,
    };
    let mut numbers = rows.iter().map(|number| to_kit_number(number)).collect::<Result<Vec<_>, Fault>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}

/// The batch of every kit of these that there is.
pub fn batches_of(conn: &mut Conn, study: &StudyId, kits: &[KitNumber]) -> Result<BTreeSet<BatchId>, Fault> {
    let mut batches = BTreeSet::new();
    for number in kits {
        let row: Option<String> = kit::table
            .find((study.as_str(), number.to_string()))
            .select(kit::batch)
            .first(&mut conn.0)
            .optional()?;
        batches.extend(row.map(|id| to_id(&id, "batch id")).transpose()?);
    }
    Ok(batches)
}

/// The kits that a site, a depot or a shipment accounts for, in the order of their numbers.
pub fn at(conn: &mut Conn, study: &StudyId, place: &Place) -> Result<Vec<Kit>, Fault> {
    let of_study = query().filter(state::study.eq(study.as_str())).order(kit::number);
    let rows: Vec<Row> = match place {
        Place::Site(site) => of_study.filter(state::site.eq(site.as_str())).load(&mut conn.0)?,
        Place::Depot(depot) => of_study.filter(state::depot.eq(depot.as_str())).load(&mut conn.0)?,
        Place::Shipment(shipment) => {
            of_study.filter(state::shipment.eq(shipment.as_str())).load(&mut conn.0)?
        }
        Place::Store => {
            let nowhere = state::site.is_null().and(state::depot.is_null()).and(state::shipment.is_null());
            of_study.filter(nowhere).load(&mut conn.0)?
        }
    };
    read_all(conn, study, rows)
}

/// The kits that are or were meant for a subject or given to it, in the order of their numbers.
pub fn of_subject(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Kit>, Fault> {
    let rows: Vec<Row> = query()
        .filter(state::study.eq(study.as_str()))
        .filter(state::subject.eq(subject.as_str()))
        .order(kit::number)
        .load(&mut conn.0)?;
    read_all(conn, study, rows)
}

/// One kit.
pub fn find(conn: &mut Conn, study: &StudyId, number: KitNumber) -> Result<Option<Kit>, Fault> {
    let row: Option<Row> = query()
        .filter(state::study.eq(study.as_str()))
        .filter(kit::number.eq(number.to_string()))
        .first(&mut conn.0)
        .optional()?;
    Ok(read_all(conn, study, row.into_iter().collect())?.pop())
}

/// All kits of a study, in the order of their numbers.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Kit>, Fault> {
    let rows: Vec<Row> =
        query().filter(state::study.eq(study.as_str())).order(kit::number).load(&mut conn.0)?;
    read_all(conn, study, rows)
}

/// The numbers of all kits of a study.
pub fn numbers(conn: &mut Conn, study: &StudyId) -> Result<BTreeSet<KitNumber>, Fault> {
    let rows: Vec<String> =
        kit::table.filter(kit::study.eq(study.as_str())).select(kit::number).load(&mut conn.0)?;
    rows.iter().map(|number| to_kit_number(number)).collect()
}

/// Whether a study has kits.
pub fn any(conn: &mut Conn, study: &StudyId) -> Result<bool, Fault> {
    let first: Option<String> =
        kit::table.filter(kit::study.eq(study.as_str())).select(kit::number).first(&mut conn.0).optional()?;
    Ok(first.is_some())
}

/// The kits of a batch, in the order of their numbers.
pub fn of_batch(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Kit>, Fault> {
    let rows: Vec<Row> = query()
        .filter(state::study.eq(study.as_str()))
        .filter(kit::batch.eq(batch.as_str()))
        .order(kit::number)
        .load(&mut conn.0)?;
    read_all(conn, study, rows)
}

/// The kits of a batch with the openings of their types, in the order of their numbers.
pub fn contents_of(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Content>, Fault> {
    let rows: Vec<ContentRow> = kit::table
        .inner_join(opening::table.on(opening::id.eq(kit::opening)))
        .filter(kit::study.eq(study.as_str()))
        .filter(kit::batch.eq(batch.as_str()))
        .order(kit::number)
        .select((kit::number, (opening::id, opening::kind, opening::key_version, opening::ciphertext)))
        .load(&mut conn.0)?;
    rows.into_iter().map(read_content).collect()
}

/// The opening of a kit's type.
pub fn kit_type(conn: &mut Conn, study: &StudyId, number: KitNumber) -> Result<Option<OpeningId>, Fault> {
    let row: Option<String> = kit::table
        .find((study.as_str(), number.to_string()))
        .select(kit::opening)
        .first(&mut conn.0)
        .optional()?;
    row.map(|id| to_id(&id, "opening id")).transpose()
}

/// The kits ever allocated to a subject, in the order of visit, attempt and slot.
pub fn allocated_to(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Allocated>, Fault> {
    let rows: Vec<AllocationRow> = allocations()
        .filter(allocation::study.eq(study.as_str()))
        .filter(allocation::subject.eq(subject.as_str()))
        .load(&mut conn.0)?;
    rows.into_iter().map(read_allocation).collect()
}

/// All kits that were ever allocated in a study, in the order of subject, visit, attempt and slot.
pub fn all_allocated(conn: &mut Conn, study: &StudyId) -> Result<Vec<Allocated>, Fault> {
    let rows: Vec<AllocationRow> =
        allocations().filter(allocation::study.eq(study.as_str())).load(&mut conn.0)?;
    rows.into_iter().map(read_allocation).collect()
}

/// The allocation of a kit, when it was ever allocated: a kit is, once at most.
pub fn allocation_of(
    conn: &mut Conn,
    study: &StudyId,
    number: KitNumber,
) -> Result<Option<Allocated>, Fault> {
    let row: Option<AllocationRow> = allocations()
        .filter(allocation::study.eq(study.as_str()))
        .filter(allocation::kit.eq(number.to_string()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read_allocation).transpose()
}

/// For which visits the subjects of a site have been allocated kits.
pub fn visits_allocated(
    conn: &mut Conn,
    study: &StudyId,
    site: &SiteId,
) -> Result<Vec<(SubjectId, VisitId)>, Fault> {
    let rows: Vec<(String, String)> = allocation::table
        .inner_join(
            subject::table.on(subject::study.eq(allocation::study).and(subject::id.eq(allocation::subject))),
        )
        .filter(allocation::study.eq(study.as_str()))
        .filter(subject::site.eq(site.as_str()))
        .select((allocation::subject, allocation::visit))
        .load(&mut conn.0)?;
    read_visits(rows)
}

/// For which visits each subject of a study has been allocated kits, in no order.
pub fn all_visits_allocated(conn: &mut Conn, study: &StudyId) -> Result<Vec<(SubjectId, VisitId)>, Fault> {
    let rows: Vec<(String, String)> = allocation::table
        .filter(allocation::study.eq(study.as_str()))
        .select((allocation::subject, allocation::visit))
        .load(&mut conn.0)?;
    read_visits(rows)
}

fn read_visits(rows: Vec<(String, String)>) -> Result<Vec<(SubjectId, VisitId)>, Fault> {
    rows.into_iter()
        .map(|(subject, visit)| Ok((to_id(&subject, "subject id")?, to_id(&visit, "visit id")?)))
        .collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn allocations() -> _ {
    allocation::table
        .order((allocation::subject, allocation::visit, allocation::attempt, allocation::slot))
        .select((
            (allocation::subject, allocation::visit),
            (allocation::attempt, allocation::slot),
            (allocation::kit, allocation::through),
        ))
}

type AllocationRow = ((String, String), (i64, i64), (String, Day));

fn read_allocation(
    ((subject, visit), (attempt, slot), (kit, through)): AllocationRow,
) -> Result<Allocated, Fault> {
    let small = |stored, what| u32::try_from(stored).map_err(|_range| Fault::Malformed(what));
    Ok(Allocated {
        subject: to_id(&subject, "subject id")?,
        visit: to_id(&visit, "visit id")?,
        attempt: small(attempt, "attempt")?,
        slot: small(slot, "slot")?,
        kit: to_kit_number(&kit)?,
        through,
    })
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    kit::table
        .inner_join(state::table.on(state::study.eq(kit::study).and(state::kit.eq(kit::number))))
        .inner_join(batch::table.on(batch::study.eq(kit::study).and(batch::id.eq(kit::batch))))
        .select((
            (kit::number, kit::batch, batch::label_expiry),
            (state::site, state::depot, state::shipment),
            (state::state, state::subject, state::visit, state::released, state::given),
        ))
}

type Row = ((String, String, Day), PlaceRow, (String, Option<String>, Option<String>, bool, bool));
type ContentRow = (String, (String, String, i64, Vec<u8>));

/// Kits with the label expiry that is in force for their batches.
fn read_all(conn: &mut Conn, study: &StudyId, rows: Vec<Row>) -> Result<Vec<Kit>, Fault> {
    let labels = batch_expiry::in_force(conn, study)?;
    let in_force = |kit: Kit| {
        let label_expiry = labels.get(kit.batch.as_str()).copied().unwrap_or(kit.label_expiry);
        Kit { label_expiry, ..kit }
    };
    rows.into_iter().map(|row| Ok(in_force(read(row)?))).collect()
}

fn read((label, place, (state, subject, visit, released, given)): Row) -> Result<Kit, Fault> {
    let (number, batch, label_expiry) = label;
    Ok(Kit {
        number: to_kit_number(&number)?,
        batch: to_id(&batch, "batch id")?,
        label_expiry,
        state: KitState::parse(&state).ok_or(Fault::Malformed("kit state"))?,
        place: read_place(place)?,
        subject: subject.map(|subject| to_id(&subject, "subject id")).transpose()?,
        visit: visit.map(|visit| to_id(&visit, "visit id")).transpose()?,
        released,
        given,
    })
}

fn read_content((number, (id, kind, version, ciphertext)): ContentRow) -> Result<Content, Fault> {
    let (id, key_version) = (to_id(&id, "opening id")?, from_bigint(version, "key version")?);
    Ok(Content { number: to_kit_number(&number)?, kit_type: Opening { id, kind, key_version, ciphertext } })
}
