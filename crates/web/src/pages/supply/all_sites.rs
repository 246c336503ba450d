//! `POST /studies/{study}/supply/resupply/all`: the sites that were chosen are planned one after the other, some at a
//! time, and the page tells how far it is and goes on by itself.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::time::{Duration, Instant};

use actix_web::web::{Data, Path};
use service::Shared;
use service::shipments::resupply as use_case;
use trial::{Action, Refusal};

use super::{admitted, located, resupply, sites};
use crate::Problem;
use crate::answer::Answer;
use crate::api::resupply::Order;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

/// One answer plans so many sites, and for so long, before it tells how far it is.
const AT_ONCE: usize = 10;
const PLANS_FOR: Duration = Duration::from_secs(1);

/// After so many milliseconds a browser goes on by itself: long enough to read how far it is, and to stop.
const PAUSE: u32 = 1_000;

/// What is refused of one site and hinders no other, each with its sentence.
const OF_A_SITE: [(&str, &str); 4] = [
    ("not-found", "unplanned.not-found"),
    ("not-order-day", "unplanned.not-order-day"),
    ("supply-short", "unplanned.supply-short"),
    ("supply-leaks", "unplanned.supply-leaks"),
];

/// How far it is.
struct Run {
    at: Standing,
    /// The sites that are still to be planned.
    ahead: Vec<String>,
    /// Those that were not planned, each with why not, as `SITE CODE`.
    refused: Vec<String>,
    /// How many sites were chosen.
    of: usize,
    from: String,
}

/// There is nothing to be seen here but what the form at the other address brings about.
pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    go_on(&visitor.at(&service, &path).await?.address("/supply/resupply"))
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    admitted(&service, &at, Action::PlanResupply).await?;
    if sent.is_resumed() {
        return resupply::chosen_again(&service, at, &sent, None).await;
    }
    let mut run = Run::read(at, &sent);
    if run.ahead.is_empty() {
        let none = Problem::from(Refusal::field("sites", "must name a site of the study"));
        return resupply::chosen_again(&service, run.at, &sent, Some(&none)).await;
    }
    run.leave_out_unknown(&service).await?;
    let (began, mut planned) = (Instant::now(), 0);
    while let Some(site) = run.ahead.first() {
        if planned == AT_ONCE || began.elapsed() > PLANS_FOR {
            let form = Form { goes_on_in: Some(PAUSE), ..run.form(&sent) };
            return run.page(form).answer();
        }
        match run.plan(&service, &sent, site).await {
            Ok(()) => drop(run.ahead.remove(0)),
            Err(problem) if why(problem.code()).is_some() => {
                let site = run.ahead.remove(0);
                run.refused.push(format!("{site} {}", problem.code()));
            }
            Err(problem) => return run.stopped(&sent, &problem),
        }
        planned += 1;
    }
    run.ended(&service).await
}

impl Run {
    fn read(at: Standing, sent: &Sent) -> Self {
        let lines = |name: &str| -> Vec<String> {
            // What was chosen one by one comes each by itself; when the form goes on, all in one field.
            let typed = sent.typed.0.iter().filter(|(field, _)| field == name);
            let lines = typed.flat_map(|(_, value)| value.lines().map(str::trim));
            lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
        };
        let (mut ahead, refused, mut seen) = (lines("sites"), lines("refused"), BTreeSet::new());
        ahead.retain(|site| seen.insert(site.clone()));
        let of = sent.typed.get("of").and_then(|of| of.parse().ok()).unwrap_or(ahead.len());
        let from = sent.typed.get("from_depot").unwrap_or_default().to_owned();
        Self { at, of: of.max(ahead.len()), ahead, refused, from }
    }

    /// What is no site of the study is not asked for.
    async fn leave_out_unknown(&mut self, service: &Data<Shared>) -> Result<(), Problem> {
        let known: BTreeSet<String> =
            sites(&located(service, &self.at).await?).into_iter().map(|(id, _)| id).collect();
        let unknown = self.ahead.extract_if(.., |site| !known.contains(site));
        self.refused.extend(unknown.map(|site| format!("{site} not-found")));
        Ok(())
    }

    /// Plans a site. Its key follows from that of the form and from how many are left, so the form has one effect
    /// however often it is sent: a key that came to stand for another site is refused.
    async fn plan(&self, service: &Data<Shared>, sent: &Sent, site: &str) -> Result<(), Problem> {
        let site = Field::new("site", "", Kind::Text).value(site);
        let mut form = Form::of(&sent.visitor, vec![site, self.from()], "");
        form.key = format!("{}-{}", key(sent), self.ahead.len());
        let ordered = Ordered::at(&self.at, Action::PlanResupply, "/resupply-plans");
        let plan = sent.act(service, &form, &ordered, |service, envelope, body: Order| {
            let (site, from) = body.route()?;
            use_case::plan(service, envelope, site, from)
        });
        plan.await.map(drop)
    }

    fn from(&self) -> Field {
        Field::new("from_depot", "", Kind::Text).value(&self.from).hidden()
    }

    /// The form that goes on with what is left.
    fn form(&self, sent: &Sent) -> Form {
        let lines =
            |name, lines: &[String]| Field::new(name, "", Kind::Lines).value(lines.join("\n")).hidden();
        let of = Field::new("of", "", Kind::Number).value(self.of).hidden();
        let fields = vec![lines("sites", &self.ahead), lines("refused", &self.refused), of, self.from()];
        Form::of(&sent.visitor, fields, self.at.words().say("frame.go_on"))
    }

    /// Something else than a site is in the way: under the same key it is asked again, from the same site on.
    fn stopped(&self, sent: &Sent, problem: &Problem) -> Answer {
        let form = Form { key: key(sent).to_owned(), ..self.form(sent) };
        sent.refused(|form| self.page(form), form, problem)
    }

    async fn ended(&self, service: &Data<Shared>) -> Answer {
        if self.refused.is_empty() {
            return go_on_having(&self.at.address("/supply/resupply"), "planned_all");
        }
        let words = self.at.words();
        let told = self.refused.iter().filter_map(|refused| {
            let (site, code) = refused.split_once(' ')?;
            let told: [(&str, &dyn Display); 2] = [("site", &site), ("why", &words.say(why(code)?))];
            Some(Part::Warning(words.fill("resupply.not_planned", &told)))
        });
        let known = resupply::load(service, self.at.clone()).await?;
        known.page_telling(told.collect(), known.forms()).answer()
    }

    fn page(&self, form: Form) -> Page {
        let words = self.at.words();
        let done = self.of.saturating_sub(self.ahead.len());
        let label = words.fill("resupply.done", &[("n", &done), ("of", &self.of)]);
        let [done, of] = [done, self.of].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
        let stop = Link::new(words.say("resupply.stop"), self.at.address("/supply/resupply"));
        Page::of_study(&self.at, label.clone())
            .part(Part::Progress { label, done, of })
            .form(form)
            .part(Part::Links(vec![stop]))
    }
}

/// Why a site was not planned, by the code of the refusal.
fn why(code: &str) -> Option<&'static str> {
    OF_A_SITE.iter().find(|(known, _)| *known == code).map(|(_, why)| *why)
}

/// The key that the form was sent under.
fn key(sent: &Sent) -> &str {
    sent.typed.get("key").unwrap_or_default()
}
