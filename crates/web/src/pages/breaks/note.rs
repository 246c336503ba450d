//! `GET, POST /studies/{study}/breaks/{unblinding}`: what happened, in words, after the emergency.

use actix_web::web::{Data, Path};
use service::Shared;
use service::unblind::{self, Listed};
use trial::{Action, Refusal};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::unblindings::NoteUnblinding;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, listed) = load(&service, &path, visitor).await?;
    let form = at.may(Action::NoteUnblinding).then(|| form(&at));
    match form {
        Some(form) => page(&at, &listed).form(form).answer(),
        None => page(&at, &listed).answer(),
    }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, listed) = load(&service, &path, sent.visitor.clone()).await?;
    let address = format!("/unblindings/{}/notes", listed.id);
    let ordered = Ordered::at(&at, Action::NoteUnblinding, address);
    let id = listed.id.clone();
    let page = |form| page(&at, &listed).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, body: NoteUnblinding| {
        unblind::note(service, envelope, id, body.text)
    });
    match done.await {
        Ok(_noted) => go_on_having(&at.address("/breaks"), "noted"),
        Err(answer) => answer,
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, Listed), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let (caller, study, service) = (at.caller(), at.study(), service.clone());
    let listed = run(move || unblind::list(&service, &caller, &study)).await?;
    let listed = listed.into_iter().find(|listed| listed.id.as_str() == path.1);
    Ok((at, listed.ok_or(Refusal::NotFound)?))
}

fn page(at: &Standing, listed: &Listed) -> Page {
    let words = at.words();
    let noted = words.say(if listed.is_noted { "breaks.noted" } else { "breaks.not_noted" });
    let facts = [
        ("break.broken_at", face::time(listed.at, at.zone_of(&listed.site))),
        ("break.broken_by", listed.by.to_string()),
        ("break.reason", words.code("break_reason", listed.reason)),
        ("breaks.found_by", words.code("found_by", listed.found_by)),
        ("breaks.note", noted.to_owned()),
    ];
    let facts = facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec();
    let subject = at.address(format_args!("/subjects/{}", listed.subject));
    let links = vec![
        Link::new(words.say("break.subject"), subject),
        Link::new(words.say("breaks.title"), at.address("/breaks")),
    ];
    Page::of_study(at, words.fill("note.of", &[("subject", &listed.subject)]))
        .part(Part::Facts(facts))
        .part(Part::Links(links))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let text = Field::new("text", words.say("note.text"), Kind::Paragraph).hint(words.say("note.hint"));
    Form::of(&at.visitor, vec![text], words.say("note.button"))
}
