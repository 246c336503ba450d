//! The pages of the pharmacy: kits of every state, what became of them, and what is stopped at the counter.

use std::collections::BTreeMap;

use iwrs_tests::client::Expect;
use serde_json::Value;

use super::super::trial::Trial;
use super::{SITE, text};

const STUDY: &str = "/studies/imodals";
/// The subjects whose pages are opened: as many as a block, so that every arm is among them.
const SUBJECTS: [&str; 6] = ["S-001", "S-002", "S-003", "S-004", "S-005", "S-006"];

/// The kits whose pages are opened, and a unit that was prepared.
pub(super) struct Kits {
    /// One of every state at the first site, in the order of states.
    of_every_state: Vec<String>,
    /// Those that the first subject was told, and what took their places.
    of_subject: Vec<String>,
    /// A unit of the first subject.
    unit: String,
}

impl Kits {
    pub(super) fn of(trial: &mut Trial) -> Self {
        let all = trial.read("monitor", &format!("/kits?site={SITE}")).expect(200);
        let mut first = BTreeMap::new();
        for kit in all["kits"].as_array().expect("kits") {
            first.entry(text(kit, "/state")).or_insert_with(|| text(kit, "/number"));
        }
        let told = trial.read("monitor", "/subjects/S-001/dispensations").expect(200);
        let told = told["dispensations"].as_array().expect("dispensations").iter();
        let of_subject = told.flat_map(|one| {
            let instead = one["replacements"].as_array().expect("replacements").iter();
            let instead = instead.map(|one| text(one, "/kit_number"));
            std::iter::once(text(one, "/kits/0")).chain(instead).collect::<Vec<_>>()
        });
        let of_subject = of_subject.collect();
        let units: Value = trial.read("monitor", "/subjects/S-001/units").expect(200);
        Self {
            of_every_state: first.into_values().collect(),
            of_subject,
            unit: text(&units, "/units/0/unit"),
        }
    }
}

/// Opens them all, as far as somebody may.
pub(super) fn opened(trial: &mut Trial, who: &str, kits: &Kits) {
    for page in ["today", "accountability", "accountability?format=csv", "accountability?format=pdf"] {
        trial.page(who, &format!("{STUDY}/{page}"));
    }
    for page in ["set-aside", "disposals", "reconciliations/new", "destructions/new", "1234567889"] {
        trial.page(who, &format!("{STUDY}/kits/{page}"));
    }
    for kit in &kits.of_every_state {
        trial.page(who, &format!("{STUDY}/kits/{kit}"));
    }
    for kit in &kits.of_subject {
        for page in ["?format=csv", "?format=pdf", "/return", "/replacement", "/incident"] {
            trial.page(who, &format!("{STUDY}/kits/{kit}{page}"));
        }
    }
    for subject in SUBJECTS {
        for page in ["accountability", "check"] {
            trial.page(who, &format!("{STUDY}/subjects/{subject}/{page}"));
        }
    }
    for page in ["units".to_owned(), format!("units/{}", kits.unit)] {
        trial.page(who, &format!("{STUDY}/subjects/S-001/{page}"));
    }
    ends(trial, who);
}

/// The reconciliations and destructions that somebody is shown, and none that is there.
fn ends(trial: &mut Trial, who: &str) {
    let shown = trial.page(who, &format!("{STUDY}/kits/disposals")).body;
    for kind in ["reconciliations", "destructions"] {
        let start = format!("href=\"{STUDY}/kits/{kind}/");
        let ids = shown.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
        for id in ids.filter(|id| *id != "new").chain(["no-such-thing"]) {
            trial.page(who, &format!("{STUDY}/kits/{kind}/{id}"));
        }
    }
}

/// What is stopped or refused, for subjects of every arm.
pub(super) fn stopped(trial: &mut Trial) {
    for subject in SUBJECTS {
        let page = format!("{STUDY}/subjects/{subject}/units");
        trial.form("pharmacist", &page, &[("unit", "a syringe")]);
        trial.form("pharmacist", &page, &[("kit_number", "1234567889"), ("units", "1"), ("preparation", "")]);
    }
}
