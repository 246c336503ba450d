//! The enrolment of IMODALS, played through the real interface: 36 subjects over ten Mondays, 108 courses, one code
//! break. The pace of the course starts is that of 2015, week by week from 5 October.

use indicatif::ProgressBar;
use serde_json::{Value, json};
use service::clock::Clock;
use terms::Moment;
use trial::study::StudyDesign;

use crate::client::{ClientError, rows_at, text_at};
use crate::commands::Failure;
use crate::demo::setup::Cast;

/// Subjects who are randomized on each Monday.
const ARRIVALS: [u32; 10] = [4, 4, 3, 4, 3, 4, 4, 3, 4, 3];
/// Weeks between two courses.
const WEEKS_BETWEEN_COURSES: usize = 4;
/// The first Monday, at ten in the morning in Montpellier.
const FIRST_MONDAY: &str = "2015-10-05T08:00:00Z";
const WEEK: i64 = 7 * 24 * 3600;
/// On this Monday, counted from 0, one code is broken.
const MONDAY_OF_THE_BREAK: usize = 6;

/// What was played.
pub(crate) struct Played {
    /// Subjects who were randomized.
    pub(crate) subjects: u32,
    /// Kits that were handed over.
    pub(crate) handed_over: u32,
    /// Answers to the code break that named a treatment.
    pub(crate) breaks: u32,
}

/// Plays the enrolment, moving the clock from Monday to Monday.
pub(crate) fn play(
    cast: &mut Cast,
    clock: &Clock,
    site: &str,
    design: &StudyDesign,
) -> Result<Played, Failure> {
    let first = Moment::parse(FIRST_MONDAY).unwrap_or(clock.now());
    let visits: Vec<String> = design.dispensing_visits().map(|(visit, _)| visit.id.to_string()).collect();
    let mondays = ARRIVALS.len() + WEEKS_BETWEEN_COURSES * visits.len().saturating_sub(1);
    let steps: u32 = ARRIVALS.iter().sum::<u32>() * u32::try_from(visits.len() + 1).unwrap_or(1);
    let play = Play { site, design, progress: ProgressBar::new(u64::from(steps)) };
    let mut played = Played { subjects: 0, handed_over: 0, breaks: 0 };
    for monday in 0..mondays {
        clock.set(first.plus_seconds(WEEK * i64::try_from(monday).unwrap_or(0)));
        cast.log_in_again(&["investigator", "oncall", "pharmacist"])?;
        play.randomize(cast, monday, &mut played)?;
        for (course, visit) in visits.iter().enumerate() {
            let began = monday.checked_sub(course * WEEKS_BETWEEN_COURSES);
            for subject in began.map(arrivals_of).unwrap_or_default() {
                play.hand_over(cast, &subject, visit, &mut played)?;
            }
        }
        if monday == MONDAY_OF_THE_BREAK {
            play.break_one_code(cast, &mut played)?;
        }
    }
    play.progress.finish_and_clear();
    Ok(played)
}

/// The screening numbers of the subjects who arrived on a Monday.
fn arrivals_of(monday: usize) -> Vec<String> {
    let before: u32 = ARRIVALS.iter().take(monday).sum();
    let count = ARRIVALS.get(monday).copied().unwrap_or(0);
    (before + 1..=before + count).map(|ordinal| format!("S-{ordinal:03}")).collect()
}

struct Play<'a> {
    site: &'a str,
    design: &'a StudyDesign,
    progress: ProgressBar,
}

impl Play<'_> {
    fn randomize(&self, cast: &Cast, monday: usize, played: &mut Played) -> Result<(), ClientError> {
        for subject in arrivals_of(monday) {
            let ordinal = played.subjects;
            let sex = if ordinal.is_multiple_of(2) { "female" } else { "male" };
            let screening = json!({
                "screening_number": subject, "site": self.site, "birth_year": 1942 + ordinal, "sex": sex,
            });
            cast.act("investigator", None, &cast.path("/subjects"), &screening)?;
            let path = cast.path(&format!("/subjects/{subject}/randomization"));
            cast.act("investigator", Some("randomize"), &path, &self.eligible())?;
            played.subjects += 1;
            self.progress.inc(1);
        }
        Ok(())
    }

    /// Every criterion fulfilled, and consent on the first day of the study.
    fn eligible(&self) -> Value {
        let answers: serde_json::Map<String, Value> =
            self.design.criteria.iter().map(|criterion| (criterion.id.clone(), json!("yes"))).collect();
        json!({ "consent_date": "2015-10-01", "answers": answers })
    }

    fn hand_over(
        &self,
        cast: &Cast,
        subject: &str,
        visit: &str,
        played: &mut Played,
    ) -> Result<(), ClientError> {
        let path = cast.path(&format!("/subjects/{subject}/dispensations"));
        let answer = cast.act("pharmacist", None, &path, &json!({ "visit": visit }))?;
        let path =
            cast.path(&format!("/dispensations/{}/confirmation", text_at(&answer, "/dispensation/id")));
        for kit in rows_at(&answer, "/dispensation/kits") {
            cast.act("pharmacist", None, &path, &json!({ "kit_number": kit }))?;
            played.handed_over += 1;
        }
        self.progress.inc(1);
        Ok(())
    }

    /// The investigator on call breaks one code at night, by the number of the kit at the bedside.
    fn break_one_code(&self, cast: &Cast, played: &mut Played) -> Result<(), ClientError> {
        let pharmacist = cast.person("pharmacist")?;
        let path = cast.path("/subjects/S-005/dispensations");
        let dispensations = pharmacist.expect(200, "GET", &path, &pharmacist.get(&path)?)?;
        let kit = text_at(&dispensations, "/dispensations/0/kits/0");
        let body = json!({ "kit_number": kit, "reason": "serious_adverse_event" });
        let broken = cast.act("oncall", Some("unblind"), &cast.path("/unblindings"), &body)?;
        if broken.pointer("/unblinding/treatment").is_some_and(Value::is_object) {
            played.breaks += 1;
        }
        Ok(())
    }
}
