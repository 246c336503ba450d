//! `GET /studies/{study}/supply/stock/types`: how many kits of each type there are in the sponsor's stock and in depots,
//! over time. For unblinded people alone, and each read is recorded.

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::by_type::{self, ByType, TypeStock};
use trial::Action;

use super::kits::place;
use crate::answer::{Answer, run};
use crate::pages::page::Part;
use crate::pages::plot::{Plot, Series};
use crate::pages::recorded::{is_asked_for, page, to_read_unblinded};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 4] = ["kit.place", "stock.kit_type", "reconciliation.contents", "kit.count"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at_to(&service, &path, Action::ReadStockByType).await?;
    let (caller, study, words) = (at.caller(), at.study(), at.words());
    if !is_asked_for(&at) {
        return to_read_unblinded(&at, words.say("stock.by_type"), "stock.by_type_what").answer();
    }
    let read = run(move || by_type::away_from_sites(&service, &caller, &study)).await?;
    let rows = read.types.iter().flat_map(|of| rows(&at, of)).collect();
    page(&at, words.say("stock.by_type"))
        .text(words.say("stock.by_type_what"))
        .parts(drawn(&at, "stock.by_type_over_time", &read))
        .part(Part::table(Table::new(&at.visitor.here, "types", "stock.types_now", &COLUMNS, rows)))
        .text(words.say("recorded.every_read"))
        .answer()
}

/// How many kits of each type could be used, day by day, and how many are not counted.
pub(in crate::pages) fn drawn(at: &Standing, title: &'static str, read: &ByType) -> Vec<Part> {
    let (words, today) = (at.words(), at.desk.now.utc().date_naive());
    let series = |of: &TypeStock| {
        let points = of.usable.iter().map(|(day, kits)| (*day, f64::from(*kits))).collect();
        let series = Series::steps(of.contents.said(words.0), points).until(today);
        let before = of.usable.first().and_then(|(day, _)| day.pred_opt());
        before.into_iter().fold(series, Series::begun_on)
    };
    let series: Vec<Series> = read.types.iter().map(series).collect();
    let plot = Plot::over_days(words, words.say(title), &series);
    let unread = words.fill("stock.unreadable", &[("n", &read.unreadable)]);
    let warning = (read.unreadable > 0).then_some(Part::Warning(unread));
    let has_kits = read.types.iter().any(|of| !of.usable.is_empty());
    warning.into_iter().chain(has_kits.then(|| Part::plot(plot))).collect()
}

fn rows(at: &Standing, of: &TypeStock) -> Vec<Vec<Cell>> {
    let row = |(at_place, kits): &(_, u32)| {
        let place = Cell::text(place(at.words(), at_place));
        vec![place, Cell::text(&of.kit_type), Cell::text(of.contents.said(at.words().0)), Cell::number(*kits)]
    };
    of.places.iter().map(row).collect()
}
