//! Forms from elsewhere, and what people type who mean no good.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::hidden;

use super::{NEW, SUBJECT, browser};
use crate::record::count;

#[test]
fn a_form_of_another_page_is_not_acted_upon() {
    let app = TestApp::imodals();
    let mut honest = browser(&app, "investigator");
    let page = honest.get(NEW);
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let tables: [&[(String, String)]; 5] = [
        &[],
        &[own("Origin", "https://evil.test")],
        &[own("Origin", "null")],
        &[own("Origin", app.base()), own("Sec-Fetch-Site", "cross-site")],
        &[own("Origin", app.base()), own("Sec-Fetch-Site", "same-site")],
    ];
    for headers in tables {
        let mut browser = honest.clone();
        browser.headers = headers.to_vec();
        assert_eq!(browser.submit(&page, NEW, &SUBJECT).status, 403, "{headers:?}");
    }
    // The right origin, and the guard of no session or of another one: it is shown, not done.
    for guard in ["", "0".repeat(64).as_str()] {
        let reply = honest.submit(&page, NEW, &[SUBJECT[0], SUBJECT[1], SUBJECT[2], ("guard", guard)]);
        assert_eq!((reply.status, count(&app, "subject_screened")), (200, 0), "{guard}");
    }
    assert_eq!(honest.submit(&page, NEW, &SUBJECT).status, 303, "the control: it is done from our own page");
    assert_eq!(count(&app, "subject_screened"), 1);
}

#[test]
fn the_form_of_somebody_elses_session_is_not_acted_upon() {
    let app = TestApp::imodals();
    let (mut one, mut other) = (browser(&app, "investigator"), browser(&app, "oncall"));
    let page = one.get(NEW);
    let reply = other.submit(&page, NEW, &SUBJECT);
    assert_eq!((reply.status, count(&app, "subject_screened")), (200, 0), "{}", reply.body);
}

#[test]
fn nothing_that_is_typed_becomes_part_of_the_page() {
    let app = TestApp::imodals();
    let mut browser = browser(&app, "investigator");
    let hostile = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>";
    let fields = [
        ("screening_number", hostile),
        ("birth_year", hostile),
        ("sex", hostile),
        ("duplicate_reason", hostile),
    ];
    let reply = browser.fill(NEW, &fields);
    assert_eq!(reply.status, 422);
    assert!(!reply.body.contains("<script>alert") && !reply.body.contains("<img"), "{}", reply.body);
    let search =
        "/studies/imodals/subjects?subjects.search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&x=%3Cb%3E";
    let page = browser.get(search);
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<b>"), "{}", page.body);
    let log_in = browser.get("/log-in?then=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    assert!(!log_in.body.contains("<script>alert"), "{}", log_in.body);
}

#[test]
fn forms_that_are_none_are_refused_in_words() {
    let app = TestApp::imodals();
    let mut browser = browser(&app, "investigator");
    let page = browser.get(NEW);
    let twice: Vec<(String, String)> = hidden(&page.body)
        .into_iter()
        .chain(
            [("sex", "male"), ("sex", "female"), SUBJECT[0], SUBJECT[1]]
                .map(|(n, v)| (n.to_owned(), v.to_owned())),
        )
        .collect();
    assert_eq!(browser.post(NEW, &twice).status, 303, "the last of two is what the browser shows as chosen");
    assert_eq!(browser.send("POST", NEW, &"x".repeat(70_000)).status, 413);
    for garbage in ["%", "%FF=%FE", "=&=&&&", "a=b=c", "{}"] {
        let status = browser.send("POST", NEW, garbage).status;
        assert!([200, 400, 422].contains(&status), "{garbage}: {status}");
    }
    assert_eq!(count(&app, "subject_screened"), 1);
}
