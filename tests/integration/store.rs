//! The store on the engine of this run: nothing lost, nothing half done, nothing claimed that is not so.

mod rows;
mod schema;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iwrs_tests::database::{Engine, TestDatabase, fresh_database};
use store::rows::checkpoint::{self, Checkpoint};
use store::rows::leaf;
use store::{Failure, Fault, Store, Tree, Tx};
use terms::{Moment, StudyId};
use trial::Refusal;

type Outcome<T> = Result<T, Failure<Refusal>>;

fn noon() -> Moment {
    Moment::parse("2026-01-15T12:00:00Z").expect("an instant")
}

fn study() -> Tree {
    Tree::Study(StudyId::parse("imodals").expect("a study"))
}

/// A database, the store on it, and the tree of a study.
fn opened() -> (TestDatabase, Store) {
    let database = fresh_database();
    let store = Store::open(database.url()).expect("the store opens");
    store.create_tree(&study()).expect("the tree is made");
    (database, store)
}

/// Reads the largest checkpoint and adds the next one, with a leaf: what is read must still hold when it is written.
fn count_up(tx: &mut Tx) -> Outcome<u64> {
    let tree = tx.tree().clone();
    let size = checkpoint::latest(tx, &tree)?.map_or(0, |last| last.size) + 1;
    tx.append(size.to_string().as_bytes(), noon())?;
    checkpoint::add(tx, &Checkpoint { size, note: String::new(), signed_at: noon() })?;
    Ok(size)
}

fn size(store: &Store) -> u64 {
    let frontier = store.read(|conn| -> Outcome<_> { Ok(leaf::frontier(conn, &study())?) });
    frontier.expect("the head is read").size()
}

#[test]
fn no_write_is_lost_and_the_leaves_are_gapless() {
    const WRITES: u64 = 50;
    let (database, first) = opened();
    // The second stands for another server on the same database.
    let second = Store::open(database.url()).expect("the store opens twice");
    std::thread::scope(|scope| {
        for store in [&first, &first, &first, &first, &second, &second, &second, &second] {
            scope.spawn(move || {
                for _ in 0..WRITES {
                    store.write(study(), count_up).expect("a write");
                }
            });
        }
    });
    let (checkpoints, hashes, leaves, frontier) = first
        .read(|conn| -> Outcome<_> {
            let checkpoints = checkpoint::all(conn, &study())?;
            let leaves = leaf::page(conn, &study(), 0, 1000)?;
            Ok((checkpoints, leaf::hashes(conn, &study())?, leaves, leaf::frontier(conn, &study())?))
        })
        .expect("all is read");
    let sizes: Vec<u64> = checkpoints.iter().map(|checkpoint| checkpoint.size).collect();
    assert_eq!(sizes, (1..=8 * WRITES).collect::<Vec<_>>());
    for (index, leaf) in (0..8 * WRITES).zip(&leaves) {
        assert_eq!((leaf.index, leaf.canonical.as_slice()), (index, (index + 1).to_string().as_bytes()));
    }
    assert_eq!((leaves.len(), frontier.size()), (hashes.len(), 8 * WRITES));
    assert_eq!(frontier.root(), journal::root(&hashes));
}

#[test]
fn a_refusal_undoes_everything() {
    let (_database, store) = opened();
    let outcome = store.write(study(), |tx| -> Outcome<u64> {
        count_up(tx)?;
        Err(Refusal::Forbidden.into())
    });
    assert!(matches!(outcome, Err(Failure::Refusal(Refusal::Forbidden))), "{outcome:?}");
    assert_eq!(size(&store), 0);
    assert_eq!(store.write(study(), count_up).expect("the next write"), 1);
    assert_eq!(store.write(study(), |tx| -> Outcome<u64> { Ok(tx.version()) }).expect("a write"), 2);
}

#[test]
fn a_panic_leaves_no_transaction_open() {
    let (_database, store) = opened();
    for _ in 0..20 {
        let write = || {
            store.write(study(), |tx| -> Outcome<()> {
                count_up(tx)?;
                panic!("a bug")
            })
        };
        catch_unwind(AssertUnwindSafe(write)).expect_err("the panic goes on to the caller");
    }
    assert_eq!(store.write(study(), count_up).expect("the lock is free"), 1);
}

#[test]
fn a_fault_that_is_swallowed_is_not_taken_for_success() {
    let (_database, store) = opened();
    let outcome = store.write(study(), |tx| -> Outcome<()> {
        count_up(tx)?;
        let again = checkpoint::add(tx, &Checkpoint { size: 1, note: String::new(), signed_at: noon() });
        assert!(matches!(again, Err(Fault::Conflict("checkpoint_pkey"))), "{again:?}");
        Ok(())
    });
    // PostgreSQL has given the transaction up at the conflict, and would answer COMMIT with success all the same.
    assert_eq!(size(&store), u64::from(outcome.is_ok()), "{outcome:?}");
}

#[test]
fn a_tree_is_made_once_and_before_its_first_write() {
    let (_database, store) = opened();
    let outcome = store.write(Tree::Installation, count_up);
    assert!(matches!(outcome, Err(Failure::Fault(Fault::NoTree(_)))), "{outcome:?}");
    store.write(study(), count_up).expect("a write");
    store.create_tree(&study()).expect("it is there already");
    assert_eq!(size(&store), 1, "making a tree again must not empty it");
}

/// On each engine, what makes COMMIT fail and whether the outcome is then known. The constraint is checked at COMMIT
/// and the database itself says that it refused; when the server's process dies at COMMIT nobody says anything.
fn failing_commits() -> Vec<(&'static str, bool)> {
    match Engine::from_env() {
        Engine::Sqlite => vec![(
            "CREATE TABLE pupil (teacher TEXT REFERENCES study (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER enroll AFTER INSERT ON journal_leaf BEGIN INSERT INTO pupil VALUES ('none'); END",
            true,
        )],
        Engine::Postgres => vec![
            (
                "CREATE TABLE pupil (teacher text REFERENCES study (id) DEFERRABLE INITIALLY DEFERRED);
                 CREATE RULE enroll AS ON INSERT TO journal_leaf DO ALSO INSERT INTO pupil VALUES ('none')",
                true,
            ),
            (
                "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                     'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
                 CREATE CONSTRAINT TRIGGER die AFTER INSERT ON journal_leaf
                     DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()",
                false,
            ),
        ],
    }
}

#[test]
fn a_commit_that_fails_is_known_to_be_undone_only_when_the_database_says_so() {
    for (sabotage, known) in failing_commits() {
        let (database, store) = opened();
        database.execute(sabotage).expect("the sabotage is in place");
        let runs = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&runs);
        let outcome = store.write(study(), move |tx| {
            counted.fetch_add(1, Ordering::Relaxed);
            count_up(tx)
        });
        let fault = match outcome {
            Err(Failure::Fault(fault)) => fault,
            other => panic!("{sabotage}: {other:?}"),
        };
        assert_eq!(matches!(fault, Fault::Database(_)), known, "{fault:?}");
        assert_eq!(matches!(fault, Fault::UnknownOutcome(_)), !known, "{fault:?}");
        assert_eq!(runs.load(Ordering::Relaxed), 1, "an error during COMMIT must not be tried again");
        assert_eq!(size(&store), 0);
    }
}

/// On each engine, what makes the first append of a database fail by itself and the second succeed. SQLite has no
/// server that can go away: there the write passes at once.
fn failing_first() -> (&'static str, u64) {
    match Engine::from_env() {
        Engine::Sqlite => ("SELECT 1", 1),
        // A sequence counts on when its transaction is undone.
        Engine::Postgres => (
            "CREATE SEQUENCE deaths;
             CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
                 IF nextval(''deaths'') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                 RETURN NEW;
             END';
             CREATE TRIGGER die AFTER INSERT ON journal_leaf FOR EACH ROW EXECUTE FUNCTION die()",
            2,
        ),
    }
}

#[test]
fn a_connection_lost_before_commit_costs_another_run_and_nothing_else() {
    let (database, store) = opened();
    let (sabotage, expected_runs) = failing_first();
    database.execute(sabotage).expect("the sabotage is in place");
    let runs = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&runs);
    let outcome = store.write(study(), move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        count_up(tx)
    });
    assert_eq!(outcome.expect("the write goes through"), 1);
    assert_eq!((runs.load(Ordering::Relaxed), size(&store)), (expected_runs, 1));
}

#[test]
fn a_read_sees_one_instant() {
    let (_database, store) = opened();
    store.write(study(), count_up).expect("a write");
    let sizes = store.read(|conn| -> Outcome<_> {
        let before = leaf::frontier(conn, &study())?.size();
        store.write(study(), count_up)?;
        Ok((before, leaf::frontier(conn, &study())?.size()))
    });
    assert_eq!((sizes.expect("it is read"), size(&store)), ((1, 1), 2));
}

/// On each engine, what makes a wrong setting, or a read that writes, and what must be said.
#[test]
fn a_wrong_setting_is_named_and_a_read_cannot_write() {
    let (database, store) = opened();
    match Engine::from_env() {
        // What a file cannot say about itself is set on opening, and tested within the crate.
        Engine::Sqlite => {
            drop(store);
            database.execute("PRAGMA journal_mode = delete").expect("nobody else has it open");
            Store::open(database.url()).expect("the store opens");
            let found = database.values("SELECT journal_mode AS value FROM pragma_journal_mode");
            assert_eq!(found.expect("the mode is read"), ["wal"]);
        }
        Engine::Postgres => {
            let sneak = "ALTER TABLE checkpoint RENAME TO hidden;
                CREATE FUNCTION sneak() RETURNS SETOF hidden LANGUAGE sql AS
                    'INSERT INTO study VALUES (''x'', now()); SELECT * FROM hidden';
                CREATE VIEW checkpoint AS SELECT * FROM sneak()";
            database.execute(sneak).expect("a view that writes");
            let read = store.read(|conn| -> Outcome<_> { Ok(checkpoint::all(conn, &study())?) });
            let Err(Failure::Fault(Fault::Transient(source))) = read else { panic!("{read:?}") };
            assert!(source.to_string().contains("read-only"), "{source}");
            let [name] = &database.values("SELECT current_database()::text AS value").expect("a name")[..]
            else {
                panic!("one name")
            };
            let weaken = format!("ALTER DATABASE {name} SET synchronous_commit = off");
            database.execute(&weaken).expect("the owner may weaken it");
            let fault = Store::open(database.url()).expect_err("it would lose commits");
            assert!(matches!(fault, Fault::Settings { name: "synchronous_commit", .. }), "{fault}");
        }
    }
}
