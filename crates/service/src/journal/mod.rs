//! The journal of a study as its readers see it: in pages, as a signed checkpoint, and as a whole file.

mod checkpoint;
mod export;
mod mailing;
mod openings;
mod read;

pub use ::journal::Entry;
pub use checkpoint::checkpoint;
pub(crate) use checkpoint::sign;
pub use export::export;
pub(crate) use mailing::mail_checkpoint;
pub use mailing::mail_checkpoints;
pub(crate) use read::leaves;
pub use read::{MOST_LEAVES, Page, page};
