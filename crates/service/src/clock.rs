//! What time it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use terms::Moment;

/// Where the time comes from. Clones of a fixed clock show the same time.
#[derive(Clone)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// A clock that is moved by hand: in tests, and when the demo replays a trial of long ago.
    Fixed(Arc<Mutex<Moment>>),
}

impl Clock {
    /// A clock that stands still at `moment` until it is moved.
    pub fn fixed(moment: Moment) -> Self {
        Self::Fixed(Arc::new(Mutex::new(moment)))
    }

    /// The present instant, in UTC, cut to microseconds.
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment::new(SystemTime::now().into()),
            Self::Fixed(hand) => *hand.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock to `moment`, forwards or backwards; the system's clock is not moved.
    pub fn set(&self, moment: Moment) {
        if let Self::Fixed(hand) = self {
            *hand.lock().unwrap_or_else(PoisonError::into_inner) = moment;
        }
    }

    /// Moves a fixed clock on by `seconds`; the system's clock is not moved.
    pub fn advance(&self, seconds: i64) {
        if let Self::Fixed(hand) = self {
            let mut moment = hand.lock().unwrap_or_else(PoisonError::into_inner);
            *moment = moment.plus_seconds(seconds);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Moment};

    #[test]
    fn a_fixed_clock_moves_only_by_hand_and_for_all_its_clones() {
        let clock = Clock::fixed(Moment::parse("2015-10-05T08:00:00Z").expect("an instant"));
        let clone = clock.clone();
        clock.advance(90);
        assert_eq!(clone.now().to_string(), "2015-10-05T08:01:30.000000Z");
        clone.set(Moment::parse("2016-03-27T01:00:00Z").expect("an instant"));
        assert_eq!(clock.now().to_string(), "2016-03-27T01:00:00.000000Z");
    }

    #[test]
    fn the_system_clock_is_of_this_century_and_cannot_be_moved() {
        let past = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        Clock::System.set(past);
        assert!(Clock::System.now() > past);
        assert_eq!(Clock::System.now().utc().timestamp_subsec_nanos() % 1_000, 0);
    }
}
