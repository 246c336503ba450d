//! The scripted trial: every route, by everybody who may and by some who may not, with what is refused.
//!
//! It takes no turn by what it is told, but for numbers and ids that it has to send back.

use iwrs::client::Reply;
use iwrs_tests::app::{World, eligible};
use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::trial::Trial;

mod accountability;
mod alerts;
mod batches;
mod packing;
mod pages;
mod people;
mod pharmacy;
mod reading;
mod redaction;
mod supply;
mod treatment;
mod units;

pub(super) use batches::recall_lot;

const SITE: &str = "34-001";
const FAR_SITE: &str = "44-001";

/// What lies on the shelf of the second site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Supply {
    /// Enough for everybody.
    Ample,
    /// So little that some are refused.
    Short,
}

/// Plays the trial in a world.
pub(super) fn play(world: World, supply: Supply) -> Trial {
    let mut trial = Trial::begin(world);
    trial.app.add_site(FAR_SITE);
    people::come(&mut trial);
    trial.collect("the coming of people");
    supply::lists(&mut trial);
    supply::holds(&mut trial);
    redaction::of_a_hold(&mut trial);
    trial.collect("lists and holds");
    let entered = treatment::enter(&mut trial);
    trial.collect("entering and randomizing");
    treatment::first_courses(&mut trial, &entered);
    units::prepare(&mut trial);
    treatment::break_a_code(&mut trial);
    treatment::leave(&mut trial);
    trial.collect("the first courses and a break");
    supply::second_batch(&mut trial, supply);
    supply::far_site(&mut trial, supply);
    trial.collect("the second site");
    supply::shipments(&mut trial);
    trial.collect("shipments");
    batches::change(&mut trial);
    batches::lot(&mut trial, "B-4");
    batches::recall(&mut trial, "B-4");
    batches::arrive(&mut trial);
    trial.collect("another label expiry, and a recall");
    reading::everything(&mut trial);
    trial.collect("reading on the first day");
    pages::opened(&mut trial);
    trial.collect("the pages on the first day");
    trial.at("2015-11-02T09:00:00Z");
    supply::far_site_goes_on(&mut trial, supply);
    treatment::second_courses(&mut trial);
    accountability::returns(&mut trial);
    accountability::disposals(&mut trial);
    trial.collect("the second courses");
    trial.at("2031-01-10T09:00:00Z");
    treatment::out_of_date(&mut trial);
    alerts::acknowledge(&mut trial);
    batches::recall(&mut trial, "B-2026-01");
    trial.collect("what is out of date");
    pages::opened(&mut trial);
    people::go(&mut trial);
    reading::everything(&mut trial);
    trial.collect("the last day");
    trial
}

/// Plays what happens at the second site when it has few kits: as many of every type as `few` says.
pub(super) fn play_shortage(world: World, few: [u32; 3]) -> Trial {
    let mut trial = Trial::begin(world);
    trial.few = few;
    trial.app.add_site(FAR_SITE);
    people::come(&mut trial);
    supply::second_batch(&mut trial, Supply::Short);
    supply::far_site(&mut trial, Supply::Short);
    trial.collect("the shortage");
    trial
}

/// The text in an answer at a pointer.
fn text(answer: &Value, pointer: &str) -> String {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned()
}

/// Enters a subject.
fn screen(trial: &mut Trial, who: &str, site: &str, subject: &str, birth_year: u32) -> Reply {
    let sex = if birth_year.is_multiple_of(2) { "female" } else { "male" };
    let body = json!({ "screening_number": subject, "site": site, "birth_year": birth_year, "sex": sex });
    trial.act(who, "/subjects", &body)
}

/// Randomizes a subject that has been entered.
fn randomize(trial: &mut Trial, who: &str, subject: &str) -> Reply {
    let path = trial.path(&format!("/subjects/{subject}/randomization"));
    trial.signed(who, "randomize", &path, &eligible())
}

/// Asks for the kits of a visit.
fn dispense(trial: &mut Trial, who: &str, subject: &str, visit: &str, reason: Option<&str>) -> Reply {
    let body = json!({ "visit": visit, "reason": reason });
    trial.act(who, &format!("/subjects/{subject}/dispensations"), &body)
}

/// Scans a kit at the counter.
fn scan(trial: &mut Trial, who: &str, dispensation: &str, kit: &str) -> Reply {
    let body = json!({ "kit_number": kit });
    trial.act(who, &format!("/dispensations/{dispensation}/confirmation"), &body)
}

/// Asks for the kits of a visit and hands them over.
fn treat(trial: &mut Trial, who: &str, subject: &str, visit: &str, reason: Option<&str>) {
    let answer = dispense(trial, who, subject, visit, reason).expect(201);
    let (id, kit) = (text(&answer, "/dispensation/id"), text(&answer, "/dispensation/kits/0"));
    scan(trial, who, &id, &kit).expect(201);
}
