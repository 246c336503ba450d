//! A table that sorts, is searched, goes by pages and is downloaded, all by its address: it needs no script.

use std::cmp::Ordering;
use std::ops::Range;

use super::visitor::Here;
use crate::spreadsheet::guarded;
use crate::words::Words;

/// Rows on one page.
const ROWS: usize = 25;

/// A table. Its search, order and page stand in the query under its id.
pub(crate) struct Table {
    /// Tells it from the other tables of the page.
    pub(crate) id: &'static str,
    pub(crate) caption: String,
    pub(crate) columns: Vec<Column>,
    /// The rows of this page.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How many rows there are on all pages, after the search.
    pub(crate) found: usize,
    pub(crate) search: String,
    /// The rows of all pages, after search and sorting; those of this page alone where no others are wanted.
    all: Vec<Vec<Cell>>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) page: usize,
    pub(crate) pages: usize,
    pub(crate) csv: String,
    /// Other values of the query, which a search keeps.
    pub(crate) kept: Vec<(String, String)>,
    /// Whether it is so long that its search is open from the first.
    pub(crate) is_long: bool,
    /// Whether there is more in it than one row.
    pub(crate) is_searchable: bool,
    /// How many rows there are, where it is not for the table to count them.
    counted: Option<String>,
}

/// Rows that were searched for elsewhere, because there are too many to be read at once.
pub(crate) struct Searched {
    pub(crate) rows: Vec<Vec<Cell>>,
    /// How far the search has come, in words.
    pub(crate) counted: String,
    /// The value of `from` with which the search goes on.
    pub(crate) goes_on: Option<String>,
    /// The columns by whose order they were searched for; by the others, only what was found is sorted.
    pub(crate) natural: Range<usize>,
}

/// What the query asks of the table with this id.
pub(crate) fn asked<'a>(here: &'a Here, id: &str, name: &str) -> Option<&'a str> {
    here.asked(&format!("{id}.{name}"))
}

/// Which rows a table needs of so many: those of its page, unless it is searched, sorted or downloaded.
pub(crate) fn wanted(here: &Here, id: &str, all: usize) -> Range<usize> {
    let is_searched = asked(here, id, "search").is_some_and(|search| !search.trim().is_empty());
    if is_searched || sorted(here, id).is_some() || here.asked("csv") == Some(id) {
        return 0..all;
    }
    let (page, _) = page(here, id, all);
    (page - 1) * ROWS..(page * ROWS).min(all)
}

/// By which column the table is to be sorted, and whether downwards.
pub(crate) fn sorted(here: &Here, id: &str) -> Option<(usize, bool)> {
    let by = asked(here, id, "sort").and_then(|by| by.parse().ok())?;
    Some((by, asked(here, id, "order") == Some("down")))
}

/// The page that is asked for, and how many pages so many rows make.
fn page(here: &Here, id: &str, rows: usize) -> (usize, usize) {
    let pages = rows.div_ceil(ROWS).max(1);
    (asked(here, id, "page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, pages), pages)
}

/// A column.
pub(crate) struct Column {
    pub(crate) title: String,
    /// The address of the page with the rows in the order of this column, or turned round.
    pub(crate) sorted: String,
    /// `ascending`, `descending` or `none`.
    pub(crate) order: &'static str,
}

/// What stands in a row under a column.
#[derive(Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) link: Option<String>,
    /// What it is sorted by, when the text is not.
    key: Option<i64>,
    /// A state, shown as a badge.
    pub(crate) badge: Option<&'static str>,
    /// Whether it is not broken into lines.
    pub(crate) is_whole: bool,
}

impl Cell {
    pub(crate) fn text(text: impl ToString) -> Self {
        Self { text: text.to_string(), link: None, key: None, badge: None, is_whole: false }
    }

    pub(crate) fn number(number: impl Into<i64> + ToString) -> Self {
        let text = Self::text(number.to_string());
        Self { key: Some(number.into()), ..text }
    }

    pub(crate) fn link(text: impl ToString, to: String) -> Self {
        Self { link: Some(to), ..Self::text(text) }
    }

    pub(crate) fn maybe(text: Option<impl ToString>) -> Self {
        Self::text(text.map_or_else(String::new, |text| text.to_string()))
    }

    /// The same on one line.
    pub(crate) fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }

    /// Whether it is a day or a number with hyphens, at which no line is broken.
    pub(crate) fn is_number(&self) -> bool {
        let is_of_one = |sign: char| sign.is_ascii_alphanumeric() || sign == '-';
        self.text.len() <= 20 && self.text.contains('-') && self.text.chars().all(is_of_one)
    }

    /// The same as a badge: `good`, `bad`, `note` or `plain`.
    pub(crate) fn badge(self, kind: &'static str) -> Self {
        Self { badge: Some(kind), ..self }
    }
}

impl Table {
    /// The table of these rows, as the query wants it.
    pub(crate) fn new(
        here: &Here,
        id: &'static str,
        caption: &'static str,
        titles: &[&'static str],
        rows: Vec<Vec<Cell>>,
    ) -> Self {
        let all = rows.len();
        let wanted = wanted(here, id, all);
        let rows = rows.into_iter().skip(wanted.start).take(wanted.len()).collect();
        Self::of_wanted(here, id, caption, titles, (all, rows))
    }

    /// The table with a row for each of these, of which only those that are wanted are made.
    pub(crate) fn of<T>(
        here: &Here,
        id: &'static str,
        caption: &'static str,
        titles: &[&'static str],
        all: &[T],
        row: impl FnMut(&T) -> Vec<Cell>,
    ) -> Self {
        let rows = all.get(wanted(here, id, all.len())).unwrap_or_default();
        let rows = rows.iter().map(row).collect();
        Self::of_wanted(here, id, caption, titles, (all.len(), rows))
    }

    /// The table with so many rows, of which those are here that are wanted.
    pub(crate) fn of_wanted(
        here: &Here,
        id: &'static str,
        caption: &'static str,
        titles: &[&'static str],
        (all, mut rows): (usize, Vec<Vec<Cell>>),
    ) -> Self {
        let asked = |name: &str| asked(here, id, name);
        let search = asked("search").unwrap_or_default().to_owned();
        rows.retain(|row| matches(row, &search));
        let by = sorted(here, id).filter(|(by, _)| *by < titles.len());
        if let Some(by) = by {
            sort(&mut rows, by);
        }
        let is_whole = wanted(here, id, all) == (0..all);
        let found = if is_whole { rows.len() } else { all };
        let (page, pages) = page(here, id, found);
        let first = if is_whole { (page - 1) * ROWS } else { 0 };
        let with = |change: &[(&str, &str)]| address(here, id, change);
        let turned = |to: usize| with(&[("page", &to.to_string())]);
        Self {
            id,
            caption: here.words.say(caption).to_owned(),
            columns: columns(here, id, titles, by),
            found,
            rows: rows.iter().skip(first).take(ROWS).cloned().collect(),
            all: rows,
            before: (page > 1).then(|| turned(page - 1)),
            after: (page < pages).then(|| turned(page + 1)),
            page,
            pages,
            csv: with(&[]) + if with(&[]).contains('?') { "&" } else { "?" } + "csv=" + id,
            kept: kept(here, id),
            is_long: all > 8 || !search.is_empty(),
            is_searchable: all > 1 || !search.is_empty(),
            search,
            counted: None,
        }
    }

    /// A table of rows that were searched for elsewhere, the last first unless another order is asked for.
    pub(crate) fn searched(
        here: &Here,
        id: &'static str,
        caption: &'static str,
        titles: &[&'static str],
        mut searched: Searched,
    ) -> Self {
        let search = asked(here, id, "search").unwrap_or_default().to_owned();
        let by = sorted(here, id).filter(|(by, _)| *by < titles.len());
        if let Some(by) = by.filter(|(by, _)| !searched.natural.contains(by)) {
            sort(&mut searched.rows, by);
            searched.counted.push_str(here.words.say("table.sorted_here"));
        }
        let on = |from: String| address(here, id, &[("from", from.as_str())]);
        let table = Self::new(here, id, caption, &[], Vec::new());
        Self {
            columns: columns(here, id, titles, by.or(Some((searched.natural.start, true)))),
            found: searched.rows.len(),
            rows: searched.rows.clone(),
            all: searched.rows,
            after: searched.goes_on.map(on),
            counted: Some(searched.counted),
            is_long: true,
            is_searchable: true,
            search,
            ..table
        }
    }

    /// The whole table, as it was searched and sorted, for a spreadsheet.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.title.as_str()))?;
        for row in &self.all {
            // A spreadsheet would keep what only keeps a line together on a page.
            writer.write_record(row.iter().map(|cell| guarded(&cell.text.replace('\u{a0}', " "))))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// Whether it has more columns than a telephone shows side by side: there, each row is a card.
    pub(crate) fn is_wide(&self) -> bool {
        self.columns.len() > 3
    }

    /// How many rows there are, in words.
    pub(crate) fn count(&self, words: Words) -> String {
        if let Some(counted) = &self.counted {
            return counted.clone();
        }
        words.fill("table.count", &[("n", &self.found), ("page", &self.page), ("pages", &self.pages)])
    }
}

/// The columns, each with the way to the rows in its order, or turned round. Another order begins anew.
fn columns(here: &Here, id: &str, titles: &[&'static str], by: Option<(usize, bool)>) -> Vec<Column> {
    let column = |(at, title): (usize, &&'static str)| {
        let (turned, order) = match by {
            Some((by, false)) if by == at => ("down", "ascending"),
            Some((by, true)) if by == at => ("up", "descending"),
            _ => ("up", "none"),
        };
        let place = at.to_string();
        let change = [("sort", place.as_str()), ("order", turned), ("page", "1"), ("from", "")];
        Column { title: here.words.say(title).to_owned(), sorted: address(here, id, &change), order }
    };
    titles.iter().enumerate().map(column).collect()
}

fn sort(rows: &mut [Vec<Cell>], (by, is_down): (usize, bool)) {
    rows.sort_by(|one, other| order(one.get(by), other.get(by)));
    if is_down {
        rows.reverse();
    }
}

fn matches(row: &[Cell], search: &str) -> bool {
    let search = search.to_lowercase();
    search.split_whitespace().all(|word| {
        row.iter().any(|cell| {
            let text = cell.text.to_lowercase();
            // A number is found with and without the spaces it is read aloud with.
            text.contains(word) || text.replace(char::is_whitespace, "").contains(word)
        })
    })
}

fn order(one: Option<&Cell>, other: Option<&Cell>) -> Ordering {
    let key = |cell: Option<&Cell>| cell.map(|cell| (cell.key, cell.text.to_lowercase()));
    key(one).cmp(&key(other))
}

/// The values of the query that a search of this table keeps: those of the rest of the page, and its own order.
fn kept(here: &Here, id: &str) -> Vec<(String, String)> {
    let is_kept = |name: &str| match name.strip_prefix(id).and_then(|rest| rest.strip_prefix('.')) {
        Some(own) => matches!(own, "sort" | "order"),
        None => name != "csv",
    };
    let kept = here.query.iter().filter(|(name, _)| is_kept(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The address of this page with other values for this table.
fn address(here: &Here, id: &str, change: &[(&str, &str)]) -> String {
    let mut query = here.query.clone();
    query.retain(|name, _| name != "csv" && name != "done");
    for (name, value) in change {
        query.insert(format!("{id}.{name}"), (*value).to_owned());
    }
    query.retain(|_, value| !value.is_empty());
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    if query.is_empty() { here.path.clone() } else { format!("{}?{query}", here.path) }
}
