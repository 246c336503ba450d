//! `POST, GET /studies/{study}/holds`, `POST .../holds/{id}/release`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::holds;
use terms::SiteId;
use trial::{Action, HoldOn, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// What to stop, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceHold {
    /// `randomization` or `dispensing`.
    on: String,
    /// The site; the whole study without one.
    site: Option<String>,
    /// At most 1024 bytes.
    pub(crate) reason: String,
}

/// Why a hold ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseHold {
    /// At most 1024 bytes.
    pub(crate) reason: String,
}

/// A hold. It never stops a code break.
#[derive(Serialize, ToSchema)]
pub(super) struct Hold {
    id: String,
    #[schema(example = "randomization")]
    on: String,
    /// The site; absent when the hold is on the whole study.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    /// Why; for unblinded readers alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    placed_by: String,
    placed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    released_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct HoldBody {
    hold: Hold,
}

#[derive(Serialize, ToSchema)]
struct HoldsBody {
    holds: Vec<Hold>,
}

/// Puts randomization or dispensing on hold, at once.
#[utoipa::path(
    tag = "studies",
    request_body = PlaceHold,
    responses(
        (status = 201, description = "The hold is in force.", body = HoldBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/holds")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<PlaceHold>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::PlaceHold)?;
    let (on, site) = (body.on()?, body.site()?);
    let hold = run(move || holds::place(&service, envelope, on, site, body.reason)).await?;
    created(HoldBody { hold: hold.into() })
}

/// Lists the holds that concern you, released ones too.
#[utoipa::path(
    tag = "studies",
    responses(
        (status = 200, description = "The holds, in the order of placing.", body = HoldsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/holds")]
pub(super) async fn all(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let holds = run(move || holds::all(&service, &caller, &study)).await?;
    ok(HoldsBody { holds: holds.into_iter().map(Hold::from).collect() })
}

/// Releases a hold.
#[utoipa::path(
    tag = "studies",
    request_body = ReleaseHold,
    responses(
        (status = 201, description = "The hold is released.", body = HoldBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/holds/{hold}/release")]
pub(super) async fn release(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<ReleaseHold>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReleaseHold)?;
    let hold = run(move || holds::release(&service, envelope, id, body.reason)).await?;
    created(HoldBody { hold: hold.into() })
}

impl PlaceHold {
    pub(crate) fn on(&self) -> Result<HoldOn, Refusal> {
        self.on.parse().map_err(|_unknown| Refusal::field("on", "must be randomization or dispensing"))
    }

    pub(crate) fn site(&self) -> Result<Option<SiteId>, Refusal> {
        let parse = |site: &String| SiteId::parse(site).map_err(|bad| Refusal::field("site", bad));
        self.site.as_ref().map(parse).transpose()
    }
}

impl From<holds::Hold> for Hold {
    fn from(hold: holds::Hold) -> Self {
        Self {
            id: hold.id.to_string(),
            on: hold.on.to_string(),
            site: hold.site.map(|site| site.to_string()),
            reason: hold.reason,
            placed_by: hold.placed_by.to_string(),
            placed_at: hold.placed_at.to_string(),
            released_at: hold.released_at.map(|at| at.to_string()),
        }
    }
}
