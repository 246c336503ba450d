//! One file per noun: plain functions over rows.

pub mod leaf;
