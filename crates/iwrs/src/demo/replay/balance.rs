//! The lines of the report about kits: that everybody got one on the day, and that none is left open.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::calendar::day_of;
use super::courses::DOSES_MISSED;
use super::report::{Line, because, count};
use super::{Happened, Replay};
use crate::client::{ClientError, rows_at, text_at};

/// Asks the monitor's interface what became of every kit.
pub(super) fn of_kits(replay: &Replay) -> Result<Vec<Line>, ClientError> {
    let ask = |rest: &str| replay.cast.ask("monitor", &replay.cast.path(rest));
    let log = ask("/accountability")?;
    let log = rows_at(&log, "/accountability");
    let days = replay.calendar.days();
    let courses = days.len();
    let doses = courses * usize::try_from(replay.design.supply.vials_per_kit).unwrap_or(0) - DOSES_MISSED;
    let mut lines = vec![
        count("courses handed over on their day", courses, on_their_day(log, &days)),
        count("requests refused for want of a kit", 0, replay.happened.short),
        received(rows_at(&ask("/shipments")?, "/shipments")),
        count("kits counted when they came back", courses, log.iter().filter(|kit| is_counted(kit)).count()),
        count("doses given, by their vials", doses, doses_given(log)),
        closed(replay),
    ];
    lines.extend(balances(replay)?);
    Ok(lines)
}

/// The balance of every place, and of all that were registered.
fn balances(replay: &Replay) -> Result<Vec<Line>, ClientError> {
    let ask = |rest: &str| replay.cast.ask("monitor", &replay.cast.path(rest));
    let mut ends: BTreeMap<String, Vec<End>> =
        [replay.site(), replay.depot()].map(|place| (place.to_owned(), Vec::new())).into();
    for kit in rows_at(&ask("/kits")?, "/kits") {
        let end = match text_at(kit, "/state") {
            "destroyed" => End::Destroyed,
            "reconciled" => {
                of_reconciled(&ask(&format!("/kits/{}/accountability", text_at(kit, "/number")))?)
            }
            _ => End::Open,
        };
        ends.entry(place_of(kit)).or_default().push(end);
    }
    let mut lines: Vec<Line> = ends.iter().map(|(place, ends)| balance(place, ends)).collect();
    let ended = ends.values().flatten().filter(|end| **end != End::Open).count();
    let batch = &replay.files.plan.batch;
    let registered = usize::try_from(batch.kits_per_type).unwrap_or(usize::MAX) * batch.lots.len();
    lines.push(count("kits at their end, of all that were registered", registered, ended));
    Ok(lines)
}

/// How a kit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Destroyed,
    /// Lost, and two people signed for it.
    Lost,
    /// It still has to be accounted for.
    Open,
}

/// A reconciled kit that was lost before is at its end; any other one is still to be destroyed.
fn of_reconciled(log: &Value) -> End {
    let last = rows_at(log, "/accountability/movements").last();
    let was_lost = last.is_some_and(|moved| text_at(moved, "/from") == "lost");
    if was_lost { End::Lost } else { End::Open }
}

fn place_of(kit: &Value) -> String {
    let of = |field: &str| Some(text_at(kit, field)).filter(|place| !place.is_empty());
    let place = of("/site").or_else(|| of("/depot")).or_else(|| of("/shipment"));
    place.unwrap_or("the sponsor's stock").to_owned()
}

/// A place balances to zero when nothing that it was ever given is open.
fn balance(place: &str, ends: &[End]) -> Line {
    let of = |wanted: End| ends.iter().filter(|end| **end == wanted).count();
    let (all, destroyed, lost, open) = (ends.len(), of(End::Destroyed), of(End::Lost), of(End::Open));
    Line {
        what: format!(
            "kits of {place}: {all}, of which destroyed {destroyed}, lost and signed for {lost}, open {open}"
        ),
        passed: open == 0 && all > 0,
    }
}

fn on_their_day(log: &[Value], days: &BTreeMap<(String, String), String>) -> usize {
    let is_on_its_day = |kit: &&Value| {
        let course = (text_at(kit, "/subject").to_owned(), text_at(kit, "/visit").to_owned());
        days.get(&course).is_some_and(|day| *day == day_of(text_at(kit, "/handed_over_at")))
    };
    let on_their_day = log.iter().filter(is_on_its_day);
    on_their_day.map(|kit| (text_at(kit, "/subject"), text_at(kit, "/visit"))).collect::<BTreeSet<_>>().len()
}

fn received(shipments: &[Value]) -> Line {
    let received = shipments.iter().filter(|shipment| shipment.get("receipt").is_some()).count();
    let is_warm = |shipment: &&Value| shipment.pointer("/receipt/excursion") == Some(&Value::Bool(true));
    let (all, warm) = (shipments.len(), shipments.iter().filter(is_warm).count());
    Line {
        what: format!("shipments received: {received} of {all}, {warm} after an excursion"),
        passed: received == all && warm == 1,
    }
}

fn is_counted(kit: &Value) -> bool {
    kit.get("count").is_some()
}

fn doses_given(log: &[Value]) -> usize {
    let given = log.iter().filter_map(|kit| kit.pointer("/doses/given")?.as_u64());
    usize::try_from(given.sum::<u64>()).unwrap_or(usize::MAX)
}

fn closed(replay: &Replay) -> Line {
    let Happened { closed, not_closed, .. } = &replay.happened;
    let line = count("places closed by two signatures", 2, *closed);
    because(line.what, not_closed, line.passed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BTreeMap, End, balance, of_reconciled, on_their_day, place_of, received};

    #[test]
    fn a_place_balances_when_none_of_its_kits_is_open() {
        let line = balance("34-001", &[End::Destroyed, End::Lost, End::Destroyed]);
        let told = "kits of 34-001: 3, of which destroyed 2, lost and signed for 1, open 0";
        assert!(line.passed && line.what == told, "{line:?}");
        assert!(!balance("34-001", &[End::Destroyed, End::Open]).passed);
        assert!(!balance("34-001", &[]).passed, "nothing ever came");
    }

    #[test]
    fn a_reconciled_kit_is_at_its_end_only_when_it_was_lost_before() {
        let log = |before: &str| json!({ "accountability": { "movements": [{ "from": before }] } });
        assert_eq!(of_reconciled(&log("lost")), End::Lost);
        assert_eq!(of_reconciled(&log("returned_used")), End::Open);
        assert_eq!(of_reconciled(&json!({})), End::Open);
        assert_eq!(place_of(&json!({ "depot": "30-DEPOT" })), "30-DEPOT");
        assert_eq!(place_of(&json!({})), "the sponsor's stock");
    }

    #[test]
    fn a_course_on_another_day_or_twice_is_not_counted() {
        let course = ("S-001".to_owned(), "D1".to_owned());
        let days = BTreeMap::from([(course, "2015-10-05".to_owned())]);
        let at = |day: &str| format!("{day}T08:00:00.000000Z");
        let kit =
            |visit: &str, day: &str| json!({ "subject": "S-001", "visit": visit, "handed_over_at": at(day) });
        let on_the_day = kit("D1", "2015-10-05");
        assert_eq!(on_their_day(&[on_the_day.clone(), on_the_day], &days), 1);
        assert_eq!(on_their_day(&[kit("D1", "2015-10-06"), kit("D29", "2015-10-05")], &days), 0);
        assert_eq!(on_their_day(&[json!({ "subject": "S-001", "visit": "D1" })], &days), 0);
    }

    #[test]
    fn every_shipment_must_be_received_and_one_was_too_warm() {
        let came = |excursion: bool| json!({ "receipt": { "excursion": excursion } });
        assert!(received(&[came(false), came(true)]).passed);
        assert!(!received(&[came(false), came(false)]).passed);
        assert!(!received(&[came(true), json!({})]).passed, "one is still on its way");
    }
}
