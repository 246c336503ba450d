//! `GET /studies/{study}/batches`, `POST .../batches/{batch}/certification`, `.../release`, `.../receipts`

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::kits::receive::Command;
use service::kits::release::take_step;
use service::kits::{self, read};
use terms::{BatchId, Country, KitNumber, SiteId};
use trial::decide::batch::{Arrival, Listed};
use trial::{Action, Refusal, ReleaseStep};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A batch as everybody may see it.
#[derive(Serialize, ToSchema)]
struct Batch {
    id: String,
    /// The label expiry that is in force.
    #[schema(format = Date)]
    label_expiry: String,
    registered_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recalled_at: Option<String>,
    /// What can be seen of every kit of the batch from outside.
    visible: BTreeMap<String, String>,
    /// The last packing; absent before there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    packing: Option<Packed>,
    /// The countries in which it may be used, because both steps were taken for them.
    released_in: Vec<String>,
    steps: Vec<StepTaken>,
}

/// A packing of a batch that agrees with what was registered.
#[derive(Serialize, ToSchema)]
struct Packed {
    /// Which packing of the batch it is, from 1.
    attempt: u32,
    recorded_by: String,
    recorded_at: String,
    /// Whether a sample of it held what was registered; absent before it is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
}

/// A step that was taken towards the use of a batch in a country.
#[derive(Serialize, ToSchema)]
struct StepTaken {
    #[schema(example = "FR")]
    country: String,
    #[schema(example = "certification")]
    step: &'static str,
    taken_by: String,
    taken_at: String,
}

#[derive(Serialize, ToSchema)]
struct BatchesBody {
    batches: Vec<Batch>,
}

#[derive(Serialize, ToSchema)]
struct BatchBody {
    batch: Batch,
}

/// For which country a step is taken.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    /// Two capital letters, as in ISO 3166-1.
    #[schema(example = "FR")]
    country: String,
}

/// The kits that a site has unpacked, each in one of three lists.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReceiveBatch)]
struct Receive {
    /// The site at which the kits are.
    site: String,
    /// The numbers of the kits in good order.
    #[serde(default)]
    received: Vec<String>,
    /// The numbers of the kits that should be there and are not.
    #[serde(default)]
    missing: Vec<String>,
    /// The numbers of the kits that are damaged.
    #[serde(default)]
    damaged: Vec<String>,
}

/// A receipt, with the kits whose arrival it recorded; those recorded before are not in it.
#[derive(Serialize, ToSchema)]
struct Receipt {
    batch: String,
    site: String,
    received: Vec<String>,
    missing: Vec<String>,
    damaged: Vec<String>,
    recorded_at: String,
    recorded_by: String,
}

#[derive(Serialize, ToSchema)]
struct ReceiptBody {
    receipt: Receipt,
}

/// Lists the batches of the study.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The batches.", body = BatchesBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/batches")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let batches = run(move || read::batches(&service, &caller, &study)).await?;
    ok(BatchesBody { batches: batches.into_iter().map(Batch::from).collect() })
}

/// Certifies a batch for a country: the first of the two steps after which it may be used there. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = Release,
    responses(
        (status = 201, description = "The step is taken.", body = BatchBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/certification")]
pub(super) async fn certify(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Release>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::CertifyBatch)?;
    let country = body.country()?;
    let step = ReleaseStep::Certification;
    let batch = run(move || take_step(&service, envelope, batch, country, step)).await?;
    created(BatchBody { batch: batch.into() })
}

/// Releases a batch in a country: the second of the two steps. Only with both, kits of it may be used there. It is
/// signed.
#[utoipa::path(
    tag = "kits",
    request_body = Release,
    responses(
        (status = 201, description = "The step is taken.", body = BatchBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/release")]
pub(super) async fn release(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Release>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReleaseBatch)?;
    let country = body.country()?;
    let step = ReleaseStep::RegulatoryRelease;
    let batch = run(move || take_step(&service, envelope, batch, country, step)).await?;
    created(BatchBody { batch: batch.into() })
}

/// Records which kits of a batch arrived at a site, all of it or nothing.
#[utoipa::path(
    tag = "kits",
    request_body = Receive,
    responses(
        (status = 201, description = "The receipt is recorded.", body = ReceiptBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/receipts")]
pub(super) async fn receive(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Receive>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReceiveKits)?;
    let command = body.into_command(batch)?;
    let receipt = run(move || kits::receive::receive(&service, envelope, command)).await?;
    created(ReceiptBody { receipt: receipt.into() })
}

impl Release {
    pub(crate) fn country(&self) -> Result<Country, Refusal> {
        self.country.parse().map_err(|bad| Refusal::field("country", bad))
    }
}

impl Receive {
    fn into_command(self, batch: BatchId) -> Result<Command, Refusal> {
        let site = SiteId::parse(&self.site).map_err(|bad| Refusal::field("site", bad))?;
        let mut kits = listed("received", &self.received, Arrival::Received)?;
        kits.extend(listed("missing", &self.missing, Arrival::Missing)?);
        kits.extend(listed("damaged", &self.damaged, Arrival::Damaged)?);
        Ok(Command { batch, site, kits })
    }
}

pub(super) fn listed(field: &str, numbers: &[String], arrival: Arrival) -> Result<Vec<Listed>, Refusal> {
    let one = |(place, number): (usize, &String)| {
        let path = format!("{field}[{place}]");
        let number = KitNumber::scanned(number).map_err(|bad| Refusal::field(&path, bad))?;
        Ok(Listed { path, number, arrival })
    };
    numbers.iter().enumerate().map(one).collect()
}

impl From<read::Batch> for Batch {
    fn from(batch: read::Batch) -> Self {
        Self {
            id: batch.id.to_string(),
            label_expiry: batch.label_expiry.to_string(),
            registered_at: batch.registered_at.to_string(),
            recalled_at: batch.recalled_at.map(|at| at.to_string()),
            visible: batch.visible,
            packing: batch.packing.map(Packed::from),
            released_in: batch.released_in.iter().map(ToString::to_string).collect(),
            steps: batch.steps.into_iter().map(StepTaken::from).collect(),
        }
    }
}

impl From<read::Packed> for Packed {
    fn from(packed: read::Packed) -> Self {
        let (sample_passed, checked_by, checked_at) = match packed.check {
            Some((passed, by, at)) => (Some(passed), Some(by.to_string()), Some(at.to_string())),
            None => (None, None, None),
        };
        Self {
            attempt: packed.attempt,
            recorded_by: packed.recorded.0.to_string(),
            recorded_at: packed.recorded.1.to_string(),
            sample_passed,
            checked_by,
            checked_at,
        }
    }
}

impl From<read::StepTaken> for StepTaken {
    fn from(taken: read::StepTaken) -> Self {
        Self {
            country: taken.country.to_string(),
            step: taken.step.into(),
            taken_by: taken.by.to_string(),
            taken_at: taken.at.to_string(),
        }
    }
}

impl From<kits::receive::Receipt> for Receipt {
    fn from(receipt: kits::receive::Receipt) -> Self {
        let texts = |numbers: &[KitNumber]| numbers.iter().map(ToString::to_string).collect();
        Self {
            batch: receipt.batch.to_string(),
            site: receipt.site.to_string(),
            received: texts(&receipt.received),
            missing: texts(&receipt.missing),
            damaged: texts(&receipt.damaged),
            recorded_at: receipt.at.to_string(),
            recorded_by: receipt.by.to_string(),
        }
    }
}
