use super::{Content, Found, check};
use crate::Refusal;
use crate::study::{SealedDesign, StudyDesign};
use terms::{KitNumber, KitType, Sealed};

const CODES: [&str; 3] = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];

fn number(place: u32) -> KitNumber {
    KitNumber::from_serial(place * 1_000).expect("in the space")
}

fn found(place: u32, kit_type: Option<&str>) -> Found {
    Found { number: number(place), kit_type: kit_type.map(str::to_owned) }
}

/// The kits 1 to 6 are of the types 0, 1, 2, 0, 1, 2; in the sample are 2, 3 and 5.
fn checked(found: &[Found]) -> Result<(bool, String), Refusal> {
    let design =
        StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design");
    let sealed = include_str!("../../../../../config/imodals.sealed.toml");
    let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
    let content = |(place, index): (u32, u8)| Content {
        number: number(place),
        kit_type: Sealed::new(KitType::new(index)),
    };
    let kits: Vec<Content> = (1..).zip([0, 1, 2, 0, 1, 2]).map(content).collect();
    let checked = check(&sealed, &[2, 3, 5].map(number), &kits, found)?;
    Ok((checked.passed, checked.found))
}

#[test]
fn kit_25_a_sample_passes_when_every_kit_holds_what_was_registered() {
    let right = [found(5, Some(CODES[1])), found(2, Some(CODES[1])), found(3, Some(CODES[2]))];
    let told = format!("{} 1\n{} 2\n{} 1\n", number(2), number(3), number(5));
    assert_eq!(checked(&right), Ok((true, told)));
    for wrong in [Some(CODES[0]), Some(CODES[2]), None] {
        let (passed, told) = checked(&[found(2, Some(CODES[1])), found(3, Some(CODES[2])), found(5, wrong)])
            .expect("it can be checked");
        assert!(!passed && told.lines().count() == 3, "{wrong:?}: {told}");
    }
}

#[test]
fn kit_25_a_check_names_every_kit_of_the_sample_once_and_no_other() {
    let path = |found: &[Found]| match checked(found) {
        Err(Refusal::Field(path, message)) => {
            assert!(CODES.iter().all(|code| !message.contains(code)), "{message}");
            path
        }
        other => panic!("{other:?}"),
    };
    let right = || vec![found(2, Some(CODES[1])), found(3, Some(CODES[2])), found(5, Some(CODES[1]))];
    assert_eq!(path(&[]), "found");
    assert_eq!(path(&right()[..2]), "found");
    let with = |one| right().into_iter().chain([one]).collect::<Vec<_>>();
    assert_eq!(path(&with(found(4, Some(CODES[0])))), "found[3].kit_number");
    assert_eq!(path(&with(found(5, Some(CODES[1])))), "found[3].kit_number");
    assert_eq!(path(&[found(2, Some("QUOLL-7193"))]), "found[0].kit_type", "the code of an arm");
    assert_eq!(path(&[found(2, Some("sugilite-9127"))]), "found[0].kit_type", "another spelling");
}
