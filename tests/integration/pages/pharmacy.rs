//! The pages of the pharmacy: which kit to hand over, and the scan.

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;

use super::browser;
use crate::record::count;

const KITS: &str = "/studies/imodals/subjects/S-001/kits";

/// The kit that the page says to hand over.
fn kit(page: &Reply) -> String {
    let large = page.body.split("<p class=\"large\">").nth(1).expect("a kit in large letters");
    let number = large.split("<strong>").nth(1).and_then(|rest| rest.split("</strong>").next());
    number.expect("a number").to_owned()
}

/// Asks for the kits of the next visit, and hands over what the page says.
fn treat(browser: &mut Browser, visit: &str) {
    let asked = browser.get(KITS);
    assert!(asked.body.contains(&format!("<option value=\"{visit}\" selected>")), "{}", asked.body);
    let first = browser.submit(&asked, KITS, &[("visit", visit)]);
    let again = browser.submit(&asked, KITS, &[("visit", visit)]);
    assert_eq!((first.status, again.status), (303, 303), "sent again, it is answered again: {}", again.body);
    let page = browser.get(KITS);
    let done = browser.submit(&page, KITS, &[("kit_number", &kit(&page))]);
    assert_eq!(done.header("location"), format!("{KITS}?done=handed_over"), "{}", done.body);
}

#[test]
fn three_courses_are_handed_over_on_pages_alone_and_every_form_has_one_effect() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    for (course, visit, days) in [(1, "D1", 0), (2, "D29", 28), (3, "D57", 28)] {
        app.clock.advance(days * 24 * 3600);
        treat(&mut browser(&app, "pharmacist"), visit);
        assert_eq!((count(&app, "dispensed"), count(&app, "handed_over")), (course, course));
    }
    let nothing = browser(&app, "pharmacist").get(KITS);
    assert!(!nothing.body.contains("class=\"act"), "nothing is left to be asked for: {}", nothing.body);
}

#[test]
fn another_kit_stops_and_the_next_scan_begins_with_an_empty_field() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    assert_eq!(pharmacist.fill(KITS, &[("visit", "D1")]).status, 303);
    let page = pharmacist.get(&format!("{KITS}?done=dispensed"));
    let stopped =
        pharmacist.submit(&page, &format!("{KITS}?done=dispensed"), &[("kit_number", "1234567889")]);
    assert_eq!((stopped.status, count(&app, "wrong_kit_stopped")), (409, 1), "{}", stopped.body);
    assert!(stopped.body.contains("Stop: this is not the kit"), "{}", stopped.body);
    assert!(!stopped.body.contains("1234567889"), "a scanner would add to it: {}", stopped.body);
    assert!(
        !stopped.body.contains("class=\"done\""),
        "red and green do not stand together: {}",
        stopped.body
    );
    let table = stopped.body.find("<section class=\"table\"").expect("the table");
    assert!(stopped.body.find("name=\"kit_number\"").expect("the field") < table, "{}", stopped.body);
    let right = pharmacist.submit(&stopped, KITS, &[("kit_number", &kit(&stopped))]);
    assert_eq!((right.status, count(&app, "handed_over")), (303, 1), "the next scan is another act");
}
