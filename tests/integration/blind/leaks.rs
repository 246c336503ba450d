//! Planted leaks: each of these faults, put into one world or both, must be seen by the comparison. A test
//! that sees none of them would prove nothing.
//!
//! Six are put into what was recorded, as the fault would have shown there; two are made of other data in
//! the database, with the product as it is.

use std::collections::BTreeMap;

use iwrs_tests::client::Expect;
use iwrs_tests::database::Engine;
use serde_json::Value;

use super::hidden::Hidden;
use super::mask::hashes_and_kits;
use super::recording::{Item, Recording};
use super::relabelling::{Played, here, there};
use super::script::{play_shortage, recall_lot};
use super::trial::Trial;
use super::worlds::{Permutations, plain, relabelled};

/// How a faulty product would have changed an item.
type Fault = fn(&Item, &Hidden) -> Item;

/// The names of the arms, by which a faulty product would go.
const ARMS: [&str; 3] = ["placebo", "aldesleukin 1 MIU", "aldesleukin 2 MIU"];

const FAULTS: [(&str, Fault); 6] = [
    ("a header whose length goes by the arm", header_by_arm),
    ("an arm in a line of the log", arm_in_the_log),
    ("a list of kits in the order of their types", kits_by_type),
    ("a refusal that names what is short", short_by_name),
    ("kit numbers in sequence within each arm", numbers_by_arm),
    ("an alert that goes by what is short", alert_by_type),
];

#[test]
fn bld_03_every_fault_in_an_answer_or_in_the_log_is_seen() {
    for (name, fault) in FAULTS {
        let (here, there) = (faulty(here(), fault), faulty(there(), fault));
        assert!(here.difference(&there).is_some(), "not seen: {name}");
    }
}

/// The recording that a faulty product would have left.
fn faulty(played: &Played, fault: Fault) -> Recording {
    Recording(played.recording.0.iter().map(|item| fault(item, &played.hidden)).collect())
}

fn header_by_arm(item: &Item, hidden: &Hidden) -> Item {
    let arm = subject_of(item).and_then(|subject| hidden.subjects.get(subject));
    changed(item, arm, |text, arm| text.replacen('\n', &format!("\nx-pad: {}\n", "-".repeat(*arm)), 1))
}

fn arm_in_the_log(item: &Item, hidden: &Hidden) -> Item {
    let is_randomization =
        item.text.contains("route=\"/api/v1/studies/{study}/subjects/{subject}/randomization\"");
    let arm = hidden.subjects.values().next().filter(|_| is_randomization);
    changed(item, arm, |text, arm| format!("{text} arm={}", ARMS[*arm]))
}

fn kits_by_type(item: &Item, hidden: &Hidden) -> Item {
    let Some((head, body)) = item.text.split_once("\n\n") else { return item.clone() };
    let mut json: Value = serde_json::from_str(body).unwrap_or_default();
    let Some(kits) = json.get_mut("kits").and_then(Value::as_array_mut) else { return item.clone() };
    let number = |kit: &Value| kit["number"].as_str().unwrap_or_default().to_owned();
    kits.sort_by_key(|kit| (hidden.kits.get(&number(kit)).copied(), number(kit)));
    Item { title: item.title.clone(), text: format!("{head}\n\n{json}") }
}

fn short_by_name(item: &Item, hidden: &Hidden) -> Item {
    let arm = subject_of(item).and_then(|subject| hidden.subjects.get(subject));
    changed(item, arm, |text, arm| text.replace("from its shelf", &format!("with {}", ARMS[*arm])))
}

fn numbers_by_arm(item: &Item, hidden: &Hidden) -> Item {
    let mut in_order: Vec<(&String, &usize)> = hidden.kits.iter().collect();
    in_order.sort_by_key(|(number, arm)| (**arm, (*number).clone()));
    let sequence = in_order.into_iter().zip(1_000_000_000_u64..);
    let numbers: BTreeMap<&str, u64> =
        sequence.map(|((number, _), drawn)| (number.as_str(), drawn)).collect();
    let word = |word: &str| numbers.get(word).map_or_else(|| word.to_owned(), u64::to_string);
    let text: Vec<String> = item.text.split('"').map(word).collect();
    Item { title: item.title.clone(), text: text.join("\"") }
}

/// As many alerts, and another one of them by the type of a kit.
fn alert_by_type(item: &Item, hidden: &Hidden) -> Item {
    let is_alert = item.title.contains("/alerts by ") || item.text.contains("Subject: [imodals] Alert:");
    let arm = hidden.kits.values().next().filter(|_| is_alert);
    changed(item, arm, |text, arm| text.replace("of all types together", &format!("with {}", ARMS[*arm])))
}

/// The subject whose item it is, when its number stands in the address.
fn subject_of(item: &Item) -> Option<&str> {
    item.title.split_once("/subjects/")?.1.split(['/', ' ']).next()
}

fn changed(item: &Item, arm: Option<&usize>, change: impl Fn(&str, &usize) -> String) -> Item {
    let text = arm.map_or_else(|| item.text.clone(), |arm| change(&item.text, arm));
    Item { title: item.title.clone(), text }
}

#[test]
fn bld_03_a_shelf_that_is_filled_by_type_is_seen() {
    // Two kit types are exchanged; whoever fills the shelf goes by what is in the kits, or does not know it.
    let exchanged = || relabelled(5, Permutations { arms: [0, 1, 2], kit_types: [1, 0, 2] });
    let here = play_shortage(plain(5), [5, 1, 6]).recording;
    here.assert_same(&play_shortage(exchanged(), [5, 1, 6]).recording, "filled in the dark");
    let by_type = play_shortage(exchanged(), [1, 5, 6]).recording;
    assert!(here.difference(&by_type).is_some(), "not seen: a shelf filled by type");
}

#[test]
fn bld_09_a_label_expiry_that_goes_by_type_is_seen() {
    let turned = Permutations { arms: [1, 2, 0], kit_types: [2, 0, 1] };
    let (mut here, mut there) = (Trial::begin(plain(4)), Trial::begin(relabelled(4, turned)));
    let kits = |trial: &mut Trial| {
        trial.read("monitor", "/kits").expect(200);
        trial.recording.clone()
    };
    kits(&mut here).assert_same(&kits(&mut there), "before the labels are changed");
    label_by_type(&here);
    label_by_type(&there);
    assert!(kits(&mut here).difference(&kits(&mut there)).is_some(), "not seen: an expiry by type");
}

/// Puts the kits for each arm into a batch of their own, with its own expiry, past the product that refuses
/// it.
fn label_by_type(trial: &Trial) {
    let execute =
        |sql: &str| trial.app.database.execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    execute(match Engine::from_env() {
        Engine::Sqlite => "DROP TRIGGER kit_no_update",
        Engine::Postgres => "ALTER TABLE kit DISABLE TRIGGER USER",
    });
    for arm in 0..ARMS.len() {
        execute(&format!(
            "INSERT INTO batch (study, id, label_expiry, lots_opening, registered_by, registered_at) \
             SELECT study, 'BY-TYPE-{arm}', '2030-12-2{arm}', lots_opening, registered_by, registered_at \
             FROM batch WHERE id = 'B-2026-01'"
        ));
    }
    for (number, arm) in trial.hidden().kits {
        execute(&format!("UPDATE kit SET batch = 'BY-TYPE-{arm}' WHERE number = '{number}'"));
    }
}

/// The recall of a true lot is the one act that tells kits apart, and says so before. When it goes by the name of a
/// lot, the two worlds differ in which kits it names, as they must; and in nothing else.
#[test]
fn bld_10_a_recalled_lot_tells_the_kits_that_it_hits_and_nothing_else() {
    let turned = Permutations { arms: [1, 2, 0], kit_types: [2, 0, 1] };
    let play = |world, name: fn(&Trial, &str) -> usize| {
        let mut trial = Trial::begin(world);
        let kits = trial.read("supply", "/kits").expect(200);
        let lot = name(&trial, kits["kits"][0]["number"].as_str().expect("a number"));
        recall_lot(&mut trial, "B-2026-01", LOTS[lot]);
        for path in ["/batches/B-2026-01/lot-recalls", "/kits?state=quarantined", "/journal?limit=500"] {
            trial.read("monitor", path).expect(200);
        }
        trial.collect("the recall of a lot");
        trial.recording
    };
    let worlds = || [plain(8), relabelled(8, turned)];
    let [here, there] = worlds().map(|world| play(world, Trial::kit_type_of));
    here.assert_same(&there, "the lot of the same kits, whatever it is called");
    let [here, there] = worlds().map(|world| play(world, |_, _| 0));
    assert!(here.difference(&there).is_some(), "not seen: a lot that is recalled by its name");
    let masked = |recording: Recording| {
        let public = |item: &Item| Item { title: item.title.clone(), text: hashes_and_kits(&item.text) };
        Recording(recording.0.iter().map(public).collect())
    };
    masked(here).assert_same(&masked(there), "but for the kits that it hits");
}

/// The lots of the demo, in the order of the sealed design.
const LOTS: [&str; 3] = ["LOT-DEMO-A", "LOT-DEMO-B", "LOT-DEMO-C"];
