//! A picture of numbers, drawn by the server, with the same numbers in a table behind it for whoever cannot see it.

use std::collections::BTreeSet;
use std::fmt::Write;

use terms::Day;

use crate::words::Words;

/// The picture's own measures; the page stretches it to the width that it has.
const LEFT: f64 = 36.0;
const RIGHT: f64 = 392.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 190.0;
/// Days at most in one picture and its table: of more, every so many-th is drawn, and the last.
const DAYS: usize = 60;

/// A plot: lines over days, or bars beside each other.
pub(crate) struct Plot {
    pub(crate) title: String,
    /// The heads of the table, first what is along the bottom.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// The heights that have a line across.
    pub(crate) levels: Vec<Tick>,
    /// What is written along the bottom.
    pub(crate) ticks: Vec<Tick>,
    pub(crate) marks: Vec<Mark>,
}

/// A place on an axis, and what is written there.
pub(crate) struct Tick {
    pub(crate) at: f64,
    pub(crate) text: String,
}

/// One series as it is drawn: told from the others by its dashes or place too, not by its colour alone.
pub(crate) struct Mark {
    pub(crate) name: String,
    /// The outline, as SVG writes it.
    pub(crate) path: String,
    pub(crate) is_line: bool,
    /// What is written over its bars.
    pub(crate) values: Vec<(f64, f64, String)>,
}

/// Numbers over days.
pub(crate) struct Series {
    name: String,
    points: Vec<(Day, f64)>,
    is_stepped: bool,
    /// The last day of which anything is known.
    known_until: Option<Day>,
}

impl Series {
    /// A number that holds from its day until the next: a count of what has happened.
    pub(crate) fn steps(name: impl Into<String>, points: Vec<(Day, f64)>) -> Self {
        Self { name: name.into(), points, is_stepped: true, known_until: None }
    }

    /// A number that goes evenly from day to day: a plan.
    pub(crate) fn line(name: impl Into<String>, points: Vec<(Day, f64)>) -> Self {
        Self { name: name.into(), points, is_stepped: false, known_until: None }
    }

    /// How many of these days there were up to each of them.
    pub(crate) fn counted(name: impl Into<String>, mut days: Vec<Day>) -> Self {
        days.sort_unstable();
        let mut points: Vec<(Day, f64)> = Vec::new();
        for (day, count) in days.into_iter().zip(1_u32..) {
            points.pop_if(|(last, _)| *last == day);
            points.push((day, f64::from(count)));
        }
        Self::steps(name, points)
    }

    /// The same from an earlier day on, on which there were none yet: so what happened on one day alone is seen, too.
    pub(crate) fn begun_on(mut self, day: Day) -> Self {
        self.points.insert(0, (day, 0.0));
        self
    }

    /// The same until today: what is to come, nobody has counted.
    pub(crate) fn until(mut self, today: Day) -> Self {
        let last = self.points.last().copied().filter(|(day, _)| *day < today);
        self.points.extend(last.map(|(_, number)| (today, number)));
        Self { known_until: Some(today), ..self }
    }

    /// The number on a day, as the line shows it.
    fn on(&self, day: Day) -> Option<f64> {
        if self.known_until.is_some_and(|known| day > known) {
            return None;
        }
        let before = self.points.iter().rev().find(|(at, _)| *at <= day)?;
        if self.is_stepped || before.0 == day {
            return Some(before.1);
        }
        let after = self.points.iter().find(|(at, _)| *at > day)?;
        let part = days(before.0, day) / days(before.0, after.0);
        Some(before.1 + (after.1 - before.1) * part)
    }
}

impl Plot {
    /// Lines over days, of numbers of 0 or more.
    pub(crate) fn over_days(words: Words, title: impl Into<String>, series: &[Series]) -> Self {
        let all: BTreeSet<Day> = series.iter().flat_map(|one| &one.points).map(|(day, _)| *day).collect();
        let shown = thinned(all);
        let (first, last) =
            (shown.first().copied().unwrap_or_default(), shown.last().copied().unwrap_or_default());
        let scale = Scale::of(series.iter().flat_map(|one| &one.points).map(|(_, value)| *value));
        let along = |day: Day| LEFT + (RIGHT - LEFT) * days(first, day) / days(first, last).max(1.0);
        let row = |day: &Day| {
            let values = series.iter().map(|one| one.on(*day).map_or_else(String::new, number));
            std::iter::once(day.to_string()).chain(values).collect()
        };
        let mark = |one: &Series| {
            let points = shown.iter().filter_map(|day| Some((along(*day), scale.height(one.on(*day)?))));
            let path = outline(points, one.is_stepped);
            Mark { name: one.name.clone(), path, is_line: true, values: Vec::new() }
        };
        let names = series.iter().map(|one| one.name.clone());
        Self {
            title: title.into(),
            columns: std::iter::once(words.say("plots.day").to_owned()).chain(names).collect(),
            rows: shown.iter().map(row).collect(),
            levels: scale.levels(),
            ticks: ends(first, last).map(|day| Tick { at: along(day), text: day.to_string() }).collect(),
            marks: series.iter().map(mark).collect(),
        }
    }

    /// Bars: for each group one for each name, of numbers of 0 or more.
    pub(crate) fn bars(
        title: impl Into<String>,
        of: impl Into<String>,
        names: &[String],
        groups: &[(String, Vec<f64>)],
    ) -> Self {
        let scale = Scale::of(groups.iter().flat_map(|(_, values)| values).copied());
        let wide = (RIGHT - LEFT) / count(groups.len());
        let bar = wide * 0.8 / count(names.len());
        let start = |group: usize| LEFT + wide * (count_from_0(group) + 0.1);
        let mark = |(at, name): (usize, &String)| {
            let mut mark =
                Mark { name: name.clone(), path: String::new(), is_line: false, values: Vec::new() };
            for (group, (_, values)) in groups.iter().enumerate() {
                let (Some(value), left) = (values.get(at), start(group) + bar * count_from_0(at)) else {
                    continue;
                };
                let (top, right) = (scale.height(*value), left + bar * 0.92);
                let _ = write!(mark.path, "M{left:.1} {BOTTOM}V{top:.1}H{right:.1}V{BOTTOM}Z");
                mark.values.push((left + bar * 0.46, top - 3.0, number(*value)));
            }
            mark
        };
        let row = |(name, values): &(String, Vec<f64>)| {
            std::iter::once(name.clone()).chain(values.iter().copied().map(number)).collect()
        };
        let tick = |(at, (name, _)): (usize, &(String, Vec<f64>))| Tick {
            at: start(at) + wide * 0.4,
            text: name.clone(),
        };
        Self {
            title: title.into(),
            columns: std::iter::once(of.into()).chain(names.iter().cloned()).collect(),
            rows: groups.iter().map(row).collect(),
            levels: scale.levels(),
            ticks: groups.iter().enumerate().map(tick).collect(),
            marks: names.iter().enumerate().map(mark).collect(),
        }
    }
}

impl Plot {
    /// Whether what is written along the bottom stands under bars, and not at days.
    pub(crate) fn has_bars(&self) -> bool {
        self.marks.iter().any(|mark| !mark.is_line)
    }
}

/// How high a number is drawn.
struct Scale {
    step: f64,
    highest: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let most = values.fold(1.0, f64::max);
        // 1, 2, 5, 10, 20, 50 and so on: the first with which five lines are enough.
        let mut step: f64 = 1.0;
        for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
            if most <= step * 5.0 {
                break;
            }
            step *= factor;
        }
        Self { step, highest: (most / step).ceil() * step }
    }

    fn height(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / self.highest
    }

    fn levels(&self) -> Vec<Tick> {
        let values = (0_u32..).map(|n| f64::from(n) * self.step).take_while(|value| *value <= self.highest);
        values.map(|value| Tick { at: self.height(value), text: number(value) }).collect()
    }
}

/// The first day, the last, and one between them when there is room.
fn ends(first: Day, last: Day) -> impl Iterator<Item = Day> {
    let between = first + (last - first) / 2;
    BTreeSet::from([first, between, last]).into_iter()
}

fn thinned(days: BTreeSet<Day>) -> Vec<Day> {
    let every = days.len().div_ceil(DAYS).max(1);
    let last = days.last().copied();
    let mut shown: Vec<Day> = days.into_iter().step_by(every).collect();
    shown.extend(last.filter(|last| shown.last() != Some(last)));
    shown
}

fn outline(points: impl Iterator<Item = (f64, f64)>, is_stepped: bool) -> String {
    let mut path = String::new();
    for (x, y) in points {
        let _ = match (path.is_empty(), is_stepped) {
            (true, _) => write!(path, "M{x:.1} {y:.1}"),
            (false, true) => write!(path, "H{x:.1}V{y:.1}"),
            (false, false) => write!(path, "L{x:.1} {y:.1}"),
        };
    }
    path
}

/// A number as it is written: without digits after the point where there are none.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn days(from: Day, to: Day) -> f64 {
    f64::from(i32::try_from((to - from).num_days()).unwrap_or(i32::MAX))
}

/// A number of things to share a width among: 1 at least.
fn count(of: usize) -> f64 {
    count_from_0(of).max(1.0)
}

fn count_from_0(of: usize) -> f64 {
    f64::from(u32::try_from(of).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
