use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use terms::Moment;
use trial::{BreakReason, FoundBy, Role};

use super::{BreakFile, BreakFileError, BreakRecord, RECORDS, State, record};
use crate::keys::MasterKey;
use crate::keys::folder::Folder;

fn master() -> MasterKey {
    MasterKey::from_text("a test", &"5a".repeat(32)).expect("a key")
}

fn record(number: usize) -> BreakRecord {
    BreakRecord {
        id: format!("U-{number}").parse().expect("an id"),
        study: "imodals".parse().expect("an id"),
        subject: format!("S-{number}").parse().expect("an id"),
        by: "oncall".parse().expect("an id"),
        role: Role::Investigator,
        reason: BreakReason::Overdose,
        found_by: FoundBy::KitNumber,
        at: Moment::parse("2015-10-05T03:00:00.000001Z").expect("an instant"),
    }
}

/// What the file holds, a word for each place.
fn held(file: &BreakFile) -> Vec<String> {
    let word = |state: State| match state {
        State::Empty => panic!("what is empty is left out"),
        State::Holds { record, entered } => format!("{}{}", record.id, if entered { " entered" } else { "" }),
        State::Damaged => "damaged".to_owned(),
    };
    file.read().expect("readable").into_iter().map(|slot| word(slot.state)).collect()
}

/// Changes the bytes of the file.
fn spoil(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.join("breaks");
    let mut bytes = fs::read(&path).expect("the file");
    change(&mut bytes);
    let mut file = OpenOptions::new().write(true).truncate(true).open(path).expect("the file");
    file.write_all(&bytes).expect("written");
}

#[test]
fn unb_04_a_record_outlives_its_writer_and_is_read_as_it_was_written() {
    let folder = Folder::new();
    let file = BreakFile::in_folder(folder.path(), &master());
    let bytes = fs::read(folder.path().join("breaks")).expect("made at the start");
    assert_eq!(bytes, vec![0; RECORDS * record::WIDTH], "all of it is there before it is needed");
    let longest = "x".repeat(40);
    let mut long = record(1);
    long.id = longest.parse().expect("an id");
    long.study = longest.parse().expect("an id");
    long.subject = longest.parse().expect("an id");
    long.by = longest.parse().expect("an id");
    long.role = Role::UnblindedReviewer;
    long.reason = BreakReason::SeriousAdverseEvent;
    long.found_by = FoundBy::RandomizationNumber;
    for record in [record(0), long.clone()] {
        file.write(&record).expect("written");
    }
    let again = BreakFile::in_folder(folder.path(), &master()).read().expect("readable");
    let states: Vec<State> = again.into_iter().map(|slot| slot.state).collect();
    let whole = |record| State::Holds { record, entered: false };
    assert_eq!(states, [whole(record(0)), whole(long)]);
    assert!(matches!(BreakFile::nowhere().write(&record(0)), Err(BreakFileError::Nowhere)));
}

#[test]
fn a_torn_an_altered_and_a_moved_record_are_told_from_a_good_one_and_never_written_over() {
    let folder = Folder::new();
    let file = BreakFile::in_folder(folder.path(), &master());
    (0..3).for_each(|number| file.write(&record(number)).expect("written"));
    for place in [0, 100, 447, 448, 479] {
        spoil(folder.path(), |bytes| bytes[record::WIDTH + place] ^= 1);
        assert_eq!(held(&file), ["U-0", "damaged", "U-2"], "byte {place}");
        spoil(folder.path(), |bytes| bytes[record::WIDTH + place] ^= 1);
        assert_eq!(held(&file), ["U-0", "U-1", "U-2"]);
    }
    // A mark that was not made with the key marks nothing.
    spoil(folder.path(), |bytes| bytes[511] = 1);
    assert_eq!(held(&file), ["U-0", "U-1", "U-2"]);
    spoil(folder.path(), |bytes| bytes[511] = 0);
    // The crash came after half of the last record.
    spoil(folder.path(), |bytes| bytes[2 * record::WIDTH + 30..].fill(0));
    assert_eq!(held(&file), ["U-0", "U-1", "damaged"]);
    file.write(&record(3)).expect("written");
    assert_eq!(held(&file), ["U-0", "U-1", "damaged", "U-3"]);
    spoil(folder.path(), |bytes| bytes.copy_within(0..record::WIDTH, record::WIDTH));
    assert_eq!(held(&file), ["U-0", "damaged", "damaged", "U-3"], "a copy is no second break");
    let other = MasterKey::from_text("a test", &"5b".repeat(32)).expect("a key");
    let foreign = BreakFile::in_folder(folder.path(), &other);
    assert_eq!(held(&foreign), ["damaged"; 4], "another installation's records are not believed");
}

#[test]
fn a_full_file_says_so_and_gives_the_places_of_what_was_entered() {
    let folder = Folder::new();
    let file = BreakFile::in_folder(folder.path(), &master());
    (0..RECORDS).for_each(|number| file.write(&record(number)).expect("written"));
    assert!(matches!(file.write(&record(RECORDS)), Err(BreakFileError::Full)));
    file.mark_entered(7, &record(8)).expect("nothing to be done");
    assert!(matches!(file.write(&record(RECORDS)), Err(BreakFileError::Full)), "it was another record");
    file.mark_entered(7, &record(7)).expect("marked");
    assert_eq!(held(&file)[7], "U-7 entered");
    file.write(&record(RECORDS)).expect("written");
    assert_eq!(held(&file)[7], format!("U-{RECORDS}"));
    assert!(matches!(file.write(&record(1)), Err(BreakFileError::Full)));
}

#[test]
fn a_file_of_another_size_is_not_used() {
    let folder = Folder::new();
    let file = BreakFile::in_folder(folder.path(), &master());
    spoil(folder.path(), |bytes| bytes.truncate(1000));
    assert!(matches!(file.write(&record(0)), Err(BreakFileError::Io(_))));
    fs::remove_file(folder.path().join("breaks")).expect("removed");
    file.write(&record(0)).expect("it is made anew");
    assert_eq!(held(&file), ["U-0"]);
}

#[test]
fn servers_that_share_a_folder_lose_no_record() {
    let folder = Folder::new();
    let files = [(); 4].map(|()| BreakFile::in_folder(folder.path(), &master()));
    std::thread::scope(|scope| {
        for (server, file) in files.iter().enumerate() {
            scope.spawn(move || {
                (0..20).for_each(|number| file.write(&record(server * 20 + number)).expect("written"));
            });
        }
    });
    let mut all = held(&files[0]);
    all.sort();
    let mut expected: Vec<String> = (0..80).map(|number| format!("U-{number}")).collect();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn a_file_in_which_a_record_waits_outlasts_its_master_key() {
    let folder = Folder::new();
    let file = BreakFile::in_folder(folder.path(), &master());
    file.assert_entered().expect("nothing waits");
    for number in [1, 2] {
        file.write(&record(number)).expect("written");
    }
    file.mark_entered(0, &record(1)).expect("marked");
    assert!(matches!(file.assert_entered(), Err(BreakFileError::Waiting)), "the second is not entered");
    file.mark_entered(1, &record(2)).expect("marked");
    file.assert_entered().expect("both are");
    file.set_aside(record(1).at).expect("set aside");
    let kept = fs::read(folder.path().join("breaks.until-2015-10-05T03.00.00.000001Z"));
    assert_eq!(kept.expect("nothing of it is lost").len(), RECORDS * record::WIDTH);
    let other = BreakFile::in_folder(
        folder.path(),
        &MasterKey::from_text("a test", &"a5".repeat(32)).expect("a key"),
    );
    assert_eq!(held(&other), Vec::<String>::new(), "under the new key the file is empty, not damaged");
}
