//! One file per noun: plain functions over rows, without any rule of the trial.
//!
//! A function that writes takes the [`Tx`](crate::Tx) and writes into the tree or the study whose lock it holds, so
//! nothing of a study can be written under the lock of another.

pub mod checkpoint;
pub mod data_key;
pub mod design;
pub mod leaf;
pub mod notice;
pub mod opening;
pub mod receipt;
pub mod role;
pub mod session;
pub mod study;
