//! Labels and tables as PDF.
//!
//! The same values give the same bytes: no date, no identifier and nothing by chance stands in a file, so its hash can
//! stand in the journal. A letter that the font lacks and a text that does not fit are refused with the name of the
//! field; nothing is printed as a box, cut off or written over something else.
//!
//! Everything comes in as plain values: what a kit or a trial is, nothing here knows.

mod code;
mod document;
mod font;
mod kit;
mod paragraph;
mod shipment;
mod table;

use std::fmt;

pub use code::{Code, modules};
pub use kit::{KitLabels, OneKit, kit_labels};
pub use shipment::{ShipmentLabel, shipment_label};
pub use table::{Column, Log, Said, Table, log, marked_log};

/// Why something cannot be printed. The field is named as the caller named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// The font has no such letter.
    Letter {
        /// Where it stands.
        field: String,
        /// The letter.
        letter: char,
    },
    /// The text does not fit, however small the letters that can still be read.
    TooLong {
        /// Which text, or what they all stand on.
        field: String,
    },
    /// The code cannot hold it.
    Code {
        /// What is to be held.
        field: String,
    },
    /// The font of the program cannot be read.
    Font,
}

impl Unprintable {
    /// The field.
    pub fn field(&self) -> &str {
        match self {
            Self::Letter { field, .. } | Self::TooLong { field } | Self::Code { field } => field,
            Self::Font => "font",
        }
    }
}

impl fmt::Display for Unprintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter { letter, .. } => {
                write!(f, "holds {}, which the font of the labels lacks", letter.escape_unicode())
            }
            Self::TooLong { .. } => f.write_str("does not fit"),
            Self::Code { .. } => f.write_str("cannot be held by the code on a label"),
            Self::Font => f.write_str("cannot be read"),
        }
    }
}

impl std::error::Error for Unprintable {}
