//! The pages through HTTP, as a browser asks for them: sessions, forms, and what must never happen twice.

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::browser::{Browser, hidden};
use iwrs_tests::client::Expect;
use trial::study::StudyDesign;

use crate::record::{count, leaves};

mod breaks;
mod hostile;
mod oversight;
mod people;
mod pharmacy;
mod resupply;
mod sessions;
mod statistics;
mod subjects;
mod supply;
mod translations;

const NEW: &str = "/studies/imodals/subjects/new";

/// A person of the cast, logged in at a browser.
pub(super) fn browser(app: &TestApp, login: &str) -> Browser {
    let mut browser = Browser::at(app.base());
    let password = &app.cast.person(login).expect("somebody of the cast").password;
    browser.log_in(login, password);
    browser
}

fn password(app: &TestApp, login: &str) -> String {
    app.cast.person(login).expect("somebody of the cast").password.clone()
}

const SUBJECT: [(&str, &str); 3] = [("screening_number", "S-001"), ("birth_year", "1961"), ("sex", "male")];

/// Every criterion fulfilled, as the form has them.
fn criteria() -> Vec<(String, String)> {
    let design = StudyDesign::from_toml(&iwrs_tests::app::files().design).expect("a design");
    let answers = design.criteria.iter();
    let answers = answers.map(|criterion| (format!("answers.{}", criterion.id), "yes".to_owned()));
    std::iter::once(("consent_date".to_owned(), "2015-10-01".to_owned())).chain(answers).collect()
}

/// Fills the form of the criteria in, and gives the page on which they are read once more.
fn read_once_more(browser: &mut Browser, subject: &str) -> Reply {
    let criteria = criteria();
    let fields: Vec<(&str, &str)> = criteria.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = browser.fill(&format!("/studies/imodals/subjects/{subject}/randomize"), &fields);
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

#[test]
fn nobody_is_asked_to_sign_while_a_criterion_is_not_answered() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let criteria = criteria();
    let answered = criteria.iter().rev().skip(2).map(|(name, value)| (name.as_str(), value.as_str()));
    let answered: Vec<(&str, &str)> = answered.collect();
    let mut investigator = browser(&app, "investigator");
    let page = investigator.fill("/studies/imodals/subjects/S-001/randomize", &answered);
    assert_eq!((page.status, page.body.matches("Not answered yet.").count()), (422, 2), "{}", page.body);
    assert!(!page.body.contains("type=\"password\""), "{}", page.body);
    assert_eq!(count(&app, "randomized"), 0);
    assert!(read_once_more(&mut investigator, "S-001").body.contains("type=\"password\""));
}

#[test]
fn nobody_is_asked_to_sign_what_is_going_to_be_refused() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let at = "/studies/imodals/subjects/S-001/randomize";
    let mut investigator = browser(&app, "investigator");
    let mut told = |changes: &[(&str, &str)]| {
        let criteria = criteria();
        let mut fields: Vec<(&str, &str)> = criteria.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let page = investigator.fill(at, &[fields.as_slice(), changes].concat());
        assert_eq!(page.status, 422, "{changes:?}: {}", page.body);
        assert!(!page.body.contains("type=\"password\""), "{changes:?}: {}", page.body);
        page.body
    };
    let tomorrow = ("consent_date", "2015-10-06");
    let wrong = told(&[tomorrow, ("answers.I03", "no"), ("answers.E12", "no")]);
    assert!(wrong.contains("This field lies in the future at the site."), "{wrong}");
    assert_eq!(wrong.matches("Must be true of whoever is randomized.").count(), 2, "{wrong}");
    for field in ["consent-date", "answers-I03", "answers-E12"] {
        assert!(wrong.contains(&format!("<a href=\"#f-{field}\">")), "the way to {field}: {wrong}");
    }
    let unfit = told(&[("answers.E12", "no")]);
    assert!(unfit.contains("E12") && unfit.matches("Must be true").count() == 1, "{unfit}");
    assert_eq!(count(&app, "randomized"), 0);

    app.randomize("S-002", 1962, "male");
    let hold = [("on", "randomization"), ("reason", "a question")];
    assert_eq!(browser(&app, "monitor").fill("/studies/imodals/oversight/holds", &hold).status, 303);
    let criteria = criteria();
    let fields: Vec<(&str, &str)> = criteria.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let before = leaves(&app).len();
    let held = investigator.fill(at, &fields);
    assert!(held.status == 409 && !held.body.contains("type=\"password\""), "{}", held.body);
    assert_eq!(leaves(&app).len(), before, "nothing was stored");
    let gone = investigator.get("/studies/imodals/subjects/S-002/randomize");
    assert_eq!((gone.status, gone.header("location")), (303, "/studies/imodals/subjects/S-002"));
    assert_eq!(investigator.get("/studies/imodals/subjects/S-009/randomize").status, 404);
}

#[test]
fn all_fields_that_were_left_empty_are_told_at_once_and_before_the_password() {
    let app = TestApp::imodals();
    let mut investigator = browser(&app, "investigator");
    let empty = investigator.fill(NEW, &[("sex", ""), ("birth_year", "")]);
    assert_eq!((empty.status, empty.body.matches("Fill this in.").count()), (422, 3), "{}", empty.body);
    let some = investigator.fill(NEW, &[("screening_number", "S-001"), ("birth_year", "about 1961")]);
    let count = |word: &str| some.body.matches(word).count();
    assert_eq!((count("Fill this in."), count("What stands here cannot be read.")), (1, 1), "{}", some.body);
    let unsigned = investigator.fill("/studies/imodals/break", &[("screening_number", "S-001")]);
    assert_eq!(
        (unsigned.status, unsigned.body.matches("Fill this in.").count()),
        (422, 1),
        "{}",
        unsigned.body
    );
}

#[test]
fn what_is_refused_and_is_no_fields_fault_carries_the_id_of_the_request() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let named = |page: &Reply| page.body.contains(&format!("Request {}", page.header("x-request-id")));
    let mut investigator = browser(&app, "investigator");
    let nobody = [("screening_number", "S-001"), ("reason", "overdose"), ("password", "not mine")];
    let unsigned = investigator.fill("/studies/imodals/break", &nobody);
    let door = [nobody.as_slice(), &[("login", "nobody")]].concat();
    let emergency = investigator.fill("/studies/imodals/emergency-break", &door);
    let log_in = Browser::at(app.base()).fill("/log-in", &[("login", "nobody"), ("password", "nothing")]);
    let unknown = investigator.get("/studies/imodals/subjects/S-404");
    for (page, status) in [(&unsigned, 401), (&emergency, 401), (&log_in, 401), (&unknown, 404)] {
        assert!(page.status == status && named(page), "{}: {}", page.status, page.body);
    }
    let field = investigator.fill(NEW, &[("screening_number", "S 1")]);
    assert!(field.status == 422 && !named(&field), "{}", field.body);
}

#[test]
fn an_investigator_enters_randomizes_and_breaks_a_code_on_pages_alone() {
    let app = TestApp::imodals();
    let mut investigator = browser(&app, "investigator");
    let entered = investigator.fill(NEW, &SUBJECT);
    assert_eq!(entered.header("location"), "/studies/imodals/subjects/S-001?done=screened");
    let confirm = read_once_more(&mut investigator, "S-001");
    assert!(confirm.body.contains("2015-10-01") && confirm.body.contains("<dd>yes</dd>"), "{}", confirm.body);
    let shown = confirm.body.split("<dl class=\"confirm\">").nth(1).expect("what will be used");
    assert!(shown.contains("<dd>1961</dd>") && shown.contains("<dd>male</dd>"), "{shown}");
    assert_eq!(count(&app, "randomized"), 0, "nothing happens before it is signed");

    let at = "/studies/imodals/subjects/S-001/randomize";
    let wrong = investigator.submit(&confirm, at, &[("password", "not the password of anybody")]);
    assert_eq!((wrong.status, count(&app, "randomized")), (401, 0));
    assert!(wrong.body.contains("<dd>yes</dd>"), "what was confirmed is kept: {}", wrong.body);
    let own = password(&app, "investigator");
    let done = investigator.submit(&wrong, at, &[("password", &own)]);
    assert_eq!(done.header("location"), "/studies/imodals/subjects/S-001?done=randomized", "{}", done.body);
    assert!(investigator.get("/studies/imodals/subjects/S-001").body.contains("R0001"));

    let number = [("screening_number", "S-001"), ("reason", "overdose"), ("password", own.as_str())];
    let shown = investigator.fill("/studies/imodals/break", &number);
    assert_eq!(shown.status, 200, "{}", shown.body);
    let names = ["placebo", "aldesleukin 1 MIU", "aldesleukin 2 MIU"];
    let seen = names.iter().filter(|name| shown.body.contains(&format!("<strong>{name}</strong>")));
    assert_eq!(seen.count(), 1, "one treatment, in large letters: {}", shown.body);
    assert!(shown.body.contains("class=\"watermark\""), "{}", shown.body);
    assert_eq!(count(&app, "unblinded"), 1);
}

#[test]
fn a_form_that_is_sent_again_has_one_effect() {
    let app = TestApp::imodals();
    let mut investigator = browser(&app, "investigator");
    let page = investigator.get(NEW);
    let first = investigator.submit(&page, NEW, &SUBJECT);
    let again = investigator.submit(&page, NEW, &SUBJECT);
    assert_eq!((first.status, again.status), (303, 303), "{}", again.body);
    assert_eq!(count(&app, "subject_screened"), 1);
    let other = investigator.submit(&page, NEW, &[("screening_number", "S-002"), SUBJECT[1], SUBJECT[2]]);
    assert_eq!(other.status, 422, "the same form with something else in it: {}", other.body);
    assert_eq!(count(&app, "subject_screened"), 1);
}

#[test]
fn a_refusal_stands_at_its_field_and_keeps_what_was_typed() {
    let app = TestApp::imodals();
    let mut investigator = browser(&app, "investigator");
    let table = [
        ("S 1", "1961", "male", "screening-number"),
        ("S-001", "about 1961", "male", "birth-year"),
        ("S-001", "", "male", "birth-year"),
        ("S-001", "2016", "male", "birth-year"),
    ];
    for (number, year, sex, field) in table {
        let typed = [("screening_number", number), ("birth_year", year), ("sex", sex)];
        let reply = investigator.fill(NEW, &typed);
        assert_eq!(reply.status, 422, "{typed:?}");
        let about = format!("id=\"f-{field}-about\"><strong class=\"trouble\">");
        assert!(reply.body.contains(&about), "{typed:?}: {}", reply.body);
        assert!(reply.body.contains(&format!("value=\"{number}\"")), "{typed:?}: {}", reply.body);
        assert!(!reply.body.contains("line 1 column"), "that is for programs: {}", reply.body);
    }
    assert_eq!(count(&app, "subject_screened"), 0);
}

#[test]
fn tables_are_searched_sorted_turned_and_downloaded() {
    let app = TestApp::imodals();
    for (number, year) in (1..=30).zip(1930..) {
        app.screen(&format!("S-{number:03}"), year, "female");
    }
    let mut monitor = browser(&app, "monitor");
    let mut page = |query: &str| monitor.get(&format!("/studies/imodals/subjects?{query}"));
    let rows = |reply: &Reply| reply.body.matches("/subjects/S-0").count();
    assert_eq!(rows(&page("")), 25);
    assert_eq!(rows(&page("subjects.page=2")), 5);
    assert_eq!(rows(&page("subjects.page=999")), 5, "the last page");
    assert_eq!(rows(&page("subjects.search=s-01")), 10);
    let down = page("subjects.sort=0&subjects.order=down");
    assert!(down.body.find("S-030") < down.body.find("S-029"), "{}", down.body);
    assert!(down.body.contains("aria-sort=\"descending\""));
    assert!(down.body.contains("name=\"subjects.order\" value=\"down\""), "a search keeps the order");
    let csv = page("subjects.search=s-01&csv=subjects");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.body.lines().count(), 11, "{}", csv.body);
    for query in ["csv=subjects", "csv=subjects&subjects.page=2"] {
        let whole = page(query);
        assert_eq!(whole.body.lines().count(), 31, "a file is no page of it: {}", whole.body);
    }
    let all = page("subjects.sort=0&subjects.order=down&subjects.page=2");
    assert_eq!(rows(&all), 5);
    assert!(all.body.contains("S-001") && !all.body.contains("S-030"), "{}", all.body);
}

#[test]
fn a_short_table_is_searched_as_well() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "female");
    let mut monitor = browser(&app, "monitor");
    let subjects = "/studies/imodals/subjects";
    assert!(!monitor.get(subjects).body.contains("subjects.search"), "of one row there is nothing to search");
    app.screen("S-002", 1962, "male");
    assert!(monitor.get(subjects).body.contains("<details><summary>Search</summary>"));
    let found = monitor.get(&format!("{subjects}?subjects.search=s-002")).body;
    assert!(found.contains("/subjects/S-002") && !found.contains("/subjects/S-001"), "{found}");
    assert!(!found.contains("<summary>Search</summary>"), "what was searched for stays in sight");
}

#[test]
fn everything_is_said_in_french_as_well() {
    let app = TestApp::imodals();
    let mut browser = browser(&app, "investigator");
    assert!(browser.get(NEW).body.contains("Screening number"));
    browser.headers.push(("Accept-Language".to_owned(), "fr-FR,fr;q=0.9,en;q=0.8".to_owned()));
    let french = browser.get(NEW);
    assert!(french.body.contains("<html lang=\"fr\">") && french.body.contains("Numéro de présélection"));
    let reply = browser.get("/language/en?then=//evil.test/");
    assert_eq!(reply.header("location"), "/", "nobody is sent away from here");
    assert!(browser.get(NEW).body.contains("Screening number"), "what was chosen counts");
}

#[test]
fn a_page_shows_what_its_visitor_may_see_and_no_more() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    app.add_site("44-001");
    app.add_person("far", "investigator", Some("44-001"));
    let mut far = Browser::at(app.base());
    far.log_in("far", "a long passphrase of far");
    assert_eq!(far.get("/studies/imodals/subjects/S-001").status, 404, "another site's");
    assert!(!far.get("/studies/imodals/subjects").body.contains("S-001"));
    let mut depot = browser(&app, "depot");
    assert_eq!(depot.get("/studies/imodals/subjects").status, 403);
    assert!(!depot.get("/studies/imodals").body.contains("/studies/imodals/subjects"));
    let mut pharmacist = browser(&app, "pharmacist");
    let page = pharmacist.get(NEW);
    let refused = pharmacist.submit(&page, NEW, &SUBJECT);
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(!hidden(&page.body).is_empty());
    assert_eq!(count(&app, "subject_screened"), 1);
}
