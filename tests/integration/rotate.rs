//! Rotating the data key of a study while a server runs on it.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use serde_json::{Value, json};
use service::rebuild::{Compared, compare};
use service::rotate::{Rotated, rotate};
use terms::StudyId;
use trial::Refusal;

use crate::journal::played::played;
use crate::once::{assert_journal_holds, reconciled};
use crate::record::count;

fn study() -> Option<StudyId> {
    Some(StudyId::parse("imodals").expect("an id"))
}

/// How many openings of the study are sealed under each version of its key.
fn versions(app: &TestApp) -> Vec<String> {
    let query = "SELECT CAST(key_version AS text) || ': ' || CAST(count(*) AS text) AS value FROM opening \
                 WHERE tree = 'study/imodals' GROUP BY key_version ORDER BY key_version";
    app.database.values(query).expect("the versions")
}

/// What a break of this subject's code shows, which was broken before.
fn shown(app: &TestApp) -> Value {
    let ask = json!({ "screening_number": "S-001", "reason": "overdose" });
    let path = app.path("/unblindings");
    let shown = app.person("investigator").sign_and_post("unblind", &path, &ask).expect(201);
    shown["unblinding"]["treatment"].clone()
}

#[track_caller]
fn assert_everything_opens(app: &TestApp, treatment: &Value) {
    assert_eq!(shown(app), *treatment);
    reconciled(&app.person("statistician"));
    assert_journal_holds(&app.person("statistician"));
    assert!(compare(&app.service).expect("compared").iter().all(Compared::is_sound));
}

#[test]
fn bld_11_after_a_rotation_everything_opens_under_the_new_key_and_says_the_same() {
    let app = played();
    let treatment = shown(&app);
    let before = app.database.values(
        "SELECT CAST(count(*) AS text) AS value FROM opening \
                                      WHERE tree = 'study/imodals'",
    );
    let before = before.expect("a count").pop().expect("a count");
    let done = rotate(&app.service, study()).expect("rotated");
    assert_eq!(done, Rotated { version: 2, values: before.parse().expect("a number") });
    assert_eq!(versions(&app), [format!("2: {before}")]);
    assert_eq!(count(&app, "data_key_rotated"), 1);
    assert_everything_opens(&app, &treatment);
    app.randomize("S-020", 1970, "male");
    assert!(!versions(&app).iter().any(|version| version.starts_with("1:")), "the old key seals nothing new");
    let installation = rotate(&app.service, None).expect("rotated");
    assert_eq!(installation.version, 2);
    app.add_person("later", "monitor", None);
    let nowhere = rotate(&app.service, Some(StudyId::parse("nowhere").expect("an id")));
    assert!(matches!(nowhere, Err(service::Failure::Refusal(Refusal::NotFound))), "there is no such study");
}

#[test]
fn stopped_half_way_everything_opens_and_the_same_rotation_is_finished() {
    let app = played();
    let treatment = shown(&app);
    // It comes as far as the last batch: a value that does not open stops it there like a machine that fails.
    let last = "id = (SELECT max(id) FROM opening WHERE tree = 'study/imodals')";
    app.database.execute(&format!("CREATE TABLE kept AS SELECT * FROM opening WHERE {last}")).expect("kept");
    app.database.execute(&format!("UPDATE opening SET kind = 'counts' WHERE {last}")).expect("altered");
    assert!(rotate(&app.service, study()).is_err(), "nothing goes on with a value that does not open");
    let back = format!("UPDATE opening SET kind = (SELECT kind FROM kept) WHERE {last}");
    app.database.execute(&back).expect("as it was");
    app.database.execute("DROP TABLE kept").expect("dropped");
    assert_eq!(versions(&app).len(), 2, "some are sealed under the old key and some under the new");
    assert_everything_opens(&app, &treatment);
    let done = rotate(&app.service, study()).expect("finished");
    assert_eq!((done.version, count(&app, "data_key_rotated")), (2, 1), "the same rotation");
    assert!((1..=100).contains(&done.values), "only what was left: {done:?}");
    assert_eq!(versions(&app).len(), 1);
    assert_everything_opens(&app, &treatment);
    assert_eq!(rotate(&app.service, study()).expect("another").version, 3);
}
