//! Everything that can be read, by everybody.

use iwrs_tests::client::Expect;
use serde_json::Value;

use super::super::trial::Trial;

/// Everybody reads everything, and is refused where that is right.
pub(super) fn everything(trial: &mut Trial) {
    let list = trial.read("statistician", "/lists").expect(200);
    let kits = numbers(&trial.read("supply", "/kits").expect(200)["kits"], "number");
    let subjects = numbers(&trial.read("monitor", "/subjects").expect(200)["subjects"], "screening_number");
    let list = list["lists"][0]["id"].as_str().expect("a list").to_owned();
    let mut paths: Vec<String> = [
        "",
        "/holds",
        "/batches",
        "/unblindings",
        "/journal",
        "/journal?from=3&limit=500",
        "/journal/checkpoint",
        "/journal/export",
        "/lists",
        "/reconciliation",
        "/kits",
        "/kits?state=available",
        "/kits?state=dispensed",
        "/kits?site=34-001&batch=B-2026-01",
        "/kits?state=placebo",
        "/kits?arm=placebo",
        "/kits?kit_type=x",
        "/kits?order=kit_type",
        "/subjects?arm=placebo",
        "/subjects",
        "/subjects/S-999",
        "/kits/0000000000",
        "/nowhere",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([format!("/lists/{list}"), format!("/lists/{list}/positions")]);
    paths.extend(kits.iter().step_by(12).map(|kit| format!("/kits/{kit}")));
    for subject in subjects {
        paths.push(format!("/subjects/{subject}"));
        paths.push(format!("/subjects/{subject}/dispensations"));
    }
    for who in trial.blinded() {
        for path in ["/me", "/studies", "/users", "/studies/other"] {
            trial.get(&who, path);
        }
        for path in &paths {
            trial.read(&who, path);
        }
    }
    for who in ["supply", "statistician", "reviewer"] {
        for path in ["", "/lists", "/reconciliation", "/journal/export"] {
            trial.read(who, path);
        }
    }
    for path in [format!("/lists/{list}"), format!("/lists/{list}/positions")] {
        trial.read("statistician", &path).expect(200);
    }
}

/// The numbers in a list of an answer.
fn numbers(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row[name].as_str().expect("a number").to_owned()).collect()
}
