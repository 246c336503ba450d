//! How many kits to send to a site, from what a blinded person may know.
//!
//! KIT-14, BLD-10: nothing here has a field for a kit type or an arm, so no plan can depend on one. A plan is a number
//! of whole groups, each with the same number of kits of every type; it is never made because one type runs out.
//! How large a group must be so that shipments prove nothing about subjects is a question for the observer.

use std::fmt;

use chrono::Days;
use terms::Day;

use crate::usable_through;

/// The study's rules of resupply, the same for every site. Kits are counted, days are days of the site's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResupplyRules {
    /// How many kit types there are; which one a kit is of plays no part.
    pub kit_types: u32,
    /// Kits of every type in one group, from 1.
    pub group_size: u32,
    /// Kits of every type that are kept for new subjects and for the uneven use of types.
    pub buffer: u32,
    /// Kits that a new subject gets when randomized.
    pub kits_at_randomization: u32,
    /// The last dosing day that those kits cover, in days after randomization.
    pub last_dosing_offset: u32,
    /// Days from an order to its arrival.
    pub lead_days: u32,
    /// How far a plan looks ahead, in days after the order day: at least until the next order arrives.
    pub horizon_days: u32,
    /// Days for which a kit must be in date after the last dosing day it covers.
    pub expiry_margin_days: u32,
    /// Kits with fewer days than this left on the order day do not count.
    pub do_not_count_days: u32,
    /// Kits with fewer days than this left on arrival are not sent.
    pub do_not_ship_days: u32,
}

/// Kits of one label expiry that arrive on one day, over all types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteStock {
    /// The last day of use on the label.
    pub label_expiry: Day,
    /// When they are on the shelf: a day before the order for what is there, a later one for what is in transit.
    pub arrives: Day,
    /// How many are usable or on their way, and meant for nobody.
    pub usable: u32,
    /// How many of the same kits are lost, damaged, rejected or set aside. Nobody blinded knows of which type they
    /// were, so each counts as one of every type.
    pub lost: u32,
}

/// Kits for one planned visit of a subject in treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitDue {
    /// When they are needed.
    pub day: Day,
    /// The last dosing day they cover.
    pub through: Day,
    /// How many.
    pub kits: u32,
}

/// What is known of a site on an order day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The order day.
    pub order_day: Day,
    /// What is on the shelf and in transit.
    pub stock: Vec<SiteStock>,
    /// The visits of subjects in treatment that still need kits; those beyond the horizon play no part.
    pub due: Vec<VisitDue>,
    /// How many subjects are still to be randomized: the target less those who are.
    pub to_randomize: u32,
}

/// What to send to a site, and every number it follows from. Its text gives the reasons, for blinded readers, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResupplyPlan {
    /// How many groups to send.
    pub groups: u32,
    /// Kits of every type in one group.
    pub group_size: u32,
    /// How many kits that is, over all types.
    pub kits: u32,
    /// The earliest label expiry that may be sent.
    pub earliest_expiry: Day,
    /// The last day that the plan looks at.
    pub horizon: Day,
    /// Usable kits on the shelf.
    pub on_shelf: u32,
    /// Kits in transit.
    pub in_transit: u32,
    /// Kits of both that expire too soon to be counted.
    pub too_short: u32,
    /// Kits lost, damaged, rejected or set aside.
    pub lost: u32,
    /// Kits wanted because a lost one that would still count stands for one of every type, itself not among the
    /// usable ones any more.
    pub for_losses: u32,
    /// Kits due for visits up to the horizon.
    pub due: u32,
    /// Subjects still to be randomized.
    pub to_randomize: u32,
    /// Kits kept over those due, over all types.
    pub buffer: u32,
    /// Kits wanted that nothing on the shelf or in transit serves: in time, and in date for long enough.
    pub missing: u32,
}

/// KIT-14: plans for one site and one order day. The same facts give the same plan.
///
/// Wanted are the kits due up to the horizon, what losses stand for, and the buffer of every type, which is at most as
/// large as what is still to come. Losses leave the types uneven among the usable kits that are left of the same
/// ones, and so stand for at most as many: where nothing is left, nothing is uneven.
/// Each wanted kit is served by the one that expires first among those that arrive in time and last long enough; what
/// is left over is missing, and is sent in whole groups.
pub fn resupply(rules: &ResupplyRules, outlook: &Outlook) -> ResupplyPlan {
    let horizon = after(outlook.order_day, rules.horizon_days);
    let due: Vec<VisitDue> = outlook.due.iter().filter(|visit| visit.day <= horizon).copied().collect();
    let due_kits = total(due.iter().map(|visit| visit.kits));
    let new = outlook.to_randomize.saturating_mul(rules.kits_at_randomization);
    let buffer = rules.buffer.min(due_kits.saturating_add(new)).saturating_mul(rules.kit_types);
    let (counted, too_short) = counted(rules, outlook);
    let others = rules.kit_types.saturating_sub(1);
    let uneven = |stock: &SiteStock| stock.lost.saturating_mul(others).min(stock.usable);
    let for_losses = total(counted.iter().map(uneven));
    let missing = missing(rules, counted, wanted(rules, due, horizon, total([buffer, for_losses])));
    let of_group = rules.group_size.saturating_mul(rules.kit_types).max(1);
    let groups = missing.div_ceil(of_group);
    let (on_shelf, in_transit): (Vec<SiteStock>, Vec<SiteStock>) =
        outlook.stock.iter().partition(|stock| stock.arrives <= outlook.order_day);
    ResupplyPlan {
        groups,
        group_size: rules.group_size,
        kits: groups.saturating_mul(of_group),
        earliest_expiry: after(after(outlook.order_day, rules.lead_days), rules.do_not_ship_days),
        horizon,
        on_shelf: total(on_shelf.iter().map(|stock| stock.usable)),
        in_transit: total(in_transit.iter().map(|stock| stock.usable)),
        too_short,
        lost: total(outlook.stock.iter().map(|stock| stock.lost)),
        for_losses,
        due: due_kits,
        to_randomize: outlook.to_randomize,
        buffer,
        missing,
    }
}

/// The stock that is not too near its expiry, and how many kits are.
fn counted(rules: &ResupplyRules, outlook: &Outlook) -> (Vec<SiteStock>, u32) {
    let first_expiry = after(outlook.order_day, rules.do_not_count_days);
    let (counted, short): (Vec<SiteStock>, Vec<SiteStock>) =
        outlook.stock.iter().partition(|stock| stock.label_expiry >= first_expiry);
    (counted, total(short.iter().map(|stock| stock.usable)))
}

/// Everything that is wanted, by the day until which a kit for it must last. New subjects may come up to the last
/// day of the horizon.
fn wanted(rules: &ResupplyRules, mut due: Vec<VisitDue>, horizon: Day, spare: u32) -> Vec<VisitDue> {
    due.push(VisitDue { day: horizon, through: after(horizon, rules.last_dosing_offset), kits: spare });
    due.sort_by_key(|visit| (visit.through, visit.day));
    due
}

/// How many of the wanted kits nothing serves. Whatever lasts for a later day lasts for an earlier one, so the kit that
/// expires first is the right one to give.
fn missing(rules: &ResupplyRules, mut stock: Vec<SiteStock>, wanted: Vec<VisitDue>) -> u32 {
    stock.sort_by_key(|row| (row.label_expiry, std::cmp::Reverse(row.arrives)));
    let mut missing = 0;
    for visit in wanted {
        let mut open = visit.kits;
        for row in stock.iter_mut().filter(|row| row.arrives <= visit.day) {
            if usable_through(row.label_expiry, visit.through, rules.expiry_margin_days) {
                let served = open.min(row.usable);
                row.usable -= served;
                open -= served;
            }
        }
        missing = total([missing, open]);
    }
    missing
}

fn total(counts: impl IntoIterator<Item = u32>) -> u32 {
    counts.into_iter().fold(0, u32::saturating_add)
}

/// That many days later; the last day of the calendar when there is none.
fn after(day: Day, days: u32) -> Day {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Day::MAX)
}

impl fmt::Display for ResupplyPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "On the shelf {}, in transit {}, of all types together.",
            self.on_shelf, self.in_transit
        )?;
        if self.too_short > 0 {
            writeln!(f, "Of these, {} expire too soon and do not count.", self.too_short)?;
        }
        if self.lost > 0 {
            let (lost, wanted) = (self.lost, self.for_losses);
            write!(f, "Lost, damaged, rejected or set aside: {lost}, each counted as one of every type: ")?;
            writeln!(f, "{wanted} more are wanted.")?;
        }
        writeln!(f, "Due for visits through {}: {}.", self.horizon, self.due)?;
        writeln!(
            f,
            "Still to be randomized: {} subject(s); kept for them: {}.",
            self.to_randomize, self.buffer
        )?;
        write!(f, "Missing: {}", self.missing)?;
        if self.groups == 0 {
            return write!(f, ", so nothing is sent.");
        }
        write!(f, ", so {} group(s) of {} kits of every type are sent", self.groups, self.group_size)?;
        write!(f, ": {} kits, none of which expires before {}.", self.kits, self.earliest_expiry)
    }
}

#[cfg(test)]
mod tests;
