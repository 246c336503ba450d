//! The session of a browser: its cookie, its end, and what is kept of what was typed.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::{Browser, unescaped};
use iwrs_tests::client::Expect;

use super::{NEW, SUBJECT, browser, password};
use crate::record::count;

const COOKIE: &str = "__Host-iwrs";

#[test]
fn the_cookie_is_bound_to_this_host_and_no_script_can_read_it() {
    let app = TestApp::imodals();
    let mut browser = Browser::at(app.base());
    let fields = [("login", "monitor"), ("password", &password(&app, "monitor"))];
    let reply = browser.fill("/log-in", &fields);
    let cookie = reply.header("set-cookie");
    for word in ["__Host-iwrs=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let page = browser.get("/studies/imodals/subjects");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    assert!(!page.header("content-security-policy").contains("unsafe-inline"));
    assert!(
        page.header("permissions-policy").starts_with("camera=(self)"),
        "a kit is scanned with the camera"
    );
    assert!(!page.body.contains(&browser.cookies[COOKIE]), "the token stands on no page");
}

#[test]
fn usr_08_a_session_ends_when_it_is_idle_and_after_its_longest_time() {
    let app = TestApp::imodals();
    let mut idle = browser(&app, "monitor");
    app.clock.advance(29 * 60);
    assert_eq!(idle.get("/studies/imodals").status, 200);
    app.clock.advance(29 * 60);
    assert_eq!(idle.get("/studies/imodals").status, 200, "it was used meanwhile");
    app.clock.advance(31 * 60);
    let ended = idle.get("/studies/imodals/subjects?subjects.page=2");
    assert_eq!(ended.status, 303);
    assert_eq!(ended.header("location"), "/log-in?then=%2Fstudies%2Fimodals%2Fsubjects%3Fsubjects.page%3D2");

    let mut busy = browser(&app, "monitor");
    for _ in 0..(12 * 60 / 20 - 1) {
        app.clock.advance(20 * 60);
        assert_eq!(busy.get("/studies/imodals").status, 200);
    }
    app.clock.advance(20 * 60);
    assert_eq!(busy.get("/studies/imodals").status, 303, "twelve hours are the longest");
}

#[test]
fn logging_out_ends_the_session_for_every_copy_of_its_cookie() {
    let app = TestApp::imodals();
    let mut browser = browser(&app, "monitor");
    let mut copy = browser.clone();
    let page = browser.get("/studies/imodals");
    let guard = page.body.split("name=\"guard\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let fields = [("guard".to_owned(), guard.expect("the form that logs out").to_owned())];
    assert_eq!(browser.post("/log-out", &fields).status, 303);
    assert!(!browser.cookies.contains_key(COOKIE));
    assert_eq!(copy.get("/studies/imodals").status, 303);
    assert_eq!(copy.get("/studies/imodals").header("location"), "/log-in?then=%2Fstudies%2Fimodals");
}

#[test]
fn usr_08_what_was_typed_is_kept_when_the_session_has_ended_and_nothing_is_done() {
    let app = TestApp::imodals();
    let mut browser = browser(&app, "investigator");
    let page = browser.get(NEW);
    app.clock.advance(31 * 60);
    let asked = browser.submit(&page, NEW, &SUBJECT);
    assert_eq!((asked.status, count(&app, "subject_screened")), (401, 0));
    let own = password(&app, "investigator");
    let back = browser.submit(&asked, "/log-in", &[("login", "investigator"), ("password", &own)]);
    assert_eq!(back.status, 200, "{}", back.body);
    let form = browser.submit(&back, NEW, &[]);
    assert_eq!((form.status, count(&app, "subject_screened")), (200, 0), "it is shown, not sent");
    assert!(form.body.contains("value=\"S-001\"") && form.body.contains("value=\"male\" checked"));
    assert_eq!(browser.submit(&form, NEW, &SUBJECT).status, 303);
    assert_eq!(count(&app, "subject_screened"), 1);
}

#[test]
fn a_password_is_never_among_what_is_kept() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut browser = browser(&app, "investigator");
    let page = browser.get("/studies/imodals/break");
    app.clock.advance(31 * 60);
    let own = password(&app, "investigator");
    let typed = [("screening_number", "S-001"), ("reason", "overdose"), ("password", own.as_str())];
    let asked = browser.submit(&page, "/studies/imodals/break", &typed);
    assert_eq!((asked.status, count(&app, "unblinded")), (401, 0));
    let text = unescaped(&asked.body);
    assert!(text.contains("reason=overdose"), "{text}");
    assert!(!text.contains(&own) && !text.contains(&own.replace(' ', "+")), "{text}");
}

#[test]
fn a_one_time_password_is_replaced_before_anything_else() {
    let app = TestApp::imodals();
    let admin = app.person("admin");
    let reset = admin.post("/users/monitor/reset", &serde_json::json!({})).expect(201);
    let one_time = reset["reset"]["one_time_password"].as_str().expect("a password").to_owned();
    let mut browser = Browser::at(app.base());
    browser.log_in("monitor", &one_time);
    assert_eq!(browser.get("/studies/imodals").header("location"), "/password");
    let fields = |repeated| {
        [
            ("old_password", one_time.as_str()),
            ("new_password", "a phrase of the monitor's own"),
            ("repeated", repeated),
        ]
    };
    assert_eq!(browser.fill("/password", &fields("another phrase altogether")).status, 422);
    assert_eq!(browser.fill("/password", &fields("a phrase of the monitor's own")).status, 303);
    assert_eq!(browser.get("/studies/imodals").status, 200);
}
