//! Code breaks.

use std::collections::{BTreeMap, BTreeSet};

use super::records::{Record, Records};
use super::{Held, before, holds};
use crate::act::Act;

/// Every look at a code comes after the record of its break with its reason, of a subject who was randomized; and a
/// subject's code is broken once (UNB-02, UNB-03, UNB-04).
pub(super) fn breaks_come_first(records: &Records<'_>) -> Held {
    let (mut randomized, mut broken) = (BTreeSet::new(), BTreeMap::new());
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::Randomized { subject, .. } => drop(randomized.insert(subject)),
            Act::Unblinded { unblinding, subject, .. } => {
                before(randomized.get(subject), || {
                    format!("leaf {index} breaks the code of subject {subject}, who was not randomized")
                })?;
                let again = broken.values().any(|other| *other == subject);
                holds(!again, || format!("leaf {index} breaks the code of subject {subject} again"))?;
                broken.insert(unblinding, subject);
            }
            Act::UnblindingViewed { unblinding } | Act::UnblindingNoted { unblinding, .. } => {
                before(broken.get(unblinding), || {
                    format!(
                        "leaf {index} looks at code break {unblinding}, of which nothing was recorded before"
                    )
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}
