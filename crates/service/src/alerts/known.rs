//! The facts as they were read last. They follow from the acts of the study and from the day at each place: while its
//! journal stands as it stood, and no day has begun anywhere, they are the same, and a page need not count all kits
//! again to show them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{NaiveTime, TimeZone};
use chrono_tz::Tz;
use journal::Frontier;
use store::rows::leaf;
use store::{Conn, Tree};
use terms::{Moment, StudyId};
use trial::alerts::Facts;

use super::facts;
use crate::case::Scene;
use crate::failure::Failure;
use crate::site::{day_in, zones};

/// What is known of each study.
#[derive(Default)]
pub(crate) struct KnownFacts(Mutex<BTreeMap<StudyId, Known>>);

#[derive(Clone)]
struct Known {
    /// The journal out of which they follow.
    journal: Frontier,
    /// From when on, and until when.
    holds: [Moment; 2],
    facts: Arc<Facts>,
}

impl KnownFacts {
    fn of(&self, study: &StudyId) -> Option<Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(study).cloned()
    }

    fn keep(&self, study: &StudyId, known: Known) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(study.clone(), known);
    }
}

/// The facts as they are now, each day in the own zone of its site.
pub(super) fn facts(conn: &mut Conn, scene: &Scene<'_>) -> Result<Arc<Facts>, Failure> {
    let journal = leaf::frontier(conn, &Tree::Study(scene.study.clone()))?;
    let still_holds = |known: &Known| {
        let [from, until] = known.holds;
        known.journal == journal && (from..until).contains(&scene.now)
    };
    if let Some(known) = scene.service.facts.of(&scene.study).filter(still_holds) {
        return Ok(known.facts);
    }
    let facts = Arc::new(facts::load(conn, &scene.study, scene.design(), scene.now)?);
    let zones = zones(conn, &scene.study)?.into_values().chain([Tz::UTC]);
    let until = zones.map(|zone| next_day(zone, scene.now)).min().unwrap_or(scene.now);
    let known = Known { journal, holds: [scene.now, until], facts: Arc::clone(&facts) };
    scene.service.facts.keep(&scene.study, known);
    Ok(facts)
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
