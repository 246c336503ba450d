//! The end of a kit: it is explained in a reconciliation that two people sign, and then it may be destroyed.

use std::collections::BTreeSet;

use ledger::KitState;
use terms::{Day, KitNumber};

use crate::Refusal;

/// A kit of the place that is reconciled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The kit.
    pub number: KitNumber,
    /// Its state.
    pub state: KitState,
    /// The label expiry.
    pub label_expiry: Day,
    /// Whether the last count of its vials neither adds up nor says why not.
    pub is_miscounted: bool,
    /// Whether it was picked for a shipment that has not left.
    pub is_promised: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// Whether the place is closed: then every kit must be explained, and what is left over goes with the rest.
    pub closing: bool,
    /// The day there.
    pub today: Day,
    /// The kits that will not come back, each with its reason.
    pub explained: &'a BTreeSet<KitNumber>,
}

/// How a kit stands to a reconciliation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Nothing more happens to it: it is reconciled.
    Finished,
    /// It must be explained first.
    Open,
    /// It is none of this reconciliation's: still in use, or explained before.
    GoesOn,
}

/// Decides which kits of a place are reconciled: all that are finished with (KIT-18). Those are what came back, was
/// damaged or was lost; what was handed over and will not come back, for a reason; leftovers out of date; and, when the
/// place is closed, all leftovers.
///
/// # Errors
/// [`Refusal::Field`] for a reason given for a kit that is not out with a subject; [`Refusal::KitsUnexplained`] with
/// the kits whose count does not add up and, when the place is closed, with those that are out, in quarantine or
/// promised; [`Refusal::NothingToReconcile`]. In this order.
pub fn reconcile(kits: &[Standing], order: Order<'_>) -> Result<Vec<KitNumber>, Refusal> {
    let is_out = |number: &KitNumber| kits.iter().any(|kit| kit.number == *number && is_out(kit.state));
    if let Some(number) = order.explained.iter().find(|number| !is_out(number)) {
        return Err(Refusal::field("explanations", format!("names kit {number}, which nobody has")));
    }
    let of_fate = |fate| {
        let of_it = kits.iter().filter(|kit| self::fate(kit, order) == fate);
        of_it.map(|kit| kit.number).collect::<Vec<_>>()
    };
    let (open, finished) = (of_fate(Fate::Open), of_fate(Fate::Finished));
    if !open.is_empty() {
        return Err(Refusal::KitsUnexplained(texts(&open)));
    }
    if finished.is_empty() { Err(Refusal::NothingToReconcile) } else { Ok(finished) }
}

/// What a reconciliation would find, told before anybody signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Finished with, whether the place is closed or not.
    pub finished: Vec<KitNumber>,
    /// Left over: finished with once the place is closed.
    pub left_over: Vec<KitNumber>,
    /// Out with subjects: each comes back or is explained.
    pub out: Vec<KitNumber>,
    /// Whatever else has to be settled before the place can be closed, or before anything can be signed for.
    pub unsettled: Vec<KitNumber>,
}

/// What [`reconcile`] would find at a place on this day, with nothing explained.
pub fn outlook(kits: &[Standing], today: Day) -> Outlook {
    let explained = BTreeSet::new();
    let mut outlook = Outlook::default();
    for kit in kits {
        let fate = |closing| fate(kit, Order { closing, today, explained: &explained });
        let of_it = match (fate(false), fate(true)) {
            _ if is_out(kit.state) => &mut outlook.out,
            (Fate::Finished, _) => &mut outlook.finished,
            (_, Fate::Finished) => &mut outlook.left_over,
            (Fate::Open, _) | (_, Fate::Open) => &mut outlook.unsettled,
            (Fate::GoesOn, Fate::GoesOn) => continue,
        };
        of_it.push(kit.number);
    }
    outlook
}

fn fate(kit: &Standing, order: Order<'_>) -> Fate {
    use KitState as S;
    let must_wait = if order.closing { Fate::Open } else { Fate::GoesOn };
    match kit.state {
        S::Reconciled | S::Destroyed => Fate::GoesOn,
        S::ReturnedUnused | S::ReturnedPartlyUsed | S::ReturnedUsed if kit.is_miscounted => Fate::Open,
        S::ReturnedUnused | S::ReturnedPartlyUsed | S::ReturnedUsed => Fate::Finished,
        S::Damaged | S::Lost => Fate::Finished,
        S::Dispensed | S::DispensedInError if order.explained.contains(&kit.number) => Fate::Finished,
        S::Dispensed | S::DispensedInError | S::Quarantined | S::InTransit => must_wait,
        _ if kit.is_promised => must_wait,
        _ if order.closing => Fate::Finished,
        S::Released | S::Available if kit.label_expiry < order.today => Fate::Finished,
        S::Registered | S::Released | S::Available | S::Allocated => Fate::GoesOn,
    }
}

const fn is_out(state: KitState) -> bool {
    matches!(state, KitState::Dispensed | KitState::DispensedInError)
}

/// Decides whether kits of a place may be destroyed: each once, and each of them reconciled (KIT-18).
///
/// # Errors
/// [`Refusal::Field`] for no kit, a kit that is not at this place, and one that stands twice; [`Refusal::KitState`] for
/// one that is not reconciled.
pub fn destroy(kits: &[Standing], wanted: &[KitNumber]) -> Result<(), Refusal> {
    if wanted.is_empty() {
        return Err(Refusal::field("kits", "must hold at least one kit"));
    }
    let mut named = BTreeSet::new();
    for (place, number) in wanted.iter().enumerate() {
        let path = format!("kits[{place}]");
        let kit = kits.iter().find(|kit| kit.number == *number);
        let kit = kit.ok_or_else(|| Refusal::field(&path, "is no kit of this place"))?;
        if !named.insert(number) {
            return Err(Refusal::field(&path, "stands twice"));
        }
        if kit.state != KitState::Reconciled {
            return Err(Refusal::KitState(number.to_string()));
        }
    }
    Ok(())
}

/// Decides whether what was signed may be confirmed: by another person, while nothing has happened to its kits since.
///
/// # Errors
/// [`Refusal::SamePerson`]; [`Refusal::KitsChanged`] with the kits.
pub fn second_signature(is_same_person: bool, changed: &[KitNumber]) -> Result<(), Refusal> {
    if is_same_person {
        return Err(Refusal::SamePerson);
    }
    if changed.is_empty() { Ok(()) } else { Err(Refusal::KitsChanged(texts(changed))) }
}

fn texts(kits: &[KitNumber]) -> Vec<String> {
    kits.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
