//! What kits look like from outside, packaging lists, packings, and checks of samples.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{batch_attribute as attribute, packaging_list as list, packing, sample_check as check};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let attributes: Vec<(String, String, String, String)> =
        attribute::table.filter(attribute::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, name, value) in attributes {
        rows.add("batch_attribute", [&batch, &name], [("value", Cell::of(value))]);
    }
    let lists: Vec<ListRow> = list::table.filter(list::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, entry, recipient, key, by, at) in lists {
        let columns = [
            ("recipient_opening", Cell::sealed("recipient", recipient)),
            ("recipient_key", Cell::of(key)),
            ("exported_by", Cell::of(by)),
            ("exported_at", moment(at)),
        ];
        rows.add("packaging_list", [&batch, &entry], columns);
    }
    let packings: Vec<PackingRow> =
        packing::table.filter(packing::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, attempt, kits, file, by, at) in packings {
        let columns = [
            ("kits", Cell::of(kits)),
            ("file_opening", Cell::sealed("file", file)),
            ("recorded_by", Cell::of(by)),
            ("recorded_at", moment(at)),
        ];
        rows.add("packing", [&batch, &attempt], columns);
    }
    let checks: Vec<CheckRow> = check::table.filter(check::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, attempt, entry, passed, found, by, at) in checks {
        let columns = [
            ("entry", Cell::of(entry)),
            ("passed", Cell::of(passed)),
            ("found_opening", Cell::sealed("found", found)),
            ("checked_by", Cell::of(by)),
            ("checked_at", moment(at)),
        ];
        rows.add("sample_check", [&batch, &attempt], columns);
    }
    Ok(())
}

type ListRow = (String, String, i64, String, String, String, NaiveDateTime);
type PackingRow = (String, String, i64, i64, String, String, NaiveDateTime);
type CheckRow = (String, String, i64, i64, bool, String, String, NaiveDateTime);
