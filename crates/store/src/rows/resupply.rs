//! Resupply plans: one for a site on an order day, with the reasons of every number.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Day, DepotId, Moment, ShipmentId, SiteId, StudyId, UserId};

use crate::schema::resupply_plan as plan;
use crate::stored::{from_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A plan as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The site.
    pub site: SiteId,
    /// The day at the site on which it was made.
    pub order_day: Day,
    /// The depot that sends; the sponsor's stock when none.
    pub from: Option<DepotId>,
    /// How many whole groups are sent.
    pub groups: u32,
    /// Why, in words that everybody may read.
    pub reasons: String,
    /// The shipment that it brought about; none when nothing is sent.
    pub shipment: Option<ShipmentId>,
    /// Who had it made.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a plan to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Plan) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(plan::table)
        .values((
            plan::study.eq(study),
            plan::site.eq(new.site.as_str()),
            plan::order_day.eq(new.order_day),
            plan::from_depot.eq(new.from.as_ref().map(DepotId::as_str)),
            plan::groups.eq(i64::from(new.groups)),
            plan::reasons.eq(&new.reasons),
            plan::shipment.eq(new.shipment.as_ref().map(ShipmentId::as_str)),
            plan::planned_by.eq(new.by.as_str()),
            plan::planned_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The plan of a site for an order day.
pub fn find(conn: &mut Conn, study: &StudyId, site: &SiteId, day: Day) -> Result<Option<Plan>, Fault> {
    let row: Option<Row> =
        plan::table.find((study.as_str(), site.as_str(), day)).first(&mut conn.0).optional()?;
    row.map(read).transpose()
}

/// All plans of a study, in the order of their days and sites.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Plan>, Fault> {
    let rows: Vec<Row> = plan::table
        .filter(plan::study.eq(study.as_str()))
        .order((plan::order_day, plan::site))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// For which sites there is a plan, on each order day from this one on.
pub fn days_since(conn: &mut Conn, study: &StudyId, since: Day) -> Result<BTreeSet<(SiteId, Day)>, Fault> {
    let rows: Vec<(String, Day)> = plan::table
        .filter(plan::study.eq(study.as_str()))
        .filter(plan::order_day.ge(since))
        .select((plan::site, plan::order_day))
        .load(&mut conn.0)?;
    rows.into_iter().map(|(site, day)| Ok((to_id(&site, "site id")?, day))).collect()
}

type Row = (String, String, Day, Option<String>, i64, String, Option<String>, String, NaiveDateTime);

fn read((_, site, order_day, from, groups, reasons, shipment, by, at): Row) -> Result<Plan, Fault> {
    Ok(Plan {
        site: to_id(&site, "site id")?,
        order_day,
        from: from.map(|depot| to_id(&depot, "depot id")).transpose()?,
        groups: u32::try_from(from_bigint(groups, "groups")?).map_err(|_range| Fault::Malformed("groups"))?,
        reasons,
        shipment: shipment.map(|id| to_id(&id, "shipment id")).transpose()?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
