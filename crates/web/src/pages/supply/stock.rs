//! `GET /studies/{study}/supply/stock`, `.../expiry`: how many kits are where, over time, and until when they last.
//! Always over all kit types together.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::read::{KitState, Place};
use service::kits::stock::{self, Counted};
use service::shipments::At;
use service::shipments::places::Located;
use terms::Day;
use trial::Action;

use super::kits::place;
use super::located;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::plot::{Plot, Series};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 3] = ["kit.place", "kit.state", "kit.count"];
const HORIZON: [&str; 5] = ["kit.place", "kit.batch", "kit.label_expiry", "expiry.days", "kit.count"];
const PLACES: [&str; 3] = ["kit.place", "stock.name", "batch.country"];
/// So many months are drawn.
const MONTHS: usize = 12;

/// `GET /studies/{study}/supply/stock`
pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let counted = counted(&service, &at).await?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    let over_time = run(move || stock::over_time(&shared, &caller, &study)).await?;
    let places = located(&service, &at).await?;
    let (words, here) = (at.words(), &at.visitor.here);
    let series: Vec<Series> = over_time
        .into_iter()
        .map(|(of, points)| {
            let points = points.into_iter().map(|(day, kits)| (day, f64::from(kits))).collect();
            Series::steps(place(words, &of), points)
        })
        .collect();
    let plot = Plot::over_days(words, words.say("stock.over_time"), &series);
    let known = places.iter().map(named).collect();
    let by_type = Link::new(words.say("stock.by_type"), at.address("/supply/stock/types"));
    let by_type = at.may(Action::ReadStockByType).then_some(by_type);
    let horizon = Link::new(words.say("expiry.title"), at.address("/supply/expiry"));
    let ways = std::iter::once(horizon).chain(by_type).collect();
    Page::of_study(&at, words.say("stock.title"))
        .text(words.say("stock.what"))
        .parts(unseen(&at, &counted, "stock.unseen"))
        .part(Part::Links(ways))
        .parts((!series.is_empty()).then(|| Part::plot(plot)))
        .part(Part::table(Table::new(here, "stock", "stock.now", &COLUMNS, totals(&at, &counted))))
        .part(Part::table(Table::new(here, "places", "stock.places", &PLACES, known)))
        .answer()
}

/// `GET /studies/{study}/supply/expiry`
pub(in crate::pages) async fn horizon(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let counted = counted(&service, &at).await?;
    let (words, here) = (at.words(), &at.visitor.here);
    let usable: Vec<&Counted> = counted.iter().filter(|of| could_be_used(of)).collect();
    let known: Vec<&Counted> = usable.iter().copied().filter(|of| of.state.is_some()).collect();
    let months = months(&known);
    let plot = Plot::bars(
        words.say("expiry.by_month"),
        words.say("expiry.month"),
        &[words.say("kit.count").to_owned()],
        &months,
    );
    Page::of_study(&at, words.say("expiry.title"))
        .text(words.say("expiry.what"))
        .parts(unseen(&at, &counted, "expiry.unseen"))
        .parts((!months.is_empty()).then(|| Part::plot(plot)))
        .part(Part::table(Table::new(here, "expiry", "expiry.batches", &HORIZON, lasting(&at, &usable))))
        .answer()
}

/// What the reader is told when the state of some kits is not shown to the reader's role.
pub(super) fn unseen(at: &Standing, counted: &[Counted], word: &'static str) -> Option<Part> {
    let is_unseen = counted.iter().any(|of| of.state.is_none());
    is_unseen.then(|| Part::Text(at.words().say(word).to_owned()))
}

pub(super) async fn counted(service: &Data<Shared>, at: &Standing) -> Result<Vec<Counted>, Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || stock::stock(&service, &caller, &study)).await
}

/// The kits at every place by their states.
fn totals(at: &Standing, counted: &[Counted]) -> Vec<Vec<Cell>> {
    let mut totals: BTreeMap<(&Place, Option<KitState>), u32> = BTreeMap::new();
    for of in counted {
        *totals.entry((&of.place, of.state)).or_default() += of.kits;
    }
    let words = at.words();
    let state = |state: Option<KitState>| match state {
        Some(state) => words.code("kit_state", state.code()),
        None => words.say("kit.not_yours").to_owned(),
    };
    let row = |((of, known), kits): ((&Place, Option<KitState>), u32)| {
        vec![Cell::text(place(words, of)), Cell::text(state(known)), Cell::number(kits)]
    };
    totals.into_iter().map(row).collect()
}

fn named(of: &Located) -> Vec<Cell> {
    let id = match &of.at {
        At::Site(site) => site.to_string(),
        At::Depot(depot) => depot.to_string(),
    };
    vec![Cell::text(id), Cell::text(&of.name), Cell::text(of.country)]
}

/// Whether kits could still be given to somebody, as far as the reader sees: of kits whose state is not shown, each may
/// be.
fn could_be_used(of: &Counted) -> bool {
    let states = [KitState::Registered, KitState::Released, KitState::InTransit, KitState::Available];
    of.state.is_none_or(|state| states.contains(&state) || state == KitState::Allocated)
}

/// The kits of every place and batch, those that expire first before the others.
fn lasting(at: &Standing, usable: &[&Counted]) -> Vec<Vec<Cell>> {
    let mut lasting: BTreeMap<(Day, String, String, i64), u32> = BTreeMap::new();
    for of in usable {
        let left = (of.label_expiry - of.today).num_days();
        let key = (of.label_expiry, of.batch.to_string(), place(at.words(), &of.place), left);
        *lasting.entry(key).or_default() += of.kits;
    }
    let row = |((expiry, batch, of, left), kits): ((Day, String, String, i64), u32)| {
        let batch = Cell::link(&batch, at.address(format_args!("/supply/batches/{batch}")));
        let left = if left < 0 {
            Cell::text(at.words().say("expiry.past")).badge("bad")
        } else {
            Cell::number(left)
        };
        vec![Cell::text(of), batch, Cell::text(expiry), left, Cell::number(kits)]
    };
    lasting.into_iter().map(row).collect()
}

/// How many kits expire in the first months in which any do.
fn months(usable: &[&Counted]) -> Vec<(String, Vec<f64>)> {
    let month = |day: Day| day.format("%Y-%m").to_string();
    let first: BTreeSet<String> = usable.iter().map(|of| month(of.label_expiry)).collect();
    let of_month = |name: String| {
        let kits: u32 = usable.iter().filter(|of| month(of.label_expiry) == name).map(|of| of.kits).sum();
        (name, vec![f64::from(kits)])
    };
    first.into_iter().take(MONTHS).map(of_month).collect()
}
