//! The pages, opened by everybody who is blinded, with what can be done on them.

use iwrs_tests::client::Expect;

use super::super::trial::Trial;

/// The blinded people of the first site and of the whole study.
const PEOPLE: [&str; 6] = ["investigator", "pharmacist", "monitor", "depot", "quality", "far"];

/// Opens every page, as far as each may, and some that nobody may.
pub(super) fn opened(trial: &mut Trial) {
    let study = "/studies/imodals";
    let (subjects, shipments) = (subjects(trial), shipments(trial));
    let (watched, desk) = (watched(trial), desk(trial));
    for who in PEOPLE {
        trial.sit_down(who);
        for page in watched.iter().chain(&desk) {
            trial.page(who, &format!("{study}{page}"));
        }
        for page in ["/", "/?all=yes", "/password", "/language/fr?then=/", "/nowhere"] {
            trial.page(who, page);
        }
        for page in ["", "/subjects", "/subjects/new", "/break", "/kits", "/shipments", "/subjects/S-999"] {
            trial.page(who, &format!("{study}{page}"));
        }
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
    at_the_desk(trial, &desk);
    watching(trial);
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
        "/journal?journal.before=40",
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
