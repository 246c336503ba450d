//! What can be seen of kits and read in public, and how many kits of a batch are checked.

use super::{IMODALS, IMODALS_SEALED, design, edited};
use crate::study::{Problem, SealedDesign, StudyDesign};

/// The sealed design with this said of what can be seen of each kit type.
fn with_visible(of: [&str; 3]) -> Result<(), Vec<Problem>> {
    let contents = ["aldesleukin 1 MIU", "aldesleukin 2 MIU", "vehicle"];
    let mut text = IMODALS_SEALED.to_owned();
    for (what, visible) in contents.iter().zip(of) {
        let line = format!("contents = \"5 vials of {what}\"");
        text = edited(&text, &[(&line, &format!("{line}\nvisible = {visible}"))]);
    }
    SealedDesign::from_toml(&text, &design(IMODALS)).map(|_sealed| ())
}

#[test]
fn kit_25_what_can_be_seen_of_kit_types_is_the_same_for_all() {
    let white = "{ pack = \"white carton\" }";
    let found =
        |of| with_visible(of).map_err(|found| found.iter().map(Problem::to_string).collect::<Vec<_>>());
    assert_eq!(found(["{}"; 3]), Ok(()));
    assert_eq!(found([white; 3]), Ok(()));
    let apart = Err(vec!["kit_types: can be told apart by the visible attribute `pack`".to_owned()]);
    assert_eq!(found([white, white, "{ pack = \"blue carton\" }"]), apart);
    assert_eq!(found([white, "{}", white]), apart);
    let told = "{ pack = \"for Kunzite-3358\" }";
    let holds = "kit_types[0].visible: has a `pack` that holds an internal code or a true lot";
    assert_eq!(found([told, white, white]), Err(vec![holds.to_owned()]));
    for bad in ["1", "{ pack = 1 }", "{ Pack = \"x\" }"] {
        let found = found([bad, white, white]).expect_err("a problem");
        assert!(found.iter().all(|line| line.starts_with("kit_types[0].visible: ")), "{bad}: {found:?}");
    }
}

#[test]
fn kit_25_no_internal_code_stands_in_a_public_text() {
    for (code, path) in [("has been correctly informed", "arms[0].code"), ("Informed", "kit_types[1].code")] {
        let old = if path.starts_with("arms") { "QUOLL-7193" } else { "KUNZITE-3358" };
        let text = IMODALS_SEALED.replace(old, code);
        let Err(problems) = SealedDesign::from_toml(&text, &design(IMODALS)) else { panic!("{code} passes") };
        let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(problems, [format!("{path}: stands in a text of the public design")]);
    }
}

#[test]
fn kit_25_a_design_that_does_not_say_how_many_kits_are_checked_means_six() {
    assert_eq!(design(IMODALS).supply.sample_kits, 6);
    let unsaid =
        edited(IMODALS, &[("\nsample_kits = 6", ""), ("path = \"supply.sample_kits\"", "path = \"supply\"")]);
    assert_eq!(StudyDesign::from_toml(&unsaid).map(|design| design.supply.sample_kits), Ok(6));
    for (said, kits) in [("1", Some(1)), ("50", Some(50)), ("0", None), ("51", None), ("\"6\"", None)] {
        let text = edited(IMODALS, &[("sample_kits = 6", &format!("sample_kits = {said}"))]);
        assert_eq!(
            StudyDesign::from_toml(&text).ok().map(|design| design.supply.sample_kits),
            kits,
            "{said}"
        );
    }
}
