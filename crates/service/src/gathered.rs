//! Readers of the same thing at the same time share one reading, which begins after all of them have asked. So each is
//! shown what stands in the database after its own question, and many cost no more than two, unless readings fail: then
//! each has its own. When the last of them has it, nothing is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;

/// The readings that are going on, by what is read.
pub(crate) struct Gathered<K, T> {
    rounds: Mutex<BTreeMap<K, Round<T>>>,
    is_over: Condvar,
}

/// The readings of one thing.
struct Round<T> {
    /// How many have begun.
    begun: u64,
    is_going_on: bool,
    /// How many readers have not got it yet.
    readers: usize,
    /// What the last one read that came to an end, with its number.
    read: Option<(u64, Arc<T>)>,
}

impl<T> Default for Round<T> {
    fn default() -> Self {
        Self { begun: 0, is_going_on: false, readers: 0, read: None }
    }
}

impl<K, T> Default for Gathered<K, T> {
    fn default() -> Self {
        Self { rounds: Mutex::default(), is_over: Condvar::new() }
    }
}

impl<K: Ord + Clone, T> Gathered<K, T> {
    /// What a reading that begins from now on reads: somebody else's, or else this one.
    ///
    /// # Errors
    /// Those of this reader's own reading. Of another one's failure it hears nothing, and reads itself.
    pub(crate) fn read(&self, of: &K, anew: impl FnOnce() -> Result<T, Failure>) -> Result<Arc<T>, Failure> {
        let reader = match self.join(of) {
            Joined::Has(read) => return Ok(read),
            Joined::Reads(reader) => reader,
        };
        let read = Arc::new(anew()?);
        reader.end(Arc::clone(&read));
        Ok(read)
    }

    fn join(&self, of: &K) -> Joined<'_, K, T> {
        let mut rounds = self.lock();
        let round = rounds.entry(of.clone()).or_default();
        round.readers += 1;
        // One that is going on began before this question, and may have missed what was done in between.
        let wanted = round.begun + 1;
        loop {
            let round = rounds.entry(of.clone()).or_default();
            let known = round.read.as_ref().filter(|(number, _)| *number >= wanted);
            if let Some(read) = known.map(|(_, read)| Arc::clone(read)) {
                leave(&mut rounds, of);
                return Joined::Has(read);
            }
            if !round.is_going_on {
                round.begun += 1;
                round.is_going_on = true;
                return Joined::Reads(Reader { gathered: self, of: of.clone(), number: round.begun });
            }
            rounds = self.is_over.wait(rounds).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, Round<T>>> {
        // Whoever panicked changed nothing by halves.
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is something to be read, or it was.
enum Joined<'a, K: Ord + Clone, T> {
    Has(Arc<T>),
    Reads(Reader<'a, K, T>),
}

/// The one who reads for all. However that ends, the next one may begin.
struct Reader<'a, K: Ord + Clone, T> {
    gathered: &'a Gathered<K, T>,
    of: K,
    number: u64,
}

impl<K: Ord + Clone, T> Reader<'_, K, T> {
    fn end(self, read: Arc<T>) {
        self.gathered.lock().entry(self.of.clone()).or_default().read = Some((self.number, read));
    }
}

impl<K: Ord + Clone, T> Drop for Reader<'_, K, T> {
    fn drop(&mut self) {
        let mut rounds = self.gathered.lock();
        rounds.entry(self.of.clone()).or_default().is_going_on = false;
        leave(&mut rounds, &self.of);
        self.gathered.is_over.notify_all();
    }
}

/// A reader leaves; the last one leaves nothing behind.
fn leave<K: Ord, T>(rounds: &mut BTreeMap<K, Round<T>>, of: &K) {
    let Some(round) = rounds.get_mut(of) else { return };
    round.readers -= 1;
    if round.readers == 0 {
        rounds.remove(of);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;
    use std::thread;

    use trial::Refusal;

    use super::Gathered;
    use crate::failure::Failure;

    /// Waits until so many have asked and not got it yet.
    fn until_readers(gathered: &Gathered<u8, u32>, count: usize) {
        while gathered.lock().get(&1).map_or(0, |round| round.readers) != count {
            thread::yield_now();
        }
    }

    #[test]
    fn who_asks_while_one_reads_shares_the_next_reading_with_all_who_wait() {
        let (gathered, readings) = (Gathered::<u8, u32>::default(), AtomicU32::new(0));
        let count = || Ok(readings.fetch_add(1, Ordering::SeqCst) + 1);
        let (go, wait) = channel::<()>();
        let (first, others) = thread::scope(|scope| {
            let (gathered, count) = (&gathered, &count);
            let slow = move || {
                wait.recv().expect("a word");
                count()
            };
            let first = scope.spawn(move || gathered.read(&1, slow));
            until_readers(gathered, 1);
            let others: Vec<_> = (0..5).map(|_| scope.spawn(move || gathered.read(&1, count))).collect();
            until_readers(gathered, 6);
            // Another thing is read meanwhile, and waits for nobody.
            assert_eq!(gathered.read(&2, || Ok(7)).ok().as_deref(), Some(&7));
            go.send(()).expect("the first one waits");
            let read = |one: thread::ScopedJoinHandle<'_, Result<Arc<u32>, Failure>>| {
                *one.join().expect("no panic").unwrap_or_else(|failure| panic!("{failure:?}"))
            };
            (read(first), others.into_iter().map(read).collect::<Vec<_>>())
        });
        assert_eq!((first, others), (1, vec![2; 5]), "one reading for the first, one for all others");
        assert!(gathered.lock().is_empty(), "nothing is kept");
        assert_eq!(gathered.read(&1, count).ok().as_deref(), Some(&3), "and who comes later reads anew");
    }

    #[test]
    fn a_reading_that_fails_fails_for_nobody_else() {
        let gathered = Gathered::<u8, u32>::default();
        for panics in [false, true] {
            let (go, wait) = channel::<()>();
            let (first, other) = thread::scope(|scope| {
                let gathered = &gathered;
                let first = scope.spawn(move || {
                    gathered.read(&1, move || {
                        wait.recv().expect("a word");
                        assert!(!panics, "a fault of the program");
                        Err(Refusal::Busy.into())
                    })
                });
                until_readers(gathered, 1);
                let other = scope.spawn(|| gathered.read(&1, || Ok(2)));
                until_readers(gathered, 2);
                go.send(()).expect("the first one waits");
                (first.join(), other.join().expect("no panic"))
            });
            assert_eq!(first.is_err(), panics);
            assert!(first.is_err() || first.is_ok_and(|read| read.is_err()));
            assert_eq!(other.ok().as_deref(), Some(&2));
            assert!(gathered.lock().is_empty(), "nothing is kept");
        }
    }
}
