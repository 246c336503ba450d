//! `GET /studies/{study}/lists/{list}/envelopes`: a page to print for every position, with the treatment folded away.

use actix_web::get;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use service::Shared;
use service::lists::{self, Envelope, Envelopes};
use service::request::Caller;
use terms::{ListId, StudyId};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::posted::{Asks, named};
use crate::words::{Words, stratum};

const STYLE: &str = include_str!("../../pages/envelope.css");
/// The page is saved and printed elsewhere, so its style stands within it, and it may load and run nothing at all.
const NOTHING_BUT_ITS_STYLE: &str = concat!(
    "default-src 'none'; style-src 'unsafe-inline'; ",
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
);

/// Prints one envelope for every position of the list in use, as pages of A4: the lowest third is folded up over the
/// treatment. Every printing is recorded before it is answered. It is in the language of `Accept-Language`, with the
/// protocol's own words for the arm besides.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "A page for each position.", body = String, content_type = "text/html"),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/lists/{list}/envelopes")]
pub(super) async fn get(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    print(&service, caller, study, id, Words::asked(&request)).await
}

/// The envelopes of a list, printed.
pub(crate) async fn print(
    service: &Data<Shared>,
    caller: Caller,
    study: StudyId,
    id: ListId,
    words: Words,
) -> Answer {
    let service = service.clone();
    let printed = move || lists::envelopes(&service, &caller, &study, id).map(|all| pages(&all, words));
    let pages = run(printed).await?;
    let policy = (CONTENT_SECURITY_POLICY, NOTHING_BUT_ITS_STYLE);
    Ok(HttpResponse::Ok().content_type(ContentType::html()).insert_header(policy).body(pages))
}

fn pages(all: &Envelopes, words: Words) -> String {
    let (language, title) = (words.language(), words.fill("envelope.all", &[("study", &all.study)]));
    let head = format!("<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n");
    let mut text = format!("{head}<title>{}</title>\n", escaped(&title));
    text.push_str(&format!("<style>\n{STYLE}</style>\n</head>\n<body>\n"));
    for envelope in &all.envelopes {
        text.push_str(&page(all, envelope, words));
    }
    text.push_str("</body>\n</html>\n");
    text
}

fn page(all: &Envelopes, envelope: &Envelope, words: Words) -> String {
    let treatment = &envelope.treatment;
    let say = |key| escaped(words.say(key));
    let said = |text: &str| escaped(all.translations.say(words.0, text));
    format!(
        include_str!("../../pages/envelope.html"),
        head = escaped(&words.fill("envelope.one", &[("study", &all.study)])),
        title = said(&all.title),
        stratum = say("positions.stratum"),
        levels = escaped(&stratum(words, &all.translations, &envelope.levels)),
        position = say("subject.position"),
        colon = say("envelope.colon"),
        index = envelope.position,
        counted = say("envelope.counted"),
        list = say("list.id"),
        id = escaped(all.list.as_str()),
        site = say("subject.site"),
        subject = say("envelope.subject"),
        by = say("envelope.by"),
        at = say("envelope.at"),
        reason = say("break.reason"),
        treatment = say("break.treatment"),
        name = said(&treatment.name),
        protocol = say("break.in_the_protocol"),
        original = escaped(&treatment.name),
        substance = say("break.substance"),
        given = said(&treatment.substance),
        dose = say("break.dose"),
        amount = said(&treatment.dose),
        schedule = say("break.schedule"),
        when = said(&treatment.schedule),
    )
}

/// The words of a design are text, whatever signs stand in them.
fn escaped(text: &str) -> String {
    let sign = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(sign).collect()
}
