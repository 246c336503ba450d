//! `GET, POST /people/{user}/grants`, `.../{grant}/confirmation`, `.../{grant}/revocation`: roles, in a study and at a
//! site.

use actix_web::web::{Data, Path};
use service::Shared;
use service::people::grant::{self as grants, Granted};
use service::people::review::{self, Account, Place};
use strum::VariantArray;
use trial::{Action, Refusal, Role};

use super::{account, address, back, granter, role, time};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::grants::{AskGrant, Confirm, Revoke};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::Visitor;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let (account, places) = load(&service, &visitor, &path).await?;
    page(&visitor, &account).form(form(&visitor, &places)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let (account, places) = load(&service, visitor, &path).await?;
    let form = sent.fill(form(visitor, &places));
    if sent.is_resumed() {
        return page(visitor, &account).form(form).answer();
    }
    let user = account.person.id.clone();
    let ordered = Ordered::outside(Action::GrantRole, format_args!("/users/{user}/grants"));
    let done = async {
        let (order, body) = sent.order_outside::<AskGrant>(&service, &form, &ordered).await?;
        let (wanted, reason) = body.into_wanted()?;
        let shared = service.clone();
        run(move || grants::grant(&shared, order, user, wanted, reason)).await
    };
    match done.await {
        Ok(granted) => {
            let done = if granted.is_in_force() { "granted" } else { "proposed" };
            go_on_having(&address(&account.person.id, ""), done)
        }
        Err(problem) => sent.refused(|form| page(visitor, &account).form(form), form.clone(), &problem),
    }
}

pub(in crate::pages) async fn show_confirmation(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (account, grant) = find(&service, &visitor, &path).await?;
    // Nobody confirms what they have proposed themselves.
    let confirm = (!is_own(&visitor, &grant)).then(|| confirm_form(&visitor, &grant));
    let forms = confirm.into_iter().chain([withdraw_form(&visitor, &account, &grant)]);
    forms.fold(confirmation(&visitor, &account, &grant), Page::form).answer()
}

pub(in crate::pages) async fn confirm(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let (account, grant) = find(&service, visitor, &path).await?;
    let form = sent.fill(confirm_form(visitor, &grant));
    if sent.is_resumed() {
        return confirmation(visitor, &account, &grant).form(form).answer();
    }
    let (user, id) = (account.person.id.clone(), grant.id.clone());
    let address_of = format!("/users/{user}/grants/{id}/confirmation");
    let ordered = Ordered::outside(Action::GrantRole, address_of);
    let done = async {
        let (order, Confirm {}) = sent.order_outside(&service, &form, &ordered).await?;
        let shared = service.clone();
        run(move || grants::confirm(&shared, order, user, id)).await
    };
    match done.await {
        Ok(_granted) => go_on_having(&address(&account.person.id, ""), "granted"),
        Err(problem) => {
            sent.refused(|form| confirmation(visitor, &account, &grant).form(form), form.clone(), &problem)
        }
    }
}

pub(in crate::pages) async fn show_revocation(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (account, grant) = find(&service, &visitor, &path).await?;
    revocation(&visitor, &account, &grant).form(withdraw_form(&visitor, &account, &grant)).answer()
}

pub(in crate::pages) async fn revoke(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let (account, grant) = find(&service, visitor, &path).await?;
    let form = sent.fill(withdraw_form(visitor, &account, &grant));
    if sent.is_resumed() {
        return revocation(visitor, &account, &grant).form(form).answer();
    }
    let (user, id) = (account.person.id.clone(), grant.id.clone());
    let ordered = Ordered::outside(Action::RevokeRole, format_args!("/users/{user}/grants/{id}/revocation"));
    let done = async {
        let (order, Revoke { reason }) = sent.order_outside(&service, &form, &ordered).await?;
        let shared = service.clone();
        run(move || grants::revoke(&shared, order, user, id, reason)).await
    };
    match done.await {
        Ok(_revoked) => go_on_having(&address(&account.person.id, ""), "revoked"),
        Err(problem) => {
            sent.refused(|form| revocation(visitor, &account, &grant).form(form), form.clone(), &problem)
        }
    }
}

async fn load(
    service: &Data<Shared>,
    visitor: &Visitor,
    user: &str,
) -> Result<(Account, Vec<Place>), Problem> {
    let account = account(service, visitor, user).await?;
    let (service, caller) = (service.clone(), visitor.visit.caller.clone());
    Ok((account, run(move || review::places(&service, &caller)).await?))
}

async fn find(
    service: &Data<Shared>,
    visitor: &Visitor,
    (user, grant): &(String, String),
) -> Result<(Account, Granted), Problem> {
    let account = account(service, visitor, user).await?;
    let found = account.grants.iter().find(|of| of.id.as_str() == *grant).cloned();
    Ok((account, found.ok_or(Refusal::NotFound)?))
}

fn page(visitor: &Visitor, account: &Account) -> Page {
    let words = visitor.words();
    Page::personal(visitor, words.fill("people.grant_to", &[("user", &account.person.id)]))
        .text(words.say("people.grant_what"))
}

fn confirmation(visitor: &Visitor, account: &Account, grant: &Granted) -> Page {
    let words = visitor.words();
    let own = is_own(visitor, grant).then(|| Part::Warning(words.say("people.own_proposal").to_owned()));
    Page::personal(visitor, words.fill("people.confirm_of", &[("user", &account.person.id)]))
        .part(facts(visitor, account, grant))
        .parts(own)
}

fn is_own(visitor: &Visitor, grant: &Granted) -> bool {
    grant.granted_by.as_ref() == Some(&visitor.visit.caller.user)
}

fn revocation(visitor: &Visitor, account: &Account, grant: &Granted) -> Page {
    let words = visitor.words();
    Page::personal(visitor, words.fill("people.revoke_of", &[("user", &account.person.id)]))
        .part(facts(visitor, account, grant))
        .part(back(words, account))
}

fn facts(visitor: &Visitor, account: &Account, grant: &Granted) -> Part {
    let words = visitor.words();
    let facts = [
        ("people.name", account.person.display_name.clone()),
        ("people.role", role(words, &grant.held)),
        (if grant.is_in_force() { "people.granted_by" } else { "people.proposed_by" }, granter(words, grant)),
        (
            if grant.is_in_force() { "people.granted_at" } else { "people.proposed_at" },
            time(grant.granted_at),
        ),
    ];
    Part::Facts(facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec())
}

fn form(visitor: &Visitor, places: &[Place]) -> Form {
    let words = visitor.words();
    let roles = Role::VARIANTS.iter().map(|role| (role.to_string(), words.code("role", role)));
    let studies = places.iter().map(|place| {
        let title = place.design.title_in(words.0);
        (place.study.to_string(), format!("{}: {title}", place.study))
    });
    let sites = places.iter().flat_map(|place| {
        place.sites.iter().map(|(id, name)| (id.to_string(), format!("{id} {name} ({})", place.study)))
    });
    let study = Field::new("study", words.say("study.id"), Kind::Choice(studies.collect()));
    let study = match places {
        [only] => study.value(&only.study),
        _ => study,
    };
    let fields = vec![
        Field::new("role", words.say("people.role"), Kind::Choice(roles.collect())),
        study.hint(words.say("people.study_hint")).optional(),
        Field::new("site", words.say("subject.site"), Kind::Choice(sites.collect()))
            .hint(words.say("people.site_hint"))
            .optional(),
        Field::new("reason", words.say("people.reason"), Kind::Text).hint(words.say("people.reason_hint")),
    ];
    Form::of(visitor, fields, words.say("people.grant_button")).signed(words.say("people.grant_meaning"))
}

fn confirm_form(visitor: &Visitor, grant: &Granted) -> Form {
    let words = visitor.words();
    let meaning = words.fill("people.confirm_meaning", &[("role", &role(words, &grant.held))]);
    Form::of(visitor, Vec::new(), words.say("people.confirm_button")).signed(meaning)
}

fn withdraw_form(visitor: &Visitor, account: &Account, grant: &Granted) -> Form {
    let words = visitor.words();
    let button = if grant.is_in_force() { "people.revoke" } else { "people.withdraw" };
    let reason = Field::new("reason", words.say("people.reason"), Kind::Text);
    let to = address(&account.person.id, &format!("/grants/{}/revocation", grant.id));
    let form = Form::of(visitor, vec![reason], words.say(button));
    Form { is_grave: true, action: Some(to), ..form }
}
