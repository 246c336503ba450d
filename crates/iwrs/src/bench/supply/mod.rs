//! The supply at its size: dispensing in a study like IMODALS and in a large one beside it, a resupply run over all
//! sites of the large one, and the leak check of one IMODALS.

mod measure;
mod size;
pub(super) mod stage;
mod table;

use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use service::clock::Clock;
use service::rebuild;

use self::measure::{Dispensings, Run, dispense, leak_checks, resupply};
use self::size::Layout;
pub(crate) use self::size::Size;
use self::stage::{Builder, Staged, first_day};
use self::table::{Measured, Table};
use crate::bench::database::Scratch;
use crate::commands::Failure;
use crate::demo::{self, Files};
use crate::running::Running;
use crate::wiring::{self, undone};

const WEEK: i64 = 7 * 24 * 3600;

/// What is measured.
pub(crate) struct Plan<'a> {
    /// A server for throw-away databases.
    pub(crate) postgres: Option<&'a str>,
    /// How large the large study is.
    pub(crate) size: Size,
    /// How many runs of IMODALS the observer judges.
    pub(crate) runs: u32,
    /// Whether the rows are compared with the journals in the end.
    pub(crate) verify: bool,
    /// Where the study's files are.
    pub(crate) config: &'a Path,
}

/// Measures, and prints the tables.
pub(crate) fn run(plan: &Plan<'_>) -> Result<(), Failure> {
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(200));
    let files = Files::read(plan.config)?;
    let layout = Layout::in_design(&demo::design(&files)?, plan.size)?;
    progress.set_message("the leak check of IMODALS");
    let mut table = Table::new(plan.size, plan.runs, leak_checks(&files, plan.runs)?);
    let stage = Stage { files: &files, layout: &layout, progress: &progress };
    table.engines.push(on("SQLite", &Scratch::sqlite()?, &stage, plan.verify)?);
    if let Some(admin) = plan.postgres {
        let database = Scratch::postgres(admin)?;
        let engine = format!("PostgreSQL {}", database.version()?);
        table.engines.push(on(&engine, &database, &stage, plan.verify)?);
    }
    progress.finish_and_clear();
    Ok(table.print()?)
}

/// What both studies are staged from.
struct Stage<'a> {
    files: &'a Files,
    layout: &'a Layout,
    progress: &'a ProgressBar,
}

/// Stages both studies on a database, and measures.
fn on(engine: &str, database: &Scratch, stage: &Stage<'_>, verify: bool) -> Result<Measured, Failure> {
    let settings = database.settings()?;
    wiring::prepare(&settings)?;
    let clock = Clock::fixed(first_day()?);
    let service = wiring::service_at(&settings, clock.clone())?;
    let throw_away = wiring::throw_away_service(&settings, clock.clone())?;
    let server = Running::start(&service)?;
    let tell = |what: &str| stage.progress.set_message(format!("{engine}: {what}"));
    let builder = Builder {
        service: &service,
        throw_away: &throw_away,
        base: server.base(),
        files: stage.files,
        clock: &clock,
        tell: &tell,
    };
    let mut small = builder.small()?;
    let mut large = builder.large(&small, stage.layout)?;
    let [mut of_small, mut of_large] = [Dispensings::default(), Dispensings::default()];
    tell("dispensing");
    month_later(&clock, &mut small, &mut large)?;
    dispense([&small, &large], "D29", [&mut of_small, &mut of_large])?;
    tell("the resupply run");
    let run: Run = resupply(&large)?;
    tell("dispensing");
    month_later(&clock, &mut small, &mut large)?;
    dispense([&small, &large], "D57", [&mut of_small, &mut of_large])?;
    if verify {
        tell("comparing the rows with the journals");
        assert_sound(&service)?;
    }
    Ok(Measured {
        engine: engine.to_owned(),
        kits: [small.kits, large.kits],
        dispensings: [of_small.timing(), of_large.timing()],
        run,
    })
}

/// Four weeks go by, and whoever acts next logs in.
fn month_later(clock: &Clock, small: &mut Staged, large: &mut Staged) -> Result<(), Failure> {
    clock.advance(4 * WEEK);
    small.cast.log_in_again(&["pharmacist"])?;
    Ok(large.cast.log_in_again(&["pharmacist", "depot"])?)
}

fn assert_sound(service: &service::Shared) -> Result<(), Failure> {
    let compared = rebuild::compare(service).map_err(undone)?;
    match compared.iter().find(|compared| !compared.is_sound()) {
        None => Ok(()),
        Some(compared) => {
            Err(Failure::Refused(format!("the rows of {} are not what its journal says", compared.tree)))
        }
    }
}
