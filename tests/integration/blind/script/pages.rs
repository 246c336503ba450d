//! The pages, opened by everybody who is blinded, with what can be done on them.

use iwrs_tests::client::Expect;

use super::super::trial::Trial;
use super::{pharmacy, text};

/// The blinded people of the first site and of the whole study.
const PEOPLE: [&str; 6] = ["investigator", "pharmacist", "monitor", "depot", "quality", "far"];

/// The pages of the supply that are of no batch and no shipment.
const SUPPLY: [&str; 14] = [
    "/supply",
    "/supply/stock",
    "/supply/stock?csv=stock",
    "/supply/stock/types",
    "/supply/stock/types?read=yes",
    "/supply/expiry",
    "/supply/batches",
    "/supply/batches/new",
    "/supply/resupply",
    "/supply/resupply/34-001/1999-01-01",
    "/shipments/new",
    "/supply/quarantine",
    "/supply/quarantine/decision?site=34-001",
    "/supply/quarantine/decision",
];
/// The pages of a batch.
const OF_A_BATCH: [&str; 12] = [
    "",
    "/packaging-list",
    "/packing",
    "/sample",
    "/labels",
    "/certification",
    "/release",
    "/expiry-shortening",
    "/expiry-extensions",
    "/recall",
    "/lot-statement",
    "/lot-recall",
];

/// What stands under no one thing of the study.
const OF_THE_STUDY: [&str; 14] = [
    "",
    "/subjects",
    "/subjects/new",
    "/break",
    "/kits",
    "/shipments",
    "/subjects/S-999",
    "/visits",
    "/breaks",
    "/breaks/none",
    "/emergency-break",
    "/subjects?csv=subjects",
    "/kits?csv=kits",
    "/kits?kits.sort=1&kits.order=down&totals.sort=1",
];
/// What stands under a subject.
const OF_A_SUBJECT: [&str; 7] =
    ["", "/kits", "/randomize", "/doses", "/visits/D8", "/screen-failure", "/withdrawal"];
/// What stands under a shipment.
const OF_A_SHIPMENT: [&str; 4] = ["", "/dispatch", "/cancellation", "/label"];

/// Opens every page, as far as each may, and some that nobody may.
pub(super) fn opened(trial: &mut Trial) {
    let opened = pharmacy::Kits::of(trial);
    let (numbered, watched, desk) = (numbered(trial), watched(trial), desk(trial));
    for who in PEOPLE {
        trial.sit_down(who);
        for page in ["/", "/?all=yes", "/password", "/language/fr?then=/", "/nowhere"] {
            trial.page(who, page);
        }
        let of_study = OF_THE_STUDY.iter().map(|page| (*page).to_owned());
        for page in watched.iter().chain(&desk).cloned().chain(of_study).chain(numbered.iter().cloned()) {
            trial.page(who, &format!("/studies/imodals{page}"));
        }
        pharmacy::opened(trial, who, &opened);
        supply(trial, who);
        accounts(trial, who);
    }
    unblinded_supply(trial);
    pharmacy::stopped(trial);
    at_the_desk(trial, &desk);
    watching(trial);
    administrator(trial);
    done(trial);
    leaves(trial, "quality");
}

/// The pages of everything that has a number, and what is found by it.
fn numbered(trial: &mut Trial) -> Vec<String> {
    let (subjects, shipments) = (subjects(trial), shipments(trial));
    let (kits, unblindings) = (kits(trial), unblindings(trial));
    let mut pages = Vec::new();
    for subject in &subjects {
        pages.extend(OF_A_SUBJECT.map(|page| format!("/subjects/{subject}{page}")));
    }
    for shipment in &shipments {
        pages.extend(OF_A_SHIPMENT.map(|page| format!("/shipments/{shipment}{page}")));
    }
    pages.extend(unblindings.iter().map(|unblinding| format!("/breaks/{unblinding}")));
    let others = ["R0001", "S-0", "1234567889"].map(str::to_owned);
    let numbers = subjects.into_iter().chain(shipments).chain(kits).chain(others);
    pages.extend(numbers.map(|number| format!("/search?q={number}")));
    pages
}

/// What is done at the bedside and in the pharmacy, well and wrongly.
fn done(trial: &mut Trial) {
    let subjects = subjects(trial);
    breaks(trial, &subjects);
    bedside(trial);
    let wrong = [("kit_number", "1234567889")];
    for subject in subjects.iter().take(3) {
        trial.form("pharmacist", &format!("/studies/imodals/subjects/{subject}/kits"), &wrong);
    }
}

/// Somebody does not come by a new password, and logs out.
fn leaves(trial: &mut Trial, who: &str) {
    trial.form(who, "/password", &[("old_password", "not that"), ("new_password", "short")]).expect(422);
    trial.page(who, "/log-out");
    let page = trial.page(who, "/studies/imodals");
    let guard = page.body.split("name=\"guard\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let guard = guard.expect("the form that logs out").to_owned();
    trial.post_page(who, "/log-out", &[("guard", &guard)]).expect(303);
}

/// The pages of the supply, of a batch that was called back and of one that was not.
fn supply(trial: &mut Trial, who: &str) {
    for page in SUPPLY {
        trial.page(who, &format!("/studies/imodals{page}"));
    }
    for batch in ["B-3", "B-4", "B-NONE"] {
        for page in OF_A_BATCH {
            trial.page(who, &format!("/studies/imodals/supply/batches/{batch}{page}"));
        }
    }
    let changes = trial.read("monitor", "/batches/B-4/expiry-changes").expect(200);
    let extension = text(&changes, "/expiry_changes/0/id");
    trial.page(who, &format!("/studies/imodals/supply/batches/B-4/expiry-extensions/{extension}"));
    let plans = trial.read("monitor", "/resupply-plans").expect(200);
    let (site, day) = (text(&plans, "/resupply_plans/0/site"), text(&plans, "/resupply_plans/0/order_day"));
    trial.page(who, &format!("/studies/imodals/supply/resupply/{site}/{day}"));
}

/// Who knows what is in the kits opens the pages that nobody blinded may see; and forms of blinded people are refused.
fn unblinded_supply(trial: &mut Trial) {
    trial.sit_down("supply");
    supply(trial, "supply");
    trial.sit_down("reviewer");
    supply(trial, "reviewer");
    let groups = [("to_site", "34-001"), ("groups", "999")];
    trial.form("depot", "/studies/imodals/shipments/new", &groups).expect(409);
    trial.form("depot", "/studies/imodals/supply/resupply", &[("site", "34-001")]);
    let bare = [("reason", "a report")];
    trial.form("quality", "/studies/imodals/supply/quarantine/decision?site=34-001", &bare).expect(422);
    trial
        .form("quality", "/studies/imodals/supply/batches/B-3/certification", &[("country", "FR")])
        .expect(401);
}

/// The pages of those who watch.
fn watched(trial: &mut Trial) -> Vec<String> {
    let mut pages: Vec<String> = [
        "",
        "?csv=sites",
        "/holds",
        "/holds/no-such-hold",
        "/design",
        "/people",
        "/people?csv=holders",
        "/journal",
        "/journal?journal.search=randomized",
        "/journal?journal.from=40",
        "/journal?journal.sort=0&journal.order=up",
        "/journal?journal.sort=2&journal.order=down",
        "/journal?csv=journal",
        "/journal/0",
        "/journal/60",
        "/journal/999999",
        "/checkpoints",
        "/self-check",
        "/self-check?from=0",
        "/export",
        "/export?file=yes",
        "/redactions",
    ]
    .map(|page| format!("/oversight{page}"))
    .to_vec();
    let holds = ids(trial, "/holds", "holds");
    pages.extend(holds.iter().map(|id| format!("/oversight/holds/{id}")));
    let redactions = ids(trial, "/redactions", "redactions");
    pages.extend(redactions.iter().map(|id| format!("/oversight/redactions/{id}")));
    let alerts = ids(trial, "/alerts", "alerts");
    pages.extend(alerts.iter().map(|id| format!("/alerts/{id}")));
    pages.push("/alerts".to_owned());
    pages
}

/// The pages of the statistician's desk, which are refused to everybody who is blinded.
fn desk(trial: &mut Trial) -> Vec<String> {
    let lists = trial.read("statistician", "/lists").expect(200);
    let list = lists["lists"].as_array().expect("lists").last().expect("a list");
    let list = list["id"].as_str().expect("an id").to_owned();
    let pages = ["", "/reconciliation", "/balance", "/predictability", "/lists/new"];
    let of_list = ["", "/positions", "/envelopes", "/approval", "/discard", "/nonsense"];
    let of_list = of_list.map(|page| format!("/lists/{list}{page}"));
    let asked = |page: String| [format!("/statistics{page}"), format!("/statistics{page}?read=yes")];
    pages.map(str::to_owned).into_iter().chain(of_list).flat_map(asked).collect()
}

/// The statistician reads all of it. That it was read is told to blinded people, and no more.
fn at_the_desk(trial: &mut Trial, desk: &[String]) {
    trial.sit_down("statistician");
    for page in desk {
        trial.page("statistician", &format!("/studies/imodals{page}"));
    }
}

/// What can be done on the pages of those who watch.
fn watching(trial: &mut Trial) {
    let oversight = "/studies/imodals/oversight";
    let hold = [("on", "dispensing"), ("site", "44-001"), ("reason", "the pharmacy is being moved")];
    trial.form("pharmacist", &format!("{oversight}/checkpoints"), &[]).expect(303);
    trial.form("monitor", &format!("{oversight}/holds"), &[("on", "dispensing")]).expect(422);
    trial.form("monitor", &format!("{oversight}/holds"), &hold).expect(303);
    let holds = trial.read("monitor", "/holds").expect(200);
    let mut holds = holds["holds"].as_array().expect("holds").iter();
    let hold = holds.find(|hold| hold.get("released_at").is_none()).expect("the hold");
    let hold = format!("{oversight}/holds/{}", hold["id"].as_str().expect("an id"));
    trial.form("monitor", &hold, &[("reason", "it has been moved")]).expect(303);
}

/// The ids of what the monitor reads at an address.
fn ids(trial: &mut Trial, address: &str, name: &str) -> Vec<String> {
    let all = trial.read("monitor", address).expect(200);
    let all = all[name].as_array().expect("a list").iter();
    all.filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

/// Everybody's own account, and those of all others, which are for administrators.
fn accounts(trial: &mut Trial, who: &str) {
    for page in ["/me", "/me/sessions", "/code", "/second-factor", "/second-factor/confirmation"] {
        trial.page(who, page);
    }
    for page in ["/second-factor/recovery-codes", "/second-factor/removal"] {
        trial.page(who, page);
    }
    let grant = grant(trial);
    for page in ["/people", "/invite", "/access-review", "/people/monitor", "/people/nobody"] {
        trial.page(who, page);
    }
    for page in ["reset", "sessions", "grants"] {
        trial.page(who, &format!("/people/monitor/{page}"));
    }
    for page in ["confirmation", "revocation"] {
        trial.page(who, &format!("/people/monitor/grants/{grant}/{page}"));
    }
}

/// An administrator does what there is to do, and ends no role that is needed.
fn administrator(trial: &mut Trial) {
    trial.sit_down("admin");
    accounts(trial, "admin");
    trial.page("admin", "/access-review?csv=grants");
    let taken = [("login", "monitor"), ("display_name", "Monitor"), ("email", "m@test.invalid")];
    trial.form("admin", "/invite", &taken).expect(409);
    trial.form("admin", "/people/admin/reset", &[]).expect(409);
    let password = trial.person("admin").password;
    let excluded = [
        ("role", "statistician"),
        ("study", "imodals"),
        ("reason", "a mistake"),
        ("password", password.as_str()),
    ];
    trial.form("admin", "/people/monitor/grants", &excluded).expect(409);
    let grant = grant(trial);
    trial.form("admin", &format!("/people/monitor/grants/{grant}/revocation"), &[]).expect(422);
    trial.form("admin", "/second-factor", &[("password", "not that")]).expect(401);
}

/// The monitor's grant.
fn grant(trial: &mut Trial) -> String {
    let users = trial.get("admin", "/users").expect(200);
    let mut users = users["users"].as_array().expect("users").iter();
    let monitor = users.find(|user| user["id"] == "monitor").expect("the monitor");
    monitor["grants"][0]["id"].as_str().expect("an id").to_owned()
}

/// A code is broken on the page: what is seen there is the breaker's alone, what is told of it is told alike.
fn breaks(trial: &mut Trial, subjects: &[String]) {
    let password = trial.person("investigator").password;
    for subject in subjects.iter().take(2) {
        let number =
            [("screening_number", subject.as_str()), ("reason", "overdose"), ("password", &password)];
        trial.form("investigator", "/studies/imodals/break", &number);
    }
    let nobody = [("screening_number", "S-999"), ("reason", "overdose"), ("password", password.as_str())];
    trial.form("investigator", "/studies/imodals/break", &nobody).expect(404);
    let emergency = "/studies/imodals/emergency-break";
    for (who, status) in [("investigator", 200), ("far", 404), ("monitor", 403)] {
        let password = trial.person(who).password;
        let asked =
            [("screening_number", "S-001"), ("reason", "overdose"), ("login", who), ("password", &password)];
        trial.form(who, emergency, &asked).expect(status);
    }
    for broken in unblindings(trial).iter().take(1) {
        let note = format!("/studies/imodals/breaks/{broken}");
        trial.form("investigator", &note, &[("text", "It is over.")]).expect(303);
    }
}

/// What is recorded at the bedside, and what is only read once more or refused.
fn bedside(trial: &mut Trial) {
    let subjects = "/studies/imodals/subjects";
    for who in ["investigator", "monitor", "far"] {
        let address = format!("{subjects}/S-001/visits/D8");
        let typed = [("date", "2015-10-05"), ("correction_reason", "a slip"), ("confirmed", "yes")];
        if trial.page(who, &address).status == 200 {
            trial.form(who, &address, &typed);
        }
    }
    trial.form("investigator", &format!("{subjects}/S-001/visits/D8"), &[("date", "2015-10-05")]);
    trial.form("investigator", &format!("{subjects}/S-007/screen-failure"), &[("criteria", "E01")]);
    let stop = [("stops", "drug"), ("reason", "withdrew"), ("confirmed", "yes")];
    trial.form("investigator", &format!("{subjects}/S-004/withdrawal"), &stop).expect(409);
}

fn kits(trial: &mut Trial) -> Vec<String> {
    let of = |subject: &str| format!("/subjects/{subject}/dispensations");
    let numbers = ["S-001", "S-002"].map(|subject| {
        let dispensed = trial.read("pharmacist", &of(subject)).expect(200);
        dispensed["dispensations"][0]["kits"][0].as_str().expect("a kit").to_owned()
    });
    numbers.to_vec()
}

fn unblindings(trial: &mut Trial) -> Vec<String> {
    let all = trial.read("monitor", "/unblindings").expect(200);
    let all = all["unblindings"].as_array().expect("breaks").iter();
    all.map(|broken| broken["id"].as_str().expect("an id").to_owned()).collect()
}

fn subjects(trial: &mut Trial) -> Vec<String> {
    let all = trial.read("monitor", "/subjects").expect(200);
    let all = all["subjects"].as_array().expect("subjects").iter();
    all.map(|subject| subject["screening_number"].as_str().expect("a number").to_owned()).collect()
}

fn shipments(trial: &mut Trial) -> Vec<String> {
    let all = trial.read("monitor", "/shipments").expect(200);
    let all = all["shipments"].as_array().expect("shipments").iter();
    all.map(|shipment| shipment["id"].as_str().expect("an id").to_owned()).collect()
}
