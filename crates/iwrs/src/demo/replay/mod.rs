//! The whole of IMODALS, played through the real interface: kits go from the sponsor over a depot to the site by weekly
//! orders, 36 subjects come over ten Mondays and take 108 courses, one code is broken, what was handed out comes back
//! and is counted, and in the end every kit is accounted for.

mod balance;
mod calendar;
mod courses;
mod ending;
mod report;
mod supply;

use indicatif::ProgressBar;
use journal::VerifyingKey;
use serde_json::{Value, json};
use service::Shared;
use service::clock::Clock;
use terms::Moment;
use trial::study::StudyDesign;

use self::calendar::Calendar;
use self::courses::Taken;
use self::supply::Sent;
use super::{Files, design, setup};
use crate::client::{ClientError, text_at};
use crate::commands::Failure;
use crate::demo::setup::Cast;

pub use self::report::Line;
pub(super) use self::report::print;

/// On this Monday one code is broken.
const WEEK_OF_THE_BREAK: i64 = 6;

/// The play: its people, its time, and what is under way.
pub struct Replay {
    service: Shared,
    cast: Cast,
    clock: Clock,
    calendar: Calendar,
    design: StudyDesign,
    files: Files,
    /// The shipments that have not arrived, in the order in which they were sent.
    on_the_way: Vec<Sent>,
    /// How many shipments came to the site.
    arrived: u32,
    /// The kits that subjects have taken home.
    taken: Vec<Taken>,
    /// The subjects who were randomized.
    randomized: Vec<String>,
    happened: Happened,
    progress: ProgressBar,
}

/// What only the play itself can tell: everything else is asked of the server.
#[derive(Default)]
struct Happened {
    /// Answers to the code break that named a treatment.
    breaks: usize,
    /// Requests that were refused because there was no kit.
    short: usize,
    /// Places that were closed by two signatures.
    closed: usize,
    /// Why a place could not be closed.
    not_closed: Vec<String>,
}

impl Replay {
    /// Brings the study into being on an empty database behind a running server, two leads before the first subject:
    /// people, the list, and a released batch, which leaves for the depot.
    ///
    /// # Errors
    /// One line that says what could not be done.
    pub fn begin(service: &Shared, base: &str, clock: &Clock, files: &Files) -> Result<Self, Failure> {
        let design = design(files)?;
        let calendar = Calendar::of(&design)?;
        clock.set(calendar.at(calendar.opening()));
        let study = setup::open(service, files)?;
        setup::depot(service, &study, files)?;
        let cast = setup::people(service, base, &study, files)?;
        setup::list(&cast)?;
        let mut files = files.clone();
        files.plan.batch.kits_per_type = files.plan.depot.kits_per_type;
        setup::register(&cast, &files, &super::kit_types(&files)?)?;
        let mut replay = Self {
            service: service.clone(),
            cast,
            clock: clock.clone(),
            progress: ProgressBar::new(calendar.size()),
            calendar,
            design,
            files,
            on_the_way: Vec::new(),
            arrived: 0,
            taken: Vec::new(),
            randomized: Vec::new(),
            happened: Happened::default(),
        };
        replay.fill_depot()?;
        Ok(replay)
    }

    /// When the play begins.
    ///
    /// # Errors
    /// When the files are none of a study.
    pub fn opening(files: &Files) -> Result<Moment, Failure> {
        let calendar = Calendar::of(&design(files)?)?;
        Ok(calendar.at(calendar.opening()))
    }

    /// The people, logged in for the Monday that was played last.
    pub const fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Plays week after week, from the first order to the return of the last kits.
    ///
    /// # Errors
    /// What the server answered instead of doing it.
    pub fn play(&mut self) -> Result<(), Failure> {
        for week in self.calendar.first_order()..=self.calendar.end() {
            self.begin_week(week, &["depot", "investigator", "pharmacist"])?;
            self.receive(week)?;
            self.count_returns()?;
            if week < self.calendar.end() {
                self.order(week)?;
            }
            self.randomize(week)?;
            self.hand_over(week)?;
            if week == WEEK_OF_THE_BREAK {
                self.break_one_code()?;
            }
        }
        self.progress.finish_and_clear();
        Ok(())
    }

    /// Asks the server what came of it all, and verifies the journal with this key.
    ///
    /// # Errors
    /// When an answer does not come.
    pub fn report(&mut self, key: &VerifyingKey) -> Result<Vec<Line>, Failure> {
        self.cast.log_in_again(&["monitor", "statistician"])?;
        let mut lines = report::of_subjects(self)?;
        lines.extend(balance::of_kits(self)?);
        let export = report::export(self)?;
        lines.push(report::of_the_supply(self, &export)?);
        lines.push(report::of_the_journal(self, &export, key)?);
        lines.push(report::of_the_rows(self)?);
        Ok(lines)
    }

    fn site(&self) -> &str {
        &self.files.plan.site.id
    }

    fn depot(&self) -> &str {
        &self.files.plan.depot.id
    }

    /// Moves the time to a Monday, on which these people log in.
    fn begin_week(&mut self, week: i64, people: &[&str]) -> Result<(), ClientError> {
        self.clock.set(self.calendar.at(week));
        self.cast.log_in_again(people)
    }

    /// Nothing when the answer is that there is no kit: that is told at the end, and the play goes on without.
    fn unless_short(&mut self, answer: Result<Value, ClientError>) -> Result<Option<Value>, ClientError> {
        match answer {
            Err(ClientError::Unexpected { body, .. }) if body.contains("urn:iwrs:problem:supply-short") => {
                self.happened.short += 1;
                Ok(None)
            }
            answer => answer.map(Some),
        }
    }

    fn randomize(&mut self, week: i64) -> Result<(), ClientError> {
        for place in calendar::arrivals(week) {
            let subject = calendar::screening_number(place);
            let sex = if place.is_multiple_of(2) { "female" } else { "male" };
            let screening = json!({
                "screening_number": subject, "site": self.site(), "birth_year": 1942 + place, "sex": sex,
            });
            self.cast.act("investigator", None, &self.cast.path("/subjects"), &screening)?;
            let path = self.cast.path(&format!("/subjects/{subject}/randomization"));
            let answer = self.cast.act("investigator", Some("randomize"), &path, &self.eligible());
            if self.unless_short(answer)?.is_some() {
                self.randomized.push(subject);
            }
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

    /// The investigator on call breaks one code at night, by the number of the kit at the bedside.
    fn break_one_code(&mut self) -> Result<(), ClientError> {
        self.cast.log_in_again(&["oncall"])?;
        let told = self.cast.ask("pharmacist", &self.cast.path("/subjects/S-005/dispensations"))?;
        let kit = text_at(&told, "/dispensations/0/kits/0");
        let body = json!({ "kit_number": kit, "reason": "serious_adverse_event" });
        let broken = self.cast.act("oncall", Some("unblind"), &self.cast.path("/unblindings"), &body)?;
        if broken.pointer("/unblinding/treatment").is_some_and(Value::is_object) {
            self.happened.breaks += 1;
        }
        Ok(())
    }
}
