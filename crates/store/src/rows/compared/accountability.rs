//! Counts, reconciliations and destructions of kits.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::{bytes, moment};
use crate::schema::{
    destruction, destruction_authorization as authorization, destruction_kit, kit_count as count,
    kit_reconciliation as reconciliation, kit_reconciliation_confirmation as confirmation,
    kit_reconciliation_kit as reconciled,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    counts(conn, of, rows)?;
    reconciliations(conn, of, rows)?;
    destructions(conn, of, rows)
}

type CountRow = (String, i64, String, i64, i64, i64, Option<String>, String, NaiveDateTime);

fn counts(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let counts: Vec<CountRow> = count::table.filter(count::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, entry, kit, used, unused, missing, reason, by, at) in counts {
        let columns = [
            ("kit", Cell::of(kit)),
            ("used", Cell::of(used)),
            ("unused", Cell::of(unused)),
            ("missing", Cell::of(missing)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("counted_by", Cell::of(by)),
            ("counted_at", moment(at)),
        ];
        rows.add("kit_count", [&entry], columns);
    }
    Ok(())
}

type ReconciliationRow = (String, String, Option<String>, Option<String>, bool, i64, String, NaiveDateTime);

fn reconciliations(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let all: Vec<ReconciliationRow> =
        reconciliation::table.filter(reconciliation::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, site, depot, closing, entry, by, at) in all {
        let columns = [
            ("site", Cell::maybe(site)),
            ("depot", Cell::maybe(depot)),
            ("closing", Cell::of(closing)),
            ("entry", Cell::of(entry)),
            ("signed_by", Cell::of(by)),
            ("signed_at", moment(at)),
        ];
        rows.add("kit_reconciliation", [&id], columns);
    }
    let kits: Vec<(String, String, String, Option<String>)> =
        reconciled::table.filter(reconciled::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, kit, reason) in kits {
        let columns = [("reason_opening", Cell::maybe_sealed("reason", reason))];
        rows.add("kit_reconciliation_kit", [&id, &kit], columns);
    }
    let confirmations: Vec<(String, String, i64, String, NaiveDateTime)> =
        confirmation::table.filter(confirmation::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, entry, by, at) in confirmations {
        let columns =
            [("entry", Cell::of(entry)), ("confirmed_by", Cell::of(by)), ("confirmed_at", moment(at))];
        rows.add("kit_reconciliation_confirmation", [&id], columns);
    }
    Ok(())
}

type DestructionRow = (String, String, Option<String>, Option<String>, i64, String, NaiveDateTime);

fn destructions(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let all: Vec<DestructionRow> =
        destruction::table.filter(destruction::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, site, depot, entry, by, at) in all {
        let columns = [
            ("site", Cell::maybe(site)),
            ("depot", Cell::maybe(depot)),
            ("entry", Cell::of(entry)),
            ("proposed_by", Cell::of(by)),
            ("proposed_at", moment(at)),
        ];
        rows.add("destruction", [&id], columns);
    }
    let kits: Vec<(String, String, String)> =
        destruction_kit::table.filter(destruction_kit::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, kit) in kits {
        rows.add("destruction_kit", [&id, &kit], []);
    }
    let authorizations: Vec<(String, String, i64, Vec<u8>, String, NaiveDateTime)> =
        authorization::table.filter(authorization::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, entry, certificate, by, at) in authorizations {
        let columns = [
            ("entry", Cell::of(entry)),
            ("certificate", bytes(&certificate)),
            ("authorized_by", Cell::of(by)),
            ("authorized_at", moment(at)),
        ];
        rows.add("destruction_authorization", [&id], columns);
    }
    Ok(())
}
