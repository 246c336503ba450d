//! Kits from a depot to a site's shelf, and what happens to them on the way and after it.

use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use service::study::{NewDepot, add_depot};
use terms::{Id, Moment, StudyId};

const SITE: &str = "34-001";
const RECORD: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// IMODALS with a depot, and a released batch of 36 kits of every type in the sponsor's stock.
pub(crate) struct Supplied {
    pub(crate) app: TestApp,
}

impl Supplied {
    pub(crate) fn new() -> Self {
        let supplied = Self::with_depots(TestApp::imodals());
        supplied.register("B-2", 36, "2031-03-31");
        supplied
    }

    pub(crate) fn with_depots(app: TestApp) -> Self {
        let study = StudyId::parse("imodals").expect("an id");
        for (id, country) in [("NIMES", "FR"), ("LONDON", "GB")] {
            let country = country.parse().expect("a country");
            let depot = NewDepot { id: Id::parse(id).expect("an id"), name: id.to_owned(), country };
            add_depot(&app.service, &study, depot).expect("the depot is added");
        }
        Self { app }
    }

    pub(crate) fn person(&self, login: &str) -> Client {
        self.app.person(login)
    }

    pub(crate) fn post(&self, login: &str, rest: &str, body: &Value) -> iwrs::client::Reply {
        self.person(login).post(&self.app.path(rest), body)
    }

    pub(crate) fn sign(&self, login: &str, action: &str, rest: &str, body: &Value) -> iwrs::client::Reply {
        self.person(login).sign_and_post(action, &self.app.path(rest), body)
    }

    pub(crate) fn register(&self, batch: &str, each: u32, expiry: &str) {
        let content = |kit_type: &str| {
            let lot = format!("LOT-{kit_type}");
            json!({ "kit_type": kit_type, "kits": each, "lot": lot, "expiry": expiry })
        };
        let contents = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"].map(content);
        let body = json!({ "batch": batch, "label_expiry": expiry, "contents": contents });
        self.post("supply", "/kits", &body).expect(201);
        self.app.pack(batch);
        let france = json!({ "country": "FR" });
        self.sign("quality", "certify_batch", &format!("/batches/{batch}/certification"), &france)
            .expect(201);
        self.sign("supply", "release_batch", &format!("/batches/{batch}/release"), &france).expect(201);
    }

    /// Has a shipment picked, and gives its address and kits.
    pub(crate) fn pick(&self, body: &Value) -> (String, Vec<String>) {
        let picked = self.post("depot", "/shipments", body).expect(201);
        let id = picked["shipment"]["id"].as_str().expect("an id");
        (format!("/shipments/{id}"), texts(&picked["shipment"]["kits"]))
    }

    /// The same, and it leaves.
    pub(crate) fn send(&self, body: &Value) -> (String, Vec<String>) {
        let (shipment, kits) = self.pick(body);
        self.post("depot", &format!("{shipment}/dispatch"), &json!({ "kits": kits })).expect(201);
        (shipment, kits)
    }

    pub(crate) fn set_clock(&mut self, moment: &str, people: &[&str]) {
        self.app.clock.set(Moment::parse(moment).expect("an instant"));
        self.app.cast.log_in_again(people).expect("a log-in");
    }

    pub(crate) fn release_from_quarantine(&self, mut decision: Value) {
        decision["disposition"] = json!("release");
        decision["evidence_sha256"] = json!(RECORD);
        decision["reason"] = json!("within the data on stability");
        self.sign("quality", "decide_quarantine", "/quarantine-decisions", &decision).expect(201);
    }

    pub(crate) fn state(&self, kit: &str) -> String {
        let kit = self.person("monitor").get(&self.app.path(&format!("/kits/{kit}"))).expect(200);
        kit["kit"]["state"].as_str().expect("a state").to_owned()
    }

    pub(crate) fn states(&self, kits: &[String], state: &str) {
        for kit in kits {
            assert_eq!(self.state(kit), state, "{kit}");
        }
    }
}

/// Plays a shipment over a depot in a study that is under way, with everything that can happen to kits on the way, so
/// that every table of it has rows.
pub(crate) fn play(app: TestApp) -> TestApp {
    let s = Supplied::with_depots(app);
    s.register("B-SHIPPED", 12, "2031-03-31");
    let (to_depot, kits) = s.send(&json!({ "to_depot": "NIMES", "groups": 1 }));
    s.post("depot", &format!("{to_depot}/receipt"), &receipt(&kits, &[], &[], false)).expect(201);
    let aside = json!({ "depot": "NIMES", "cause": "complaint" });
    s.post("depot", "/quarantines", &aside).expect(201);
    s.release_from_quarantine(json!({ "depot": "NIMES" }));
    let (to_site, kits) = s.send(&json!({ "from_depot": "NIMES", "to_site": SITE, "groups": 1 }));
    let unpacked = receipt(&kits[2..], &kits[..1], &kits[1..2], true);
    s.post("pharmacist", &format!("{to_site}/receipt"), &unpacked).expect(201);
    let found = json!({ "incident": "found", "reason": "in the other box" });
    s.post("pharmacist", &format!("/kits/{}/incidents", kits[0]), &found).expect(201);
    s.post("depot", "/resupply-plans", &json!({ "site": SITE, "from_depot": "NIMES" })).expect(201);
    s.register("B-GIVEN-UP", 12, "2031-03-31");
    let (given_up, _) = s.pick(&json!({ "to_site": SITE, "groups": 1 }));
    s.post("depot", &format!("{given_up}/cancellation"), &json!({ "reason": "no courier" })).expect(201);
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "excursion" })).expect(201);
    s.release_from_quarantine(json!({ "site": SITE }));
    s.app
}

pub(crate) fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap_or_else(|| panic!("a list: {list}")).iter();
    texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

pub(crate) fn receipt(received: &[String], missing: &[String], damaged: &[String], excursion: bool) -> Value {
    json!({
        "received": received, "missing": missing, "damaged": damaged, "excursion": excursion,
        "temperature_record_sha256": RECORD,
    })
}

/// The whole way: stock, depot, site, with a kit missing and one damaged, which turn up and are decided about.
#[test]
fn kit_04_kits_go_from_the_stock_over_a_depot_to_a_site() {
    let s = Supplied::new();
    let (to_depot, kits) = s.send(&json!({ "to_depot": "NIMES", "groups": 2 }));
    assert!(kits.len() == 72 && kits.is_sorted(), "two groups of twelve of every type");
    s.states(&kits, "in_transit");
    s.post("pharmacist", &format!("{to_depot}/receipt"), &receipt(&kits, &[], &[], false)).problem(404);
    s.post("depot", &format!("{to_depot}/receipt"), &receipt(&kits, &[], &[], false)).expect(201);
    s.states(&kits, "released");
    let (to_site, kits) = s.send(&json!({ "from_depot": "NIMES", "to_site": SITE, "groups": 1 }));
    assert_eq!(kits.len(), 36);
    s.post("depot", &format!("{to_site}/receipt"), &receipt(&kits, &[], &[], false)).problem(409);
    let unpacked = receipt(&kits[2..], &kits[..1], &kits[1..2], false);
    let pharmacist = s.person("pharmacist");
    let path = s.app.path(&format!("{to_site}/receipt"));
    let received = pharmacist.post_with_key(&path, &unpacked, "unpack").expect(201);
    assert_eq!(texts(&received["shipment"]["receipt"]["missing"]), kits[..1]);
    assert_eq!(pharmacist.post_with_key(&path, &unpacked, "unpack").expect(201), received);
    let again = s.post("pharmacist", &format!("{to_site}/receipt"), &unpacked);
    assert_eq!(again.problem(409), "shipment-state", "two receipts of one shipment are one");
    s.states(&kits[2..], "available");
    s.states(&kits[..1], "lost");
    s.states(&kits[1..2], "damaged");
    let found = json!({ "incident": "found", "reason": "behind the door of the fridge" });
    s.post("pharmacist", &format!("/kits/{}/incidents", kits[0]), &found).expect(201);
    s.states(&kits[..1], "quarantined");
    let reject = json!({
        "site": SITE, "disposition": "reject", "evidence_sha256": RECORD, "reason": "nobody knows how warm",
    });
    s.sign("quality", "decide_quarantine", "/quarantine-decisions", &reject).expect(201);
    s.states(&kits[..1], "damaged");
    verifies(&s.app);
}

/// KIT-12: an excursion sets the whole shipment aside in one act, and only the quality role lets it go.
#[test]
fn kit_12_an_excursion_sets_the_whole_shipment_aside_until_quality_decides() {
    let s = Supplied::new();
    let (shipment, kits) = s.send(&json!({ "to_site": SITE, "groups": 1 }));
    let leaves = leaves(&s.app);
    s.post("pharmacist", &format!("{shipment}/receipt"), &receipt(&kits, &[], &[], true)).expect(201);
    assert_eq!(self::leaves(&s.app), leaves + 1, "one act");
    s.states(&kits, "quarantined");
    let id = shipment.trim_start_matches("/shipments/");
    let decision = json!({
        "shipment": id, "disposition": "release", "evidence_sha256": RECORD, "reason": "within stability data",
    });
    let decide = |who: &str| s.sign(who, "decide_quarantine", "/quarantine-decisions", &decision);
    for who in ["pharmacist", "supply", "monitor", "depot"] {
        decide(who).problem(403);
    }
    s.post("quality", "/quarantine-decisions", &decision).problem(403);
    assert_eq!(texts(&decide("quality").expect(201)["quarantine"]["kits"]), kits);
    s.states(&kits, "available");
    assert_eq!(decide("quality").problem(409), "nothing-in-quarantine");
    verifies(&s.app);
}

/// A fridge fails: everything at the site is set aside, what was promised to a subject as well, and comes back to whom
/// it belonged.
#[test]
fn kit_12_a_failed_fridge_sets_all_kits_of_the_site_aside() {
    let s = Supplied::new();
    s.app.randomize("S-001", 1960, "female");
    let aside = json!({ "site": SITE, "cause": "excursion", "evidence_sha256": RECORD });
    s.post("depot", "/quarantines", &aside).problem(422);
    let kits = texts(&s.post("pharmacist", "/quarantines", &aside).expect(201)["quarantine"]["kits"]);
    assert_eq!(kits.len(), 144, "those on the shelf, and the one that is meant for a subject");
    s.states(&kits, "quarantined");
    let visit = json!({ "visit": "D1" });
    let dispense = || s.post("pharmacist", "/subjects/S-001/dispensations", &visit);
    assert_eq!(dispense().problem(409), "supply-short", "KIT-12: no way from quarantine to a subject");
    let release = json!({
        "site": SITE, "disposition": "release", "evidence_sha256": RECORD, "reason": "the probe was broken",
    });
    s.sign("quality", "decide_quarantine", "/quarantine-decisions", &release).expect(201);
    let given = texts(&dispense().expect(201)["dispensation"]["kits"]);
    s.states(&given, "allocated");
    let free = kits.iter().filter(|kit| !given.contains(kit)).cloned().collect::<Vec<_>>();
    s.states(&free, "available");
    verifies(&s.app);
}

/// What cannot be shipped, and why; nothing of it leaves anything.
#[test]
fn kit_01_bld_10_only_whole_groups_of_released_kits_that_last_are_shipped() {
    let s = Supplied::new();
    s.register("B-3", 12, "2015-11-10");
    let before = leaves(&s.app);
    let to_site = |groups: u32| json!({ "to_site": SITE, "groups": groups });
    let refusals = [
        (json!({ "groups": 1 }), 422, "to_site"),
        (json!({ "groups": 1, "to_site": SITE, "to_depot": "NIMES" }), 422, "to_site"),
        (to_site(0), 422, "groups"),
        (to_site(1_001), 422, "groups"),
        (json!({ "groups": 1, "to_site": "99-999" }), 404, ""),
        (json!({ "groups": 1, "from_depot": "PARIS", "to_site": SITE }), 404, ""),
        (json!({ "groups": 1, "from_depot": "NIMES", "to_depot": "NIMES" }), 422, "to_depot"),
        // Nothing lies there yet; nothing is released in Great Britain; the third batch expires too soon, and the
        // second alone holds three groups.
        (json!({ "groups": 1, "from_depot": "NIMES", "to_site": SITE }), 409, ""),
        (json!({ "groups": 1, "to_depot": "LONDON" }), 409, ""),
        (to_site(4), 409, ""),
    ];
    for (body, status, field) in refusals {
        let refused = s.post("depot", "/shipments", &body).expect(status);
        assert_eq!(refused.get("field").and_then(Value::as_str).unwrap_or(""), field, "{body}");
    }
    assert_eq!(leaves(&s.app), before, "a refusal leaves nothing");
    for who in ["pharmacist", "supply", "monitor", "quality"] {
        s.post(who, "/shipments", &to_site(1)).problem(403);
    }
    let (shipment, kits) = s.pick(&to_site(2));
    let other = s.pick(&to_site(1)).1;
    assert!(kits.iter().all(|kit| !other.contains(kit)), "a kit is promised to one shipment");
    let dispatch = format!("{shipment}/dispatch");
    for wrong in [&kits[1..], &other[..]] {
        s.post("depot", &dispatch, &json!({ "kits": wrong })).problem(422);
    }
    s.post("pharmacist", &format!("{shipment}/receipt"), &receipt(&kits, &[], &[], false)).problem(409);
    s.post("depot", &dispatch, &json!({ "kits": kits })).expect(201);
    assert_eq!(s.post("depot", &dispatch, &json!({ "kits": kits })).problem(409), "shipment-state");
    let short = receipt(&kits[1..], &[], &[], false);
    assert_eq!(s.post("pharmacist", &format!("{shipment}/receipt"), &short).expect(422)["field"], "received");
    s.states(&kits, "in_transit");
    verifies(&s.app);
}

/// A site that has lost its kits is sent whole groups on the order day, once, for reasons that name no type.
#[test]
fn kit_14_bld_10_a_site_is_sent_whole_groups_for_blinded_reasons_once_on_the_order_day() {
    let mut s = Supplied::new();
    s.app.randomize("S-001", 1960, "female");
    let order = json!({ "site": SITE });
    let plan = |s: &Supplied| s.post("depot", "/resupply-plans", &order).expect(201)["resupply_plan"].clone();
    let enough = plan(&s);
    assert_eq!((&enough["groups"], enough.get("shipment")), (&json!(0), None), "{enough}");
    let leaves = leaves(&s.app);
    assert_eq!(plan(&s), enough, "asked again it is the same plan");
    assert_eq!(self::leaves(&s.app), leaves + 1, "and a leaf says that it was asked again");
    for who in ["pharmacist", "monitor", "supply", "quality"] {
        s.post(who, "/resupply-plans", &order).problem(403);
    }
    s.post("depot", "/resupply-plans", &json!({ "site": "99-999" })).problem(404);
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "excursion" })).expect(201);
    let everybody = ["depot", "pharmacist", "monitor", "supply", "reviewer"];
    s.set_clock("2015-10-06T08:00:00Z", &everybody);
    assert_eq!(s.post("depot", "/resupply-plans", &order).problem(409), "not-order-day");
    // Late on Sunday in UTC it is Monday in Paris, where the clocks have gone back on 25 October.
    s.set_clock("2015-10-18T22:30:00Z", &everybody);
    let short = plan(&s);
    assert!(short["groups"].as_u64() > Some(0), "{short}");
    assert_eq!(short["order_day"], "2015-10-19");
    let reasons = short["reasons"].to_string();
    for word in [
        "On the shelf 0",
        "set aside: 143",
        "every type",
        "Still to be randomized: 35",
        "proves nothing more",
    ] {
        assert!(reasons.contains(word), "{word:?} is not in {reasons}");
    }
    let shipment = short["shipment"].as_str().expect("a shipment");
    let sent = s.person("pharmacist").get(&s.app.path(&format!("/shipments/{shipment}"))).expect(200);
    let groups = usize::try_from(short["groups"].as_u64().expect("groups")).expect("few");
    assert_eq!(texts(&sent["shipment"]["kits"]).len(), groups * 36);
    assert_eq!(plan(&s), short, "the day has one plan");
    reasons_are_not_for_the_supply_manager(&s);
    verifies(&s.app);
}

/// BLD-04: a number of what is left at a site falls by the kits of a true lot that are called back there.
fn reasons_are_not_for_the_supply_manager(s: &Supplied) {
    let plans =
        |who: &str| s.person(who).get(&s.app.path("/resupply-plans")).expect(200)["resupply_plans"].clone();
    let told = |who: &str| {
        plans(who).as_array().expect("plans").iter().filter(|plan| plan.get("reasons").is_some()).count()
    };
    assert_eq!((told("monitor"), told("supply"), plans("supply").as_array().map(Vec::len)), (2, 0, Some(2)));
    let journal = |who: &str| s.person(who).get(&s.app.path("/journal?limit=500")).expect(200).to_string();
    assert!(journal("monitor").contains("On the shelf 0"));
    assert!(!journal("supply").contains("On the shelf"));
}

/// In groups of one a plan would send one kit of each type to two subjects: their numbers, or that one of them cannot
/// be served, tell whether they share an arm. The observer says so before the plan is accepted.
#[test]
fn bld_10_a_plan_by_which_the_observer_would_learn_something_is_not_accepted() {
    let design = files().design.replace("group_size = 12", "group_size = 1");
    let design = Some(design.replace("buffer_kits = 6", "buffer_kits = 0"));
    let mut s = Supplied::with_depots(TestApp::in_world(World { design, ..World::default() }));
    s.register("B-2", 36, "2031-03-31");
    for (year, subject) in [(1960, "S-001"), (1961, "S-002")] {
        s.app.randomize(subject, year, "female");
        let visit = json!({ "visit": "D1" });
        s.post("pharmacist", &format!("/subjects/{subject}/dispensations"), &visit).expect(201);
    }
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "excursion" })).expect(201);
    s.set_clock("2015-10-26T09:00:00Z", &["depot", "pharmacist", "monitor", "supply", "quality", "reviewer"]);
    let (leaves, held_back) = (self::leaves(&s.app), |s: &Supplied| {
        let query = "SELECT audience AS value FROM notice WHERE template = 'resupply_held_back'";
        s.app.database.values(query).expect("the outbox")
    });
    assert_eq!(held_back(&s), Vec::<String>::new());
    let order = json!({ "site": SITE });
    assert_eq!(s.post("depot", "/resupply-plans", &order).problem(409), "supply-leaks");
    assert_eq!(self::leaves(&s.app), leaves, "nothing is stored");
    let plans = s.person("depot").get(&s.app.path("/resupply-plans")).expect(200);
    assert_eq!(plans["resupply_plans"], json!([]));
    assert_eq!(held_back(&s), ["unblinded"], "nobody blinded is told");
    s.pick(&json!({ "to_site": SITE, "groups": 12 }));
    verifies(&s.app);
}

/// A kit is dropped while it is packed: the shipment is given up, and what was promised to it is free again.
#[test]
fn kit_14_a_shipment_that_cannot_leave_is_given_up_and_its_kits_are_free() {
    let s = Supplied::new();
    let everything = json!({ "to_site": SITE, "groups": 3 });
    let (shipment, kits) = s.pick(&everything);
    assert_eq!(s.post("depot", "/shipments", &everything).problem(409), "supply-short", "all are promised");
    let past_it = json!({ "site": SITE, "received": kits[..1] });
    assert_eq!(s.post("pharmacist", "/batches/B-2/receipts", &past_it).problem(409), "kit-state");
    let cancellation = format!("{shipment}/cancellation");
    let why = json!({ "reason": "a kit was dropped" });
    s.post("pharmacist", &cancellation, &why).problem(403);
    s.post("depot", &cancellation, &json!({ "reason": " " })).problem(422);
    let cancelled = s.post("depot", &cancellation, &why).expect(201);
    assert_eq!(cancelled["shipment"]["cancelled_by"], "depot");
    assert_eq!(s.post("depot", &cancellation, &why).problem(409), "shipment-state");
    let packed = json!({ "kits": kits });
    assert_eq!(s.post("depot", &format!("{shipment}/dispatch"), &packed).problem(409), "shipment-state");
    let (_, again) = s.send(&everything);
    assert_eq!(again, kits, "all of them");
    verifies(&s.app);
}

fn leaves(app: &TestApp) -> usize {
    let journal = "SELECT leaf_index AS value FROM journal_leaf WHERE tree = 'study/imodals'";
    let text = journal.replace("leaf_index AS", "CAST(leaf_index AS TEXT) AS");
    app.database.values(&text).expect("the leaves").len()
}

/// The journal tells a history that can have happened: every kit moves as the ledger allows.
#[track_caller]
fn verifies(app: &TestApp) {
    let export = app.person("reviewer").send("GET", &app.path("/journal/export"), None, &[]);
    assert_eq!(export.status, 200);
    let export = journal::Export::parse(&export.body).expect("an export");
    let given = trial::replay::Given::default();
    for check in trial::replay::replay(&export, &given) {
        let failed = matches!(check.outcome, journal::Outcome::Failed(_));
        assert!(!failed, "{}: {:?}", check.name, check.outcome);
    }
}
