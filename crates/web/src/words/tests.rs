use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::Weekday;
use service::kits::read::{KitState, Move};
use service::predictability::FIGURES;
use service::reconciliation::Mismatch;
use service::subjects::Timing;
use service::unblind::Recorded;
use strum::{VariantArray, VariantNames};
use trial::act::Act;
use trial::alerts::AlertKind;
use trial::decide::replace::because;
use trial::{
    BreakReason, Disposition, FoundBy, Fulfilled, HoldOn, Incident, Language, ListState, LotRecallReason,
    QuarantineCause, RedactionReason, Refusal, ReplaceReason, Role, Sex, StopReason, Stops, SubjectState,
    UnitEnd, rebuild,
};

use super::{Catalogue, FILES, Message, Words, filled};
use crate::api::accountability::{COLUMNS, OF_A_MOVEMENT, OF_A_UNIT};

/// Kinds of codes: what is said of each stands in the catalogue under the kind and the code.
fn codes() -> BTreeMap<&'static str, Vec<String>> {
    fn all<T: VariantArray + ToString>() -> Vec<String> {
        T::VARIANTS.iter().map(ToString::to_string).collect()
    }
    BTreeMap::from([
        ("role", all::<Role>()),
        ("sex", all::<Sex>()),
        ("state", all::<SubjectState>()),
        ("fulfilled", all::<Fulfilled>()),
        ("hold", all::<HoldOn>()),
        ("break_reason", all::<BreakReason>()),
        ("incident", all::<Incident>()),
        ("quarantine_cause", all::<QuarantineCause>()),
        ("replace_reason", all::<ReplaceReason>()),
        ("unit_state", unit_states()),
        ("printed_unit", unit_states()),
        ("move", Move::ALL.iter().map(|a_move| a_move.code().to_owned()).collect()),
        ("move_reason", reasons_to_move()),
        ("found_by", all::<FoundBy>()),
        ("recorded", all::<Recorded>()),
        ("stops", all::<Stops>()),
        ("stop_reason", all::<StopReason>()),
        ("timing", all::<Timing>()),
        ("disposition", all::<Disposition>()),
        ("lot_reason", all::<LotRecallReason>()),
        ("language", all::<Language>()),
        ("list_state", all::<ListState>()),
        ("mismatch", all::<Mismatch>()),
        ("mismatch_check", all::<Mismatch>()),
        ("alert_kind", all::<AlertKind>()),
        ("redaction_reason", all::<RedactionReason>()),
        ("holder_state", ["proposed", "in_force", "revoked"].map(str::to_owned).to_vec()),
        ("act", Act::VARIANTS.iter().map(|name| in_snake_case(name)).collect()),
        ("figure", FIGURES.map(str::to_owned).to_vec()),
        ("grant", ["proposed", "in_force", "revoked"].map(str::to_owned).to_vec()),
        ("log", log_columns()),
        (
            "weekday",
            (0..7).filter_map(|day| Weekday::try_from(day).ok()).map(|day| day.to_string()).collect(),
        ),
        ("kit_state", KitState::ALL.iter().map(|state| state.code().to_owned()).collect()),
    ])
}

fn unit_states() -> Vec<String> {
    let ends = UnitEnd::VARIANTS.iter().map(ToString::to_string);
    ends.chain(["prepared", "past_limit"].map(str::to_owned)).collect()
}

/// The columns of what is printed, each once.
fn log_columns() -> Vec<String> {
    let all = COLUMNS.iter().chain(&OF_A_MOVEMENT).chain(&OF_A_UNIT);
    let all: BTreeSet<String> = all.map(|name| (*name).to_owned()).collect();
    all.into_iter().collect()
}

/// Why a kit leaves the planned way: whatever an act gives for a reason when it moves one.
fn reasons_to_move() -> Vec<String> {
    let mut reasons: Vec<String> = QuarantineCause::VARIANTS.iter().map(ToString::to_string).collect();
    reasons.extend(Disposition::VARIANTS.iter().map(ToString::to_string));
    reasons.extend(Incident::VARIANTS.iter().map(ToString::to_string));
    reasons.extend(ReplaceReason::VARIANTS.iter().map(|why| because(*why).to_owned()));
    let others = [rebuild::OUT_OF_DATE, rebuild::MISSING_ON_RECEIPT, rebuild::DAMAGED_ON_RECEIPT];
    reasons.extend(others.map(str::to_owned));
    reasons
}

/// The kind of an act, as its record has it, out of the name of the variant.
fn in_snake_case(name: &str) -> String {
    let letter = |letter: char| match letter.is_ascii_uppercase() {
        true => format!("_{}", letter.to_ascii_lowercase()),
        false => letter.to_string(),
    };
    name.chars().map(letter).collect::<String>().trim_start_matches('_').to_owned()
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    for file in FILES {
        let messages: BTreeMap<String, Message> = toml::from_str(file).expect("a file of the catalogue");
        for (key, message) in messages {
            assert!(catalogue.insert(key.clone(), message).is_none(), "{key} is there twice");
        }
    }
    catalogue
}

/// What stands in quotes in the pages and in their templates and has the form of a key.
fn keys_in_use() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let speaking =
        ["src/pages", "src/api/accountability", "src/api/envelopes.rs", "src/words.rs", "templates"];
    let mut paths: Vec<_> = speaking.iter().map(|path| root.join(path)).collect();
    let mut keys = BTreeSet::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder of the pages");
            paths.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file of the pages");
        keys.extend(text.split('"').filter(|text| is_key(text)).map(str::to_owned));
    }
    keys
}

fn is_key(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
    };
    let is_file = [".html", ".js", ".css", ".toml", ".csv", ".pdf"].iter().any(|end| text.ends_with(end));
    !is_file && text.split_once('.').is_some_and(|(kind, name)| word(kind) && word(name))
}

#[test]
fn no_message_is_missing_and_none_is_unused() {
    let (catalogue, in_use, codes) = (catalogue(), keys_in_use(), codes());
    let missing: Vec<&String> = in_use.iter().filter(|key| !catalogue.contains_key(*key)).collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
    let refusals: BTreeSet<String> = Refusal::each().map(|refusal| refusal.code().to_owned()).collect();
    let known = |key: &str| {
        let (kind, code) = key.split_once('.').unwrap_or_default();
        let of_codes = codes.get(kind).is_some_and(|codes| codes.iter().any(|known| known == code));
        of_codes || kind == "done" || (kind == "refusal" && refusals.contains(code))
    };
    let unused: Vec<&String> = catalogue.keys().filter(|key| !in_use.contains(*key) && !known(key)).collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

#[test]
fn every_code_of_a_list_has_a_word_in_both_languages() {
    for (kind, codes) in codes() {
        for code in codes {
            for language in [Language::En, Language::Fr] {
                let found = Words(language).find(&format!("{kind}.{code}"));
                assert!(found.is_some_and(|word| !word.is_empty()), "{kind}.{code} in {language}");
            }
        }
    }
}

#[test]
fn every_refusal_is_said_in_french() {
    let words = Words(Language::Fr);
    let without: Vec<&str> = Refusal::each()
        .map(|refusal| refusal.code())
        .filter(|code| words.find(&format!("refusal.{code}")).is_none())
        .collect();
    assert!(without.is_empty(), "only in English: {without:?}");
}

#[test]
fn both_languages_have_the_same_places_to_fill() {
    let places = |text: &str| -> BTreeSet<String> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for (key, message) in catalogue() {
        assert!(!message.en.trim().is_empty() && !message.fr.trim().is_empty(), "{key} says nothing");
        // A refusal in French may leave out the detail that the English one repeats.
        if !key.starts_with("refusal.") {
            assert_eq!(places(&message.en), places(&message.fr), "{key}");
        }
    }
}

#[test]
fn what_is_put_in_is_put_in_once() {
    assert_eq!(filled("{a} of {b}", &[("a", &"{b}"), ("b", &2)]), "{b} of 2");
}
