//! The labels of kits: one to a page, as label printers take them.

use crate::Unprintable;
use crate::code::{Code, modules};
use crate::document::{Document, Drawing};
use crate::font::{Fonts, Line, Style};
use crate::paragraph::Column;

/// A label of A7, lying: eight of them are a sheet of A4.
const WIDTH: f32 = 105.0;
const HEIGHT: f32 = 74.0;
const MARGIN: f32 = 4.0;
/// The room for the code in the upper right corner, with its quiet zone.
const CODE: f32 = 20.0;
/// The side of a module at most; most scanners want no larger ones.
const LARGEST_MODULE: f32 = 0.9;
/// Where the words of the study begin.
const BODY: f32 = 25.0;
/// Sizes of the words of the study in points, from the best to the smallest that can be read.
const SIZES: [f32; 7] = [9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0];
/// Sizes of batch and expiry in points.
const HEAD_SIZES: [f32; 5] = [11.0, 9.5, 8.0, 7.0, 6.0];
/// The size of headings.
const SMALL: f32 = 6.0;

/// The labels of a batch: the words that are the same on each, and the kits. Each text has a name, by which it is told
/// when it cannot be printed.
#[derive(Clone, Debug)]
pub struct KitLabels {
    /// The language, as a tag of two letters.
    pub language: String,
    /// The title of the file.
    pub title: String,
    /// What stands over the kit number.
    pub kit: String,
    /// The batch under its heading.
    pub batch: (String, String),
    /// The label expiry under its heading.
    pub expiry: (String, String),
    /// What the packs are traded as, in words under the code; none without a GTIN.
    pub under_code: Option<String>,
    /// The substance.
    pub substance: String,
    /// What else stands there, in order: a name for each, and the text.
    pub words: Vec<(&'static str, String)>,
    /// What must be seen, in bold.
    pub warning: String,
    /// Headings of what is written in by hand: the subject, the visit, the investigator.
    pub by_hand: [String; 3],
    /// What stands small at the foot: a name for each, and the text.
    pub foot: Vec<(&'static str, String)>,
    /// The kits, in the order of the labels.
    pub kits: Vec<OneKit>,
}

/// What is of one kit alone.
#[derive(Clone, Debug)]
pub struct OneKit {
    /// The number as it is read aloud.
    pub number: String,
    /// The code.
    pub code: Code,
}

/// Prints the labels, one to a page.
///
/// # Errors
/// [`Unprintable`] with the first field that cannot be printed; then nothing is.
pub fn kit_labels(set: &KitLabels) -> Result<Vec<u8>, Unprintable> {
    let mut document = Document::new(WIDTH, HEIGHT)?;
    let (lines, common) = common(&document.fonts, set)?;
    document.uses(&lines);
    let common = document.write(common);
    for kit in &set.kits {
        let number = document.fonts.line(Style::bold(20.0), "kit number", &kit.number)?;
        document.uses([&number]);
        let mut own = Drawing::new(HEIGHT);
        own.text(MARGIN, 14.5, &number);
        draw_code(&mut own, &kit.code, (WIDTH - MARGIN - CODE, MARGIN - 1.0, CODE), LARGEST_MODULE)?;
        let own = document.write(own);
        document.page(vec![common, own]);
    }
    Ok(document.finish(&set.title, &set.language))
}

/// Draws a code in the middle of a square, with a module of room around it at least, and no larger modules than that.
pub(crate) fn draw_code(
    drawing: &mut Drawing,
    code: &Code,
    (x, y, side): (f32, f32, f32),
    largest: f32,
) -> Result<(), Unprintable> {
    let rows = modules(code)?;
    let count: f32 = rows.iter().map(|_| 1.0).sum();
    let module = (side / (count + 2.0)).min(largest);
    let room = (side - count * module) / 2.0;
    drawing.code(x + room, y + room, module, &rows);
    Ok(())
}

/// What is the same on every label, in the largest letters that fit.
fn common(fonts: &Fonts, set: &KitLabels) -> Result<(Vec<Line>, Drawing), Unprintable> {
    for size in SIZES {
        let mut column = head(fonts, set)?;
        body(&mut column, set, size)?;
        if column.y <= HEIGHT - MARGIN / 2.0 {
            return Ok(column.draw(HEIGHT));
        }
    }
    Err(Unprintable::TooLong { field: "label".to_owned() })
}

fn head<'f>(fonts: &'f Fonts, set: &KitLabels) -> Result<Column<'f>, Unprintable> {
    let mut column = Column::new(fonts, MARGIN, WIDTH - 2.0 * MARGIN, BODY);
    let (left, middle, room) = (MARGIN, MARGIN + 42.0, 34.0);
    column.at((left, 6.2, 70.0), Style::regular(SMALL), "kit", &set.kit)?;
    let rows = [(left, 40.0, "batch", &set.batch), (middle, room, "expiry", &set.expiry)];
    for (x, width, field, (heading, text)) in rows {
        column.at((x, 18.6, width), Style::regular(SMALL), field, heading)?;
        largest(&mut column, (x, 23.0, width), field, text)?;
    }
    if let Some(text) = &set.under_code {
        column.at((WIDTH - MARGIN - 22.0, 24.3, 24.0), Style::regular(5.0), "gtin", text)?;
    }
    Ok(column)
}

/// Sets a text that people look for in the largest letters in which it fits.
fn largest(
    column: &mut Column<'_>,
    place: (f32, f32, f32),
    field: &str,
    text: &str,
) -> Result<(), Unprintable> {
    let mut set = Err(Unprintable::TooLong { field: field.to_owned() });
    for size in HEAD_SIZES {
        if set.is_err() {
            set = column.at(place, Style::bold(size), field, text);
        }
    }
    set
}

fn body(column: &mut Column<'_>, set: &KitLabels, size: f32) -> Result<(), Unprintable> {
    column.rule();
    column.gap(0.8);
    column.text(Style::bold(size + 2.0), "substance", &set.substance)?;
    for (field, text) in &set.words {
        column.text(Style::regular(size), field, text)?;
    }
    column.gap(0.6);
    column.text(Style::bold(size), "warning", &set.warning)?;
    column.gap(1.0);
    column.rule();
    by_hand(column, &set.by_hand)?;
    column.rule();
    column.gap(0.5);
    for (field, text) in &set.foot {
        column.text(Style::regular(size.min(7.0) - 0.5), field, text)?;
    }
    Ok(())
}

/// Room to write: each heading with a line behind it.
fn by_hand(column: &mut Column<'_>, headings: &[String; 3]) -> Result<(), Unprintable> {
    let baseline = column.y + 5.0;
    let mut x = column.left;
    for (heading, width) in headings.iter().zip([30.0, 21.0, 46.0]) {
        let style = Style::regular(SMALL);
        let taken = column.width_of(style, "heading", heading)?;
        column.at((x, baseline, width), style, "heading", heading)?;
        column.short_rule(x + taken + 1.0, baseline + 0.3, width - taken - 3.0);
        x += width;
    }
    column.gap(6.6);
    Ok(())
}
