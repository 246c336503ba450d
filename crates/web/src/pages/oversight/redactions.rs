//! `GET, POST /studies/{study}/oversight/redactions`: texts that were typed by mistake, and proposing that one be
//! redacted.

use actix_web::web::{Data, Path};
use service::Shared;
use service::redact::{self, Redacted};
use strum::VariantArray;
use trial::{Action, RedactionReason};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::redactions::ProposeRedaction;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 6] = [
    "redaction.leaf",
    "redaction.why",
    "redaction.site",
    "redaction.proposed_by",
    "redaction.proposed_at",
    "redaction.confirmed",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (page, mut form) = (page(&service, &at).await?, form(&at));
    for field in &mut form.fields {
        at.visitor.here.asked(&field.name).unwrap_or_default().clone_into(&mut field.value);
    }
    page.form(form).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let (page, form) = (page(&service, &at).await?, sent.fill(form(&at)));
    if sent.is_resumed() {
        return page.form(form).answer();
    }
    let ordered = Ordered::at(&at, Action::ProposeRedaction, "/redactions");
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: ProposeRedaction| {
        redact::propose(service, envelope, body.into_command()?)
    });
    match done.await {
        Ok(_proposed) => go_on_having(&at.address("/oversight/redactions"), "redaction_proposed"),
        Err(problem) => sent.refused(|form| page.form(form), form, &problem),
    }
}

async fn page(service: &Data<Shared>, at: &Standing) -> Result<Page, Problem> {
    let all = all(service, at).await?;
    let rows = all.iter().map(|redacted| row(at, redacted)).collect();
    let words = at.words();
    Ok(Page::of_study(at, words.say("redactions.title"))
        .text(words.say("redactions.what"))
        .part(Part::table(Table::new(&at.visitor.here, "redactions", "redactions.title", &COLUMNS, rows)))
        .part(Part::Heading(words.say("redactions.propose").to_owned())))
}

/// The redactions that the visitor may see.
pub(super) async fn all(service: &Data<Shared>, at: &Standing) -> Result<Vec<Redacted>, Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || redact::all(&service, &caller, &study)).await
}

fn row(at: &Standing, redacted: &Redacted) -> Vec<Cell> {
    let words = at.words();
    let address = at.address(format_args!("/oversight/redactions/{}", redacted.id));
    let (by, when) = &redacted.proposed;
    vec![
        Cell::link(words.fill("journal.entry", &[("n", &redacted.leaf)]), address),
        Cell::text(words.code("redaction_reason", redacted.why)),
        Cell::maybe(redacted.site.as_ref()),
        Cell::text(by),
        Cell::text(face::time(*when, at.zone())),
        match &redacted.confirmed {
            Some((_, by, when)) => Cell::text(format_args!("{by}, {}", face::time(*when, at.zone()))),
            None => Cell::text(words.say("redaction.open")).badge("note"),
        },
    ]
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let why = RedactionReason::VARIANTS.iter();
    let why = why.map(|why| (why.to_string(), words.code("redaction_reason", why))).collect();
    let commitment = Field::new("commitment", words.say("redaction.commitment"), Kind::Text).optional();
    let fields = vec![
        Field::new("leaf", words.say("redaction.leaf"), Kind::Number).hint(words.say("redaction.leaf_hint")),
        commitment.hint(words.say("redaction.commitment_hint")),
        Field::new("why", words.say("redaction.why"), Kind::Radio(why)),
    ];
    Form::of(&at.visitor, fields, words.say("redactions.propose"))
        .signed(words.say("redaction.propose_meaning"))
}
