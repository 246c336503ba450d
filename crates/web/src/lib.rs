//! HTTP: it parses, calls one use case, and renders. It decides nothing, opens no connection to the database, and its
//! blinded answers have no field in which an arm could stand.

mod answer;
mod api;
mod by_name;
mod face;
mod file;
mod openapi;
mod pages;
mod peer;
mod posted;
mod problem;
mod server;
mod spreadsheet;
mod trace;
mod words;

pub use openapi::document;
pub use pages::addresses;
pub use problem::Problem;
pub use server::{Serving, app, run};
