//! `GET, POST /second-factor`, `.../confirmation`, `.../recovery-codes`, `.../removal`: one's own second factor.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use qrcodegen::{QrCode, QrCodeEcc};
use service::people::me::{self, Me};
use service::people::second_factor::{self, Offer};
use service::people::{Attempt, First};
use service::{Failure, Shared};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::Sent;
use crate::pages::visitor::{SECOND_FACTOR, Visitor};

const CONFIRMATION: &str = "/second-factor/confirmation";
const RECOVERY: &str = "/second-factor/recovery-codes";
const REMOVAL: &str = "/second-factor/removal";

pub(in crate::pages) async fn show(service: Data<Shared>, visitor: Visitor) -> Answer {
    let me = mine(&service, &visitor).await?;
    page(&visitor, &me)
        .form(password(&visitor, SECOND_FACTOR, "factor.begin"))
        .parts(ways(&visitor, &me))
        .answer()
}

/// Shows the secret, on the answer to the form and nowhere else.
pub(in crate::pages) async fn begin(service: Data<Shared>, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let me = mine(&service, visitor).await?;
    let form = password(visitor, SECOND_FACTOR, "factor.begin");
    if sent.is_resumed() {
        return page(visitor, &me).form(form).answer();
    }
    match with_password(&service, &sent, second_factor::offer).await {
        Ok(offer) => offered(visitor, &offer).with(StatusCode::OK),
        Err(problem) => sent.refused(|form| page(visitor, &me).form(form), form, &problem),
    }
}

pub(in crate::pages) async fn show_confirmation(visitor: Visitor) -> Answer {
    confirmation(&visitor).form(first_code(&visitor)).answer()
}

pub(in crate::pages) async fn confirm(service: Data<Shared>, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let form = first_code(visitor);
    if sent.is_resumed() {
        return confirmation(visitor).form(form).answer();
    }
    let code = sent.typed.get("code").unwrap_or_default().to_owned();
    let (caller, from) = (visitor.visit.caller.clone(), sent.from);
    match run(move || second_factor::confirm(&service, &caller, &code, from)).await {
        Ok(codes) => recovery_codes(visitor, "factor.is_set", codes).with(StatusCode::OK),
        // Sent twice, it was done the first time.
        Err(problem) if problem.code() == "not-found" => go_on_having(SECOND_FACTOR, "second_factor"),
        Err(problem) => {
            let problem =
                if problem.code() == "wrong-code" { problem.at(Some("code".to_owned())) } else { problem };
            sent.refused(|form| confirmation(visitor).form(form), form, &problem)
        }
    }
}

pub(in crate::pages) async fn show_recovery(visitor: Visitor) -> Answer {
    recovery(&visitor).form(password(&visitor, RECOVERY, "factor.recovery")).answer()
}

pub(in crate::pages) async fn recover(service: Data<Shared>, sent: Sent) -> Answer {
    let form = password(&sent.visitor, RECOVERY, "factor.recovery");
    if sent.is_resumed() {
        return recovery(&sent.visitor).form(form).answer();
    }
    match with_password(&service, &sent, second_factor::recovery_codes).await {
        Ok(codes) => recovery_codes(&sent.visitor, "factor.recovery", codes).with(StatusCode::OK),
        Err(problem) => sent.refused(|form| recovery(&sent.visitor).form(form), form, &problem),
    }
}

pub(in crate::pages) async fn show_removal(visitor: Visitor) -> Answer {
    removal(&visitor).form(remove_form(&visitor)).answer()
}

pub(in crate::pages) async fn remove(service: Data<Shared>, sent: Sent) -> Answer {
    let form = remove_form(&sent.visitor);
    if sent.is_resumed() {
        return removal(&sent.visitor).form(form).answer();
    }
    match with_password(&service, &sent, second_factor::remove).await {
        Ok(()) => go_on_having(SECOND_FACTOR, "factor_removed"),
        Err(problem) => sent.refused(|form| removal(&sent.visitor).form(form), form, &problem),
    }
}

async fn mine(service: &Data<Shared>, visitor: &Visitor) -> Result<Me, Problem> {
    let (service, caller) = (service.clone(), visitor.visit.caller.clone());
    run(move || me::me(&service, &caller)).await
}

/// Runs what asks for the password again. A wrong one is told at its field.
async fn with_password<T: Send + 'static>(
    service: &Data<Shared>,
    sent: &Sent,
    act: fn(&Shared, &service::request::Caller, &Attempt) -> Result<T, Failure>,
) -> Result<T, Problem> {
    let password = sent.typed.get("password").unwrap_or_default().to_owned();
    let (attempt, caller) = (Attempt { password, from: sent.from }, sent.visitor.visit.caller.clone());
    let service = service.clone();
    let done = run(move || act(&service, &caller, &attempt)).await;
    done.map_err(|problem| match problem.code() {
        "wrong-credentials" => problem.at(Some("password".to_owned())),
        _ => problem,
    })
}

fn page(visitor: &Visitor, me: &Me) -> Page {
    let words = visitor.words();
    let needed = visitor.visit.first == Some(First::SecondFactor);
    let needed = needed.then(|| Part::Warning(words.say("factor.needed").to_owned()));
    let what = if me.has_second_factor { "factor.has" } else { "factor.what" };
    let takes_two = me.roles.iter().any(|held| held.role.takes_two());
    let not_demanded = (takes_two && !me.must_have_second_factor).then(|| words.say("factor.not_demanded"));
    Page::personal(visitor, words.say("factor.title"))
        .parts(needed)
        .text(words.say(what))
        .parts(not_demanded.map(|words| Part::Text(words.to_owned())))
}

/// What else can be done with a second factor that is there.
fn ways(visitor: &Visitor, me: &Me) -> Option<Part> {
    let words = visitor.words();
    let recovery = Link::new(words.say("factor.recovery"), RECOVERY);
    let removal = Link::new(words.say("factor.remove"), REMOVAL);
    let links = std::iter::once(recovery).chain((!me.must_have_second_factor).then_some(removal));
    me.has_second_factor.then(|| Part::Links(links.collect()))
}

/// The secret as a picture and as words, and the form for a first code of it.
fn offered(visitor: &Visitor, offer: &Offer) -> Page {
    let words = visitor.words();
    let facts = vec![
        (words.say("factor.secret").to_owned(), grouped(&offer.secret)),
        (words.say("factor.address").to_owned(), offer.address.clone()),
    ];
    Page::personal(visitor, words.say("factor.title"))
        .text(words.say("factor.scan"))
        .parts(picture(words.say("factor.picture"), &offer.address))
        .part(Part::Facts(facts))
        .form(first_code(visitor))
}

fn confirmation(visitor: &Visitor) -> Page {
    let words = visitor.words();
    let again = Link::new(words.say("factor.again"), SECOND_FACTOR);
    Page::personal(visitor, words.say("factor.title"))
        .text(words.say("factor.type"))
        .part(Part::Links(vec![again]))
}

fn recovery(visitor: &Visitor) -> Page {
    let words = visitor.words();
    Page::personal(visitor, words.say("factor.recovery")).text(words.say("factor.recovery_what"))
}

fn recovery_codes(visitor: &Visitor, title: &'static str, codes: Vec<String>) -> Page {
    let words = visitor.words();
    let links = vec![Link::new(words.say("factor.kept"), "/").main()];
    Page::personal(visitor, words.say(title))
        .part(Part::Warning(words.say("factor.keep").to_owned()))
        .part(Part::Lines(codes))
        .part(Part::Links(links))
}

fn removal(visitor: &Visitor) -> Page {
    let words = visitor.words();
    Page::personal(visitor, words.say("factor.remove")).text(words.say("factor.remove_what"))
}

fn remove_form(visitor: &Visitor) -> Form {
    Form { is_grave: true, ..password(visitor, REMOVAL, "factor.remove") }
}

fn password(visitor: &Visitor, action: &str, button: &'static str) -> Form {
    let words = visitor.words();
    let field = Field::new("password", words.say("password.old"), Kind::Password);
    Form { action: Some(action.to_owned()), ..Form::of(visitor, vec![field], words.say(button)) }
}

fn first_code(visitor: &Visitor) -> Form {
    let words = visitor.words();
    let code = Field::new("code", words.say("code.code"), Kind::Code).hint(words.say("factor.code_hint"));
    let form = Form::of(visitor, vec![code], words.say("factor.confirm"));
    Form { action: Some(CONFIRMATION.to_owned()), ..form }
}

/// The secret in groups of four, as it is typed.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// A QR code, each run of dark squares of a row as one piece of the path.
fn picture(label: &str, text: &str) -> Option<Part> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size();
    let dark = |x: i32, y: i32| code.get_module(x, y);
    let mut path = String::new();
    for y in 0..side {
        for x in (0..side).filter(|x| dark(*x, y) && !dark(x - 1, y)) {
            let run = (x..side).take_while(|x| dark(*x, y)).count();
            path.push_str(&format!("M{x} {y}h{run}v1h-{run}z"));
        }
    }
    Some(Part::Picture { label: label.to_owned(), side, path })
}
