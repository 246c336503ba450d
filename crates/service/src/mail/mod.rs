//! Mail: notices that say what happened, in typed words, and the ways in which they leave the house.
//!
//! A [`Mail`] can be written from a notice alone, and what a [`BlindedNotice`] tells has no field that could
//! hold a treatment (NOT-01). No notice has a field for a name, initials or a birth date (NOT-08).

mod event;
mod letter;
mod mailer;
mod notice;
mod text;

pub use event::{BlindedEvent, CheckpointNote, FactorChange, RaisedAlert, UnblindedEvent};
pub use letter::{BadAddress, EmailAddress, Letterhead, Mail};
pub use mailer::{MailError, Mailer};
pub use notice::{BadRow, BlindedNotice, Event, Notice, NoticeRow, UnblindedNotice};
