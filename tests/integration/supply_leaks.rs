//! What the supply of IMODALS tells a blinded observer, over whole simulated trials, and through the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::folder::TempFolder;
use iwrs_tests::long_run;
use observer::{Deduction, Verdict, check, deduce};
use trial::rehearsal::{Conditions, Rehearsed, SupplyPolicy, rehearse, seed_of};
use trial::study::{SealedDesign, StudyDesign};

fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name)
}

fn imodals() -> (StudyDesign, SealedDesign) {
    let read = |name| std::fs::read_to_string(config(name)).expect("a file");
    let design = StudyDesign::from_toml(&read("imodals.toml")).expect("a design");
    let sealed = SealedDesign::from_toml(&read("imodals.sealed.toml"), &design).expect("a sealed design");
    (design, sealed)
}

/// Every run of a policy, with what the observer finds.
fn runs(policy: SupplyPolicy, count: u32) -> Vec<(Rehearsed, Deduction)> {
    let (design, sealed) = imodals();
    let run = |number| {
        let done = rehearse(&design, &sealed, policy, &Conditions::IMODALS, &seed_of(number));
        let found = deduce(&done.seen).expect("what is seen is true");
        (done, found)
    };
    (0..count).map(run).collect()
}

#[test]
fn bld_10_groups_of_twelve_prove_nothing_of_any_pair() {
    for (done, found) in runs(SupplyPolicy::Shipped, if long_run() { 100 } else { 20 }) {
        assert_eq!((found.by_blocks(), found.by_supply()), (0, 0));
        assert_eq!((done.not_served, done.refused), (0, 0));
        assert!(done.kits_per_type <= 48, "IMODALS has 48 kits of every type");
        // Not proved means shown: a world of each kind for each of the 630 pairs, and the worlds are worlds.
        for pair in &found.pairs {
            let Verdict::Open { same, different } = pair.verdict else { panic!("{pair:?}") };
            for (place, alike) in [(same, true), (different, false)] {
                let arms = &found.worlds[place].subjects;
                assert_eq!(arms[&pair.one] == arms[&pair.other], alike, "{pair:?}");
            }
        }
        assert_eq!(found.pairs.len(), 630);
        assert!(found.worlds.iter().all(|world| check(&done.seen, world).is_ok()));
    }
}

#[test]
fn what_is_forbidden_is_caught() {
    // The policy, and the least share of all pairs that is proved on average, in percent; some are in every run.
    let table = [
        (SupplyPolicy::OneOfEach, 1),
        (SupplyPolicy::SingleKits, 85),
        (SupplyPolicy::LowestNumberFirst, 85),
        (SupplyPolicy::EarliestExpiryFirst, 1),
    ];
    for (policy, on_average) in table {
        let runs = runs(policy, if long_run() { 40 } else { 8 });
        let mut proved = 0;
        for (done, found) in &runs {
            assert!(found.by_supply() > 0, "{policy:?}");
            proved += found.by_supply();
            // What is proved is true.
            for pair in &found.pairs {
                let alike = done.truth.subjects[&pair.one] == done.truth.subjects[&pair.other];
                assert_ne!(pair.verdict, if alike { Verdict::Different } else { Verdict::Same }, "{pair:?}");
            }
        }
        assert!(proved * 100 / (630 * runs.len()) >= on_average, "{policy:?}: {proved} in {}", runs.len());
    }
}

#[test]
fn kit_14_no_visit_is_without_a_kit_of_the_assigned_type() {
    let (design, sealed) = imodals();
    // Days of delay, percent of kits lost, and in how many of a thousand trials a randomization may have to wait.
    let table = [(0, 0, 10), (3, 0, 20), (0, 5, 10), (3, 5, 20), (7, 5, 60)];
    let count = if long_run() { 2_000 } else { 60 };
    for (delay_days, loss_percent, may_wait) in table {
        let conditions = Conditions { delay_days, loss_percent, ..Conditions::IMODALS };
        let mut waited = 0;
        for run in 0..count {
            let done = rehearse(&design, &sealed, SupplyPolicy::Shipped, &conditions, &seed_of(run));
            assert_eq!(done.not_served, 0, "run {run}, late {delay_days} days, lost {loss_percent} %");
            waited += u32::from(done.refused > 0);
        }
        assert!(
            waited * 1_000 <= may_wait * count,
            "{waited} of {count}: {delay_days} days, {loss_percent} %"
        );
    }
}

fn leaks(arguments: &[&str]) -> Output {
    let (design, sealed) = (config("imodals.toml"), config("imodals.sealed.toml"));
    let study = [design.to_str().expect("UTF-8"), "--sealed", sealed.to_str().expect("UTF-8")];
    Command::new(env!("CARGO_BIN_EXE_iwrs-tested"))
        .args(["supply", "leaks"])
        .args(study)
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn the_command_exits_with_0_only_when_nothing_is_proved_by_supply() {
    let good = leaks(&["--runs", "2", "--breaks", "2"]);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    let page = text(&good.stdout);
    assert!(page.contains("2 runs, 1260 pairs: proved by the blocks alone 0, by the supply 0"), "{page}");
    assert!(page.contains("with 2 code breaks"), "{page}");
    let bad = leaks(&["--runs", "2", "--policy", "one-of-each"]);
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    assert!(text(&bad.stderr).contains("the supply proves"), "{bad:?}");
}

#[test]
fn an_observation_in_a_file_is_judged_pair_by_pair() {
    let (design, sealed) = imodals();
    let folder = TempFolder::new();
    let judged = |policy| {
        let done = rehearse(&design, &sealed, policy, &Conditions::IMODALS, &seed_of(0));
        let file = folder.path().join("observation.json");
        std::fs::write(&file, serde_json::to_string(&done.seen).expect("JSON")).expect("written");
        let file = file.to_str().expect("UTF-8").to_owned();
        let output =
            Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).args(["supply", "leaks", &file]).output();
        output.expect("the program starts")
    };
    let good = judged(SupplyPolicy::Shipped);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    assert!(text(&good.stdout).contains("630 pairs"), "{good:?}");
    let bad = judged(SupplyPolicy::OneOfEach);
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    assert!(text(&bad.stdout).contains("do not share an arm"), "{bad:?}");
}

/// The journal of a study itself: nothing is proved of the two subjects, and a view that hides leaves is not judged.
#[test]
fn what_a_study_has_really_shown_is_judged_from_its_journal() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    app.randomize("S-002", 1961, "female");
    let folder = TempFolder::new();
    let judged = |who: &Client| {
        let export = who.get(&app.path("/journal/export"));
        let file = folder.path().join("journal.json");
        std::fs::write(&file, export.body).expect("written");
        let design = config("imodals.toml");
        let paths = [file.to_str().expect("UTF-8"), "--study", design.to_str().expect("UTF-8")];
        let command =
            Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).args(["supply", "leaks"]).args(paths).output();
        command.expect("the program starts")
    };
    let whole = judged(&app.person("monitor"));
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");
    let page = text(&whole.stdout);
    assert!(
        page.starts_with("Site 34-001\n1 pairs\n") && page.ends_with("Proved by the supply: 0\n"),
        "{page}"
    );
    app.add_site("30-001");
    let elsewhere = app.add_person("elsewhere", "investigator", Some("30-001"));
    let part = judged(&elsewhere);
    assert_eq!(part.status.code(), Some(1), "{part:?}");
    assert!(text(&part.stderr).contains("does not show every leaf"), "{part:?}");
}

/// A true lot that is recalled tells by its nature: its pairs are listed apart, and the supply is not blamed for them.
#[test]
fn bld_10_what_the_recall_of_a_lot_proves_is_listed_apart_with_the_act() {
    let app = TestApp::imodals();
    // Of the first five of a block of six, somebody is of every arm, whatever the list.
    for (subject, born) in
        [("S-001", 1960), ("S-002", 1961), ("S-003", 1962), ("S-004", 1963), ("S-005", 1964)]
    {
        app.randomize(subject, born, "female");
    }
    let reviewed = app.path("/batches/B-2026-01/lot-statements");
    let stated =
        app.person("reviewer").post(&reviewed, &serde_json::json!({ "lot": "LOT-DEMO-A" })).expect(201);
    let proves = stated["lot_statement"]["proves"].as_array().expect("pairs").clone();
    assert!(!proves.is_empty(), "somebody is of the lot and somebody not");
    crate::batches::lot::recalled(&app, "B-2026-01", "LOT-DEMO-A").expect(201);
    let folder = TempFolder::new();
    let file = folder.path().join("journal.json");
    std::fs::write(&file, app.person("monitor").get(&app.path("/journal/export")).body).expect("written");
    let design = config("imodals.toml");
    let paths = [file.to_str().expect("UTF-8"), "--study", design.to_str().expect("UTF-8")];
    let judged =
        Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).args(["supply", "leaks"]).args(paths).output();
    let judged = judged.expect("the program starts");
    assert_eq!(judged.status.code(), Some(0), "the supply by itself proves nothing: {judged:?}");
    let page = text(&judged.stdout);
    let heading = "Proved by the supply: 0\nProved by the recall of a true lot of batch B-2026-01 (leaf ";
    let (_, told) = page.split_once(heading).unwrap_or_else(|| panic!("{page}"));
    let (_, told) = told.split_once("): ").expect("a number");
    let mut lines = told.lines();
    assert_eq!(lines.next(), Some(proves.len().to_string().as_str()), "{page}");
    let words = |pair: &serde_json::Value| {
        let relation = if pair["share_an_arm"] == true { "share" } else { "do not share" };
        let name = |field: &str| pair[field].as_str().expect("a subject").to_owned();
        format!("  {} and {} {relation} an arm", name("one"), name("other"))
    };
    assert_eq!(lines.map(str::to_owned).collect::<Vec<_>>(), proves.iter().map(words).collect::<Vec<_>>());
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_its_problems() {
    let folder = TempFolder::new();
    let head = r#"{"format":"iwrs-observation-1","ratio":[1,1],"pick":"uniform","events":"#;
    // The events of a file, and a part of the answer.
    let table = [
        (
            r#"[{"randomized":{"subject":"A","stratum":0}},
             {"handed_out":{"subject":"B","shelf":[],"kits":[]}}]}"#,
            "events[1]: subject B is not randomized yet",
        ),
        (r#"[{"handed_over":{}}]}"#, "handed_over"),
        (
            r#"[{"randomized":{"subject":"A","stratum":0}},{"code_broken":{"subject":"A","arm":0}},
             {"code_broken":{"subject":"A","arm":1}}]}"#,
            "contradicts itself",
        ),
    ];
    for (events, part) in table {
        let file = folder.path().join("observation.json");
        std::fs::write(&file, format!("{head}{events}")).expect("written");
        let arguments = ["supply", "leaks", file.to_str().expect("UTF-8")];
        let output = Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).args(arguments).output();
        let output = output.expect("the program starts");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(text(&output.stderr).contains(part), "{part}: {output:?}");
    }
}
