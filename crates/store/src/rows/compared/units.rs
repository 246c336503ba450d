//! Units that were prepared on site, what became of each, and what was stopped.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{prepared_unit as prepared, unit_end as end, unit_stop as stop};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let units: Vec<Prepared> = prepared::table.filter(prepared::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, number, kit, subject, preparation, hours, entry, by, at) in units {
        let columns = [
            ("kit", Cell::of(kit)),
            ("subject", Cell::of(subject)),
            ("preparation", Cell::of(preparation)),
            ("hours", Cell::of(hours)),
            ("entry", Cell::of(entry)),
            ("prepared_by", Cell::of(by)),
            ("prepared_at", moment(at)),
        ];
        rows.add("prepared_unit", [&number], columns);
    }
    let ends: Vec<End> = end::table.filter(end::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, unit, became, entry, reason, by, at) in ends {
        let columns = [
            ("became", Cell::of(became)),
            ("entry", Cell::of(entry)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("ended_by", Cell::of(by)),
            ("ended_at", moment(at)),
        ];
        rows.add("unit_end", [&unit], columns);
    }
    let stops: Vec<Stop> = stop::table.filter(stop::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, entry, subject, unit, opening, by, at) in stops {
        let columns = [
            ("subject", Cell::of(subject)),
            ("unit", Cell::maybe(unit)),
            ("opening", Cell::maybe_sealed("scanned", opening)),
            ("stopped_by", Cell::of(by)),
            ("stopped_at", moment(at)),
        ];
        rows.add("unit_stop", [&entry], columns);
    }
    Ok(())
}

type Prepared = (String, String, String, String, String, i64, i64, String, NaiveDateTime);
type End = (String, String, String, i64, Option<String>, String, NaiveDateTime);
type Stop = (String, i64, String, Option<String>, Option<String>, String, NaiveDateTime);
