use super::{Unseen, Visible, problem, separating};

type Attributes<'a> = &'a [(&'a str, &'a str)];

fn visible(attributes: Attributes<'_>) -> Visible {
    attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn kit_25_whatever_is_not_the_same_for_all_types_separates_them() {
    let pack = ("pack", "white carton");
    let table: [(&str, [Attributes<'_>; 3], Option<&str>); 7] = [
        ("nothing can be seen", [&[], &[], &[]], None),
        ("all are the same", [&[pack], &[pack], &[pack]], None),
        ("another closure", [&[pack], &[pack], &[("pack", "blue carton")]], Some("pack")),
        ("another case", [&[pack], &[pack], &[("pack", "White carton")]], Some("pack")),
        ("one is not said", [&[pack], &[], &[pack]], Some("pack")),
        ("one says more", [&[pack], &[pack, ("weight", "71 g")], &[pack]], Some("weight")),
        ("the first in order is told", [&[("weight", "1"), ("cap", "x")], &[], &[]], Some("cap")),
    ];
    for (name, types, expected) in table {
        let types = types.map(visible);
        assert_eq!(separating(&types.iter().collect::<Vec<_>>()), expected, "{name}");
    }
}

#[test]
fn kit_25_an_attribute_that_tells_a_code_or_a_lot_or_is_none_is_a_problem() {
    let unseen = Unseen::of(["SUGILITE-9127", " LOT-7 ", "Q", ""].into_iter());
    let long = "x".repeat(81);
    for (name, value, is_sound) in [
        ("pack", "white carton", true),
        ("storage", "2-8 °C", true),
        ("pack", "white carton Q", false),
        ("pack", "q", false),
        ("pack", "square", true),
        ("pack", "(Q)", false),
        ("pack", "as sugilite-9127", false),
        ("pack", "slot-77", false),
        ("lot_q", "1", false),
        ("qed", "1", true),
        ("", "1", false),
        ("Pack", "1", false),
        ("pack", " ", false),
        ("pack", "a\nb", false),
        ("pack", &long, false),
    ] {
        let found = problem(&visible(&[(name, value)]), &unseen);
        assert_eq!(found.is_none(), is_sound, "{name} = {value}: {found:?}");
        let said = found.unwrap_or_default().to_lowercase();
        assert!(!said.contains("sugilite") && !said.contains("lot-7") && !said.contains("carton"), "{said}");
    }
    let names: Vec<String> = (0..17).map(|place| format!("a{place}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert!(problem(&visible(&many[..16]), &unseen).is_none());
    assert!(problem(&visible(&many), &unseen).is_some());
}

#[test]
fn words_of_a_long_text_are_looked_for_when_they_are_long_themselves() {
    let unseen = Unseen::of(["a", "KUNZITE-3358"].into_iter());
    assert!(!unseen.is_in_text("a text of many words"));
    assert!(unseen.is_in_text("vials of kunzite-3358"));
}
