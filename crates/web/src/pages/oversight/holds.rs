//! `GET, POST /studies/{study}/oversight/holds`: what is on hold, and stopping something at once.

use actix_web::web::{Data, Path};
use service::Shared;
use service::holds::{self, Hold};
use strum::VariantArray;
use trial::{Action, HoldOn};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::holds::PlaceHold;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 6] =
    ["hold.on", "hold.where", "hold.placed_by", "hold.placed_at", "hold.released_at", "hold.reason"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let page = page(&service, &at).await?;
    if at.may(Action::PlaceHold) { page.form(form(&at)).answer() } else { page.answer() }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let (page, form) = (page(&service, &at).await?, sent.fill(form(&at)));
    if sent.is_resumed() {
        return page.form(form).answer();
    }
    let ordered = Ordered::at(&at, Action::PlaceHold, "/holds");
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: PlaceHold| {
        holds::place(service, envelope, body.on()?, body.site()?, body.reason)
    });
    match done.await {
        Ok(_hold) => go_on_having(&at.address("/oversight/holds"), "held"),
        Err(problem) => sent.refused(|form| page.form(form), form, &problem),
    }
}

async fn page(service: &Data<Shared>, at: &Standing) -> Result<Page, Problem> {
    let all = all(service, at).await?;
    let rows = all.iter().map(|hold| row(at, hold)).collect();
    let table = Table::new(&at.visitor.here, "holds", "holds.title", &COLUMNS, rows);
    let words = at.words();
    let has_reasons = all.iter().any(|hold| hold.reason.is_some());
    Ok(super::page(at, words.say("holds.title"), has_reasons)
        .text(words.say("holds.what"))
        .part(Part::table(table)))
}

/// The holds that concern the visitor, released ones too.
pub(super) async fn all(service: &Data<Shared>, at: &Standing) -> Result<Vec<Hold>, Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || holds::all(&service, &caller, &study)).await
}

fn row(at: &Standing, hold: &Hold) -> Vec<Cell> {
    let on = at.words().code("hold", hold.on);
    let on = match hold.released_at {
        None => Cell::link(on, at.address(format_args!("/oversight/holds/{}", hold.id))),
        Some(_) => Cell::text(on),
    };
    let released = match hold.released_at {
        None => Cell::text(at.words().say("hold.in_force")).badge("bad"),
        Some(moment) => Cell::text(face::time(moment, at.zone())),
    };
    vec![
        on,
        Cell::text(site(at, hold)),
        Cell::text(&hold.placed_by),
        Cell::text(face::time(hold.placed_at, at.zone())),
        released,
        Cell::maybe(hold.reason.as_ref()),
    ]
}

/// Where a hold is in force.
pub(super) fn site(at: &Standing, hold: &Hold) -> String {
    let whole = || at.words().say("hold.whole_study").to_owned();
    hold.site.as_ref().map_or_else(whole, ToString::to_string)
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let on = HoldOn::VARIANTS.iter().map(|on| (on.to_string(), words.code("hold", on))).collect();
    let sites = at.desk.sites.iter().map(|site| (site.id.to_string(), format!("{} {}", site.id, site.name)));
    let site = Field::new("site", words.say("hold.site"), Kind::Choice(sites.collect()));
    let fields = vec![
        Field::new("on", words.say("hold.on"), Kind::Radio(on)),
        site.hint(words.say("hold.site_hint")).optional(),
        Field::new("reason", words.say("hold.reason"), Kind::Text).hint(words.say("hold.reason_hint")),
    ];
    Form { is_grave: true, ..Form::of(&at.visitor, fields, words.say("hold.place")) }
}
