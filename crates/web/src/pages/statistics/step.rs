//! `GET, POST /studies/{study}/statistics/lists/{list}/approval`, `.../activation`, `.../discard`: the next step in the
//! life of a list, each signed.

use actix_web::web::{Data, Path};
use service::Shared;
use service::lists::{self, List};
use trial::{Action, Refusal};

use super::list::{facts, find};
use crate::Problem;
use crate::answer::Answer;
use crate::api::lists::{DiscardList, ListAct};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::recorded::page;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

type At = Path<(String, String, String)>;

/// A step in the life of a list, by its address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Approval,
    Activation,
    Discard,
}

impl Step {
    fn named(name: &str) -> Result<Self, Problem> {
        match name {
            "approval" => Ok(Self::Approval),
            "activation" => Ok(Self::Activation),
            "discard" => Ok(Self::Discard),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Approval => Action::ApproveList,
            Self::Activation => Action::ActivateList,
            Self::Discard => Action::DiscardList,
        }
    }

    /// What it is called, what it does, and what is signed.
    const fn words(self) -> [&'static str; 3] {
        match self {
            Self::Approval => ["list.approve", "list.approve_what", "list.approve_meaning"],
            Self::Activation => ["list.activate", "list.activate_what", "list.activate_meaning"],
            Self::Discard => ["list.discard", "list.discard_what", "list.discard_meaning"],
        }
    }
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (list, step) = (find(&service, &at, &path.1).await?, Step::named(&path.2)?);
    to_sign(&at, &list, step).form(form(&at, step)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path.0).await?;
    let (list, step) = (find(&service, &at, &path.1).await?, Step::named(&path.2)?);
    let form = sent.fill(form(&at, step));
    if sent.is_resumed() {
        return to_sign(&at, &list, step).form(form).answer();
    }
    match taken(&service, &at, &sent, &form, (&list, step)).await {
        Ok(done) => {
            let what = done.state.to_string();
            go_on_having(&at.address(format_args!("/statistics/lists/{}", done.id)), &what)
        }
        Err(problem) => sent.refused(|form| to_sign(&at, &list, step).form(form), form, &problem),
    }
}

/// The step is taken.
async fn taken(
    service: &Data<Shared>,
    at: &Standing,
    sent: &Sent,
    form: &Form,
    (list, step): (&List, Step),
) -> Result<List, Problem> {
    let to = |rest| Ordered::at(at, step.action(), format_args!("/lists/{}/{rest}", list.id));
    let id = list.id.clone();
    match step {
        Step::Approval => {
            let act = |service: &Shared, envelope, ListAct {}| lists::approve(service, envelope, id);
            sent.act(service, form, &to("approval"), act).await
        }
        Step::Activation => {
            let act = |service: &Shared, envelope, ListAct {}| lists::activate(service, envelope, id);
            sent.act(service, form, &to("activation"), act).await
        }
        Step::Discard => {
            let act = |service: &Shared, envelope, body: DiscardList| {
                lists::discard(service, envelope, id, body.reason)
            };
            sent.act(service, form, &to("discard"), act).await
        }
    }
}

fn to_sign(at: &Standing, list: &List, step: Step) -> Page {
    let words = at.words();
    let [title, what, _] = step.words();
    let title = format!("{}: {}", words.say(title), words.fill("list.title", &[("list", &list.id)]));
    page(at, title).text(words.say(what)).part(facts(at, list))
}

fn form(at: &Standing, step: Step) -> Form {
    let words = at.words();
    let [title, _, meaning] = step.words();
    let reason = Field::new("reason", words.say("list.reason"), Kind::Text);
    let fields = if step == Step::Discard { vec![reason] } else { Vec::new() };
    let form = Form::of(&at.visitor, fields, words.say(title)).signed(words.say(meaning));
    Form { is_grave: step == Step::Discard, ..form }
}
