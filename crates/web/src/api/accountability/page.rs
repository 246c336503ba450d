//! Logs to be printed: the same rows as those of the table for a spreadsheet, with what stands over them.

use print::{Column, Log, Table, Unprintable};
use service::accountability::read::Head;
use terms::SiteId;

use super::sheet::{COLUMNS, OF_A_MOVEMENT, movement, row};
use super::{AccountedKit, DosesGiven, KitLog, PreparedUnit, SubjectAccountability};

/// Several columns of the spreadsheet in one of the page: their names, the share of the width, and whether their values
/// stand below each other or in one line.
struct Group {
    names: &'static [&'static str],
    share: f32,
    in_one_line: bool,
}

const fn below(names: &'static [&'static str], share: f32) -> Group {
    Group { names, share, in_one_line: false }
}

const fn beside(names: &'static [&'static str], share: f32) -> Group {
    Group { names, share, in_one_line: true }
}

/// Every column of a kit's line, each once. A moment has 27 letters, and stands in one line.
const GROUPS: [Group; 11] = [
    below(&["kit", "batch"], 18.0),
    below(&["label_expiry", "site"], 17.0),
    below(&["state"], 25.0),
    below(&["received_at"], 32.0),
    below(&["subject", "visit"], 17.0),
    below(&["dispensed_at", "handed_over_at"], 32.0),
    beside(&["vials_used", "vials_unused", "vials_missing"], 17.0),
    beside(&["counts"], 10.0),
    below(&["counted_by", "counted_at"], 32.0),
    beside(&["doses_planned", "doses_given", "doses_missed", "doses_extra"], 19.0),
    below(&["reconciled_at", "destroyed_at"], 32.0),
];

/// The log of a site, or of all places within reach.
pub(super) fn of_places(
    head: &Head,
    site: Option<&SiteId>,
    kits: &[AccountedKit],
) -> Result<Vec<u8>, Unprintable> {
    let of = site.map_or_else(|| "All places within reach".to_owned(), |site| format!("Site {site}"));
    let title = "Accountability log".to_owned();
    print::log(&Log { title, head: lines(head, of), tables: vec![of_kits(kits)] })
}

/// The log of a subject.
pub(super) fn of_subject(head: &Head, log: &SubjectAccountability) -> Result<Vec<u8>, Unprintable> {
    let mut lines = lines(head, format!("Subject {}", log.subject));
    let DosesGiven { planned, given, missed, extra } = &log.counted;
    lines.push(format!(
        "Doses planned for the study: {}; of the kits that were counted: {planned} planned, {given} given, \
         {missed} missed, {extra} extra",
        log.planned_doses
    ));
    let title = "Accountability log of a subject".to_owned();
    print::log(&Log { title, head: lines, tables: vec![of_kits(&log.kits)] })
}

/// The log of a kit.
pub(super) fn of_kit(head: &Head, log: &KitLog) -> Result<Vec<u8>, Unprintable> {
    let column = |name: &&str| Column { heading: vec![in_words(name)], share: 1.0 };
    let one_line = |cell: String| vec![cell];
    let rows = log.movements.iter().map(|moved| movement(&log.kit.kit, moved).map(one_line).to_vec());
    let movements = Table {
        title: "Movements".to_owned(),
        columns: OF_A_MOVEMENT.iter().map(column).collect(),
        rows: rows.collect(),
    };
    let title = "Accountability log of a kit".to_owned();
    let mut tables = vec![of_kits(std::slice::from_ref(&log.kit)), movements];
    if !log.units.is_empty() {
        tables.insert(1, of_units(&log.units));
    }
    print::log(&Log { title, head: lines(head, format!("Kit {}", log.kit.kit)), tables })
}

/// What was prepared of a kit on site.
fn of_units(units: &[PreparedUnit]) -> Table {
    let names =
        ["unit", "preparation", "prepared_at", "prepared_by", "use_by", "state", "ended_at", "ended_by"];
    let column = |name: &&str| Column { heading: vec![in_words(name)], share: 1.0 };
    let rows = units.iter().map(|unit| unit.cells().map(|cell| vec![cell]).to_vec());
    Table {
        title: "Prepared on site".to_owned(),
        columns: names.iter().map(column).collect(),
        rows: rows.collect(),
    }
}

fn lines(head: &Head, of: String) -> Vec<String> {
    let Head { study, title, by, at } = head;
    vec![format!("Study {study}: {title}"), of, format!("Printed on {at} by {by}; times are in UTC")]
}

fn of_kits(kits: &[AccountedKit]) -> Table {
    let columns = GROUPS.iter().map(|group| Column { heading: heading(group), share: group.share });
    let rows = kits.iter().map(|kit| {
        let cells = row(kit);
        GROUPS.iter().map(|group| cell(group, &cells)).collect()
    });
    Table { title: "Kits".to_owned(), columns: columns.collect(), rows: rows.collect() }
}

fn heading(group: &Group) -> Vec<String> {
    let names = group.names.iter().map(|name| in_words(name));
    if group.in_one_line { vec![names.collect::<Vec<_>>().join(" / ")] } else { names.collect() }
}

/// The name of a column as it is read.
fn in_words(name: &str) -> String {
    name.replace('_', " ")
}

/// The values of a group; a stroke stands for one that is not there beside one that is.
fn cell(group: &Group, cells: &[String; COLUMNS.len()]) -> Vec<String> {
    let named = COLUMNS.iter().zip(cells);
    let value = |name: &&str| named.clone().find(|(column, _)| *column == name).map(|(_, cell)| cell.clone());
    let values: Vec<String> = group.names.iter().filter_map(value).collect();
    if values.iter().all(String::is_empty) {
        return Vec::new();
    }
    let shown = values.into_iter().map(|value| if value.is_empty() { "–".to_owned() } else { value });
    if group.in_one_line { vec![shown.collect::<Vec<_>>().join(" / ")] } else { shown.collect() }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, GROUPS, cell};

    #[test]
    fn what_is_printed_has_every_column_of_the_spreadsheet_once() {
        let mut printed: Vec<&str> = GROUPS.iter().flat_map(|group| group.names).copied().collect();
        let mut columns = COLUMNS.to_vec();
        printed.sort_unstable();
        columns.sort_unstable();
        assert_eq!(printed, columns);
    }

    #[test]
    fn a_value_that_is_not_there_leaves_a_stroke_beside_one_that_is() {
        let mut cells = [const { String::new() }; COLUMNS.len()];
        let shown = |cells: &[String; COLUMNS.len()]| {
            GROUPS.iter().flat_map(|group| cell(group, cells)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&cells), [""; 0]);
        cells[9] = "2015-10-05T08:00:00Z".to_owned();
        cells[11] = "2".to_owned();
        assert_eq!(shown(&cells), ["–", "2015-10-05T08:00:00Z", "– / 2 / –"]);
    }
}
