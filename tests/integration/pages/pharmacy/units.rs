//! What is prepared on site, on pages.

use iwrs_tests::app::{TestApp, World};
use iwrs_tests::client::Expect;
use terms::Moment;

use super::{KITS, kit, rows};
use crate::pages::browser;
use crate::record::count;
use crate::units::design;

const UNITS: &str = "/studies/imodals/subjects/S-001/units";

/// The fields of a preparation.
fn prepared<'a>(kit: &'a str, units: &'a str, at: &'a str) -> [(&'static str, &'a str); 4] {
    [("kit_number", kit), ("units", units), ("prepared_at", at), ("preparation", "reconstituted")]
}

#[test]
fn units_are_prepared_given_and_thrown_away_on_a_page() {
    let app = TestApp::in_world(World { design: Some(design()), ..World::default() });
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    pharmacist.fill(KITS, &[("visit", "D1")]);
    let number = kit(&pharmacist.get(KITS));
    pharmacist.fill(KITS, &[("kit_number", &number)]);
    app.clock.advance(3600);
    let mut pharmacist = browser(&app, "pharmacist");
    let wrong = pharmacist.fill(UNITS, &prepared("1234567889", "1", ""));
    assert_eq!((wrong.status, count(&app, "unit_stopped")), (409, 1), "{}", wrong.body);
    assert!(!wrong.body.contains("1234567889"), "the next scan begins with an empty field: {}", wrong.body);
    let early = pharmacist.fill(UNITS, &prepared(&number, "2", "2015-10-05T09:00"));
    assert_eq!(early.status, 422, "before the handover: {}", early.body);
    assert!(early.body.contains("value=\"2015-10-05T09:00\""), "what was typed stays: {}", early.body);
    let done = pharmacist.submit(&early, UNITS, &prepared(&number, "2", "2015-10-05T10:30"));
    assert_eq!(done.header("location"), format!("{UNITS}?done=units_prepared"), "{}", done.body);
    let listed = rows(&pharmacist.get(UNITS), "units");
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let [first, second] = [1, 2].map(|index| format!("{digits}-{index}"));
    assert_eq!(listed.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), [&first, &second]);
    assert!(listed[0][2].starts_with("2015-10-05 10:30 CEST"), "by the clock of the site: {listed:?}");
    assert_eq!((listed[0][3].as_str(), listed[0][4].as_str()), ("2015-10-06 10:30 CEST", "may be given"));

    let mut investigator = browser(&app, "investigator");
    assert!(!investigator.get(UNITS).body.contains("name=\"preparation\""), "the pharmacist prepares");
    assert_eq!(investigator.fill(UNITS, &[("unit", &first)]).status, 303);
    assert_eq!(count(&app, "unit_given"), 1);
    app.clock.set(Moment::parse("2015-10-06T08:31:00Z").expect("an instant"));
    let mut pharmacist = browser(&app, "pharmacist");
    assert_eq!(rows(&pharmacist.get(UNITS), "units")[1][4], "past its limit");
    let late = pharmacist.fill(UNITS, &[("unit", &second)]);
    assert_eq!((late.status, count(&app, "unit_stopped")), (409, 2), "{}", late.body);
    let one = format!("{UNITS}/{second}");
    assert_eq!(pharmacist.fill(&one, &[("reason", "")]).status, 422);
    let done = pharmacist.fill(&one, &[("reason", "its limit has passed")]);
    assert_eq!(done.header("location"), format!("{UNITS}?done=unit_discarded"), "{}", done.body);
    assert!(!pharmacist.get(&one).body.contains("class=\"act"), "nothing more becomes of it");
    assert_eq!(pharmacist.get(&format!("{UNITS}/1234567889-1")).status, 404);
}
