//! `GET, POST /me/sessions`, `GET, POST /people/{user}/sessions`: where somebody is logged in, and how that is ended.

use actix_web::web::{Data, Path};
use service::Shared;
use service::people::sessions::{self, Live};
use terms::UserId;

use super::{address, time};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::live::EndSessions;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::Sent;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;
use crate::posted::named;

const COLUMNS: [&str; 4] = ["sessions.kind", "sessions.last_used", "sessions.ends", "sessions.this"];

/// Whose sessions: the visitor's own, or those of somebody else.
type Whose = Option<UserId>;

pub(in crate::pages) async fn show_own(service: Data<Shared>, visitor: Visitor) -> Answer {
    shown(&service, visitor, None).await
}

pub(in crate::pages) async fn show_of(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    shown(&service, visitor, Some(named(&path)?)).await
}

pub(in crate::pages) async fn end_own(service: Data<Shared>, sent: Sent) -> Answer {
    ended(&service, &sent, None).await
}

pub(in crate::pages) async fn end_of(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    ended(&service, &sent, Some(named(&path)?)).await
}

async fn shown(service: &Data<Shared>, visitor: Visitor, whose: Whose) -> Answer {
    let live = live(service, &visitor, &whose).await?;
    let form = form(&visitor, &whose, &live);
    page(&visitor, &whose, &live).form(form).answer()
}

async fn ended(service: &Data<Shared>, sent: &Sent, whose: Whose) -> Answer {
    let visitor = &sent.visitor;
    let live = live(service, visitor, &whose).await?;
    let form = sent.fill(form(visitor, &whose, &live));
    if sent.is_resumed() {
        return page(visitor, &whose, &live).form(form).answer();
    }
    let done = async {
        let which = form.read::<EndSessions>()?.which()?;
        let (service, caller, whose) = (service.clone(), visitor.visit.caller.clone(), whose.clone());
        run(move || match whose {
            Some(user) => sessions::end_of(&service, &caller, user, which),
            None => sessions::end_own(&service, &caller, which),
        })
        .await
    };
    match done.await {
        Ok(_ended) => go_on_having(&place(&whose), "sessions"),
        Err(problem) => sent.refused(|form| page(visitor, &whose, &live).form(form), form.clone(), &problem),
    }
}

async fn live(service: &Data<Shared>, visitor: &Visitor, whose: &Whose) -> Result<Vec<Live>, Problem> {
    let (service, caller, whose) = (service.clone(), visitor.visit.caller.clone(), whose.clone());
    run(move || match whose {
        Some(user) => sessions::sessions_of(&service, &caller, &user),
        None => sessions::own_sessions(&service, &caller),
    })
    .await
}

fn place(whose: &Whose) -> String {
    whose.as_ref().map_or_else(|| "/me/sessions".to_owned(), |user| address(user, "/sessions"))
}

fn page(visitor: &Visitor, whose: &Whose, live: &[Live]) -> Page {
    let words = visitor.words();
    let title = match whose {
        Some(user) => words.fill("sessions.of", &[("user", user)]),
        None => words.say("sessions.own").to_owned(),
    };
    let rows = live.iter().map(|of| {
        vec![
            Cell::text(kind(visitor, of)),
            Cell::text(time(of.last_used_at)),
            Cell::text(time(of.ends_at)),
            Cell::text(words.yes_no(of.is_this)),
        ]
    });
    let table = Table::new(&visitor.here, "sessions", "sessions.live", &COLUMNS, rows.collect());
    Page::personal(visitor, title).part(Part::table(table))
}

fn kind(visitor: &Visitor, of: &Live) -> &'static str {
    visitor.words().say(if of.is_browser { "sessions.browser" } else { "sessions.program" })
}

/// One of them or all; one's own session is ended by logging out.
fn form(visitor: &Visitor, whose: &Whose, live: &[Live]) -> Form {
    let words = visitor.words();
    let all = if whose.is_some() { "sessions.all" } else { "sessions.all_others" };
    let others = live.iter().filter(|of| whose.is_some() || !of.is_this);
    let one = others.map(|of| {
        let (kind, at) = (kind(visitor, of), time(of.last_used_at));
        (of.id.to_string(), words.fill("sessions.one", &[("kind", &kind), ("at", &at)]))
    });
    let options = std::iter::once((String::new(), words.say(all).to_owned())).chain(one).collect();
    let which = Field::new("session", words.say("sessions.which"), Kind::Radio(options));
    Form { is_grave: true, ..Form::of(visitor, vec![which], words.say("sessions.end_button")) }
}
