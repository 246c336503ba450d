//! Labels of kits and shipments: what stands on the pages, and that they were printed.

use datamatrix::DataMatrix;
use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::client::Expect;
use iwrs_tests::paper::{picture, words};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::once::assert_journal_holds;
use crate::record::{count, leaves};
use crate::shipments::Supplied;

const BATCH: &str = "B-2026-01";
const SITE: &str = "34-001";
/// What nobody may read on a label: internal codes, what is in a kit, and true lots.
const HIDDEN: [&str; 9] = [
    "QUOLL",
    "NUMBAT",
    "BILBY",
    "KUNZITE",
    "SUGILITE",
    "LARIMAR",
    "vials of vehicle",
    "vials of aldesleukin",
    "LOT-DEMO",
];
/// Where the code of a kit's label is, in thousandths of its width and height.
const CODE: (usize, usize) = (230, 305);

/// The labels of the cast's batch, printed and printed again.
pub(crate) fn play(app: TestApp) -> TestApp {
    assert_eq!(print(&app, "supply", &json!({ "language": "fr" })).status, 201);
    let again = json!({ "language": "en", "reason": "the printer ran dry" });
    assert_eq!(print(&app, "supply", &again).status, 201);
    app
}

fn path(app: &TestApp, batch: &str) -> String {
    app.path(&format!("/batches/{batch}/labels"))
}

fn print(app: &TestApp, who: &str, body: &Value) -> Reply {
    app.person(who).post(&path(app, BATCH), body)
}

/// IMODALS under another public design.
fn designed(change: impl Fn(&str) -> String) -> TestApp {
    TestApp::in_world(World { design: Some(change(&files().design)), ..World::default() })
}

/// The design as it was before there were labels.
fn without_labels(design: &str) -> String {
    let (start, end) = (design.find("[label]\n").expect("labels"), design.find("# Who knows").expect("more"));
    let assumed = design.find("[[assumptions]]\npath = \"label\"").expect("what is assumed of labels");
    format!("{}{}", &design[..start], &design[end..assumed])
}

fn with_gtin(design: &str) -> String {
    design.replacen("[label]\n", "[label]\ngtin = \"08714023000405\"\n", 1)
}

/// The kit numbers of a batch, in their order.
fn numbers(app: &TestApp, batch: &str) -> Vec<String> {
    let kits = app.person("supply").get(&app.path(&format!("/kits?batch={batch}"))).expect(200);
    let kits = kits["kits"].as_array().expect("kits").iter();
    kits.map(|kit| kit["number"].as_str().expect("a number").to_owned()).collect()
}

fn read_aloud(number: &str) -> String {
    format!("{} {} {}", &number[..4], &number[4..8], &number[8..])
}

/// What a scanner reads in the upper right corner of a page: it finds out by itself how many modules a code has.
fn scanned(pdf: &[u8], page: usize, part: (usize, usize)) -> String {
    let picture = picture(pdf, page);
    let read = |side: usize| DataMatrix::decode(&picture.modules(part, side), side).ok();
    let read = (10..=26).step_by(2).find_map(read).expect("a code");
    String::from_utf8(read).expect("ASCII")
}

/// All words in a line, as one reads them, wherever the lines end.
fn in_a_row(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn kit_15_every_kit_has_a_page_with_every_item_of_annex_vi() {
    let app = TestApp::imodals();
    let reply = print(&app, "supply", &json!({ "language": "fr" }));
    assert_eq!((reply.status, reply.header("content-type")), (201, "application/pdf"));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"labels-B-2026-01-fr.pdf\"");
    assert_eq!(reply.header("cache-control"), "no-store");
    let (pages, numbers) = (words(&reply.bytes), numbers(&app, BATCH));
    assert_eq!((pages.len(), numbers.len()), (144, 144));
    for (page, number) in pages.iter().zip(&numbers) {
        let page = in_a_row(page);
        for item in [
            "CHU de Nîmes, unité de recherche clinique (démonstration), 1 place de la Démonstration",
            "levée d'aveugle en urgence",
            "Tél. +33 4 65 71 00 00",
            "aldesleukine 1 MUI / 2 MUI ou placebo",
            "solution injectable; voie sous-cutanée; 5 flacons unidoses : une cure",
            "B-2026-01",
            "ClinicalTrials.gov NCT02059759",
            "EudraCT 2014-001327-71",
            &read_aloud(number),
            "Sujet n°",
            "Investigateur",
            "Injecter un flacon une fois par jour pendant 5 jours",
            "Pour essai clinique uniquement",
            "entre 2 °C et 8 °C",
            "Péremption (mois/année)",
            "12/2030",
            "Tenir hors de la vue et de la portée des enfants.",
        ] {
            assert!(page.contains(item), "{item:?} is not on the label of {number}: {page}");
        }
        let hidden = HIDDEN.iter().find(|word| page.contains(*word));
        assert_eq!(hidden, None, "{page}");
    }
}

#[test]
fn a_scanner_reads_the_number_off_the_printed_page() {
    let app = TestApp::imodals();
    let reply = print(&app, "supply", &json!({ "language": "en" }));
    assert_eq!(reply.status, 201, "{}", reply.body);
    let numbers = numbers(&app, BATCH);
    for page in [1, 77, 144] {
        assert_eq!(scanned(&reply.bytes, page, CODE), numbers[page - 1]);
    }
}

#[test]
fn with_a_gtin_the_code_on_the_page_is_one_of_gs1_for_every_type_alike() {
    let app = designed(with_gtin);
    let reply = print(&app, "supply", &json!({ "language": "en" }));
    let numbers = numbers(&app, BATCH);
    for page in [1, 144] {
        let read = scanned(&reply.bytes, page, CODE);
        assert_eq!(read, format!("01087140230004051730123121{}\u{1d}10B-2026-01", numbers[page - 1]));
    }
    assert!(words(&reply.bytes).iter().all(|page| page.contains("(01) 08714023000405")));
    is_handed_over(&app);
}

/// The code of the right kit, as a scanner gives it, hands it over.
fn is_handed_over(app: &TestApp) {
    app.randomize("S-001", 1961, "male");
    let pharmacist = app.person("pharmacist");
    let path = app.path("/subjects/S-001/dispensations");
    let told = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
    let (id, kit) = (&told["dispensation"]["id"], &told["dispensation"]["kits"][0]);
    let [id, kit] = [id, kit].map(|text| text.as_str().expect("a text"));
    let confirmation = app.path(&format!("/dispensations/{id}/confirmation"));
    let code = |rest: &str| format!("010871402300040517301231{rest}");
    let scan = |scanned: &str| pharmacist.post(&confirmation, &json!({ "kit_number": scanned }));
    let unknown = code(&format!("99B-2026-01\u{1d}21{kit}"));
    assert_eq!(scan(&unknown).problem(409), "wrong-kit", "an identifier that no label has");
    // As of a scanner that drops the separator.
    scan(&code(&format!("21{kit}10B-2026-01"))).expect(201);
}

#[test]
fn kit_15_that_labels_were_printed_is_in_the_journal_and_they_are_printed_again_for_a_reason() {
    let app = TestApp::imodals();
    let (supply, body) = (app.person("supply"), json!({ "language": "fr" }));
    for who in ["investigator", "pharmacist", "monitor", "depot", "quality", "statistician", "reviewer"] {
        print(&app, who, &body).problem(403);
    }
    let too_early = json!({ "language": "fr", "reason": "to be sure" });
    assert_eq!(print(&app, "supply", &too_early).problem(422), "invalid-field");
    assert_eq!(print(&app, "supply", &json!({ "language": "de" })).problem(422), "invalid-field");
    let unknown = app.path("/batches/no-such-batch/labels");
    supply.post(&unknown, &body).problem(404);
    assert_eq!(count(&app, "labels_printed"), 0);
    let first = supply.post_with_key(&path(&app, BATCH), &body, "once");
    let leaf = leaves(&app).pop().expect("a leaf");
    let expected = json!({
        "kind": "labels_printed", "batch": BATCH, "language": "fr", "label_expiry": "2030-12-31",
        "labels": 144, "file": hex::encode(Sha256::digest(&first.bytes)), "reason": null,
    });
    assert_eq!(
        (&leaf["act"], &leaf["role"], &leaf["site"]),
        (&expected, &json!("supply_manager"), &Value::Null)
    );
    let replayed = supply.post_with_key(&path(&app, BATCH), &body, "once");
    assert_eq!((replayed.status, replayed.bytes == first.bytes), (201, true), "the same file");
    assert_eq!(count(&app, "labels_printed"), 1);
    for language in ["fr", "en"] {
        let again = print(&app, "supply", &json!({ "language": language }));
        assert_eq!(again.problem(409), "labels-printed", "a kit has one label, in whatever language");
    }
    assert_eq!(
        print(&app, "supply", &json!({ "language": "fr", "reason": " " })).problem(422),
        "invalid-field"
    );
    let again = print(&app, "supply", &json!({ "language": "fr", "reason": "the printer ran dry" }));
    assert!(again.bytes == first.bytes, "nothing in the file depends on when it was made");
    assert!(leaves(&app).pop().expect("a leaf")["act"]["reason"].is_string());
    assert_eq!(count(&app, "labels_printed"), 2);
    assert_journal_holds(&app.person("statistician"));
}

#[test]
fn kit_08_the_label_says_the_expiry_that_is_in_force_and_a_recalled_batch_gets_no_label() {
    let app = TestApp::imodals();
    let evidence = "ab".repeat(32);
    let sign = |action: &str, rest: &str, body: &Value| {
        let path = app.path(&format!("/batches/{BATCH}/{rest}"));
        app.person("quality").sign_and_post(action, &path, body).expect(201)
    };
    let plain = json!({ "language": "en" });
    let first = app.person("supply").post_with_key(&path(&app, BATCH), &plain, "first");
    assert_eq!(first.status, 201);
    let shorten = json!({ "label_expiry": "2030-11-15", "evidence_sha256": evidence, "reason": "new data" });
    sign("shorten_expiry", "expiry-shortening", &shorten);
    let outdated = app.person("supply").post_with_key(&path(&app, BATCH), &plain, "first");
    assert_eq!(outdated.problem(409), "labels-printed", "what does not hold any more is not given out again");
    let again = json!({ "language": "en", "reason": "the label expiry was shortened" });
    let second = app.person("supply").post_with_key(&path(&app, BATCH), &again, "again");
    let replayed = app.person("supply").post_with_key(&path(&app, BATCH), &again, "again");
    assert!(replayed.bytes == second.bytes, "what was printed is answered as it was");
    let page = |reply: &Reply| in_a_row(&words(&reply.bytes)[0]);
    assert!(page(&first).contains("Expiry (month/year)") && page(&first).contains("12/2030"));
    let day = page(&second);
    assert!(day.contains("Expiry (year-month-day)") && day.contains("2030-11-15"), "{day}");
    assert!(!day.contains("11/2030"), "a month would promise its last day: {day}");
    let recall = json!({ "evidence_sha256": evidence, "reason": "a torn seal" });
    sign("recall_batch", "recall", &recall);
    let refused = print(&app, "supply", &json!({ "language": "en", "reason": "once more" }));
    assert_eq!(refused.problem(409), "batch-state");
    let replayed = app.person("supply").post_with_key(&path(&app, BATCH), &again, "again");
    assert_eq!(replayed.problem(409), "batch-state", "nor of what is recalled");
    assert_journal_holds(&app.person("statistician"));
}

#[test]
fn a_design_without_labels_refuses_them_and_names_every_item() {
    let app = designed(without_labels);
    let refused = print(&app, "supply", &json!({ "language": "en" }));
    assert_eq!(refused.problem(409), "label-incomplete");
    let detail = refused.json()["detail"].as_str().expect("a sentence").to_owned();
    for item in trial::study::ITEMS.iter().filter(|item| **item != "trial reference") {
        assert!(detail.contains(item), "{item:?} is not named: {detail}");
    }
    assert_eq!(count(&app, "labels_printed"), 0);
}

/// A change of the design, and the field that cannot be printed then.
type Change<'a> = (&'a dyn Fn(&str) -> String, &'a str);

#[test]
fn what_the_font_lacks_and_what_does_not_fit_is_refused_and_nothing_is_recorded() {
    let long = "Keep it away from light and heat. ".repeat(9);
    let lengthened = |design: &str| {
        let ends =
            ["away from light. Do not freeze.", "as the investigator has explained.", "reach of children."];
        ends.iter().fold(design.to_owned(), |design, end| design.replacen(end, &long, 1))
    };
    let foreign = |design: &str| design.replacen("Do not freeze.", "袋鼠 Do not freeze.", 1);
    let changes: [Change<'_>; 2] = [(&foreign, "label.storage"), (&lengthened, "label.label")];
    for (change, field) in changes {
        let app = designed(change);
        let refused = print(&app, "supply", &json!({ "language": "en" }));
        assert_eq!(refused.problem(422), "invalid-field");
        assert_eq!(refused.json()["field"], field, "{refused:?}");
        assert_eq!(count(&app, "labels_printed"), 0);
        assert_eq!(
            print(&app, "supply", &json!({ "language": "fr" })).status,
            201,
            "the other language is whole"
        );
    }
}

#[test]
fn a_shipment_has_a_label_with_where_it_goes_and_how_much_is_in_it_and_nothing_of_what() {
    let s = Supplied::new();
    let (shipment, kits) = s.pick(&json!({ "to_site": SITE, "groups": 1 }));
    let id = shipment.trim_start_matches("/shipments/");
    let label = |who: &str, query: &str| s.person(who).get(&s.app.path(&format!("{shipment}/label{query}")));
    let reply = label("depot", "");
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/pdf"));
    let disposition = format!("attachment; filename=\"shipment-{id}.pdf\"");
    assert_eq!(reply.header("content-disposition"), disposition);
    let pages = words(&reply.bytes);
    let [page] = pages.as_slice() else { panic!("one page: {pages:?}") };
    let page = in_a_row(page);
    for item in [
        "the sponsor's stock",
        "Demo Hospital (34-001), FR",
        id,
        "Kits in total",
        "36",
        "2 °C to 8 °C",
        "For clinical trial use only",
        "NCT02059759",
        "+33 4 65 71 00 00",
    ] {
        assert!(page.contains(item), "{item:?} is not on it: {page}");
    }
    assert!(kits.iter().all(|kit| !page.contains(kit)) && HIDDEN.iter().all(|word| !page.contains(word)));
    assert_eq!(scanned(&reply.bytes, 1, (250, 360)), id);
    assert!(
        label("pharmacist", "?language=en").bytes == reply.bytes,
        "as often as need be, and for the receiver"
    );
    assert!(in_a_row(&words(&label("depot", "?language=fr").bytes)[0]).contains("stock du promoteur"));
    assert_eq!(label("depot", "?language=de").problem(422), "invalid-field");
    assert_eq!(label("depot", "?arm=placebo").problem(400), "malformed-request");
    label("investigator", "").problem(403);
    s.person("depot").get(&s.app.path("/shipments/no-such-thing/label")).problem(404);
    let why = json!({ "reason": "no courier came" });
    s.post("depot", &format!("{shipment}/cancellation"), &why).expect(201);
    assert_eq!(label("depot", "").problem(409), "shipment-state");
}
