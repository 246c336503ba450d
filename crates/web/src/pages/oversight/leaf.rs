//! `GET /studies/{study}/oversight/journal/{leaf}`: one entry, its record to the letter, and the proof that it is in
//! the journal.

use actix_web::web::{Data, Path};
use journal::Entry;
use service::Shared;
use service::journal::{self as use_case, Proved};
use trial::{Action, Refusal};

use super::told::{Told, told};
use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::visitor::{Standing, Visitor};

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let index: u64 = path.1.parse().map_err(|_malformed| Refusal::NotFound)?;
    let (caller, study) = (at.caller(), at.study());
    let proved = run(move || use_case::proved(&service, &caller, &study, index)).await?;
    let words = at.words();
    let page = Page::of_study(&at, words.fill("journal.entry", &[("n", &index)]));
    let page = match &proved.entry {
        Entry::Leaf(leaf) => record(&at, page, leaf),
        Entry::Hash(_) => page.text(words.say("journal.hidden_what")),
    };
    proof(&at, page, &proved).part(Part::Links(links(&at, &proved))).answer()
}

fn record(at: &Standing, page: Page, leaf: &str) -> Page {
    let words = at.words();
    let Told { what, who, saved, happened, site } = told(at, leaf);
    let facts = [
        ("journal.what", Some(what)),
        ("journal.who", Some(who)),
        ("journal.saved", Some(saved)),
        ("journal.happened", happened),
        ("journal.site", site),
    ];
    let facts = facts.into_iter().filter_map(|(key, value)| Some((key, value?)));
    page.part(Part::facts(words, facts)).part(Part::code(words, "journal.record", leaf))
}

fn proof(at: &Standing, page: Page, proved: &Proved) -> Page {
    let words = at.words();
    let path: Vec<String> = proved.proof.iter().map(ToString::to_string).collect();
    page.part(Part::code(words, "journal.hash", proved.entry.hash().to_string()))
        .part(Part::Heading(words.say("journal.proof").to_owned()))
        .text(words.fill("journal.proof_what", &[("size", &proved.head.size)]))
        .part(Part::code(words, "journal.path", path.join("\n")))
        .part(Part::code(words, "journal.root", proved.head.root.to_string()))
}

fn links(at: &Standing, proved: &Proved) -> Vec<Link> {
    let words = at.words();
    let to =
        |word, index: u64| Link::new(words.say(word), at.address(format_args!("/oversight/journal/{index}")));
    let later = Some(proved.index.saturating_add(1)).filter(|index| *index < proved.head.size);
    let redact = at.may(Action::ProposeRedaction) && matches!(proved.entry, Entry::Leaf(_));
    let redact = redact.then(|| {
        let address = at.address(format_args!("/oversight/redactions?leaf={}", proved.index));
        Link::new(words.say("redactions.propose"), address)
    });
    let earlier = proved.index.checked_sub(1).map(|index| to("journal.earlier", index));
    let later = later.map(|index| to("journal.later", index));
    let back = Link::new(words.say("journal.title"), at.address("/oversight/journal"));
    [earlier, later, Some(back), redact].into_iter().flatten().collect()
}
