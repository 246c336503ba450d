//! The one integration binary: everything that crosses a room.

mod authorization;
mod bad_input;
mod blind;
mod crash;
mod harness;
mod interface;
mod journal;
mod json_log;
mod kits;
mod lists;
mod malformed;
mod moved;
mod notices;
mod once;
mod operator;
mod people;
mod randomization;
mod record;
mod second_implementation;
mod store;
mod study;
mod subjects;
mod tidy;
mod trust;
mod unblinded_supply;
mod unblinding;
