//! The blinding matrix (BLD-01).

use crate::Role;

use super::fields::Fields;

/// Whether a role may know treatments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// The role knows no treatment.
    Blinded,
    /// The role's work needs treatments.
    Unblinded,
}

/// What one role may know, and for what purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindingRow {
    /// The role.
    pub role: Role,
    /// Whether it may know treatments.
    pub treatment: Treatment,
    /// For what purpose, and with which exception.
    pub purpose: String,
}

const TREATMENTS: [(&str, Treatment); 2] =
    [("blinded", Treatment::Blinded), ("unblinded", Treatment::Unblinded)];

pub(super) fn read(root: &mut Fields<'_>) -> Option<Vec<BlindingRow>> {
    let mut missing = Role::OF_A_STUDY.to_vec();
    let rows = root.tables("blinding", |fields| row(fields, &mut missing))?;
    for role in missing {
        root.problem("blinding", format!("has no row for the role {role}"));
    }
    Some(rows)
}

fn row(fields: &mut Fields<'_>, missing: &mut Vec<Role>) -> Option<BlindingRow> {
    let role = role(fields, missing);
    let treatment = fields.choice("treatment", &TREATMENTS);
    let purpose = fields.text("purpose");
    let row = BlindingRow { role: role?, treatment: treatment?, purpose: purpose? };
    // What a role sees is fixed in code; a matrix that says otherwise would be a promise that nobody keeps.
    if (row.treatment == Treatment::Unblinded) != row.role.is_unblinded() {
        let truth = if row.role.is_unblinded() { "unblinded" } else { "blinded" };
        fields.problem("treatment", format!("must be {truth}, as the role is in every study"));
    }
    Some(row)
}

fn role(fields: &mut Fields<'_>, missing: &mut Vec<Role>) -> Option<Role> {
    let role = fields.choice("role", &Role::OF_A_STUDY.map(|role| (<&str>::from(role), role)))?;
    match missing.iter().position(|other| *other == role) {
        Some(place) => Some(missing.remove(place)),
        None => {
            fields.problem("role", "is the same as in an earlier row");
            None
        }
    }
}
