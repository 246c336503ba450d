//! The store: the one way to write and the one way to read.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use crate::begin::{begin_read, begin_write, commit};
use crate::connect::{Access, Address};
use crate::pool::Pool;
use crate::tree::Head;
use crate::tx::undo;
use crate::{Conn, Failure, Fault, Tree, Tx};

/// How often a write is tried when the database is busy, steps down or goes away before COMMIT.
pub const ATTEMPTS: u32 = 8;

/// How many connections read at a time, and on PostgreSQL how many write.
const CONNECTIONS: u32 = 16;

/// A database, open. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    writers: Pool,
    readers: Pool,
}

impl Store {
    /// Opens the database at `sqlite:PATH` or `postgres://...`, and asserts its settings. SQLite gets one writer:
    /// more would only wait for each other.
    pub fn open(url: &str) -> Result<Self, Fault> {
        let address = Address::parse(url)?;
        let writers = if address.has_one_writer() { 1 } else { CONNECTIONS };
        Ok(Self {
            writers: Pool::open(address.clone(), Access::Write, writers)?,
            readers: Pool::open(address, Access::Read, CONNECTIONS)?,
        })
    }

    /// Runs `f` in one transaction under the lock of `tree`, and commits when it gives an answer.
    ///
    /// `f` may run more than once, so it must change nothing but the database. A refusal, a fault or a panic undoes
    /// everything. [`Fault::UnknownOutcome`] is never tried again here: only its caller's idempotency key can settle
    /// it.
    pub fn write<T, R>(
        &self,
        tree: Tree,
        f: impl Fn(&mut Tx) -> Result<T, Failure<R>> + Send + 'static,
    ) -> Result<T, Failure<R>> {
        self.write_within(ATTEMPTS, tree, f)
    }

    /// The same in so many attempts at most, for a caller who has another way when the database cannot be written.
    pub fn write_within<T, R>(
        &self,
        attempts: u32,
        tree: Tree,
        f: impl Fn(&mut Tx) -> Result<T, Failure<R>> + Send + 'static,
    ) -> Result<T, Failure<R>> {
        let mut attempt = 1;
        loop {
            match self.write_once(&tree, &f) {
                Err(Failure::Fault(Fault::Transient(error))) if attempt < attempts => {
                    tracing::info!(%tree, attempt, %error, "the write is tried again");
                    pause(attempt);
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn write_once<T, R>(
        &self,
        tree: &Tree,
        f: &impl Fn(&mut Tx) -> Result<T, Failure<R>>,
    ) -> Result<T, Failure<R>> {
        let mut tx = Tx::begin(self.writers.get()?, tree)?;
        let outcome = f(&mut tx).and_then(|answer| {
            tx.save_head()?;
            Ok(answer)
        });
        match outcome {
            Ok(answer) => {
                tx.commit()?;
                Ok(answer)
            }
            Err(failure) => {
                tx.rollback();
                Err(failure)
            }
        }
    }

    /// Runs `f` on a connection that cannot write; all that it reads is of one instant.
    pub fn read<T, R>(&self, f: impl FnOnce(&mut Conn) -> Result<T, Failure<R>>) -> Result<T, Failure<R>> {
        let mut conn = self.readers.get()?;
        begin_read(&mut conn)?;
        let outcome = f(&mut conn);
        undo(&mut conn);
        outcome
    }

    /// Makes an empty tree; nothing happens when it is there already.
    pub fn create_tree(&self, tree: &Tree) -> Result<(), Fault> {
        let mut conn = self.writers.get()?;
        begin_write(&mut conn)?;
        match Head::create(&mut conn, tree) {
            Ok(()) => commit(&mut conn).map_err(Fault::of_commit),
            Err(fault) => {
                undo(&mut conn);
                if matches!(fault, Fault::Conflict("tree_head_pkey")) { Ok(()) } else { Err(fault) }
            }
        }
    }

    /// Empties the log in which SQLite keeps what pages were before, so that what was deleted is in no file of the
    /// database. Whether that could be done: somebody who reads on keeps it, and is not waited for. The log and the
    /// dead rows of PostgreSQL are the operator's.
    pub fn forget_deleted(&self) -> Result<bool, Fault> {
        crate::connect::empty_log(&mut *self.writers.get()?)
    }

    /// Brings the schema up to this program.
    pub fn migrate(&self) -> Result<(), Fault> {
        crate::migrate::run(&mut *self.writers.get()?)
    }

    /// Passes when the schema is the one of this program.
    pub fn assert_schema_current(&self) -> Result<(), Fault> {
        crate::migrate::assert_current(&mut *self.writers.get()?)
    }
}

/// Waits between attempts, each time up to twice as long, by a random time so that rivals do not meet again. The
/// randomness is the standard library's hash seed: nothing but this pause depends on it.
fn pause(attempt: u32) {
    let longest = 10_u64 << attempt.min(ATTEMPTS);
    let random = RandomState::new().build_hasher().finish();
    thread::sleep(Duration::from_millis(1 + random % longest));
}
