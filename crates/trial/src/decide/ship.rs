//! Shipments: what goes into one, and what came out of it.

use std::collections::BTreeSet;

use chrono::Days;
use ledger::Move;
use terms::{Day, KitNumber, KitType, ShipmentId};

use super::batch::{Arrival, Listed};
use super::supply::{Shelf, open_tier};
use crate::study::{SealedDesign, StudyDesign};
use crate::{Engine, Refusal};

/// At most so many groups go into one shipment.
pub const MOST_GROUPS: u32 = 1_000;

/// What a shipment is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// The shipment.
    pub shipment: &'a ShipmentId,
    /// How many whole groups, each with the design's number of kits of every type (BLD-10).
    pub groups: u32,
    /// When it arrives.
    pub arrives: Day,
}

/// Picks the kits of a shipment, as many of every type: out of the batches that expire first, uniformly, and none that
/// would have fewer days left on arrival than the design wants. `stock` holds what may be shipped: released in the
/// country that it goes to, and in no other shipment.
///
/// # Errors
/// [`Refusal::Field`] for no group or too many; [`Refusal::SupplyShort`], in the same words whichever type is short.
pub fn pick(
    design: &StudyDesign,
    sealed: &SealedDesign,
    stock: &Shelf,
    order: Order<'_>,
) -> Result<Vec<KitNumber>, Refusal> {
    if order.groups == 0 || order.groups > MOST_GROUPS {
        return Err(Refusal::field("groups", format!("must be 1 to {MOST_GROUPS}")));
    }
    let each = order.groups.saturating_mul(design.supply.group_size);
    let earliest = earliest_expiry(design, order.arrives);
    let lasting: Vec<_> = stock.kits.iter().filter(|kit| kit.label_expiry >= earliest).collect();
    let tier = open_tier(design, sealed, &lasting, each).ok_or(Refusal::SupplyShort)?;
    let engine = Engine::new();
    let kits: Vec<(KitNumber, KitType)> = lasting
        .into_iter()
        .filter(|kit| tier.contains(&kit.batch))
        .map(|kit| (kit.number, *kit.kit_type.open(&engine)))
        .collect();
    let each = usize::try_from(each).unwrap_or(usize::MAX);
    let seed = stock.pick_seed.open(&engine);
    ledger::pick_for_shipment(seed, &design.id, order.shipment, &kits, sealed.kit_type_count(), each)
        .ok_or(Refusal::SupplyShort)
}

/// The earliest label expiry of a kit that is shipped to arrive on this day.
pub fn earliest_expiry(design: &StudyDesign, arrives: Day) -> Day {
    let margin = Days::new(u64::from(design.supply.do_not_ship_days));
    arrives.checked_add_days(margin).unwrap_or(Day::MAX)
}

/// Passes when exactly the kits of the shipment were scanned.
///
/// # Errors
/// [`Refusal::Field`] with the first kit that is wrong, named twice or left out.
pub fn dispatch(kits: &BTreeSet<KitNumber>, scanned: &[(String, KitNumber)]) -> Result<(), Refusal> {
    let named = scanned.iter().map(|(path, number)| (path.as_str(), *number));
    names_each_once(kits, named, "kits")
}

/// Passes when every kit of the shipment is listed once, in whichever way it came.
///
/// # Errors
/// [`Refusal::Field`] with the first kit that is wrong, named twice or left out.
pub fn receive(kits: &BTreeSet<KitNumber>, listed: &[Listed]) -> Result<(), Refusal> {
    let named = listed.iter().map(|kit| (kit.path.as_str(), kit.number));
    names_each_once(kits, named, "received")
}

fn names_each_once<'a>(
    kits: &BTreeSet<KitNumber>,
    named: impl Iterator<Item = (&'a str, KitNumber)>,
    list: &str,
) -> Result<(), Refusal> {
    let mut left = kits.clone();
    for (path, number) in named {
        if !kits.contains(&number) {
            return Err(Refusal::field(path, "is no kit of this shipment"));
        }
        if !left.remove(&number) {
            return Err(Refusal::field(path, "names a kit twice"));
        }
    }
    match left.first() {
        Some(number) => Err(Refusal::field(list, format!("leaves out kit {number}"))),
        None => Ok(()),
    }
}

/// What happens to a kit that came out of a shipment in this way, in order. What is damaged arrives first, so the place
/// accounts for it; what is missing stays in the account of the shipment. What came in good order is set aside at once
/// after an excursion, and when its batch is recalled.
pub fn moves(arrives: Move, arrival: Arrival, is_set_aside: bool) -> Vec<Move> {
    match arrival {
        Arrival::Received if is_set_aside => vec![arrives, Move::Quarantine],
        Arrival::Received => vec![arrives],
        Arrival::Missing => vec![Move::Lose],
        Arrival::Damaged => vec![arrives, Move::Damage],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{dispatch, moves};
    use crate::Refusal;
    use crate::decide::batch::Arrival;
    use ledger::Move;
    use terms::KitNumber;

    fn kit(serial: u32) -> KitNumber {
        KitNumber::from_serial(serial).expect("a number")
    }

    #[test]
    fn a_shipment_leaves_and_arrives_with_each_of_its_kits_named_once() {
        let kits: BTreeSet<KitNumber> = [1, 2, 3].map(kit).into();
        let named = |serials: &[u32]| {
            let scanned: Vec<_> =
                (0..).zip(serials).map(|(at, n)| (format!("kits[{at}]"), kit(*n))).collect();
            match dispatch(&kits, &scanned) {
                Ok(()) => "ok".to_owned(),
                Err(Refusal::Field(path, _)) => path,
                Err(other) => other.code().to_owned(),
            }
        };
        for (serials, expected) in [
            (&[1, 2, 3][..], "ok"),
            (&[3, 1, 2], "ok"),
            (&[], "kits"),
            (&[1, 2], "kits"),
            (&[1, 2, 4], "kits[2]"),
            (&[1, 1, 2, 3], "kits[1]"),
        ] {
            assert_eq!(named(serials), expected, "{serials:?}");
        }
    }

    #[test]
    fn kit_12_after_an_excursion_nothing_of_a_shipment_can_be_used_before_quality_decides() {
        for arrival in [Arrival::Received, Arrival::Missing, Arrival::Damaged] {
            let last = moves(Move::Receive, arrival, true).last().copied();
            assert_ne!(last, Some(Move::Receive), "{arrival:?}");
        }
        assert_eq!(moves(Move::Stock, Arrival::Received, false), [Move::Stock]);
    }
}
