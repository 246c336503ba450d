//! The study design: the public part, which anyone may read, and the sealed part, which nobody blinded may.
//!
//! Both are TOML files. They are parsed, not validated: a [`StudyDesign`] or [`SealedDesign`] that exists is whole
//! and consistent, and a file that is not gives every one of its [`Problem`]s at once, each with its path.
//! The third part of a study, its sites and people, is rows and not a file.

mod arms;
mod assumptions;
mod blinding;
mod criteria;
mod days;
mod describe;
mod design;
mod fields;
mod label;
mod preparations;
mod schedule;
mod sealed;
mod strata;
mod supply;
#[cfg(test)]
mod tests;
mod thresholds;
mod translations;
mod visible;

pub use arms::ArmWords;
pub use assumptions::Assumption;
pub use blinding::{BlindingRow, Treatment};
pub use criteria::{Ages, Criterion};
pub use design::{Allocation, Regime, Registration, StudyDesign};
pub use fields::Problem;
pub use label::{ITEMS, Label, LabelWords};
pub use preparations::Preparation;
pub use schedule::{AfterUnblinding, Anchor, Course, Dispensing, Schedule, Visit};
pub use sealed::{KitContents, KitTypeWords, SealedDesign};
pub use strata::{BadLevels, Factor, Levels};
pub use supply::{SAMPLE_KITS, Supply, weekday_name};
pub use thresholds::Thresholds;
pub use translations::Translations;
pub use visible::{Unseen, Visible, lint, problem as visible_problem, separating};
