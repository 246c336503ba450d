//! One spelling for one record: the JSON of RFC 8785, without fractions.

use serde::Serialize;
use serde_json::Value;

/// The largest magnitude of an integer: 2^53 - 1, the largest that every JSON reader keeps exactly (RFC 7493,
/// 2.2).
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// How deeply arrays and objects may be nested; readers have limits of their own, and records are flat.
pub const MAX_DEPTH: usize = 32;

/// The canonical bytes (RFC 8785) of strings, integers, booleans, null, arrays and objects: no white space,
/// keys sorted by UTF-16 code units, the shortest escapes.
///
/// # Errors
/// When the value holds a fraction, an integer beyond [`MAX_INTEGER`], is nested deeper than [`MAX_DEPTH`],
/// or is no JSON at all, such as a map whose keys are no text. (A float that is not a number reaches this
/// room as null and is not noticed; records hold no floats.)
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value)?;
    let mut bytes = Vec::new();
    write(&mut bytes, &value, 0)?;
    Ok(bytes)
}

/// Whether the bytes are JSON in its canonical form, neither more nor less.
pub fn is_canonical(bytes: &[u8]) -> bool {
    let value = serde_json::from_slice::<Value>(bytes).ok();
    value.and_then(|value| canonical(&value).ok()).is_some_and(|canonical| canonical == bytes)
}

/// Why a value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// A number is a fraction, or an integer whose magnitude is above [`MAX_INTEGER`].
    #[error("{0} is not an integer of at most 53 bits")]
    Number(String),
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH}")]
    Depth,
    /// The value cannot be written as JSON.
    #[error("not JSON")]
    Json(#[from] serde_json::Error),
}

fn write(bytes: &mut Vec<u8>, value: &Value, depth: usize) -> Result<(), NotCanonical> {
    if depth > MAX_DEPTH {
        return Err(NotCanonical::Depth);
    }
    match value {
        Value::Null | Value::Bool(_) => bytes.extend_from_slice(value.to_string().as_bytes()),
        Value::Number(number) => bytes.extend_from_slice(integer(number)?.as_bytes()),
        Value::String(text) => write_text(bytes, text)?,
        Value::Array(items) => {
            write_list(bytes, b'[', items, b']', |bytes, item| write(bytes, item, depth + 1))?
        }
        Value::Object(map) => {
            // Sorted here: the map's own order depends on a feature that any crate of the build may switch
            // on.
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            write_list(bytes, b'{', &fields, b'}', |bytes, (key, value)| {
                write_text(bytes, key)?;
                bytes.push(b':');
                write(bytes, value, depth + 1)
            })?;
        }
    }
    Ok(())
}

/// The items between the brackets, with commas.
fn write_list<T>(
    bytes: &mut Vec<u8>,
    open: u8,
    items: &[T],
    close: u8,
    mut write: impl FnMut(&mut Vec<u8>, &T) -> Result<(), NotCanonical>,
) -> Result<(), NotCanonical> {
    bytes.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        write(bytes, item)?;
    }
    bytes.push(close);
    Ok(())
}

/// `serde_json` writes text with exactly the escapes of RFC 8785, 3.2.2.2; the tests hold it to that.
fn write_text(bytes: &mut Vec<u8>, text: &str) -> Result<(), NotCanonical> {
    Ok(serde_json::to_writer(bytes, text)?)
}

fn integer(number: &serde_json::Number) -> Result<String, NotCanonical> {
    let integer = number.as_i64().filter(|integer| integer.unsigned_abs() <= MAX_INTEGER);
    integer.map(|integer| integer.to_string()).ok_or_else(|| NotCanonical::Number(number.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{MAX_DEPTH, canonical, is_canonical};

    fn text(value: &Value) -> Option<String> {
        canonical(value).ok().map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
    }

    #[test]
    fn values_have_one_spelling() {
        let max = 9_007_199_254_740_991_i64;
        let table = [
            (json!(null), Some("null")),
            (json!([true, false, []]), Some("[true,false,[]]")),
            (json!({}), Some("{}")),
            (json!({"b": 1, "a": {"d": -2, "c": 0}}), Some(r#"{"a":{"c":0,"d":-2},"b":1}"#)),
            (json!(max), Some("9007199254740991")),
            (json!(-max), Some("-9007199254740991")),
            (json!(max + 1), None),
            (json!(-max - 1), None),
            (json!(u64::MAX), None),
            (json!([1.5]), None),
            (json!(1.0), None),
            (json!(-0.0), None),
        ];
        for (value, expected) in table {
            assert_eq!(text(&value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn text_is_escaped_as_in_rfc_8785() {
        let table = [
            // RFC 8785, 3.2.2.2: the two-letter escapes, then lower-case \u00xx below 0x20, then as it is.
            ("\u{8}\t\n\u{c}\r\"\\", r#""\b\t\n\f\r\"\\""#),
            ("\0\u{1}\u{b}\u{1f}", r#""\u0000\u0001\u000b\u001f""#),
            ("/\u{7f}\u{80}\u{2028}é€😀</script>", "\"/\u{7f}\u{80}\u{2028}é€😀</script>\""),
            // RFC 8785, 3.2.4, the "string" of its example.
            ("\u{20ac}$\u{f}\nA'\u{42}\u{22}\u{5c}\\\"/", r#""€$\u000f\nA'B\"\\\\\"/""#),
        ];
        for (value, expected) in table {
            assert_eq!(text(&json!(value)).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn keys_are_sorted_by_utf_16_code_units() {
        // RFC 8785, 3.2.3: the emoji's first code unit, D83D, comes before FB33, though its scalar value is
        // larger.
        let order = ["\r", "1", "\u{80}", "ö", "€", "😀", "\u{fb33}"];
        let map: BTreeMap<&str, usize> = order.iter().enumerate().map(|(rank, key)| (*key, rank)).collect();
        let text = String::from_utf8(canonical(&map).expect("canonical")).expect("UTF-8");
        let ranks: String = text.chars().filter(|c| "023456".contains(*c)).collect();
        assert_eq!(ranks, "023456", "{text}");
        assert!(text.starts_with(r#"{"\r":0,"1":1,"#), "{text}");
    }

    #[test]
    fn other_spellings_are_not_canonical() {
        assert!(is_canonical(br#"{"a":1,"b":["x",null,true]}"#));
        let others: [&[u8]; 14] = [
            br#"{"b":1,"a":2}"#,
            br#"{"a":1,"a":1}"#,
            br#"{"a": 1}"#,
            b" 1",
            b"1\n",
            b"01",
            b"-0",
            b"1.0",
            b"1e2",
            br#""\u0061""#,
            br#""\u000F""#,
            br#""\/""#,
            b"",
            b"\"\xff\"",
        ];
        for other in others {
            assert!(!is_canonical(other), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_canonical(nested(MAX_DEPTH + 1).as_bytes()), "the outermost is at depth 0");
        assert!(!is_canonical(nested(MAX_DEPTH + 2).as_bytes()));
        assert!(!is_canonical(nested(100_000).as_bytes()));
    }
}
