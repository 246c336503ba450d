//! `GET, POST /studies/{study}/emergency-break`: a code is broken in one request, with no log-in before it, also while
//! the database cannot be written.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::people::Attempt;
use service::unblind::{self, Emergency, Revealed};
use terms::StudyId;

use super::{fields, shown};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::unblindings::EmergencyUnblind;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part};
use crate::pages::sent::SentByAnybody;
use crate::pages::visitor::Here;
use crate::posted::{Posted, named};

pub(in crate::pages) async fn show(request: HttpRequest, path: Path<String>) -> Answer {
    let (here, study) = (Here::of(&request), named(&path)?);
    page(&here, &study).form(form(&here)).answer()
}

pub(in crate::pages) async fn submit(
    service: Data<Shared>,
    path: Path<String>,
    sent: SentByAnybody,
) -> Answer {
    let study: StudyId = named(&path)?;
    let here = &sent.here;
    let form = sent.typed.fill(form(here));
    if let Some(form) = super::unfilled(here.words, &form) {
        return page(here, &study).form(form).with(StatusCode::UNPROCESSABLE_ENTITY);
    }
    match ask(&service, &study, &sent, &form).await {
        Ok(revealed) => treatment(here, &sent, &revealed).answer(),
        Err(problem) => {
            let words = here.words;
            let nowhere = problem.status().is_server_error();
            let nowhere = nowhere.then(|| Part::Warning(words.say("emergency.nowhere").to_owned()));
            let form = super::unknown(words, form, &problem).refused(words, &problem);
            page(here, &study).parts(nowhere).form(form).text(here.request()).with(problem.status())
        }
    }
}

async fn ask(
    service: &Data<Shared>,
    study: &StudyId,
    sent: &SentByAnybody,
    form: &Form,
) -> Result<Revealed, Problem> {
    let address = format!("/api/v1/studies/{study}/emergency-unblindings");
    let body = serde_json::to_vec(&form.json()).map_err(|_never| Problem::internal())?;
    let posted = Posted::<EmergencyUnblind>::of_form(&address, &body, form.key.clone())?;
    let (key, body) = posted.into_keyed()?;
    let (login, password, asked) = body.parts();
    let (lookup, reason) = (asked.lookup()?, asked.reason()?);
    let asked = Emergency { study: study.clone(), key, login, lookup, reason };
    let (attempt, service) = (Attempt { password, from: sent.from }, service.clone());
    let revealed = run(move || unblind::emergency(&service, asked, &attempt)).await;
    revealed.map_err(Problem::without_way_out)
}

fn page(here: &Here, study: &StudyId) -> Page {
    let words = here.words;
    Page::public(here, words.fill("emergency.of", &[("study", study)]))
        .part(Part::Warning(words.say("break.what").to_owned()))
        .text(words.say("emergency.what"))
        .text(words.say("break.one_number"))
}

fn form(here: &Here) -> Form {
    let words = here.words;
    let login = Field::new("login", words.say("log_in.name"), Kind::Name);
    let password = Field::new("password", words.say("log_in.password"), Kind::Password);
    let fields = fields(words).chain([login, password]).collect();
    Form { is_grave: true, ..Form::new(here, "", fields, words.say("break.button")) }
}

fn treatment(here: &Here, sent: &SentByAnybody, revealed: &Revealed) -> Page {
    let words = here.words;
    let login = sent.typed.get("login").unwrap_or_default();
    let time = face::time(revealed.looked_at, revealed.zone);
    let log_in = Link::new(words.say("log_in.title"), "/log-in");
    Page::unblinded_at_once(here, login, &time, words.say("break.shown"))
        .parts(shown::parts(words, revealed))
        .text(words.say("break.afterwards"))
        .part(Part::Links(vec![log_in]))
}
