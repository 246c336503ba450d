//! Texts that people wrote: opened to whoever may see them, or redacted by two people.

use std::collections::{BTreeMap, BTreeSet};

use journal::Commitment;

use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::Act;
use crate::decide::redact::texts;
use crate::{Role, view};

/// AUD-13: a redaction names a text of an earlier leaf, and is confirmed once, by another person than proposed it.
pub(super) fn are_redacted_by_two(records: &Records<'_>) -> Held {
    let (mut written, mut proposed, mut gone) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::RedactionProposed(of) => {
                let text = (of.leaf, of.field.clone(), of.commitment);
                before(written.contains(&text).then_some(()), || {
                    format!("leaf {index} proposes to redact what is no text of leaf {}", of.leaf)
                })?;
                proposed.insert(&of.redaction, (of, &leaf.actor));
            }
            Act::TextRedacted { redaction } => {
                let (of, by) = before(proposed.get(redaction), || {
                    format!("leaf {index} confirms {redaction}, which nobody proposed")
                })?;
                holds(**by != leaf.actor, || format!("leaf {index} confirms what the same person proposed"))?;
                holds(gone.insert(of.commitment), || {
                    format!("leaf {index} redacts a text for the second time")
                })?;
            }
            _ => written.extend(texts(leaf).into_iter().map(|(field, text)| (*index, field, text))),
        }
    }
    Ok(())
}

/// Who may see texts is shown every one, unless it was redacted; a text that is neither was lost or taken away.
pub(super) fn are_opened_or_redacted(records: &Records<'_>) -> Held {
    if !opens_texts(&records.export.view) {
        return Err(Wrong::Unknown("this view opens no text".to_owned()));
    }
    let opened: BTreeSet<Commitment> =
        records.export.openings.iter().map(|opened| opened.commitment).collect();
    let redacted = redacted(records);
    for Record { index, leaf } in &records.shown {
        for (field, text) in texts(leaf) {
            let (is_open, is_gone) = (opened.contains(&text), redacted.contains(&text));
            holds(is_open || is_gone, || format!("{field} of leaf {index} is neither opened nor redacted"))?;
            holds(!is_open || !is_gone, || format!("{field} of leaf {index} was redacted, and is opened"))?;
        }
    }
    Ok(())
}

/// Whether the export is for a role that sees what people wrote; its name comes first.
fn opens_texts(view: &str) -> bool {
    let role = view.split(' ').next().and_then(|role| role.parse::<Role>().ok());
    role.is_some_and(|role| view::opens(role, "text"))
}

fn redacted(records: &Records<'_>) -> BTreeSet<Commitment> {
    let mut proposed = BTreeMap::new();
    let mut redacted = BTreeSet::new();
    for record in &records.shown {
        match &record.leaf.act {
            Act::RedactionProposed(of) => {
                proposed.insert(&of.redaction, of.commitment);
            }
            Act::TextRedacted { redaction } => redacted.extend(proposed.get(redaction)),
            _ => {}
        }
    }
    redacted
}
