use super::{Content, HEADER, Standing, fits, list, reconcile};
use crate::study::{SealedDesign, StudyDesign};
use crate::{Grant, Refusal};
use terms::{KitNumber, KitType, Sealed};

const CODES: [&str; 3] = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];

fn design() -> SealedDesign {
    with_codes(CODES)
}

/// The sealed design with other codes of its kit types.
fn with_codes(codes: [&str; 3]) -> SealedDesign {
    let design =
        StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design");
    let mut text = include_str!("../../../../../config/imodals.sealed.toml").to_owned();
    for (from, to) in CODES.iter().zip(codes) {
        text = text.replace(&format!("\"{from}\""), &format!("{to:?}"));
    }
    SealedDesign::from_toml(&text, &design).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A batch of kits of these types, numbered in order.
fn kits(types: &[u8]) -> Vec<Content> {
    let content = |(serial, index): (u32, &u8)| Content {
        number: KitNumber::from_serial(serial * 1_000).expect("in the space"),
        kit_type: Sealed::new(KitType::new(*index)),
    };
    (1..).zip(types).map(content).collect()
}

fn listed(design: &SealedDesign, types: &[u8]) -> String {
    list(design, &kits(types), &Grant::new()).expect("kits of the design")
}

#[test]
fn kit_25_a_packaging_list_has_a_line_for_every_kit_in_the_order_of_the_numbers() {
    let text = listed(&design(), &[2, 0, 1]);
    let [one, two, three] = [1_000, 2_000, 3_000].map(number);
    let lines = [
        HEADER.to_owned(),
        format!("{one},LARIMAR-4406"),
        format!("{two},SUGILITE-9127"),
        format!("{three},KUNZITE-3358"),
    ];
    assert_eq!(text.trim_end().lines().collect::<Vec<_>>(), lines);
}

#[test]
fn kit_25_the_length_of_a_list_does_not_go_by_the_types() {
    for codes in [CODES, ["A", "BB-2", "a code, with \"quotes\""], ["α-1", "ΒΒΒΒ-22", "γ"]] {
        let design = with_codes(codes);
        let lengths = [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2], [0, 1, 2, 0]]
            .map(|types| listed(&design, &types).len());
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{codes:?}: {lengths:?}");
        assert_ne!(listed(&design, &[0, 0, 0]).len(), lengths[0], "another number of kits is another length");
    }
}

#[test]
fn kit_25_what_was_listed_comes_back_with_or_without_the_empty_lines() {
    for codes in [CODES, ["A", "BB-2", "a code, with \"quotes\""]] {
        let design = with_codes(codes);
        let text = listed(&design, &[2, 0, 1, 1]);
        for packed in [text.as_str(), text.trim_end(), &format!("{}\n", text.trim_end())] {
            assert_eq!(reconcile(&design, &kits(&[2, 0, 1, 1]), packed), Ok(()), "{codes:?}");
        }
    }
}

/// What a list that was changed on its way back is refused with.
fn refused(change: impl Fn(&mut Vec<String>)) -> String {
    let text = listed(&design(), &[2, 0, 1, 1]);
    let mut lines: Vec<String> = text.trim_end().lines().map(str::to_owned).collect();
    change(&mut lines);
    match reconcile(&design(), &kits(&[2, 0, 1, 1]), &lines.join("\n")) {
        Ok(()) => "reconciled".to_owned(),
        Err(Refusal::Field(field, message)) => {
            assert!(field == "packed" && CODES.iter().all(|code| !message.contains(code)), "{message}");
            message
        }
        Err(other) => other.code().to_owned(),
    }
}

type Change<'a> = &'a dyn Fn(&mut Vec<String>);

#[test]
fn kit_25_a_list_that_is_not_the_one_that_was_sent_is_refused_with_the_line() {
    assert_eq!(refused(|_| {}), "reconciled");
    let [one, two, three, four] = [1_000, 2_000, 3_000, 4_000].map(number);
    let foreign = number(9_000);
    let another = |at: &str| format!("gives kit {at} another type than it was registered with");
    let table: [(&str, Change<'_>, String, usize); 20] = [
        ("no header", &|l| _ = l.remove(0), format!("must begin with `{HEADER}`"), 1),
        ("another header", &|l| l[0].push_str(",lot"), format!("must begin with `{HEADER}`"), 1),
        ("a space in the header", &|l| l[0].insert(10, ' '), format!("must begin with `{HEADER}`"), 1),
        ("nothing", &|l| l.clear(), format!("must begin with `{HEADER}`"), 1),
        ("the header alone", &|l| l.truncate(1), format!("ends before kit {one}"), 2),
        ("cut short", &|l| l.truncate(3), format!("ends before kit {three}"), 4),
        ("cut within a line", &|l| l[4].truncate(15), another(&four), 5),
        ("cut within a number", &|l| l[4].truncate(7), "holds no kit number".to_owned(), 5),
        ("sorted otherwise", &|l| l[1..].reverse(), format!("names kit {four} out of order"), 2),
        ("two lines exchanged", &|l| l.swap(2, 3), format!("names kit {three} out of order"), 3),
        ("a line left out", &|l| _ = l.remove(2), format!("names kit {three} out of order"), 3),
        ("a line twice", &|l| l.insert(3, l[2].clone()), format!("names kit {two} again"), 4),
        ("the last line twice", &|l| l.push(l[4].clone()), format!("names kit {four} again"), 6),
        (
            "a kit of another batch",
            &|l| l.push(format!("{foreign},{}", CODES[0])),
            format!("names kit {foreign}, which is none of this batch"),
            6,
        ),
        ("a wrong check digit", &|l| l[2].replace_range(9..10, "9"), "holds no kit number".to_owned(), 3),
        ("another type", &|l| l[2] = l[2].replace(CODES[0], CODES[1]), another(&two), 3),
        ("types of two kits exchanged", &|l| exchange_types(l), another(&one), 2),
        ("a byte order mark", &|l| l[0].insert(0, '\u{feff}'), "holds a byte order mark".to_owned(), 1),
        ("a carriage return", &|l| l[1].push('\r'), "ends a line with a carriage return".to_owned(), 2),
        ("a null", &|l| l[3].push('\0'), "holds a control character".to_owned(), 4),
    ];
    for (name, change, what, line) in table {
        assert_eq!(refused(change), format!("{what}, in line {line}"), "{name}");
    }
    assert_eq!(
        refused(|l| l.insert(2, String::new())),
        "holds no kit number, in line 3",
        "an empty line within"
    );
    assert_eq!(refused(|l| l[1].push(' ')), format!("{}, in line 2", another(&one)), "a space at an end");
}

fn number(serial: u32) -> String {
    KitNumber::from_serial(serial).expect("in the space").to_string()
}

fn exchange_types(lines: &mut [String]) {
    let (one, two) = (lines[1].clone(), lines[2].clone());
    lines[1].replace_range(11.., &two[11..]);
    lines[2].replace_range(11.., &one[11..]);
}

#[test]
fn a_list_that_no_request_could_bring_back_is_not_begun() {
    assert!(fits(&design(), 2_000), "as many kits as a batch may have");
    let long = "X".repeat(60);
    let longer = with_codes([&long, CODES[1], CODES[2]]);
    assert!(fits(&longer, 500) && !fits(&longer, 1_000));
    let escaped = with_codes(["αααααααααα", CODES[1], CODES[2]]);
    assert!(fits(&escaped, 400) && !fits(&escaped, 500), "a letter may be escaped");
}

#[test]
fn kit_25_a_batch_goes_from_step_to_step_and_back_after_a_failed_sample_alone() {
    use Standing::{Failed, Packed, Passed, Unpacked};
    let state = |state| Err(Refusal::BatchState(state));
    for (standing, next, check, release) in [
        (Unpacked, Ok(1), Err(Refusal::NotPacked), Err(Refusal::NotPacked)),
        (Packed(1), state("packed"), Ok(1), Err(Refusal::SampleUnchecked)),
        (Passed(1), state("packed"), Err(Refusal::AlreadyConfirmed), Ok(())),
        (Failed(1), Ok(2), Err(Refusal::AlreadyConfirmed), Err(Refusal::SampleFailed)),
        (Packed(2), state("packed"), Ok(2), Err(Refusal::SampleUnchecked)),
    ] {
        assert_eq!(standing.next(true), next, "{standing:?}");
        assert_eq!(standing.to_check(false), check, "{standing:?}");
        assert_eq!(standing.may_be_released(), release, "{standing:?}");
    }
    assert_eq!(Unpacked.next(false), state("without a packaging list"));
    assert_eq!(Packed(1).to_check(true), Err(Refusal::SamePerson));
}
