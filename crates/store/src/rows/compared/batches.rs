//! Label expiries that changed, recalls, and labels that were printed.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Day, StudyId};
use trial::rebuild::{Cell, Rows};

use super::{bytes, moment};
use crate::schema::{
    batch_expiry as expiry, batch_recall as recall, expiry_extension as extension, label_print as print,
    lot_recall, lot_recall_kit, lot_statement,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let extensions: Vec<ExtensionRow> =
        extension::table.filter(extension::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, batch, from, label_expiry, lots, reason, entry, by, at) in extensions {
        let columns = [
            ("batch", Cell::of(batch)),
            ("from_expiry", Cell::of(from)),
            ("label_expiry", Cell::of(label_expiry)),
            ("lots_opening", Cell::sealed("lots", lots)),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("entry", Cell::of(entry)),
            ("proposed_by", Cell::of(by)),
            ("proposed_at", moment(at)),
        ];
        rows.add("expiry_extension", [&id], columns);
    }
    let expiries: Vec<ExpiryRow> = expiry::table.filter(expiry::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, entry, label_expiry, extension, reason, evidence, by, at) in expiries {
        let columns = [
            ("label_expiry", Cell::of(label_expiry)),
            ("extension", Cell::maybe(extension)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("evidence", bytes(&evidence)),
            ("set_by", Cell::of(by)),
            ("set_at", moment(at)),
        ];
        rows.add("batch_expiry", [&batch, &entry], columns);
    }
    let recalls: Vec<RecallRow> = recall::table.filter(recall::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, entry, reason, evidence, by, at) in recalls {
        let columns = [
            ("entry", Cell::of(entry)),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("evidence", bytes(&evidence)),
            ("recalled_by", Cell::of(by)),
            ("recalled_at", moment(at)),
        ];
        rows.add("batch_recall", [&batch], columns);
    }
    lots(conn, of, rows)?;
    labels(conn, of, rows)
}

fn lots(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let statements: Vec<StatementRow> =
        lot_statement::table.filter(lot_statement::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, batch, lot, file, entry, by, at) in statements {
        let columns = [
            ("batch", Cell::of(batch)),
            ("lot_opening", Cell::sealed("lot", lot)),
            ("file_opening", Cell::sealed("statement_file", file)),
            ("entry", Cell::of(entry)),
            ("read_by", Cell::of(by)),
            ("read_at", moment(at)),
        ];
        rows.add("lot_statement", [&id], columns);
    }
    let recalls: Vec<LotRow> =
        lot_recall::table.filter(lot_recall::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, statement, batch, entry, why, reason, by, at) in recalls {
        let columns = [
            ("batch", Cell::of(batch)),
            ("entry", Cell::of(entry)),
            ("why", Cell::of(why)),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("recalled_by", Cell::of(by)),
            ("recalled_at", moment(at)),
        ];
        rows.add("lot_recall", [&statement], columns);
    }
    let kits: Vec<(String, String, i64)> =
        lot_recall_kit::table.filter(lot_recall_kit::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, kit, entry) in kits {
        rows.add("lot_recall_kit", [&kit], [("entry", Cell::of(entry))]);
    }
    Ok(())
}

fn labels(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let printed: Vec<PrintRow> = print::table.filter(print::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, batch, entry, language, label_expiry, labels, file, reason, by, at) in printed {
        let columns = [
            ("language", Cell::of(language)),
            ("label_expiry", Cell::of(label_expiry)),
            ("labels", Cell::of(labels)),
            ("file_hash", bytes(&file)),
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("printed_by", Cell::of(by)),
            ("printed_at", moment(at)),
        ];
        rows.add("label_print", [&batch, &entry], columns);
    }
    Ok(())
}

type ExtensionRow = (String, String, String, Day, Day, String, String, i64, String, NaiveDateTime);
type ExpiryRow = (String, String, i64, Day, Option<String>, Option<String>, Vec<u8>, String, NaiveDateTime);
type RecallRow = (String, String, i64, String, Vec<u8>, String, NaiveDateTime);
type PrintRow = (String, String, i64, String, Day, i64, Vec<u8>, Option<String>, String, NaiveDateTime);
type StatementRow = (String, String, String, String, String, i64, String, NaiveDateTime);
type LotRow = (String, String, String, i64, String, String, String, NaiveDateTime);
