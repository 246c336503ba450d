//! `GET, POST /studies/{study}/statistics/lists/new`: a list is generated, and committed to before anybody reads it.

use actix_web::web::{Data, Path};
use service::{Shared, lists};
use trial::Action;

use crate::answer::{Answer, run};
use crate::api::lists::ListAct;
use crate::pages::form::Form;
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::recorded::page;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let page = to_generate(&service, &at).await?;
    page.form(form(&at)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let form = sent.fill(form(&at));
    let page = to_generate(&service, &at).await?;
    if sent.is_resumed() {
        return page.form(form).answer();
    }
    let ordered = Ordered::at(&at, Action::GenerateList, "/lists");
    let done = sent
        .act(&service, &form, &ordered, |service, envelope, ListAct {}| lists::generate(service, envelope));
    match done.await {
        Ok(list) => go_on_having(&at.address(format_args!("/statistics/lists/{}", list.id)), "generated"),
        Err(problem) => sent.refused(|form| page.form(form), form, &problem),
    }
}

/// With the lists that are there: there are seldom to be two.
async fn to_generate(service: &Data<Shared>, at: &Standing) -> Result<Page, crate::Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    let all = run(move || lists::all(&service, &caller, &study)).await?;
    let page = page(at, at.words().say("list.generate")).text(at.words().say("list.generate_what"));
    Ok(if all.is_empty() { page } else { page.part(Part::table(super::lists(at, &all))) })
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    Form::of(&at.visitor, Vec::new(), words.say("list.generate")).signed(words.say("list.generate_meaning"))
}
