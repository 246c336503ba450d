//! `POST /studies/{study}/batches/{batch}/expiry-shortening`, `.../expiry-extensions`, `.../{extension}/confirmation`,
//! `GET .../expiry-changes`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use journal::Hash;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::batches::read::{self, Change};
use service::batches::{AtPlace, extend, shorten};
use service::kits::read::Place;
use terms::{BatchId, Day, KitNumber};
use trial::decide::expiry::Renewed;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::field;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// An earlier label expiry, in force at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shorten {
    /// The last day of use from now on.
    #[schema(value_type = String, format = Date)]
    label_expiry: Day,
    /// The SHA-256 of what shows it, in hexadecimal.
    evidence_sha256: String,
    reason: String,
}

/// A later label expiry, for another person to confirm.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extend {
    /// The last day of use that is proposed: at most the earliest expiry of the lots.
    #[schema(value_type = String, format = Date)]
    label_expiry: Day,
    /// The lots that have another expiry than was known.
    #[serde(default)]
    lots: Vec<Lot>,
    reason: String,
}

/// A true lot with its new expiry.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Lot {
    /// The internal code of the kit type.
    kit_type: String,
    /// The true expiry.
    #[schema(value_type = String, format = Date)]
    expiry: Day,
}

/// The second signature.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmExtension)]
pub(crate) struct Confirm {
    /// The SHA-256 of the decision of the Qualified Person, in hexadecimal.
    evidence_sha256: String,
}

/// A change of a batch's label expiry.
#[derive(Serialize, ToSchema)]
struct ExpiryChange {
    /// The id of an extension; a shortening has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    batch: String,
    #[schema(example = "shortening")]
    change: &'static str,
    #[schema(format = Date)]
    old_label_expiry: String,
    #[schema(format = Date)]
    label_expiry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_at: Option<String>,
    /// Who put it into force. Before that nothing has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_sha256: Option<String>,
    /// The kits that no longer last by a shortening, or that an extension is of, by their places.
    places: Vec<KitsAtPlace>,
}

/// The kits of a batch at one place. Without site, depot and shipment it is the sponsor's stock.
#[derive(Serialize, ToSchema)]
pub(super) struct KitsAtPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<String>,
    /// The kits that nobody was given.
    kits: Vec<String>,
    /// The kits that subjects have.
    with_subjects: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct ExpiryChangeBody {
    expiry_change: ExpiryChange,
}

#[derive(Serialize, ToSchema)]
struct ExpiryChangesBody {
    expiry_changes: Vec<ExpiryChange>,
}

/// Shortens the label expiry of a batch, at every place at once, and tells which kits no longer last. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = Shorten,
    responses(
        (status = 201, description = "It is in force.", body = ExpiryChangeBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/expiry-shortening")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Shorten>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ShortenExpiry)?;
    let command = body.into_command(batch)?;
    let change = run(move || shorten::shorten(&service, envelope, command)).await?;
    created(ExpiryChangeBody { expiry_change: change.into() })
}

/// Proposes to extend the label expiry of a batch: the first of two signatures. Until the second nothing changes.
#[utoipa::path(
    tag = "kits",
    request_body = Extend,
    responses(
        (status = 201, description = "It is proposed.", body = ExpiryChangeBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/expiry-extensions")]
pub(super) async fn propose(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Extend>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ProposeExtension)?;
    let command = body.into_command(batch);
    let change = run(move || extend::propose(&service, envelope, command)).await?;
    created(ExpiryChangeBody { expiry_change: change.into() })
}

/// Confirms an extension that another person proposed: the second of two signatures, with which it is in force.
#[utoipa::path(
    tag = "kits",
    request_body = Confirm,
    responses(
        (status = 201, description = "It is in force.", body = ExpiryChangeBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/expiry-extensions/{extension}/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    path: Path<(String, String, String)>,
    Asks(caller): Asks,
    posted: Posted<Confirm>,
) -> Answer {
    let (batch, id) = (named(&path.1)?, named(&path.2)?);
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ConfirmExtension)?;
    let evidence = body.evidence()?;
    let change = run(move || extend::confirm(&service, envelope, batch, id, evidence)).await?;
    created(ExpiryChangeBody { expiry_change: change.into() })
}

/// Lists the changes of a batch's label expiry, with the kits that they concerned where you may see them.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The changes.", body = ExpiryChangesBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/batches/{batch}/expiry-changes")]
pub(super) async fn list(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, batch) = (named(&path.0)?, named(&path.1)?);
    let changes = run(move || read::changes(&service, &caller, &study, &batch)).await?;
    ok(ExpiryChangesBody { expiry_changes: changes.into_iter().map(ExpiryChange::from).collect() })
}

impl Shorten {
    pub(crate) fn into_command(self, batch: BatchId) -> Result<shorten::Command, Refusal> {
        let evidence = field::hash("evidence_sha256", &self.evidence_sha256)?;
        Ok(shorten::Command { batch, label_expiry: self.label_expiry, reason: self.reason, evidence })
    }
}

impl Extend {
    pub(crate) fn into_command(self, batch: BatchId) -> extend::Command {
        let Self { label_expiry, lots, reason } = self;
        let renewed = |lot: Lot| Renewed { kit_type: lot.kit_type, expiry: lot.expiry };
        let lots = lots.into_iter().map(renewed).collect();
        extend::Command { batch, label_expiry, lots, reason }
    }
}

impl Confirm {
    pub(crate) fn evidence(&self) -> Result<Hash, Refusal> {
        field::hash("evidence_sha256", &self.evidence_sha256)
    }
}

impl From<Change> for ExpiryChange {
    fn from(change: Change) -> Self {
        let kind = if change.extension.is_some() { "extension" } else { "shortening" };
        let (proposed_by, proposed_at) = change.proposed.unzip();
        Self {
            id: change.extension.map(|id| id.to_string()),
            batch: change.batch.to_string(),
            change: kind,
            old_label_expiry: change.from.to_string(),
            label_expiry: change.label_expiry.to_string(),
            proposed_by: proposed_by.map(|by| by.to_string()),
            proposed_at: proposed_at.map(|at| at.to_string()),
            signed_by: change.in_force.as_ref().map(|(by, ..)| by.to_string()),
            signed_at: change.in_force.as_ref().map(|(_, at, _)| at.to_string()),
            evidence_sha256: change.in_force.map(|(.., evidence)| evidence.to_string()),
            places: change.places.into_iter().map(KitsAtPlace::from).collect(),
        }
    }
}

impl From<AtPlace> for KitsAtPlace {
    fn from(at: AtPlace) -> Self {
        let texts = |numbers: &[KitNumber]| numbers.iter().map(ToString::to_string).collect();
        let (site, depot, shipment) = match at.place {
            Place::Store => (None, None, None),
            Place::Site(site) => (Some(site.to_string()), None, None),
            Place::Depot(depot) => (None, Some(depot.to_string()), None),
            Place::Shipment(shipment) => (None, None, Some(shipment.to_string())),
        };
        Self { site, depot, shipment, kits: texts(&at.kits), with_subjects: texts(&at.with_subjects) }
    }
}
