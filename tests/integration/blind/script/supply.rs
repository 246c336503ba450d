//! Lists, holds, batches, and a site whose shelf may be bare.

use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::super::trial::Trial;
use super::{FAR_SITE, SITE, Supply, dispense, packing, randomize, scan, screen, text};

/// Subjects of the second site.
const FAR_SUBJECTS: [(&str, u32); 6] =
    [("F-001", 1950), ("F-002", 1951), ("F-003", 1952), ("F-004", 1953), ("F-005", 1954), ("F-006", 1955)];

/// A second list takes the place of the first.
pub(super) fn lists(trial: &mut Trial) {
    let lists = trial.path("/lists");
    trial.post("investigator", &lists, &json!({})).problem(403);
    trial.post("statistician", &lists, &json!({})).problem(403);
    let made = trial.signed("statistician", "generate_list", &lists, &json!({})).expect(201);
    let list = format!("{lists}/{}", text(&made, "/list/id"));
    let approval = format!("{list}/approval");
    trial.signed("statistician", "approve_list", &approval, &json!({})).problem(409);
    trial.signed("reviewer", "approve_list", &approval, &json!({})).expect(201);
    let activation = format!("{list}/activation");
    trial.signed("statistician", "activate_list", &activation, &json!({})).problem(409);
    let discard = json!({ "reason": "one is enough" });
    let all = trial.get("statistician", &lists).expect(200);
    let all = all["lists"].as_array().expect("lists").iter();
    let staged = all.map(|list| text(list, "/id")).find(|id| !list.ends_with(id)).expect("the staged list");
    let staged = format!("{lists}/{staged}/discard");
    trial.signed("statistician", "discard_list", &staged, &discard).expect(201);
    trial.signed("statistician", "activate_list", &activation, &json!({})).expect(201);
    for who in ["investigator", "pharmacist", "monitor", "admin"] {
        for act in ["approval", "activation"] {
            let refused = trial.post(who, &format!("{list}/{act}"), &json!({}));
            assert!([403, 404].contains(&refused.status), "{refused:?}");
        }
        trial.post(who, &format!("{list}/discard"), &discard);
        trial.get(who, &format!("{list}/positions"));
    }
}

/// A hold on randomization, placed and released.
pub(super) fn holds(trial: &mut Trial) {
    let hold = json!({ "on": "randomization", "site": "34-001", "reason": "an inspection" });
    trial.act("pharmacist", "/holds", &hold).problem(403);
    let placed = trial.act("monitor", "/holds", &hold).expect(201);
    screen(trial, "investigator", "34-001", "S-001", 1960).expect(201);
    randomize(trial, "investigator", "S-001").problem(409);
    let release = format!("/holds/{}/release", text(&placed, "/hold/id"));
    trial.act("investigator", &release, &json!({ "reason": "it is over" })).expect(201);
}

/// A second batch, for the second site: registered, released and received.
pub(super) fn second_batch(trial: &mut Trial, supply: Supply) {
    let counts = if supply == Supply::Short { trial.few } else { [30; 3] };
    let content = |(index, kit_type): (usize, String)| {
        let (lot, expiry) =
            [("LOT-2-0", "2030-12-31"), ("LOT-2-1", "2031-05-31"), ("LOT-2-2", "2032-01-31")][index];
        json!({ "kit_type": kit_type, "kits": counts[index], "lot": lot, "expiry": expiry })
    };
    let contents: Vec<Value> = trial.kit_types().into_iter().enumerate().map(content).collect();
    let body = json!({ "batch": "B-2", "label_expiry": "2030-12-31", "contents": contents });
    trial
        .act("pharmacist", "/kits", &json!({ "batch": "B-9", "label_expiry": "2030-12-31", "contents": [] }))
        .problem(403);
    let registered = trial.act("supply", "/kits", &body).expect(201);
    let kits = registered["batch"]["kits"].as_array().expect("kits").clone();
    let receipts = "/batches/B-2/receipts";
    let receipt = json!({ "site": FAR_SITE, "received": kits });
    trial.act("farpharm", receipts, &receipt).problem(409);
    labels(trial);
    let country = json!({ "country": "FR" });
    let release = trial.path("/batches/B-2/release");
    trial.post("pharmacist", &release, &country).problem(403);
    trial.signed("supply2", "release_batch", &release, &country).problem(409);
    let certification = trial.path("/batches/B-2/certification");
    trial.signed("quality", "certify_batch", &certification, &country).problem(409);
    packing::whole(trial, "B-2");
    trial.signed("supply2", "release_batch", &release, &country).expect(201);
    trial.act("farpharm", receipts, &receipt).problem(409);
    trial.post("pharmacist", &certification, &country).problem(403);
    trial.signed("quality", "certify_batch", &certification, &country).expect(201);
    trial.act("pharmacist", receipts, &receipt).problem(404);
    trial.act("farpharm", receipts, &receipt).expect(201);
    trial.act("farpharm", receipts, &json!({ "site": FAR_SITE, "received": ["123"] })).problem(422);
}

/// The labels of the batch are printed, and again for a reason; nobody blinded can have that done.
fn labels(trial: &mut Trial) {
    let (path, french) = ("/batches/B-2/labels", json!({ "language": "fr" }));
    for who in ["pharmacist", "monitor", "depot", "quality"] {
        trial.act(who, path, &french).problem(403);
    }
    let first = trial.act("supply", path, &french);
    trial.act("supply", path, &french).problem(409);
    let again = json!({ "language": "en", "reason": "the printer ran dry" });
    for printed in [first, trial.act("supply2", path, &again)] {
        assert_eq!(printed.status, 201, "{printed:?}");
        trial.labels.push(printed.bytes);
    }
}

/// Subjects come to the second site until its shelf cannot serve every arm any more.
pub(super) fn far_site(trial: &mut Trial, supply: Supply) {
    let mut refused = 0;
    for (subject, born) in FAR_SUBJECTS {
        screen(trial, "far", FAR_SITE, subject, born).expect(201);
        trial
            .act(
                "investigator",
                &format!("/subjects/{subject}/visits"),
                &json!({ "visit": "SCR", "date": "2015-10-05" }),
            )
            .problem(404);
        let reply = randomize(trial, "far", subject);
        if reply.status == 409 {
            assert_eq!(reply.problem(409), "supply-short");
            refused += 1;
        }
        hand_over(trial, subject, "D1");
    }
    // Seven kits of three types: at the sixth subject at the latest one type is used up.
    assert_eq!(refused > 0, supply == Supply::Short);
}

/// In treatment the own arm decides: some of these are served, and some are not.
pub(super) fn far_site_goes_on(trial: &mut Trial, supply: Supply) {
    let short = FAR_SUBJECTS.map(|(subject, _)| hand_over(trial, subject, "D29") == "supply-short");
    assert_eq!(short.contains(&true), supply == Supply::Short, "{short:?}");
}

/// Hands over what there is, and gives the code of the refusal.
fn hand_over(trial: &mut Trial, subject: &str, visit: &str) -> String {
    let reply = dispense(trial, "farpharm", subject, visit, None);
    if reply.status != 201 {
        return reply.problem(409);
    }
    let answer = reply.json();
    let (id, kit) = (text(&answer, "/dispensation/id"), text(&answer, "/dispensation/kits/0"));
    scan(trial, "pharmacist", &id, &kit).problem(404);
    scan(trial, "farpharm", &id, &kit).expect(201);
    String::new()
}

/// A third batch goes to the first site, with a kit missing and one damaged; an excursion and a failed
/// fridge set kits aside, and the quality role decides.
pub(super) fn shipments(trial: &mut Trial) {
    let (lot, expiry) = ("LOT-3", "2030-12-31");
    let content =
        |kit_type: String| json!({ "kit_type": kit_type, "kits": 48, "lot": lot, "expiry": expiry });
    let contents: Vec<Value> = trial.kit_types().into_iter().map(content).collect();
    let batch = json!({ "batch": "B-3", "label_expiry": "2030-12-31", "contents": contents });
    trial.act("supply", "/kits", &batch).expect(201);
    packing::failed(trial, "B-3");
    packing::whole(trial, "B-3");
    let country = json!({ "country": "FR" });
    let [certification, release] =
        ["certification", "release"].map(|step| trial.path(&format!("/batches/B-3/{step}")));
    trial.signed("quality", "certify_batch", &certification, &country).expect(201);
    trial.signed("supply", "release_batch", &release, &country).expect(201);
    let order = json!({ "site": SITE });
    all_sites_on_a_page(trial);
    trial.act("farpharm", "/resupply-plans", &order).problem(403);
    trial.act("depot", "/resupply-plans", &order).expect(201);
    let too_many = json!({ "to_site": SITE, "groups": 5 });
    assert_eq!(trial.act("depot", "/shipments", &too_many).problem(409), "supply-short");
    for excursion in [false, true] {
        let (shipment, kits) = picked(trial);
        let packed = json!({ "kits": kits });
        trial.act("monitor", &format!("{shipment}/dispatch"), &packed).problem(403);
        trial.act("depot", &format!("{shipment}/dispatch"), &packed).expect(201);
        for who in ["depot", "pharmacist", "monitor", "quality"] {
            trial.read(who, &shipment).expect(200);
        }
        trial.read("farpharm", &shipment).problem(404);
        let label = format!("{shipment}/label");
        for who in ["depot", "pharmacist", "monitor", "quality"] {
            assert_eq!(trial.read(who, &label).status, 200);
            assert_eq!(trial.read(who, &format!("{label}?language=fr")).status, 200);
        }
        trial.read("farpharm", &label).problem(404);
        trial.read("investigator", &label).problem(403);
        let unpacked = json!({
            "received": kits[2..], "missing": kits[..1], "damaged": kits[1..2], "excursion": excursion,
            "temperature_record_sha256": "ab".repeat(32),
        });
        trial.act("farpharm", &format!("{shipment}/receipt"), &unpacked).problem(404);
        trial.act("pharmacist", &format!("{shipment}/receipt"), &unpacked).expect(201);
        let incidents = format!("/kits/{}/incidents", kits[0].as_str().expect("a number"));
        let found = json!({ "incident": "found", "reason": "in the other box" });
        trial.act("farpharm", &incidents, &found).problem(404);
        trial.act("pharmacist", &incidents, &found).expect(201);
    }
    let (given_up, _) = picked(trial);
    let why = json!({ "reason": "no courier came" });
    trial.act("farpharm", &format!("{given_up}/cancellation"), &why).problem(403);
    trial.act("depot", &format!("{given_up}/cancellation"), &why).expect(201);
    let aside = json!({ "site": SITE, "cause": "excursion" });
    trial.act("farpharm", "/quarantines", &aside).problem(404);
    trial.act("pharmacist", "/quarantines", &aside).expect(201);
    for disposition in ["release", "reject"] {
        let decision = json!({
            "site": SITE, "disposition": disposition, "evidence_sha256": "cd".repeat(32), "reason": "a report",
        });
        let path = trial.path("/quarantine-decisions");
        trial.post("farpharm", &path, &decision).problem(403);
        let decided = trial.signed("quality", "decide_quarantine", &path, &decision);
        assert_eq!(decided.status, if disposition == "release" { 201 } else { 409 });
    }
}

/// A shipment to the first site, picked: its address and its kits.
pub(super) fn picked(trial: &mut Trial) -> (String, Vec<Value>) {
    let request = json!({ "to_site": SITE, "groups": 1 });
    trial.act("farpharm", "/shipments", &request).problem(403);
    let answer = trial.act("depot", "/shipments", &request).expect(201);
    let kits = answer["shipment"]["kits"].as_array().expect("kits").clone();
    (format!("/shipments/{}", text(&answer, "/shipment/id")), kits)
}

/// Two sites have their order day, so there is a form for all of them; it is sent for one that there is not.
fn all_sites_on_a_page(trial: &mut Trial) {
    let all = "/studies/imodals/supply/resupply/all";
    trial.sit_down("depot");
    trial.page("depot", all).expect(303);
    let page = trial.page("depot", "/studies/imodals/supply/resupply");
    assert!(page.body.contains(&format!("action=\"{all}\"")), "{}", page.body);
    let guard = page.body.split("name=\"guard\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let sent = [("guard", guard.expect("a form")), ("key", "all-sites"), ("sites", "NOWHERE")];
    let told = trial.post_page("depot", all, &sent);
    assert!(told.status == 200 && told.body.contains("NOWHERE was not planned."), "{}", told.body);
}
