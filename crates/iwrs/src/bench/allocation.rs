//! The allocator: a million positions for three arms in blocks of six.

use std::hint::black_box;
use std::time::Instant;

use allocator::BlockDesign;
use draw::Key;

use crate::commands::Failure;

/// How many positions, and how many words.
const MANY: u32 = 1_000_000;
/// The best of so many runs counts: what disturbs a run can only make it slower.
const RUNS: usize = 9;

/// What was measured, in seconds.
pub(super) struct Allocation {
    /// A list of a million positions.
    pub(super) list: f64,
    /// A million words of one stream.
    pub(super) words: f64,
}

/// Measures the allocator and the generator beneath it.
pub(super) fn measure() -> Result<Allocation, Failure> {
    let design = BlockDesign::new(&[1, 1, 1], &[6], &[MANY]).map_err(|problems| {
        Failure::Refused(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let seed = [7; 32];
    let list = best(|| drop(black_box(allocator::derive(&seed, "bench", "list-1", black_box(&design)))));
    let words = best(|| {
        let mut words = Key::derive(&seed, &["bench"]).words(0);
        black_box((0..MANY).fold(0, |sum: u32, _| sum.wrapping_add(words.next_word())));
    });
    Ok(Allocation { list, words })
}

/// The shortest time of several runs, in seconds.
fn best(mut run: impl FnMut()) -> f64 {
    let once = |_| {
        let began = Instant::now();
        run();
        began.elapsed().as_secs_f64()
    };
    (0..RUNS).map(once).fold(f64::INFINITY, f64::min)
}
