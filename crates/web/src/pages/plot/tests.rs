use terms::Day;
use trial::Language;

use super::{DAYS, Plot, Series};
use crate::words::Words;

fn day(day: u32) -> Day {
    Day::from_ymd_opt(2015, 10, 1).expect("a day") + chrono::Days::new(u64::from(day))
}

fn over_days(series: &[Series]) -> Plot {
    Plot::over_days(Words(Language::En), "Enrolment", series)
}

#[test]
fn what_is_drawn_stands_in_the_table() {
    let counted = Series::counted("Randomized", vec![day(4), day(0), day(4)]);
    let plan = Series::line("Plan", vec![(day(0), 0.0), (day(8), 4.0)]);
    let plot = over_days(&[counted, plan]);
    assert_eq!(plot.columns, ["Day", "Randomized", "Plan"]);
    let expected = [["2015-10-01", "1", "0"], ["2015-10-05", "3", "2"], ["2015-10-09", "3", "4"]];
    assert_eq!(plot.rows, expected);
    let paths: Vec<&str> = plot.marks.iter().map(|mark| mark.path.as_str()).collect();
    // 4 is the highest level, at 14; 0 is at 190. A count goes up in steps, a plan evenly.
    assert_eq!(paths, ["M36.0 146.0H214.0V58.0H392.0V58.0", "M36.0 190.0L214.0 102.0L392.0 14.0"]);
}

#[test]
fn what_happened_on_one_day_alone_rises_from_none() {
    let plot = over_days(&[Series::counted("Randomized", vec![day(1), day(1)]).begun_on(day(0))]);
    assert_eq!(plot.rows, [["2015-10-01", "0"], ["2015-10-02", "2"]]);
    assert_eq!(plot.marks[0].path, "M36.0 190.0H392.0V14.0");
}

#[test]
fn a_count_ends_today_however_far_a_plan_goes_on() {
    let counted = Series::counted("Randomized", vec![day(1)]).begun_on(day(0)).until(day(3));
    let plan = Series::line("Plan", vec![(day(0), 0.0), (day(10), 10.0)]);
    let plot = over_days(&[counted, plan]);
    let table: Vec<[&str; 3]> = plot.rows.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
    let (today, last) = (["2015-10-04", "1", "3"], ["2015-10-11", "", "10"]);
    assert_eq!(table, [["2015-10-01", "0", "0"], ["2015-10-02", "1", "1"], today, last]);
    assert_eq!(Series::steps("", Vec::new()).until(day(3)).on(day(3)), None, "of nothing there is no number");
}

#[test]
fn a_plan_has_no_number_before_it_begins() {
    let counted = Series::steps("Stock", vec![(day(0), 5.0)]);
    let plan = Series::line("Plan", vec![(day(2), 0.0), (day(3), 1.0)]);
    assert_eq!(over_days(&[counted, plan]).rows[0], ["2015-10-01", "5", ""]);
}

#[test]
fn levels_are_round_and_enough() {
    for (most, highest, lines) in
        [(0.0, "1", 2), (5.0, "5", 6), (6.0, "6", 4), (36.0, "40", 5), (999.0, "1000", 6)]
    {
        let plot = over_days(&[Series::steps("", vec![(day(0), most)])]);
        let last = plot.levels.last().expect("a level");
        assert_eq!((last.text.as_str(), plot.levels.len()), (highest, lines), "{most}");
    }
}

#[test]
fn of_many_days_some_are_shown_and_always_the_first_and_the_last() {
    for many in [1, 59, 60, 61, 119, 1000] {
        let plot = over_days(&[Series::counted("", (0..many).map(day).collect())]);
        assert!(plot.rows.len() <= DAYS + 1, "{many}: {}", plot.rows.len());
        assert_eq!(plot.rows.first().expect("a row")[0], day(0).to_string());
        assert_eq!(plot.rows.last().expect("a row"), &[day(many - 1).to_string(), many.to_string()]);
    }
}

#[test]
fn bars_stand_side_by_side_in_their_group() {
    let names = ["placebo", "1 MIU"].map(str::to_owned);
    let plot = Plot::bars(
        "Balance",
        "Stratum",
        &names,
        &[("F".to_owned(), vec![2.0, 1.0]), ("M".to_owned(), vec![0.0])],
    );
    assert_eq!(plot.rows, [vec!["F", "2", "1"], vec!["M", "0"]]);
    assert_eq!(plot.marks[0].path, "M53.8 190V14.0H119.3V190ZM231.8 190V190.0H297.3V190Z");
    assert_eq!(plot.marks[1].path, "M125.0 190V102.0H190.5V190Z");
}

#[test]
fn of_nothing_there_is_nothing_and_no_division_by_it() {
    let plot = over_days(&[Series::counted("Randomized", Vec::new())]);
    assert!(plot.rows.is_empty() && plot.marks[0].path.is_empty());
    assert!(Plot::bars("Balance", "Stratum", &[], &[]).rows.is_empty());
}
