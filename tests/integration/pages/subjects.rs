//! The pages of the bedside: which visits are due, what is recorded of them, and how subjects leave.

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use serde_json::json;

use super::browser;
use crate::record::{count, leaves};

const SUBJECT: &str = "/studies/imodals/subjects/S-001";

/// Sends a form twice: once to read it once more, and then as it is confirmed. Gives both answers.
#[track_caller]
fn confirmed(browser: &mut Browser, address: &str, fields: &[(&str, &str)]) -> (Reply, Reply) {
    let read = browser.fill(address, fields);
    assert!(read.body.contains("<dl class=\"confirm\">"), "{address}: {}", read.body);
    let done = browser.submit(&read, address, &[]);
    (read, done)
}

#[track_caller]
fn done(reply: &Reply) {
    assert_eq!(reply.status, 303, "{}", reply.body);
}

/// The rows of a table, as they are downloaded.
fn csv(browser: &mut Browser, address: &str) -> Vec<String> {
    let file = browser.get(address);
    assert_eq!(file.status, 200, "{}", file.body);
    file.body.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_visit_is_read_once_more_recorded_once_and_corrected_with_a_reason() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    let at = &format!("{SUBJECT}/visits/D1");
    let (read, done) = confirmed(&mut investigator, at, &[("date", "2015-10-05")]);
    assert!(read.body.contains("<dd>2015-10-05</dd>") && !read.body.contains("outside the window"));
    assert_eq!(done.header("location"), format!("{SUBJECT}?done=visit_recorded"), "{}", done.body);
    assert_eq!(investigator.submit(&read, at, &[]).status, 303, "sent again, it is answered again");
    assert_eq!(count(&app, "visit_recorded"), 1);

    let bare = investigator.fill(at, &[("date", "2015-10-04")]);
    let at_its_field = "id=\"f-correction-reason-about\"><strong class=\"trouble\">";
    assert!(bare.status == 422 && bare.body.contains(at_its_field), "{}", bare.body);
    assert!(bare.body.contains("value=\"2015-10-04\""), "what was typed is kept: {}", bare.body);
    let fields = [("date", "2015-10-04"), ("correction_reason", "a slip")];
    let (read, done) = confirmed(&mut investigator, at, &fields);
    assert!(read.body.contains("outside the window"), "{}", read.body);
    assert_eq!(done.header("location"), format!("{SUBJECT}?done=visit_outside"), "{}", done.body);
    assert_eq!(count(&app, "visit_recorded"), 2);
    let page = investigator.get(SUBJECT);
    assert!(page.body.contains("2015-10-04 (outside the window)"), "{}", page.body);
    let late = investigator.fill(&format!("{SUBJECT}/visits/D8"), &[("date", "2015-10-12")]);
    assert_eq!(late.status, 422, "it lies in the future: {}", late.body);
    assert_eq!(investigator.get(&format!("{SUBJECT}/visits/D9")).status, 404);
}

#[test]
fn who_is_due_is_told_by_the_day_at_the_site_and_what_took_place() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    app.screen("S-002", 1962, "female");
    let due = |days: i64| {
        app.clock.advance(days * 24 * 3600);
        let rows = csv(&mut browser(&app, "investigator"), "/studies/imodals/visits?csv=due");
        let short = |row: &String| row.split(',').take(3).collect::<Vec<_>>().join(" ");
        rows.iter().map(short).collect::<Vec<_>>()
    };
    assert_eq!(due(0), ["in its window S-001 D1"]);
    assert_eq!(due(1), ["overdue S-001 D1", "to come S-001 D8"]);
    let drawn = browser(&app, "investigator").get("/studies/imodals/visits").body;
    for row in ["<tr><td>overdue</td><td>1</td></tr>", "<tr><td>10-12</td><td>1</td></tr>"] {
        assert!(drawn.contains(row), "{row} is not behind the plot: {drawn}");
    }
    let record = |visit: &str, day: &str| {
        let at = format!("{SUBJECT}/visits/{visit}");
        done(&confirmed(&mut browser(&app, "investigator"), &at, &[("date", day)]).1);
    };
    record("D1", "2015-10-05");
    // The kits of day 1 were never dispensed: the pharmacy still owes them.
    assert_eq!(due(0), ["overdue S-001 D1", "to come S-001 D8"]);
    assert_eq!(due(6), ["overdue S-001 D1", "in its window S-001 D8"]);
    let late = [("visit", "D1"), ("reason", "late")];
    done(&browser(&app, "pharmacist").fill(&format!("{SUBJECT}/kits"), &late));
    // Day 1 is the day of the first dispensation, so all that follows is planned anew.
    assert_eq!(due(0), ["to come S-001 D8", "to come S-001 D29"]);
    assert_eq!(due(12), ["overdue S-001 D8", "to come S-001 D29"]);
    record("D29", "2015-10-24");
    assert_eq!(due(0), ["to come S-001 D29", "to come S-001 D57"]);
    let leave = |stops: &str| {
        let fields = [("stops", stops), ("reason", "withdrew")];
        let at = format!("{SUBJECT}/withdrawal");
        done(&confirmed(&mut browser(&app, "investigator"), &at, &fields).1);
    };
    leave("drug");
    assert_eq!(due(0), ["to come S-001 D57"], "no more kits, and the visits go on");
    leave("study");
    assert_eq!(due(0), [""; 0]);
}

#[test]
fn a_visit_at_which_kits_were_given_is_still_to_be_recorded() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    done(&browser(&app, "pharmacist").fill(&format!("{SUBJECT}/kits"), &[("visit", "D1")]));
    let way = |kind: &str, page: &str| format!("<a class=\"{kind}\" href=\"{SUBJECT}/visits/{page}\">");
    let mut investigator = browser(&app, "investigator");
    let shown = investigator.get(SUBJECT).body;
    assert!(shown.contains(&way("main", "D1")) && shown.contains(&way("plain", "D8")), "{shown}");
    done(&confirmed(&mut investigator, &format!("{SUBJECT}/visits/D1"), &[("date", "2015-10-05")]).1);
    let shown = investigator.get(SUBJECT).body;
    assert!(!shown.contains(&way("main", "D1")) && shown.contains(&way("main", "D8")), "{shown}");
}

#[test]
fn before_the_randomization_no_visit_from_day_1_on_is_recorded() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    let shown = investigator.get(SUBJECT).body;
    assert!(shown.contains("/visits/SCR\"") && !shown.contains("/visits/D29\""), "{shown}");
    let refused = investigator.fill(&format!("{SUBJECT}/visits/D29"), &[("date", "2015-10-05")]);
    assert_eq!((refused.status, count(&app, "visit_recorded")), (422, 0), "{}", refused.body);
    assert!(refused.body.contains("cannot take place before the subject is randomized"), "{}", refused.body);
    done(&confirmed(&mut investigator, &format!("{SUBJECT}/visits/SCR"), &[("date", "2015-10-05")]).1);
    let future = investigator.fill(&format!("{SUBJECT}/visits/SCR"), &[("date", "2015-10-06")]);
    assert!(
        future.status == 422 && future.body.contains("lies in the future at the site"),
        "{}",
        future.body
    );
}

#[test]
fn what_is_in_use_already_is_told_at_its_field() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    for (number, field) in [("S-001", "screening-number"), ("S-002", "duplicate-reason")] {
        let typed = [("screening_number", number), ("birth_year", "1961"), ("sex", "male")];
        let page = investigator.fill("/studies/imodals/subjects/new", &typed);
        let at = format!("id=\"f-{field}-about\"><strong class=\"trouble\">");
        assert!(page.status == 409 && page.body.contains(&at), "{}: {}", page.status, page.body);
    }
}

#[test]
fn everybody_is_led_on_from_the_first_page_of_the_study() {
    let app = TestApp::imodals();
    for (who, to) in [
        ("investigator", "/subjects/new"),
        ("pharmacist", "/today"),
        ("statistician", "/statistics"),
        ("supply", "/supply"),
        ("depot", "/shipments"),
        ("quality", "/supply/quarantine"),
        ("monitor", "/oversight"),
    ] {
        let page = browser(&app, who).get("/studies/imodals").body;
        let way = format!("<a class=\"main\" href=\"/studies/imodals{to}\">");
        assert_eq!(
            (page.matches(&way).count(), page.matches("class=\"main\"").count()),
            (1, 1),
            "{who}: {page}"
        );
    }
}

#[test]
fn the_list_of_subjects_says_what_comes_next_and_who_did_not_come() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    app.screen("S-002", 1962, "female");
    app.clock.advance(5 * 24 * 3600);
    let rows = csv(&mut browser(&app, "investigator"), "/studies/imodals/subjects?csv=subjects");
    assert!(rows[0].starts_with("S-001,in treatment,D1,D8,2015-10-11 to 2015-10-13,R0001,"), "{rows:?}");
    assert!(rows[1].starts_with("S-002,screened,,,,,"), "{rows:?}");
}

#[test]
fn a_screen_failure_names_the_criteria_that_were_chosen() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    let at = &format!("{SUBJECT}/screen-failure");
    let page = investigator.get(at);
    let mut sent = iwrs_tests::browser::hidden(&page.body);
    let chosen = ["I02", "E01"].map(|id| ("criteria".to_owned(), id.to_owned()));
    sent.extend(chosen);
    let read = investigator.post(at, &sent);
    assert!(read.body.contains("E01. is not in another"), "{}", read.body);
    assert_eq!(count(&app, "screening_failed"), 0, "it is only read once more");
    let done = investigator.submit(&read, at, &[]);
    assert_eq!(done.header("location"), format!("{SUBJECT}?done=screen_failed"), "{}", done.body);
    let leaf = leaves(&app).into_iter().find(|leaf| leaf["act"]["kind"] == "screening_failed");
    assert_eq!(leaf.expect("the act")["act"]["criteria"], json!(["E01", "I02"]));
    let page = investigator.get(SUBJECT);
    assert!(page.body.contains("<dt>screen failure</dt><dd>E01, I02; by "), "{}", page.body);
}

#[test]
fn stopping_the_drug_is_not_leaving_the_study() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut investigator = browser(&app, "investigator");
    let at = &format!("{SUBJECT}/withdrawal");
    let reasonless = investigator.fill(at, &[("stops", "drug")]);
    assert!(reasonless.status == 422 && !reasonless.body.contains("class=\"confirm\""));
    let stop = [("stops", "drug"), ("reason", "serious_adverse_event")];
    let (read, done) = confirmed(&mut investigator, at, &stop);
    assert!(read.body.contains("<dd>the drug; the visits go on</dd>"), "{}", read.body);
    assert_eq!(done.header("location"), format!("{SUBJECT}?done=off_drug"), "{}", done.body);
    assert!(!investigator.get(at).body.contains("value=\"drug\""), "the drug is stopped already");
    let (_, done) = confirmed(&mut investigator, at, &[("stops", "study"), ("reason", "withdrew")]);
    assert_eq!(done.header("location"), format!("{SUBJECT}?done=left_study"), "{}", done.body);
    let page = investigator.get(SUBJECT).body;
    for end in ["serious adverse event related to the drug; by ", "the subject&#39;s own wish; by "] {
        assert!(page.contains(end), "{end}: {page}");
    }
    assert_eq!(count(&app, "subject_stopped"), 2);
}

#[test]
fn kit_21_the_doses_stand_against_the_plan_and_a_deviation_is_marked() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let pharmacist = app.person("pharmacist");
    let path = app.path("/subjects/S-001/dispensations");
    let dispensed = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    let kit = dispensed["dispensation"]["kits"][0].as_str().expect("a kit").to_owned();
    let id = dispensed["dispensation"]["id"].as_str().expect("an id");
    let scan = json!({ "kit_number": kit });
    pharmacist.post(&app.path(&format!("/dispensations/{id}/confirmation")), &scan).expect(201);
    let doses = |app: &TestApp| csv(&mut browser(app, "monitor"), &format!("{SUBJECT}/doses?csv=doses"));
    assert!(doses(&app)[0].ends_with(",–,–,–,–"), "it was not counted yet: {:?}", doses(&app));
    let count = json!({ "used": 4, "unused": 1, "missing": 0 });
    pharmacist.post(&app.path(&format!("/kits/{kit}/return")), &count).expect(201);
    assert!(doses(&app)[0].ends_with(",5,4,1,0"), "{:?}", doses(&app));
    let page = browser(&app, "monitor").get(&format!("{SUBJECT}/doses")).body;
    assert_eq!(page.matches("<span class=\"badge bad\">1</span>").count(), 1, "{page}");
}

#[test]
fn one_number_finds_what_is_within_reach_and_hints_at_nothing_else() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    app.screen("S-002", 1962, "male");
    app.add_site("44-001");
    app.add_person("far", "investigator", Some("44-001"));
    let pharmacist = app.person("pharmacist");
    let path = app.path("/subjects/S-001/dispensations");
    let dispensed = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    let kit = dispensed["dispensation"]["kits"][0].as_str().expect("a kit").to_owned();
    let spaced = format!("{} {} {}", &kit[..4], &kit[4..7], &kit[7..]);
    let shipments = pharmacist.get(&app.path("/shipments")).expect(200);
    let shipment = shipments["shipments"][0]["id"].as_str();
    let mut far = Browser::at(app.base());
    far.log_in("far", "a long passphrase of far");
    let mut people =
        [("investigator", browser(&app, "investigator")), ("pharmacist", browser(&app, "pharmacist"))];
    let mut find = |who: &str, number: &str| {
        let browser = if who == "far" {
            &mut far
        } else {
            &mut people.iter_mut().find(|(login, _)| *login == who).expect("somebody").1
        };
        let query = number.replace(' ', "+");
        let reply = browser.get(&format!("/studies/imodals/search?q={query}"));
        match reply.status {
            303 => reply.header("location").trim_start_matches("/studies/imodals").to_owned(),
            _ => reply.body.matches("/studies/imodals/subjects/S-").count().to_string(),
        }
    };
    let to_kit = format!("/kits/{kit}");
    let table = [
        ("investigator", "S-001", "/subjects/S-001"),
        ("investigator", "s-001", "/subjects/S-001"),
        ("investigator", "R0001", "/subjects/S-001"),
        ("investigator", "R0002", "0"),
        ("investigator", "S-00", "2"),
        ("investigator", "", "0"),
        ("investigator", kit.as_str(), "0"),
        ("pharmacist", kit.as_str(), to_kit.as_str()),
        ("pharmacist", spaced.as_str(), to_kit.as_str()),
        ("pharmacist", &kit[..9], "0"),
        ("far", "S-001", "0"),
        ("far", "R0001", "0"),
        ("far", kit.as_str(), "0"),
    ];
    for (who, number, expected) in table {
        assert_eq!(find(who, number), expected, "{who} asks for {number}");
    }
    if let Some(shipment) = shipment {
        assert_eq!(find("pharmacist", shipment), format!("/shipments/{shipment}"));
        assert_eq!(find("investigator", shipment), "0", "that role reads no shipments");
    }
    let id = dispensed["dispensation"]["id"].as_str().expect("an id");
    let scan = json!({ "kit_number": kit });
    pharmacist.post(&app.path(&format!("/dispensations/{id}/confirmation")), &scan).expect(201);
    assert_eq!(find("investigator", &kit), "/subjects/S-001", "whose a kit is, once it was handed over");
    assert_eq!(find("far", &kit), "0");
}
