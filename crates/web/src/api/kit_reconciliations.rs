//! `GET, POST /studies/{study}/kit-reconciliations`, `POST .../{reconciliation}/confirmation`

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::accountability::reconcile::{self, Command, KitReconciliation};
use service::kits::read::Place;
use terms::KitNumber;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::shipments::place;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// The kits of a place that are finished with are signed for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignReconciliation)]
pub(crate) struct Sign {
    /// The site, or `depot`.
    site: Option<String>,
    /// The depot, or `site`.
    depot: Option<String>,
    /// Whether the place is closed: then every kit must be explained, and all leftovers are reconciled.
    #[serde(default)]
    closing: bool,
    /// Kits that were handed over and will not come back.
    #[serde(default)]
    explanations: Vec<Explanation>,
}

/// Why a kit will not come back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Explanation {
    kit: String,
    reason: String,
}

/// The second signature says nothing more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmReconciliation)]
pub(crate) struct Confirm {}

/// A reconciliation. Before it is confirmed no kit is reconciled.
#[derive(Serialize, ToSchema)]
struct ReconciledKits {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    closing: bool,
    /// The numbers of the kits, in order.
    kits: Vec<String>,
    /// Those of them that will not come back.
    explained: Vec<String>,
    signed_by: String,
    signed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct KitReconciliationBody {
    kit_reconciliation: ReconciledKits,
}

#[derive(Serialize, ToSchema)]
struct KitReconciliationsBody {
    kit_reconciliations: Vec<ReconciledKits>,
}

/// Lists the reconciliations of kits that you may see, in order.
#[utoipa::path(
    tag = "accountability",
    responses(
        (status = 200, description = "The reconciliations.", body = KitReconciliationsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/kit-reconciliations")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let all = run(move || reconcile::all(&service, &caller, &study)).await?;
    ok(KitReconciliationsBody { kit_reconciliations: all.into_iter().map(ReconciledKits::from).collect() })
}

/// Signs for all kits of a place that are finished with: the first of two signatures.
#[utoipa::path(
    tag = "accountability",
    request_body = Sign,
    responses(
        (status = 201, description = "The first signature is recorded.", body = KitReconciliationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/kit-reconciliations")]
pub(super) async fn sign(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Sign>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::SignKitReconciliation)?;
    let command = body.into_command()?;
    let signed = run(move || reconcile::sign(&service, envelope, command)).await?;
    created(KitReconciliationBody { kit_reconciliation: signed.into() })
}

/// Confirms what another person signed for: the second of two signatures, with which the kits are reconciled.
#[utoipa::path(
    tag = "accountability",
    request_body = Confirm,
    responses(
        (status = 201, description = "The kits are reconciled.", body = KitReconciliationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/kit-reconciliations/{reconciliation}/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Confirm>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, Confirm {}) =
        posted.into_act(caller, named(&path.0)?, Action::ConfirmKitReconciliation)?;
    let confirmed = run(move || reconcile::confirm(&service, envelope, id)).await?;
    created(KitReconciliationBody { kit_reconciliation: confirmed.into() })
}

impl Sign {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let at = place("site", self.site.as_deref(), "depot", self.depot.as_deref())?;
        let mut explanations = BTreeMap::new();
        for (index, Explanation { kit, reason }) in self.explanations.into_iter().enumerate() {
            let path = format!("explanations[{index}].kit");
            let number = KitNumber::scanned(&kit).map_err(|bad| Refusal::field(&path, bad))?;
            if explanations.insert(number, reason).is_some() {
                return Err(Refusal::field(&path, "stands twice"));
            }
        }
        Ok(Command { at, closing: self.closing, explanations })
    }
}

/// The site or the depot of a place, as two fields of an answer.
pub(super) fn fields_of(place: Place) -> (Option<String>, Option<String>) {
    match place {
        Place::Site(site) => (Some(site.to_string()), None),
        Place::Depot(depot) => (None, Some(depot.to_string())),
        Place::Store | Place::Shipment(_) => (None, None),
    }
}

impl From<KitReconciliation> for ReconciledKits {
    fn from(read: KitReconciliation) -> Self {
        let texts = |numbers: &[KitNumber]| numbers.iter().map(ToString::to_string).collect();
        let (site, depot) = fields_of(read.place);
        let (confirmed_by, confirmed_at) = read.confirmed.unzip();
        Self {
            id: read.id.to_string(),
            site,
            depot,
            closing: read.closing,
            kits: texts(&read.kits),
            explained: texts(&read.explained),
            signed_by: read.signed.0.to_string(),
            signed_at: read.signed.1.to_string(),
            confirmed_by: confirmed_by.map(|by| by.to_string()),
            confirmed_at: confirmed_at.map(|at| at.to_string()),
        }
    }
}
