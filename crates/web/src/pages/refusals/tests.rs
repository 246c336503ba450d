use std::path::{Path, PathBuf};

use actix_web::http::StatusCode;
use trial::{Language, Refusal};

use super::{fit, in_french, recorded, sentence};
use crate::Problem;
use crate::words::Words;

/// Words with which a sentence begins that follows "The field `...`".
const BEGINNINGS: [&str; 20] = [
    "is ",
    "are ",
    "must ",
    "holds ",
    "lies ",
    "names ",
    "leaves ",
    "stands ",
    "need ",
    "needs ",
    "cannot ",
    "can ",
    "gives ",
    "ends ",
    "was ",
    "or ",
    "has ",
    "does ",
    "no level ",
    "the design does ",
];

/// Files in which such a sentence is the whole of an error, which a field is refused with.
const ERRORS: [&str; 9] = [
    "terms/src/id.rs",
    "terms/src/kit.rs",
    "terms/src/gtin.rs",
    "terms/src/country.rs",
    "service/src/age/recipient.rs",
    "service/src/mail/letter.rs",
    "trial/src/study/strata.rs",
    "trial/src/study/visible.rs",
    "print/src/lib.rs",
];

/// What is in those files and is said of no field.
const OTHERS: [&str; 2] = ["must give at most {MOST_STRATA} strata", "must hold at least two levels"];

/// The files of all crates, but for tests.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates").to_owned();
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_source =
                path.extension().is_some_and(|end| end == "rs") && path.file_stem() != Some("tests".as_ref());
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if is_source {
                files.push(path);
            }
        }
    }
    files
}

/// What stands in quotes in a file, without its tests and comments, and with what is put in between braces.
fn quoted(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "");
    let mut quoted: Vec<String> = code.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    for text in &mut quoted {
        *text = text.split("\\\n").map(str::trim_start).collect::<Vec<_>>().join("");
    }
    quoted
}

/// Every sentence that a field is refused with.
fn troubles() -> Vec<String> {
    let mut troubles = Vec::new();
    for path in sources() {
        let text = std::fs::read_to_string(&path).expect("a source");
        if text.contains("Refusal::field(") || ERRORS.iter().any(|error| path.ends_with(error)) {
            let begins = |text: &String| BEGINNINGS.iter().any(|word| text.starts_with(word));
            troubles.extend(quoted(&text).into_iter().filter(begins));
        }
    }
    troubles.retain(|trouble| !OTHERS.iter().any(|other| trouble.starts_with(other)));
    troubles
}

#[test]
fn no_refusal_of_a_field_is_left_in_english() {
    let troubles = troubles();
    assert!(troubles.len() > 90, "{} sentences", troubles.len());
    // A line number is put behind what is wrong with a packaging list.
    let is_known =
        |text: &String| in_french(text).or_else(|| in_french(&format!("{text}, in line 7"))).is_some();
    let left: Vec<&String> = troubles.iter().filter(|trouble| !is_known(trouble)).collect();
    assert!(left.is_empty(), "put these into words/troubles.toml: {left:#?}");
}

#[test]
fn no_refusal_with_something_put_in_is_left_in_english() {
    let french = Words(Language::Fr);
    for refusal in Refusal::each() {
        let problem = Problem::of(&refusal);
        let message = french.find(&format!("refusal.{}", problem.code())).unwrap_or_default();
        if message.contains("{detail}") && problem.code() != "invalid-field" {
            assert!(in_french(&problem.detail).is_some(), "only in English: {}", problem.detail);
        }
    }
}

#[test]
fn what_is_recorded_in_english_is_told_in_french() {
    let files = ["ledger/src/resupply.rs", "service/src/shipments/gate.rs", "trial/src/decide/lot.rs"];
    let is_sentence = |text: &String| text.starts_with(char::is_uppercase) && text.ends_with('.');
    let mut told = 0;
    for file in files {
        let path = sources().into_iter().find(|path| path.ends_with(file)).expect("a source");
        let text = std::fs::read_to_string(&path).expect("a source");
        for sentence in quoted(&text).into_iter().filter(is_sentence) {
            // Why the observer was not asked, each of them, and what it would prove of a plan that is not stored.
            let is_other = sentence.contains("{why}") || sentence.contains("would prove");
            assert!(
                is_other || in_french(&sentence).is_some(),
                "put this into words/troubles.toml: {sentence}"
            );
            told += 1;
        }
    }
    assert!(told >= 10, "{told} sentences");
    let (english, french) = (Words(Language::En), Words(Language::Fr));
    let missing = "Missing: 40, so 4 group(s) of 4 kits of every type are sent: 48 kits, none of \
                   which expires before 2016-02-01.";
    assert_eq!(recorded(english, missing), missing);
    assert!(recorded(french, missing).contains("48 kits, dont aucun ne périme avant le 2016-02-01."));
    for why in ["the study has too many subjects for it", "what was seen contradicts itself"] {
        let verdict = format!("The observer was not asked: {why}.");
        assert!(recorded(french, &verdict).starts_with("L'observateur n'a pas été interrogé"), "{verdict}");
    }
    assert_eq!(recorded(french, "It rains."), "It rains.", "nothing is kept back");
}

#[test]
fn the_sentence_that_says_most_is_taken_and_keeps_what_was_put_in() {
    let table = [
        ("must be 1 to 20", "Ce champ doit être compris entre 1 et 20."),
        ("must be 1 to 100 printable characters", "Ce champ doit avoir de 1 à 100 caractères imprimables."),
        ("must be one of a, b", "Ce champ doit être l'un de : a, b."),
        ("is longer than 1024 bytes", "Ce champ dépasse 1024 octets."),
        ("names kit 1 again, in line 3", "Ce champ nomme de nouveau le kit 1, à la ligne 3."),
    ];
    for (english, french) in table {
        let problem = Problem::of(&Refusal::field("list[0]", english));
        assert_eq!(sentence(Words(Language::Fr), &problem), french);
        assert_eq!(sentence(Words(Language::En), &problem), format!("This field {english}."));
    }
}

#[test]
fn what_is_no_such_sentence_does_not_fit() {
    assert_eq!(fit("must be 0 to {most}", "must be 0 to 5"), Some(vec![("most", "5")]));
    for other in ["must be 0 to", "must be 1 to 5", "it must be 0 to 5", ""] {
        assert_eq!(fit("must be 0 to {most}", other), None, "{other}");
    }
    assert_eq!(fit("ends before {kit}, in line {line}", "ends before x"), None);
    assert_eq!(fit("does not fit", "does not fit well"), None);
    let unknown = Problem::of(&Refusal::field("a", "is purple"));
    assert_eq!(sentence(Words(Language::Fr), &unknown), "Ce champ is purple.", "nothing is kept back");
}

#[test]
fn every_fault_is_said_in_french() {
    let french = Words(Language::Fr);
    for key in
        ["refusal.unavailable", "refusal.outcome-unknown", "refusal.fault", "refusal.malformed-request"]
    {
        assert!(french.find(key).is_some(), "{key}");
    }
    let unread = Problem::malformed(StatusCode::BAD_REQUEST, "The form cannot be read: x.");
    assert!(!sentence(french, &unread).contains("anglais"));
}
