//! `GET /studies/{study}/statistics/balance`: how many subjects each arm has, over time and in every stratum.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use service::reconciliation::{self, Balance, Placed};
use service::{Shared, lists};

use crate::answer::{Answer, run};
use crate::pages::page::{Page, Part};
use crate::pages::plot::{Plot, Series};
use crate::pages::recorded::{is_asked_for, page, to_read};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

/// Of more strata than this, the table tells all the same; so many pictures tell nothing.
const MOST_PICTURES: usize = 8;

const COLUMNS: [&str; 4] = ["positions.stratum", "positions.arm", "balance.subjects", "balance.range"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study, title) = (at.caller(), at.study(), at.words().say("balance.title"));
    if !is_asked_for(&at) {
        let all = run(move || lists::all(&service, &caller, &study)).await?;
        return to_read(&at, title, "balance.what").part(Part::table(super::lists(&at, &all))).answer();
    }
    let read = run(move || reconciliation::balance(&service, &caller, &study)).await?;
    balance(&at, &read).answer()
}

fn balance(at: &Standing, read: &Balance) -> Page {
    let words = at.words();
    let arms: BTreeSet<&str> = read.arms.iter().map(String::as_str).collect();
    let mut strata: BTreeMap<u32, Vec<&Placed>> = BTreeMap::new();
    for subject in &read.subjects {
        strata.entry(subject.stratum).or_default().push(subject);
    }
    let all: Vec<&Placed> = read.subjects.iter().collect();
    let mut page = page(at, words.say("balance.title"));
    page = page.part(Part::plot(over_time(at, words.say("balance.all").to_owned(), &arms, &all)));
    if strata.len() > 1 {
        page = page.parts(strata.values().take(MOST_PICTURES).map(|subjects| {
            let title = words.fill("balance.of_stratum", &[("stratum", &name(at, subjects))]);
            Part::plot(over_time(at, title, &arms, subjects))
        }));
    }
    let counted: Vec<Counted> = strata.values().map(|subjects| Counted::of(at, &arms, subjects)).collect();
    let rows = counted.iter().flat_map(|counted| counted.rows(at)).collect();
    let table = Table::new(&at.visitor.here, "balance", "balance.by_stratum", &COLUMNS, rows);
    page.part(Part::plot(side_by_side(at, &arms, &counted)))
        .part(Part::table(table))
        .text(words.say("balance.range_what"))
        .text(words.say("recorded.every_read"))
}

/// One line for each arm, which rises with every subject from the day before the first one.
fn over_time(at: &Standing, title: String, arms: &BTreeSet<&str>, subjects: &[&Placed]) -> Plot {
    let day = |subject: &&Placed| subject.randomized_at.utc().with_timezone(&at.zone()).date_naive();
    let before = subjects.iter().map(day).min().and_then(|first| first.pred_opt()).unwrap_or_default();
    let series = |arm: &&str| {
        let of_arm = subjects.iter().filter(|subject| subject.arm == **arm);
        Series::counted(at.said(arm), of_arm.map(day).collect()).begun_on(before)
    };
    let series: Vec<Series> = arms.iter().map(series).collect();
    Plot::over_days(at.words(), title, &series)
}

/// The arms of every stratum side by side, as they are now.
fn side_by_side(at: &Standing, arms: &BTreeSet<&str>, counted: &[Counted]) -> Plot {
    let words = at.words();
    let group =
        |of: &Counted| (of.stratum.clone(), of.arms.values().map(|count| f64::from(*count)).collect());
    let groups: Vec<(String, Vec<f64>)> = counted.iter().take(MOST_PICTURES).map(group).collect();
    let names: Vec<String> = arms.iter().map(|arm| at.said(arm).to_owned()).collect();
    Plot::bars(words.say("balance.by_stratum"), words.say("positions.stratum"), &names, &groups)
}

fn name(at: &Standing, subjects: &[&Placed]) -> String {
    subjects.first().map(|subject| at.stratum(&subject.levels)).unwrap_or_default()
}

/// What was counted of a stratum.
struct Counted {
    stratum: String,
    /// How many subjects each arm has.
    arms: BTreeMap<String, u32>,
    /// By how many subjects the arms were apart at most.
    range: u32,
}

impl Counted {
    fn of(at: &Standing, arms: &BTreeSet<&str>, subjects: &[&Placed]) -> Self {
        let arms = arms.iter().map(|arm| ((*arm).to_owned(), 0)).collect();
        let mut counted = Self { stratum: name(at, subjects), arms, range: 0 };
        for subject in subjects {
            if let Some(count) = counted.arms.get_mut(&subject.arm) {
                *count = count.saturating_add(1);
            }
            let (most, fewest) = (counted.arms.values().max(), counted.arms.values().min());
            let range = most.zip(fewest).map_or(0, |(most, fewest)| most.saturating_sub(*fewest));
            counted.range = counted.range.max(range);
        }
        counted
    }

    fn rows(&self, at: &Standing) -> Vec<Vec<Cell>> {
        let row = |(arm, count): (&String, &u32)| {
            vec![
                Cell::text(&self.stratum),
                Cell::text(at.said(arm)),
                Cell::number(*count),
                Cell::number(self.range),
            ]
        };
        self.arms.iter().map(row).collect()
    }
}
