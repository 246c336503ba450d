//! Sealed values of stored rows, put into the words of the journal: the commitment to what a person wrote, and for
//! everything that would reveal a treatment only that its opening is there.

use std::collections::BTreeMap;

use store::rows::{opening, redaction};
use store::{Conn, Tree};
use trial::rebuild::{Cell, Rows, UNOPENED};
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
    /// What stands for a text that was redacted, by its opening's id.
    redacted: BTreeMap<String, String>,
}

impl<'a> Words<'a> {
    pub(super) fn of(service: &'a Service, conn: &mut Conn, tree: &Tree) -> Result<Self, Failure> {
        let vault = Vault::unlock(service, conn, tree)?;
        let openings = opening::all(conn, tree)?.into_iter().map(|row| (row.id.to_string(), row));
        let openings = openings.collect();
        let redactions = match tree {
            Tree::Study(study) => redaction::all(conn, study)?,
            Tree::Installation => Vec::new(),
        };
        let gone = redactions.into_iter().filter(|redaction| redaction.confirmed.is_some());
        let redacted = gone.map(|gone| (gone.opening.to_string(), gone.commitment.to_string())).collect();
        Ok(Self { vault, openings, redacted })
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
        rows.sealed_mut().for_each(|(field, by)| *by = self.word(field, by));
    }

    fn word(&self, field: &str, id: &str) -> String {
        match self.openings.get(id) {
            Some(_) if self.redacted.contains_key(id) => {
                format!("opening {id}, which was redacted and is there")
            }
            None if self.redacted.contains_key(id) => self.redacted.get(id).cloned().unwrap_or_default(),
            None => format!("opening {id}, which is not there"),
            Some(_) if !view::is_free_text(field) => UNOPENED.to_owned(),
            Some(row) => match self.vault.open_row(Kind::Text, row) {
                Ok(opened) => self.vault.commitment(field, &opened).to_string(),
                Err(_altered) => format!("opening {id}, which does not open"),
            },
        }
    }
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
