//! What broken codes tell of the others (UNB-13).

use std::collections::{BTreeMap, BTreeSet};

use terms::{Arm, Position, Stratum};

use crate::AllocationList;

/// The positions that are not broken and of which somebody who knows the ratio, where every block begins and ends, and
/// the arms of all `broken` positions can tell the arm for certain; in order.
///
/// This is exact. In a block, every order of the arms that are left over is possible. So a position is certain when
/// only one arm is left over, and then all of the block's are. Somebody who does not know where the blocks end can tell
/// less.
pub fn deducible(list: &AllocationList, broken: &BTreeSet<(Stratum, Position)>) -> Vec<(Stratum, Position)> {
    let mut left: BTreeMap<(Stratum, u32), Vec<(Position, Arm)>> = BTreeMap::new();
    for (stratum, position, entry) in list.rows() {
        if !broken.contains(&(stratum, position)) {
            left.entry((stratum, entry.block)).or_default().push((position, entry.arm));
        }
    }
    let certain = |(_, left): &(_, Vec<(Position, Arm)>)| {
        left.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a == b))
    };
    let places = |((stratum, _), left): ((Stratum, u32), Vec<(Position, Arm)>)| {
        left.into_iter().map(move |(position, _)| (stratum, position))
    };
    left.into_iter().filter(certain).flat_map(places).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use terms::{Arm, Position, Stratum};

    use super::deducible;
    use crate::{AllocationList, Entry};

    /// A list of one stratum: a word for each block, a letter for each arm.
    fn list(blocks: &str) -> AllocationList {
        let entries = (0..).zip(blocks.split(' ')).flat_map(|(block, word)| {
            word.bytes().map(move |letter| Entry { block, arm: Arm::new(letter - b'a') })
        });
        AllocationList::from_strata(vec![entries.collect()])
    }

    fn places(positions: &[u32]) -> BTreeSet<(Stratum, Position)> {
        positions.iter().map(|position| (Stratum::new(0), Position::new(*position))).collect()
    }

    fn deduced(blocks: &str, broken: &[u32]) -> Vec<u32> {
        let found = deducible(&list(blocks), &places(broken));
        found.into_iter().map(|(_, position)| position.index()).collect()
    }

    #[test]
    fn unb_13_two_breaks_in_a_block_of_3_tell_the_third() {
        #[rustfmt::skip]
        let table: [(&str, &[u32], &[u32]); 9] = [
            ("abc",         &[],           &[]),
            ("abc",         &[1],          &[]),
            ("abc",         &[0, 2],       &[1]),
            ("abc",         &[0, 1, 2],    &[]),
            ("abc bca",     &[0, 4],       &[]),
            ("abc bca",     &[0, 1, 3, 5], &[2, 4]),
            ("abccba",      &[0, 1, 4],    &[]),
            ("abccba",      &[0, 1, 4, 5], &[2, 3]),
            ("aab",         &[2],          &[0, 1]),
        ];
        for (blocks, broken, expected) in table {
            assert_eq!(deduced(blocks, broken), expected, "{blocks} {broken:?}");
        }
    }

    /// The same by trying: every order of the block that agrees with what was broken.
    fn tried(block: &[u8], broken: u32) -> Vec<u32> {
        let is_broken = |place: usize| broken >> place & 1 == 1;
        let mut orders = vec![Vec::new()];
        for place in 0..block.len() {
            let extend = |order: Vec<u8>| {
                let free = |arm: &u8| count(&order, *arm) < count(block, *arm);
                let arms: BTreeSet<u8> = block.iter().copied().filter(free).collect();
                let fits = move |arm: &u8| !is_broken(place) || *arm == block[place];
                arms.into_iter()
                    .filter(fits)
                    .map(|arm| [order.clone(), vec![arm]].concat())
                    .collect::<Vec<_>>()
            };
            orders = orders.into_iter().flat_map(extend).collect();
        }
        let certain = |place: &u32| {
            let place = usize::try_from(*place).expect("small");
            !is_broken(place) && orders.iter().all(|order| order[place] == block[place])
        };
        (0..u32::try_from(block.len()).expect("small")).filter(certain).collect()
    }

    fn count(arms: &[u8], arm: u8) -> usize {
        arms.iter().filter(|other| **other == arm).count()
    }

    #[test]
    fn unb_13_it_is_what_trying_every_order_of_a_block_tells() {
        for block in ["abc", "cabbac", "aabaab", "abcdd", "baccab"] {
            for broken in 0..1_u32 << block.len() {
                let positions: Vec<u32> = (0..6).filter(|place| broken >> place & 1 == 1).collect();
                assert_eq!(
                    deduced(block, &positions),
                    tried(block.as_bytes(), broken),
                    "{block} {positions:?}"
                );
            }
        }
    }
}
