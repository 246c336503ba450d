//! The pages of those who watch: holds, alerts, and a journal that is read, searched, checked and taken away.

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::browser::{Browser, unescaped};
use iwrs_tests::client::Expect;
use journal::{Checkpoint, Hash, Head, Outcome, leaf_hash, verify_inclusion};
use serde_json::json;

use super::supply::row;
use super::{browser, password};
use crate::rebuild::tampering::Tampering;
use crate::record::{count, leaves};

const HERE: &str = "/studies/imodals/oversight";

/// What is to be copied from a page letter by letter, under its name.
fn code(page: &Reply, label: &str) -> String {
    let after = page.body.split(&format!("aria-label=\"{label}\">")).nth(1);
    let text = after.and_then(|rest| rest.split("</pre>").next());
    unescaped(text.unwrap_or_else(|| panic!("no {label}: {}", page.body)))
}

/// The entries that a page of the journal leads to, in its order.
fn entries(page: &Reply) -> Vec<u64> {
    let links = page.body.split("/oversight/journal/").skip(1);
    links.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

fn search(who: &mut Browser, words: &str) -> Vec<u64> {
    let page = who.get(&format!("{HERE}/journal?journal.search={words}"));
    assert_eq!(page.status, 200, "{}", page.body);
    entries(&page)
}

#[test]
fn a_hold_is_placed_and_released_on_pages() {
    let app = TestApp::imodals();
    let mut monitor = browser(&app, "monitor");
    let holds = format!("{HERE}/holds");
    let none = monitor.fill(&holds, &[("on", "randomization"), ("reason", "")]);
    assert_eq!((none.status, count(&app, "hold_placed")), (422, 0));
    assert!(none.body.contains("id=\"f-reason-about\"><strong class=\"trouble\">"), "{}", none.body);
    let fields = [("on", "randomization"), ("site", "34-001"), ("reason", "the site is to be looked at")];
    assert_eq!(monitor.fill(&holds, &fields).status, 303);
    let mut investigator = browser(&app, "investigator");
    assert!(investigator.get("/studies/imodals").body.contains("On hold: randomization"));
    let page = monitor.get(&holds);
    assert!(!page.body.contains("the site is to be looked at"), "a reason is for unblinded readers alone");
    let reviewer = browser(&app, "reviewer").get(&holds);
    assert!(
        reviewer.body.contains("the site is to be looked at")
            && reviewer.body.contains("class=\"watermark\"")
    );
    let link = page.body.split("/oversight/holds/").nth(1).and_then(|rest| rest.split('"').next());
    let hold = format!("{holds}/{}", link.expect("the hold that is in force"));
    let mut pharmacist = browser(&app, "pharmacist");
    let form = monitor.get(&hold);
    assert!(!pharmacist.get(&hold).body.contains("class=\"act"), "who may not is offered nothing");
    assert_eq!(monitor.submit(&form, &hold, &[("reason", "it is in order")]).status, 303);
    assert_eq!((count(&app, "hold_placed"), count(&app, "hold_released")), (1, 1));
}

#[test]
fn enrolment_stands_beside_a_plan_that_ends_with_the_target_on_its_day() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let whole = browser(&app, "monitor").get(HERE).body;
    // The day before the first subject, that day, and the last of 92 days.
    for (day, cells) in
        [("2015-10-04", ["0", "0", "0"]), ("2015-10-05", ["1", "1", "0.4"]), ("2016-01-04", ["", "", "36"])]
    {
        assert_eq!(row(&whole, day), cells, "randomized, entered and planned on {day}");
    }
    let of_a_site = browser(&app, "investigator").get(HERE).body;
    assert_eq!(row(&of_a_site, "2015-10-05"), ["1", "1"], "a site has no plan of its own");
}

#[test]
fn an_alert_is_taken_note_of_by_its_owner_on_a_page() {
    let app = crate::alerts::with_low_stock();
    let alert = format!("/studies/imodals/alerts/{}", crate::alerts::of_low_stock(&app));
    let mut monitor = browser(&app, "monitor");
    let seen = monitor.get(&alert);
    assert_eq!(seen.status, 200);
    assert!(!seen.body.contains("class=\"act"), "it is for another role: {}", seen.body);
    let mut depot = browser(&app, "depot");
    assert_eq!(depot.fill(&alert, &[("text", "kits are on their way")]).status, 303);
    assert_eq!(count(&app, "alert_acknowledged"), 1);
    assert!(!depot.get(&alert).body.contains("class=\"act"), "once");
    let mut monitor = browser(&app, "monitor");
    monitor.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    let page = monitor.get("/studies/imodals/alerts");
    assert!(page.body.contains("Stock bas") && page.body.contains("kits utilisables"), "{}", page.body);
}

#[test]
fn the_journal_is_searched_in_words_and_by_what_stands_in_the_records() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    app.screen("S-002", 1962, "female");
    let (mut monitor, all) = (browser(&app, "monitor"), leaves(&app));
    let of = |kind: &str| -> Vec<u64> {
        let found = (0_u64..).zip(&all).filter(|(_, leaf)| leaf["act"]["kind"] == kind);
        let mut found: Vec<u64> = found.map(|(index, _)| index).collect();
        found.reverse();
        found
    };
    assert_eq!(search(&mut monitor, "was+entered"), of("subject_screened"));
    assert_eq!(search(&mut monitor, "S-002"), of("subject_screened")[..1]);
    assert_eq!(search(&mut monitor, "investigator+randomized"), of("randomized"));
    assert!(search(&mut monitor, "nothing-like-this").is_empty());
    assert_eq!(search(&mut monitor, "%230"), [0], "by its number");
    monitor.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    assert_eq!(search(&mut monitor, "randomis%C3%A9"), of("randomized"));
}

#[test]
fn the_journal_is_turned_from_either_end_and_leaves_none_out() {
    let app = TestApp::imodals();
    let size = u64::try_from(leaves(&app).len()).expect("few");
    assert!(size > 25, "more than a page");
    let mut monitor = browser(&app, "monitor");
    let mut turned = |order: &str| {
        let (mut seen, mut address) = (Vec::new(), format!("{HERE}/journal?{order}"));
        loop {
            let page = monitor.get(&address);
            seen.extend(entries(&page));
            let next = page.body.split("rel=\"next\"").next().filter(|_| page.body.contains("rel=\"next\""));
            let Some(next) = next.and_then(|before| before.rsplit("<a href=\"").next()) else { return seen };
            address = unescaped(next.split('"').next().expect("an address"));
        }
    };
    let latest_first: Vec<u64> = (0..size).rev().collect();
    assert_eq!(turned(""), latest_first);
    assert_eq!(turned("journal.sort=1&journal.order=down"), latest_first, "by time");
    assert_eq!(turned("journal.sort=0&journal.order=up"), (0..size).collect::<Vec<_>>());
    let from = format!("{HERE}/journal?journal.sort=0&journal.order=up&journal.from={}", size - 3);
    assert_eq!(entries(&monitor.get(&from)), (size - 3..size).collect::<Vec<_>>());
    assert!(entries(&monitor.get(&format!("{from}999999"))).is_empty(), "beyond the end");
}

#[test]
fn what_was_found_in_the_journal_is_sorted_by_any_column() {
    let app = TestApp::imodals();
    app.screen("S-001", 1961, "male");
    app.randomize("S-002", 1962, "female");
    let mut monitor = browser(&app, "monitor");
    let mut sorted = |order: &str| {
        let found = "journal?journal.search=investigator&journal.sort=2";
        monitor.get(&format!("{HERE}/{found}&journal.order={order}"))
    };
    let (up, down) = (sorted("up"), sorted("down"));
    assert!(up.body.contains("; sorted among these alone"), "{}", up.body);
    let (mut risen, fallen) = (entries(&up), entries(&down));
    let randomized = up.body.find("was randomized").expect("a randomization");
    assert!(risen.len() > 2 && up.body.find("was entered").expect("a screening") < randomized);
    assert_ne!(risen, fallen);
    risen.reverse();
    assert_eq!(risen, fallen, "the same, turned round");
    let by_time = "journal.order=up&journal.page=1&journal.search=investigator&journal.sort=1";
    assert!(unescaped(&up.body).contains(by_time), "another order keeps the search: {}", up.body);
    assert!(up.body.contains("name=\"journal.sort\" value=\"2\""), "another search keeps the order");
}

#[test]
fn an_entry_is_proved_to_be_in_the_journal_whether_it_is_shown_or_not() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    app.add_person("far", "investigator", Some("44-001"));
    app.screen("S-001", 1961, "male");
    let mut far = Browser::at(app.base());
    far.log_in("far", "a long passphrase of far");
    let all = leaves(&app);
    let index = all.iter().position(|leaf| leaf["act"]["kind"] == "subject_screened").expect("the entry");
    for (mut who, is_shown) in [(browser(&app, "monitor"), true), (far, false)] {
        let page = who.get(&format!("{HERE}/journal/{index}"));
        assert_eq!(page.body.contains("S-001"), is_shown, "{}", page.body);
        let hash: Hash = code(&page, "Hash of the entry").parse().expect("a hash");
        if is_shown {
            assert_eq!(leaf_hash(code(&page, "The record, to the letter").as_bytes()), hash);
        }
        let path: Vec<Hash> = code(&page, "Path").lines().map(|line| line.parse().expect("a hash")).collect();
        let size = u64::try_from(all.len()).expect("few");
        let head = Head { size, root: code(&page, "Root").parse().expect("a hash") };
        let index = u64::try_from(index).expect("few");
        assert!(verify_inclusion(hash, index, head, &path), "{}", page.body);
        assert!(!verify_inclusion(hash, index + 1, head, &path), "the control: nowhere else");
        assert_eq!(who.get(&format!("{HERE}/journal/{size}")).status, 404, "there is no such entry");
    }
}

#[test]
fn export_and_checkpoint_of_the_pages_verify_without_the_service() {
    let app = TestApp::imodals();
    let mut monitor = browser(&app, "monitor");
    let visited = monitor.get(&format!("{HERE}/export"));
    assert_eq!((visited.status, count(&app, "exported")), (200, 0), "to look at the page exports nothing");
    assert_eq!(monitor.fill(&format!("{HERE}/checkpoints"), &[]).status, 303);
    let page = monitor.get(&format!("{HERE}/checkpoints"));
    let key = code(&page, "Key of this service").parse().expect("a key");
    let note = code(&page, "The last one");
    let kept = Checkpoint::parse_and_verify(&note, std::slice::from_ref(&key)).expect("a signed note");
    let file = monitor.get(&format!("{HERE}/checkpoints?note={}", kept.size));
    assert_eq!((file.body.as_str(), file.status), (note.as_str(), 200));
    let export = monitor.get(&format!("{HERE}/export?file=yes"));
    assert_eq!(export.header("content-disposition"), "attachment; filename=\"imodals-journal.jsonl\"");
    assert_eq!(count(&app, "exported"), 1);
    let checks = journal::verify_text(&export.body, &[note], &[key]);
    let not_passed: Vec<_> =
        checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).collect();
    assert!(not_passed.is_empty(), "{not_passed:?}");
    let mailed = checks.iter().find(|check| check.name == "mailed checkpoints are prefixes");
    assert!(mailed.is_some_and(|check| check.outcome == Outcome::Passed), "{checks:?}");
}

#[test]
fn the_service_finds_an_entry_of_its_journal_that_was_altered() {
    let app = TestApp::imodals();
    let mut monitor = browser(&app, "monitor");
    assert_eq!(monitor.fill(&format!("{HERE}/checkpoints"), &[]).status, 303);
    let check = format!("{HERE}/self-check?from=0");
    let good = monitor.get(&check);
    assert!(good.body.contains("The journal is as it was written."), "{}", good.body);
    let tampering = Tampering::with(&app.database);
    let note = "UPDATE checkpoint SET note = replace(note, 'iwrs/imodals', 'iwrs/another')";
    tampering.execute("checkpoint", note);
    let wrong = monitor.get(&check);
    assert!(wrong.body.contains("The journal is not as it was written."), "{}", wrong.body);
    let of = |index: u8| format!("tree = 'study/imodals' AND leaf_index = {index}");
    let other = format!("SELECT leaf FROM journal_leaf WHERE {}", of(4));
    tampering.execute("journal_leaf", &format!("UPDATE journal_leaf SET leaf = ({other}) WHERE {}", of(3)));
    let altered = monitor.get(&check);
    assert!(altered.body.contains("Entry 3 is not what was written."), "{}", altered.body);
}

#[test]
fn a_text_is_redacted_by_two_people_on_pages() {
    let app = TestApp::imodals();
    let hold = json!({ "on": "randomization", "reason": "Mrs Smith is ill" });
    app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    let at = leaves(&app).iter().position(|leaf| leaf["act"]["kind"] == "hold_placed").expect("the entry");
    let (at, own) = (at.to_string(), password(&app, "monitor"));
    let mut monitor = browser(&app, "monitor");
    let address = format!("{HERE}/redactions");
    let fields = [("leaf", "0"), ("why", "identifies_subject"), ("password", own.as_str())];
    assert_eq!(monitor.fill(&address, &fields).status, 422, "the first entry holds no text");
    let fields = [("leaf", at.as_str()), fields[1], fields[2]];
    let led = monitor.get(&format!("{address}?leaf={at}"));
    assert!(led.body.contains(&format!("value=\"{at}\" required")), "from the entry: {}", led.body);
    assert_eq!(monitor.fill(&address, &fields).status, 303);
    let page = monitor.get(&address);
    let id = page.body.split("/oversight/redactions/").nth(1).and_then(|rest| rest.split('"').next());
    let redaction = format!("{address}/{}", id.expect("the proposal"));
    assert!(!monitor.get(&redaction).body.contains("class=\"act"), "nobody confirms who may not");
    let second = password(&app, "statistician");
    let mut statistician = browser(&app, "statistician");
    assert_eq!(statistician.fill(&redaction, &[("password", &second)]).status, 303);
    assert_eq!(count(&app, "text_redacted"), 1);
    assert!(!app.person("statistician").get(&app.path("/holds")).body.contains("Mrs Smith"));
}

#[test]
fn everybody_sees_of_the_sites_what_the_role_may() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    app.add_person("far", "investigator", Some("44-001"));
    app.randomize("S-001", 1961, "male");
    let seen = |mut who: Browser| who.get(HERE).body;
    let monitor = seen(browser(&app, "monitor"));
    assert!(monitor.contains(">34-001 ") && monitor.contains(">44-001 "), "{monitor}");
    assert!(
        monitor.contains("Subjects randomized: 1 of 36") && monitor.contains("available of"),
        "{monitor}"
    );
    let supply = seen(browser(&app, "supply"));
    assert!(supply.contains(">not shown to your role</td>") && !supply.contains("available of"), "{supply}");
    let mut far = Browser::at(app.base());
    far.log_in("far", "a long passphrase of far");
    let far = seen(far);
    assert!(far.contains("Randomized at your site: 0") && !far.contains(">34-001 "), "{far}");
    for who in ["depot", "quality"] {
        assert_eq!(browser(&app, who).get(HERE).status, 403, "{who} knows no subject");
    }
}
