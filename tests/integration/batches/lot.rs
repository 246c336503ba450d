//! One true lot that is called back, by somebody who has read what that reveals.

use std::collections::BTreeSet;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, files};
use iwrs_tests::client::Expect;
use iwrs_tests::paper::words;
use serde_json::{Value, json};
use service::keys::Sealer;
use sha2::{Digest, Sha256};
use store::Store;
use store::rows::lot::Recalled;
use store::rows::tally::{self, Tally};
use trial::Refusal;

use super::recall::{Everywhere, everywhere};
use super::{EVIDENCE, KIT_TYPES, dispense, journal, numbers, recall, replace, scan, sign, text, told};
use crate::blind::hidden::{self, sealed_design};
use crate::record::{count, leaves};
use crate::replacements::assert_sound;
use crate::shipments::{receipt, texts};

const SITE: &str = "34-001";

/// Reads the statement of a lot, and recalls it.
pub(crate) fn recalled(app: &TestApp, batch: &str, lot: &str) -> Reply {
    let stated = stated(app, "supply", batch, lot);
    sign(app, "supply", "recall_lot", &format!("/batches/{batch}/lot-recalls"), &order(&stated))
}

fn stated(app: &TestApp, who: &str, batch: &str, lot: &str) -> Value {
    let path = app.path(&format!("/batches/{batch}/lot-statements"));
    let stated = app.person(who).post(&path, &json!({ "lot": lot })).expect(201);
    stated["lot_statement"].clone()
}

fn order(stated: &Value) -> Value {
    json!({
        "statement": stated["id"], "statement_sha256": stated["sha256"], "why": "quality_defect",
        "reason": "particles were seen",
    })
}

/// The kits of these that are for the same arm as this one.
fn like(app: &TestApp, kit: &str, kits: &[String]) -> BTreeSet<String> {
    let truth = hidden::open(app.database.url(), &Sealer::Real, &sealed_design(&files().sealed)).kits;
    kits.iter().filter(|other| truth[*other] == truth[kit]).cloned().collect()
}

/// The lot that a kit is of, in a batch of [`crate::shipments::Supplied`].
fn lot_of(app: &TestApp, kit: &str) -> String {
    let sealed = sealed_design(&files().sealed);
    let truth = hidden::open(app.database.url(), &Sealer::Real, &sealed).kits;
    let is_of = |code: &&&str| {
        let kit_type = sealed.kit_type(code).expect("a code");
        sealed.arm_of(kit_type).expect("an arm").as_usize() == truth[kit]
    };
    format!("LOT-{}", KIT_TYPES.iter().find(is_of).expect("a type"))
}

/// All kits that an answer names, by whether somebody has them.
fn named(answer: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let places = answer["places"].as_array().expect("places").iter();
    let lists = |name: &'static str| places.clone().flat_map(move |at| texts(&at[name]));
    (lists("kits").chain(lists("out_of_use")).collect(), lists("with_subjects").collect())
}

#[test]
fn bld_10_a_lot_is_recalled_after_its_statement_and_exactly_its_kits_are_set_aside() {
    let e = everywhere();
    let app = &e.s.app;
    let lot = lot_of(app, &e.given);
    let all = numbers(app, "batch=B-9");
    let of_the_lot = like(app, &e.given, &all);
    assert_eq!((all.len(), of_the_lot.len()), (216, 72));
    let stated = stated(app, "supply", "B-9", &lot);
    let (there, _) = named(&with_lists(&stated));
    assert_eq!(there, of_the_lot, "the statement tells the kits of the lot");
    let path = "/batches/B-9/lot-recalls";
    assert_eq!(e.s.post("supply", path, &order(&stated)).problem(403), "signature-needed");
    let states = |kits: &BTreeSet<String>| kits.iter().map(|kit| e.s.state(kit)).collect::<Vec<_>>();
    let rest: BTreeSet<String> = all.iter().filter(|kit| !of_the_lot.contains(*kit)).cloned().collect();
    let before = (states(&rest), states(&of_the_lot));
    sign(app, "supply", "recall_lot", path, &order(&stated)).expect(201);
    assert_eq!(states(&rest), before.0, "no other kit has moved");
    let after = before.1.iter().map(|state| match state.as_str() {
        "available" | "allocated" => "quarantined".to_owned(),
        other => other.to_owned(),
    });
    let in_depot = of_the_lot
        .iter()
        .zip(after)
        .map(|(kit, state)| if e.in_depot.contains(kit) { "quarantined".to_owned() } else { state });
    assert_eq!(states(&of_the_lot), in_depot.collect::<Vec<_>>());
    let seen = app.person("monitor").get(&app.path(path)).expect(200);
    let (kits, with_subjects) = named(&seen["lot_recalls"][0]);
    assert_eq!(with_subjects, like(app, &e.given, std::slice::from_ref(&e.given)));
    assert_eq!(kits.union(&with_subjects).cloned().collect::<BTreeSet<_>>(), of_the_lot);
    assert_eq!(count(app, "lot_recalled"), 1);
    counts_leave_it_out(&e, &of_the_lot);
    nothing_of_it_goes_on(&e, &of_the_lot);
    let again = stated_again(app, &lot);
    assert_eq!(sign(app, "supply", "recall_lot", path, &again).problem(409), "batch-state");
    nobody_blinded_is_told_the_lot(app, &lot);
    assert_sound(app);
}

/// The places of a statement have the kits alone.
fn with_lists(stated: &Value) -> Value {
    let mut stated = stated.clone();
    for at in stated["places"].as_array_mut().expect("places") {
        (at["with_subjects"], at["out_of_use"]) = (json!([]), json!([]));
    }
    stated
}

fn stated_again(app: &TestApp, lot: &str) -> Value {
    order(&stated(app, "supply", "B-9", lot))
}

/// No kit of the lot is dispatched, picked or given back; what arrives is set aside; and treatment goes on.
/// Kits are counted over all types for resupply and alerts: those of the lot apart, by all three counts.
fn counts_leave_it_out(e: &Everywhere, of_the_lot: &BTreeSet<String>) {
    let store = Store::open(e.s.app.database.url()).expect("the store opens");
    let (study, site) = ("imodals".parse().expect("an id"), SITE.parse().expect("an id"));
    let (all, there, sent, recalled) = store
        .read::<_, Refusal>(|conn| {
            let all = tally::of_study(conn, &study)?.into_iter().map(|(_, tally)| tally).collect();
            let batches = tally::BatchFacts::of(conn, &study)?;
            let there = tally::free_at(conn, &study, &site, &batches)?;
            let sent = tally::free_sent_to(conn, &study, &site, &batches)?;
            let sent = sent.into_iter().map(|(_, tally)| tally).collect();
            Ok((all, there, sent, Recalled::of(conn, &study)?))
        })
        .expect("the counts");
    let of_lot = |tallies: &Vec<Tally>| -> usize {
        let recalled = tallies.iter().filter(|tally| recalled.has_all(tally));
        recalled.map(|tally| usize::try_from(tally.kits).expect("a small number")).sum()
    };
    let sent_of_lot = e.on_its_way.1.iter().chain(&e.promised.1).filter(|kit| of_the_lot.contains(*kit));
    assert_eq!((of_lot(&all), of_lot(&sent)), (of_the_lot.len(), sent_of_lot.count()));
    let in_all: u32 = all.iter().map(|tally| tally.kits).sum();
    assert_eq!(in_all, 216 + 144, "each kit is counted once");
    assert!(of_lot(&there) > 0 && of_lot(&there) < of_lot(&all), "{there:?}");
}

fn nothing_of_it_goes_on(e: &Everywhere, of_the_lot: &BTreeSet<String>) {
    let s = &e.s;
    let packed = json!({ "kits": e.promised.1 });
    assert_eq!(s.post("depot", &format!("{}/dispatch", e.promised.0), &packed).problem(409), "batch-state");
    s.post("depot", &format!("{}/cancellation", e.promised.0), &json!({ "reason": "recalled" })).expect(201);
    let from_depot = json!({ "from_depot": "NIMES", "to_site": SITE, "groups": 1 });
    assert_eq!(s.post("depot", "/shipments", &from_depot).problem(409), "supply-short");
    let (shipment, kits) = &e.on_its_way;
    s.post("pharmacist", &format!("{shipment}/receipt"), &receipt(kits, &[], &[], false)).expect(201);
    for kit in kits {
        let expected = if of_the_lot.contains(kit) { "quarantined" } else { "available" };
        assert_eq!(s.state(kit), expected, "{kit}");
    }
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
    s.release_from_quarantine(json!({ "site": SITE }));
    for kit in kits {
        let expected = if of_the_lot.contains(kit) { "quarantined" } else { "available" };
        assert_eq!(s.state(kit), expected, "{kit} after the place was given back");
    }
    let of_first = s.person("pharmacist").get(&s.app.path("/subjects/S-001/dispensations")).expect(200);
    let first = text(&of_first["dispensations"][0]["id"]);
    let new = replace(&s.app, &first, &e.given, "recalled").expect(201);
    scan(&s.app, &first, new["replacement"]["kit_number"].as_str().expect("a kit")).expect(201);
}

/// Journals, answers and mails name kits, and neither the lot nor the type; the supply manager sees no kit at a site.
fn nobody_blinded_is_told_the_lot(app: &TestApp, lot: &str) {
    let code = lot.trim_start_matches("LOT-");
    for who in ["investigator", "pharmacist", "monitor", "depot", "quality"] {
        let seen = app.person(who).get(&app.path("/batches/B-9/lot-recalls")).expect(200).to_string();
        let may_read_journal = !matches!(who, "depot" | "quality");
        let journal = if may_read_journal { journal(app, who) } else { String::new() };
        assert!(!may_read_journal || journal.contains("lot_recalled"), "{who}");
        for page in [seen, journal] {
            assert!(!page.contains(lot) && !page.contains(code), "{who}: {page}");
        }
    }
    let supply = app.person("supply").get(&app.path("/batches/B-9/lot-recalls")).expect(200);
    let places = supply["lot_recalls"][0]["places"].as_array().expect("places").clone();
    assert!(!places.is_empty() && places.iter().all(|at| at["site"].is_null()), "{places:?}");
    let blinded = ["archive@demo.invalid", "safety@demo.invalid", "study-lead@demo.invalid"];
    assert_eq!(told(app, "kits_recalled"), blinded, "kits are named to no unblinded recipient");
    assert!(told(app, "some_kits_recalled").len() > blinded.len());
    let mails = app.database.values("SELECT params AS value FROM notice").expect("the notices");
    assert!(mails.iter().all(|mail| !mail.contains(lot) && !mail.contains(code)));
}

#[test]
fn bld_14_the_statement_is_printed_and_holds_only_while_nothing_moves() {
    let e = everywhere();
    let app = &e.s.app;
    let (path, body) = (app.path("/batches/B-9/lot-statements"), json!({ "lot": "LOT-KUNZITE-3358" }));
    for who in ["investigator", "pharmacist", "monitor", "depot", "quality"] {
        app.person(who).post(&path, &body).problem(403);
    }
    let supply = app.person("supply");
    for (lot, words) in [("LOT-OTHER", "no true lot"), ("", "no true lot")] {
        let refused = supply.post(&path, &json!({ "lot": lot })).expect(422);
        assert!(refused["detail"].as_str().is_some_and(|told| told.contains(words)), "{refused}");
    }
    assert_eq!(count(app, "lot_statement_read"), 0, "what is refused is not read");
    let stated = supply.post_with_key(&path, &body, "read").expect(201)["lot_statement"].clone();
    let on_paper = |key| {
        let headers = [("Idempotency-Key", key), ("Accept", "application/pdf")];
        supply.send("POST", &path, Some(&body.to_string()), &headers)
    };
    let paper = on_paper("read");
    assert_eq!(paper.header("content-type"), "application/pdf");
    assert_eq!(hex::encode(Sha256::digest(&paper.bytes)), stated["sha256"], "the file that was stated");
    let pages = words(&paper.bytes);
    for word in ["UNBLINDED", "LOT-KUNZITE-3358", "KUNZITE-3358", "supply", "B-9", "no way back"] {
        assert!(pages.join("").contains(word), "{word}: {pages:?}");
    }
    let read = leaves(app).iter().filter(|leaf| leaf["act"]["kind"] == "lot_statement_read").count();
    assert_eq!(read, 1, "one statement");
    assert_eq!(count(app, "asked_again"), 1, "and it was asked for again");
    let recalls = "/batches/B-9/lot-recalls";
    let mut other = order(&stated);
    other["statement_sha256"] = json!(EVIDENCE);
    sign(app, "supply", "recall_lot", recalls, &other).problem(422);
    let of_reviewer = super::lot::stated(app, "reviewer", "B-9", "LOT-KUNZITE-3358");
    sign(app, "supply", "recall_lot", recalls, &order(&of_reviewer)).problem(422);
    sign(app, "reviewer", "recall_lot", recalls, &order(&of_reviewer)).problem(403);
    scan(app, &e.dispensation, &e.waiting).expect(201);
    let outdated = sign(app, "supply", "recall_lot", recalls, &order(&stated)).problem(409);
    assert_eq!(outdated, "statement-outdated", "somebody has got a kit of the batch");
    assert_eq!(on_paper("read").problem(409), "statement-outdated");
    let mut vague = order(&super::lot::stated(app, "supply", "B-9", "LOT-KUNZITE-3358"));
    (vague["why"], vague["reason"]) = (json!("stability"), json!("particles"));
    assert_eq!(sign(app, "supply", "recall_lot", recalls, &vague).problem(422), "unknown-reason");
    (vague["why"], vague["reason"]) = (json!("authority"), json!(" "));
    sign(app, "supply", "recall_lot", recalls, &vague).problem(422);
    assert_eq!(count(app, "lot_recalled"), 0);
    recalled(app, "B-9", "LOT-KUNZITE-3358").expect(201);
    recall(app, "B-9").expect(201);
    assert_eq!(supply.post(&path, &body).problem(409), "batch-state");
    assert_sound(app);
}

/// What is lost or in quarantine when the lot is recalled does not come back into use, and the rest of the place does.
#[test]
fn bld_10_kits_of_the_lot_that_are_out_of_use_already_stay_so() {
    let e = everywhere();
    let (s, app) = (&e.s, &e.s.app);
    let there = numbers(app, "state=available&batch=B-9&site=34-001");
    let lost = |kit: &str, incident: &str| {
        let body = json!({ "incident": incident, "reason": "behind the fridge" });
        s.post("pharmacist", &format!("/kits/{kit}/incidents"), &body).expect(201);
    };
    let other = there.iter().find(|kit| !like(app, &e.given, &there).contains(*kit)).expect("another type");
    let own = like(app, &e.given, &there).pop_first().expect("one of the lot");
    for kit in [&own, other] {
        lost(kit, "lost");
    }
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
    recalled(app, "B-9", &lot_of(app, &e.given)).expect(201);
    let seen = app.person("pharmacist").get(&app.path("/batches/B-9/lot-recalls")).expect(200);
    let places = seen["lot_recalls"][0]["places"].as_array().expect("places").iter();
    let out_of_use: Vec<String> = places.flat_map(|at| texts(&at["out_of_use"])).collect();
    assert!(out_of_use.contains(&own) && out_of_use.len() > 1 && !out_of_use.contains(other), "{seen}");
    for kit in [&own, other] {
        lost(kit, "found");
    }
    s.release_from_quarantine(json!({ "site": SITE }));
    s.states(&out_of_use, "quarantined");
    assert_eq!(s.state(other), "available");
    assert_sound(app);
}

/// The supply manager, who knows every kit, reads the same of whoever came in between.
#[test]
fn bld_04_a_statement_tells_the_supply_manager_no_treatment_and_the_reviewer_every_pair() {
    let e = everywhere();
    let app = &e.s.app;
    let lots = KIT_TYPES.map(|code| format!("LOT-{code}"));
    let mut said = Vec::new();
    for lot in &lots {
        let of_it = stated(app, "supply", "B-9", lot);
        assert!(of_it.get("proves").is_none(), "{of_it}");
        said.push(of_it["says"].clone());
    }
    assert!(said.iter().all(|says| *says == said[0]), "the words go by no lot: {said:?}");
    let subjects = [("S-001", &e.given), ("S-002", &e.waiting), ("S-003", &e.allocated)];
    let own = lot_of(app, &e.given);
    let proves = stated(app, "reviewer", "B-9", &own)["proves"].clone();
    let proved: BTreeSet<String> = proves.as_array().expect("pairs").iter().map(pair).collect();
    let kits: Vec<String> = subjects.iter().map(|(_, kit)| (*kit).clone()).collect();
    let hit = like(app, &e.given, &kits);
    let mut expected = BTreeSet::new();
    for (place, (one, kit)) in subjects.iter().enumerate() {
        for (other, another) in &subjects[place + 1..] {
            let (is_hit, is_other_hit) = (hit.contains(*kit), hit.contains(*another));
            if is_hit || is_other_hit {
                expected.insert(format!("{one} {other} {}", is_hit == is_other_hit));
            }
        }
    }
    assert!(expected.len() >= 2, "{expected:?}");
    assert_eq!(proved, expected);
    let (_, kit) = dispense(app, "S-003");
    assert_eq!(kit, e.allocated);
}

fn pair(pair: &Value) -> String {
    format!("{} {} {}", text(&pair["one"]), text(&pair["other"]), pair["share_an_arm"])
}
