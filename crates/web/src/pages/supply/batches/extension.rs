//! `GET, POST /studies/{study}/supply/batches/{batch}/expiry-extensions`: a later label expiry, proposed by somebody
//! who knows the lots.

use actix_web::web::Data;
use service::batches::extend;
use service::{Shared, study};
use trial::Action;

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::expiry::Extend;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (of, form) = load(&service, &path, visitor).await?;
    page(&of).form(form).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (of, form) = load(&service, &path, sent.visitor.clone()).await?;
    let id = of.batch.id.clone();
    let address = format!("/batches/{id}/expiry-extensions");
    let ordered = Ordered::at(&of.at, Action::ProposeExtension, address);
    let page = |form| page(&of).form(form);
    let done = sent.acted(&service, form, &ordered, page, |service, envelope, body: Extend| {
        extend::propose(service, envelope, body.into_command(id))
    });
    match done.await {
        Ok(_change) => go_on_having(&of.address(""), "extension_proposed"),
        Err(answer) => answer,
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(OfBatch, Form), Problem> {
    let of = OfBatch::load(service, path, visitor, Action::ProposeExtension).await?;
    let (service, caller, study) = (service.clone(), of.at.caller(), of.at.study());
    let overview = run(move || study::find(&service, &caller, &study)).await?;
    // As many kit types as there are arms, at most.
    let form = form(&of, overview.design.arms.len());
    Ok((of, form))
}

fn page(of: &OfBatch) -> Page {
    of.unblinded("extend.of").text(of.words().fill("extend.what", &[("day", &of.batch.label_expiry)]))
}

fn form(of: &OfBatch, kit_types: usize) -> Form {
    let words = of.words();
    let lots = (0..kit_types).flat_map(|at| {
        let label = |word| words.fill(word, &[("n", &(at + 1))]);
        let field =
            |name: &str, word, kind| Field::new(format!("lots.{at}.{name}"), label(word), kind).optional();
        [
            field("kit_type", "register.kit_type", Kind::Text).hint(words.say("extend.lots_hint")),
            field("expiry", "extend.expiry", Kind::Day),
        ]
    });
    let label_expiry = Field::new("label_expiry", words.say("change.to"), Kind::Day);
    let reason = Field::new("reason", words.say("supply.reason"), Kind::Text);
    let fields = std::iter::once(label_expiry).chain(lots).chain([reason]).collect();
    Form::of(&of.at.visitor, fields, words.say("extend.button")).signed(of.title("extend.meaning"))
}
