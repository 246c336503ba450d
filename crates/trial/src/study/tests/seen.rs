//! What can be seen of kits and read in public, and how many kits of a batch are checked.

use super::{
    FOUR_ARMS, FOUR_ARMS_SEALED, IMODALS, IMODALS_SEALED, MIROCALS, MIROCALS_SEALED, design, edited, sealed,
};
use crate::study::{Problem, SealedDesign, StudyDesign, lint};

/// The sealed design with this said of what can be seen of each kit type.
fn with_visible(of: [&str; 3]) -> Vec<String> {
    let contents = ["aldesleukin 1 MIU", "aldesleukin 2 MIU", "vehicle"];
    let mut text = IMODALS_SEALED.to_owned();
    for (what, visible) in contents.iter().zip(of) {
        let line = format!("contents = \"5 vials of {what}\"");
        text = edited(&text, &[(&line, &format!("{line}\nvisible = {visible}"))]);
    }
    let found = match SealedDesign::from_toml(&text, &design(IMODALS)) {
        Ok(sealed) => lint(IMODALS, &sealed),
        Err(problems) => problems,
    };
    found.iter().map(Problem::to_string).collect()
}

#[test]
fn kit_25_what_can_be_seen_of_kit_types_is_the_same_for_all() {
    let white = "{ pack = \"white carton\" }";
    assert_eq!(with_visible(["{}"; 3]), [""; 0]);
    assert_eq!(with_visible([white; 3]), [""; 0]);
    let apart = ["kit_types: can be told apart by the visible attribute `pack`"];
    assert_eq!(with_visible([white, white, "{ pack = \"blue carton\" }"]), apart);
    assert_eq!(with_visible([white, "{}", white]), apart);
    let holds = "kit_types[0].visible: has a `pack` that holds an internal code or a true lot";
    assert_eq!(with_visible(["{ pack = \"for Kunzite-3358\" }", white, white]), [holds]);
    for bad in ["1", "{ pack = 1 }", "{ Pack = \"x\" }"] {
        let found = with_visible([bad, white, white]);
        let at_it = |line: &String| line.starts_with("kit_types[0].visible: ");
        assert!(!found.is_empty() && found.iter().all(at_it), "{bad}: {found:?}");
    }
}

#[test]
fn kit_25_no_internal_code_stands_in_a_public_text() {
    for (old, code, path) in [
        ("QUOLL-7193", "has been correctly informed", "arms[0].code"),
        ("KUNZITE-3358", "Informed", "kit_types[1].code"),
    ] {
        let sealed = sealed(&IMODALS_SEALED.replace(old, code), &design(IMODALS));
        let problems: Vec<String> = lint(IMODALS, &sealed).iter().map(Problem::to_string).collect();
        assert_eq!(problems, [format!("{path}: stands in the public design")]);
    }
    for (public, secret) in [(FOUR_ARMS, FOUR_ARMS_SEALED), (MIROCALS, MIROCALS_SEALED)] {
        assert_eq!(lint(public, &sealed(secret, &design(public))), []);
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
