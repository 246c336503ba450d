//! How long a number of like requests took.

use std::time::Duration;

/// The times of like requests.
pub(super) struct Timing {
    /// How many were done in a second.
    pub(super) per_second: f64,
    sorted: Vec<Duration>,
}

impl Timing {
    /// From the time of each, and of all together.
    pub(super) fn new(mut each: Vec<Duration>, together: Duration) -> Self {
        each.sort_unstable();
        let count = u32::try_from(each.len()).map_or(f64::NAN, f64::from);
        Self { per_second: count / together.as_secs_f64(), sorted: each }
    }

    /// The same with a rate that was measured otherwise.
    pub(super) fn with_rate(each: Vec<Duration>, per_second: f64) -> Self {
        Self { per_second, ..Self::new(each, Duration::from_secs(1)) }
    }

    /// The time that so many percent of the requests did not exceed, by the nearest rank; zero when there were none.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.sorted.len() * percent).div_ceil(100);
        self.sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Timing};

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let ms = Duration::from_millis;
        for (count, percent, expected) in
            [(1, 50, 1), (1, 99, 1), (2, 50, 1), (3, 50, 2), (100, 50, 50), (100, 99, 99), (360, 99, 357)]
        {
            let timing = Timing::new((1..=count).rev().map(ms).collect(), ms(1));
            assert_eq!(timing.percentile(percent), ms(expected), "{percent} % of {count}");
        }
        assert_eq!(Timing::new(Vec::new(), ms(1)).percentile(50), ms(0));
    }

    #[test]
    fn the_rate_is_over_all_clients() {
        let timing = Timing::new(vec![Duration::from_millis(500); 8], Duration::from_secs(2));
        assert!((timing.per_second - 4.0).abs() < 1e-9);
    }
}
