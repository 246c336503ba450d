//! Every page of a study with many subjects: how soon its first byte comes to many clients, how large it is, and how
//! many requests a browser makes for it.

mod browser;
mod measure;
mod table;
mod walk;

use std::cmp::Reverse;
use std::path::Path;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;
use service::Shared;
use service::clock::Clock;

use self::browser::Browser;
use self::measure::{Clients, Measured};
use self::table::Table;
use self::walk::{Opened, walk};
use super::database::Scratch;
use super::stage;
use super::supply::stage::{Builder, Staged, first_day};
use crate::client::{ClientError, rows_at, text_at};
use crate::commands::Failure;
use crate::demo::{self, Files, setup};
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
    let staged = builder.small()?;
    let given = happenings(&staged, &files, &service)?;
    let pages = opened(&staged, &files, server.base(), &given)?;
    let mut clients = Clients::new(server.base(), plan.clients);
    let mut rows: Vec<Measured> = Vec::new();
    for page in pages {
        tell(page.pattern);
        rows.push(clients.measure(page, plan.requests)?);
    }
    progress.finish_and_clear();
    let table = Table { subjects: plan.subjects, clients: plan.clients, requests: plan.requests, rows };
    table.print()?;
    table.assert_small()
}

/// The demo's files with room and kits for so many subjects.
fn grown(files: &Files, subjects: usize) -> Result<Files, Failure> {
    let mut files = stage::grown(files, subjects)?;
    let batch = &mut files.plan.batch;
    let share = subjects.div_ceil(batch.lots.len().max(1));
    batch.kits_per_type += u32::try_from(share).map_err(refused)?;
    Ok(files)
}

/// What else there is to be seen: shipments, a code that was broken, a kit that is finished with, alerts, and a subject
/// who is not randomized yet and stands before all others. Gives the address of a kit that a subject has.
fn happenings(staged: &Staged, files: &Files, service: &Shared) -> Result<String, Failure> {
    shipments(staged, files)?;
    let (cast, site) = (&staged.cast, &files.plan.site.id);
    let new = json!({
        "screening_number": "A-00001", "site": site, "birth_year": 1920, "sex": "female",
    });
    cast.act("investigator", None, &cast.path("/subjects"), &new)?;
    let broken = json!({ "screening_number": staged.subjects.first(), "reason": "overdose" });
    cast.act("investigator", Some("unblind"), &cast.path("/unblindings"), &broken)?;
    let pharmacist = cast.person("pharmacist")?;
    let first = |state: &str| -> Result<String, ClientError> {
        let path = cast.path(&format!("/kits?state={state}"));
        let kits = pharmacist.expect(200, "GET", &path, &pharmacist.get(&path)?)?;
        Ok(text_at(&kits, "/kits/0/number").to_owned())
    };
    let (lost, given) = (first("available")?, first("dispensed")?);
    let incident = json!({ "incident": "lost", "reason": "for the benchmark" });
    cast.act("pharmacist", None, &cast.path(&format!("/kits/{lost}/incidents")), &incident)?;
    let (path, of) = (cast.path("/kit-reconciliations"), json!({ "site": site }));
    cast.act("pharmacist", Some("sign_kit_reconciliation"), &path, &of)?;
    service::alerts::round::round(service).map_err(wiring::undone)?;
    Ok(cast.path(&format!("/kits/{given}")))
}

/// A shipment that is on its way to the site, and one that is picked.
fn shipments(staged: &Staged, files: &Files) -> Result<(), Failure> {
    let cast = &staged.cast;
    let group = demo::design(files)?.resupply_rules().group_size;
    let mut more = files.clone();
    more.plan.batch.id = "B-MORE".to_owned();
    more.plan.batch.kits_per_type = group.saturating_mul(3);
    setup::register(cast, &more, &demo::kit_types(files)?)?;
    let order = json!({ "to_site": files.plan.site.id, "groups": 1 });
    let picked = cast.act("depot", None, &cast.path("/shipments"), &order)?;
    let (shipment, kits) = (text_at(&picked, "/shipment/id"), rows_at(&picked, "/shipment/kits"));
    let dispatch = cast.path(&format!("/shipments/{shipment}/dispatch"));
    cast.act("depot", None, &dispatch, &json!({ "kits": kits }))?;
    cast.act("depot", None, &cast.path("/shipments"), &order)?;
    Ok(())
}

/// A page of each kind that links lead to: the largest, by the one who sees most of it.
fn opened(staged: &Staged, files: &Files, base: &str, given: &str) -> Result<Vec<Opened>, Failure> {
    let mut found = walk(&Browser::anonymous(base), given)?;
    for person in &files.plan.people {
        let password = &staged.cast.person(&person.login)?.password;
        found.extend(walk(&Browser::log_in(base, &person.login, password)?, given)?);
    }
    let place = |page: &Opened| web::addresses().position(|address| address == page.pattern);
    found.sort_by_key(|page| (place(page), Reverse(page.bytes)));
    found.dedup_by_key(|page| page.pattern);
    Ok(found)
}
