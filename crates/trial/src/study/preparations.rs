//! What is prepared on site out of a kit, and for how long it may be used.

use std::collections::BTreeSet;

use terms::PreparationId;

use super::StudyDesign;
use super::fields::Fields;

/// A way in which units are prepared, the same for every kit type: one by kit type would show the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// Its name, for example `reconstituted`.
    pub id: PreparationId,
    /// So many hours after its preparation a unit is blocked, 1 to 8760 (KIT-24).
    pub hours: u32,
}

impl StudyDesign {
    /// A preparation by its name.
    pub fn preparation(&self, id: &str) -> Option<&Preparation> {
        self.preparations.iter().find(|preparation| preparation.id.as_str() == id)
    }
}

/// None when the file names none: then nothing is prepared on site.
pub(super) fn read(root: &mut Fields<'_>) -> Option<Vec<Preparation>> {
    if !root.has("preparations") {
        return Some(Vec::new());
    }
    let mut ids = BTreeSet::new();
    root.tables("preparations", |fields| {
        let id = id(fields, &mut ids);
        let hours = fields.whole("hours", 1..=8_760);
        Some(Preparation { id: id?, hours: hours? })
    })
}

fn id(fields: &mut Fields<'_>, ids: &mut BTreeSet<String>) -> Option<PreparationId> {
    let id = PreparationId::parse(&fields.unique_text("id", ids)?);
    id.map_err(|bad| fields.problem("id", bad.to_string())).ok()
}
