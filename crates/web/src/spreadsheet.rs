//! Cells of a table that is opened in a spreadsheet.

/// A spreadsheet takes a cell that begins like this for a formula and runs it, whoever wrote it; with an apostrophe
/// before it, it is text.
pub(crate) fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
