//! What a kit holds, and how far ahead stock is looked after.

use super::fields::Fields;

/// The study's rules for kits. All kits of a study obey the same ones: a rule by kit type would show the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Kits that serve one course of one subject, 1 to 20.
    pub kits_per_course: u32,
    /// Vials in one kit, 1 to 1000.
    pub vials_per_kit: u32,
    /// A kit is handed out only when it is in date through the last dosing day that it covers and this many days
    /// more, 0 to 365 (KIT-06).
    pub expiry_margin_days: u32,
    /// Kits for the visits of subjects in treatment within this many days are not promised to new subjects, 0 to 365.
    pub lead_days: u32,
    /// The next expiry tier opens, for all kit types at once, when fewer than this many usable kits of all types
    /// together are left in the open tiers of a site, 0 to 100000.
    pub tier_minimum: u32,
}

pub(super) fn read(root: &mut Fields<'_>) -> Option<Supply> {
    root.table("supply", |fields| {
        let kits_per_course = fields.whole("kits_per_course", 1..=20);
        let vials_per_kit = fields.whole("vials_per_kit", 1..=1_000);
        let expiry_margin_days = fields.whole("expiry_margin_days", 0..=365);
        let lead_days = fields.whole("lead_days", 0..=365);
        let tier_minimum = fields.whole("tier_minimum", 0..=100_000);
        Some(Supply {
            kits_per_course: kits_per_course?,
            vials_per_kit: vials_per_kit?,
            expiry_margin_days: expiry_margin_days?,
            lead_days: lead_days?,
            tier_minimum: tier_minimum?,
        })
    })
}
