//! `GET, POST /studies/{study}/kits/destructions/new`: reconciled kits of a place are proposed for destruction;
//! `.../destructions/{destruction}`: the sponsor's quality role authorizes it, with the certificate.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::destroy::{self, Destruction};
use service::kits::read::{self, Filter, Kit, KitState};
use service::shipments::At;
use terms::{DestructionId, KitNumber};
use trial::{Action, Refusal};

use super::disposals::signed;
use super::{facts, kit_cell, numbers, places, to_sign};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::destructions::{Authorize, Propose};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::place as place_in_words;
use crate::pages::table::Table;
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const KITS: [&str; 1] = ["kit.number"];

/// What the page knows.
struct Known {
    at: Standing,
    kits: Vec<Kit>,
    places: Vec<At>,
}

pub(in crate::pages) async fn new(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let known = load(&service, &path, visitor).await?;
    match places::chosen(&known.places, |name| known.at.visitor.here.asked(name)) {
        Some(place) => known.page(&place, known.form(&place)).answer(),
        None => known.choice().answer(),
    }
}

pub(in crate::pages) async fn propose(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let known = load(&service, &path, sent.visitor.clone()).await?;
    let Some(place) = places::chosen(&known.places, |name| sent.typed.get(name)) else {
        return known.choice().answer();
    };
    let page = |form: Form| known.page(&place, form);
    let form = sent.fill(known.form(&place));
    if sent.is_resumed() {
        return page(form).answer();
    }
    let kits = match form.read::<Propose>().and_then(|body| Ok(body.into_proposal()?)) {
        Ok((_, kits)) => kits,
        Err(problem) => return sent.refused(page, form, &problem),
    };
    if !sent.is_confirmed() {
        return known.titled().form(known.to_confirm(&place, &kits, form)).answer();
    }
    let ordered = Ordered::at(&known.at, Action::ProposeDestruction, "/destructions");
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: Propose| {
        let (at, kits) = body.into_proposal()?;
        destroy::propose(service, envelope, at, kits)
    });
    match done.await {
        Ok(one) => {
            let to = known.at.address(format_args!("/kits/destructions/{}", one.id));
            go_on_having(&to, "destruction_proposed")
        }
        Err(problem) if problem.is_about_the_signature() => {
            let form = known.to_confirm(&place, &kits, form);
            sent.refused(|form| known.titled().form(form), form, &problem)
        }
        Err(problem) => sent.refused(page, form, &problem),
    }
}

async fn load(service: &Data<Shared>, study: &str, visitor: Visitor) -> Result<Known, Problem> {
    let at = visitor.at(service, study).await?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let kits = run(move || read::kits(&shared, &caller, &study, &Filter::default())).await?;
    let places = places::of_visitor(&at, kits.iter().map(|kit| &kit.place));
    Ok(Known { at, kits, places })
}

impl Known {
    fn titled(&self) -> Page {
        Page::of_study(&self.at, self.at.words().say("destroy.title"))
    }

    fn choice(&self) -> Page {
        places::to_choose(&self.at, self.titled(), &self.places)
    }

    fn page(&self, place: &At, form: Form) -> Page {
        let words = self.at.words();
        let of = places::in_words(&self.at, place);
        self.titled().text(words.fill("destroy.what", &[("place", &of)])).form(form)
    }

    /// The reconciled kits of the place, one a line: those that stay are taken out.
    fn form(&self, place: &At) -> Form {
        let words = self.at.words();
        let is_ready = |kit: &&Kit| kit.state == Some(KitState::Reconciled) && places::holds(place, kit);
        let ready: Vec<String> =
            self.kits.iter().filter(is_ready).map(|kit| kit.number.to_string()).collect();
        let kits = Field::new("kits", words.say("destroy.kits"), Kind::Lines)
            .hint(words.say("destroy.kits_hint"))
            .value(ready.join("\n"));
        Form::of(&self.at.visitor, vec![places::field(place), kits], words.say("randomize.check"))
    }

    fn to_confirm(&self, place: &At, kits: &[KitNumber], form: Form) -> Form {
        let words = self.at.words();
        let known = vec![
            ("kit.place", places::in_words(&self.at, place)),
            ("kit.count", kits.len().to_string()),
            ("kit.numbers", numbers(kits)),
        ];
        to_sign(words, form, known, words.say("destroy.meaning"), words.say("destroy.button"))
    }
}

type Path2 = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path2, visitor: Visitor) -> Answer {
    let (at, one) = find(&service, &path, visitor).await?;
    let may = one.authorized.is_none() && at.may(Action::AuthorizeDestruction);
    page(&at, &one, may.then(|| authorization(&at))).answer()
}

pub(in crate::pages) async fn authorize(service: Data<Shared>, path: Path2, sent: Sent) -> Answer {
    let (at, one) = find(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(authorization(&at));
    if sent.is_resumed() {
        return page(&at, &one, Some(form)).answer();
    }
    let (id, address) = (one.id.clone(), format!("/destructions/{}/authorization", one.id));
    let ordered = Ordered::at(&at, Action::AuthorizeDestruction, address);
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: Authorize| {
        destroy::authorize(service, envelope, id, body.into_certificate()?)
    });
    match done.await {
        Ok(one) => go_on_having(&at.address(format_args!("/kits/destructions/{}", one.id)), "kits_destroyed"),
        Err(problem) => sent.refused(|form| page(&at, &one, Some(form)), form, &problem),
    }
}

async fn find(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, Destruction), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let id: DestructionId = named(&path.1)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let all = run(move || destroy::all(&shared, &caller, &study)).await?;
    Ok((at, all.into_iter().find(|one| one.id == id).ok_or(Refusal::NotFound)?))
}

fn page(at: &Standing, one: &Destruction, form: Option<Form>) -> Page {
    let words = at.words();
    let mut known = vec![
        ("kit.place", place_in_words(words, &one.place)),
        ("kit.count", one.kits.len().to_string()),
        ("disposal.first", signed(at, &one.proposed)),
    ];
    if let Some((by, when, certificate)) = &one.authorized {
        known.push(("disposal.second", signed(at, &(by.clone(), *when))));
        known.push(("destroy.certificate", certificate.to_string()));
    }
    let open = one.authorized.is_none().then(|| Part::Warning(words.say("destroy.waits").to_owned()));
    let rows = one.kits.iter().map(|kit| vec![kit_cell(at, kit)]).collect();
    let page = Page::of_study(at, words.say("destroy.one")).part(facts(words, known)).parts(open);
    let page = match form {
        Some(form) => page.form(form),
        None => page,
    };
    page.part(Part::table(Table::new(&at.visitor.here, "kits", "nav.kits", &KITS, rows)))
}

fn authorization(at: &Standing) -> Form {
    let words = at.words();
    let certificate = Field::new("certificate_sha256", words.say("destroy.certificate"), Kind::Hash);
    let certificate = certificate.hint(words.say("form.hash_hint"));
    let form = Form::of(&at.visitor, vec![certificate], words.say("destroy.authorize"));
    Form { is_grave: true, ..form.signed(words.say("destroy.second_meaning")) }
}
