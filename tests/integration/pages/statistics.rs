//! The pages of the statistician's desk: lists, and reads of treatments, each of which is recorded.

use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use serde_json::json;

use super::{browser, password};
use crate::rebuild::tampering::Tampering;
use crate::record::count;

const DESK: &str = "/studies/imodals/statistics";
/// The words of the arms: what a page without them does not tell.
const ARMS: [&str; 3] = ["placebo", "aldesleukin 1 MIU", "aldesleukin 2 MIU"];

fn tells_arms(page: &str) -> bool {
    ARMS.iter().any(|arm| page.contains(arm))
}

/// The id of the list that is not given up.
fn standing(app: &TestApp) -> String {
    let lists = app.person("statistician").get(&app.path("/lists")).expect(200);
    let mut lists = lists["lists"].as_array().expect("lists").iter();
    let list = lists.find(|list| list["state"] != "discarded").expect("a list");
    list["id"].as_str().expect("an id").to_owned()
}

/// Fills in a form that is signed.
fn sign(app: &TestApp, who: &mut Browser, login: &str, address: &str, fields: &[(&str, &str)]) -> u16 {
    let own = password(app, login);
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("password", own.as_str())]).collect();
    who.fill(address, &fields).status
}

#[test]
fn treatments_are_read_when_they_are_asked_for_and_every_read_is_recorded() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut statistician = browser(&app, "statistician");
    let list = format!("{DESK}/lists/{}", standing(&app));
    let pages = [
        (format!("{DESK}/reconciliation"), "reconciliation_read"),
        (format!("{DESK}/balance"), "balance_read"),
        (format!("{list}/positions"), "positions_read"),
        (format!("{list}/envelopes"), "envelopes_printed"),
    ];
    for (page, act) in pages {
        let before = count(&app, act);
        let asked = statistician.get(&page);
        assert_eq!((asked.status, tells_arms(&asked.body)), (200, false), "{page}: {}", asked.body);
        assert!(asked.body.contains("class=\"watermark\""), "{page}");
        assert_eq!(count(&app, act), before, "{page} was only visited");
        let read = statistician.get(&format!("{page}?read=yes"));
        assert_eq!((read.status, tells_arms(&read.body)), (200, true), "{page}: {}", read.body);
        assert_eq!(count(&app, act), before + 1, "{page} was read");
    }
}

#[test]
fn bld_14_many_who_read_at_once_are_each_recorded_and_each_shown_what_stood_when_they_asked() {
    let app = TestApp::imodals();
    let reads = |subject: u16| {
        let own = format!("S-{subject:03}");
        app.randomize(&own, 1940 + subject, "male");
        // Whoever reads after that is shown it, also when somebody else was reading already.
        let read = app.person("statistician").get(&app.path("/reconciliation")).expect(200);
        let subjects = read["reconciliation"]["subjects"].as_array().expect("subjects").iter();
        let is_own = |one: &serde_json::Value| one["subject"] == own.as_str() && one["kits"] != json!([]);
        assert_eq!(subjects.filter(|one| is_own(one)).count(), 1, "{own} is not in what was read after it");
    };
    std::thread::scope(|scope| {
        for first in [1, 11, 21] {
            scope.spawn(move || (first..first + 8).for_each(reads));
        }
    });
    assert_eq!(count(&app, "reconciliation_read"), 24);
}

#[test]
fn the_balance_shows_every_arm_also_one_that_nobody_has_yet() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut statistician = browser(&app, "statistician");
    let csv = statistician.get(&format!("{DESK}/balance?read=yes&csv=balance")).body;
    let rows: Vec<(String, String)> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.rsplit(',');
            let (range, subjects) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            (subjects.to_owned(), range.to_owned())
        })
        .collect();
    let mut counts: Vec<&str> = rows.iter().map(|(subjects, _)| subjects.as_str()).collect();
    counts.sort_unstable();
    assert_eq!(counts, ["0", "0", "1"], "{csv}");
    assert!(ARMS.iter().all(|arm| csv.contains(arm)) && rows.iter().any(|(_, range)| range == "1"), "{csv}");
}

#[test]
fn the_reconciliation_has_a_verdict_on_every_line() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut statistician = browser(&app, "statistician");
    let page = statistician.get(&format!("{DESK}/reconciliation?read=yes"));
    assert!(page.body.contains("Everything agrees"), "{}", page.body);
    // Two lines for the list and five for what can be wrong, one for the subject and one for its kit.
    assert_eq!(page.body.matches("<span class=\"badge good\">pass</span>").count(), 9, "{}", page.body);
    // The arm of another position is put in the place of the first one.
    let all = app
        .person("statistician")
        .get(&app.path(&format!("/lists/{}/positions", standing(&app))))
        .expect(200);
    let all = all["positions"].as_array().expect("positions");
    let other =
        all.iter().find(|at| at["arm"] != all[0]["arm"]).expect("another arm")["position"].to_string();
    let arm = format!("SELECT opening FROM list_position WHERE position = {other}");
    let change = format!("UPDATE list_position SET opening = ({arm}) WHERE position = 0");
    Tampering::with(&app.database).execute("list_position", &change);
    let page = statistician.get(&format!("{DESK}/reconciliation?read=yes"));
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<span class=\"badge bad\">fail</span>"), "{}", page.body);
    assert!(page.body.contains("Mismatches found:"), "{}", page.body);
}

#[test]
fn the_stock_of_each_type_stands_in_the_recorded_read_alone() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let read =
        || app.person("statistician").get(&app.path("/reconciliation")).expect(200)["reconciliation"].take();
    let before = count(&app, "reconciliation_read");
    let first = read();
    assert_eq!(count(&app, "reconciliation_read"), before + 1);
    // 48 kits of each type lie at the site, and one of them is meant for the subject.
    let given = &first["subjects"][0]["kits"][0]["kit_type"];
    let stock = first["stock"].as_array().expect("types");
    let last: Vec<bool> = stock
        .iter()
        .map(|of| {
            let usable = of["usable"].as_array().and_then(|days| days.last()).expect("a day");
            let left = if of["kit_type"] == *given { 47 } else { 48 };
            usable["kits"] == left
        })
        .collect();
    assert_eq!((last, &first["unreadable_kits"]), (vec![true; 3], &json!(0)), "{stock:?}");
    let mut statistician = browser(&app, "statistician");
    let page = format!("{DESK}/reconciliation");
    let drawn = "Usable kits of each type";
    assert!(!statistician.get(&page).body.contains(drawn), "before the read nothing is shown");
    assert!(statistician.get(&format!("{page}?read=yes")).body.contains(drawn));

    // The type of another kit is put in the place of one's own, which then does not open.
    let other = "SELECT opening FROM kit ORDER BY number DESC LIMIT 1";
    let first = "SELECT number FROM kit ORDER BY number LIMIT 1";
    let change = format!("UPDATE kit SET opening = ({other}) WHERE number = ({first})");
    Tampering::with(&app.database).execute("kit", &change);
    assert_eq!(read()["unreadable_kits"], 1);
    let told = "Kits whose type cannot be read: 1.";
    assert!(statistician.get(&format!("{page}?read=yes")).body.contains(told));
}

#[test]
fn a_list_is_given_up_and_another_one_comes_into_use_on_pages_alone() {
    let app = TestApp::imodals();
    let (mut statistician, mut reviewer) = (browser(&app, "statistician"), browser(&app, "reviewer"));
    let old = format!("{DESK}/lists/{}", standing(&app));
    let reason = [("reason", "made before the design was final")];
    assert_eq!(sign(&app, &mut statistician, "statistician", &format!("{old}/discard"), &[]), 422);
    assert_eq!(sign(&app, &mut statistician, "statistician", &format!("{old}/discard"), &reason), 303);
    assert_eq!(sign(&app, &mut statistician, "statistician", &format!("{DESK}/lists/new"), &[]), 303);
    let new = format!("{DESK}/lists/{}", standing(&app));
    assert!(
        statistician.get(DESK).body.contains(&format!("{new}/approval")),
        "it is what is to be done next"
    );
    let approval = format!("{new}/approval");
    assert_eq!(sign(&app, &mut statistician, "statistician", &approval, &[]), 409, "another person's to do");
    assert_eq!(sign(&app, &mut reviewer, "reviewer", &approval, &[]), 303);
    assert_eq!(sign(&app, &mut reviewer, "reviewer", &format!("{new}/activation"), &[]), 403);
    assert_eq!(sign(&app, &mut statistician, "statistician", &format!("{new}/activation"), &[]), 303);
    assert_eq!((count(&app, "list_discarded"), count(&app, "list_activated")), (1, 2));
    let page = statistician.get(&old);
    assert!(page.body.contains("made before the design was final"), "{}", page.body);
    app.randomize("S-001", 1961, "male");
}

#[test]
fn block_sizes_are_shown_to_whoever_makes_the_list_alone() {
    let app = TestApp::imodals();
    let page = format!("{DESK}/predictability");
    let mut statistician = browser(&app, "statistician");
    let asked = statistician.get(&page);
    assert!(asked.status == 200 && !asked.body.contains("101/180"), "{}", asked.body);
    assert_eq!(count(&app, "block_sizes_read"), 0, "the page was only visited");
    let asked = format!("{page}?read=yes");
    // The second time the figures are known from before, and the read is recorded all the same.
    for reads in 1..=2 {
        let read = statistician.get(&asked);
        assert!(read.body.contains("0.561111 (101/180)"), "{}", read.body);
        assert_eq!(count(&app, "block_sizes_read"), reads);
    }
    for who in ["reviewer", "supply", "monitor"] {
        for page in [&page, &asked] {
            let refused = browser(&app, who).get(page);
            assert_eq!(refused.status, 403, "{who}");
            assert!(!refused.body.contains("101/180"), "{who}");
        }
    }
    assert_eq!(count(&app, "block_sizes_read"), 2, "a try is no read");
}

#[test]
fn the_desk_is_for_unblinded_people_alone_and_a_try_is_no_read() {
    let app = TestApp::imodals();
    let list = standing(&app);
    let rests = ["", "/reconciliation", "/balance", "/lists/new"].map(|rest| format!("{DESK}{rest}"));
    let of_list =
        ["", "/positions", "/envelopes", "/approval"].map(|rest| format!("{DESK}/lists/{list}{rest}"));
    for who in ["investigator", "pharmacist", "monitor", "depot", "quality", "supply"] {
        let mut somebody = browser(&app, who);
        for page in rests.iter().chain(&of_list) {
            for question in ["", "?read=yes"] {
                assert_eq!(somebody.get(&format!("{page}{question}")).status, 403, "{who}: {page}{question}");
            }
        }
        assert!(!somebody.get("/studies/imodals").body.contains(DESK), "{who} is not led there");
    }
    let reads =
        ["reconciliation_read", "balance_read", "block_sizes_read", "positions_read", "envelopes_printed"];
    assert!(reads.iter().all(|act| count(&app, act) == 0));
}
