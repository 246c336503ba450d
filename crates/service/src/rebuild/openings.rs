//! Sealed values of stored rows, put into the words of the journal: the commitment to what a person wrote, and for
//! everything that would reveal a treatment only that its opening is there.

use std::collections::BTreeMap;

use store::rows::opening;
use store::{Conn, Tree};
use trial::rebuild::{Cell, Columns, Rows, UNOPENED};
use trial::study::StudyDesign;
use trial::view;

use crate::failure::Failure;
use crate::keys::Kind;
use crate::service::Service;
use crate::vault::Vault;

/// The openings of one tree, by their ids.
pub(super) struct Words<'a> {
    vault: Vault<'a>,
    openings: BTreeMap<String, opening::Opening>,
}

impl<'a> Words<'a> {
    pub(super) fn of(service: &'a Service, conn: &mut Conn, tree: &Tree) -> Result<Self, Failure> {
        let vault = Vault::unlock(service, conn, tree)?;
        let openings = opening::all(conn, tree)?.into_iter().map(|row| (row.id.to_string(), row));
        Ok(Self { vault, openings: openings.collect() })
    }

    /// Puts the cells of rows as they are stored into words that can be compared with those of leaves.
    pub(super) fn put(&self, rows: &mut Rows) {
        rows.cells_mut("design").for_each(|cell| {
            if let Cell::Plain(text) = cell {
                *text = fingerprint(text);
            }
        });
        rows.cells_mut("note").for_each(|cell| {
            if let Cell::Plain(note) = cell {
                *note = signed_text(note);
            }
        });
        let redacted = redacted(rows);
        rows.sealed_mut().for_each(|(field, by)| *by = self.word(field, by, redacted.get(by.as_str())));
    }

    fn word(&self, field: &str, id: &str, redacted: Option<&String>) -> String {
        match (self.openings.get(id), redacted) {
            (None, Some(commitment)) => commitment.clone(),
            (Some(_), Some(_)) => format!("opening {id}, which was redacted and is there"),
            (None, None) => format!("opening {id}, which is not there"),
            (Some(_), None) if !view::is_free_text(field) => UNOPENED.to_owned(),
            (Some(row), None) => match self.vault.open_row(Kind::Text, row) {
                Ok(opened) => self.vault.commitment(field, &opened).to_string(),
                Err(_altered) => format!("opening {id}, which does not open"),
            },
        }
    }
}

/// What stands for each text that was redacted, by its opening's id, as the rows say.
fn redacted(rows: &Rows) -> BTreeMap<String, String> {
    let (proposed, confirmed) = (rows.table("redaction"), rows.table("redaction_confirmation"));
    let is_confirmed = |id: &String| confirmed.is_some_and(|confirmed| confirmed.contains_key(id));
    let gone = proposed.into_iter().flatten().filter(|(id, _)| is_confirmed(id));
    let named = |(_, row): (_, &Columns)| match (row.get("opening"), row.get("commitment")) {
        (Some(Cell::Plain(opening)), Some(Cell::Plain(text))) => Some((opening.clone(), text.clone())),
        _ => None,
    };
    gone.filter_map(named).collect()
}

/// The text of a design as its leaf names it.
fn fingerprint(text: &str) -> String {
    match StudyDesign::from_toml(text) {
        Ok(design) => design.fingerprint().to_owned(),
        Err(_problems) => "a text that is no design".to_owned(),
    }
}

/// What a checkpoint says, without who signed it: the key may have been another one then.
fn signed_text(note: &str) -> String {
    let (text, _signatures) = note.split_once("\n\n").unwrap_or((note, ""));
    format!("{text}\n")
}
