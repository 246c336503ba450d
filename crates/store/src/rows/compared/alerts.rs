//! Alerts that were raised, acknowledged and cleared.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{alert, alert_acknowledgement as acknowledgement, alert_clearing as clearing};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let alerts: Vec<AlertRow> = alert::table.filter(alert::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, kind, place, reference, ordinal, entry, raised) in alerts {
        let columns = [
            ("kind", Cell::of(kind)),
            ("place", Cell::of(place)),
            ("reference", Cell::of(reference)),
            ("ordinal", Cell::of(ordinal)),
            ("entry", Cell::of(entry)),
            ("raised_at", moment(raised)),
        ];
        rows.add("alert", [&id], columns);
    }
    let acknowledged: Vec<AcknowledgementRow> =
        acknowledgement::table.filter(acknowledgement::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, alert, entry, text, by, at) in acknowledged {
        let columns = [
            ("entry", Cell::of(entry)),
            ("text_opening", Cell::maybe_sealed("text", text)),
            ("acknowledged_by", Cell::of(by)),
            ("acknowledged_at", moment(at)),
        ];
        rows.add("alert_acknowledgement", [&alert], columns);
    }
    let cleared: Vec<(String, String, i64, NaiveDateTime)> =
        clearing::table.filter(clearing::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, alert, entry, at) in cleared {
        rows.add("alert_clearing", [&alert], [("entry", Cell::of(entry)), ("cleared_at", moment(at))]);
    }
    Ok(())
}

type AlertRow = (String, String, String, String, String, i64, i64, NaiveDateTime);
type AcknowledgementRow = (String, String, i64, Option<String>, String, NaiveDateTime);
