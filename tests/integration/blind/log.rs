//! The log of this process, in memory: the lines of a trial are told from those of other tests by the ids of
//! its requests.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// All that our own crates say, however unimportant.
const LEVELS: &str =
    "web=trace,service=trace,store=trace,iwrs=trace,trial=trace,ledger=trace,allocator=trace,journal=trace";

static LINES: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

/// Starts to keep the log, in the form in which the product writes it but without the time of the machine.
pub(super) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(LEVELS)).with_writer(Memory);
        lines.with_ansi(false).with_target(false).without_time().init();
    });
}

/// The lines under these requests' ids, and those that this thread has written; they are not given again.
pub(super) fn take(requests: &BTreeSet<String>) -> Vec<String> {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let (taken, kept) = std::mem::take(&mut *lines).into_iter().partition(|(thread, line)| {
        *thread == thread::current().id() || request_of(line).is_some_and(|id| requests.contains(id))
    });
    *lines = kept;
    taken.into_iter().map(|(_, line): (ThreadId, String)| line).collect()
}

fn request_of(line: &str) -> Option<&str> {
    line.split_once("request_id=")?.1.split('}').next()
}

struct Memory;

impl io::Write for Memory {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line).into_owned();
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push((thread::current().id(), text));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Memory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
