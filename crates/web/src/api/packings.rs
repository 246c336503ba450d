//! `POST /studies/{study}/batches/{batch}/packaging-lists`, `POST, GET .../packings`, `POST .../sample-checks`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::age::Recipient;
use service::packing::export::{self, export};
use service::packing::read::{self, Left, packings};
use service::packing::{check, record};
use terms::{BatchId, KitNumber};
use trial::decide::sample::Found;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// For whom a packaging list is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Export {
    /// Who is to open it, in words. It is recorded.
    recipient: String,
    /// The recipient's public key, as `age-keygen` prints it.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    recipient_key: String,
}

/// What came back from the packager.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pack {
    /// The list as it was packed: the same header and lines in the same order, each ended by a line feed.
    pub(crate) packed: String,
}

/// What was found in the sample.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckSample {
    /// Every kit of the sample, once.
    found: Vec<FoundKit>,
}

/// What was found in a kit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FoundKit {
    kit_number: String,
    /// The internal code of the kit type that it holds; left out when it is none of the study.
    #[serde(default)]
    kit_type: Option<String>,
}

/// A packaging list that left: for the recipient's eyes alone.
#[derive(Serialize, ToSchema)]
struct PackagingList {
    batch: String,
    recipient: String,
    recipient_key: String,
    /// How many kits stand in it.
    kits: usize,
    /// The encrypted list, for `age --decrypt`: a CSV of `kit_number,kit_type` in the order of the numbers.
    age: String,
    exported_by: String,
    exported_at: String,
}

/// That a packaging list left.
#[derive(Serialize, ToSchema)]
struct ListLeft {
    recipient: String,
    recipient_key: String,
    exported_by: String,
    exported_at: String,
}

/// A packing that agrees with what was registered.
#[derive(Serialize, ToSchema)]
struct Packing {
    batch: String,
    /// Which packing of the batch it is, from 1.
    attempt: u32,
    /// How many kits were packed.
    kits: u32,
    recorded_by: String,
    recorded_at: String,
    /// The kits to open and check, in the order of their numbers.
    sample: Vec<String>,
    /// Whether every kit of the sample held what was registered; absent before it is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PackagingListBody {
    packaging_list: PackagingList,
}

#[derive(Serialize, ToSchema)]
struct PackingBody {
    packing: Packing,
}

#[derive(Serialize, ToSchema)]
struct PackingsBody {
    packings: Vec<Packing>,
    packaging_lists: Vec<ListLeft>,
}

/// Exports the packaging list of a batch, which number holds what, encrypted for one recipient. Every export is
/// recorded before it is answered.
#[utoipa::path(
    tag = "kits",
    request_body = Export,
    responses(
        (status = 201, description = "The encrypted list.", body = PackagingListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/packaging-lists")]
pub(super) async fn post_list(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Export>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ExportPackagingList)?;
    let command = body.into_command(batch)?;
    let exported = run(move || export(&service, envelope, command)).await?;
    created(PackagingListBody { packaging_list: exported.into() })
}

/// Records the packing of a batch, when what came back agrees with what was registered, number by number.
#[utoipa::path(
    tag = "kits",
    request_body = Pack,
    responses(
        (status = 201, description = "The packing is recorded.", body = PackingBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/packings")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Pack>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::RecordPacking)?;
    let packing = run(move || record::record(&service, envelope, batch, body.packed)).await?;
    created(PackingBody { packing: packing.into() })
}

/// Lists the packings of a batch with the kits to check, and which packaging lists left.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The packings.", body = PackingsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/batches/{batch}/packings")]
pub(super) async fn list(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, batch) = (named(&path.0)?, named(&path.1)?);
    let (lists, found) = run(move || packings(&service, &caller, &study, &batch)).await?;
    let packings = found.into_iter().map(Packing::from).collect();
    ok(PackingsBody { packings, packaging_lists: lists.into_iter().map(ListLeft::from).collect() })
}

/// Records what was found in the sample of a packing, by another person than recorded it. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = CheckSample,
    responses(
        (status = 201, description = "The check is recorded, passed or failed.", body = PackingBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/sample-checks")]
pub(super) async fn post_check(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<CheckSample>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::CheckSample)?;
    let command = check::Command { batch, found: body.found()? };
    let packing = run(move || check::check(&service, envelope, command)).await?;
    created(PackingBody { packing: packing.into() })
}

impl Export {
    pub(crate) fn into_command(self, batch: BatchId) -> Result<export::Command, Refusal> {
        let key =
            Recipient::parse(&self.recipient_key).map_err(|bad| Refusal::field("recipient_key", bad))?;
        Ok(export::Command { batch, recipient: self.recipient, key })
    }
}

impl CheckSample {
    pub(crate) fn found(self) -> Result<Vec<Found>, Refusal> {
        let one = |(place, found): (usize, FoundKit)| {
            let wrong = |bad| Refusal::field(&format!("found[{place}].kit_number"), bad);
            let number = KitNumber::scanned(&found.kit_number).map_err(wrong)?;
            Ok(Found { number, kit_type: found.kit_type })
        };
        self.found.into_iter().enumerate().map(one).collect()
    }
}

impl From<export::Exported> for PackagingList {
    fn from(exported: export::Exported) -> Self {
        Self {
            batch: exported.batch.to_string(),
            recipient: exported.recipient,
            recipient_key: exported.key.to_string(),
            kits: exported.kits,
            age: exported.age,
            exported_by: exported.signed.0.to_string(),
            exported_at: exported.signed.1.to_string(),
        }
    }
}

impl From<Left> for ListLeft {
    fn from(left: Left) -> Self {
        Self {
            recipient: left.recipient,
            recipient_key: left.recipient_key,
            exported_by: left.signed.0.to_string(),
            exported_at: left.signed.1.to_string(),
        }
    }
}

impl From<read::Packing> for Packing {
    fn from(packing: read::Packing) -> Self {
        let (passed, checked_by, checked_at) = match packing.check {
            Some((passed, by, at)) => (Some(passed), Some(by.to_string()), Some(at.to_string())),
            None => (None, None, None),
        };
        Self {
            batch: packing.batch.to_string(),
            attempt: packing.attempt,
            kits: packing.kits,
            recorded_by: packing.recorded.0.to_string(),
            recorded_at: packing.recorded.1.to_string(),
            sample: packing.sample.iter().map(ToString::to_string).collect(),
            passed,
            checked_by,
            checked_at,
        }
    }
}
