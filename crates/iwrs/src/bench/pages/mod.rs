//! Every page of a study with many subjects: how soon its first byte comes to many clients, how large it is, and how
//! many requests a browser makes for it.

mod browser;
mod factor;
mod happenings;
mod measure;
mod table;
mod walk;

use std::cmp::Reverse;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use service::clock::Clock;

use self::browser::Browser;
use self::measure::{Clients, Measured};
use self::table::Table;
use self::walk::{Opened, walk};
use super::database::Scratch;
use super::stage;
use super::supply::stage::{Builder, Staged, first_day};
use crate::commands::Failure;
use crate::demo::Files;
use crate::running::Running;
use crate::wiring::{self, refused};

/// What is measured.
pub(crate) struct Plan<'a> {
    /// Subjects, all at one site and with their first kit.
    pub(crate) subjects: usize,
    /// Clients at a time.
    pub(crate) clients: usize,
    /// How often each page is asked for.
    pub(crate) requests: usize,
    /// Where the study's files are.
    pub(crate) config: &'a Path,
}

/// Measures on an embedded database, and prints the table.
pub(crate) fn run(plan: &Plan<'_>) -> Result<(), Failure> {
    if [plan.subjects, plan.clients, plan.requests].contains(&0) {
        return Err(Failure::Refused("there must be subjects, clients and requests to measure".to_owned()));
    }
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(Duration::from_millis(200));
    let tell = |what: &str| progress.set_message(what.to_owned());
    let files = grown(&Files::read(plan.config)?, plan.subjects)?;
    let database = Scratch::sqlite()?;
    let settings = database.settings()?;
    wiring::prepare(&settings)?;
    let clock = Clock::fixed(first_day()?);
    let service = wiring::service_at(&settings, clock.clone())?;
    let throw_away = wiring::throw_away_service(&settings, clock.clone())?;
    let server = Running::start(&service)?;
    let builder = Builder {
        service: &service,
        throw_away: &throw_away,
        base: server.base(),
        files: &files,
        clock: &clock,
        tell: &tell,
    };
    let mut staged = builder.small()?;
    let besides = happenings::play(&mut staged.cast, &files, &service, &clock)?;
    let mut pages = opened(&staged, &files, server.base(), &besides)?;
    pages.extend(factor::opened(&mut staged.cast, &files, server.base(), &clock)?);
    in_order(&mut pages);
    let mut clients = Clients::new(server.base(), plan.clients);
    let mut rows: Vec<Measured> = Vec::new();
    for page in pages {
        tell(&page.kind);
        rows.push(clients.measure(page, plan.requests)?);
    }
    progress.finish_and_clear();
    let table = Table { subjects: plan.subjects, clients: plan.clients, requests: plan.requests, rows };
    table.print()?;
    table.assert_small()
}

/// The demo's files with room and kits for so many subjects, and with kits that are prepared on site.
fn grown(files: &Files, subjects: usize) -> Result<Files, Failure> {
    let mut files = stage::grown(files, subjects)?;
    files.design = files.design.replacen("\n[supply]\n", happenings::PREPARED_SUPPLY, 1);
    // Those who wait at the counter come on top of them.
    for most in ["cap", "list_length"] {
        let (from, to) = (format!("\n{most} = {subjects}\n"), subjects.saturating_add(happenings::WAITING));
        files.design = files.design.replacen(&from, &format!("\n{most} = {to}\n"), 1);
    }
    let batch = &mut files.plan.batch;
    let share = subjects.div_ceil(batch.lots.len().max(1));
    batch.kits_per_type += u32::try_from(share).map_err(refused)?;
    Ok(files)
}

/// The pages that links lead to, by everybody.
fn opened(staged: &Staged, files: &Files, base: &str, besides: &[String]) -> Result<Vec<Opened>, Failure> {
    let mut found = walk(&Browser::anonymous(base), besides)?;
    for person in &files.plan.people {
        let password = &staged.cast.person(&person.login)?.password;
        found.extend(walk(&Browser::log_in(base, &person.login, password)?, besides)?);
    }
    Ok(found)
}

/// One page of each kind, the largest, in the order of the kinds.
fn in_order(pages: &mut Vec<Opened>) {
    let place = |page: &Opened| {
        let pattern = page.kind.split('?').next().unwrap_or_default();
        web::addresses().position(|address| address == pattern)
    };
    pages.sort_by_cached_key(|page| (place(page), page.kind.clone(), Reverse(page.bytes)));
    pages.dedup_by(|page, before| page.kind == before.kind);
}
