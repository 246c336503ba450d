//! The pages of those who watch a study without treating: enrolment, sites, alerts, holds, the journal and its exports.
//!
//! All of them are blinded, whoever looks: the journal holds commitments in place of what reveals a treatment. Only
//! what an unblinded person wrote is for unblinded eyes alone, and a page with such a text looks like it.

mod alert;
mod alerts;
mod checkpoints;
mod design;
mod export;
mod hold;
mod holds;
mod journal;
mod leaf;
mod overview;
mod people;
mod redaction;
mod redactions;
mod self_check;
mod told;

pub(super) use alerts::known;

use super::page::Page;
use super::visitor::Standing;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/alerts", |at| at.get(alerts::show)),
    ("/studies/{study}/alerts/{alert}", |at| at.get(alert::show).post(alert::submit)),
    ("/studies/{study}/oversight", |at| at.get(overview::show)),
    ("/studies/{study}/oversight/holds", |at| at.get(holds::show).post(holds::submit)),
    ("/studies/{study}/oversight/holds/{hold}", |at| at.get(hold::show).post(hold::submit)),
    ("/studies/{study}/oversight/design", |at| at.get(design::show)),
    ("/studies/{study}/oversight/people", |at| at.get(people::show)),
    ("/studies/{study}/oversight/journal", |at| at.get(journal::show)),
    ("/studies/{study}/oversight/journal/{leaf}", |at| at.get(leaf::show)),
    ("/studies/{study}/oversight/checkpoints", |at| at.get(checkpoints::show).post(checkpoints::submit)),
    ("/studies/{study}/oversight/self-check", |at| at.get(self_check::show)),
    ("/studies/{study}/oversight/export", |at| at.get(export::show)),
    ("/studies/{study}/oversight/redactions", |at| at.get(redactions::show).post(redactions::submit)),
    ("/studies/{study}/oversight/redactions/{redaction}", |at| {
        at.get(redaction::show).post(redaction::submit)
    }),
];

/// A page; one with something on it that blinded people do not see looks different.
fn page(at: &Standing, title: impl Into<String>, is_unblinded: bool) -> Page {
    if is_unblinded { Page::unblinded(at, at.desk.now, title) } else { Page::of_study(at, title) }
}
