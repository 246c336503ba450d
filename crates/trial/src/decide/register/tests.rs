use super::{Command, Content, Facts, MOST_KITS, Refusal, Registration, decide};
use crate::study::{SealedDesign, StudyDesign, Visible};
use std::collections::BTreeSet;
use terms::{BatchId, KitNumber, Sealed};

const CODES: [&str; 3] = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];

fn register(command: &Command, exists: bool, taken: &[KitNumber]) -> Result<Registration, Refusal> {
    let design =
        StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design");
    let sealed = include_str!("../../../../../config/imodals.sealed.toml");
    let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
    let taken: BTreeSet<KitNumber> = taken.iter().copied().collect();
    decide(&design, &sealed, command, &Facts { exists, taken, seed: Sealed::new([5; 32]) })
}

/// A good batch: the types out of order, with 3, 1 and 2 kits in the order of the sealed design.
fn command() -> Command {
    let content = |kit_type: usize, kits, lot: &str, expiry: &str| Content {
        kit_type: CODES[kit_type].to_owned(),
        kits,
        lot: lot.to_owned(),
        expiry: expiry.parse().expect("a day"),
        visible: Visible::default(),
    };
    let contents = vec![
        content(2, 2, "LOT C", "2016-06-30"),
        content(0, 3, "LOT-A", "2016-03-31"),
        content(1, 1, " LOT-B ", "2016-12-31"),
    ];
    let label_expiry = "2016-03-31".parse().expect("a day");
    Command { batch: BatchId::parse("B-1").expect("an id"), label_expiry, contents }
}

#[test]
fn bld_08_numbers_come_in_their_order_with_as_many_types_as_were_asked_for() {
    let Ok(first) = register(&command(), false, &[]) else { panic!("it is in order") };
    let numbers: Vec<KitNumber> = first.kits.iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted() && numbers.len() == 6);
    let of_type = |wanted| first.kits.iter().filter(|(_, kit_type)| kit_type.index() == wanted).count();
    assert_eq!([of_type(0), of_type(1), of_type(2)], [3, 1, 2]);
    assert_eq!(first.lots, "2016-03-31 LOT-A\n2016-12-31 LOT-B\n2016-06-30 LOT C\n");
    let Ok(second) = register(&command(), false, &numbers) else { panic!("it is in order") };
    assert!(second.kits.iter().all(|(number, _)| !numbers.contains(number)), "a number was drawn twice");
}

/// The refusal of a changed command: the path of the wrong field, or the code.
fn refused(change: impl Fn(&mut Command)) -> String {
    let mut changed = command();
    change(&mut changed);
    match register(&changed, false, &[]) {
        Ok(_) => "registered".to_owned(),
        Err(Refusal::Field(path, message)) => {
            assert!(CODES.iter().all(|code| !message.contains(code)) && !message.contains("LOT"));
            path
        }
        Err(other) => other.code().to_owned(),
    }
}

type Change<'a> = &'a dyn Fn(&mut Command);

#[test]
fn wrong_contents_are_refused_with_their_path() {
    assert_eq!(refused(|_| {}), "registered");
    let long = "L".repeat(21);
    let table: [(&str, Change<'_>); 13] = [
        ("contents[0].kit_type", &|c| c.contents[0].kit_type = "QUOLL-7193".to_owned()),
        ("contents[1].kit_type", &|c| c.contents[1].kit_type = CODES[2].to_owned()),
        ("contents[2].kits", &|c| c.contents[2].kits = 0),
        ("contents[2].kits", &|c| c.contents[2].kits = usize::MAX),
        ("contents[1].lot", &|c| c.contents[1].lot = " ".to_owned()),
        ("contents[1].lot", &|c| c.contents[1].lot = "A\nB".to_owned()),
        ("contents[1].lot", &|c| c.contents[1].lot = long.clone()),
        ("contents", &|c| _ = c.contents.remove(0)),
        ("contents", &|c| c.contents.clear()),
        ("contents", &|c| c.contents[2].kits = MOST_KITS - 4),
        ("registered", &|c| c.contents[2].kits = MOST_KITS - 5),
        ("label_expiry", &|c| c.label_expiry = "2016-04-01".parse().expect("a day")),
        ("label_expiry", &|c| c.label_expiry = "2016-03-30".parse().expect("a day")),
    ];
    for (expected, change) in table {
        assert_eq!(refused(change), expected);
    }
    assert_eq!(register(&command(), true, &[]).err(), Some(Refusal::Exists("batch")));
}

fn seen(attribute: (&str, &str)) -> Visible {
    Visible::from([(attribute.0.to_owned(), attribute.1.to_owned())])
}

#[test]
fn kit_25_what_can_be_seen_is_the_same_for_all_types_and_tells_no_code_and_no_lot() {
    let pack = ("pack", "white carton");
    let all = |command: &mut Command, attribute| {
        command.contents.iter_mut().for_each(|content| content.visible = seen(attribute));
    };
    let mut same = command();
    all(&mut same, pack);
    let Ok(registered) = register(&same, false, &[]) else { panic!("all types look the same") };
    assert_eq!(registered.visible, seen(pack));
    let table: [(&str, Change<'_>); 8] = [
        ("contents", &|c| c.contents[1].visible = seen(pack)),
        ("contents", &|c| {
            all(c, pack);
            c.contents[2].visible = seen(("pack", "white box"));
        }),
        ("contents[2].visible", &|c| c.contents[2].visible = seen(("pack", "for kunzite-3358"))),
        ("contents[0].visible", &|c| all(c, ("pack", "QUOLL-7193"))),
        ("contents[0].visible", &|c| all(c, ("pack", "as lot-b"))),
        ("contents[0].visible", &|c| all(c, ("Pack", "white carton"))),
        ("batch", &|c| c.batch = BatchId::parse("2026-larimar-4406").expect("an id")),
        ("batch", &|c| c.batch = BatchId::parse("B-LOT-A").expect("an id")),
    ];
    for (expected, change) in table {
        assert_eq!(refused(change), expected);
    }
}

#[test]
fn a_batch_goes_into_the_code_on_its_labels() {
    let text = include_str!("../../../../../config/imodals.toml");
    let with_gtin = text.replacen("[label]\n", "[label]\ngtin = \"08714023000405\"\n", 1);
    for (text, letters, expected) in [
        (text, 20, "registered"),
        (text, 21, "batch"),
        (&with_gtin, 20, "registered"),
        (&with_gtin, 21, "batch"),
    ] {
        let design = StudyDesign::from_toml(text).expect("a design");
        let sealed = include_str!("../../../../../config/imodals.sealed.toml");
        let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
        let command = Command { batch: BatchId::parse(&"B".repeat(letters)).expect("an id"), ..command() };
        let facts = Facts { exists: false, taken: BTreeSet::new(), seed: Sealed::new([5; 32]) };
        let decided = decide(&design, &sealed, &command, &facts);
        let field = match decided {
            Ok(_) => "registered".to_owned(),
            Err(Refusal::Field(path, _)) => path,
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(field, expected, "{letters} letters");
    }
}
