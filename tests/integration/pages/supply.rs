//! The pages of the supply: a batch from its registration to its release and its recall, shipments, resupply, and what
//! the quality role decides.

use iwrs::client::Reply;
use iwrs::demo::Packager;
use iwrs_tests::app::TestApp;
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use serde_json::json;

use super::{browser, password};
use crate::record::count;
use crate::shipments::Supplied;

const BATCHES: &str = "/studies/imodals/supply/batches";
const CODES: [&str; 3] = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"];
/// A true lot of the demo's batch.
const LOT: &str = "LOT-DEMO-A";
const EVIDENCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

pub(super) fn under(rest: &str) -> String {
    format!("/studies/imodals{rest}")
}

/// The address of a page of a batch.
fn of(batch: &str, rest: &str) -> String {
    format!("{BATCHES}/{batch}/{rest}")
}

/// Opens a form and sends it with these fields, signed by whoever is at the browser.
#[track_caller]
fn sign(app: &TestApp, who: &str, address: &str, fields: &[(&str, &str)]) -> Reply {
    let password = password(app, who);
    let fields: Vec<_> = fields.iter().copied().chain([("password", password.as_str())]).collect();
    browser(app, who).fill(address, &fields)
}

/// Whether the page says something beside this field.
pub(super) fn is_at(reply: &Reply, field: &str) -> bool {
    reply.body.contains(&format!("id=\"f-{field}-about\"><strong class=\"trouble\">"))
}

/// A registration, with these changed.
fn registration(batch: &str, changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields =
        vec![("batch".to_owned(), batch.to_owned()), ("label_expiry".to_owned(), "2031-03-31".to_owned())];
    for (at, code) in CODES.into_iter().enumerate() {
        for (name, value) in [
            ("kit_type", code),
            ("kits", "12"),
            ("lot", &format!("TRUE-{at}")),
            ("expiry", "2031-03-31"),
            ("visible", "pack: white carton\r\nclosure: seal"),
        ] {
            fields.push((format!("contents.{at}.{name}"), value.to_owned()));
        }
    }
    for (name, value) in &mut fields {
        if let Some((_, new)) = changed.iter().find(|(changed, _)| changed == name) {
            (*new).clone_into(value);
        }
    }
    fields
}

fn register(browser: &mut Browser, batch: &str, changed: &[(&str, &str)]) -> Reply {
    let fields = registration(batch, changed);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.fill(&format!("{BATCHES}/new"), &fields)
}

#[test]
fn kit_25_a_batch_is_registered_packed_checked_and_released_on_pages_alone() {
    let app = TestApp::imodals();
    let mut supply = browser(&app, "supply");
    let new = register(&mut supply, "B-2", &[]);
    assert_eq!(new.header("location"), format!("{BATCHES}/B-2?done=registered"), "{}", new.body);

    let packager = Packager::new().expect("a packager");
    let key = packager.key().expect("a key").to_string();
    let to = [("recipient", "Packagers & Sons"), ("recipient_key", key.as_str())];
    let list = supply.fill(&of("B-2", "packaging-list"), &to);
    assert_eq!(list.header("content-disposition"), "attachment; filename=\"packaging-list-B-2.age\"");
    let packed = packager.open(&list.body).expect("the recipient opens it");
    let short: Vec<&str> = packed.trim_end().lines().collect();
    let short = short[..short.len() - 1].join("\r\n");
    let refused = supply.fill(&of("B-2", "packing"), &[("packed", &short)]);
    assert!(refused.status == 422 && is_at(&refused, "packed"), "{}", refused.body);
    assert!(refused.body.contains(short.lines().last().expect("a line")), "what was pasted is kept");
    // A browser ends lines with a carriage return and a line feed, which the interface refuses in a file.
    let done = supply.fill(&of("B-2", "packing"), &[("packed", &packed.replace('\n', "\r\n"))]);
    assert_eq!(done.header("location"), format!("{BATCHES}/B-2/packing?done=packed"), "{}", done.body);

    let early = sign(&app, "quality", &of("B-2", "certification"), &[("country", "FR")]);
    assert_eq!((early.status, count(&app, "batch_certified")), (409, 1), "the demo's own batch alone");
    check_sample(&app, &packed);
    let certified = sign(&app, "quality", &of("B-2", "certification"), &[("country", "FR")]);
    assert_eq!(certified.header("location"), format!("{BATCHES}/B-2?done=certified"), "{}", certified.body);
    assert_eq!(browser(&app, "quality").get(&of("B-2", "release")).status, 403, "one role, one step");
    let wrong = [("country", "FR"), ("password", "not the password")];
    let wrong = browser(&app, "supply").fill(&of("B-2", "release"), &wrong);
    assert_eq!((wrong.status, count(&app, "batch_released")), (401, 1), "{}", wrong.body);
    let released = sign(&app, "supply", &of("B-2", "release"), &[("country", "FR")]);
    assert_eq!(released.header("location"), format!("{BATCHES}/B-2?done=released"), "{}", released.body);
    let page = browser(&app, "monitor").get(&format!("{BATCHES}/B-2"));
    assert!(page.body.contains("<dd>released</dd>") && page.body.contains("pack: white carton"));
}

/// The reviewer writes down what is in the kits of the sample; one that was left out is asked for.
fn check_sample(app: &TestApp, packed: &str) {
    let mut reviewer = browser(app, "reviewer");
    let page = reviewer.get(&of("B-2", "sample"));
    let hidden = iwrs_tests::browser::hidden(&page.body).into_iter();
    let kits: Vec<_> = hidden.filter(|(name, _)| name.ends_with("kit_number")).collect();
    assert_eq!(kits.len(), 6, "{}", page.body);
    let found = kits.iter().map(|(name, number)| {
        let line = packed.lines().find(|line| line.starts_with(number)).expect("a line");
        let code = line.split_once(',').expect("two fields").1;
        (name.replace("kit_number", "kit_type"), code.to_owned())
    });
    let mut found: Vec<(String, String)> = found.collect();
    found.push(("password".to_owned(), password(app, "reviewer")));
    let send = |reviewer: &mut Browser, found: &[(String, String)]| {
        let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        reviewer.submit(&page, &of("B-2", "sample"), &found)
    };
    let refused = send(&mut reviewer, &found[1..]);
    assert!(refused.status == 422 && is_at(&refused, "found-0-kit-type"), "{}", refused.body);
    assert_eq!(count(app, "sample_checked"), 1, "the demo's own batch alone");
    let done = send(&mut reviewer, &found);
    assert_eq!(done.header("location"), format!("{BATCHES}/B-2/packing?done=sample_passed"), "{}", done.body);
}

#[test]
fn kit_25_a_kit_of_a_sample_that_holds_nothing_of_the_study_fails_it() {
    let app = TestApp::imodals();
    let mut supply = browser(&app, "supply");
    register(&mut supply, "B-2", &[]);
    let packager = Packager::new().expect("a packager");
    let key = packager.key().expect("a key").to_string();
    let list = supply.fill(&of("B-2", "packaging-list"), &[("recipient", "P"), ("recipient_key", &key)]);
    let packed = packager.open(&list.body).expect("it opens");
    supply.fill(&of("B-2", "packing"), &[("packed", &packed)]);
    let names: Vec<String> = (0..6).map(|at| format!("found.{at}.kit_type")).collect();
    let nothing: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "-")).collect();
    let failed = sign(&app, "reviewer", &of("B-2", "sample"), &nothing);
    assert_eq!(
        failed.header("location"),
        format!("{BATCHES}/B-2/packing?done=sample_failed"),
        "{}",
        failed.body
    );
}

#[test]
fn kit_25_what_would_tell_the_kits_apart_is_refused_at_its_field() {
    let app = TestApp::imodals();
    let mut supply = browser(&app, "supply");
    let table = [
        ("contents.1.visible", "pack: blue carton\r\nclosure: seal", "contents-0-kit-type"),
        ("contents.1.visible", "pack: SUGILITE-9127\r\nclosure: seal", "contents-1-visible"),
        ("contents.2.visible", "pack", "contents-2-visible"),
        ("contents.1.kit_type", "NO-SUCH-CODE", "contents-1-kit-type"),
        ("contents.2.kit_type", "KUNZITE-3358", "contents-2-kit-type"),
        ("contents.0.kits", "a dozen", "contents-0-kits"),
        ("contents.2.expiry", "2030-12-31", "label-expiry"),
        ("batch", "B TRUE-1", "batch"),
    ];
    for (name, value, field) in table {
        let refused = register(&mut supply, "B-2", &[(name, value)]);
        assert!(refused.status == 422 && is_at(&refused, field), "{name} = {value}: {}", refused.body);
        assert!(refused.body.contains("class=\"watermark\""), "who typed a lot sees who typed it");
        assert!(refused.body.contains("value=\"TRUE-0\""), "{name}: what was typed stays");
        let is_of_all = refused.body.contains("What follows can be told apart");
        assert_eq!(is_of_all, value.contains("blue"), "{name} = {value}: {}", refused.body);
    }
    assert_eq!(count(&app, "kits_registered"), 1, "the demo's own batch alone");
}

#[test]
fn what_only_unblinded_people_may_do_is_shown_to_nobody_else() {
    let app = TestApp::imodals();
    let pages = ["new", "B-2026-01/packing", "B-2026-01/packaging-list", "B-2026-01/sample"];
    let more = ["B-2026-01/expiry-extensions", "B-2026-01/lot-statement", "B-2026-01/lot-recall"];
    for who in ["quality", "depot", "monitor", "pharmacist"] {
        let mut browser = browser(&app, who);
        for page in pages.iter().chain(&more) {
            assert_eq!(browser.get(&format!("{BATCHES}/{page}")).status, 403, "{who} {page}");
        }
    }
    let mut supply = browser(&app, "supply");
    for page in pages.iter().chain(&more) {
        let shown = supply.get(&format!("{BATCHES}/{page}"));
        assert_eq!(shown.status, 200, "{page}: {}", shown.body);
        assert!(shown.body.contains("class=\"watermark\"") && shown.body.contains("(supply)"), "{page}");
    }
    let nothing = supply.get(&of("NO-SUCH", "packing"));
    assert_eq!(nothing.status, 404, "{}", nothing.body);
}

#[test]
fn kit_10_kit_11_an_expiry_is_shortened_by_one_and_extended_by_two() {
    let app = TestApp::imodals();
    let shorter =
        [("label_expiry", "2030-06-30"), ("evidence_sha256", EVIDENCE), ("reason", "it does not keep")];
    let batch = "B-2026-01";
    let done = sign(&app, "quality", &of(batch, "expiry-shortening"), &shorter);
    assert_eq!(done.header("location"), format!("{BATCHES}/{batch}?done=shortened"), "{}", done.body);
    let later = sign(&app, "quality", &of(batch, "expiry-shortening"), &shorter);
    assert!(later.status == 422 && is_at(&later, "label-expiry"), "{}", later.body);

    let mut longer = vec![("label_expiry", "2031-01-31"), ("reason", "it keeps")];
    let names: Vec<(String, String)> =
        (0..3).map(|at| (format!("lots.{at}.kit_type"), format!("lots.{at}.expiry"))).collect();
    let some =
        [longer.as_slice(), &[(names[0].0.as_str(), CODES[0]), (names[0].1.as_str(), "2031-03-31")]].concat();
    let refused = sign(&app, "supply", &of(batch, "expiry-extensions"), &some);
    assert!(
        refused.status == 422 && is_at(&refused, "lots-0-kit-type"),
        "all after a shortening: {}",
        refused.body
    );
    for ((kit_type, expiry), code) in names.iter().zip(CODES) {
        longer.extend([(kit_type.as_str(), code), (expiry.as_str(), "2031-03-31")]);
    }
    let proposed = sign(&app, "supply", &of(batch, "expiry-extensions"), &longer);
    assert_eq!(proposed.status, 303, "{}", proposed.body);
    let page = browser(&app, "quality").get(&format!("{BATCHES}/{batch}"));
    assert!(page.body.contains("<dd>2030-06-30</dd>"), "nothing has changed yet: {}", page.body);
    let link = page.body.split("/expiry-extensions/").nth(1).and_then(|rest| rest.split('"').next());
    let confirm = of(batch, &format!("expiry-extensions/{}", link.expect("the way to the second signature")));
    assert_eq!(browser(&app, "supply").get(&confirm).status, 403, "whoever proposed it");
    let done = sign(&app, "quality", &confirm, &[("evidence_sha256", EVIDENCE)]);
    assert_eq!(done.status, 303, "{}", done.body);
    let page = browser(&app, "pharmacist").get(&format!("{BATCHES}/{batch}"));
    assert!(page.body.contains("<dd>2031-01-31</dd>"), "{}", page.body);
    assert!(!browser(&app, "quality").get(&confirm).body.contains("class=\"act"), "it is signed");
}

#[test]
fn kit_13_a_batch_is_called_back_and_everybody_sees_where_its_kits_are() {
    let app = TestApp::imodals();
    let at = of("B-2026-01", "recall");
    assert_eq!(browser(&app, "monitor").get(&at).status, 404, "it is not recalled");
    let order = [("evidence_sha256", EVIDENCE), ("reason", "a torn seal")];
    let unsigned = browser(&app, "quality").fill(&at, &order);
    assert_eq!((unsigned.status, count(&app, "batch_recalled")), (401, 0), "{}", unsigned.body);
    let done = sign(&app, "quality", &at, &order);
    assert_eq!(done.header("location"), format!("{at}?done=recalled"), "{}", done.body);
    let report = browser(&app, "monitor").get(&at);
    assert!(report.body.contains("144 in all") && report.body.contains("in quarantine"), "{}", report.body);
    let in_it = browser(&app, "quality").get(&under("/supply/quarantine"));
    assert!(in_it.body.contains("/supply/quarantine/decision?site=34-001"), "{}", in_it.body);
}

#[test]
fn a_true_lot_is_called_back_by_whoever_has_read_what_that_reveals() {
    let app = TestApp::imodals();
    let mut supply = browser(&app, "supply");
    let at = of("B-2026-01", "lot-statement");
    let refused = supply.fill(&at, &[("lot", "NO-SUCH")]);
    assert!(refused.status == 422 && is_at(&refused, "lot"), "{}", refused.body);
    let stated = supply.fill(&at, &[("lot", LOT)]);
    assert!(stated.status == 200 && stated.body.contains("class=\"watermark\""), "{}", stated.body);
    assert_eq!(count(&app, "lot_statement_read"), 1);
    let mut french = supply.clone();
    french.headers.push(("Accept-Language".to_owned(), "fr".to_owned()));
    let mut again = iwrs_tests::browser::hidden(&stated.body);
    again.retain(|(name, _)| name != "print");
    let told = iwrs_tests::browser::unescaped(&french.post(&at, &again).body);
    for sentence in ["C'est irréversible.", "Tous sauront donc", "Participants : 0 ont", "L'autre voie est"]
    {
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    let paper = supply.submit(&stated, &at, &[]);
    assert!(paper.bytes.starts_with(b"%PDF-1.7"), "{}", paper.body);
    assert_eq!(count(&app, "lot_statement_read"), 1, "on paper it is the same statement");
    let way = stated.body.split("href=\"").find(|rest| rest.contains("/lot-recall?statement="));
    let way = iwrs_tests::browser::unescaped(way.and_then(|rest| rest.split('"').next()).expect("a way on"));
    let page = supply.get(&way);
    let value = |name: &str| {
        let input = page.body.split(&format!("name=\"{name}\"")).nth(1).expect("a field");
        input.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a value").to_owned()
    };
    let (statement, hash) = (value("statement"), value("statement_sha256"));
    let own = password(&app, "supply");
    let order = [("statement", statement.as_str()), ("statement_sha256", &hash), ("reason", "particles")];
    let order = [order.as_slice(), &[("why", "quality_defect"), ("password", &own)]].concat();
    let done = supply.submit(&page, &of("B-2026-01", "lot-recall"), &order);
    assert_eq!((done.status, count(&app, "lot_recalled")), (303, 1), "{}", done.body);
    let told = browser(&app, "pharmacist").get(&format!("{BATCHES}/B-2026-01"));
    assert!(told.body.contains("quality defect") && !told.body.contains(LOT), "{}", told.body);
}

#[test]
fn the_labels_of_a_batch_are_a_file_and_a_second_set_needs_a_reason() {
    let app = TestApp::imodals();
    let at = of("B-2026-01", "labels");
    let mut supply = browser(&app, "supply");
    let labels = supply.fill(&at, &[("language", "fr")]);
    assert!(labels.status == 200 && labels.bytes.starts_with(b"%PDF-1.7"), "{}", labels.body);
    let again = supply.fill(&at, &[("language", "fr")]);
    assert_eq!((again.status, count(&app, "labels_printed")), (409, 1), "{}", again.body);
    let why = supply.fill(&at, &[("language", "fr"), ("reason", "the printer tore one")]);
    assert_eq!((why.status, count(&app, "labels_printed")), (200, 2));
}

#[test]
fn kit_12_a_shipment_is_requested_packed_received_and_decided_about_on_pages() {
    let s = Supplied::new();
    let mut depot = browser(&s.app, "depot");
    let neither = depot.fill(&under("/shipments/new"), &[("groups", "1")]);
    assert!(neither.status == 422 && is_at(&neither, "to-site"), "{}", neither.body);
    let too_many = depot.fill(&under("/shipments/new"), &[("to_site", "34-001"), ("groups", "999")]);
    assert!(too_many.status == 409 && is_at(&too_many, "groups"), "{}", too_many.body);
    let picked = depot.fill(&under("/shipments/new"), &[("to_site", "34-001"), ("groups", "1")]);
    let at = picked.header("location").split('?').next().expect("an address").to_owned();
    let shipped = s.person("depot").get(&s.app.path("/shipments")).expect(200);
    let kits = shipped["shipments"][0]["kits"].as_array().expect("kits").iter();
    let kits: Vec<&str> = kits.map(|kit| kit.as_str().expect("a number")).collect();

    let strange = [&kits[1..], &["1234567889"]].concat().join("\r\n");
    let refused = depot.fill(&format!("{at}/dispatch"), &[("kits", &strange)]);
    assert!(refused.status == 422 && is_at(&refused, "kits"), "{}", refused.body);
    assert!(refused.body.contains(kits[1]), "what was scanned is kept: {}", refused.body);
    let left = depot.fill(&format!("{at}/dispatch"), &[("kits", &kits.join("\r\n"))]);
    assert_eq!(left.header("location"), format!("{at}?done=dispatched"), "{}", left.body);
    assert!(depot.get(&format!("{at}/label")).bytes.starts_with(b"%PDF-1.7"));
    let page = depot.get(&at);
    assert!(!page.body.contains("/dispatch\"") && !page.body.contains("class=\"act"), "the site receives it");

    let mut pharmacist = browser(&s.app, "pharmacist");
    let counted = kits.len().to_string();
    let confirm = pharmacist.fill(&at, &[("counted", &counted), ("excursion", "yes")]);
    assert_eq!(pharmacist.submit(&confirm, &at, &[]).status, 303, "{}", confirm.body);
    let waits =
        |who: &str| browser(&s.app, who).get(&under("/supply")).body.contains("Kits in quarantine: 36.");
    assert!(waits("quality") && waits("pharmacist") && !waits("supply"), "who decides is told");
    assert_eq!(
        browser(&s.app, "investigator").get(&under("/supply")).status,
        200,
        "who sees no kits sees alerts"
    );
    let unseen = browser(&s.app, "supply").get(&under("/supply/quarantine")).body;
    assert!(unseen.contains("What is in quarantine at a site is not shown to your role."), "{unseen}");
    let way = format!("/supply/quarantine/decision?shipment={}", at.rsplit('/').next().expect("an id"));
    let report = [("evidence_sha256", EVIDENCE), ("reason", "within the data on stability")];
    let open = sign(&s.app, "quality", &under(&way), &report);
    assert!(open.status == 422 && is_at(&open, "disposition"), "{}", open.body);
    let decided = [report.as_slice(), &[("disposition", "release")]].concat();
    let done = sign(&s.app, "quality", &under(&way), &decided);
    assert_eq!(done.header("location"), under("/supply/quarantine?done=decided"), "{}", done.body);
    s.states(&kits.iter().map(|kit| (*kit).to_owned()).collect::<Vec<_>>(), "available");
    assert_eq!(depot.get(&under(&way)).status, 403);
    assert_eq!(
        browser(&s.app, "quality").get(&under("/supply/quarantine/decision")).status,
        404,
        "about what?"
    );
}

#[test]
fn a_shipment_that_has_not_left_is_given_up() {
    let s = Supplied::new();
    let (shipment, _kits) = s.pick(&json!({ "to_depot": "NIMES", "groups": 1 }));
    let at = under(&format!("{shipment}/cancellation"));
    let mut depot = browser(&s.app, "depot");
    let bare = depot.fill(&at, &[("reason", " ")]);
    assert!(bare.status == 422 && is_at(&bare, "reason"), "{}", bare.body);
    assert_eq!(depot.fill(&at, &[("reason", "no courier")]).status, 303);
    assert!(depot.get(&under(&shipment)).body.contains("cancelled"));
    assert_eq!(browser(&s.app, "pharmacist").get(&at).status, 403);
}

/// The numbers that the table behind a plot has for a day.
pub(super) fn row(page: &str, day: &str) -> Vec<String> {
    let row = page.split(&format!("<td>{day}</td>")).nth(1).and_then(|rest| rest.split("</tr>").next());
    let cells = row.expect("the day").split("<td>").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_stock_is_told_in_totals_and_to_the_supply_manager_no_state_at_a_site() {
    let mut s = Supplied::new();
    let (shipment, kits) = s.send(&json!({ "to_depot": "NIMES", "groups": 2 }));
    s.post("depot", &format!("{shipment}/receipt"), &json!({ "received": kits, "excursion": false }))
        .expect(201);
    s.app.randomize("S-001", 1961, "male");
    let csv = |s: &Supplied, who: &str, page: &str| browser(&s.app, who).get(&under(page)).body;
    let seen = csv(&s, "monitor", "/supply/stock?csv=stock");
    for line in
        ["34-001,available,143", "34-001,allocated,1", "NIMES,released,72", "sponsor's stock,released,36"]
    {
        assert!(seen.lines().any(|told| told == line), "{line} in {seen}");
    }
    let told = csv(&s, "supply", "/supply/stock?csv=stock");
    let at_site: Vec<&str> = told.lines().filter(|line| line.starts_with("34-001")).collect();
    assert_eq!(at_site, ["34-001,not shown to your role,144"], "{told}");
    let unseen = "What was used at a site is not shown to your role";
    let says_so =
        |who: &str| ["/supply/stock", "/supply/expiry"].map(|page| csv(&s, who, page).contains(unseen));
    assert_eq!((says_so("supply"), says_so("monitor")), ([true; 2], [false; 2]));
    let horizon = csv(&s, "supply", "/supply/expiry?csv=expiry");
    assert!(
        horizon.lines().any(|line| line.starts_with("34-001,B-2026-01,") && line.ends_with(",144")),
        "{horizon}"
    );
    let local = csv(&s, "pharmacist", "/supply/stock?csv=stock");
    assert!(local.contains("34-001,available,143") && !local.contains("NIMES"), "{local}");
    // The table behind the plot has the days on which anything changed; of a site, nothing for the supply manager.
    s.set_clock("2015-10-06T08:00:00Z", &["investigator"]);
    s.app.randomize("S-002", 1962, "male");
    let page = csv(&s, "monitor", "/supply/stock");
    assert_eq!(row(&page, "2015-10-04"), ["0", "0", "0"], "{page}");
    assert_eq!(row(&page, "2015-10-05"), ["36", "72", "143"], "{page}");
    assert_eq!(row(&page, "2015-10-06"), ["36", "72", "142"], "{page}");
    let page = csv(&s, "supply", "/supply/stock");
    assert_eq!(row(&page, "2015-10-06"), ["36", "72"], "{page}");
    // What was counted for the readers before holds until somebody acts, and no longer.
    let seen = csv(&s, "monitor", "/supply/stock?csv=stock");
    assert!(seen.contains("34-001,available,142") && seen.contains("34-001,allocated,2"), "{seen}");
    let horizon = csv(&s, "monitor", "/supply/expiry?csv=expiry");
    assert!(horizon.lines().any(|line| line.starts_with("NIMES,B-2,2031-03-31,")), "{horizon}");
    assert!(horizon.lines().any(|line| line.starts_with("34-001,B-2026-01,2030-12-31,")), "{horizon}");
}

#[test]
fn whoever_supplies_reads_the_stock_of_each_type_of_no_site_and_every_read_is_recorded() {
    let mut s = Supplied::new();
    let (shipment, kits) = s.send(&json!({ "to_depot": "NIMES", "groups": 2 }));
    s.post("depot", &format!("{shipment}/receipt"), &json!({ "received": kits, "excursion": false }))
        .expect(201);
    s.set_clock("2015-10-06T08:00:00Z", &["investigator", "supply", "depot", "reviewer"]);
    s.send(&json!({ "from_depot": "NIMES", "to_site": "34-001", "groups": 1 }));
    s.app.randomize("S-001", 1961, "male");
    let address = under("/supply/stock/types");
    let mut supply = browser(&s.app, "supply");
    assert!(supply.get(&under("/supply/stock")).body.contains(&format!("href=\"{address}\"")));
    let asked = supply.get(&address);
    assert!(asked.status == 200 && !CODES.iter().any(|code| asked.body.contains(code)), "{}", asked.body);
    assert_eq!(count(&s.app, "stock_by_type_read"), 0, "the page was only visited");
    let page = supply.get(&format!("{address}?read=yes")).body;
    assert_eq!(count(&s.app, "stock_by_type_read"), 1);
    assert!(page.contains("class=\"watermark\""), "{page}");
    // Of 36 kits of each type in the sponsor's stock, 24 went to the depot and 12 of these on to the site, where the
    // demo's own kits lie, too, and one of them is meant for the subject.
    assert_eq!(row(&page, "2015-10-04"), ["0", "0", "0"], "{page}");
    assert_eq!(row(&page, "2015-10-05"), ["36", "36", "36"], "{page}");
    assert_eq!(row(&page, "2015-10-06"), ["24", "24", "24"], "{page}");
    let csv = supply.get(&format!("{address}?read=yes&csv=types")).body;
    for code in CODES {
        let of_type: Vec<&str> = csv.lines().filter(|line| line.contains(code)).collect();
        assert_eq!(of_type.len(), 2, "{csv}");
        for (place, kits) in [("NIMES", 12), ("sponsor's stock", 12)] {
            let is_told = |line: &&str| {
                line.starts_with(&format!("{place},{code},")) && line.ends_with(&format!(",{kits}"))
            };
            assert!(of_type.iter().any(is_told), "{place}: {csv}");
        }
    }
    assert_eq!(count(&s.app, "stock_by_type_read"), 2, "a download is a read");
    // The same by the interface.
    let read = s.app.person("reviewer").get(&s.app.path("/stock-by-type")).expect(200);
    for of in read["stock"].as_array().expect("types") {
        let here = json!([{ "place": "stock", "kits": 12 }, { "place": "depot/NIMES", "kits": 12 }]);
        let days = json!([{ "day": "2015-10-05", "kits": 36 }, { "day": "2015-10-06", "kits": 24 }]);
        assert_eq!((&of["places"], &of["usable"]), (&here, &days), "{read}");
    }
    for who in ["pharmacist", "depot", "quality", "monitor", "investigator", "statistician"] {
        for page in [&address, &format!("{address}?read=yes")] {
            assert_eq!(browser(&s.app, who).get(page).status, 403, "{who}");
        }
        let page = browser(&s.app, who).get(&under("/supply/stock")).body;
        assert!(!page.contains(&address), "{who} is not led there");
    }
    assert_eq!(count(&s.app, "stock_by_type_read"), 3, "a try is no read");
}

#[test]
fn whoever_supplies_is_led_to_what_there_is_to_do() {
    let app = TestApp::imodals();
    let ways =
        [("supply", "/supply/batches/new"), ("depot", "/supply/resupply"), ("quality", "/supply/quarantine")];
    for (who, way) in ways {
        let page = browser(&app, who).get(&under("/supply"));
        let main = format!("<a class=\"main\" href=\"{}\">", under(way));
        assert!(page.body.contains(&main), "{who}: {}", page.body);
    }
    let mut investigator = browser(&app, "investigator");
    assert!(
        !investigator.get(&under("")).body.contains(&under("/supply\"")),
        "nothing there is the investigator's"
    );
    assert_eq!(investigator.get(&under("/supply/batches")).status, 403);
}
