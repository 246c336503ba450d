//! The pages of the pharmacy at a site: who is due, what comes back, and the account of every kit.

mod accountability;
mod check;
mod destruction;
mod disposals;
mod incident;
mod kit;
mod places;
mod reconciliation;
mod replacement;
mod returned;
mod set_aside;
mod today;
mod units;

use terms::KitNumber;

use super::form::Form;
use super::page::{Link, Part};
use super::table::Cell;
use super::visitor::Standing;
use crate::face;
use crate::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/today", |at| at.get(today::show)),
    ("/studies/{study}/accountability", |at| at.get(accountability::of_places)),
    ("/studies/{study}/kits/set-aside", |at| at.get(set_aside::show).post(set_aside::submit)),
    ("/studies/{study}/kits/disposals", |at| at.get(disposals::show)),
    ("/studies/{study}/kits/reconciliations/new", |at| {
        at.get(reconciliation::new).post(reconciliation::sign)
    }),
    ("/studies/{study}/kits/reconciliations/{reconciliation}", |at| {
        at.get(reconciliation::show).post(reconciliation::confirm)
    }),
    ("/studies/{study}/kits/destructions/new", |at| at.get(destruction::new).post(destruction::propose)),
    ("/studies/{study}/kits/destructions/{destruction}", |at| {
        at.get(destruction::show).post(destruction::authorize)
    }),
    ("/studies/{study}/kits/{kit}", |at| at.get(kit::show)),
    ("/studies/{study}/kits/{kit}/incident", |at| at.get(incident::show).post(incident::submit)),
    ("/studies/{study}/kits/{kit}/replacement", |at| at.get(replacement::show).post(replacement::submit)),
    ("/studies/{study}/kits/{kit}/return", |at| at.get(returned::show).post(returned::submit)),
    ("/studies/{study}/subjects/{subject}/accountability", |at| at.get(accountability::of_subject)),
    ("/studies/{study}/subjects/{subject}/check", |at| at.get(check::show).post(check::submit)),
    ("/studies/{study}/subjects/{subject}/units", |at| at.get(units::show).post(units::submit)),
    ("/studies/{study}/subjects/{subject}/units/{unit}", |at| {
        at.get(units::show_one).post(units::throw_away)
    }),
];

/// Facts by the keys of their names.
fn facts(words: Words, facts: impl IntoIterator<Item = (&'static str, String)>) -> Part {
    Part::Facts(facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect())
}

/// The number of a kit, with the way to its page.
pub(super) fn kit_cell(at: &Standing, number: &KitNumber) -> Cell {
    Cell::link(face::kit(number), at.address(format_args!("/kits/{number}")))
}

/// Kits one after the other.
fn numbers(kits: &[KitNumber]) -> String {
    kits.iter().map(face::kit).collect::<Vec<_>>().join(", ")
}

/// The same page as a file: with every column, and to be printed. What else is asked of the page stays asked.
fn files(at: &Standing, address: &str) -> Vec<Link> {
    let join = if address.contains('?') { '&' } else { '?' };
    let file = |word, format: &str| {
        Link::new(at.words().say(word), format!("{address}{join}format={format}")).file()
    };
    vec![file("account.print", "pdf"), file("account.table", "csv")]
}

/// The form on which what will be used is read once more, and signed.
fn to_sign(
    words: Words,
    form: Form,
    facts: Vec<(&'static str, String)>,
    meaning: &str,
    submit: &str,
) -> Form {
    let form = form.into_confirmation(words).signed(meaning);
    let facts = facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect();
    Form { submit: submit.to_owned(), facts, is_grave: true, ..form }
}
