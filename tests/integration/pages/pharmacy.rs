//! The pages of the pharmacy: today, which kit to hand over, the scan, and who checks it before.

mod account;
mod disposal;
mod units;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use serde_json::json;

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

const TODAY: &str = "/studies/imodals/today";

/// The rows of a table on a page, as the texts of their cells.
fn rows(page: &Reply, table: &str) -> Vec<Vec<String>> {
    let Some(section) = page.body.split(&format!("id=\"{table}\"")).nth(1) else { return Vec::new() };
    let body = section.split("<tbody").nth(1).and_then(|rest| rest.split("</tbody>").next());
    let text = |cell: &str| {
        let inner = cell.split("</td>").next().and_then(|cell| cell.split_once('>')).unwrap_or_default().1;
        let texts = inner.split('<').filter_map(|tag| tag.split_once('>').map(|(_, text)| text));
        inner.split('<').next().unwrap_or_default().to_owned() + &texts.collect::<String>()
    };
    let cells = |row: &str| row.split("<td").skip(1).map(text).collect();
    body.unwrap_or_default().split("<tr").skip(1).map(cells).collect()
}

/// The value of a fact on a page.
fn fact(page: &Reply, name: &str) -> Option<String> {
    let value = page.body.split(&format!("<dt>{name}</dt><dd>")).nth(1)?.split("</dd>").next()?;
    Some(value.to_owned())
}

#[test]
fn today_says_who_is_due_what_waits_and_what_is_on_the_shelf() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    let today = pharmacist.get(TODAY);
    assert!(today.body.contains("2015-10-05 10:00 CEST"), "by the clock of the site: {}", today.body);
    assert_eq!(rows(&today, "due"), [["S-001", "in its window", "D1", "2015-10-05 to 2015-10-05"]]);
    assert!(today.body.contains(&format!("{KITS}?visit=D1")), "the way to do it: {}", today.body);
    assert_eq!(rows(&today, "counter"), [[""; 0]; 0]);
    let shelf = ["available", "allocated", "in quarantine"].map(|state| fact(&today, state));
    assert_eq!(shelf.map(Option::unwrap_or_default), ["143", "1", "0"], "all types together");

    pharmacist.fill(KITS, &[("visit", "D1")]);
    let kit = kit(&pharmacist.get(KITS));
    let today = pharmacist.get(TODAY);
    assert_eq!(rows(&today, "counter"), [[kit.as_str(), "S-001", "D1", "–"]]);
    assert_eq!(rows(&today, "due")[0][1..], ["to come", "D29", "2015-10-30 to 2015-11-05"]);
    pharmacist.fill(KITS, &[("kit_number", &kit)]);
    assert_eq!(rows(&pharmacist.get(TODAY), "counter"), [[""; 0]; 0], "nothing waits any more");

    assert_eq!(browser(&app, "monitor").get(TODAY).status, 200);
    for who in ["investigator", "depot", "supply"] {
        assert_eq!(browser(&app, who).get(TODAY).status, 403, "{who}");
    }
}

#[test]
fn where_the_study_wants_two_people_the_second_one_has_a_page_of_their_own() {
    const CHECK: &str = "/studies/imodals/subjects/S-001/check";
    let design = files().design.replace("[supply]\n", "[supply]\nsecond_person = true\n");
    let app = TestApp::in_world(World { design: Some(design), ..World::default() });
    app.add_person("second", "pharmacist", Some("34-001"));
    app.randomize("S-001", 1961, "male");
    let mut first = browser(&app, "pharmacist");
    assert!(first.get(CHECK).body.contains("Nothing waits at the counter"));
    first.fill(KITS, &[("visit", "D1")]);
    let page = first.get(KITS);
    let number = kit(&page);
    assert!(page.body.contains("another person checks the kit"), "{}", page.body);
    let stopped = first.submit(&page, KITS, &[("kit_number", &number)]);
    assert_eq!((stopped.status, count(&app, "handed_over")), (409, 0), "{}", stopped.body);

    let mut second = Browser::at(app.base());
    second.log_in("second", "a long passphrase of second");
    assert_eq!(rows(&second.get(TODAY), "counter")[0][3], "Check it as the second person");
    let wrong = second.fill(CHECK, &[("kit_number", "1234567889")]);
    assert_eq!((wrong.status, count(&app, "wrong_kit_stopped")), (409, 1), "{}", wrong.body);
    assert!(!wrong.body.contains("1234567889"), "a scanner would add to it: {}", wrong.body);
    let done = second.submit(&wrong, CHECK, &[("kit_number", &number)]);
    assert_eq!(done.header("location"), format!("{CHECK}?done=kit_checked"), "{}", done.body);
    let page = first.get(KITS);
    assert!(page.body.contains("Checked today by second."), "{}", page.body);
    let done = first.submit(&page, KITS, &[("kit_number", &number)]);
    assert_eq!((done.status, count(&app, "handed_over")), (303, 1), "{}", done.body);
}

#[test]
fn a_kit_is_replaced_from_its_page_and_only_once() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    pharmacist.fill(KITS, &[("visit", "D1")]);
    let lost = kit(&pharmacist.get(KITS));
    let address = |kit: &str| {
        let digits: String = kit.chars().filter(char::is_ascii_digit).collect();
        format!("/studies/imodals/kits/{digits}")
    };
    let replacement = |kit: &str| format!("{}/replacement", address(kit));
    let unsaid = pharmacist.fill(&replacement(&lost), &[]);
    assert_eq!(unsaid.status, 422, "{}", unsaid.body);
    assert!(unsaid.body.contains("Fill this in"), "{}", unsaid.body);
    assert_eq!(count(&app, "kit_replaced"), 0);
    let done = pharmacist.fill(&replacement(&lost), &[("reason", "lost")]);
    assert_eq!(done.header("location"), format!("{KITS}?done=kit_replaced"), "{}", done.body);
    let page = pharmacist.get(KITS);
    let new = kit(&page);
    assert_ne!(new, lost);
    assert_eq!(rows(&page, "kits")[0][4], format!("replaced by {new}"));
    let old = pharmacist.get(&address(&lost));
    assert_eq!(fact(&old, "State").as_deref(), Some("lost"));
    assert!(!pharmacist.get(&replacement(&lost)).body.contains("class=\"act"), "it is replaced once");

    pharmacist.fill(KITS, &[("kit_number", &new)]);
    let limit = pharmacist.fill(&replacement(&new), &[("reason", "damaged")]);
    assert_eq!((limit.status, count(&app, "kit_replaced")), (409, 1), "{}", limit.body);
    assert!(limit.body.contains("explain below"), "{}", limit.body);
    let why = [("reason", "damaged"), ("explanation", "it fell down the stairs")];
    assert_eq!(pharmacist.submit(&limit, &replacement(&new), &why).status, 303);
    let nobody = pharmacist.get("/studies/imodals/kits/1234567889/replacement");
    assert_eq!(nobody.status, 404);
}

#[test]
fn a_shelf_that_cannot_serve_is_told_with_what_to_do() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    treat(&mut pharmacist, "D1");
    let aside = json!({ "site": "34-001", "cause": "complaint" });
    app.person("pharmacist").post(&app.path("/quarantines"), &aside).expect(201);
    app.clock.advance(28 * 24 * 3600);
    let mut pharmacist = browser(&app, "pharmacist");
    let short = pharmacist.fill(KITS, &[("visit", "D29")]);
    assert_eq!((short.status, count(&app, "dispensed")), (409, 1), "{}", short.body);
    assert!(short.body.contains("cannot be served from its shelf now"), "{}", short.body);
    assert!(short.body.contains("Which shipments are on their way?"), "{}", short.body);
}
