//! The rows of the foundation, written and read back.

use store::rows::data_key::{self, DataKey};
use store::rows::design::{self, Design};
use store::rows::notice::{self, Audience, Notice};
use store::rows::opening::{self, Opening};
use store::rows::receipt::{self, Receipt};
use store::{Failure, Fault, Store, Tree, Tx};
use terms::{Id, Moment, StudyId};

use super::{Outcome, noon, opened, study};

fn id<K>(text: &str) -> Id<K> {
    Id::parse(text).expect("an id")
}

fn imodals() -> StudyId {
    id("imodals")
}

/// Writes into the study, which exists.
fn write<T>(store: &Store, f: impl Fn(&mut Tx) -> Result<T, Fault> + Send + 'static) -> T {
    store.write(study(), move |tx| -> Outcome<T> { Ok(f(tx)?) }).expect("a write")
}

fn with_study() -> (iwrs_tests::database::TestDatabase, Store) {
    let (database, store) = opened();
    write(&store, |tx| store::rows::study::add(tx, noon()));
    (database, store)
}

fn an_opening() -> Opening {
    Opening { id: id("o-1"), kind: "arm".into(), key_version: 1, ciphertext: vec![0, 1, 255] }
}

#[test]
fn an_opening_is_resealed_by_its_version_and_redacted_by_its_tree() {
    let (_database, store) = with_study();
    store.create_tree(&Tree::Installation).expect("the tree is made");
    write(&store, |tx| opening::add(tx, &an_opening()));
    write(&store, |tx| opening::reseal(tx, &id("o-1"), 1, 2, &[9]));
    let stale =
        store.write(study(), |tx| -> Outcome<()> { Ok(opening::reseal(tx, &id("o-1"), 1, 3, &[8])?) });
    assert!(matches!(stale, Err(Failure::Fault(Fault::Guard { table: "opening", met: 0 }))), "{stale:?}");
    let foreign =
        store.write(Tree::Installation, |tx| -> Outcome<()> { Ok(opening::redact(tx, &id("o-1"))?) });
    assert!(matches!(foreign, Err(Failure::Fault(Fault::Guard { .. }))), "{foreign:?}");
    let read = write(&store, |tx| opening::all(tx, &study()));
    let expected = Opening { key_version: 2, ciphertext: vec![9], ..an_opening() };
    assert!(read == [expected], "the second ciphertext is there and no other");
    assert!(write(&store, |tx| opening::get(tx, &Tree::Installation, &id("o-1"))).is_none());
    write(&store, |tx| opening::redact(tx, &id("o-1")));
    assert!(write(&store, |tx| opening::get(tx, &study(), &id("o-1"))).is_none());
    assert!(write(&store, |tx| opening::of_kind(tx, &study(), "arm")).is_empty());
}

#[test]
fn a_data_key_is_rewrapped_only_as_it_was_read() {
    let (_database, store) = with_study();
    let key = |version, byte| DataKey { version, wrapped: vec![byte; 40] };
    write(&store, move |tx| data_key::add(tx, &key(1, 1)));
    write(&store, move |tx| data_key::add(tx, &key(2, 2)));
    write(&store, move |tx| data_key::rewrap(tx, &key(1, 1), &[7; 40]));
    let stale =
        store.write(study(), move |tx| -> Outcome<()> { Ok(data_key::rewrap(tx, &key(1, 1), &[8; 40])?) });
    assert!(matches!(stale, Err(Failure::Fault(Fault::Guard { .. }))), "{stale:?}");
    assert!(write(&store, |tx| data_key::all(tx, &study())) == [key(1, 7), key(2, 2)]);
    assert!(write(&store, |tx| data_key::get(tx, &study(), 2)) == Some(key(2, 2)));
    assert!(write(&store, |tx| data_key::get(tx, &study(), 3)).is_none());
}

#[test]
fn a_design_has_versions() {
    let (_database, store) = with_study();
    let version = |version| Design {
        version,
        text: format!("version = {version}"),
        fingerprint: "f".into(),
        sealed: id("o-1"),
        loaded_at: noon(),
    };
    for number in [1, 2] {
        write(&store, move |tx| design::add(tx, &version(number)));
    }
    assert_eq!(write(&store, |tx| design::all(tx, &imodals())), [version(1), version(2)]);
    let again = store.write(study(), move |tx| -> Outcome<()> { Ok(design::add(tx, &version(2))?) });
    assert!(matches!(again, Err(Failure::Fault(Fault::Conflict("study_design_pkey")))), "{again:?}");
    let studies = write(&store, |tx| store::rows::study::all(tx));
    assert_eq!(studies, [(imodals(), noon())]);
}

#[test]
fn a_key_has_one_receipt_and_its_replays_are_counted() {
    let (_database, store) = with_study();
    // To the microsecond: an instant that changes when it is stored breaks the hash of its leaf.
    let recorded_at = Moment::parse("2026-01-15T12:00:00.123456Z").expect("an instant");
    let made = move || Receipt {
        key: "k-1".into(),
        user: id("u-1"),
        action: "randomize".into(),
        body_hash: [7; 32],
        outcome: "{}".into(),
        recorded_at,
    };
    write(&store, move |tx| receipt::add(tx, &made()));
    let again = store.write(study(), move |tx| -> Outcome<()> { Ok(receipt::add(tx, &made())?) });
    assert!(matches!(again, Err(Failure::Fault(Fault::Conflict("receipt_pkey")))), "{again:?}");
    for _ in 0..3 {
        write(&store, |tx| receipt::add_replay(tx, "k-1", noon()));
    }
    assert_eq!(write(&store, |tx| receipt::find(tx, &imodals(), "k-1")), Some(made()));
    assert_eq!(write(&store, |tx| receipt::find(tx, &imodals(), "k-2")), None);
    assert_eq!(write(&store, |tx| receipt::replays(tx, &imodals(), "k-1")), 3);
}

#[test]
fn a_notice_is_claimed_by_one_sender_at_a_time_until_it_is_delivered() {
    let (_database, store) = with_study();
    let made = || Notice {
        id: id("n-1"),
        recipient: "site@example.org".into(),
        template: "randomized".into(),
        params: "{}".into(),
        audience: Audience::Blinded,
        queued_at: noon(),
        about: Some("site-1".into()),
    };
    let later = noon().plus_seconds(60);
    write(&store, move |tx| notice::queue(tx, &made()));
    assert!(write(&store, |tx| notice::due(tx, &study(), noon().plus_seconds(-1), 10)).is_empty());
    let due = write(&store, |tx| notice::due(tx, &study(), noon(), 10));
    assert_eq!(due.iter().map(|due| (&due.notice, due.attempts)).collect::<Vec<_>>(), [(&made(), 0)]);
    for expected in [true, false] {
        let due = due[0].clone();
        assert_eq!(write(&store, move |tx| notice::claim(tx, &due, later)), expected);
    }
    assert!(write(&store, |tx| notice::due(tx, &study(), noon(), 10)).is_empty());
    let again = write(&store, move |tx| notice::due(tx, &study(), later, 10));
    assert_eq!(again[0].attempts, 1);
    write(&store, move |tx| notice::delivered(tx, &id("n-1"), later));
    assert!(write(&store, move |tx| notice::due(tx, &study(), later, 10)).is_empty());
    let twice =
        store.write(study(), move |tx| -> Outcome<()> { Ok(notice::delivered(tx, &id("n-1"), later)?) });
    assert!(matches!(twice, Err(Failure::Fault(Fault::Guard { .. }))), "{twice:?}");
}

#[test]
fn what_belongs_to_a_study_is_not_written_under_another_lock() {
    let (_database, store) = with_study();
    store.create_tree(&Tree::Installation).expect("the tree is made");
    let outcome =
        store.write(Tree::Installation, |tx| -> Outcome<()> { Ok(receipt::add_replay(tx, "k-1", noon())?) });
    assert!(matches!(outcome, Err(Failure::Fault(Fault::WrongTree))), "{outcome:?}");
}
