//! Tables over many pages, each with a head that says what it is, when it was printed and by whom, and its number.

use crate::Unprintable;
use crate::document::{Document, Drawing, MM};
use crate::font::{Fonts, Line, Style};
use crate::paragraph::wrap;

/// A4, lying.
const WIDTH: f32 = 297.0;
const HEIGHT: f32 = 210.0;
const MARGIN: f32 = 12.0;
/// The size of the cells, in points.
const CELL: f32 = 6.5;
/// Between two columns.
const GUTTER: f32 = 2.0;
/// From one line of a cell to the next.
const STEP: f32 = 1.2 * CELL / MM;

/// A log: tables under one head.
#[derive(Clone, Debug)]
pub struct Log {
    /// What it is.
    pub title: String,
    /// What is said of it, a line each: the study, the place, when and by whom it was printed.
    pub head: Vec<String>,
    /// The tables, in order.
    pub tables: Vec<Table>,
    /// What is said in every log.
    pub said: Said,
}

/// What is said in every log, in its language.
#[derive(Clone, Debug)]
pub struct Said {
    /// The language, as a tag of two letters.
    pub language: &'static str,
    /// What stands in a table without rows.
    pub nothing: String,
    /// Which page it is, with `{n}` for its number and `{count}` for how many there are.
    pub page: String,
}

impl Said {
    /// In English.
    pub fn in_english() -> Self {
        Self { language: "en", nothing: "nothing".to_owned(), page: "page {n} of {count}".to_owned() }
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// What stands over it; nothing when empty.
    pub title: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows: for each column the lines of its cell.
    pub rows: Vec<Vec<Vec<String>>>,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// The heading, in lines.
    pub heading: Vec<String>,
    /// Its share of the width.
    pub share: f32,
}

/// What of the log is on one page.
#[derive(Default)]
struct Page {
    lines: Vec<(f32, f32, Line)>,
    rules: Vec<f32>,
    y: f32,
}

/// Prints a log.
///
/// # Errors
/// [`Unprintable`] with the heading of the column that cannot be printed.
pub fn log(log: &Log) -> Result<Vec<u8>, Unprintable> {
    print(log, "")
}

/// The same with a mark across every page.
///
/// # Errors
/// [`Unprintable`] with the heading of the column that cannot be printed.
pub fn marked_log(log: &Log, mark: &str) -> Result<Vec<u8>, Unprintable> {
    print(log, mark)
}

fn print(log: &Log, mark: &str) -> Result<Vec<u8>, Unprintable> {
    let mut document = Document::new(WIDTH, HEIGHT)?;
    let pages = Setting::of(&document.fonts, log)?;
    let count = pages.len();
    let mark = document.fonts.line(Style::bold(64.0), "mark", mark)?;
    for (number, page) in (1_u32..).zip(pages) {
        let page_of =
            log.said.page.replace("{n}", &number.to_string()).replace("{count}", &count.to_string());
        let text = format!("{}: {page_of}", log.title);
        let foot = document.fonts.line(Style::regular(7.0), "foot", &text)?;
        let mut drawing = Drawing::new(HEIGHT);
        if !mark.glyphs.is_empty() {
            drawing.mark(4.0 * MARGIN, HEIGHT - 2.0 * MARGIN, &mark);
        }
        page.rules.iter().for_each(|y| drawing.rule(MARGIN, *y, WIDTH - 2.0 * MARGIN));
        page.lines.iter().for_each(|(x, y, line)| drawing.text(*x, *y, line));
        drawing.text(MARGIN, HEIGHT - MARGIN / 2.0, &foot);
        document.uses(page.lines.iter().map(|(_, _, line)| line).chain([&foot, &mark]));
        let drawing = document.write(drawing);
        document.page(vec![drawing]);
    }
    Ok(document.finish(&log.title, log.said.language))
}

/// The setting of a log into pages.
struct Setting<'a> {
    fonts: &'a Fonts,
    log: &'a Log,
    pages: Vec<Page>,
    page: Page,
}

/// A row: where each column begins, and the lines of its cell.
type Cells = Vec<(f32, Vec<Line>)>;

impl<'a> Setting<'a> {
    fn of(fonts: &'a Fonts, log: &'a Log) -> Result<Vec<Page>, Unprintable> {
        let mut setting = Self { fonts, log, pages: Vec::new(), page: Page::default() };
        setting.head()?;
        for table in &log.tables {
            setting.table(table)?;
        }
        setting.pages.push(setting.page);
        Ok(setting.pages)
    }

    /// The head stands on every page: one that is taken out of the pile still says what it is.
    fn head(&mut self) -> Result<(), Unprintable> {
        self.page.y = MARGIN;
        self.text(Style::bold(12.0), "title", &self.log.title)?;
        for line in &self.log.head {
            self.text(Style::regular(7.5), "head", line)?;
        }
        self.page.y += 2.0;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), Unprintable> {
        let headings: Vec<Vec<String>> = table.columns.iter().map(|column| column.heading.clone()).collect();
        let headings = self.cells(table, Style::bold(CELL), &headings)?;
        self.begin(table, &headings)?;
        for row in &table.rows {
            let cells = self.cells(table, Style::regular(CELL), row)?;
            if self.page.y + height(&cells) > HEIGHT - MARGIN {
                self.pages.push(std::mem::take(&mut self.page));
                self.head()?;
                self.begin(table, &headings)?;
            }
            self.row(cells);
        }
        if table.rows.is_empty() {
            self.text(Style::regular(CELL), "table", &self.log.said.nothing)?;
        }
        self.page.y += 3.0;
        Ok(())
    }

    /// The title of a table and the headings of its columns.
    fn begin(&mut self, table: &Table, headings: &Cells) -> Result<(), Unprintable> {
        self.text(Style::bold(8.5), "table", &table.title)?;
        self.row(headings.clone());
        Ok(())
    }

    fn text(&mut self, style: Style, field: &str, text: &str) -> Result<(), Unprintable> {
        for line in wrap(self.fonts, style, field, text, WIDTH - 2.0 * MARGIN)? {
            self.page.y += 1.2 * style.size / MM;
            self.page.lines.push((MARGIN, self.page.y, line));
        }
        Ok(())
    }

    /// The cells of a row, each line of a cell broken where its column ends.
    fn cells(&self, table: &Table, style: Style, row: &[Vec<String>]) -> Result<Cells, Unprintable> {
        let shares: f32 = table.columns.iter().map(|column| column.share).sum();
        let (mut cells, mut left) = (Cells::new(), MARGIN);
        for (column, cell) in table.columns.iter().zip(row) {
            let width = (WIDTH - 2.0 * MARGIN) * column.share / shares;
            let mut lines = Vec::new();
            for text in cell {
                let field = column.heading.join(" ");
                lines.extend(wrap(self.fonts, style, &field, text, width - GUTTER)?);
            }
            cells.push((left, lines));
            left += width;
        }
        Ok(cells)
    }

    /// Sets a row, with a rule below it.
    fn row(&mut self, cells: Cells) {
        let bottom = self.page.y + height(&cells);
        for (left, lines) in cells {
            let mut y = self.page.y;
            for line in lines {
                y += STEP;
                self.page.lines.push((left, y, line));
            }
        }
        self.page.rules.push(bottom - 0.6);
        self.page.y = bottom;
    }
}

/// The height of a row with the room around it.
fn height(cells: &Cells) -> f32 {
    let lines = cells.iter().map(|(_, lines)| lines.iter().map(|_| STEP).sum());
    lines.fold(0.0, f32::max) + 1.6
}

#[cfg(test)]
mod tests {
    use super::{Column, Log, Said, Setting, Table, log};
    use crate::Unprintable;
    use crate::font::Fonts;

    fn log_of(rows: usize, text: &str) -> Log {
        let column = |heading: &str| Column { heading: vec![heading.to_owned()], share: 1.0 };
        let row = |row: usize| vec![vec![format!("kit {row}")], vec![text.to_owned(), "site".to_owned()]];
        let table = Table {
            title: "Kits".to_owned(),
            columns: vec![column("kit"), column("state")],
            rows: (0..rows).map(row).collect(),
        };
        let (title, head) = ("A log".to_owned(), vec!["Study imodals".to_owned()]);
        Log { title, head, tables: vec![table], said: Said::in_english() }
    }

    /// The words of each page, in order.
    fn pages(log: &Log) -> Vec<String> {
        let fonts = Fonts::load().expect("the fonts of the crate");
        let pages = Setting::of(&fonts, log).expect("pages");
        let said = |page: super::Page| {
            let lines = page.lines.into_iter().map(|(_, y, line)| {
                assert!(y < super::HEIGHT - super::MARGIN / 2.0, "nothing runs over the foot");
                line.glyphs.into_iter().map(|(_, letter)| letter).collect::<String>()
            });
            lines.collect::<Vec<_>>().join("|")
        };
        pages.into_iter().map(said).collect()
    }

    #[test]
    fn every_page_has_the_head_and_the_headings_and_every_row_stands_once() {
        let pages = pages(&log_of(120, "available"));
        assert!(pages.len() > 2, "{} pages", pages.len());
        for page in &pages {
            assert!(page.starts_with("A log|Study imodals|Kits|kit|state|kit "), "{page}");
        }
        for row in 0..120 {
            let found: usize = pages.iter().map(|page| page.matches(&format!("|kit {row}|")).count()).sum();
            assert_eq!(found, 1, "row {row}");
        }
    }

    #[test]
    fn an_empty_table_says_so_and_a_letter_that_is_lacking_is_told_with_its_column() {
        assert_eq!(pages(&log_of(0, "")), ["A log|Study imodals|Kits|kit|state|nothing"]);
        let refused = log(&log_of(1, "袋")).expect_err("no such letter");
        assert_eq!(refused, Unprintable::Letter { field: "state".to_owned(), letter: '袋' });
    }
}
