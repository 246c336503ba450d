//! `GET /studies/{study}/alerts`, `POST .../alerts/{alert}/acknowledgement`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::alerts::{self, acknowledge as acknowledging, read};
use trial::Action;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// Taking note of an alert.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledge {
    /// What will be done. At most 1024 bytes; it is sealed.
    pub(crate) text: Option<String>,
}

/// Something to see to. It has no field for an arm or a kit type: kits are counted over all types.
#[derive(Serialize, ToSchema)]
struct Alert {
    /// Absent until the service has raised it, within a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[schema(example = "low_stock")]
    kind: String,
    /// `site/` or `depot/` and its id, `stock` or `study`.
    #[schema(example = "site/34-001")]
    place: String,
    /// The batch, the shipment or the list; else the place.
    reference: String,
    /// The role that has to see to it, and alone acknowledges it.
    #[schema(example = "depot")]
    owner: String,
    /// What is known now.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raised_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<String>,
    /// What will be done; for unblinded readers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct AlertBody {
    alert: Alert,
}

#[derive(Serialize, ToSchema)]
struct AlertsBody {
    alerts: Vec<Alert>,
}

/// Lists the alerts that stand now and concern you, acknowledged ones too.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The alerts, by kind, place and reference.", body = AlertsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/alerts")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let alerts = run(move || read::alerts(&service, &caller, &study)).await?;
    ok(AlertsBody { alerts: alerts.into_iter().map(Alert::from).collect() })
}

/// Takes note of an alert, once, by the role that it is for. It stays until what it was raised for has ended.
#[utoipa::path(
    tag = "kits",
    request_body = Acknowledge,
    responses(
        (status = 201, description = "It is acknowledged.", body = AlertBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/alerts/{alert}/acknowledgement")]
pub(super) async fn acknowledge(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Acknowledge>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::AcknowledgeAlert)?;
    let alert = run(move || acknowledging::acknowledge(&service, envelope, id, body.text)).await?;
    created(AlertBody { alert: alert.into() })
}

impl From<alerts::Alert> for Alert {
    fn from(alert: alerts::Alert) -> Self {
        let (id, raised_at) = alert.raised.unzip();
        let (by, at) = alert.acknowledged.unzip();
        Self {
            id: id.map(|id| id.to_string()),
            kind: alert.kind.to_string(),
            place: alert.place.to_string(),
            reference: alert.reference,
            owner: alert.owner.to_string(),
            says: alert.says,
            raised_at: raised_at.map(|at| at.to_string()),
            acknowledged_by: by.map(|by| by.to_string()),
            acknowledged_at: at.map(|at| at.to_string()),
            text: alert.text,
        }
    }
}
