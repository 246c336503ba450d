//! Logs as tables: one source for the spreadsheet and for what is printed.

use csv::Writer;

use super::{AccountedKit, KitLog, KitMovement};
use crate::Problem;
use crate::spreadsheet::guarded;

/// The columns of a kit's line, in order.
pub(crate) const COLUMNS: [&str; 22] = [
    "kit",
    "batch",
    "label_expiry",
    "site",
    "state",
    "received_at",
    "subject",
    "visit",
    "dispensed_at",
    "handed_over_at",
    "vials_used",
    "vials_unused",
    "vials_missing",
    "counts",
    "counted_by",
    "counted_at",
    "doses_planned",
    "doses_given",
    "doses_missed",
    "doses_extra",
    "reconciled_at",
    "destroyed_at",
];

/// The columns of a movement, in order.
pub(crate) const OF_A_MOVEMENT: [&str; 9] =
    ["kit", "what", "from", "to", "site", "depot", "happened_at", "recorded_at", "reason"];

/// The lines of kits, with their headings.
pub(super) fn of_kits(kits: &[AccountedKit]) -> Result<Vec<u8>, Problem> {
    written(&COLUMNS, kits.iter().map(row))
}

/// The movements of a kit, with their headings.
pub(super) fn of_movements(log: &KitLog) -> Result<Vec<u8>, Problem> {
    written(&OF_A_MOVEMENT, log.movements.iter().map(|moved| movement(&log.kit.kit, moved)))
}

fn written<const N: usize>(
    columns: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Vec<u8>, Problem> {
    write(columns, rows).map_err(|error| {
        tracing::error!(%error, "the table could not be written");
        Problem::internal()
    })
}

fn write<const N: usize>(
    columns: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> csv::Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell)))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A movement in its columns.
pub(super) fn movement(kit: &str, moved: &KitMovement) -> [String; OF_A_MOVEMENT.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        kit.to_owned(),
        moved.what.to_owned(),
        moved.from.unwrap_or_default().to_owned(),
        moved.to.to_owned(),
        text(&moved.site),
        text(&moved.depot),
        moved.happened_at.clone(),
        moved.recorded_at.clone(),
        text(&moved.reason),
    ]
}

/// A kit's line in its columns.
pub(super) fn row(kit: &AccountedKit) -> [String; COLUMNS.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let (count, doses) = (kit.count.as_ref(), kit.doses.as_ref());
    [
        kit.kit.clone(),
        kit.batch.clone(),
        kit.label_expiry.clone(),
        text(&kit.site),
        kit.state.to_owned(),
        text(&kit.received_at),
        text(&kit.subject),
        text(&kit.visit),
        text(&kit.dispensed_at),
        text(&kit.handed_over_at),
        number(count.map(|count| count.used)),
        number(count.map(|count| count.unused)),
        number(count.map(|count| count.missing)),
        number(count.map(|count| count.times)),
        count.map(|count| count.counted_by.clone()).unwrap_or_default(),
        count.map(|count| count.counted_at.clone()).unwrap_or_default(),
        number(doses.map(|doses| doses.planned)),
        number(doses.map(|doses| doses.given)),
        number(doses.map(|doses| doses.missed)),
        number(doses.map(|doses| doses.extra)),
        text(&kit.reconciled_at),
        text(&kit.destroyed_at),
    ]
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, guarded, of_kits};

    use crate::api::accountability::AccountedKit;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        let table = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("", ""),
            ("S-001", "S-001"),
            ("1=1", "1=1"),
        ];
        for (cell, expected) in table {
            assert_eq!(guarded(cell), expected);
        }
    }

    #[test]
    fn a_row_has_a_cell_for_every_column_and_is_guarded_and_quoted() {
        let kit = AccountedKit {
            kit: "7955171567".to_owned(),
            batch: "=HYPERLINK(\"x\"),1".to_owned(),
            label_expiry: "2030-12-31".to_owned(),
            site: None,
            state: "available",
            received_at: None,
            subject: None,
            visit: None,
            dispensed_at: None,
            handed_over_at: None,
            count: None,
            doses: None,
            reconciled_at: None,
            destroyed_at: None,
        };
        let table = String::from_utf8(of_kits(&[kit]).expect("a table")).expect("text");
        let rest = ",".repeat(COLUMNS.len() - 5);
        let row = format!("7955171567,\"'=HYPERLINK(\"\"x\"\"),1\",2030-12-31,,available{rest}");
        assert_eq!(table, format!("{}\n{row}\n", COLUMNS.join(",")));
    }
}
