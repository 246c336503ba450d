//! The account of a kit: its page, what happens to it, what came back, and the logs.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;

use super::{KITS, fact, kit, rows};
use crate::pages::browser;
use crate::record::count;

/// A subject who was given a kit, the pharmacist, and the kit's page.
fn given() -> (TestApp, Browser, String) {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    pharmacist.fill(KITS, &[("visit", "D1")]);
    let number = kit(&pharmacist.get(KITS));
    pharmacist.fill(KITS, &[("kit_number", &number)]);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (app, pharmacist, format!("/studies/imodals/kits/{digits}"))
}

#[test]
fn a_kit_tells_its_history_to_those_who_may_know_whose_it_is() {
    let (app, mut pharmacist, page) = given();
    let shown = pharmacist.get(&page);
    assert_eq!(fact(&shown, "State").as_deref(), Some("dispensed"));
    assert_eq!(fact(&shown, "Subject").as_deref(), Some("S-001"));
    let moves: Vec<String> = rows(&shown, "moves").into_iter().map(|row| row[1].clone()).collect();
    let expected =
        ["handed over", "picked for a subject", "received at a site", "released for use", "registered"];
    assert_eq!(moves, expected);
    for way in ["/return", "/replacement", "/incident"] {
        assert!(shown.body.contains(&format!("{page}{way}\"")), "{way}: {}", shown.body);
    }
    let digits = page.rsplit('/').next().expect("a number");
    let aloud = format!("/studies/imodals/kits/{}%20{}%20{}", &digits[..4], &digits[4..7], &digits[7..]);
    assert_eq!(pharmacist.get(&aloud).status, 200, "as it is read aloud");
    assert!(browser(&app, "investigator").get(&page).body.contains("S-001"));
    for who in ["depot", "quality", "supply"] {
        let outside = browser(&app, who).get(&page);
        assert!(outside.status == 200 && !outside.body.contains("S-001"), "{who}: {}", outside.body);
    }
    for nothing in ["1234567889", "nonsense"] {
        assert_eq!(pharmacist.get(&format!("/studies/imodals/kits/{nothing}")).status, 404);
    }
}

#[test]
fn what_happened_to_a_kit_is_recorded_with_a_reason() {
    let app = TestApp::imodals();
    let mut pharmacist = browser(&app, "pharmacist");
    let listed = pharmacist.get("/studies/imodals/kits");
    let number: String = rows(&listed, "kits")[0][0].chars().filter(char::is_ascii_digit).collect();
    let page = format!("/studies/imodals/kits/{number}");
    let incident = format!("{page}/incident");
    let unsaid = pharmacist.fill(&incident, &[("incident", "damaged")]);
    assert_eq!((unsaid.status, count(&app, "kit_incident")), (422, 0), "{}", unsaid.body);
    assert!(unsaid.body.contains("id=\"f-reason-about\"><strong class=\"trouble\">"), "{}", unsaid.body);
    let said = [("incident", "damaged"), ("reason", "it fell down")];
    let done = pharmacist.submit(&unsaid, &incident, &said);
    assert_eq!(done.header("location"), format!("{page}?done=kit_incident"), "{}", done.body);
    let shown = pharmacist.get(&page);
    assert_eq!(fact(&shown, "State").as_deref(), Some("damaged"));
    assert_eq!(rows(&shown, "moves")[0][4], "found damaged");
    let again = pharmacist.fill(&incident, &said);
    assert_eq!((again.status, count(&app, "kit_incident")), (409, 1), "{}", again.body);
    assert!(again.body.contains("value=\"it fell down\""), "what was typed stays: {}", again.body);
}

#[test]
fn what_came_back_is_counted_and_stands_in_every_log() {
    let (app, mut pharmacist, page) = given();
    let at = format!("{page}/return");
    let asked = pharmacist.get(&at);
    assert!(asked.body.contains("A kit has 5 vials."), "{}", asked.body);
    let table = [
        ([("used", "3"), ("unused", "1"), ("missing", "0")], "reason"),
        ([("used", "some"), ("unused", "1"), ("missing", "0")], "used"),
        ([("used", "3"), ("unused", "2"), ("missing", "")], "missing"),
    ];
    for (vials, field) in table {
        let refused = pharmacist.fill(&at, &vials);
        assert_eq!((refused.status, count(&app, "kit_returned")), (422, 0), "{vials:?}");
        let about = format!("id=\"f-{field}-about\"><strong class=\"trouble\">");
        assert!(refused.body.contains(&about), "{vials:?}: {}", refused.body);
    }
    let vials = [("used", "4"), ("unused", "1"), ("missing", "0")];
    assert_eq!(pharmacist.fill(&at, &vials).header("location"), format!("{page}?done=kit_counted"));
    let again = pharmacist.fill(&at, &vials);
    assert_eq!(again.status, 422, "counted again without a reason: {}", again.body);
    let log = pharmacist.get("/studies/imodals/subjects/S-001/accountability");
    let row = &rows(&log, "kits")[0];
    assert_eq!(row[2], "returned partly used");
    assert_eq!(row[4..], ["4 used, 1 unused, 0 missing", "5 planned, 4 given, 1 missed, 0 extra"]);
    let search = format!("kits.search={}", page.rsplit('/').next().expect("a number"));
    let site = pharmacist.get(&format!("/studies/imodals/accountability?{search}"));
    assert_eq!(rows(&site, "kits")[0][5], "4 used, 1 unused, 0 missing", "a number is found without blanks");
}

#[test]
fn the_logs_are_had_for_a_spreadsheet_and_to_be_printed() {
    let (app, mut pharmacist, page) = given();
    let site = "/studies/imodals/accountability".to_owned();
    let subject = "/studies/imodals/subjects/S-001/accountability".to_owned();
    for (address, lines) in [(&site, 145), (&subject, 2), (&page, 6)] {
        let printed = pharmacist.get(&format!("{address}?format=pdf"));
        assert!(printed.bytes.starts_with(b"%PDF"), "{address}: {}", printed.status);
        let table = pharmacist.get(&format!("{address}?format=csv"));
        assert_eq!(table.header("content-type"), "text/csv; charset=utf-8", "{address}");
        assert_eq!(table.body.lines().count(), lines, "{address}");
        assert_eq!(browser(&app, "depot").get(&format!("{site}?format=pdf")).status, 403);
    }
    let numbers = pharmacist.get("/studies/imodals/kits?csv=kits");
    assert!(!numbers.body.contains('\u{a0}') && numbers.body.contains(' '), "for a spreadsheet");
    app.add_site("44-001");
    app.add_person("awayphar", "pharmacist", Some("44-001"));
    let mut away = Browser::at(app.base());
    away.log_in("awayphar", "a long passphrase of awayphar");
    for address in [&subject, &page, &format!("{site}?site=34-001")] {
        assert_eq!(away.get(address).status, 404, "another site's: {address}");
    }
    assert_eq!(rows(&away.get(&site), "kits"), [[""; 0]; 0]);
}
