//! What reveals a treatment, or leads to one, is read when it is asked for, and not because somebody came by: such a
//! read stands in the journal (BLD-14), so the page says so first.

use super::page::{Link, Page, Part};
use super::visitor::Standing;

/// A page that only unblinded people see.
pub(super) fn page(at: &Standing, title: impl Into<String>) -> Page {
    Page::unblinded(at, at.desk.now, title)
}

/// Whether what is read only when it is asked for is asked for.
pub(super) fn is_asked_for(at: &Standing) -> bool {
    at.visitor.here.asked("read").is_some()
}

/// The page that asks for treatments: what will be shown, and that the read is recorded.
pub(super) fn to_read(at: &Standing, title: impl Into<String>, what: &'static str) -> Page {
    asking(at, title, what, "recorded.treatments")
}

/// The same for what tells no treatment, and yet is for unblinded people alone.
pub(super) fn to_read_unblinded(at: &Standing, title: impl Into<String>, what: &'static str) -> Page {
    asking(at, title, what, "recorded.first")
}

fn asking(at: &Standing, title: impl Into<String>, what: &'static str, warning: &'static str) -> Page {
    let words = at.words();
    let read = Link::new(words.say("recorded.read"), format!("{}?read=yes", at.visitor.here.path)).main();
    page(at, title)
        .text(words.say(what))
        .part(Part::Warning(words.say(warning).to_owned()))
        .part(Part::Links(vec![read]))
}
