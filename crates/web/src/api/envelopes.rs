//! `GET /studies/{study}/lists/{list}/envelopes`: a page to print for every position, with the treatment folded away.

use actix_web::HttpResponse;
use actix_web::get;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};
use actix_web::web::{Data, Path};
use service::Shared;
use service::lists::{self, Envelope, Envelopes};
use service::request::Caller;
use terms::{ListId, StudyId};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::posted::{Asks, named};

const STYLE: &str = include_str!("../../pages/envelope.css");
/// The page is saved and printed elsewhere, so its style stands within it, and it may load and run nothing at all.
const NOTHING_BUT_ITS_STYLE: &str = concat!(
    "default-src 'none'; style-src 'unsafe-inline'; ",
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
);

/// Prints one envelope for every position of the list in use, as pages of A4: the lowest third is folded up over the
/// treatment. Every printing is recorded before it is answered.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "A page for each position.", body = String, content_type = "text/html"),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/lists/{list}/envelopes")]
pub(super) async fn get(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    print(&service, caller, study, id).await
}

/// The envelopes of a list, printed.
pub(crate) async fn print(service: &Data<Shared>, caller: Caller, study: StudyId, id: ListId) -> Answer {
    let service = service.clone();
    let pages = run(move || lists::envelopes(&service, &caller, &study, id).map(|all| pages(&all))).await?;
    let policy = (CONTENT_SECURITY_POLICY, NOTHING_BUT_ITS_STYLE);
    Ok(HttpResponse::Ok().content_type(ContentType::html()).insert_header(policy).body(pages))
}

fn pages(all: &Envelopes) -> String {
    let study = escaped(all.study.as_str());
    let head = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    let mut text = format!("{head}<title>{study}: sealed treatment codes</title>\n");
    text.push_str(&format!("<style>\n{STYLE}</style>\n</head>\n<body>\n"));
    for envelope in &all.envelopes {
        text.push_str(&page(all, envelope));
    }
    text.push_str("</body>\n</html>\n");
    text
}

fn page(all: &Envelopes, envelope: &Envelope) -> String {
    let treatment = &envelope.treatment;
    format!(
        include_str!("../../pages/envelope.html"),
        study = escaped(all.study.as_str()),
        title = escaped(&all.title),
        list = escaped(all.list.as_str()),
        stratum = escaped(&envelope.stratum),
        position = envelope.position,
        name = escaped(&treatment.name),
        substance = escaped(&treatment.substance),
        dose = escaped(&treatment.dose),
        schedule = escaped(&treatment.schedule),
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
