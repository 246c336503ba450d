//! How the kits of a batch come to exist: the list that leaves, the packing that comes back, and the check of a sample.

use iwrs::client::Reply;
use iwrs::demo::{Packager, found};
use iwrs_tests::app::{TestApp, files};
use iwrs_tests::client::Expect;
use serde_json::{Value, json};
use service::keys::Sealer;
use store::rows::leaf;
use store::{Failure, Store, Tree};
use terms::StudyId;
use trial::Refusal;

use crate::blind::hidden::{self, sealed_design};

const CODES: [&str; 3] = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"];
const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// A batch that is registered and no more, with so many kits of every type, in the order of [`CODES`].
fn registration(batch: &str, kits: [u32; 3]) -> Value {
    let content = |(code, kits): (&str, u32)| {
        let lot = format!("TRUE-{code}");
        json!({
            "kit_type": code, "kits": kits, "lot": lot, "expiry": "2031-03-31",
            "visible": { "pack": "white carton" },
        })
    };
    let contents: Vec<Value> = CODES.into_iter().zip(kits).map(content).collect();
    json!({ "batch": batch, "label_expiry": "2031-03-31", "contents": contents })
}

fn registered(kits: [u32; 3]) -> TestApp {
    let app = TestApp::imodals();
    app.person("supply").post(&app.path("/kits"), &registration("B-2", kits)).expect(201);
    app
}

/// An address under the batch.
fn at(app: &TestApp, rest: &str) -> String {
    app.path(&format!("/batches/B-2/{rest}"))
}

fn to(packager: &Packager) -> Value {
    json!({ "recipient": "Packagers & Sons", "recipient_key": packager.key().expect("a key").to_string() })
}

/// The list as the packager reads it.
fn exported(app: &TestApp) -> String {
    let packager = Packager::new().expect("a packager");
    let list = app.person("supply").post(&at(app, "packaging-lists"), &to(&packager)).expect(201);
    packager.open(text(&list["packaging_list"]["age"])).expect("it opens")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}"))
}

fn record(app: &TestApp, packed: &str) -> Reply {
    app.person("supply").post(&at(app, "packings"), &json!({ "packed": packed }))
}

/// The kits of the sample, as whoever is to check it is told.
fn sample(app: &TestApp) -> Vec<Value> {
    let told = app.person("reviewer").get(&at(app, "packings")).expect(200);
    let last = told["packings"].as_array().expect("packings").last().expect("a packing").clone();
    last["sample"].as_array().expect("a sample").clone()
}

fn check(app: &TestApp, who: &str, found: &Value) -> Reply {
    app.person(who).sign_and_post("check_sample", &at(app, "sample-checks"), found)
}

fn certify(app: &TestApp) -> Reply {
    let country = json!({ "country": "FR" });
    app.person("quality").sign_and_post("certify_batch", &at(app, "certification"), &country)
}

fn release(app: &TestApp) -> Reply {
    let country = json!({ "country": "FR" });
    app.person("supply").sign_and_post("release_batch", &at(app, "release"), &country)
}

/// The acts of the study's journal of one kind.
fn acts(app: &TestApp, kind: &str) -> Vec<Value> {
    let store = Store::open(app.database.url()).expect("the store opens");
    let tree = Tree::Study(StudyId::parse("imodals").expect("an id"));
    let leaves = store.read(|conn| Ok::<_, Failure<Refusal>>(leaf::page(conn, &tree, 0, 10_000)?));
    let leaves = leaves.expect("the leaves are read").into_iter();
    let acts =
        leaves.map(|leaf| serde_json::from_slice::<Value>(&leaf.canonical).expect("JSON")["act"].clone());
    acts.filter(|act| act["kind"] == kind).collect()
}

/// The batch as a blinded person sees it.
fn shown(app: &TestApp) -> Value {
    let batches = app.person("pharmacist").get(&app.path("/batches")).expect(200);
    let batches = batches["batches"].as_array().expect("batches").clone();
    batches.into_iter().find(|batch| batch["id"] == "B-2").expect("the batch")
}

#[test]
fn kit_25_bld_14_the_list_tells_the_recipient_alone_what_is_in_every_kit_and_its_leaf_comes_first() {
    let app = registered([4, 2, 3]);
    let (packager, other) = (Packager::new().expect("a key"), Packager::new().expect("a key"));
    let supply = app.person("supply");
    let list = supply.post_with_key(&at(&app, "packaging-lists"), &to(&packager), "list").expect(201);
    let list = &list["packaging_list"];
    assert_eq!((&list["kits"], &list["recipient"]), (&json!(9), &json!("Packagers & Sons")));
    let armour = text(&list["age"]);
    let opened = packager.open(armour).expect("the recipient opens it");
    assert!(other.open(armour).is_err(), "and nobody else does");
    let sealed = sealed_design(&files().sealed);
    let truth = hidden::open(app.database.url(), &Sealer::Real, &sealed);
    let lines: Vec<&str> = opened.trim_end_matches('\n').lines().collect();
    assert_eq!(lines[0], "kit_number,kit_type");
    assert!(
        lines.len() == 10 && lines.is_sorted_by(|one, other| one == &lines[0] || one < other),
        "{lines:?}"
    );
    for line in &lines[1..] {
        let (number, code) = line.split_once(',').expect("two fields");
        let kit_type = sealed.kit_type(code).expect("a code");
        assert_eq!(sealed.arm_of(kit_type).expect("an arm").as_usize(), truth.kits[number], "{number}");
    }
    let leaves = acts(&app, "packaging_list_exported");
    let leaf = leaves.last().expect("a leaf");
    assert_eq!((&leaf["batch"], &leaf["recipient_key"]), (&json!("B-2"), &to(&packager)["recipient_key"]));
    assert!(!leaf.to_string().contains("Packagers"), "no name of a person stands in a leaf");
    // The same request again: the list leaves again, and that is recorded again.
    let again = supply.post_with_key(&at(&app, "packaging-lists"), &to(&packager), "list").expect(201);
    assert_ne!(again["packaging_list"]["age"], list["age"]);
    assert_eq!(packager.open(text(&again["packaging_list"]["age"])).expect("it opens"), opened);
    assert_eq!(acts(&app, "packaging_list_exported").len(), leaves.len() + 1);
    let told = app.person("reviewer").get(&at(&app, "packings")).expect(200);
    assert_eq!(told["packaging_lists"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["packaging_lists"][1]["recipient"], "Packagers & Sons");
}

#[test]
fn kit_25_the_length_of_what_leaves_tells_no_number_of_kits_of_a_type() {
    let length = |kits| {
        let app = registered(kits);
        let packager = Packager::new().expect("a packager");
        let list = app.person("supply").post(&at(&app, "packaging-lists"), &to(&packager)).expect(201);
        text(&list["packaging_list"]["age"]).len()
    };
    // The codes have 12 and 13 letters.
    assert_eq!(length([10, 1, 1]), length([1, 10, 1]));
}

#[test]
fn a_wrong_key_or_no_name_lets_nothing_leave() {
    let app = registered([1; 3]);
    let before = acts(&app, "packaging_list_exported").len();
    let weak = service::age::Recipient::from_key([0; 32]).to_string();
    let supply = app.person("supply");
    for (key, name, field) in [
        ("age1", "P", "recipient_key"),
        (&KEY[..61], "P", "recipient_key"),
        ("AGE-SECRET-KEY-198JZ4FD6PQ5PWDH9YVGZUX8EY2MAKPVDVKMP2MNQXW7GELTYSF9SX4TG6X", "P", "recipient_key"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJp", "P", "recipient_key"),
        (&weak, "P", "recipient_key"),
        (KEY, "  ", "recipient"),
    ] {
        let body = json!({ "recipient": name, "recipient_key": key });
        let refused = supply.post(&at(&app, "packaging-lists"), &body).expect(422);
        assert_eq!(refused["field"], field, "{refused}");
        assert!(!refused.to_string().contains("SECRET"), "a key is repeated: {refused}");
    }
    assert_eq!(acts(&app, "packaging_list_exported").len(), before);
    let rows = app.database.values("SELECT batch AS value FROM packaging_list").expect("rows");
    assert_eq!(rows, ["B-2026-01"]);
}

#[test]
fn kit_25_what_comes_back_otherwise_is_refused_whole_with_its_line() {
    let app = registered([2; 3]);
    assert_eq!(record(&app, "").problem(409), "batch-state", "nothing was exported");
    let list = exported(&app);
    let lines: Vec<&str> = list.trim_end().lines().collect();
    let joined = |lines: &[&str]| lines.join("\n");
    let sorted = {
        let mut rest = lines[1..].to_vec();
        rest.sort_by_key(|line| line[10..].to_owned());
        joined(&[&[lines[0]], rest.as_slice()].concat())
    };
    let exchanged = {
        let code = |line: &str| {
            CODES.into_iter().find(|code| !line.ends_with(code)).expect("another code").to_owned()
        };
        joined(&[&lines[..3], &[&format!("{},{}", &lines[3][..10], code(lines[3]))], &lines[4..]].concat())
    };
    let windows = list.replace('\n', "\r\n");
    let marked = format!("\u{feff}{list}");
    let table = [
        ("sorted by type", sorted.as_str(), "in line"),
        ("cut short", &joined(&lines[..6]), "in line 7"),
        ("a line twice", &joined(&[&lines[..4], &lines[3..]].concat()), "in line 5"),
        ("another type", &exchanged, "in line 4"),
        ("ends of lines of Windows", &windows, "in line 1"),
        ("a byte order mark", &marked, "in line 1"),
        ("nothing", "", "in line 1"),
    ];
    for (name, packed, line) in table {
        let refused = record(&app, packed).expect(422);
        let detail = text(&refused["detail"]);
        assert!(refused["field"] == "packed" && detail.contains(line), "{name}: {detail}");
        assert!(CODES.iter().all(|code| !detail.contains(code)), "{name}: {detail}");
    }
    assert_eq!(app.database.values("SELECT batch AS value FROM packing").expect("rows"), ["B-2026-01"]);
    assert_eq!(acts(&app, "packing_recorded").len(), 1, "of the staged batch");
    let recorded = record(&app, &list).expect(201);
    assert_eq!((&recorded["packing"]["attempt"], &recorded["packing"]["kits"]), (&json!(1), &json!(6)));
    assert_eq!(record(&app, &list).problem(409), "batch-state", "it is packed once");
}

#[test]
fn kit_25_nothing_is_released_before_its_packing_is_recorded_and_its_sample_passed() {
    let app = registered([4; 3]);
    let refused = |code: &str| {
        assert_eq!(certify(&app).problem(409), code);
        assert_eq!(release(&app).problem(409), code);
    };
    refused("not-packed");
    assert_eq!(check(&app, "reviewer", &json!({ "found": [] })).problem(409), "not-packed");
    let list = exported(&app);
    refused("not-packed");
    let body = json!({ "packed": list });
    let supply = app.person("supply");
    let recorded = supply.post_with_key(&at(&app, "packings"), &body, "pack").expect(201);
    refused("sample-unchecked");
    let sample = sample(&app);
    assert!(sample.len() == 6 && recorded["packing"]["sample"] == json!(sample), "{recorded}");
    let found = found(&list, &sample);
    assert_eq!(check(&app, "supply", &found).problem(409), "same-person");
    let reviewer = app.person("reviewer");
    let path = at(&app, "sample-checks");
    let token = reviewer.sign("check_sample", &path, &found);
    let checked = reviewer.post_signed(&path, &found, "check", &token).expect(201);
    assert_eq!(checked["packing"]["passed"], true);
    assert_eq!(reviewer.post_with_key(&path, &found, "check").expect(201), checked, "sent again");
    assert_eq!(
        supply.post_with_key(&at(&app, "packings"), &body, "pack").expect(201),
        recorded,
        "sent again"
    );
    assert_eq!(check(&app, "reviewer", &found).problem(409), "already-confirmed");
    assert_eq!(acts(&app, "sample_checked").len(), 2, "with that of the staged batch");
    certify(&app).expect(201);
    assert_eq!(release(&app).expect(201)["batch"]["released_in"], json!(["FR"]));
    let shown = shown(&app);
    assert_eq!(
        (&shown["packing"]["sample_passed"], &shown["visible"]["pack"]),
        (&json!(true), &json!("white carton"))
    );
    assert!(
        CODES.iter().all(|code| !shown.to_string().contains(code)) && shown.get("sample").is_none(),
        "{shown}"
    );
}

#[test]
fn kit_25_a_failed_sample_stops_the_batch_until_it_is_packed_anew_and_does_not_say_which_kit() {
    let app = registered([4; 3]);
    let list = exported(&app);
    record(&app, &list).expect(201);
    let first = sample(&app);
    let mut wrong = found(&list, &first);
    let code = text(&wrong["found"][2]["kit_type"]).to_owned();
    wrong["found"][2]["kit_type"] = json!(CODES.into_iter().find(|other| *other != code));
    let failed = check(&app, "reviewer", &wrong).expect(201);
    assert_eq!(failed["packing"]["passed"], false);
    assert_eq!([certify(&app).problem(409), release(&app).problem(409)], ["sample-failed", "sample-failed"]);
    assert_eq!(shown(&app)["packing"]["sample_passed"], false);
    let leaf = acts(&app, "sample_checked").pop().expect("a leaf");
    assert_eq!((&leaf["kits"], &leaf["passed"]), (&json!(first), &json!(false)));
    assert_eq!(
        leaf.as_object().map(serde_json::Map::len),
        Some(6),
        "nothing in the clear tells which: {leaf}"
    );
    let again = record(&app, &list).expect(201);
    assert_eq!(again["packing"]["attempt"], 2);
    assert_ne!(sample(&app), first, "another sample is drawn");
    check(&app, "reviewer", &found(&list, &sample(&app))).expect(201);
    certify(&app).expect(201);
}

#[test]
fn kit_25_a_check_names_the_sample_and_nothing_else() {
    let app = registered([4; 3]);
    let list = exported(&app);
    record(&app, &list).expect(201);
    let right = found(&list, &sample(&app));
    let with = |pointer: &str, value: Value| {
        let mut body = right.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    let outside = list.lines().skip(1).find(|line| !right.to_string().contains(&line[..10])).expect("a kit");
    for (body, field) in [
        (json!({ "found": [] }), "found"),
        (with("/found/0/kit_number", json!(&outside[..10])), "found[0].kit_number"),
        (with("/found/1/kit_number", right["found"][0]["kit_number"].clone()), "found[1].kit_number"),
        (with("/found/1/kit_number", json!("1234567888")), "found[1].kit_number"),
        (with("/found/2/kit_type", json!("QUOLL-7193")), "found[2].kit_type"),
    ] {
        let refused = check(&app, "reviewer", &body).expect(422);
        assert_eq!(refused["field"], field, "{refused}");
    }
    assert_eq!(acts(&app, "sample_checked").len(), 1, "of the staged batch");
    assert_eq!(
        app.person("reviewer").post(&at(&app, "sample-checks"), &right).problem(403),
        "signature-needed"
    );
}

#[test]
fn kit_25_what_can_be_seen_from_outside_must_not_separate_the_types() {
    let app = TestApp::imodals();
    let supply = app.person("supply");
    let mut body = registration("B-2", [1; 3]);
    body["contents"][1]["visible"]["pack"] = json!("blue carton");
    let refused = supply.post(&app.path("/kits"), &body).expect(422);
    assert!(refused["field"] == "contents" && text(&refused["detail"]).contains("`pack`"), "{refused}");
    assert!(!refused.to_string().contains("carton"), "{refused}");
    let mut told = registration("B-2", [1; 3]);
    for content in told["contents"].as_array_mut().expect("contents") {
        content["visible"]["pack"] = json!("like true-larimar-4406");
    }
    let refused = supply.post(&app.path("/kits"), &told).expect(422);
    assert_eq!(refused["field"], "contents[0].visible");
    let named = registration("B-larimar-4406", [1; 3]);
    assert_eq!(supply.post(&app.path("/kits"), &named).expect(422)["field"], "batch");
    assert_eq!(app.database.values("SELECT id AS value FROM batch").expect("rows"), ["B-2026-01"]);
    supply.post(&app.path("/kits"), &registration("B-2", [1; 3])).expect(201);
    assert_eq!(shown(&app)["visible"], json!({ "pack": "white carton" }));
}

#[test]
fn kit_25_a_recalled_batch_is_not_packed() {
    let app = registered([1; 3]);
    let body = json!({ "evidence_sha256": "ab".repeat(32), "reason": "a torn seal" });
    app.person("quality").sign_and_post("recall_batch", &at(&app, "recall"), &body).expect(201);
    let to = json!({ "recipient": "P", "recipient_key": KEY });
    assert_eq!(app.person("supply").post(&at(&app, "packaging-lists"), &to).problem(409), "batch-state");
    assert_eq!(record(&app, "").problem(409), "batch-state");
    assert_eq!(check(&app, "reviewer", &json!({ "found": [] })).problem(409), "batch-state");
}
