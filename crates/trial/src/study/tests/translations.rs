//! The texts of a design in other languages: all of them or none, and never one for another.

use super::{IMODALS, IMODALS_SEALED, Mistakes, assert_problems, design, edited, sealed};
use crate::Language;
use crate::study::{Problem, SealedDesign, StudyDesign};

#[test]
fn every_text_is_said_in_the_languages_of_the_file() {
    let design = design(IMODALS);
    let french = |text| design.translations.say(Language::Fr, text);
    assert_eq!(french("aldesleukin 2 MIU"), "aldesleukine 2 MUI");
    assert_eq!(
        french(&design.title),
        "Aldesleukine à faible dose dans la sclérose latérale amyotrophique, phase 2"
    );
    assert_eq!(french("no text of the design"), "no text of the design");
    assert_eq!(design.translations.say(Language::En, "aldesleukin 2 MIU"), "aldesleukin 2 MIU");
    let unsaid = design.criteria.iter().find(|criterion| french(&criterion.text) == criterion.text);
    assert_eq!(unsaid, None, "every statement that is signed");
    let contents =
        |language| sealed(IMODALS_SEALED, &design).kit_types()[1].contents.said(language).to_owned();
    assert_eq!(contents(Language::Fr), "5 flacons d'aldesleukine 2 MUI");
    assert_eq!(contents(Language::En), "5 vials of aldesleukin 2 MIU");
    assert!(design.describe().contains("  aldesleukin 2 MIU: aldesleukine 2 MUI\n"), "who signs it reads it");
}

#[test]
fn a_stratum_is_translated_by_its_factors_and_levels() {
    let strata = "strata = [{ factor = \"onset\", levels = [\"bulbar\", \"limb\"] }]";
    let stratified = edited(IMODALS, &[("strata = []", strata)]);
    let problems = StudyDesign::from_toml(&stratified).expect_err("no French for the strata");
    let missing = ["translations.fr.onset", "translations.fr.bulbar", "translations.fr.limb"];
    assert_problems(&problems, &missing.map(|path| (path, "is missing")));
    let french = "[translations.fr]\nonset = \"début\"\nbulbar = \"bulbaire\"\nlimb = \"spinal\"";
    let design = design(&edited(&stratified, &[("[translations.fr]", french)]));
    assert_eq!(design.translations.say(Language::Fr, "limb"), "spinal");
}

#[test]
fn a_design_without_translations_says_its_texts() {
    let start = IMODALS.find("\n[translations.fr]\n").expect("the translations");
    let end = IMODALS.find("\n# What is not a known fact").expect("what comes after");
    let without = format!("{}{}", &IMODALS[..start], &IMODALS[end..]);
    let design = design(&without.replace("path = \"translations.fr\"", "path = \"criteria\""));
    assert_eq!(design.translations.say(Language::Fr, "aldesleukin 2 MIU"), "aldesleukin 2 MIU");
}

#[test]
fn a_translation_is_whole_and_changes_no_number_and_merges_no_texts() {
    let table: &[Mistakes] = &[
        (
            &[("= \"aldesleukine 2 MUI\"", "= \"aldesleukine 1 MUI\"")],
            &[("translations.fr.aldesleukin 2 MIU", "the same numbers")],
        ),
        (&[("\"1 MIU\" = \"1 MUI\"\n", "")], &[("translations.fr.1 MIU", "is missing")]),
        (&[("\"1 MIU\" = \"1 MUI\"", "\"1 MIU\" = \"\"")], &[("translations.fr.1 MIU", "line of text")]),
        (
            &[("\"1 MIU\" = \"1 MUI\"", "\"1 MIU\" = \"1 MUI\"\n\"3 MIU\" = \"3 MUI\"")],
            &[("translations.fr.3 MIU", "not a known field")],
        ),
        (
            &[("\"placebo\" = \"placebo\"", "\"placebo\" = \"Aldesleukine\"")],
            &[("translations.fr.placebo", "another text")],
        ),
        (&[("[translations.fr]", "[translations.de]")], &[("translations.de", "not a known field")]),
        // What is wrong elsewhere is not told again of the translations.
        (&[("id = \"imodals\"", "id = \"imo dals\"")], &[("study.id", "40 characters")]),
    ];
    for (edits, expected) in table {
        let text = edited(IMODALS, edits).replace("path = \"translations.fr\"", "path = \"criteria\"");
        let problems = StudyDesign::from_toml(&text).expect_err("a mistake");
        assert_problems(&problems, expected);
    }
}

#[test]
fn seq_11_the_translations_of_a_sealed_design_are_not_repeated() {
    let design = design(IMODALS);
    let table: &[Mistakes] = &[
        (
            &[("= \"5 flacons de véhicule\"", "= \"6 flacons de véhicule\"")],
            &[("translations.fr", "the same numbers")],
        ),
        (
            &[("\"5 vials of vehicle\" = ", "\"five vials of vehicle\" = ")],
            &[("translations.fr", "is missing"), ("translations.fr", "not known")],
        ),
        (&[("\"5 flacons de véhicule\"", "5")], &[("translations.fr", "line of text")]),
    ];
    for (edits, expected) in table {
        let text = edited(IMODALS_SEALED, edits);
        let Err(problems) = SealedDesign::from_toml(&text, &design) else { panic!("{edits:?} passes") };
        assert_problems(&problems, expected);
        let shown: String = problems.iter().map(Problem::to_string).collect();
        for secret in ["vials", "flacons", "vehicle", "véhicule"] {
            assert!(!shown.contains(secret), "{shown:?} holds {secret}");
        }
    }
}
