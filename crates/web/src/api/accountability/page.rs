//! Logs to be printed: the same rows as those of the table for a spreadsheet, with what stands over them.

use std::fmt::Display;

use chrono_tz::Tz;
use print::{Column, Log, Said, Table, Unprintable};
use service::accountability::read::Head;
use terms::{KitNumber, Moment, SiteId};

use super::sheet::{COLUMNS, OF_A_MOVEMENT, movement, row};
use super::{AccountedKit, DosesGiven, KitLog, PreparedUnit, SubjectAccountability};
use crate::face;
use crate::words::Words;

/// The columns of a prepared unit, in order.
pub(crate) const OF_A_UNIT: [&str; 8] =
    ["unit", "preparation", "prepared_at", "prepared_by", "use_by", "state", "ended_at", "ended_by"];

/// For whom it is printed: in whose words, and by whose clock.
#[derive(Clone, Copy)]
struct Reader {
    words: Words,
    zone: Tz,
}

impl Reader {
    fn of(words: Words, head: &Head) -> Self {
        Self { words, zone: head.zone }
    }

    /// What stands in a column, with the words for codes; states are of this kind.
    fn in_words(self, state: &str, column: &str, cell: String) -> String {
        let Self { words, zone } = self;
        match column {
            _ if cell.is_empty() => cell,
            "state" | "from" | "to" => words.code(state, cell),
            "what" => words.code("move", cell),
            "reason" => words.code("move_reason", cell),
            "kit" => KitNumber::parse(&cell).map_or(cell, |number| face::kit(&number)),
            _ => Moment::parse(&cell).map_or(cell, |moment| face::time(moment, zone)),
        }
    }
}

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

/// Every column of a kit's line, each once. A moment has 20 letters or so, and stands in one line.
const GROUPS: [Group; 11] = [
    below(&["kit", "batch"], 20.0),
    below(&["label_expiry", "site"], 17.0),
    below(&["state"], 27.0),
    below(&["received_at"], 28.0),
    below(&["subject", "visit"], 17.0),
    below(&["dispensed_at", "handed_over_at"], 28.0),
    beside(&["vials_used", "vials_unused", "vials_missing"], 17.0),
    beside(&["counts"], 18.0),
    below(&["counted_by", "counted_at"], 28.0),
    beside(&["doses_planned", "doses_given", "doses_missed", "doses_extra"], 19.0),
    below(&["reconciled_at", "destroyed_at"], 28.0),
];

/// The log of a site, or of all places within reach.
pub(super) fn of_places(
    words: Words,
    head: &Head,
    site: Option<&SiteId>,
    kits: &[AccountedKit],
) -> Result<Vec<u8>, Unprintable> {
    let of = match site {
        Some(site) => words.fill("printed.site", &[("site", site)]),
        None => words.say("printed.all_places").to_owned(),
    };
    print(words, "account.log", lines(words, head, of), vec![of_kits(Reader::of(words, head), kits)])
}

/// The log of a subject.
pub(super) fn of_subject(
    words: Words,
    head: &Head,
    log: &SubjectAccountability,
) -> Result<Vec<u8>, Unprintable> {
    let mut lines = lines(words, head, words.fill("printed.subject", &[("subject", &log.subject)]));
    let DosesGiven { planned, given, missed, extra } = &log.counted;
    let values: [(&str, &dyn Display); 5] = [
        ("of_the_study", &log.planned_doses),
        ("planned", planned),
        ("given", given),
        ("missed", missed),
        ("extra", extra),
    ];
    lines.push(words.fill("printed.doses", &values));
    print(words, "printed.of_subject", lines, vec![of_kits(Reader::of(words, head), &log.kits)])
}

/// The log of a kit.
pub(super) fn of_kit(words: Words, head: &Head, log: &KitLog) -> Result<Vec<u8>, Unprintable> {
    let number = &log.kit.kit;
    let shown =
        KitNumber::parse(number).map_or_else(|_malformed| number.clone(), |number| face::kit(&number));
    let lines = lines(words, head, words.fill("printed.kit", &[("kit", &shown)]));
    let reader = Reader::of(words, head);
    let mut tables = vec![of_kits(reader, std::slice::from_ref(&log.kit))];
    if !log.units.is_empty() {
        let units = log.units.iter().map(PreparedUnit::cells);
        tables.push(table(reader, "printed.units", &OF_A_UNIT, "printed_unit", units));
    }
    let moved = log.movements.iter().map(|moved| movement(number, moved));
    tables.push(table(reader, "printed.movements", &OF_A_MOVEMENT, "kit_state", moved));
    print(words, "printed.of_kit", lines, tables)
}

fn print(
    words: Words,
    title: &'static str,
    head: Vec<String>,
    tables: Vec<Table>,
) -> Result<Vec<u8>, Unprintable> {
    let said = Said {
        language: words.language(),
        nothing: words.say("printed.nothing").to_owned(),
        page: words.say("printed.page").to_owned(),
    };
    print::log(&Log { title: words.say(title).to_owned(), head, tables, said })
}

/// A table with a column for each name. States are of this kind.
fn table<const N: usize>(
    reader: Reader,
    title: &'static str,
    names: &[&str; N],
    state: &str,
    rows: impl Iterator<Item = [String; N]>,
) -> Table {
    let column = |name: &&str| Column { heading: vec![reader.words.code("log", name)], share: 1.0 };
    let row = |cells: [String; N]| {
        let cells = names.iter().zip(cells);
        cells.map(|(name, cell)| vec![reader.in_words(state, name, cell)]).collect()
    };
    Table {
        title: reader.words.say(title).to_owned(),
        columns: names.iter().map(column).collect(),
        rows: rows.map(row).collect(),
    }
}

fn lines(words: Words, head: &Head, of: String) -> Vec<String> {
    let Head { study, title, by, at, zone } = head;
    let study = words.fill("printed.study", &[("study", study), ("title", title)]);
    let (at, zone) = (face::time(*at, *zone), zone.name());
    vec![study, of, words.fill("printed.by", &[("at", &at), ("by", by), ("zone", &zone)])]
}

fn of_kits(reader: Reader, kits: &[AccountedKit]) -> Table {
    let column = |group: &Group| Column { heading: heading(reader.words, group), share: group.share };
    let rows = kits.iter().map(|kit| {
        let cells = row(kit);
        GROUPS.iter().map(|group| cell(reader, group, &cells)).collect()
    });
    Table {
        title: reader.words.say("printed.kits").to_owned(),
        columns: GROUPS.iter().map(column).collect(),
        rows: rows.collect(),
    }
}

fn heading(words: Words, group: &Group) -> Vec<String> {
    let names = group.names.iter().map(|name| words.code("log", name));
    if group.in_one_line { vec![names.collect::<Vec<_>>().join(" / ")] } else { names.collect() }
}

/// The values of a group; a stroke stands for one that is not there beside one that is.
fn cell(reader: Reader, group: &Group, cells: &[String; COLUMNS.len()]) -> Vec<String> {
    let named = COLUMNS.iter().zip(cells);
    let value = |name: &&str| {
        let (column, cell) = named.clone().find(|(column, _)| *column == name)?;
        Some(reader.in_words("kit_state", column, cell.clone()))
    };
    let values: Vec<String> = group.names.iter().filter_map(value).collect();
    if values.iter().all(String::is_empty) {
        return Vec::new();
    }
    let shown = values.into_iter().map(|value| if value.is_empty() { "–".to_owned() } else { value });
    if group.in_one_line { vec![shown.collect::<Vec<_>>().join(" / ")] } else { shown.collect() }
}

#[cfg(test)]
mod tests {
    use trial::Language;

    use super::{COLUMNS, GROUPS, Reader, Words, cell};

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
        let reader = Reader { words: Words(Language::Fr), zone: chrono_tz::Europe::Paris };
        let shown = |cells: &[String; COLUMNS.len()]| {
            GROUPS.iter().flat_map(|group| cell(reader, group, cells)).collect::<Vec<_>>()
        };
        assert_eq!(shown(&cells), [""; 0]);
        cells[4] = "returned_used".to_owned();
        cells[9] = "2015-10-05T08:00:00Z".to_owned();
        cells[11] = "2".to_owned();
        assert_eq!(shown(&cells), ["retourné utilisé", "–", "2015-10-05 10:00 CEST", "– / 2 / –"]);
    }
}
