//! Tests of what stands on labels.

use super::{
    IMODALS, IMODALS_SEALED, MIROCALS, Mistakes, SealedDesign, StudyDesign, assert_problems, design, edited,
};

/// Mistakes in the labels.
const MISLABELLED: &[Mistakes] = &[
    (
        &[("[label]\n", "[label]\ngtin = \"8714023000405\"\n")],
        &[("label.gtin", "14 digits with a valid check digit")],
    ),
    (
        &[("[label]\n", "[label]\ngtin = \"08714023000404\"\n")],
        &[("label.gtin", "14 digits with a valid check digit")],
    ),
    (&[("[label]\n", "[label]\nprice = 1\n")], &[("label.price", "not a known field")]),
    (&[("language = \"en\"", "language = \"de\"")], &[("label.languages[0].language", "one of: en, fr")]),
    (&[("language = \"fr\"", "language = \"en\"")], &[("label.languages[1].language", "earlier row")]),
    (&[("route = \"subcutaneous use\"", "route = \" \"")], &[("label.languages[0].route", "line of text")]),
    (
        &[("telephone = \"+33 4 65 71 00 00\"", "telephone = \"see the web\"")],
        &[("label.languages[0].telephone", "six digits")],
    ),
    (
        &[("substance = \"aldesleukin 1 MIU / 2 MIU or placebo\"", "substance = \"Aldesleukin 2 MIU\"")],
        &[("label.languages[0].substance", "together with its comparator")],
    ),
    (
        &[("substance = \"aldesleukin 1 MIU / 2 MIU or placebo\"", "substance = \"aldesleukin\"")],
        &[("label.languages[0].substance", "together with its comparator")],
    ),
];

#[test]
fn kit_15_every_mistake_in_the_labels_is_named() {
    for (edits, expected) in MISLABELLED {
        let problems = StudyDesign::from_toml(&edited(IMODALS, edits)).expect_err("a bad file");
        assert_problems(&problems, expected);
    }
    let with_gtin = edited(IMODALS, &[("[label]\n", "[label]\ngtin = \"08714023000405\"\n")]);
    let gtin = design(&with_gtin).label.and_then(|label| label.gtin).map(|gtin| gtin.to_string());
    assert_eq!(gtin.as_deref(), Some("08714023000405"));
    assert_eq!(design(MIROCALS).label, None, "a design from before there were labels is read");
}

#[test]
fn kit_15_no_label_holds_an_internal_code() {
    for (words, is_refused) in [
        ("Do not freeze. KUNZITE-3358", true),
        ("quoll-7193: do not freeze", true),
        ("Do not freeze. Kunzite", false),
    ] {
        let text = edited(IMODALS, &[("Do not freeze.", words)]);
        let refused = SealedDesign::from_toml(IMODALS_SEALED, &design(&text)).err();
        assert_eq!(refused.is_some(), is_refused, "{words}");
        assert!(refused.iter().flatten().all(|problem| problem.message.contains("stands on the labels")));
    }
}
