//! What a kit holds, and how far ahead stock is looked after.

use chrono::Weekday;
use ledger::ResupplyRules;

use super::StudyDesign;
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
    /// The day of the week on which resupply is planned, in the site's time zone.
    pub order_weekday: Weekday,
    /// Kits of every type in one group; only whole groups are sent, 1 to 1000. How small it may be is told by
    /// `iwrs supply leaks`.
    pub group_size: u32,
    /// Kits of every type kept at a site over those that are due, 0 to 1000.
    pub buffer_kits: u32,
    /// How many days from the order day a plan looks ahead, up to 3650; at least the lead and a week, which is when
    /// the next order arrives.
    pub horizon_days: u32,
    /// Kits with fewer days than this left on the order day do not count, 0 to 365.
    pub do_not_count_days: u32,
    /// Kits with fewer days than this left on arrival are not sent, 0 to 365; at least as many as for counting them,
    /// or what is sent would not count.
    pub do_not_ship_days: u32,
    /// Kits of one subject that may be replaced without an explanation, 0 to 1000.
    pub replacements_per_subject: u32,
    /// Whether a second person has to scan a kit before it is handed over; not when the file does not say so.
    pub second_person: bool,
    /// Kits of a packed batch that an unblinded person opens before it is released, 1 to 50 (KIT-25); a file that does
    /// not say means [`SAMPLE_KITS`]. A smaller batch is checked whole.
    pub sample_kits: u32,
}

/// How many kits of a packed batch are checked when the design does not say.
pub const SAMPLE_KITS: u32 = 6;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// The name of a day of the week as the file of a design spells it.
pub fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, weekday)| *weekday == day).map_or("", |(name, _)| name)
}

impl StudyDesign {
    /// What the ledger needs to plan resupply. There are as many kit types as arms, so nothing of this is sealed.
    pub fn resupply_rules(&self) -> ResupplyRules {
        let supply = self.supply;
        let first = self.dispensing_at(&self.first_dispensing);
        ResupplyRules {
            kit_types: u32::try_from(self.arms.len()).unwrap_or(u32::MAX),
            group_size: supply.group_size,
            buffer: supply.buffer_kits,
            kits_at_randomization: first.map_or(0, |dispensing| dispensing.kits),
            last_dosing_offset: first.map_or(0, |dispensing| dispensing.last_dosing_offset),
            lead_days: supply.lead_days,
            horizon_days: supply.horizon_days,
            expiry_margin_days: supply.expiry_margin_days,
            do_not_count_days: supply.do_not_count_days,
            do_not_ship_days: supply.do_not_ship_days,
        }
    }
}

pub(super) fn read(root: &mut Fields<'_>) -> Option<Supply> {
    root.table("supply", |fields| {
        let kits_per_course = fields.whole("kits_per_course", 1..=20);
        let vials_per_kit = fields.whole("vials_per_kit", 1..=1_000);
        let expiry_margin_days = fields.whole("expiry_margin_days", 0..=365);
        let lead_days = fields.whole("lead_days", 0..=365);
        let tier_minimum = fields.whole("tier_minimum", 0..=100_000);
        let order_weekday = fields.choice("order_weekday", &WEEKDAYS);
        let group_size = fields.whole("group_size", 1..=1_000);
        let buffer_kits = fields.whole("buffer_kits", 0..=1_000);
        let horizon_days = fields.whole("horizon_days", 0..=3_650);
        let do_not_count_days = fields.whole("do_not_count_days", 0..=365);
        let do_not_ship_days = fields.whole("do_not_ship_days", 0..=365);
        let replacements_per_subject = fields.whole("replacements_per_subject", 0..=1_000);
        let second_person = fields.flag_if_given("second_person");
        let sample_kits = fields.whole_or("sample_kits", 1..=50, SAMPLE_KITS);
        check_horizon(fields, lead_days, horizon_days);
        check_margins(fields, do_not_count_days, do_not_ship_days);
        Some(Supply {
            kits_per_course: kits_per_course?,
            vials_per_kit: vials_per_kit?,
            expiry_margin_days: expiry_margin_days?,
            lead_days: lead_days?,
            tier_minimum: tier_minimum?,
            order_weekday: order_weekday?,
            group_size: group_size?,
            buffer_kits: buffer_kits?,
            horizon_days: horizon_days?,
            do_not_count_days: do_not_count_days?,
            do_not_ship_days: do_not_ship_days?,
            replacements_per_subject: replacements_per_subject?,
            second_person,
            sample_kits: sample_kits?,
        })
    })
}

/// What is ordered on one order day must last until what is ordered on the next one is there.
fn check_horizon(fields: &Fields<'_>, lead: Option<u32>, horizon: Option<u32>) {
    if let (Some(lead), Some(horizon)) = (lead, horizon)
        && horizon < lead + 7
    {
        let message =
            format!("must be at least {}: the lead and a week, until the next order arrives", lead + 7);
        fields.problem("horizon_days", message);
    }
}

/// A kit that is sent and does not count on arrival would be ordered again and again.
fn check_margins(fields: &Fields<'_>, count: Option<u32>, ship: Option<u32>) {
    if let (Some(count), Some(ship)) = (count, ship)
        && ship < count
    {
        fields.problem("do_not_ship_days", format!("must be at least do_not_count_days, which is {count}"));
    }
}
