//! The journal of a study as its readers see it: in pages, as a signed checkpoint, and as a whole file.

mod checkpoint;
mod export;
mod mailing;
mod openings;
mod read;
mod search;
mod self_check;

pub use ::journal::Entry;
pub(crate) use checkpoint::sign;
pub use checkpoint::{Checkpoints, Signed, checkpoint, checkpoints};
pub use export::{Exporting, export};
pub(crate) use mailing::mail_checkpoint;
pub use mailing::mail_checkpoints;
pub(crate) use read::leaves;
pub use read::{MOST_LEAVES, Page, Proved, page, proved};
pub use search::{Course, Found, search};
pub use self_check::{Checked, SelfCheck, self_check};
