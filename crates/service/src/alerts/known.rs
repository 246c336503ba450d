//! The facts as they were read last. They follow from the acts of the study and from the day at each place: while its
//! journal stands as it stood, and no day has begun anywhere, they are the same.

use std::sync::Arc;

use chrono::{NaiveTime, TimeZone};
use chrono_tz::Tz;
use store::Conn;
use terms::Moment;
use trial::alerts::Facts;

use super::facts;
use crate::case::Scene;
use crate::failure::Failure;
use crate::kits::stock::tallies;
use crate::site::{day_in, zones};

/// The facts between two moments.
pub(crate) struct KnownFacts {
    /// From when on, and until when.
    holds: [Moment; 2],
    facts: Facts,
}

impl KnownFacts {
    fn holds_at(&self, now: Moment) -> bool {
        let [from, until] = self.holds;
        (from..until).contains(&now)
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// The facts as they are now, each day in the own zone of its site.
pub(super) fn facts(conn: &mut Conn, scene: &Scene<'_>) -> Result<Arc<KnownFacts>, Failure> {
    let (study, now) = (&scene.study, scene.now);
    scene.service.facts.read(
        conn,
        study,
        |known| known.holds_at(now),
        |conn| {
            let tallies = tallies(conn, scene)?;
            let facts = facts::load(conn, study, scene.design(), now, &tallies)?;
            let zones = zones(conn, study)?.into_values().chain([Tz::UTC]);
            let until = zones.map(|zone| next_day(zone, now)).min().unwrap_or(now);
            Ok(KnownFacts { holds: [now, until], facts })
        },
    )
}

/// When the next day begins in a zone; now, where it is not known because clocks are changed at midnight.
fn next_day(zone: Tz, now: Moment) -> Moment {
    let midnight = day_in(zone, now).succ_opt().map(|day| day.and_time(NaiveTime::MIN));
    let begins = midnight.and_then(|midnight| zone.from_local_datetime(&midnight).earliest());
    begins.map_or(now, |begins| Moment::new(begins.to_utc()))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use terms::Moment;

    use super::next_day;

    #[test]
    fn the_next_day_begins_by_the_clock_of_the_place() {
        let at = |text: &str| Moment::parse(text).expect("an instant");
        for (zone, now, expected) in [
            (Tz::UTC, "2015-10-25T00:00:00Z", "2015-10-26T00:00:00Z"),
            (Tz::Europe__Paris, "2015-10-24T21:59:59Z", "2015-10-24T22:00:00Z"),
            (Tz::Europe__Paris, "2015-10-24T22:00:00Z", "2015-10-25T23:00:00Z"),
            (Tz::Europe__Paris, "2016-03-26T23:00:00Z", "2016-03-27T22:00:00Z"),
            // In Brazil clocks were put forward at midnight: such a day begins at an hour that is not computed here.
            (Tz::America__Sao_Paulo, "2015-10-17T20:00:00Z", "2015-10-17T20:00:00Z"),
        ] {
            assert_eq!(next_day(zone, at(now)), at(expected), "{zone} at {now}");
        }
    }
}
