//! The texts of the study file on pages in another language.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::unescaped;

use super::{browser, password};
use crate::unblinding::arm;

#[test]
fn the_texts_of_the_study_are_said_in_the_visitors_language() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let mut browser = browser(&app, "investigator");
    let form = "/studies/imodals/subjects/S-001/randomize";
    assert!(browser.get(form).body.contains("I02. has given informed, signed consent"));
    browser.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    for (page, text) in [
        (form, "I02. a donné un consentement éclairé et signé"),
        ("/studies/imodals/subjects/S-001/screen-failure", "I07. est malade depuis 5 ans au plus"),
        ("/studies/imodals", "Aldesleukine à faible dose dans la sclérose latérale amyotrophique, phase 2"),
        ("/studies/imodals/oversight/design", "aldesleukine 2 MUI"),
        ("/break-glass", "Aldesleukine à faible dose"),
    ] {
        let french = unescaped(&browser.get(page).body);
        assert!(french.contains(text), "{page}: {french}");
        assert!(!french.contains("aldesleukin ") && !french.contains("has given"), "{page}: {french}");
    }
}

#[test]
fn a_broken_code_is_told_in_the_visitors_language_beside_the_words_of_the_protocol() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let password = password(&app, "investigator");
    let fields =
        [("screening_number", "S-001"), ("reason", "medical_emergency"), ("password", password.as_str())];
    let english = arm(&app, "S-001");
    let french = english.replace("aldesleukin", "aldesleukine").replace("MIU", "MUI");
    let mut browser = browser(&app, "investigator");
    browser.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    let shown = browser.fill("/studies/imodals/break", &fields);
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.body.contains(&format!("<strong>{french}</strong>")), "{}", shown.body);
    assert!(shown.body.contains(&format!("<dd>{english}</dd>")), "{}", shown.body);
}
