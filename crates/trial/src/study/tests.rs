//! Tests of both files of a study, on the files that are shipped and on ones with mistakes.

mod labels;

use std::collections::{BTreeMap, BTreeSet};

use terms::{Arm, Day, KitType, SiteId, UserId, VisitId};
use toml::{Table, Value};

use crate::Role;

use super::{Anchor, BadLevels, Problem, SealedDesign, StudyDesign};

mod optional;
mod seen;
mod translations;

const IMODALS: &str = include_str!("../../../../config/imodals.toml");
const IMODALS_SEALED: &str = include_str!("../../../../config/imodals.sealed.toml");
const DEMO: &str = include_str!("../../../../config/demo.toml");
const FOUR_ARMS: &str = include_str!("../../../../tests/data/imodals-4-arms.toml");
const FOUR_ARMS_SEALED: &str = include_str!("../../../../tests/data/imodals-4-arms.sealed.toml");
const MIROCALS: &str = include_str!("../../../../tests/data/mirocals-like.toml");
const MIROCALS_SEALED: &str = include_str!("../../../../tests/data/mirocals-like.sealed.toml");

/// Edits of a sound file, each from an old text to a new one, and every problem that they give.
type Mistakes = (&'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

fn design(text: &str) -> StudyDesign {
    StudyDesign::from_toml(text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn sealed(text: &str, design: &StudyDesign) -> SealedDesign {
    SealedDesign::from_toml(text, design).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The text with each `(old, new)` replaced once; every old text must be there.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in the file");
        text.replacen(old, new, 1)
    })
}

/// Exactly these problems, each as its path and a part of its message, in any order.
fn assert_problems(problems: &[Problem], expected: &[(&str, &str)]) {
    let matches = |problem: &Problem, (path, part): (&str, &str)| {
        problem.path == path && problem.message.contains(part)
    };
    for line in expected {
        assert!(problems.iter().any(|problem| matches(problem, *line)), "{line:?} not in {problems:#?}");
    }
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

#[test]
fn the_shipped_designs_are_sound() {
    for (text, secret, arms, kits, sizes) in [
        (IMODALS, IMODALS_SEALED, 3, 3, &[6][..]),
        (FOUR_ARMS, FOUR_ARMS_SEALED, 4, 3, &[4, 8]),
        (MIROCALS, MIROCALS_SEALED, 2, 19, &[2, 4, 6]),
    ] {
        let design = design(text);
        let sealed = sealed(secret, &design);
        assert_eq!(design.arms.len(), arms);
        let dispensings = design.visits.iter().filter_map(|visit| visit.dispensing.as_ref());
        let handed_out: u32 = dispensings.map(|dispensing| dispensing.kits).sum();
        assert_eq!(handed_out, kits, "a subject receives every course");
        assert_eq!(sealed.block_design().sizes(), sizes);
        assert_eq!(
            sealed.block_design().lengths(),
            vec![design.allocation.list_length; design.strata().len()]
        );
        assert!(!design.assumptions.is_empty());
    }
}

#[test]
fn an_arm_tells_its_kit_type_and_a_kit_type_its_arm() {
    let design = design(IMODALS);
    let sealed = sealed(IMODALS_SEALED, &design);
    assert_eq!(sealed.kit_type_count(), 3);
    for (arm, kit_type, code) in [(0, 2, "QUOLL-7193"), (1, 0, "NUMBAT-2850"), (2, 1, "BILBY-6641")]
        .map(|(arm, kit_type, code)| (Arm::new(arm), KitType::new(kit_type), code))
    {
        assert_eq!(sealed.kit_type_of(arm), Some(kit_type));
        assert_eq!(sealed.arm_of(kit_type), Some(arm));
        assert_eq!(sealed.arm_code(arm), Some(code));
        let words = &sealed.kit_types()[kit_type.as_usize()];
        assert_eq!(sealed.kit_type(&words.code), Some(kit_type));
    }
    assert_eq!(sealed.kit_type_of(Arm::new(3)), None);
    assert_eq!(sealed.arm_of(KitType::new(3)), None);
    assert_eq!(sealed.kit_type("QUOLL-7193"), None, "an arm's code is no kit type's");
}

#[test]
fn val_04_the_fingerprint_is_the_sha_256_of_the_bytes() {
    let design = design(IMODALS);
    let again = self::design(&format!("{IMODALS} "));
    assert_eq!(design.fingerprint().len(), 64);
    assert_ne!(design.fingerprint(), again.fingerprint(), "one more byte is another file");
    assert_eq!(
        design.describe().lines().skip(2).collect::<Vec<_>>(),
        again.describe().lines().skip(2).collect::<Vec<_>>()
    );
}

#[test]
fn seq_01_every_missing_field_is_named() {
    let file: Table = IMODALS.parse().expect("TOML");
    let mut paths = Vec::new();
    collect_paths(&Value::Table(file.clone()), String::new(), &mut paths);
    assert!(paths.len() > 250, "{} fields are in the file", paths.len());
    // What a file need not say has tests of its own; a design without labels is one from before there were any.
    let optional = [
        "allocation.enrolment_days",
        "supply.sample_kits",
        "label",
        "translations",
        "translations.fr",
        "criteria[3].age",
        "criteria[3].age.at_least",
        "criteria[3].age.under",
    ];
    paths.retain(|path| !path.starts_with("alerts") && !optional.contains(&path.as_str()));
    for path in &paths {
        let mut shorter = Value::Table(file.clone());
        remove(&mut shorter, path);
        let text = toml::to_string(&shorter).expect("TOML");
        let problems = StudyDesign::from_toml(&text).expect_err(path);
        assert!(problems.iter().any(|problem| problem.path == *path), "{path}: {problems:?}");
    }
}

fn collect_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (key, inner) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                paths.push(path.clone());
                collect_paths(inner, path, paths);
            }
        }
        Value::Array(rows) => {
            for (i, row) in rows.iter().enumerate() {
                collect_paths(row, format!("{path}[{i}]"), paths);
            }
        }
        _ => {}
    }
}

/// Removes the field at a path that ends with a key.
fn remove(file: &mut Value, path: &str) {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut value = file;
    for step in parent.split(['.', '[']).filter(|step| !step.is_empty()) {
        value = match step.strip_suffix(']') {
            Some(index) => &mut value[index.parse::<usize>().expect("an index")],
            None => &mut value[step],
        };
    }
    assert!(value.as_table_mut().expect("a table").remove(key).is_some(), "{path} was there");
}

/// A table of mistakes: the edits of the shipped file, and every problem that they give.
const MISTAKES: &[Mistakes] = &[
    (&[("format = \"iwrs-study-1\"", "format = \"iwrs-study-2\"")], &[("format", "iwrs-study-1")]),
    (
        &[
            ("ratio = 1", "ratio = 0"),
            ("ratio = 1", "ratio = \"1\""),
            ("cap = 36", "cap = 35"),
            ("day = 8", "day = 0"),
        ],
        &[
            ("arms[0].ratio", "from 1 to 100"),
            ("arms[1].ratio", "from 1 to 100"),
            ("allocation.cap", "under the target"),
            ("visits[2].day", "must not be 0"),
        ],
    ),
    (
        &[("ratio = 1", "ratio = 1\nweight = 2"), ("[allocation]", "[allocation]\nblock_size = 6")],
        &[("arms[0].weight", "not a known field"), ("allocation.block_size", "not a known field")],
    ),
    (&[("id = \"imodals\"", "id = \"imo dals\"")], &[("study.id", "40 characters")]),
    (&[("regime = \"directive_2001_20\"", "regime = 1")], &[("study.regime", "one of: directive")]),
    (&[("title = \"", "title = \"\\n")], &[("study.title", "line of text")]),
    (&[("name = \"aldesleukin 1 MIU\"", "name = \"placebo\"")], &[("arms[1].name", "same as in an earlier")]),
    (&[("enrolment_days = 92", "enrolment_days = 0")], &[("allocation.enrolment_days", "from 1 to 36500")]),
    (&[("list_length = 48", "list_length = 35")], &[("allocation.list_length", "reach the cap")]),
    (
        &[(
            "strata = []",
            "strata = [{ factor = \"sex\", levels = [\"m\"] }, { factor = \"sex\", levels = [1, \"\"] }]",
        )],
        &[
            ("allocation.strata[0].levels", "at least two"),
            ("allocation.strata[1].factor", "same as in an earlier"),
            ("allocation.strata[1].levels[0]", "line of text"),
            ("allocation.strata[1].levels[1]", "line of text"),
        ],
    ),
    (&[("anchor = \"first_dose\"", "anchor = \"last\"")], &[("schedule.anchor", "previous_course")]),
    (&[("number = 2", "number = 3")], &[("courses[1].number", "must be 2")]),
    (&[("courses = [2]", "courses = [3]")], &[("visits[3].courses[0]", "must be 2")]),
    (&[("courses = [3]", "courses = []")], &[("courses[2]", "handed out at no visit")]),
    (
        &[("day = 29\ndosing", "day = 21\ndosing")],
        &[("courses[1].day", "21 days after"), ("visits[3].courses[0]", "begins before")],
    ),
    (
        &[("minimum_days_between_courses = 21", "minimum_days_between_courses = 29")],
        &[("courses[1].day", "29 days after"), ("courses[2].day", "29 days after")],
    ),
    (
        &[("id = \"D64\"", "id = \"D57\""), ("day = 85", "day = 64")],
        &[("visits[5].id", "same as in an earlier"), ("visits[6].day", "later than the visit before")],
    ),
    (
        &[
            ("old_quarantine_days = 14", "old_quarantine_days = -1"),
            ("list_positions = 6", "list_places = 6"),
        ],
        &[("alerts.old_quarantine_days", "from 0 to 3650"), ("alerts.list_places", "not a known field")],
    ),
    (&[("vials_per_kit = 5", "vials_per_kit = -5")], &[("supply.vials_per_kit", "from 1 to 1000")]),
    (
        &[("id = \"E20\"", "id = \"I01\""), ("not_applicable = true", "not_applicable = \"yes\"")],
        &[("criteria[30].id", "same as in an earlier"), ("criteria[29].not_applicable", "true or false")],
    ),
    (&[("role = \"monitor\"", "role = \"pharmacist\"")], &[("blinding[2].role", "same as in an earlier")]),
    (
        &[("role = \"monitor\"\ntreatment = \"blinded\"", "role = \"monitor\"\ntreatment = \"unblinded\"")],
        &[("blinding[2].treatment", "must be blinded")],
    ),
    (
        &[(
            "role = \"statistician\"\ntreatment = \"unblinded\"",
            "role = \"statistician\"\ntreatment = \"blinded\"",
        )],
        &[("blinding[6].treatment", "must be unblinded")],
    ),
    (
        &[("path = \"visits[1]\"", "path = \"visits[8]\""), ("path = \"supply\"", "path = \"supply.\"")],
        &[("assumptions[12].path", "no place"), ("assumptions[13].path", "no place")],
    ),
    (
        &[("[supply]", "[supplies]")],
        &[
            ("supply", "missing"),
            ("supplies", "not a known field"),
            ("assumptions[13].path", "no place"),
            ("assumptions[14].path", "no place"),
            ("assumptions[15].path", "no place"),
            ("assumptions[16].path", "no place"),
            ("assumptions[17].path", "no place"),
            ("assumptions[18].path", "no place"),
            ("assumptions[19].path", "no place"),
            ("assumptions[20].path", "no place"),
            ("assumptions[21].path", "no place"),
            ("assumptions[22].path", "no place"),
            ("assumptions[23].path", "no place"),
            ("assumptions[24].path", "no place"),
            ("assumptions[25].path", "no place"),
            ("assumptions[27].path", "no place"),
        ],
    ),
    (
        &[
            ("order_weekday = \"monday\"", "order_weekday = \"Monday\""),
            ("group_size = 12", "group_size = 0"),
        ],
        &[("supply.order_weekday", "must be one of: monday"), ("supply.group_size", "from 1 to 1000")],
    ),
    (
        &[("horizon_days = 21", "horizon_days = 13"), ("do_not_ship_days = 30", "do_not_ship_days = 13")],
        &[
            ("supply.horizon_days", "at least 14"),
            ("supply.do_not_ship_days", "do_not_count_days, which is 14"),
        ],
    ),
];

#[test]
fn val_04_all_problems_are_reported_at_once_with_their_paths() {
    for (edits, expected) in MISTAKES {
        let problems = StudyDesign::from_toml(&edited(IMODALS, edits)).expect_err("a bad file");
        assert_problems(&problems, expected);
    }
}

#[test]
fn bld_01_a_role_without_a_row_is_named() {
    let start = IMODALS.find("[[blinding]]\nrole = \"monitor\"").expect("the monitor");
    let end = IMODALS.find("[[blinding]]\nrole = \"depot\"").expect("the next row");
    let without = format!("{}{}", &IMODALS[..start], &IMODALS[end..]);
    let problems = StudyDesign::from_toml(&without).expect_err("a bad file");
    assert_problems(&problems, &[("blinding", "no row for the role monitor")]);
}

#[test]
fn a_file_that_is_no_toml_gives_one_problem_with_its_line() {
    let problems = StudyDesign::from_toml("format = \"é\"\nstudy = = 1\n").expect_err("no TOML");
    assert_problems(&problems, &[("line 2, column 9", "is no TOML")]);
    let problems = StudyDesign::from_toml("").expect_err("an empty file");
    assert!(problems.len() >= 10, "{problems:?}");
}

#[test]
fn seq_11_no_problem_of_a_sealed_file_repeats_a_value_of_it() {
    let design = design(IMODALS);
    let table: &[Mistakes] = &[
        (&[("study = \"imodals\"", "study = \"other\"")], &[("study", "not the study")]),
        (&[("[6]", "[7]")], &[("block_sizes", "multiple of the sum")]),
        (&[("[6]", "[6, 3, 6]")], &[("block_sizes", "all different")]),
        (&[("[6]", "[]")], &[("block_sizes", "at least one")]),
        (&[("[6]", "[6, 0]")], &[("block_sizes[1]", "from 1 to 1000")]),
        (&[("arm = \"placebo\"", "arm = \"QUOLL-7193\"")], &[("arms[0].arm", "not the name")]),
        (&[("code = \"NUMBAT-2850\"", "code = \"QUOLL-7193\"")], &[("arms[1].code", "earlier row")]),
        (&[("code = \"NUMBAT-2850\"", "code = \"LARIMAR-4406\"")], &[("arms[1].code", "earlier row")]),
        (
            &[("kit_type = \"LARIMAR-4406\"", "kit_type = \"KUNZITE-3358\"")],
            &[("arms[2].kit_type", "earlier row")],
        ),
        (
            &[("kit_type = \"LARIMAR-4406\"", "kit_type = \"LARIMAR\"")],
            &[("arms[0].kit_type", "not the code")],
        ),
        (&[("study = \"imodals\"", "study = \"imodals\"\nQUOLL-7193 = 6")], &[("", "not known")]),
        (
            &[("code = \"QUOLL-7193\"", "QUOLL-7193 = 1")],
            &[("arms[0].code", "missing"), ("arms[0]", "not known")],
        ),
        (&[("code = \"QUOLL-7193\"", "code = QUOLL-7193")], &[("line 17, column 8", "is no TOML")]),
        (
            &[("[[arms]]\narm = \"placebo\"\ncode = \"QUOLL-7193\"\nkit_type = \"LARIMAR-4406\"", "")],
            &[("arms", "every arm")],
        ),
    ];
    for (edits, expected) in table {
        let text = edited(IMODALS_SEALED, edits);
        let Err(problems) = SealedDesign::from_toml(&text, &design) else { panic!("{edits:?} passes") };
        assert_problems(&problems, expected);
        let shown: String = problems.iter().map(Problem::to_string).collect();
        for secret in ["QUOLL", "NUMBAT", "BILBY", "LARIMAR", "SUGILITE", "KUNZITE", "7193", "[6", "vials"] {
            assert!(!shown.contains(secret), "{shown:?} holds {secret}");
        }
    }
}

#[test]
fn seq_13_strata_are_numbered_with_the_first_factor_slowest() {
    let design = design(MIROCALS);
    let expected = [["UK", "bulbar"], ["UK", "limb"], ["France", "bulbar"], ["France", "limb"]];
    assert_eq!(design.strata(), expected);
    for (index, [country, onset]) in (0..).zip(expected) {
        let stratum = design.stratum_of(&levels(&[("country", country), ("onset", onset)]));
        assert_eq!(stratum.map(terms::Stratum::index), Ok(index));
        let words = format!("country: {country}, onset: {onset}");
        assert_eq!(design.levels(terms::Stratum::new(index)).map(|levels| levels.in_words()), Some(words));
    }
    let factor = |factor: &str| factor.to_owned();
    for (given, problem) in [
        (levels(&[("country", "UK")]), BadLevels::Missing { factor: factor("onset") }),
        (
            levels(&[("country", "uk"), ("onset", "limb")]),
            BadLevels::UnknownLevel { factor: factor("country") },
        ),
        (levels(&[("sex", "f")]), BadLevels::UnknownFactor { factor: factor("sex") }),
    ] {
        assert_eq!(design.stratum_of(&given), Err(problem));
    }
}

#[test]
fn a_design_without_factors_has_one_stratum() {
    let design = design(IMODALS);
    assert_eq!(design.strata(), [Vec::<&str>::new()]);
    assert_eq!(
        design.levels(terms::Stratum::new(0)).map(|levels| levels.in_words()).as_deref(),
        Some("all subjects")
    );
    assert_eq!(design.levels(terms::Stratum::new(1)), None);
    assert_eq!(design.stratum_of(&BTreeMap::new()).map(terms::Stratum::index), Ok(0));
    assert!(design.stratum_of(&levels(&[("sex", "f")])).is_err());
}

fn levels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(factor, level)| ((*factor).to_owned(), (*level).to_owned())).collect()
}

#[test]
fn windows_are_counted_without_a_day_zero() {
    let design = design(IMODALS);
    let visit = |id: &str| design.visit(&VisitId::parse(id).expect("an id")).expect("a visit");
    // Day 1 is 5 October 2015; day 29 is 2 November, after the clocks changed.
    for (id, first, last) in [
        ("SCR", "2015-09-07", "2015-10-04"),
        ("D1", "2015-10-05", "2015-10-05"),
        ("D8", "2015-10-11", "2015-10-13"),
        ("D29", "2015-10-30", "2015-11-05"),
        ("D169", "2016-03-14", "2016-03-28"),
    ] {
        let inside = |day: Option<Day>| visit(id).window_holds(self::day("2015-10-05"), day.expect("a day"));
        let (first, last) = (day(first), day(last));
        assert!(inside(Some(first)) && inside(Some(last)), "{id}");
        assert!(!inside(first.pred_opt()) && !inside(last.succ_opt()), "{id}");
    }
}

#[test]
fn kit_06_several_courses_at_once_are_covered_to_the_last_dose() {
    let (imodals, mirocals) = (design(IMODALS), design(MIROCALS));
    assert_eq!(mirocals.schedule.anchor, Anchor::PreviousCourse);
    for (design, id, kits, last) in [
        (&imodals, "D1", 1, "2015-10-09"),
        (&mirocals, "D29", 1, "2015-10-09"),
        (&mirocals, "D57", 2, "2015-11-06"),
        (&mirocals, "D113", 3, "2015-12-04"),
    ] {
        let dispensing = design.dispensing_at(&VisitId::parse(id).expect("an id")).expect("kits");
        assert_eq!(dispensing.kits, kits, "{id}");
        assert_eq!(dispensing.last_dosing_day(day("2015-10-05")), day(last), "{id}");
    }
    assert_eq!(imodals.dispensing_at(&VisitId::parse("D8").expect("an id")), None);
    assert_eq!(imodals.first_dispensing.as_str(), "D1");
}

#[test]
fn the_description_says_what_is_assumed_and_nothing_that_is_sealed() {
    let design = design(IMODALS);
    let page = design.describe();
    for line in [
        "Arms, in the ratio 1:1:1 [assumed: 2]",
        "  permuted blocks; their sizes are part of the sealed design [assumed: 3]",
        "  at least 48 positions for each stratum [assumed: 5]",
        "  no stratification [assumed: 6]",
        "  D1: day 1, -0/+0 days; hands out 1 kit(s) for course 1 [assumed: 13]",
        "  D169: day 169, -7/+7 days",
        concat!(
            "  investigator: blinded; enrols and assesses; ",
            "may break the code of one subject in an emergency, alone [assumed: 30]"
        ),
        concat!(
            "  E19: if a woman of child-bearing age: uses contraception, is not pregnant, ",
            "not breast-feeding (or not applicable)"
        ),
        "ASSUMPTIONS: no known facts of the trial",
        &format!("SHA-256 of the file: {}", design.fingerprint()),
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line:?} is not in\n{page}");
    }
    for number in 1..=design.assumptions.len() {
        let mark = format!("[assumed: {number}]");
        assert!(page.contains(&mark), "nothing is marked with {mark}");
    }
}

/// The demo's own file is read by the binary; here it is held against the design that it belongs to.
#[test]
fn the_demo_has_a_person_for_every_role_and_kits_for_every_type() {
    let demo: Table = DEMO.parse().expect("TOML");
    let words = |value: &Value, key: &str| value[key].as_str().expect("a text").to_owned();
    let people = demo["people"].as_array().expect("people");
    let mut roles: Vec<Role> =
        people.iter().map(|person| words(person, "role").parse().expect("a role")).collect();
    roles.sort_unstable();
    roles.dedup();
    assert_eq!(roles.len(), Role::OF_A_STUDY.len() + 1, "every role of a study and the administrator");
    let logins: BTreeSet<UserId> =
        people.iter().map(|person| UserId::parse(&words(person, "login")).expect("an id")).collect();
    assert_eq!(logins.len(), people.len(), "no log-in twice");
    assert!(
        people.iter().all(|person| words(person, "name").ends_with("(demo)")),
        "nobody is taken for a person"
    );
    assert!(words(&demo["site"], "time_zone").parse::<chrono_tz::Tz>().is_ok());
    assert!(SiteId::parse(&words(&demo["site"], "id")).is_ok());
    let types = sealed(IMODALS_SEALED, &design(IMODALS)).kit_type_count();
    let batch = &demo["batch"];
    assert_eq!(batch["lots"].as_array().map(Vec::len), Some(types), "a true lot for every kit type");
    assert_eq!(
        batch["kits_per_type"].as_integer().map(|kits| kits * i64::try_from(types).expect("few")),
        Some(144)
    );
    let label = day(&words(batch, "label_expiry"));
    for lot in batch["lots"].as_array().expect("lots") {
        assert!(
            day(&words(lot, "expiry")) >= label,
            "BLD-09: the label never promises more than a true lot holds"
        );
    }
}
