//! What is measured over HTTP on the stage, and what is measured of the observer without one.

use std::time::{Duration, Instant};

use observer::deduce;
use serde_json::json;
use trial::rehearsal::{Conditions, SupplyPolicy, rehearse, seed_of};
use trial::study::SealedDesign;

use super::stage::Staged;
use crate::bench::timing::Timing;
use crate::client::{Client, rows_at, text_at};
use crate::commands::Failure;
use crate::demo::{self, Files};

/// The times of the dispensings in one study.
#[derive(Default)]
pub(super) struct Dispensings {
    each: Vec<Duration>,
}

impl Dispensings {
    /// All of them together.
    pub(super) fn timing(self) -> (usize, Timing) {
        let together = self.each.iter().sum();
        (self.each.len(), Timing::new(self.each, together))
    }
}

/// Asks at a visit which kit to hand over to whom, one subject of each study in turn, so that whatever else disturbs
/// the machine disturbs both alike. The first of each is not counted: the server has just been started, or a month
/// has gone by. What was told is handed over.
pub(super) fn dispense(
    [small, large]: [&Staged; 2],
    visit: &str,
    [of_small, of_large]: [&mut Dispensings; 2],
) -> Result<(), Failure> {
    for (place, (one, other)) in small.subjects.iter().zip(&large.subjects).enumerate() {
        let (first, second) = (timed(small, one, visit)?, timed(large, other, visit)?);
        if place > 0 {
            of_small.each.push(first);
            of_large.each.push(second);
        }
    }
    Ok(())
}

fn timed(study: &Staged, subject: &str, visit: &str) -> Result<Duration, Failure> {
    let pharmacist = study.cast.person("pharmacist")?;
    let path = study.cast.path(&format!("/subjects/{subject}/dispensations"));
    let body = json!({ "visit": visit });
    let began = Instant::now();
    let reply = pharmacist.post(&path, &body)?;
    let took = began.elapsed();
    let told = pharmacist.expect(201, "POST", &path, &reply)?;
    let dispensation = text_at(&told, "/dispensation/id");
    let path = study.cast.path(&format!("/dispensations/{dispensation}/confirmation"));
    for kit in rows_at(&told, "/dispensation/kits") {
        study.cast.act("pharmacist", None, &path, &json!({ "kit_number": kit }))?;
    }
    Ok(took)
}

/// A resupply run.
pub(super) struct Run {
    /// One plan for each site.
    pub(super) plans: usize,
    /// How many of them had kits picked for a shipment.
    pub(super) shipments: usize,
    /// Of all plans together.
    pub(super) took: Duration,
}

/// Has every site planned, one after the other.
pub(super) fn resupply(study: &Staged) -> Result<Run, Failure> {
    let depot: &Client = study.cast.person("depot")?;
    let path = study.cast.path("/resupply-plans");
    let (began, mut shipments) = (Instant::now(), 0);
    for (site, from) in &study.sites {
        let reply = depot.post(&path, &json!({ "site": site, "from_depot": from }))?;
        let planned = depot.expect(201, "POST", &path, &reply)?;
        shipments += usize::from(!text_at(&planned, "/resupply_plan/shipment").is_empty());
    }
    Ok(Run { plans: study.sites.len(), shipments, took: began.elapsed() })
}

/// The leak check of runs of IMODALS, each rehearsed before and judged by the complete observer.
pub(super) fn leak_checks(files: &Files, runs: u32) -> Result<Timing, Failure> {
    let design = demo::design(files)?;
    let sealed = SealedDesign::from_toml(&files.sealed, &design)
        .map_err(|problems| Failure::Study { path: "imodals.sealed.toml".into(), problems })?;
    let mut each = Vec::new();
    for number in 0..runs {
        let done = rehearse(&design, &sealed, SupplyPolicy::Shipped, &Conditions::IMODALS, &seed_of(number));
        let began = Instant::now();
        deduce(&done.seen).map_err(|contradiction| Failure::Refused(contradiction.to_string()))?;
        each.push(began.elapsed());
    }
    let together = each.iter().sum();
    Ok(Timing::new(each, together))
}
