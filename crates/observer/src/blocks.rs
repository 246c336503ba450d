//! Whether a sequence of arms can come from permuted blocks.

use terms::Arm;

/// Whether the arms, from the first position of a list, can be cut into blocks of these sizes, each of which holds
/// every arm in the ratio; the last block may have only begun.
pub(crate) fn can_be_cut(arms: &[Arm], sizes: &[u32], ratio: &[u32]) -> bool {
    // Reachable: whether a block can begin at each position, or the list end there.
    let mut reachable = vec![false; arms.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for position in 0..arms.len() {
        if reachable.get(position) != Some(&true) {
            continue;
        }
        let rest = arms.get(position..).unwrap_or_default();
        for size in sizes {
            let length = usize::try_from(*size).unwrap_or(usize::MAX).min(rest.len());
            if rest.get(..length).is_some_and(|block| fits(block, *size, ratio))
                && let Some(next) = reachable.get_mut(position + length)
            {
                *next = true;
            }
        }
    }
    reachable.last() == Some(&true)
}

/// Whether a block of this size can begin with these arms.
fn fits(block: &[Arm], size: u32, ratio: &[u32]) -> bool {
    let round: u32 = ratio.iter().sum();
    (0..=u8::MAX).map(Arm::new).zip(ratio).all(|(arm, share)| {
        let held = block.iter().filter(|other| **other == arm).count();
        u32::try_from(held).is_ok_and(|held| held <= size / round.max(1) * share)
    })
}

#[cfg(test)]
mod tests {
    use super::can_be_cut;
    use terms::Arm;

    /// Arms, block sizes, ratio, and whether the arms can come from such blocks.
    type Line = (&'static [u8], &'static [u32], &'static [u32], bool);

    #[test]
    fn a_list_is_cut_into_whole_blocks_and_the_beginning_of_one() {
        let table: [Line; 10] = [
            (&[], &[3], &[1, 1, 1], true),
            (&[0, 1, 2], &[3], &[1, 1, 1], true),
            (&[0, 1, 0], &[3], &[1, 1, 1], false),
            (&[0, 1, 2, 0, 1], &[3], &[1, 1, 1], true),
            (&[0, 1, 2, 0, 0], &[3], &[1, 1, 1], false),
            (&[0, 0, 1, 1, 2, 2, 1], &[6], &[1, 1, 1], true),
            (&[0, 0, 1, 1, 2, 2, 1], &[3], &[1, 1, 1], false),
            (&[0, 1, 2, 0, 0, 1, 1, 2, 2], &[3, 6], &[1, 1, 1], true),
            (&[0, 0, 1, 1, 2, 2, 2, 2, 0], &[3, 6], &[1, 1, 1], true),
            (&[1, 0, 0, 1, 1], &[3], &[2, 1], false),
        ];
        for (arms, sizes, ratio, possible) in table {
            let arms: Vec<Arm> = arms.iter().copied().map(Arm::new).collect();
            assert_eq!(can_be_cut(&arms, sizes, ratio), possible, "{arms:?} {sizes:?} {ratio:?}");
        }
    }
}
