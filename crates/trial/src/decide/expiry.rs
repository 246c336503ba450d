//! Changing the label expiry of a batch: shortened by one person at once, extended by two.

use std::collections::BTreeSet;

use ledger::{KitState, usable_through};
use terms::{Day, VisitId};

use crate::Refusal;
use crate::study::{SealedDesign, StudyDesign};

/// A batch as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The label expiry that is in force.
    pub label_expiry: Day,
    /// Whether the label expiry was shortened since the lots were last told: what is known of them may no longer hold.
    pub is_shortened: bool,
    /// Whether the batch was called back.
    pub is_recalled: bool,
    /// The day at the place of the study where it is latest: the batch has expired when it has anywhere.
    pub latest_day: Day,
}

/// Decides a shortening (KIT-11): to any earlier day, also to one that has passed.
///
/// # Errors
/// [`Refusal::Field`] for a day that is not before the one in force.
pub fn shorten(in_force: Day, label_expiry: Day) -> Result<(), Refusal> {
    if label_expiry < in_force {
        return Ok(());
    }
    Err(Refusal::field("label_expiry", format!("must be before {in_force}, which is in force")))
}

/// A true lot of a batch, as it is known now. It tells what is in the batch, so it has no `Debug`.
pub struct Renewed {
    /// The internal code of the kit type.
    pub kit_type: String,
    /// The true expiry: the last day of use of the lot.
    pub expiry: Day,
}

/// Decides whether an extension may be proposed (KIT-10), and gives the lots as they are known with it, in the form in
/// which a registration gives them. A label expiry never goes beyond the earliest true one (BLD-09), and a true expiry
/// never becomes earlier by it; but after a shortening every lot is told anew, and may have become so.
///
/// `known` are the lots as they were known; `renewed` their new expiries, of the types that have one.
///
/// # Errors
/// [`Refusal::BatchState`] for a batch that is recalled or has expired: what has expired is not revived;
/// [`Refusal::Field`] for a day that is not after the one in force, an unknown code, one that is given twice, an expiry
/// before the known one, lots that are not all told after a shortening, and a label expiry beyond the lots; in this
/// order. No message repeats a code or an expiry of a lot.
pub fn propose(
    sealed: &SealedDesign,
    batch: &Standing,
    label_expiry: Day,
    known: &str,
    renewed: &[Renewed],
) -> Result<String, Refusal> {
    may_be_extended(batch)?;
    let in_force = batch.label_expiry;
    if label_expiry <= in_force {
        return Err(Refusal::field("label_expiry", format!("must be after {in_force}, which is in force")));
    }
    let mut lots = read(known).ok_or(Refusal::BatchState("without lots"))?;
    let mut named = BTreeSet::new();
    for (place, one) in renewed.iter().enumerate() {
        let wrong = |field: &str, message: &str| Refusal::field(&format!("lots[{place}].{field}"), message);
        let kit_type = sealed.kit_type(&one.kit_type);
        let lot = kit_type.and_then(|kit_type| lots.get_mut(kit_type.as_usize()));
        let (expiry, _) = lot.ok_or_else(|| wrong("kit_type", "is no code of a kit type"))?;
        if !named.insert(&one.kit_type) {
            return Err(wrong("kit_type", "is given twice"));
        }
        if one.expiry < *expiry && !batch.is_shortened {
            return Err(wrong("expiry", "is before the one that is known"));
        }
        *expiry = one.expiry;
    }
    if batch.is_shortened && named.len() < lots.len() {
        return Err(Refusal::field(
            "lots",
            "must hold all: the label expiry was shortened since they were told",
        ));
    }
    if lots.iter().any(|(expiry, _)| *expiry < label_expiry) {
        return Err(Refusal::field("label_expiry", "is after the earliest expiry of the lots"));
    }
    Ok(lots.iter().map(|(expiry, lot)| format!("{expiry} {lot}\n")).collect())
}

/// Decides whether an extension that somebody proposed may be confirmed, while nothing has changed since.
///
/// # Errors
/// [`Refusal::SamePerson`]; [`Refusal::BatchState`] when the batch is recalled, has expired, or its label expiry has
/// changed since, even if it is the same again: what was proposed rests on what was known then.
pub fn confirm(is_same_person: bool, batch: &Standing, has_changed: bool) -> Result<(), Refusal> {
    if is_same_person {
        return Err(Refusal::SamePerson);
    }
    may_be_extended(batch)?;
    if has_changed { Err(Refusal::BatchState("changed since")) } else { Ok(()) }
}

fn may_be_extended(batch: &Standing) -> Result<(), Refusal> {
    match batch {
        Standing { is_recalled: true, .. } => Err(Refusal::BatchState("recalled")),
        batch if batch.latest_day > batch.label_expiry => Err(Refusal::BatchState("out of date")),
        _ => Ok(()),
    }
}

/// The lots out of the lines of a registration: a true expiry, a space, and the true lot.
pub(super) fn read(lots: &str) -> Option<Vec<(Day, &str)>> {
    let line = |line| {
        let (expiry, lot) = str::split_once(line, ' ')?;
        Some((expiry.parse().ok()?, lot))
    };
    lots.lines().map(line).collect()
}

/// A kit of the batch as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Its state.
    pub state: KitState,
    /// The day at its place.
    pub today: Day,
    /// The visit that it is meant for.
    pub visit: Option<VisitId>,
    /// The day at its site on which it was handed over.
    pub given: Option<Day>,
}

/// How a kit stands to a change of its label expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// It is concerned, and nobody was given it.
    Held,
    /// It is concerned, and a subject has it.
    WithSubject,
    /// It is not concerned.
    None,
}

/// Whether a shortening leaves the kit without enough days, which it had before. A kit that is meant for nobody would
/// serve the visit with the shortest course, today; one that was handed over was to last from that day on.
pub fn shortens(design: &StudyDesign, kit: &Kit, (before, after): (Day, Day)) -> Concern {
    let concern = standing(kit.state);
    let from = kit.given.unwrap_or(kit.today);
    let meant = kit.visit.as_ref().and_then(|visit| design.dispensing_at(visit));
    let through = match meant {
        Some(dispensing) => Some(dispensing.last_dosing_day(from)),
        None => design.dispensing_visits().map(|(_, dispensing)| dispensing.last_dosing_day(from)).min(),
    };
    let lasts = |expiry| {
        through.is_some_and(|through| usable_through(expiry, through, design.supply.expiry_margin_days))
    };
    if lasts(before) && !lasts(after) { concern } else { Concern::None }
}

/// Whether an extension is one of this kit: of all that nobody was given and that may still be used. What has been
/// handed over is not used again, whatever its label says.
pub fn extends(state: KitState) -> bool {
    standing(state) == Concern::Held
}

const fn standing(state: KitState) -> Concern {
    use KitState as S;
    match state {
        S::Registered | S::Released | S::InTransit | S::Available | S::Allocated | S::Quarantined => {
            Concern::Held
        }
        S::Dispensed | S::DispensedInError => Concern::WithSubject,
        S::ReturnedUnused | S::ReturnedPartlyUsed | S::ReturnedUsed => Concern::None,
        S::Damaged | S::Lost | S::Reconciled | S::Destroyed => Concern::None,
    }
}

#[cfg(test)]
mod tests;
