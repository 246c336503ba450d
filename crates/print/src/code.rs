//! The code on a label: a Data Matrix (ISO/IEC 16022, ECC 200), plain or as GS1 reads it.

use datamatrix::{DataMatrix, SymbolList};

use crate::Unprintable;

/// What a code holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// A text as it is, of printable ASCII.
    Plain(String),
    /// A GS1 DataMatrix with the application identifiers 01, 17, 21 and 10.
    Gs1 {
        /// The GTIN, 14 digits (AI 01).
        gtin: String,
        /// The last day of use as YYMMDD (AI 17).
        expiry: String,
        /// The batch, at most 20 characters (AI 10).
        batch: String,
        /// The serial number, at most 20 characters (AI 21).
        serial: String,
    },
}

/// Ends a field of variable length, where another one follows: what FNC1 is within a symbol.
const SEPARATOR: char = '\u{1d}';

/// A field of variable length has at most this many characters.
const LONGEST: usize = 20;

impl Code {
    /// What a scanner reads out of it. A GS1 code begins with FNC1 before that, of which a scanner makes `]d2`.
    ///
    /// The fields of fixed length come first, and after them the serial number: what a kit is known by never stands
    /// behind a field of which only a separator tells where it ends. Out of the text of a scanner that is set to drop
    /// separators a serial number of known length can still be read.
    pub fn content(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Gs1 { gtin, expiry, batch, serial } => {
                format!("01{gtin}17{expiry}21{serial}{SEPARATOR}10{batch}")
            }
        }
    }

    fn check(&self) -> Result<(), Unprintable> {
        let fields: &[(&str, &str, bool)] = match self {
            Self::Plain(text) => &[("code", text, !text.is_empty())],
            Self::Gs1 { gtin, expiry, batch, serial } => &[
                ("gtin", gtin, is_digits(gtin, 14)),
                ("expiry", expiry, is_digits(expiry, 6)),
                ("batch", batch, (1..=LONGEST).contains(&batch.len())),
                ("serial", serial, (1..=LONGEST).contains(&serial.len())),
            ],
        };
        let is_wrong =
            |(_, text, right): &&(&str, &str, bool)| !right || !text.bytes().all(|b| b.is_ascii_graphic());
        match fields.iter().find(is_wrong) {
            Some((field, ..)) => Err(Unprintable::Code { field: (*field).to_owned() }),
            None => Ok(()),
        }
    }
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The modules of a square code, row by row from the top, dark ones true; without the quiet zone.
///
/// # Errors
/// [`Unprintable::Code`] with the field that the code cannot hold.
pub fn modules(code: &Code) -> Result<Vec<Vec<bool>>, Unprintable> {
    code.check()?;
    let (content, square) = (code.content(), SymbolList::default().enforce_square());
    let encoded = match code {
        Code::Plain(_) => DataMatrix::encode(content.as_bytes(), square),
        Code::Gs1 { .. } => DataMatrix::encode_gs1(content.as_bytes(), square),
    };
    let symbol = encoded.map_err(|_too_long| Unprintable::Code { field: "code".to_owned() })?.bitmap();
    Ok(symbol.bits().chunks(symbol.width()).map(<[bool]>::to_vec).collect())
}

#[cfg(test)]
mod tests {
    use super::{Code, modules};
    use crate::Unprintable;
    use datamatrix::DataMatrix;

    fn gs1() -> [String; 4] {
        ["08714023000405", "301231", "B-2026-01", "1234567889"].map(str::to_owned)
    }

    fn code([gtin, expiry, batch, serial]: [String; 4]) -> Code {
        Code::Gs1 { gtin, expiry, batch, serial }
    }

    /// What is read out of the very modules that are drawn.
    fn read(code: &Code) -> String {
        let rows = modules(code).expect("a code");
        let pixels: Vec<bool> = rows.concat();
        String::from_utf8(DataMatrix::decode(&pixels, rows.len()).expect("it is read")).expect("ASCII")
    }

    #[test]
    fn a_gs1_code_is_read_back_with_a_separator_after_the_serial_number_alone() {
        let code = code(gs1());
        assert_eq!(read(&code), "010871402300040517301231211234567889\u{1d}10B-2026-01");
        // FNC1 (codeword 232) comes first: without it the code would not be one of GS1.
        let symbol = DataMatrix::encode_gs1(code.content().as_bytes(), datamatrix::SymbolList::default());
        assert_eq!(symbol.expect("a symbol").data_codewords()[0], 232);
    }

    #[test]
    fn a_plain_code_holds_the_number_as_it_is() {
        let code = Code::Plain("1234567889".to_owned());
        assert_eq!(read(&code), "1234567889");
        assert_eq!(modules(&code).expect("a code").len(), 12);
    }

    #[test]
    fn a_field_that_the_code_cannot_hold_is_named() {
        let table = [
            (0, "8714023000405", "gtin"),
            (0, "0871402300040X", "gtin"),
            (1, "20301231", "expiry"),
            (1, "", "expiry"),
            (2, "", "batch"),
            (2, "B-2026-01-AND-SO-ON-X", "batch"),
            (2, "B 1", "batch"),
            (2, "Bé", "batch"),
            (3, "", "serial"),
            (3, "123456789012345678901", "serial"),
            (3, "1\u{1d}2", "serial"),
        ];
        for (place, text, field) in table {
            let mut fields = gs1();
            fields[place] = text.to_owned();
            let expected = Unprintable::Code { field: field.to_owned() };
            assert_eq!(modules(&code(fields)).expect_err("it cannot be held"), expected, "{text:?}");
        }
        let refused = modules(&Code::Plain("é".to_owned())).expect_err("no ASCII");
        assert_eq!(refused.field(), "code");
    }
}
