//! The label of a shipment, for the outside of the box.

use crate::Unprintable;
use crate::code::Code;
use crate::document::Document;
use crate::font::Style;
use crate::kit::draw_code;
use crate::paragraph::Column;

/// A label of A6, lying.
const WIDTH: f32 = 148.0;
const HEIGHT: f32 = 105.0;
const MARGIN: f32 = 6.0;
/// The room for the code in the upper right corner.
const CODE: f32 = 30.0;
/// A box is scanned from further away than a kit.
const LARGEST_MODULE: f32 = 1.2;

/// What stands on the box.
#[derive(Clone, Debug)]
pub struct ShipmentLabel {
    /// The language, as a tag of two letters.
    pub language: String,
    /// The title of the file.
    pub title: String,
    /// From where, under its heading.
    pub from: (String, String),
    /// To where, under its heading.
    pub to: (String, String),
    /// The shipment, under its heading.
    pub shipment: (String, String),
    /// How many kits, under its heading.
    pub kits: (String, String),
    /// What must be seen, in bold: a name for each, and the text.
    pub warnings: Vec<(&'static str, String)>,
    /// What stands small at the foot: a name for each, and the text.
    pub foot: Vec<(&'static str, String)>,
}

/// Prints the label, on one page.
///
/// # Errors
/// [`Unprintable`] with the first field that cannot be printed.
pub fn shipment_label(label: &ShipmentLabel) -> Result<Vec<u8>, Unprintable> {
    let mut document = Document::new(WIDTH, HEIGHT)?;
    let (lines, mut drawing) = {
        let mut column = Column::new(&document.fonts, MARGIN, WIDTH - 2.0 * MARGIN - CODE, MARGIN);
        addresses(&mut column, label)?;
        column.width = WIDTH - 2.0 * MARGIN;
        rest(&mut column, label)?;
        if column.y > HEIGHT - MARGIN / 2.0 {
            return Err(Unprintable::TooLong { field: "label".to_owned() });
        }
        column.draw(HEIGHT)
    };
    let code = Code::Plain(label.shipment.1.clone());
    draw_code(&mut drawing, &code, (WIDTH - MARGIN - CODE, MARGIN - 2.0, CODE), LARGEST_MODULE)?;
    document.uses(&lines);
    let drawing = document.write(drawing);
    document.page(vec![drawing]);
    Ok(document.finish(&label.title, &label.language))
}

fn addresses(column: &mut Column<'_>, label: &ShipmentLabel) -> Result<(), Unprintable> {
    for (field, (heading, text), size) in [("from", &label.from, 10.0), ("to", &label.to, 16.0)] {
        column.text(Style::regular(7.0), field, heading)?;
        column.text(Style::bold(size), field, text)?;
        column.gap(3.0);
    }
    column.y = column.y.max(MARGIN + CODE + 2.0);
    Ok(())
}

fn rest(column: &mut Column<'_>, label: &ShipmentLabel) -> Result<(), Unprintable> {
    column.rule();
    column.gap(1.5);
    let top = column.y;
    let half = (WIDTH - 2.0 * MARGIN) * 0.7;
    let pairs = [(MARGIN, half, "shipment", &label.shipment), (MARGIN + half, 40.0, "kits", &label.kits)];
    for (x, width, field, (heading, text)) in pairs {
        column.at((x, top + 3.0, width), Style::regular(7.0), field, heading)?;
        column.at((x, top + 8.5, width), Style::bold(13.0), field, text)?;
    }
    column.gap(11.0);
    column.rule();
    column.gap(2.0);
    for (field, text) in &label.warnings {
        column.text(Style::bold(11.0), field, text)?;
        column.gap(1.0);
    }
    column.gap(1.0);
    column.rule();
    column.gap(1.0);
    for (field, text) in &label.foot {
        column.text(Style::regular(7.5), field, text)?;
    }
    Ok(())
}
