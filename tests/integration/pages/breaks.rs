//! Code breaks on pages: what anybody may read, the way without a log-in, and what is written down afterwards.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use iwrs_tests::folder::TempFolder;

use super::{browser, password};
use crate::breaks::{imodals, stop_writes};
use crate::record::count;

const BREAKS: &str = "/studies/imodals/breaks";
const EMERGENCY: &str = "/studies/imodals/emergency-break";
const ARMS: [&str; 3] = ["placebo", "aldesleukin 1 MIU", "aldesleukin 2 MIU"];

fn shows_an_arm(page: &str) -> bool {
    ARMS.iter().any(|arm| page.contains(&format!("<strong>{arm}</strong>")))
}

/// Where the page's first link to a break leads.
fn to_the_note(page: &str) -> String {
    let rest = page.split(&format!("href=\"{BREAKS}/")).nth(1).expect("a link to the break");
    format!("{BREAKS}/{}", rest.split('"').next().unwrap_or_default())
}

#[test]
fn unb_03_what_happened_is_written_down_after_the_break_and_is_read_nowhere() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    let own = password(&app, "investigator");
    let number = [("screening_number", "S-001"), ("reason", "overdose"), ("password", own.as_str())];
    let shown = investigator.fill("/studies/imodals/break", &number);
    let note = to_the_note(&shown.body);
    assert!(investigator.get(BREAKS).body.contains("not written down yet"));
    let empty = investigator.fill(&note, &[("text", " ")]);
    assert!(empty.status == 422 && empty.body.contains("id=\"f-text-about\""), "{}", empty.body);
    let text = "Fell ill at night;\r\nthe family was told.";
    let page = investigator.get(&note);
    for _twice in 0..2 {
        let done = investigator.submit(&page, &note, &[("text", text)]);
        assert_eq!(done.header("location"), format!("{BREAKS}?done=noted"), "{}", done.body);
    }
    assert_eq!(count(&app, "unblinding_noted"), 1);
    for page in [BREAKS, &note, "/studies/imodals/subjects/S-001"] {
        let page = investigator.get(page).body;
        assert!(!page.contains("not written down yet") && !page.contains("Fell ill"), "{page}");
        assert!(!shows_an_arm(&page), "{page}");
    }
    let mut monitor = browser(&app, "monitor");
    assert!(monitor.get(BREAKS).body.contains("Overdose") && !monitor.get(&note).body.contains("<textarea"));
}

#[test]
fn the_watermark_says_when_it_is_seen_and_not_when_the_code_was_first_broken() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let own = password(&app, "investigator");
    let number = [("screening_number", "S-001"), ("reason", "overdose"), ("password", own.as_str())];
    browser(&app, "investigator").fill("/studies/imodals/break", &number);
    app.clock.advance(24 * 3600);
    let again = browser(&app, "investigator").fill("/studies/imodals/break", &number);
    let watermark = again.body.split("class=\"watermark\">").nth(1).and_then(|rest| rest.split('<').next());
    assert!(watermark.is_some_and(|words| words.ends_with("at 2015-10-06 10:00 CEST")), "{watermark:?}");
    assert!(again.body.contains("<dd>2015-10-05 10:00 CEST</dd>"), "{}", again.body);
}

#[test]
fn unb_08_a_code_is_broken_on_a_page_without_a_log_in_also_while_nothing_can_be_written() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    app.randomize("S-001", 1961, "male");
    let own = password(&app, "oncall");
    let asked = |password| {
        [("screening_number", "S-001"), ("reason", "overdose"), ("login", "oncall"), ("password", password)]
    };
    let mut anybody = Browser::at(app.base());
    let wrong = anybody.fill(EMERGENCY, &asked("not the password of anybody"));
    assert_eq!((wrong.status, count(&app, "unblinded")), (401, 0), "{}", wrong.body);
    assert!(!shows_an_arm(&wrong.body) && !wrong.body.contains("not the password"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"S-001\"") && wrong.body.contains("value=\"overdose\" checked"));
    let shown = anybody.submit(&wrong, EMERGENCY, &asked(&own));
    assert!(shows_an_arm(&shown.body) && shown.body.contains("class=\"watermark\""), "{}", shown.body);
    assert!(shown.body.contains("in the journal of the study"), "{}", shown.body);
    assert!(anybody.cookies.is_empty(), "nobody is logged in by it");
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 1));
    stop_writes(&app);
    let in_the_night = anybody.fill(EMERGENCY, &asked(&own));
    assert!(shows_an_arm(&in_the_night.body), "{}", in_the_night.body);
    assert!(in_the_night.body.contains("in the break file of this server"), "{}", in_the_night.body);
    assert_eq!(count(&app, "unblinding_viewed"), 1);
}

#[test]
fn what_is_not_filled_in_is_told_at_once_and_breaks_nothing() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut anybody = Browser::at(app.base());
    let mut wrong = |fields: &[(&str, &str)], empty: usize, numbers: usize| {
        let page = anybody.fill(EMERGENCY, fields);
        assert_eq!(page.status, 422, "{}", page.body);
        let count = |word: &str| page.body.matches(&format!("<strong class=\"trouble\">{word}")).count();
        let told = (count("Fill this in."), count("Fill in one of the three numbers."));
        assert_eq!(told, (empty, numbers), "{fields:?}: {}", page.body);
    };
    wrong(&[], 3, 3);
    wrong(&[("screening_number", "S-001"), ("reason", "overdose")], 2, 0);
    let own = password(&app, "oncall");
    let said = [("reason", "overdose"), ("login", "oncall"), ("password", own.as_str())];
    let told = |numbers: &[(&str, &str)], word: &str| {
        let page = Browser::at(app.base()).fill(EMERGENCY, &[numbers, &said].concat());
        let marked = page.body.matches(&format!("<strong class=\"trouble\">{word}")).count();
        assert_eq!(marked, numbers.len(), "{numbers:?}: {}", page.body);
        page.status
    };
    let both = [("screening_number", "S-001"), ("kit_number", "1234567889")];
    assert_eq!(told(&both, "One number alone: clear the others."), 422);
    assert_eq!(told(&[("screening_number", "S-404")], "No randomized subject within your reach"), 404);
    assert_eq!(count(&app, "unblinded"), 0);
}

#[test]
fn another_page_cannot_have_a_code_broken_by_somebody_elses_browser() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut anybody = Browser::at(app.base());
    let page = anybody.get(EMERGENCY);
    anybody.headers = vec![("Origin".to_owned(), "https://evil.test".to_owned())];
    let own = password(&app, "oncall");
    let asked =
        [("screening_number", "S-001"), ("reason", "overdose"), ("login", "oncall"), ("password", &own)];
    assert_eq!(anybody.submit(&page, EMERGENCY, &asked).status, 403);
    assert_eq!(count(&app, "unblinded"), 0);
}

#[test]
fn unb_17_anybody_reads_whom_to_call_in_both_languages() {
    let app = TestApp::imodals();
    let mut anybody = Browser::at(app.base());
    let page = anybody.get("/break-glass");
    assert!(page.body.contains("href=\"tel:+33465710000\"") && page.body.contains("CHU de Nimes"));
    let to_break = "/log-in?then=/studies/imodals/break";
    assert!(page.body.contains(&format!("href=\"{to_break}\"")), "straight to the break: {}", page.body);
    let own = password(&app, "investigator");
    let entered = Browser::at(app.base()).fill(to_break, &[("login", "investigator"), ("password", &own)]);
    assert_eq!(entered.header("location"), "/studies/imodals/break", "{}", entered.body);
    anybody.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    assert!(anybody.get("/break-glass").body.contains("CHU de Nîmes"));
    app.database.execute("ALTER TABLE study_design RENAME TO gone").expect("the designs are gone");
    let without = anybody.get("/break-glass");
    assert!(without.status == 200 && without.body.contains("class=\"steps\""), "{}", without.body);
}
