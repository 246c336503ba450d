//! Depots and shipments.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Day, StudyId};
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{depot, resupply_plan as plan, shipment, shipment_kit as kit, shipment_step as step};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let depots: Vec<(String, String, String, String, NaiveDateTime)> =
        depot::table.filter(depot::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, name, country, at) in depots {
        let columns = [("name", Cell::of(name)), ("country", Cell::of(country)), ("added_at", moment(at))];
        rows.add("depot", [&id], columns);
    }
    let plans: Vec<PlanRow> = plan::table.filter(plan::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, site, day, from_depot, groups, reasons, shipment, by, at) in plans {
        let columns = [
            ("from_depot", Cell::maybe(from_depot)),
            ("groups", Cell::of(groups)),
            ("reasons", Cell::of(reasons)),
            ("shipment", Cell::maybe(shipment)),
            ("planned_by", Cell::of(by)),
            ("planned_at", moment(at)),
        ];
        rows.add("resupply_plan", [&site, &day], columns);
    }
    let shipments: Vec<ShipmentRow> =
        shipment::table.filter(shipment::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, from_depot, to_depot, to_site, groups, by, at) in shipments {
        let columns = [
            ("from_depot", Cell::maybe(from_depot)),
            ("to_depot", Cell::maybe(to_depot)),
            ("to_site", Cell::maybe(to_site)),
            ("groups", Cell::of(groups)),
            ("picked_by", Cell::of(by)),
            ("picked_at", moment(at)),
        ];
        rows.add("shipment", [&id], columns);
    }
    let kits: Vec<(String, String, String)> =
        kit::table.filter(kit::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, shipment, kit) in kits {
        rows.add("shipment_kit", [&shipment, &kit], []);
    }
    let steps: Vec<(String, String, String, i64, String, NaiveDateTime)> =
        step::table.filter(step::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, shipment, step, entry, by, at) in steps {
        let columns = [("entry", Cell::of(entry)), ("taken_by", Cell::of(by)), ("taken_at", moment(at))];
        rows.add("shipment_step", [&shipment, &step], columns);
    }
    Ok(())
}

type ShipmentRow =
    (String, String, Option<String>, Option<String>, Option<String>, i64, String, NaiveDateTime);
type PlanRow = (String, String, Day, Option<String>, i64, String, Option<String>, String, NaiveDateTime);
