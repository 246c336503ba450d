//! The end of kits: explained by two signatures, destroyed by two more, and the accounts that come out even.

use std::collections::BTreeMap;

use iwrs::client::Reply;
use iwrs_tests::app::files;
use iwrs_tests::client::Expect;
use iwrs_tests::paper::{in_groups, words};
use ledger::{KitState, Movement, Place};
use serde_json::{Value, json};
use service::keys::Sealer;
use store::Store;
use store::rows::movement;
use terms::StudyId;
use trial::Refusal;

use super::{TestApp, Trial, because, vials};
use crate::blind::hidden;

const SITE: &str = "34-001";
const CERTIFICATE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

impl Trial {
    fn signed(&self, login: &str, action: &str, rest: &str, body: &Value) -> Reply {
        self.person(login).sign_and_post(action, &self.app.path(rest), body)
    }

    fn sign(&self, login: &str, body: &Value) -> Reply {
        self.signed(login, "sign_kit_reconciliation", "/kit-reconciliations", body)
    }

    fn confirm(&self, login: &str, signed: &Value) -> Reply {
        let id = signed["kit_reconciliation"]["id"].as_str().expect("an id");
        let path = format!("/kit-reconciliations/{id}/confirmation");
        self.signed(login, "confirm_kit_reconciliation", &path, &json!({}))
    }

    fn propose(&self, login: &str, kits: &[&str]) -> Reply {
        let body = json!({ "site": SITE, "kits": kits });
        self.signed(login, "propose_destruction", "/destructions", &body)
    }

    fn authorize(&self, login: &str, proposed: &Value) -> Reply {
        let id = proposed["destruction"]["id"].as_str().expect("an id");
        let path = format!("/destructions/{id}/authorization");
        let body = json!({ "certificate_sha256": CERTIFICATE });
        self.signed(login, "authorize_destruction", &path, &body)
    }

    /// Something happened to a kit.
    fn incident(&self, kit: &str, incident: &str) {
        let body = json!({ "incident": incident, "reason": "for the test" });
        self.post("pharmacist", &format!("/kits/{kit}/incidents"), &body).expect(201);
    }

    fn on_shelf(&self) -> Vec<String> {
        let shelf = self.read("pharmacist", "/kits?state=available").expect(200);
        let numbers = shelf["kits"].as_array().expect("kits").iter();
        numbers.map(|kit| kit["number"].as_str().expect("a number").to_owned()).collect()
    }

    fn movements(&self) -> Vec<Movement> {
        let store = Store::open(self.app.database.url()).expect("the store opens");
        let study = StudyId::parse("imodals").expect("an id");
        let posted = store.read::<_, Refusal>(|conn| Ok(movement::all(conn, &study)?));
        posted.expect("the movements").into_iter().map(|posted| posted.movement).collect()
    }
}

/// One kit came back and is destroyed, one will not come back and is explained.
pub(super) fn play(trial: &Trial, returned: &str, kept: &str) {
    let explanations = json!([{ "kit": kept, "reason": "thrown away at home" }]);
    let signed = trial.sign("pharmacist", &json!({ "site": SITE, "explanations": explanations })).expect(201);
    trial.confirm("monitor", &signed).expect(201);
    let proposed = trial.propose("pharmacist", &[returned]).expect(201);
    trial.authorize("quality", &proposed).expect(201);
}

fn kits_of(signed: &Value) -> Vec<&str> {
    let kits = signed["kit_reconciliation"]["kits"].as_array().expect("kits");
    kits.iter().map(|kit| kit.as_str().expect("a number")).collect()
}

#[test]
fn kit_18_kits_are_reconciled_by_two_signatures_and_none_alone() {
    let (trial, kit) = Trial::begun();
    let in_passing = json!({ "site": SITE });
    assert_eq!(trial.sign("pharmacist", &in_passing).problem(409), "nothing-to-reconcile");
    trial.count("pharmacist", &kit, &vials(5, 0, 0)).expect(201);
    for who in ["monitor", "quality", "supply", "investigator", "statistician"] {
        trial.sign(who, &in_passing).problem(403);
    }
    assert_eq!(trial.sign("depot", &in_passing).expect(422)["field"], "site", "it is the pharmacist's");
    trial.post("pharmacist", "/kit-reconciliations", &in_passing).problem(403);
    let signed = trial.sign("pharmacist", &in_passing).expect(201);
    assert_eq!(kits_of(&signed), [kit.as_str()], "what lies on the shelf goes on");
    assert_eq!(trial.state(&kit), "returned_used", "one signature reconciles nothing");
    for who in ["pharmacist", "depot", "quality", "supply"] {
        trial.confirm(who, &signed).problem(403);
    }
    let confirmed = trial.confirm("monitor", &signed).expect(201);
    assert_eq!(confirmed["kit_reconciliation"]["confirmed_by"], "monitor");
    assert_eq!(trial.state(&kit), "reconciled");
    assert_eq!(trial.confirm("monitor", &signed).problem(409), "already-confirmed");
    let all = trial.read("quality", "/kit-reconciliations").expect(200);
    assert_eq!(all["kit_reconciliations"], json!([confirmed["kit_reconciliation"]]));
    trial.read("supply", "/kit-reconciliations").problem(403);
    trial.verifies();
}

#[test]
fn kit_18_what_changed_between_the_signatures_is_named_and_a_recount_opens_a_kit_again() {
    let (trial, kit) = Trial::begun();
    trial.count("pharmacist", &kit, &vials(5, 0, 0)).expect(201);
    let in_passing = json!({ "site": SITE });
    let stale = trial.sign("pharmacist", &in_passing).expect(201);
    trial.count("pharmacist", &kit, &because(vials(4, 1, 0), "one more was found")).expect(201);
    let changed = trial.confirm("monitor", &stale);
    assert_eq!(changed.problem(409), "kits-changed");
    assert!(changed.body.contains(&kit), "{changed:?}");
    assert_eq!(trial.state(&kit), "returned_partly_used");
    let signed = trial.sign("pharmacist", &in_passing).expect(201);
    trial.confirm("monitor", &signed).expect(201);
    let proposed = trial.propose("pharmacist", &[&kit]).expect(201);
    trial.count("pharmacist", &kit, &because(vials(5, 0, 0), "it was used after all")).expect(201);
    assert_eq!(trial.state(&kit), "returned_used", "a recount brings it back");
    assert_eq!(trial.authorize("quality", &proposed).problem(409), "kit-state");
    trial.confirm("monitor", &trial.sign("pharmacist", &in_passing).expect(201)).expect(201);
    trial.authorize("quality", &proposed).expect(201);
    assert_eq!(trial.state(&kit), "destroyed");
    assert_eq!(trial.count("pharmacist", &kit, &because(vials(0, 5, 0), "a slip")).problem(409), "kit-state");
    trial.verifies();
}

#[test]
fn kit_18_a_closed_site_explains_every_kit_or_is_refused_with_their_numbers() {
    let (trial, kit) = Trial::begun();
    let closing =
        |explanations: Value| json!({ "site": SITE, "closing": true, "explanations": explanations });
    let refused = trial.sign("pharmacist", &closing(json!([])));
    assert_eq!(refused.problem(409), "kits-unexplained");
    assert!(refused.body.contains(&kit), "{refused:?}");
    let shelf = trial.on_shelf();
    let table = [
        (json!([{ "kit": shelf[0], "reason": "why" }]), "explanations"),
        (json!([{ "kit": kit, "reason": " " }]), "reason"),
        (json!([{ "kit": "123", "reason": "why" }]), "explanations[0].kit"),
        (json!([{ "kit": kit, "reason": "a" }, { "kit": kit, "reason": "b" }]), "explanations[1].kit"),
    ];
    for (explanations, field) in table {
        assert_eq!(trial.sign("pharmacist", &closing(explanations)).expect(422)["field"], field);
    }
    let aside = json!({ "site": SITE, "cause": "complaint" });
    trial.post("pharmacist", "/quarantines", &aside).expect(201);
    let explained = closing(json!([{ "kit": kit, "reason": "the subject moved away with it" }]));
    let quarantined = trial.sign("pharmacist", &explained);
    assert_eq!(quarantined.problem(409), "kits-unexplained", "quality decides first");
    assert!(quarantined.body.contains(&shelf[0]) && !quarantined.body.contains(&kit), "{quarantined:?}");
    let reject = json!({
        "site": SITE, "disposition": "reject", "evidence_sha256": CERTIFICATE, "reason": "too warm",
    });
    trial.signed("quality", "decide_quarantine", "/quarantine-decisions", &reject).expect(201);
    let signed = trial.sign("pharmacist", &explained).expect(201);
    assert_eq!(signed["kit_reconciliation"]["explained"], json!([kit]));
    assert_eq!(kits_of(&signed).len(), 144);
    trial.confirm("monitor", &signed).expect(201);
    assert_eq!(trial.state(&kit), "reconciled");
    trial.verifies();
}

#[test]
fn kit_18_kits_are_destroyed_by_two_signatures_after_their_reconciliation_and_not_before() {
    let (trial, kit) = Trial::begun();
    assert_eq!(trial.propose("pharmacist", &[&kit]).problem(409), "kit-state", "it is out");
    trial.count("pharmacist", &kit, &vials(5, 0, 0)).expect(201);
    assert_eq!(trial.propose("pharmacist", &[&kit]).problem(409), "kit-state", "it is only counted");
    let signed = trial.sign("pharmacist", &json!({ "site": SITE })).expect(201);
    assert_eq!(trial.propose("pharmacist", &[&kit]).problem(409), "kit-state", "it is signed for once");
    trial.confirm("monitor", &signed).expect(201);
    for who in ["monitor", "quality", "supply", "investigator"] {
        trial.propose(who, &[&kit]).problem(403);
    }
    for (kits, field) in [(vec![], "kits"), (vec![kit.as_str(); 2], "kits[1]"), (vec!["123"], "kits[0]")] {
        assert_eq!(trial.propose("pharmacist", &kits).expect(422)["field"], field);
    }
    let unsigned = json!({ "site": SITE, "kits": [kit] });
    assert_eq!(trial.post("pharmacist", "/destructions", &unsigned).problem(403), "signature-needed");
    let proposed = trial.propose("pharmacist", &[&kit]).expect(201);
    assert_eq!(trial.state(&kit), "reconciled", "one signature destroys nothing");
    for who in ["pharmacist", "depot", "monitor", "supply"] {
        trial.authorize(who, &proposed).problem(403);
    }
    let authorized = trial.authorize("quality", &proposed).expect(201);
    assert_eq!(authorized["destruction"]["certificate_sha256"], CERTIFICATE);
    assert_eq!(trial.state(&kit), "destroyed");
    assert_eq!(trial.authorize("quality", &proposed).problem(409), "already-confirmed");
    let all = trial.read("monitor", "/destructions").expect(200);
    assert_eq!(all["destructions"], json!([authorized["destruction"]]));
    trial.verifies();
}

/// Every kit of the study has come to its end: returned, lost, damaged, never brought back, or left over.
fn closed() -> Trial {
    let (trial, first) = Trial::begun();
    trial.app.randomize("S-002", 1962, "female");
    trial.app.randomize("S-003", 1963, "male");
    let kept = trial.hand_over("S-002", "D1");
    trial.count("pharmacist", &first, &vials(4, 0, 1)).expect(201);
    trial.count("pharmacist", &first, &because(vials(4, 1, 0), "it was found")).expect(201);
    let shelf = trial.on_shelf();
    trial.incident(&shelf[0], "lost");
    trial.incident(&shelf[1], "damaged");
    let explanations = json!([{ "kit": kept, "reason": "thrown away at home" }]);
    let closing = json!({ "site": SITE, "closing": true, "explanations": explanations });
    let signed = trial.sign("pharmacist", &closing).expect(201);
    trial.confirm("monitor", &signed).expect(201);
    // What is lost or was thrown away is explained; only what is there is destroyed.
    let gone = [kept.as_str(), shelf[0].as_str()];
    let there: Vec<&str> = kits_of(&signed).into_iter().filter(|kit| !gone.contains(kit)).collect();
    assert_eq!(there.len(), 142);
    let proposed = trial.propose("pharmacist", &there).expect(201);
    trial.authorize("quality", &proposed).expect(201);
    trial
}

/// Received = destroyed and explained, at every place, in total and type by type (KIT-05, KIT-18).
#[test]
fn kit_05_the_accounts_of_a_closed_study_come_out_even() {
    let trial = closed();
    let movements = trial.movements();
    let (sealed, sealer) = (hidden::sealed_design(&files().sealed), Sealer::Real);
    let types = hidden::open(trial.app.database.url(), &sealer, &sealed).kits;
    let by_type = ledger::balances(&movements, |kit| types[&kit.to_string()]).expect("the accounts");
    let in_total = ledger::balances(&movements, |_| ()).expect("the accounts");
    assert_eq!(in_total.len(), 2, "the stock and the site");
    assert_eq!(by_type.len(), 6, "of every type");
    let mut ended: BTreeMap<KitState, u32> = BTreeMap::new();
    for ((_, place), balance) in &by_type {
        assert!(balance.is_conserved(), "{place:?}");
        let [destroyed, explained] =
            [KitState::Destroyed, KitState::Reconciled].map(|state| balance.count(state));
        assert_eq!(
            balance.received() - balance.passed_on() - destroyed - explained,
            0,
            "{place:?}: nothing is open"
        );
        if let Place::Site(_) = place {
            assert_eq!(balance.received(), 48, "as many of every type");
            *ended.entry(KitState::Destroyed).or_default() += destroyed;
            *ended.entry(KitState::Reconciled).or_default() += explained;
        } else {
            assert_eq!((balance.received(), balance.passed_on()), (48, 48));
        }
    }
    assert_eq!(ended, BTreeMap::from([(KitState::Destroyed, 142), (KitState::Reconciled, 2)]));
    trial.verifies();
}

/// The logs of the site, of the subjects and of the kits are about the same kits and say the same of each (KIT-23).
#[test]
fn kit_23_the_logs_of_site_subject_and_kit_agree_and_so_does_the_table() {
    let trial = closed();
    let log = trial.read("pharmacist", &format!("/accountability?site={SITE}")).expect(200);
    let lines = log["accountability"].as_array().expect("lines").clone();
    assert_eq!(lines.len(), 144);
    let mut of_subjects = Vec::new();
    for subject in ["S-001", "S-002", "S-003"] {
        let of_subject = trial.read("monitor", &format!("/subjects/{subject}/accountability")).expect(200);
        let kits = of_subject["accountability"]["kits"].as_array().expect("kits").clone();
        assert!(kits.iter().all(|kit| kit["subject"] == subject));
        of_subjects.extend(kits);
    }
    let with_subject: Vec<&Value> = lines.iter().filter(|line| line.get("subject").is_some()).collect();
    assert_eq!(with_subject.len(), 2, "of the third one nothing was handed over");
    assert!(with_subject.iter().all(|line| of_subjects.contains(line)) && of_subjects.len() == 2);
    for line in lines.iter().filter(|line| line.get("subject").is_some()).chain(&lines[..3]) {
        let kit = line["kit"].as_str().expect("a number");
        let of_kit = trial.read("investigator", &format!("/kits/{kit}/accountability")).expect(200);
        assert_eq!(&of_kit["accountability"]["kit"], line);
        let movements = of_kit["accountability"]["movements"].as_array().expect("movements");
        let state = |side: &str| movements.iter().map(|moved| moved[side].clone()).collect::<Vec<_>>();
        let (from, to) = (state("from"), state("to"));
        assert_eq!(
            (&from[0], &from[1..]),
            (&Value::Null, &to[..to.len() - 1]),
            "no gap and no branch (KIT-04)"
        );
        assert_eq!(to[to.len() - 1], line["state"]);
    }
    table_agrees(&trial, &lines);
}

fn table_agrees(trial: &Trial, lines: &[Value]) {
    let path = trial.app.path(&format!("/accountability?site={SITE}"));
    let pharmacist = trial.person("pharmacist");
    let table = pharmacist.send("GET", &path, None, &[("Accept", "text/csv")]);
    assert_eq!((table.status, table.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(pharmacist.get(&format!("{path}&format=csv")).body, table.body);
    page_agrees(trial, &table.body);
    let mut rows = table.body.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let heading = rows.next().expect("a heading");
    let rows: Vec<Vec<&str>> = rows.collect();
    assert_eq!(rows.len(), lines.len());
    let named = [
        ("kit", "/kit"),
        ("state", "/state"),
        ("subject", "/subject"),
        ("vials_unused", "/count/unused"),
        ("counts", "/count/times"),
        ("doses_missed", "/doses/missed"),
        ("destroyed_at", "/destroyed_at"),
    ];
    for (row, line) in rows.iter().zip(lines) {
        for (column, pointer) in named {
            let place = heading.iter().position(|name| *name == column).expect("a column");
            let cell = line.pointer(pointer).map(|value| value.to_string().replace('"', ""));
            assert_eq!(row[place], cell.unwrap_or_default(), "{column} of {line}");
        }
    }
    let words = ["placebo", "aldesleukin", "KUNZITE", "SUGILITE", "LARIMAR"];
    assert!(words.iter().all(|word| !table.body.contains(word)), "a printed log tells no treatment");
    assert!(heading.iter().all(|name| !["arm", "type", "lot"].iter().any(|word| name.contains(word))));
}

/// What is printed has the rows of the table, in their order, under a head on every page.
fn page_agrees(trial: &Trial, table: &str) {
    let path = trial.app.path(&format!("/accountability?site={SITE}"));
    let pharmacist = trial.person("pharmacist");
    let reply = pharmacist.send("GET", &path, None, &[("Accept", "application/pdf")]);
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/pdf"));
    assert!(pharmacist.get(&format!("{path}&format=pdf")).bytes == reply.bytes);
    let pages = words(&reply.bytes);
    for (number, page) in (1..).zip(&pages) {
        for line in [
            "Study imodals: Low-dose aldesleukin in amyotrophic lateral sclerosis, phase 2".to_owned(),
            format!("Site {SITE}"),
            "by pharmacist; time zone: Europe/Paris".to_owned(),
            format!("page {number} of {}", pages.len()),
        ] {
            assert!(page.contains(&line), "{line:?} is not on page {number}: {page}");
        }
    }
    let kit_of = |line: &str| {
        let first: String = line.split_whitespace().take(3).collect();
        (first.len() == 10 && first.bytes().all(|byte| byte.is_ascii_digit())).then_some(first)
    };
    let printed: Vec<String> = pages.iter().flat_map(|page| page.lines()).filter_map(kit_of).collect();
    let kits: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(printed, kits);
    let page = pages.concat();
    let cells = table.lines().skip(1).flat_map(|row| row.split(',')).filter(|cell| !cell.is_empty());
    let lacking: Vec<String> = cells.map(on_paper).filter(|cell| !page.contains(cell)).collect();
    assert_eq!(lacking, [""; 0], "every value of the table is printed");
    let words = ["placebo", "KUNZITE", "SUGILITE", "LARIMAR", "MIU"];
    assert!(words.iter().all(|word| !page.contains(word)), "a printed log tells no treatment");
}

/// A value of the table as it is printed: a kit number in groups, a moment to the minute by the clock of the site.
fn on_paper(cell: &str) -> String {
    if cell.len() == 10 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        return in_groups(cell);
    }
    let zone = chrono_tz::Europe::Paris;
    let moment = chrono::DateTime::parse_from_rfc3339(cell).map(|at| at.with_timezone(&zone));
    moment.map_or_else(|_other| cell.to_owned(), |at| at.format("%Y-%m-%d %H:%M %Z").to_string())
}

#[test]
fn what_is_asked_of_the_log_is_read_strictly_and_within_reach() {
    let (trial, _) = Trial::begun();
    trial.app.add_site("44-001");
    let away = trial.app.add_person("away", "pharmacist", Some("44-001"));
    let read = |rest: &str| trial.read("pharmacist", &format!("/accountability{rest}")).status;
    let table = [
        ("", 200),
        ("?site=34-001", 200),
        ("?site=34-001&format=json", 200),
        ("?format=pdf", 200),
        ("?format=xml", 422),
        ("?arm=placebo", 400),
        ("?site=34-001&site=44-001", 400),
        ("?site=44-001", 404),
        ("?site=99-999", 404),
        ("?site=/", 422),
    ];
    for (rest, status) in table {
        assert_eq!(read(rest), status, "{rest}");
    }
    assert_eq!(trial.read("monitor", "/accountability?site=99-999").status, 404);
    let nothing = away.get(&trial.app.path("/accountability")).expect(200);
    assert_eq!(nothing["accountability"], json!([]));
    for who in ["supply", "depot", "quality"] {
        trial.read(who, "/accountability").problem(403);
    }
}

/// The supply manager knows what is in every kit: when one of a site was used, counted or destroyed is not told to this
/// role, neither by a route nor by the journal (BLD-04).
#[test]
fn bld_04_the_supply_manager_is_told_nothing_of_what_became_of_kits_at_a_site() {
    let trial = closed();
    let kinds = |login: &str| -> Vec<String> {
        let journal = trial.read(login, "/journal?from=0&limit=500").expect(200);
        let leaves = journal["journal"]["leaves"].as_array().expect("leaves").iter();
        leaves.filter_map(|leaf| leaf.pointer("/leaf/act/kind")?.as_str().map(str::to_owned)).collect()
    };
    let (monitor, supply) = (kinds("monitor"), kinds("supply"));
    let told = [
        "kit_returned",
        "kit_reconciliation_signed",
        "kits_reconciled",
        "destruction_proposed",
        "kits_destroyed",
    ];
    for kind in told {
        assert!(monitor.iter().any(|shown| shown == kind), "{kind} is there to be seen: {monitor:?}");
        assert!(!supply.iter().any(|shown| shown == kind), "{kind}");
    }
    assert!(!supply.is_empty(), "other leaves are shown");
    for rest in ["/accountability", "/kit-reconciliations", "/destructions", "/subjects/S-001/accountability"]
    {
        trial.read("supply", rest).problem(403);
    }
    let kits = trial.read("supply", "/kits").expect(200);
    let at_sites = kits["kits"].as_array().expect("kits").iter().filter(|kit| kit.get("site").is_some());
    assert!(at_sites.into_iter().all(|kit| kit.get("state").is_none()), "no state of a kit at a site");
}

/// A depot accounts for its own kits, and no site's.
#[test]
fn kit_18_a_depot_signs_for_what_lies_there() {
    let trial = Trial { app: crate::shipments::play(TestApp::imodals()) };
    let content =
        |kit_type: &str| json!({ "kit_type": kit_type, "kits": 12, "lot": "L", "expiry": "2031-03-31" });
    let contents = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"].map(content);
    let batch = json!({ "batch": "B-9", "label_expiry": "2031-03-31", "contents": contents });
    trial.post("supply", "/kits", &batch).expect(201);
    trial.app.pack("B-9");
    let country = json!({ "country": "FR" });
    trial.signed("quality", "certify_batch", "/batches/B-9/certification", &country).expect(201);
    trial.signed("supply", "release_batch", "/batches/B-9/release", &country).expect(201);
    let picked = trial.post("depot", "/shipments", &json!({ "to_depot": "NIMES", "groups": 1 })).expect(201);
    let id = picked["shipment"]["id"].as_str().expect("an id");
    let kits = &picked["shipment"]["kits"];
    trial.post("depot", &format!("/shipments/{id}/dispatch"), &json!({ "kits": kits })).expect(201);
    let unpacked = json!({ "received": kits, "excursion": false, "temperature_record_sha256": CERTIFICATE });
    trial.post("depot", &format!("/shipments/{id}/receipt"), &unpacked).expect(201);
    let kit = kits[0].as_str().expect("a number");
    let broken = json!({ "incident": "damaged", "reason": "it fell" });
    trial.post("depot", &format!("/kits/{kit}/incidents"), &broken).expect(201);
    let there = json!({ "depot": "NIMES" });
    trial.sign("pharmacist", &there).problem(404);
    trial.sign("depot", &json!({ "depot": "PARIS" })).problem(404);
    let signed = trial.sign("depot", &there).expect(201);
    assert_eq!(kits_of(&signed), [kit]);
    trial.confirm("monitor", &signed).expect(201);
    let body = json!({ "depot": "NIMES", "kits": [kit] });
    let proposed = trial.signed("depot", "propose_destruction", "/destructions", &body).expect(201);
    trial.authorize("quality", &proposed).expect(201);
    assert_eq!(trial.state(kit), "destroyed");
    assert_eq!(trial.read("pharmacist", "/destructions").expect(200)["destructions"], json!([]));
    let closing = trial.sign("depot", &json!({ "depot": "NIMES", "closing": true })).expect(201);
    assert_eq!(kits_of(&closing).len(), 35, "leftovers");
    trial.verifies();
}
