//! `GET, POST /studies/{study}/supply/resupply`, `GET .../resupply/{site}/{day}`: what a site is sent on the order
//! day, and why.

use actix_web::web::{Data, Path};
use chrono::Weekday;
use service::Shared;
use service::shipments::places::Located;
use service::shipments::resupply::{self, Plan};
use terms::SiteId;
use trial::{Action, Refusal};

use super::{depots, located, sites};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::resupply::Order;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on, go_on_having};
use crate::pages::refusals::recorded;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;
use crate::words::Words;

const COLUMNS: [&str; 5] = ["plan.day", "plan.site", "plan.groups", "shipment.id", "plan.by"];

/// What the page knows of the study.
pub(super) struct Known {
    pub(super) at: Standing,
    places: Vec<Located>,
    plans: Vec<Plan>,
    /// The sites whose order day it is and that have no plan for it yet.
    still_to_plan: Vec<SiteId>,
    /// The order day.
    order_weekday: Weekday,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let known = load(&service, visitor.at(&service, &path).await?).await?;
    let forms = if known.at.may(Action::PlanResupply) { known.forms() } else { Vec::new() };
    known.page(forms).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let known = load(&service, sent.visitor.clone().at(&service, &path).await?).await?;
    let ordered = Ordered::at(&known.at, Action::PlanResupply, "/resupply-plans");
    let page = |form| known.page(vec![form]);
    let done = sent.acted(&service, known.form(), &ordered, page, |service, envelope, body: Order| {
        let (site, from) = body.route()?;
        resupply::plan(service, envelope, site, from)
    });
    match done.await {
        Ok(plan) => go_on_having(&address(&known.at, &plan), "planned"),
        Err(answer) => answer,
    }
}

/// One plan, with a sentence for each of its numbers.
pub(in crate::pages) async fn one(
    service: Data<Shared>,
    path: Path<(String, String, String)>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (caller, study) = (at.caller(), at.study());
    let plans = run(move || resupply::plans(&service, &caller, &study)).await?;
    let (site, day) = (named(&path.1)?, path.2.as_str());
    let mut plans = plans.into_iter().filter(|plan| plan.site == site && plan.order_day.to_string() == day);
    let plan = plans.next().ok_or(Refusal::NotFound)?;
    let words = at.words();
    let title = words.fill("plan.of", &[("site", &plan.site), ("day", &plan.order_day)]);
    let picked = plan.shipment.as_ref().map(|id| {
        Link::new(words.fill("shipment.title", &[("id", id)]), at.address(format_args!("/shipments/{id}")))
            .main()
    });
    let back = Link::new(words.say("resupply.title"), at.address("/supply/resupply"));
    Page::of_study(&at, title)
        .part(Part::Large { label: words.say("plan.groups").to_owned(), text: plan.groups.to_string() })
        .part(Part::Heading(words.say("plan.reasons").to_owned()))
        .parts(reasons(words, &plan))
        .part(Part::Facts(facts(&at, &plan)))
        .part(Part::Links(picked.into_iter().chain([back]).collect()))
        .answer()
}

/// The reasons, or why they are not told.
fn reasons(words: Words, plan: &Plan) -> Vec<Part> {
    let told = plan.reasons.as_deref().unwrap_or(words.say("plan.not_told"));
    told.lines().map(|reason| Part::Text(recorded(words, reason))).collect()
}

/// The form of all sites as it was sent, with what was wrong with it.
pub(super) async fn chosen_again(
    service: &Data<Shared>,
    at: Standing,
    sent: &Sent,
    problem: Option<&Problem>,
) -> Answer {
    let known = load(service, at).await?;
    if known.still_to_plan.is_empty() {
        return go_on(&known.at.address("/supply/resupply"));
    }
    let (form, page) = (sent.fill(known.form_of_all()), |form| known.page(vec![form]));
    match problem {
        Some(problem) => sent.refused(page, form, problem),
        None => page(form).answer(),
    }
}

pub(super) async fn load(service: &Data<Shared>, at: Standing) -> Result<Known, Problem> {
    let (shared, caller, of) = (service.clone(), at.caller(), at.study());
    let plans = run(move || resupply::plans(&shared, &caller, &of)).await?;
    let places = located(service, &at).await?;
    let (shared, caller, of) = (service.clone(), at.caller(), at.study());
    let still_to_plan = match at.may(Action::PlanResupply) {
        true => run(move || resupply::still_to_plan(&shared, &caller, &of)).await?,
        false => Vec::new(),
    };
    let (shared, caller, of) = (service.clone(), at.caller(), at.study());
    let order_weekday = run(move || resupply::order_weekday(&shared, &caller, &of)).await?;
    Ok(Known { at, places, plans, still_to_plan, order_weekday })
}

fn address(at: &Standing, plan: &Plan) -> String {
    at.address(format_args!("/supply/resupply/{}/{}", plan.site, plan.order_day))
}

fn facts(at: &Standing, plan: &Plan) -> Vec<(String, String)> {
    let words = at.words();
    let from = plan.from.as_ref().map_or_else(|| words.say("place.store").to_owned(), ToString::to_string);
    let by = format!("{} ({})", face::time(plan.made.1, at.zone_of(&plan.site)), plan.made.0);
    let facts = [("shipment.from", from), ("plan.by", by)];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

impl Known {
    /// One site is planned, or several where it is the order day of several.
    pub(super) fn forms(&self) -> Vec<Form> {
        let all = (self.still_to_plan.len() > 1).then(|| self.form_of_all());
        std::iter::once(self.form()).chain(all).collect()
    }

    fn page(&self, forms: Vec<Form>) -> Page {
        self.page_telling(Vec::new(), forms)
    }

    /// The page with what is to be read before all else.
    pub(super) fn page_telling(&self, told: Vec<Part>, forms: Vec<Form>) -> Page {
        let words = self.at.words();
        let rows = self.plans.iter().rev().map(|plan| self.row(plan)).collect();
        let table = Table::new(&self.at.visitor.here, "plans", "plan.title", &COLUMNS, rows);
        let page = Page::of_study(&self.at, words.say("resupply.title"));
        let day = words.code("weekday", self.order_weekday);
        let when = words.fill("resupply.when", &[("day", &day)]);
        let page = page.parts(told).text(words.say("resupply.what")).text(when);
        let how_long = (!forms.is_empty()).then(|| Part::Text(words.say("resupply.how_long").to_owned()));
        forms.into_iter().fold(page.parts(how_long), Page::form).part(Part::table(table))
    }

    fn form(&self) -> Form {
        let words = self.at.words();
        let sites = sites(&self.places);
        let only = if let [(only, _)] = sites.as_slice() { only.clone() } else { String::new() };
        let site = Field::new("site", words.say("plan.site"), Kind::Choice(sites)).value(only);
        let fields = std::iter::once(site).chain(self.from()).collect();
        Form::of(&self.at.visitor, fields, words.say("resupply.button"))
    }

    /// Where the kits come from, when there are depots.
    fn from(&self) -> Option<Field> {
        let (words, depots) = (self.at.words(), depots(&self.places));
        (!depots.is_empty()).then(|| {
            let from = Field::new("from_depot", words.say("request.from"), Kind::Choice(depots));
            from.hint(words.say("request.from_hint")).optional()
        })
    }

    /// All sites are chosen until some are not.
    fn form_of_all(&self) -> Form {
        let words = self.at.words();
        let of_today = |(id, _): &(String, String)| self.still_to_plan.iter().any(|site| site.as_str() == id);
        let sites: Vec<_> = sites(&self.places).into_iter().filter(of_today).collect();
        let chosen: Vec<&str> = sites.iter().map(|(id, _)| id.as_str()).collect();
        let chosen = chosen.join("\n");
        let sites = Field::new("sites", words.say("resupply.sites"), Kind::Many(sites)).value(chosen);
        let fields = std::iter::once(sites).chain(self.from()).collect();
        let form = Form::of(&self.at.visitor, fields, words.say("resupply.all"));
        Form { action: Some(self.at.address("/supply/resupply/all")), ..form }
    }

    fn row(&self, plan: &Plan) -> Vec<Cell> {
        let shipment = match &plan.shipment {
            Some(id) => Cell::link(id, self.at.address(format_args!("/shipments/{id}"))),
            None => Cell::text("–"),
        };
        vec![
            Cell::link(plan.order_day, address(&self.at, plan)),
            Cell::text(&plan.site),
            Cell::number(plan.groups),
            shipment,
            Cell::text(&plan.made.0),
        ]
    }
}
