//! The arms in the words of the protocol.

use std::collections::BTreeSet;

use super::fields::Fields;

/// One arm in words that everybody may read. Its index is its place in the file ([`terms::Arm`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmWords {
    /// The arm's name in the protocol, for example `aldesleukin 1 MIU`.
    pub name: String,
    /// What is given.
    pub substance: String,
    /// How much of it at each dose.
    pub dose: String,
    /// When and how it is given.
    pub schedule: String,
    /// The arm's share in every block, 1 to 100.
    pub ratio: u32,
}

/// The allocator takes at most this many arms.
const MOST_ARMS: usize = 255;

pub(super) fn read(root: &mut Fields<'_>) -> Option<Vec<ArmWords>> {
    let mut names = BTreeSet::new();
    let arms = root.tables("arms", |fields| arm(fields, &mut names))?;
    if (2..=MOST_ARMS).contains(&arms.len()) {
        return Some(arms);
    }
    root.problem("arms", format!("must hold 2 to {MOST_ARMS} arms"));
    None
}

fn arm(fields: &mut Fields<'_>, names: &mut BTreeSet<String>) -> Option<ArmWords> {
    let name = fields.unique_text("name", names);
    let substance = fields.text("substance");
    let dose = fields.text("dose");
    let schedule = fields.text("schedule");
    let ratio = fields.whole("ratio", 1..=100);
    Some(ArmWords { name: name?, substance: substance?, dose: dose?, schedule: schedule?, ratio: ratio? })
}
