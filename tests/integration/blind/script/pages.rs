//! The pages, opened by everybody who is blinded, with what can be done on them.

use iwrs_tests::client::Expect;

use super::super::trial::Trial;

/// The blinded people of the first site and of the whole study.
const PEOPLE: [&str; 6] = ["investigator", "pharmacist", "monitor", "depot", "quality", "far"];

/// Opens every page, as far as each may, and some that nobody may.
pub(super) fn opened(trial: &mut Trial) {
    let study = "/studies/imodals";
    let (subjects, shipments) = (subjects(trial), shipments(trial));
    let (kits, unblindings) = (kits(trial), unblindings(trial));
    for who in PEOPLE {
        trial.sit_down(who);
        for page in ["/", "/?all=yes", "/password", "/language/fr?then=/", "/nowhere"] {
            trial.page(who, page);
        }
        for page in [
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
        ] {
            trial.page(who, &format!("{study}{page}"));
        }
        for table in
            ["subjects?csv=subjects", "kits?csv=kits", "kits?kits.sort=1&kits.order=down&totals.sort=1"]
        {
            trial.page(who, &format!("{study}/{table}"));
        }
        for subject in &subjects {
            for page in ["", "/kits", "/randomize", "/doses", "/visits/D8", "/screen-failure", "/withdrawal"]
            {
                trial.page(who, &format!("{study}/subjects/{subject}{page}"));
            }
            trial.page(who, &format!("{study}/search?q={subject}"));
        }
        for shipment in &shipments {
            trial.page(who, &format!("{study}/shipments/{shipment}"));
            trial.page(who, &format!("{study}/search?q={shipment}"));
        }
        for number in ["R0001", "S-0", "1234567889"].into_iter().chain(kits.iter().map(String::as_str)) {
            trial.page(who, &format!("{study}/search?q={number}"));
        }
        for unblinding in &unblindings {
            trial.page(who, &format!("{study}/breaks/{unblinding}"));
        }
        accounts(trial, who);
    }
    administrator(trial);
    breaks(trial, &subjects);
    bedside(trial);
    let wrong = [("kit_number", "1234567889")];
    for subject in subjects.iter().take(3) {
        trial.form("pharmacist", &format!("{study}/subjects/{subject}/kits"), &wrong);
    }
    trial
        .form("quality", "/password", &[("old_password", "not that"), ("new_password", "short")])
        .expect(422);
    trial.page("quality", "/log-out");
    let page = trial.page("quality", study);
    let guard = page.body.split("name=\"guard\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let guard = guard.expect("the form that logs out").to_owned();
    trial.post_page("quality", "/log-out", &[("guard", &guard)]).expect(303);
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
