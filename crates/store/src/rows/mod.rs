//! One file per noun: plain functions over rows, without any rule of the trial.
//!
//! A function that writes takes the [`Tx`](crate::Tx) and writes into the tree or the study whose lock it holds, so
//! nothing of a study can be written under the lock of another.

pub mod account_receipt;
pub mod alert;
pub mod batch;
pub mod batch_expiry;
pub mod batch_recall;
pub mod checkpoint;
pub mod compared;
pub mod data_key;
pub mod depot;
pub mod design;
pub mod destruction;
pub mod dispensation;
pub mod hold;
pub mod kit;
pub mod kit_count;
pub mod kit_reconciliation;
pub mod label_print;
pub mod leaf;
pub mod list;
pub mod lot;
pub mod meant;
pub mod movement;
pub mod notice;
pub mod opening;
pub mod packing;
pub mod password;
pub mod person;
pub mod projection;
pub mod randomization;
pub mod receipt;
pub mod redaction;
pub mod replacement;
pub mod reset_proposal;
pub mod resupply;
pub mod role;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod shipment;
pub mod site;
pub mod study;
pub mod subject;
pub mod tally;
pub mod unblinding;
pub mod unit;
pub mod visit;
