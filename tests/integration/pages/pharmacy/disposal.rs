//! Kits that are set aside, received with trouble, reconciled and destroyed, on pages.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use iwrs_tests::paper::in_groups;
use serde_json::json;

use super::{KITS, fact, kit, rows};
use crate::pages::{browser, password};
use crate::record::count;
use crate::shipments::Supplied;

const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

#[test]
fn all_kits_of_a_site_are_set_aside_after_one_more_look() {
    const ASIDE: &str = "/studies/imodals/kits/set-aside";
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let mut pharmacist = browser(&app, "pharmacist");
    let short = pharmacist.fill(ASIDE, &[("cause", "excursion"), ("evidence_sha256", "abc")]);
    assert_eq!(short.status, 422);
    assert!(short.body.contains("id=\"f-evidence-sha256-about\"><strong"), "{}", short.body);
    let confirm = pharmacist.submit(&short, ASIDE, &[("cause", "excursion"), ("evidence_sha256", HASH)]);
    assert_eq!(fact(&confirm, "Number of kits").as_deref(), Some("144"), "{}", confirm.body);
    assert_eq!(count(&app, "kits_quarantined"), 0, "nothing happens before it is confirmed");
    let done = pharmacist.submit(&confirm, ASIDE, &[]);
    assert_eq!(done.header("location"), "/studies/imodals/kits?done=kits_set_aside", "{}", done.body);
    assert_eq!(pharmacist.submit(&confirm, ASIDE, &[]).status, 303, "sent again, it is answered again");
    assert_eq!(count(&app, "kits_quarantined"), 1);
    let totals = rows(&pharmacist.get("/studies/imodals/kits"), "totals");
    assert_eq!(totals, [["in quarantine", "144"]]);
    let none = browser(&app, "depot").get(ASIDE);
    assert!(none.body.contains("There is no place here at which you act."), "{}", none.body);
}

#[test]
fn a_receipt_asks_for_every_kit_and_tells_what_was_wrong() {
    let s = Supplied::new();
    let (shipment, kits) = s.send(&json!({ "to_site": "34-001", "groups": 1 }));
    let page = format!("/studies/imodals{shipment}");
    let mut pharmacist = browser(&s.app, "pharmacist");
    let today = pharmacist.get("/studies/imodals/today");
    assert_eq!(rows(&today, "shipments").len(), 1, "{}", today.body);
    let state = |at: usize| match at {
        0 => "missing",
        1 => "damaged",
        _ => "received",
    };
    let fields = kits.iter().enumerate().map(|(at, kit)| (format!("kit.{kit}"), state(at)));
    let fields: Vec<(String, &str)> = fields.collect();
    let said: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let unsaid = pharmacist.fill(&page, &said[1..]);
    assert_eq!((unsaid.status, count(&s.app, "shipment_received")), (422, 0), "{}", unsaid.body);
    assert_eq!(unsaid.body.matches("Say how this kit came.").count(), 1, "{}", unsaid.body);
    let confirm = pharmacist.submit(&unsaid, &page, &said);
    assert_eq!((confirm.status, count(&s.app, "shipment_received")), (200, 0), "{}", confirm.body);
    assert!(confirm.body.contains("<dd>34 of 36</dd>"), "{}", confirm.body);
    let done = pharmacist.submit(&confirm, &page, &[]);
    assert_eq!(done.header("location"), format!("{page}?done=received"), "{}", done.body);
    let shown = pharmacist.get(&page);
    assert!(shown.body.contains("Kits are missing.") && shown.body.contains("Damaged kits are never used."));
    assert!(!shown.body.contains("The temperature was not kept"), "{}", shown.body);
    let unpacked = rows(&shown, "kits");
    assert_eq!(unpacked.iter().filter(|row| row[1] == "missing").count(), 1, "{unpacked:?}");
}

/// A shipment on its way to the pharmacy, with the page on which it is received.
struct OnItsWay {
    s: Supplied,
    page: String,
    kits: Vec<String>,
}

const UNSAID: &str = "Say how this kit came.";

impl OnItsWay {
    fn new() -> Self {
        let s = Supplied::new();
        let (shipment, kits) = s.send(&json!({ "to_site": "34-001", "groups": 1 }));
        Self { s, page: format!("/studies/imodals{shipment}"), kits }
    }

    /// The field of a kit.
    fn of(&self, at: usize) -> String {
        format!("kit.{}", self.kits[at])
    }

    /// Kits as a scanner types them, one of them by a code of GS1.
    fn scanned(&self, which: std::ops::Range<usize>) -> String {
        let mut scans: Vec<String> = self.kits.iter().map(|kit| in_groups(kit)).collect();
        scans[2] = format!("]d201087140230004051730123121{}\u{1d}10B-2026-01", self.kits[2]);
        scans[which].join("\r\n")
    }

    fn received(&self) -> usize {
        count(&self.s.app, "shipment_received")
    }
}

#[test]
fn what_does_not_agree_at_a_receipt_is_told_and_nothing_is_stored() {
    let on = OnItsWay::new();
    let (first, second) = (on.of(0), on.of(1));
    let (first, second) = (first.as_str(), second.as_str());
    let told = |fields: &[(&str, &str)], what: &[(&str, &str)]| {
        let page = browser(&on.s.app, "pharmacist").fill(&on.page, fields);
        assert_eq!((page.status, on.received()), (422, 0), "{fields:?}: {}", page.body);
        for (field, sentence) in what {
            let id = field.replace(['.', '_'], "-");
            let at = format!("id=\"f-{id}-about\"><strong class=\"trouble\">{sentence}");
            assert!(page.body.contains(&at), "{at}: {}", page.body);
            assert!(page.body.contains(&format!("<li><a href=\"#f-{id}\">")), "the way to it: {}", page.body);
        }
        assert_eq!(page.body.matches("<strong class=\"trouble\">").count(), what.len(), "{}", page.body);
    };
    let (all, but_two) = (on.scanned(0..36), on.scanned(2..36));
    told(&[("scanned", &but_two)], &[(first, UNSAID), (second, UNSAID)]);
    let (strange, stranger) =
        (format!("{all}\r\n1234567889"), "“1234\u{a0}567\u{a0}889” is no kit of this shipment.");
    told(&[("scanned", &strange)], &[("scanned", stranger)]);
    let contradicted = "This kit was scanned, and is said to be missing.";
    told(&[("scanned", &all), (first, "missing")], &[(first, contradicted)]);
    let alone = [("scanned", "1234567889\r\n\u{1d}nonsense"), ("counted", "36")];
    let both = "“1234\u{a0}567\u{a0}889, nonsense” is no kit";
    told(&alone, &[("scanned", both), ("counted", "Count again, without what is no kit")]);
    let miscounted = "By what is said of the kits, 35 came.";
    told(&[("counted", "36"), (first, "missing"), (second, "damaged")], &[("counted", miscounted)]);
    told(&[("counted", "all of them")], &[("counted", "By what is said of the kits, 36 came.")]);
    told(&[("counted", "36"), ("temperature_record_sha256", "abc")], &[("temperature_record_sha256", "")]);
    let long = browser(&on.s.app, "pharmacist").fill(&on.page, &[]);
    assert!(long.body.contains("<li>and 28 more</li>"), "{}", long.body);
}

#[test]
fn what_was_only_counted_is_told_as_such_and_never_becomes_what_was_said() {
    let on = OnItsWay::new();
    let mut pharmacist = browser(&on.s.app, "pharmacist");
    let (first, second, half) = (on.of(0), on.of(1), on.scanned(2..20));
    let said = [("scanned", half.as_str()), (first.as_str(), "missing"), (second.as_str(), "damaged")];
    let confirm = pharmacist.fill(&on.page, &[said.as_slice(), &[("counted", "35")]].concat());
    let fact = |name: &str| fact(&confirm, name).expect("a fact");
    let in_groups = |kit: &str| in_groups(kit).replace(' ', "\u{a0}");
    assert_eq!(fact("in good order"), "34 of 36");
    assert_eq!(fact("of these by the count alone").split(", ").count(), 16);
    assert_eq!(fact("missing"), in_groups(&on.kits[0]));
    assert_eq!(fact("damaged"), in_groups(&on.kits[1]));
    let changed = pharmacist.submit(&confirm, &on.page, &[("resumed", "yes")]).body;
    assert!(changed.contains("value=\"35\"") && changed.contains("class=\"act"), "{changed}");
    assert_eq!(changed.matches(" checked").count(), 2, "{changed}");
    let fewer = pharmacist.fill(&on.page, &said);
    assert_eq!((fewer.status, fewer.body.matches(UNSAID).count()), (422, 16), "{}", fewer.body);
    assert_eq!(on.received(), 0);
    assert_eq!(pharmacist.submit(&confirm, &on.page, &[]).status, 303);
    let unpacked = rows(&pharmacist.get(&on.page), "kits");
    let how: Vec<&str> = unpacked[..3].iter().map(|row| row[1].as_str()).collect();
    assert_eq!((unpacked.len(), how), (25, vec!["missing", "damaged", "in good order"]));
}

#[test]
fn of_two_tabs_one_receives_a_shipment_and_the_other_is_told() {
    let on = OnItsWay::new();
    let mut pharmacist = browser(&on.s.app, "pharmacist");
    let confirm = pharmacist.fill(&on.page, &[("counted", "36")]);
    let other_tab = pharmacist.fill(&on.page, &[("counted", "36"), ("excursion", "yes")]);
    for _twice in 0..2 {
        assert_eq!(pharmacist.submit(&confirm, &on.page, &[]).status, 303);
    }
    for fields in [&[][..], &[("resumed", "yes")]] {
        let late = pharmacist.submit(&other_tab, &on.page, fields);
        assert_eq!((late.status, on.received()), (409, 1), "{}", late.body);
        assert!(late.body.contains("What you sent was not stored"), "{}", late.body);
        assert!(!late.body.contains("class=\"act"), "{}", late.body);
    }
}

#[test]
fn kits_come_to_their_end_by_four_signatures_on_pages_alone() {
    let app = TestApp::imodals();
    let mut pharmacist = browser(&app, "pharmacist");
    let kits = [("S-001", 1961), ("S-002", 1962)].map(|(subject, born)| {
        app.randomize(subject, born, "male");
        let page = KITS.replace("S-001", subject);
        pharmacist.fill(&page, &[("visit", "D1")]);
        let number = kit(&pharmacist.get(&page));
        pharmacist.fill(&page, &[("kit_number", &number)]);
        number
    });
    let digits = kits.each_ref().map(|kit| kit.chars().filter(char::is_ascii_digit).collect::<String>());
    let vials = [("used", "5"), ("unused", "0"), ("missing", "0")];
    pharmacist.fill(&format!("/studies/imodals/kits/{}/return", digits[0]), &vials);

    let new = "/studies/imodals/kits/reconciliations/new";
    let asked = pharmacist.get(new);
    let outlook = |kit: &str| {
        let rows = rows(&asked, "covered").into_iter();
        rows.filter(|row| row[0] == kit).map(|row| row[2].clone()).collect::<Vec<_>>()
    };
    assert_eq!(outlook(&kits[0]), ["is covered"]);
    assert_eq!(outlook(&kits[1]), ["is out: it is covered only with a reason"]);
    let reason = format!("reason.{}", digits[1]);
    let confirm = pharmacist.submit(&asked, new, &[(&reason, "the subject moved away")]);
    assert_eq!(fact(&confirm, "Kit numbers").as_deref(), Some(kits[0].as_str()), "{}", confirm.body);
    let explained = fact(&confirm, "Will not come back");
    assert_eq!(explained.as_deref(), Some(format!("{}: the subject moved away", kits[1]).as_str()));
    let wrong = pharmacist.submit(&confirm, new, &[("password", "not the password of anybody")]);
    assert_eq!((wrong.status, count(&app, "kit_reconciliation_signed")), (401, 0), "{}", wrong.body);
    let signed = pharmacist.submit(&wrong, new, &[("password", &password(&app, "pharmacist"))]);
    let one = signed.header("location").replace("?done=reconciliation_signed", "");
    assert!(one.contains("/reconciliations/"), "{}", signed.body);
    assert!(
        !pharmacist.get(&one).body.contains("name=\"password\""),
        "the second signature is the monitor's"
    );
    let monitor = [("password", password(&app, "monitor"))];
    let monitor: Vec<(&str, &str)> = monitor.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser(&app, "monitor").fill(&one, &monitor).status, 303);
    assert_eq!(count(&app, "kits_reconciled"), 1);

    let propose = "/studies/imodals/kits/destructions/new";
    let both = format!("{}\n1234567889", kits[0]);
    let refused = pharmacist.fill(propose, &[("kits", &both)]);
    let confirm = pharmacist.submit(&refused, propose, &[("kits", &both)]);
    let own = password(&app, "pharmacist");
    let refused = pharmacist.submit(&confirm, propose, &[("password", &own)]);
    assert_eq!((refused.status, count(&app, "destruction_proposed")), (422, 0), "{}", refused.body);
    assert!(refused.body.contains("Line 2: This field is no kit of this place."), "{}", refused.body);
    let asked = pharmacist.get(propose);
    assert!(asked.body.contains(&digits[0]) && asked.body.contains(&digits[1]), "{}", asked.body);
    let confirm = pharmacist.submit(&asked, propose, &[("kits", &kits[0])]);
    let proposed = pharmacist.submit(&confirm, propose, &[("password", &own)]);
    let one = proposed.header("location").replace("?done=destruction_proposed", "");
    assert!(one.contains("/destructions/"), "{}", proposed.body);
    let mut quality = browser(&app, "quality");
    let own = password(&app, "quality");
    let bad = quality.fill(&one, &[("certificate_sha256", "abc"), ("password", &own)]);
    assert_eq!((bad.status, count(&app, "kits_destroyed")), (422, 0), "{}", bad.body);
    let done = quality.submit(&bad, &one, &[("certificate_sha256", HASH), ("password", &own)]);
    assert_eq!((done.status, count(&app, "kits_destroyed")), (303, 1), "{}", done.body);
    let ends = pharmacist.get("/studies/imodals/kits/disposals");
    assert_eq!(rows(&ends, "reconciled")[0][1], "reconciled");
    assert_eq!(rows(&ends, "destroyed")[0][1], "destroyed");
    assert_eq!(browser(&app, "investigator").get("/studies/imodals/kits/disposals").status, 403);
}

#[test]
fn of_many_kits_that_are_out_the_reasons_stand_in_one_field() {
    const NEW: &str = "/studies/imodals/kits/reconciliations/new";
    let app = TestApp::imodals();
    let kits: Vec<String> = (1..=26).map(|n| handed_over(&app, &format!("S-{n:03}"), 1940 + n)).collect();
    let mut pharmacist = browser(&app, "pharmacist");
    let vials = [("used", "5"), ("unused", "0"), ("missing", "0")];
    let returned = |kit: &String| format!("/studies/imodals/kits/{kit}/return");
    assert!(pharmacist.get(NEW).body.contains("name=\"explanations\""), "26 are out");
    assert_eq!(pharmacist.fill(&returned(&kits[0]), &vials).status, 303);
    let few = pharmacist.get(NEW);
    assert_eq!(few.body.matches("name=\"reason.").count(), 25, "of so few each has a field: {}", few.body);
    let said = format!("reason.{}", kits[1]);
    let confirm = pharmacist.submit(&few, NEW, &[(&said, "the subject moved away")]);
    let by_field = fact(&confirm, "Will not come back");

    // One more is out again.
    handed_over(&app, "S-027", 1967);
    let many = pharmacist.get(NEW);
    let fields = rows(&many, "covered").len();
    assert_eq!((many.body.matches("name=\"reason.").count(), fields), (0, 25), "{}", many.body);
    let offered = format!("{}: \n", kits[2]);
    assert!(many.body.contains(offered.trim_end()), "every kit that is out is offered: {}", many.body);
    let wrong = format!("{offered}{}: the subject moved away\n\n12345: lost", kits[1]);
    let refused = pharmacist.submit(&many, NEW, &[("explanations", &wrong)]);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Line 4: ") && refused.body.contains("12345: lost"), "{}", refused.body);
    let unsaid = pharmacist.submit(&refused, NEW, &[("explanations", &kits[2])]);
    assert!(unsaid.status == 422 && unsaid.body.contains("Line 1: "), "{}", unsaid.body);
    let typed = format!("{offered}{}: the subject moved away\n", kits[1]);
    let confirm = pharmacist.submit(&unsaid, NEW, &[("explanations", &typed)]);
    assert_eq!(fact(&confirm, "Will not come back"), by_field, "{}", confirm.body);

    // One of them comes back while somebody reads what is to be signed: the form keeps what was typed.
    assert_eq!(pharmacist.fill(&returned(&kits[3]), &vials).status, 303);
    let signed = pharmacist.submit(&confirm, NEW, &[("password", &password(&app, "pharmacist"))]);
    assert_eq!((signed.status, count(&app, "kit_reconciliation_signed")), (303, 1), "{}", signed.body);
    let one = pharmacist.get(signed.header("location"));
    let explained = rows(&one, "kits").into_iter().filter(|row| row[1] == "yes").count();
    assert_eq!(explained, 1, "{}", one.body);
}

/// Randomizes somebody and hands over the kit of day 1: its number.
fn handed_over(app: &TestApp, subject: &str, born: u16) -> String {
    app.randomize(subject, born, "male");
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    let pharmacist = app.person("pharmacist");
    let dispensed = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    let kit = dispensed["dispensation"]["kits"][0].as_str().expect("a number").to_owned();
    let id = dispensed["dispensation"]["id"].as_str().expect("an id");
    let confirm = app.path(&format!("/dispensations/{id}/confirmation"));
    pharmacist.post(&confirm, &json!({ "kit_number": kit })).expect(201);
    kit
}
