//! Kits: their batches, their movements, and whom they were given to.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use terms::{Day, StudyId};
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{
    batch, batch_step as step, dispensation, handover, kit, kit_allocation as allocation, kit_check,
    kit_replacement as replacement, kit_state as state, movement, wrong_scan as scan,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    batches(conn, of, rows)?;
    kits(conn, of, rows)?;
    movements(conn, of, rows)?;
    dispensations(conn, of, rows)?;
    checks(conn, of, rows)?;
    handovers(conn, of, rows)?;
    replacements(conn, of, rows)
}

fn batches(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let batches: Vec<(String, String, Day, String, String, NaiveDateTime)> =
        batch::table.filter(batch::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, label_expiry, lots, by, at) in batches {
        let columns = [
            ("label_expiry", Cell::of(label_expiry)),
            ("lots_opening", Cell::sealed("lots", lots)),
            ("registered_by", Cell::of(by)),
            ("registered_at", moment(at)),
        ];
        rows.add("batch", [&id], columns);
    }
    let steps: Vec<(String, String, String, String, String, NaiveDateTime)> =
        step::table.filter(step::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, country, taken, by, at) in steps {
        let columns = [("taken_by", Cell::of(by)), ("taken_at", moment(at))];
        rows.add("batch_step", [&batch, &country, &taken], columns);
    }
    Ok(())
}

fn kits(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let kits: Vec<(String, String, String, String)> =
        kit::table.filter(kit::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, number, batch, opening) in kits {
        let columns = [("batch", Cell::of(batch)), ("opening", Cell::sealed("kit_type", opening))];
        rows.add("kit", [&number], columns);
    }
    let states: Vec<StateRow> = state::table
        .filter(state::study.eq(of.as_str()))
        .select((
            (state::kit, state::state, state::subject, state::visit),
            (state::site, state::depot, state::shipment),
            (state::released, state::given),
        ))
        .load(&mut conn.0)?;
    for ((number, state, subject, visit), (site, depot, shipment), (released, given)) in states {
        let columns = [
            ("state", Cell::of(state)),
            ("site", Cell::maybe(site)),
            ("subject", Cell::maybe(subject)),
            ("visit", Cell::maybe(visit)),
            ("depot", Cell::maybe(depot)),
            ("shipment", Cell::maybe(shipment)),
            ("released", Cell::of(released)),
            ("given", Cell::of(given)),
        ];
        rows.add("kit_state", [&number], columns);
    }
    let allocated: Vec<AllocationRow> =
        allocation::table.filter(allocation::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, subject, visit, attempt, slot, kit, through, at) in allocated {
        let columns = [("kit", Cell::of(kit)), ("through", Cell::of(through)), ("allocated_at", moment(at))];
        rows.add("kit_allocation", [&subject, &visit, &attempt, &slot], columns);
    }
    Ok(())
}

fn movements(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let moved: Vec<MovementRow> = movement::table
        .filter(movement::study.eq(of.as_str()))
        .select((
            (movement::entry, movement::kit, movement::kit_move),
            (movement::from_state, movement::to_state, movement::site, movement::subject, movement::visit),
            (movement::happened_at, movement::recorded_at, movement::reason),
            (movement::depot, movement::shipment),
        ))
        .load(&mut conn.0)?;
    for (moved, (from, to, site, subject, visit), (happened, recorded, reason), (depot, shipment)) in moved {
        let (entry, kit, kit_move) = moved;
        let columns = [
            ("from_state", Cell::maybe(from)),
            ("to_state", Cell::of(to)),
            ("site", Cell::maybe(site)),
            ("subject", Cell::maybe(subject)),
            ("visit", Cell::maybe(visit)),
            ("happened_at", moment(happened)),
            ("recorded_at", moment(recorded)),
            ("reason", Cell::maybe(reason)),
            ("depot", Cell::maybe(depot)),
            ("shipment", Cell::maybe(shipment)),
        ];
        rows.add("movement", [&entry, &kit, &kit_move], columns);
    }
    Ok(())
}

fn dispensations(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let dispensed: Vec<DispensationRow> = dispensation::table
        .filter(dispensation::study.eq(of.as_str()))
        .select((
            (dispensation::id, dispensation::subject, dispensation::visit, dispensation::attempt),
            (dispensation::day, dispensation::in_window, dispensation::reason_opening),
            (dispensation::dispensed_by, dispensation::dispensed_at),
        ))
        .load(&mut conn.0)?;
    for ((id, subject, visit, attempt), (day, in_window, reason), (by, at)) in dispensed {
        let columns = [
            ("subject", Cell::of(subject)),
            ("visit", Cell::of(visit)),
            ("attempt", Cell::of(attempt)),
            ("day", Cell::of(day)),
            ("in_window", Cell::of(in_window)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("dispensed_by", Cell::of(by)),
            ("dispensed_at", moment(at)),
        ];
        rows.add("dispensation", [&id], columns);
    }
    Ok(())
}

fn replacements(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let replaced: Vec<ReplacementRow> = replacement::table
        .filter(replacement::study.eq(of.as_str()))
        .select((
            (replacement::kit, replacement::dispensation, replacement::attempt, replacement::new_kit),
            (replacement::why, replacement::over_limit, replacement::reason_opening),
            (replacement::replaced_by, replacement::replaced_at),
        ))
        .load(&mut conn.0)?;
    for ((kit, dispensation, attempt, new_kit), (why, over_limit, reason), (by, at)) in replaced {
        let columns = [
            ("dispensation", Cell::of(dispensation)),
            ("attempt", Cell::of(attempt)),
            ("new_kit", Cell::of(new_kit)),
            ("why", Cell::of(why)),
            ("over_limit", Cell::of(over_limit)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("replaced_by", Cell::of(by)),
            ("replaced_at", moment(at)),
        ];
        rows.add("kit_replacement", [&kit], columns);
    }
    Ok(())
}

fn checks(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let checks: Vec<(String, i64, String, String, String, NaiveDateTime)> =
        kit_check::table.filter(kit_check::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, entry, dispensation, kit, by, at) in checks {
        let columns = [
            ("dispensation", Cell::of(dispensation)),
            ("kit", Cell::of(kit)),
            ("checked_by", Cell::of(by)),
            ("checked_at", moment(at)),
        ];
        rows.add("kit_check", [&entry], columns);
    }
    Ok(())
}

fn handovers(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let handed: Vec<(String, String, String, String, NaiveDateTime)> =
        handover::table.filter(handover::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, kit, dispensation, by, at) in handed {
        let columns = [
            ("dispensation", Cell::of(dispensation)),
            ("handed_by", Cell::of(by)),
            ("handed_at", moment(at)),
        ];
        rows.add("handover", [&kit], columns);
    }
    let scans: Vec<(String, i64, String, String, NaiveDateTime)> = scan::table
        .inner_join(dispensation::table.on(dispensation::id.eq(scan::dispensation)))
        .filter(dispensation::study.eq(of.as_str()))
        .select((scan::dispensation, scan::entry, scan::opening, scan::scanned_by, scan::scanned_at))
        .load(&mut conn.0)?;
    for (id, entry, scanned, by, at) in scans {
        let columns = [
            ("opening", Cell::sealed("scanned", scanned)),
            ("scanned_by", Cell::of(by)),
            ("scanned_at", moment(at)),
        ];
        rows.add("wrong_scan", [&id, &entry], columns);
    }
    Ok(())
}

type MovementRow = (
    (i64, String, String),
    (Option<String>, String, Option<String>, Option<String>, Option<String>),
    (NaiveDateTime, NaiveDateTime, Option<String>),
    (Option<String>, Option<String>),
);
type DispensationRow = ((String, String, String, i64), (Day, bool, Option<String>), (String, NaiveDateTime));
type StateRow = (
    (String, String, Option<String>, Option<String>),
    (Option<String>, Option<String>, Option<String>),
    (bool, bool),
);
type AllocationRow = (String, String, String, i64, i64, String, Day, NaiveDateTime);

type ReplacementRow =
    ((String, String, i64, String), (String, bool, Option<String>), (String, NaiveDateTime));
