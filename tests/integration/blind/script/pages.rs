//! The pages, opened by everybody who is blinded, with what can be done on them.

use iwrs_tests::client::Expect;

use super::super::trial::Trial;
use super::pharmacy;

/// The blinded people of the first site and of the whole study.
const PEOPLE: [&str; 6] = ["investigator", "pharmacist", "monitor", "depot", "quality", "far"];

/// Opens every page, as far as each may, and some that nobody may.
pub(super) fn opened(trial: &mut Trial) {
    let study = "/studies/imodals";
    let (subjects, shipments) = (subjects(trial), shipments(trial));
    let kits = pharmacy::Kits::of(trial);
    for who in PEOPLE {
        trial.sit_down(who);
        for page in ["/", "/?all=yes", "/password", "/language/fr?then=/", "/nowhere"] {
            trial.page(who, page);
        }
        for page in ["", "/subjects", "/subjects/new", "/break", "/kits", "/shipments", "/subjects/S-999"] {
            trial.page(who, &format!("{study}{page}"));
        }
        pharmacy::opened(trial, who, &kits);
        for table in
            ["subjects?csv=subjects", "kits?csv=kits", "kits?kits.sort=1&kits.order=down&totals.sort=1"]
        {
            trial.page(who, &format!("{study}/{table}"));
        }
        for subject in &subjects {
            for page in ["", "/kits", "/randomize"] {
                trial.page(who, &format!("{study}/subjects/{subject}{page}"));
            }
        }
        for shipment in &shipments {
            trial.page(who, &format!("{study}/shipments/{shipment}"));
        }
    }
    pharmacy::stopped(trial);
    breaks(trial, &subjects);
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
