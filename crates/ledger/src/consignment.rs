//! Which kits go into a shipment.

use std::collections::BTreeMap;

use draw::Key;
use terms::{KitNumber, KitType, ShipmentId, StudyId};

/// Picks `each` kits of every type out of a stock, uniform among those of each type; `None` when one has too few.
///
/// The kits are put in the order of their numbers and shuffled on stream 0 of
/// `Key::derive(pick_seed, ["iwrs-shipment-1", study, shipment])`. From the last to the first, each is taken unless
/// `each` of its type are taken already. The order does not go by type, and neither does the answer: it is in the
/// order of the numbers. The same arguments give the same kits.
pub fn pick_for_shipment(
    pick_seed: &[u8; 32],
    study: &StudyId,
    shipment: &ShipmentId,
    stock: &[(KitNumber, KitType)],
    kit_types: usize,
    each: usize,
) -> Option<Vec<KitNumber>> {
    let mut kits: Vec<(KitNumber, KitType)> = stock.to_vec();
    kits.sort_unstable();
    kits.dedup();
    let purpose = ["iwrs-shipment-1", study.as_str(), shipment.as_str()];
    Key::derive(pick_seed, &purpose).words(0).shuffle(&mut kits);
    let mut taken: BTreeMap<KitType, usize> = BTreeMap::new();
    let mut picked = Vec::new();
    for (number, kit_type) in kits.into_iter().rev() {
        let of_type = taken.entry(kit_type).or_default();
        if *of_type < each {
            *of_type += 1;
            picked.push(number);
        }
    }
    picked.sort_unstable();
    let whole = taken.len() == kit_types && taken.values().all(|of_type| *of_type == each);
    whole.then_some(picked)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::pick_for_shipment;
    use terms::{KitNumber, KitType, ShipmentId, StudyId};

    fn stock(of_type: [u32; 3]) -> Vec<(KitNumber, KitType)> {
        let types = (0_u8..).zip(of_type).flat_map(|(index, count)| (0..count).map(move |_| index));
        let number = |place: u32| KitNumber::from_serial(place * 7_919).expect("in the space");
        (0..).zip(types).map(|(place, index)| (number(place), KitType::new(index))).collect()
    }

    fn pick(shipment: &str, stock: &[(KitNumber, KitType)], each: usize) -> Option<Vec<KitNumber>> {
        let (study, shipment) =
            (StudyId::parse("imodals").expect("id"), ShipmentId::parse(shipment).expect("id"));
        pick_for_shipment(&[9; 32], &study, &shipment, stock, 3, each)
    }

    #[test]
    fn bld_10_a_shipment_holds_as_many_of_every_type_or_there_is_none() {
        for (of_type, each, is_there) in [
            ([6, 6, 6], 6, true),
            ([7, 6, 9], 6, true),
            ([6, 5, 6], 6, false),
            ([6, 6, 0], 6, false),
            ([6, 0, 0], 6, false),
        ] {
            let stock = stock(of_type);
            let types: BTreeMap<KitNumber, KitType> = stock.iter().copied().collect();
            let Some(picked) = pick("1", &stock, each) else {
                assert!(!is_there, "{of_type:?}");
                continue;
            };
            assert!(is_there && picked.is_sorted() && picked.len() == 3 * each, "{of_type:?}");
            for kit_type in 0..3 {
                let of_it = picked.iter().filter(|kit| types[*kit] == KitType::new(kit_type)).count();
                assert_eq!(of_it, each, "{of_type:?}");
            }
        }
    }

    #[test]
    fn which_index_a_type_has_plays_no_part_nor_does_the_order_of_the_stock() {
        let one = stock([9, 9, 9]);
        let swapped = |kit_type: KitType| KitType::new([2, 0, 1][kit_type.as_usize()]);
        let mut other: Vec<_> = one.iter().map(|(kit, kit_type)| (*kit, swapped(*kit_type))).collect();
        other.reverse();
        assert_eq!(pick("1", &one, 4), pick("1", &other, 4));
        assert_ne!(pick("1", &one, 4), pick("2", &one, 4), "another shipment is another pick");
    }

    #[test]
    fn every_kit_of_a_type_is_equally_likely() {
        let stock = stock([6, 4, 4]);
        let mut counts = BTreeMap::new();
        for shipment in 0..6_000 {
            let picked = pick(&format!("S{shipment}"), &stock, 2).expect("enough");
            picked.into_iter().for_each(|kit| *counts.entry(kit).or_insert(0_u32) += 1);
        }
        for (kit, kit_type) in &stock {
            // 6000 draws of 2 out of 6, or 2 out of 4; six standard deviations are 220 and 233.
            let expected = if *kit_type == KitType::new(0) { 2_000 } else { 3_000 };
            assert!(counts[kit].abs_diff(expected) < 230, "{kit}: {} of about {expected}", counts[kit]);
        }
    }
}
