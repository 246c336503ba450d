//! `POST /studies/{study}/batches/{batch}/lot-statements`, `POST, GET /studies/{study}/batches/{batch}/lot-recalls`

use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::batches::AtPlace;
use service::batches::lot::{self, Command};
use service::kits::read::Place;
use terms::{BatchId, KitNumber, SiteId};
use trial::observed::Told;
use trial::{Action, LotRecallReason, Refusal};
use utoipa::ToSchema;

use super::expiry::KitsAtPlace;
use super::field;
use super::shipments::texts;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::file::{PDF, attachment};
use crate::posted::{Asks, Posted, named};

/// What would the recall of this true lot do, and reveal to whom?
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskAboutLot {
    /// The true lot, as it was registered.
    pub(crate) lot: String,
}

/// What the recall of one true lot would do, and reveal to whom: for unblinded eyes alone.
#[derive(Serialize, ToSchema)]
struct LotStatement {
    id: String,
    batch: String,
    lot: String,
    /// The true expiry of the lot.
    expiry: String,
    /// The internal code of its kit type.
    kit_type: String,
    contents: String,
    read_by: String,
    read_at: String,
    /// The SHA-256 of the statement as PDF, which the recall names.
    sha256: String,
    /// What the recall does, and what it reveals to whom.
    says: Vec<String>,
    /// The kits of the lot by their places: at a site all that are there, whatever became of them; elsewhere those that
    /// would be hit.
    places: Vec<LotAtPlace>,
    /// The pairs of subjects that the recall would prove something of, by an observer who does not know the block
    /// sizes. Only for the unblinded reviewer; absent, too, in a study with too many subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    proves: Option<Vec<ProvedPair>>,
}

#[derive(Serialize, ToSchema)]
struct LotAtPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<String>,
    kits: Vec<String>,
}

/// Two subjects, seen by somebody at this site.
#[derive(Serialize, ToSchema)]
struct ProvedPair {
    site: String,
    one: String,
    other: String,
    share_an_arm: bool,
}

/// One true lot is called back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBackLot {
    /// The statement that you have read.
    statement: String,
    /// The SHA-256 of it as PDF, in hexadecimal.
    statement_sha256: String,
    /// `quality_defect`, `complaint` or `authority`.
    why: String,
    reason: String,
}

/// The recall of one true lot, as it was signed. Of which one stands nowhere here.
#[derive(Serialize, ToSchema)]
struct LotRecall {
    statement: String,
    batch: String,
    why: String,
    recalled_by: String,
    recalled_at: String,
    /// The kits that it named when it was signed, by their places, as far as you may see them: set aside at sites and
    /// depots; elsewhere set aside when they arrive.
    places: Vec<RecalledAtPlace>,
}

#[derive(Serialize, ToSchema)]
struct RecalledAtPlace {
    #[serde(flatten)]
    at: KitsAtPlace,
    /// The kits that were out of use already, and do not come back into use.
    out_of_use: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct LotStatementBody {
    lot_statement: LotStatement,
}

#[derive(Serialize, ToSchema)]
struct LotRecallBody {
    lot_recall: LotRecall,
}

#[derive(Serialize, ToSchema)]
struct LotRecallsBody {
    /// In order.
    lot_recalls: Vec<LotRecall>,
}

/// States what the recall of one true lot would do, and reveal to whom. The read is in the journal. As PDF, with
/// `Accept: application/pdf`, it is to be printed; under the same key it is the same statement.
#[utoipa::path(
    tag = "kits",
    request_body = AskAboutLot,
    responses(
        (status = 201, description = "The statement.", body = LotStatementBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/lot-statements")]
pub(super) async fn state(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    request: HttpRequest,
    posted: Posted<AskAboutLot>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReadLotStatement)?;
    let stated = run(move || lot::state(&service, envelope, batch, body.lot)).await?;
    if request.headers().get(ACCEPT).is_some_and(|accept| accept == PDF) {
        return Ok(attachment(StatusCode::CREATED, PDF, "lot-statement.pdf", stated.file));
    }
    created(LotStatementBody { lot_statement: stated.into() })
}

/// Calls one true lot back, after its statement was read: exactly its kits are set aside, and no kit of it is used any
/// more. Each place is told its own by their numbers. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = CallBackLot,
    responses(
        (status = 201, description = "The lot is recalled.", body = LotRecallBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/lot-recalls")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<CallBackLot>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::RecallLot)?;
    let command = body.into_command(batch)?;
    let recalled = run(move || lot::recall(&service, envelope, command)).await?;
    created(LotRecallBody { lot_recall: recalled.into() })
}

/// Lists the recalls of true lots of a batch, each with the kits that you may see.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The recalls.", body = LotRecallsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/batches/{batch}/lot-recalls")]
pub(super) async fn list(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, batch) = (named(&path.0)?, named(&path.1)?);
    let recalls = run(move || lot::recalls(&service, &caller, &study, &batch)).await?;
    ok(LotRecallsBody { lot_recalls: recalls.into_iter().map(LotRecall::from).collect() })
}

impl CallBackLot {
    pub(crate) fn into_command(self, batch: BatchId) -> Result<Command, Refusal> {
        let why: LotRecallReason = self.why.parse().map_err(|_unknown| Refusal::UnknownReason)?;
        let statement = field::id("statement", &self.statement)?;
        let file = field::hash("statement_sha256", &self.statement_sha256)?;
        Ok(Command { batch, statement, file, why, reason: self.reason })
    }
}

impl From<lot::LotStatement> for LotStatement {
    fn from(stated: lot::LotStatement) -> Self {
        let (lot, expiry, kit_type, contents) = stated.lot;
        let at = |(place, kits): (Place, Vec<KitNumber>)| LotAtPlace::new(&place, &kits);
        let proves = stated.proves.map(|pairs| pairs.into_iter().map(ProvedPair::from).collect());
        Self {
            id: stated.id.to_string(),
            batch: stated.batch.to_string(),
            lot,
            expiry: expiry.to_string(),
            kit_type,
            contents,
            read_by: stated.read.0.to_string(),
            read_at: stated.read.1.to_string(),
            sha256: stated.hash.to_string(),
            says: stated.says,
            places: stated.places.into_iter().map(at).collect(),
            proves,
        }
    }
}

impl LotAtPlace {
    fn new(place: &Place, kits: &[KitNumber]) -> Self {
        let (site, depot, shipment) = match place {
            Place::Store => (None, None, None),
            Place::Site(site) => (Some(site.to_string()), None, None),
            Place::Depot(depot) => (None, Some(depot.to_string()), None),
            Place::Shipment(shipment) => (None, None, Some(shipment.to_string())),
        };
        Self { site, depot, shipment, kits: texts(kits) }
    }
}

impl From<(SiteId, Told)> for ProvedPair {
    fn from((site, told): (SiteId, Told)) -> Self {
        let (one, other) = (told.one.to_string(), told.other.to_string());
        Self { site: site.to_string(), one, other, share_an_arm: told.share_an_arm }
    }
}

impl From<lot::LotRecall> for LotRecall {
    fn from(recall: lot::LotRecall) -> Self {
        Self {
            statement: recall.statement.to_string(),
            batch: recall.batch.to_string(),
            why: recall.why.to_string(),
            recalled_by: recall.signed.0.to_string(),
            recalled_at: recall.signed.1.to_string(),
            places: recall.places.into_iter().map(RecalledAtPlace::from).collect(),
        }
    }
}

impl From<AtPlace> for RecalledAtPlace {
    fn from(at: AtPlace) -> Self {
        let out_of_use = texts(&at.out_of_use);
        Self { at: at.into(), out_of_use }
    }
}
