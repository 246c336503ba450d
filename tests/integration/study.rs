//! Study files and lists through the command line, as a stranger uses it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use iwrs_tests::folder::TempFolder;
use trial::study::{SealedDesign, StudyDesign};

const CODES: [&str; 6] = ["QUOLL", "NUMBAT", "BILBY", "LARIMAR", "SUGILITE", "KUNZITE"];

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name)
}

fn iwrs(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_iwrs-tested")).args(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Exit code 1, nothing on standard output, and the whole of standard error.
fn refused(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

#[test]
fn val_04_study_check_prints_the_design_and_the_fingerprint_that_sha256sum_prints() {
    let (file, sealed) = (shipped("imodals.toml"), shipped("imodals.sealed.toml"));
    let output = iwrs(&["study", "check", path(&file), "--sealed", path(&sealed)]);
    assert!(output.status.success(), "{output:?}");
    let page = text(&output.stdout);
    let sums = Command::new("sha256sum").arg(&file).output().expect("sha256sum is part of every Linux");
    let sum = text(&sums.stdout).split(' ').next().expect("a sum");
    assert!(page.contains(&format!("SHA-256 of the file: {sum}\n")), "{sum} is not in\n{page}");
    assert!(page.contains("ASSUMPTIONS"), "{page}");
    for code in CODES {
        assert!(!page.contains(code), "SEQ-11: {code} is printed");
    }
    assert!(page.contains("\nNo visible attribute separates kit types, and no internal code"), "{page}");
}

#[test]
fn kit_25_study_check_refuses_what_can_be_seen_and_separates_kit_types() {
    let folder = TempFolder::new();
    let (file, sealed) = (shipped("imodals.toml"), folder.path().join("sealed.toml"));
    let good = fs::read_to_string(shipped("imodals.sealed.toml")).expect("a file");
    let check = |text: &str| {
        fs::write(&sealed, text).expect("written");
        iwrs(&["study", "check", path(&file), "--sealed", path(&sealed)])
    };
    let with = |of_vehicle: &str| {
        let line = |of: &str| format!("visible = {{ closure = \"{of} seal\" }}\n");
        let types = good.replace(
            "\ncontents = \"5 vials of aldesleukin",
            &format!("\n{}contents = \"5 vials of aldesleukin", line("white")),
        );
        types.replace(
            "\ncontents = \"5 vials of vehicle",
            &format!("\n{}contents = \"5 vials of vehicle", line(of_vehicle)),
        )
    };
    let sound = check(&with("white"));
    assert!(sound.status.success(), "{sound:?}");
    let output = check(&with("red"));
    let told = refused(&output);
    assert!(told.contains("kit_types: can be told apart by the visible attribute `closure`"), "{told}");
    assert!(!told.contains("red") && CODES.iter().all(|code| !told.contains(code)), "{told}");
    let output = check(&good.replace("QUOLL-7193", "correctly informed"));
    let told = refused(&output);
    assert!(told.contains("arms[0].code: stands in the public design"), "{told}");
}

#[test]
fn every_criterion_of_the_registry_record_is_there_in_order() {
    let design = StudyDesign::from_toml(&fs::read_to_string(shipped("imodals.toml")).expect("a file"));
    let ids: Vec<String> =
        design.expect("a design").criteria.into_iter().map(|criterion| criterion.id).collect();
    let inclusion = (1..=11).map(|number| format!("I{number:02}"));
    let exclusion = (1..=20).map(|number| format!("E{number:02}"));
    assert_eq!(ids, inclusion.chain(exclusion).collect::<Vec<_>>());
}

#[test]
fn a_bad_study_file_gives_every_problem_on_a_line_with_its_path() {
    let folder = TempFolder::new();
    let bad = folder.path().join("bad.toml");
    let good = fs::read_to_string(shipped("imodals.toml")).expect("a file");
    fs::write(&bad, good.replacen("ratio = 1", "ratio = 0", 1).replacen("cap =", "cup =", 1))
        .expect("written");
    let output = iwrs(&["study", "check", path(&bad)]);
    let mut lines: Vec<String> =
        refused(&output).lines().map(|line| line.replace(path(&bad), "FILE")).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "FILE: allocation.cap: is missing",
            "FILE: allocation.cup: is not a known field",
            "FILE: arms[0].ratio: must be a whole number from 1 to 100",
            "FILE: assumptions[3].path: names no place in this file",
        ]
    );
    let output = iwrs(&["study", "check", path(&folder.path().join("none.toml"))]);
    assert!(refused(&output).contains("none.toml: "), "{output:?}");
}

#[test]
fn a_bad_sealed_file_is_refused_without_a_word_of_it() {
    let folder = TempFolder::new();
    let bad = folder.path().join("sealed.toml");
    let good = fs::read_to_string(shipped("imodals.sealed.toml")).expect("a file");
    fs::write(&bad, good.replacen("[6]", "[7]", 1).replacen("QUOLL", "NUMBAT-2850\" #", 1)).expect("written");
    let output = iwrs(&["study", "check", path(&shipped("imodals.toml")), "--sealed", path(&bad)]);
    let problems = refused(&output).replace(path(&bad), "FILE");
    assert_eq!(problems.lines().count(), 2, "{problems}");
    assert!(
        problems.contains("FILE: block_sizes: ") && problems.contains("FILE: arms[1].code: "),
        "{problems}"
    );
    for secret in CODES.iter().chain(&["7", "6", "3"]) {
        assert!(!problems.contains(secret), "SEQ-11: {secret} is printed");
    }
}

/// A seed file with these contents and rights.
fn seed_file(folder: &TempFolder, contents: &str, mode: u32) -> PathBuf {
    let file = folder.path().join("seed");
    fs::write(&file, contents).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("rights");
    file
}

fn derive(seed: &Path, more: &[&str]) -> Output {
    let (study, sealed) = (shipped("imodals.toml"), shipped("imodals.sealed.toml"));
    let start =
        ["list", "derive", "--study", path(&study), "--sealed", path(&sealed), "--seed-file", path(seed)];
    iwrs(&[&start, more].concat())
}

#[test]
fn seq_02_a_stranger_derives_the_same_list() {
    let folder = TempFolder::new();
    let seed = seed_file(&folder, &format!("{}\n", "0b".repeat(32)), 0o600);
    let read = |name: &str| fs::read_to_string(shipped(name)).expect("a file");
    let design = StudyDesign::from_toml(&read("imodals.toml")).expect("a design");
    let Ok(sealed) = SealedDesign::from_toml(&read("imodals.sealed.toml"), &design) else {
        panic!("no design")
    };
    for (id, more) in [("list-1", &[][..]), ("other", &["--list", "other"])] {
        let output = derive(&seed, more);
        assert!(output.status.success(), "{output:?}");
        let list = allocator::derive(&[11; 32], "imodals", id, sealed.block_design());
        let rows = list.rows().map(|(stratum, position, entry)| {
            format!("{},{},{},{}\n", stratum.index(), position.index(), entry.block, entry.arm.index())
        });
        let expected: String =
            std::iter::once("stratum,position,block,arm\n".to_owned()).chain(rows).collect();
        assert_eq!(text(&output.stdout), expected);
        assert_eq!(expected.lines().count(), 49);
    }
}

#[test]
fn seq_04_a_seed_that_others_may_read_or_that_is_none_gives_no_list() {
    let folder = TempFolder::new();
    let digits = "0b".repeat(32);
    for (contents, mode, reason) in [
        (digits.clone(), 0o640, "chmod 600"),
        (digits.clone(), 0o604, "chmod 600"),
        (digits.clone(), 0o620, "chmod 600"),
        (format!("{digits}0"), 0o600, "64 hexadecimal digits"),
        (digits[2..].to_owned(), 0o600, "64 hexadecimal digits"),
        (format!("{}xy", &digits[2..]), 0o600, "64 hexadecimal digits"),
        (String::new(), 0o600, "64 hexadecimal digits"),
    ] {
        let seed = seed_file(&folder, &contents, mode);
        let output = derive(&seed, &[]);
        let reasons = refused(&output);
        assert!(reasons.contains(reason) && reasons.lines().count() == 1, "{reasons}");
        assert!(!reasons.contains("0b0b"), "the seed is repeated: {reasons}");
    }
}
