//! Shipments: what was picked for each, and the steps that it took.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::sql_types::Text;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl,
};
use ledger::Place;
use terms::{KitNumber, Moment, ShipmentId, StudyId, UserId};

use crate::schema::{kit, shipment, shipment_kit, shipment_step};
use crate::stored::{from_bigint, to_bigint, to_id, to_kit_number};
use crate::{Conn, Fault, Tx};

/// Rows in one statement: fewer than either engine takes values for.
const AT_ONCE: usize = 500;

/// A shipment as it was picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// Out of which stock.
    pub from: Place,
    /// To which depot or site.
    pub to: Place,
    /// How many whole groups.
    pub groups: u32,
    /// Who had it picked.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// A step that a shipment took, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The shipment.
    pub shipment: ShipmentId,
    /// What happened.
    pub kind: StepKind,
    /// The leaf that tells it.
    pub entry: u64,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// What can happen to a shipment after it was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepKind {
    /// It left.
    Dispatched,
    /// It arrived.
    Received,
    /// It was given up before it left.
    Cancelled,
}

impl StepKind {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Dispatched => "dispatched",
            Self::Received => "received",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(code: &str) -> Result<Self, Fault> {
        let all = [Self::Dispatched, Self::Received, Self::Cancelled];
        all.into_iter().find(|kind| kind.code() == code).ok_or(Fault::Malformed("step of a shipment"))
    }
}

/// Adds a shipment with its kits.
pub fn add(tx: &mut Tx, new: &Shipment, kits: &[KitNumber]) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let depot = |place: &Place| match place {
        Place::Depot(depot) => Some(depot.to_string()),
        Place::Store | Place::Shipment(_) | Place::Site(_) => None,
    };
    diesel::insert_into(shipment::table)
        .values((
            shipment::study.eq(&study),
            shipment::id.eq(new.id.as_str()),
            shipment::from_depot.eq(depot(&new.from)),
            shipment::to_depot.eq(depot(&new.to)),
            shipment::to_site.eq(new.to.site().map(|site| site.as_str())),
            shipment::groups.eq(i64::from(new.groups)),
            shipment::picked_by.eq(new.by.as_str()),
            shipment::picked_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    // One statement for many kits: a site's order has dozens, and each statement is a way to the database and back.
    for some in kits.chunks(AT_ONCE) {
        let numbers = some.iter().map(ToString::to_string);
        let sent = kit::table.filter(kit::study.eq(&study)).filter(kit::number.eq_any(numbers)).select((
            kit::study,
            new.id.as_str().into_sql::<Text>(),
            kit::number,
        ));
        let columns = (shipment_kit::study, shipment_kit::shipment, shipment_kit::kit);
        let added = diesel::insert_into(shipment_kit::table).values(sent).into_columns(columns);
        if added.execute(&mut tx.0)? != some.len() {
            return Err(Fault::Malformed("shipment"));
        }
    }
    Ok(())
}

/// Records a step.
pub fn take_step(tx: &mut Tx, new: &Step) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(shipment_step::table)
        .values((
            shipment_step::study.eq(study),
            shipment_step::shipment.eq(new.shipment.as_str()),
            shipment_step::step.eq(new.kind.code()),
            shipment_step::entry.eq(to_bigint(new.entry, "leaf index")?),
            shipment_step::taken_by.eq(new.by.as_str()),
            shipment_step::taken_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One shipment.
pub fn find(conn: &mut Conn, study: &StudyId, id: &ShipmentId) -> Result<Option<Shipment>, Fault> {
    let row: Option<Row> =
        shipment::table.find((study.as_str(), id.as_str())).select(SHIPMENT).first(&mut conn.0).optional()?;
    row.map(read).transpose()
}

/// All shipments of a study, in the order in which they were picked.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Shipment>, Fault> {
    let rows: Vec<Row> = shipment::table
        .filter(shipment::study.eq(study.as_str()))
        .order((shipment::picked_at, shipment::id))
        .select(SHIPMENT)
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The steps that all shipments of a study took, in order.
pub fn steps(conn: &mut Conn, study: &StudyId) -> Result<Vec<Step>, Fault> {
    let rows: Vec<StepRow> = shipment_step::table
        .filter(shipment_step::study.eq(study.as_str()))
        .order(shipment_step::entry)
        .select(STEP)
        .load(&mut conn.0)?;
    rows.into_iter().map(read_step).collect()
}

/// The steps that one shipment took, in order.
pub fn steps_of(conn: &mut Conn, study: &StudyId, id: &ShipmentId) -> Result<Vec<Step>, Fault> {
    let rows: Vec<StepRow> = shipment_step::table
        .filter(shipment_step::study.eq(study.as_str()))
        .filter(shipment_step::shipment.eq(id.as_str()))
        .order(shipment_step::entry)
        .select(STEP)
        .load(&mut conn.0)?;
    rows.into_iter().map(read_step).collect()
}

/// The kits of a shipment.
pub fn kits(conn: &mut Conn, study: &StudyId, id: &ShipmentId) -> Result<BTreeSet<KitNumber>, Fault> {
    let rows: Vec<String> = shipment_kit::table
        .filter(shipment_kit::study.eq(study.as_str()))
        .filter(shipment_kit::shipment.eq(id.as_str()))
        .select(shipment_kit::kit)
        .load(&mut conn.0)?;
    rows.iter().map(|kit| to_kit_number(kit)).collect()
}

/// The kits of all shipments that are still to leave: they are promised.
pub fn promised(conn: &mut Conn, study: &StudyId) -> Result<BTreeSet<KitNumber>, Fault> {
    let rows: Vec<String> = waiting().filter(shipment::study.eq(study.as_str())).load(&mut conn.0)?;
    rows.iter().map(|kit| to_kit_number(kit)).collect()
}

/// Those of them that are to leave this place. From a site nothing is sent.
pub fn promised_at(conn: &mut Conn, study: &StudyId, place: &Place) -> Result<BTreeSet<KitNumber>, Fault> {
    let of_study = waiting().filter(shipment::study.eq(study.as_str()));
    let rows: Vec<String> = match place {
        Place::Store => of_study.filter(shipment::from_depot.is_null()).load(&mut conn.0)?,
        Place::Depot(depot) => of_study.filter(shipment::from_depot.eq(depot.as_str())).load(&mut conn.0)?,
        Place::Site(_) | Place::Shipment(_) => Vec::new(),
    };
    rows.iter().map(|kit| to_kit_number(kit)).collect()
}

/// The kits of shipments that took no step yet.
#[diesel::dsl::auto_type(no_type_alias)]
fn waiting() -> _ {
    shipment::table
        .left_join(
            shipment_step::table
                .on(shipment_step::study.eq(shipment::study).and(shipment_step::shipment.eq(shipment::id))),
        )
        .inner_join(
            shipment_kit::table
                .on(shipment_kit::study.eq(shipment::study).and(shipment_kit::shipment.eq(shipment::id))),
        )
        .filter(shipment_step::step.is_null())
        .select(shipment_kit::kit)
}

type Row = (String, (Option<String>, Option<String>, Option<String>), i64, String, NaiveDateTime);
type StepRow = (String, String, i64, String, NaiveDateTime);

const SHIPMENT: (
    shipment::id,
    (shipment::from_depot, shipment::to_depot, shipment::to_site),
    shipment::groups,
    shipment::picked_by,
    shipment::picked_at,
) = (
    shipment::id,
    (shipment::from_depot, shipment::to_depot, shipment::to_site),
    shipment::groups,
    shipment::picked_by,
    shipment::picked_at,
);

const STEP: (
    shipment_step::shipment,
    shipment_step::step,
    shipment_step::entry,
    shipment_step::taken_by,
    shipment_step::taken_at,
) = (
    shipment_step::shipment,
    shipment_step::step,
    shipment_step::entry,
    shipment_step::taken_by,
    shipment_step::taken_at,
);

fn read((id, (from_depot, to_depot, to_site), groups, by, at): Row) -> Result<Shipment, Fault> {
    let from = match from_depot {
        Some(depot) => Place::Depot(to_id(&depot, "depot id")?),
        None => Place::Store,
    };
    let to = match (to_depot, to_site) {
        (Some(depot), None) => Place::Depot(to_id(&depot, "depot id")?),
        (None, Some(site)) => Place::Site(to_id(&site, "site id")?),
        _ => return Err(Fault::Malformed("place of a shipment")),
    };
    let groups =
        u32::try_from(from_bigint(groups, "groups")?).map_err(|_range| Fault::Malformed("groups"))?;
    let (id, by) = (to_id(&id, "shipment id")?, to_id(&by, "user id")?);
    Ok(Shipment { id, from, to, groups, by, at: Moment::from_stored(at) })
}

fn read_step((shipment, step, entry, by, at): StepRow) -> Result<Step, Fault> {
    Ok(Step {
        shipment: to_id(&shipment, "shipment id")?,
        kind: StepKind::parse(&step)?,
        entry: from_bigint(entry, "leaf index")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
