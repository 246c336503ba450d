//! A whole batch that is called back.

use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::{EVIDENCE, dispense, numbers, places, propose, recall, replace, scan, sign_once, told};
use crate::record::count;
use crate::replacements::assert_sound;
use crate::shipments::{Supplied, receipt};

const SITE: &str = "34-001";

/// A batch that is everywhere: on the shelf, with subjects, in a depot, on its way, promised, and in the stock.
pub(super) struct Everywhere {
    pub(super) s: Supplied,
    pub(super) dispensation: String,
    pub(super) given: String,
    pub(super) allocated: String,
    pub(super) waiting: String,
    pub(super) on_its_way: (String, Vec<String>),
    pub(super) to_depot: (String, Vec<String>),
    pub(super) promised: (String, Vec<String>),
    pub(super) in_depot: Vec<String>,
    pub(super) stock: Vec<String>,
}

pub(super) fn everywhere() -> Everywhere {
    let s = Supplied::with_depots(iwrs_tests::app::TestApp::imodals());
    // It expires before the batch of the cast, so kits are picked from it.
    s.register("B-9", 72, "2030-06-30");
    let (to_site, kits) = s.send(&json!({ "to_site": SITE, "groups": 1 }));
    s.post("pharmacist", &format!("{to_site}/receipt"), &receipt(&kits, &[], &[], false)).expect(201);
    let (to_depot, in_depot) = s.send(&json!({ "to_depot": "NIMES", "groups": 1 }));
    s.post("depot", &format!("{to_depot}/receipt"), &receipt(&in_depot, &[], &[], false)).expect(201);
    let on_its_way = s.send(&json!({ "to_site": SITE, "groups": 1 }));
    let to_depot = s.send(&json!({ "to_depot": "NIMES", "groups": 1 }));
    let promised = s.pick(&json!({ "to_site": SITE, "groups": 1 }));
    for (subject, born) in [("S-001", 1960), ("S-002", 1961)] {
        s.app.randomize(subject, born, "female");
    }
    let (first, given) = dispense(&s.app, "S-001");
    scan(&s.app, &first, &given).expect(201);
    let (dispensation, waiting) = dispense(&s.app, "S-002");
    s.app.randomize("S-003", 1962, "female");
    let allocated = numbers(&s.app, "state=allocated&batch=B-9");
    let allocated = allocated.into_iter().find(|kit| *kit != waiting).expect("that of S-003");
    let mut stock = numbers(&s.app, "state=released&batch=B-9");
    stock.retain(|kit| !promised.1.contains(kit) && !in_depot.contains(kit));
    assert_eq!(stock.len(), 36);
    Everywhere { s, dispensation, given, allocated, waiting, on_its_way, to_depot, promised, in_depot, stock }
}

#[test]
fn kit_13_a_recall_sets_everything_aside_and_nothing_of_it_is_used_any_more() {
    let e = everywhere();
    let s = &e.s;
    let body = json!({ "evidence_sha256": EVIDENCE, "reason": "a torn seal" });
    for who in ["pharmacist", "monitor", "depot", "supply"] {
        s.post(who, "/batches/B-9/recall", &body).problem(403);
    }
    assert_eq!(s.post("quality", "/batches/B-9/recall", &body).problem(403), "signature-needed");
    s.person("quality").get(&s.app.path("/batches/B-9/recall")).problem(404);
    let path = s.app.path("/batches/B-9/recall");
    let quality = s.person("quality");
    let answer = sign_once(&s.app, "quality", "recall_batch", &path, &body).expect(201);
    let recalled = &answer["recall"];
    let mut found = places(recalled);
    found.sort();
    let expected =
        [("34-001", 35, 1), ("NIMES", 36, 0), ("shipment", 36, 0), ("shipment", 36, 0), ("stock", 72, 0)];
    assert_eq!(found, expected.map(|(place, kits, out)| (place.to_owned(), kits, out)));
    assert!(recalled["reveals"].as_str().is_some_and(|words| words.contains("every kit type")));
    for gone in [&e.waiting, &e.allocated, &e.in_depot[0]] {
        assert_eq!(s.state(gone), "quarantined");
    }
    assert_eq!((s.state(&e.given), s.state(&e.on_its_way.1[0])), ("dispensed".into(), "in_transit".into()));
    assert_eq!(quality.post_with_key(&path, &body, "once").expect(201), answer, "one recall");
    assert_eq!(recall(&s.app, "B-9").problem(409), "batch-state");
    assert_eq!(count(&s.app, "batch_recalled"), 1);
    nothing_goes_on(&e);
    what_arrives_goes_no_further(&e);
    treatment_goes_on(&e);
    assert_sound(&s.app);
}

/// No kit of it is dispatched, picked or given back, and no step is taken.
fn nothing_goes_on(e: &Everywhere) {
    let s = &e.s;
    let packed = json!({ "kits": e.promised.1 });
    assert_eq!(s.post("depot", &format!("{}/dispatch", e.promised.0), &packed).problem(409), "batch-state");
    s.post("depot", &format!("{}/cancellation", e.promised.0), &json!({ "reason": "recalled" })).expect(201);
    let order = json!({ "to_site": SITE, "groups": 1 });
    assert_eq!(s.post("depot", "/shipments", &order).problem(409), "supply-short");
    let from_depot = json!({ "from_depot": "NIMES", "to_site": SITE, "groups": 1 });
    assert_eq!(s.post("depot", "/shipments", &from_depot).problem(409), "supply-short");
    let britain = json!({ "country": "GB" });
    let certification = "/batches/B-9/certification";
    assert_eq!(s.sign("quality", "certify_batch", certification, &britain).problem(409), "batch-state");
    assert_eq!(propose(&s.app, "B-9", "2030-07-31", &["2030-07-31"; 3]).problem(409), "batch-state");
    let mut decision = json!({
        "depot": "NIMES", "disposition": "release", "evidence_sha256": EVIDENCE, "reason": "in good order",
    });
    let decide = |body: &Value| s.sign("quality", "decide_quarantine", "/quarantine-decisions", body);
    assert_eq!(decide(&decision).problem(409), "batch-state");
    decision["disposition"] = json!("reject");
    decide(&decision).expect(201);
    assert_eq!(s.state(&e.in_depot[0]), "damaged");
    let plan = s.post("depot", "/resupply-plans", &json!({ "site": SITE })).expect(201);
    let reasons = plan["resupply_plan"]["reasons"].to_string();
    assert!(reasons.contains("in transit 0"), "what is recalled on its way does not count: {reasons}");
}

/// A shipment and a receipt out of the stock that arrive later go into quarantine; and only they stay there when the
/// rest of the place is given back.
fn what_arrives_goes_no_further(e: &Everywhere) {
    let s = &e.s;
    let (shipment, kits) = &e.on_its_way;
    let unpacked = receipt(&kits[2..], &kits[..1], &kits[1..2], false);
    s.post("pharmacist", &format!("{shipment}/receipt"), &unpacked).expect(201);
    s.states(&kits[2..], "quarantined");
    assert_eq!((s.state(&kits[0]), s.state(&kits[1])), ("lost".into(), "damaged".into()));
    let (shipment, to_depot) = &e.to_depot;
    s.post("depot", &format!("{shipment}/receipt"), &receipt(to_depot, &[], &[], false)).expect(201);
    s.states(to_depot, "quarantined");
    let by_hand = json!({ "site": SITE, "received": [e.stock[0]] });
    for _ in 0..2 {
        s.post("pharmacist", "/batches/B-9/receipts", &by_hand).expect(201);
    }
    assert_eq!(s.state(&e.stock[0]), "quarantined");
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
    s.release_from_quarantine(json!({ "site": SITE }));
    s.states(&[e.stock[0].clone(), e.waiting.clone(), kits[2].clone()], "quarantined");
    let shelf = s.person("pharmacist").get(&s.app.path("/kits?state=available")).expect(200);
    assert_eq!(shelf["kits"].as_array().map(Vec::len), Some(144), "the batch of the cast is given back");
}

/// The subject who waits gets a kit of another batch, and so does the one who was still to come.
fn treatment_goes_on(e: &Everywhere) {
    let s = &e.s;
    assert_eq!(scan(&s.app, &e.dispensation, &e.waiting).problem(409), "kit-state");
    let new = replace(&s.app, &e.dispensation, &e.waiting, "quarantined").expect(201);
    scan(&s.app, &e.dispensation, new["replacement"]["kit_number"].as_str().expect("a kit")).expect(201);
    let (_, kit) = dispense(&s.app, "S-003");
    assert_ne!(kit, e.allocated);
    // The one who has a kit at home gets another one for the true reason, and the old one stays where it is.
    let of_first = s.person("pharmacist").get(&s.app.path("/subjects/S-001/dispensations")).expect(200);
    let first = of_first["dispensations"][0]["id"].as_str().expect("an id").to_owned();
    let new = replace(&s.app, &first, &e.given, "recalled").expect(201);
    scan(&s.app, &first, new["replacement"]["kit_number"].as_str().expect("a kit")).expect(201);
    assert_eq!(s.state(&e.given), "dispensed");
}

#[test]
fn kit_13_the_report_tells_every_kit_its_place_and_to_those_who_may_see_it_its_subject() {
    let e = everywhere();
    e.s.app.add_site("44-002");
    let far = e.s.app.add_person("farpharm", "pharmacist", Some("44-002"));
    recall(&e.s.app, "B-9").expect(201);
    let read = |who: &str| e.s.person(who).get(&e.s.app.path("/batches/B-9/recall")).expect(200);
    let kits = |answer: &Value| answer["kits"].as_array().expect("kits").clone();
    let of = |answer: &Value, number: &str| {
        kits(answer).into_iter().find(|kit| kit["number"] == number).expect("the kit")
    };
    let far = far.get(&e.s.app.path("/batches/B-9/recall")).expect(200);
    assert_eq!((&far["recall"]["places"], &far["kits"]), (&json!([]), &json!([])), "nothing of it is there");
    assert_eq!(places(&read("pharmacist")["recall"]).len(), 2, "the site, and what is on its way to it");
    let all = read("monitor");
    assert_eq!(kits(&all).len(), 216, "every kit");
    assert_eq!(
        (&of(&all, &e.given)["subject"], &of(&all, &e.given)["state"]),
        (&json!("S-001"), &json!("dispensed"))
    );
    assert_eq!(of(&all, &e.waiting)["subject"], "S-002");
    assert_eq!(of(&all, &e.in_depot[0])["depot"], "NIMES");
    assert!(of(&all, &e.on_its_way.1[0])["shipment"].is_string());
    let site = read("investigator");
    assert_eq!(kits(&site).len(), 36, "what is at the own site");
    assert_eq!(of(&site, &e.given)["subject"], "S-001");
    for who in ["quality", "depot"] {
        let seen = read(who);
        assert_eq!(kits(&seen).len(), 216, "{who}");
        assert!(!seen.to_string().contains("S-00"), "{who} knows no subject");
    }
    let supply = read("supply");
    let given = of(&supply, &e.given);
    assert_eq!((given.get("state"), given.get("subject"), &given["site"]), (None, None, &json!(SITE)));
    let blinded = ["archive@demo.invalid", "safety@demo.invalid", "study-lead@demo.invalid"];
    assert_eq!(told(&e.s.app, "kits_recalled"), blinded);
    let mails =
        e.s.app.database.values("SELECT params AS value FROM notice WHERE template = 'kits_recalled'");
    let mails = mails.expect("the notices");
    assert!(
        mails.iter().any(|mail| mail.contains(&e.given)) && mails.iter().all(|mail| !mail.contains("S-00"))
    );
}
