//! `POST /users/{user}/grants`, `.../{grant}/confirmation`, `.../{grant}/revocation`

use actix_web::post;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::grant::{self, Granted};
use trial::{Action, HeldRole, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::posted::{Asks, Posted, named};

/// The role that is to be granted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskGrant {
    #[schema(example = "investigator")]
    role: String,
    /// The study; none for the administrator's role.
    study: Option<String>,
    /// The site, for a role of one site.
    site: Option<String>,
    reason: String,
}

/// An empty body.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmGrant)]
pub(crate) struct Confirm {}

/// Why a role is revoked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoke {
    pub(crate) reason: String,
}

/// A grant of a role, and what has become of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Grant {
    id: String,
    role: String,
    study: Option<String>,
    site: Option<String>,
    /// `proposed` until a second administrator confirms it, `in_force`, or `revoked`.
    state: String,
    /// None for the first administrators, whom the installation's operator made.
    granted_by: Option<String>,
    granted_at: String,
    revoked_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct GrantBody {
    grant: Grant,
}

/// Grants a role. An unblinded role, and the administrator's own, is only proposed: a second administrator
/// confirms it.
#[utoipa::path(
    tag = "people",
    request_body = AskGrant,
    responses(
        (status = 201, description = "Granted, or proposed.", body = GrantBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users/{user}/grants")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<AskGrant>,
) -> Answer {
    let user = named(&path)?;
    let (order, body) = posted.into_order(caller, Action::GrantRole)?;
    let (wanted, reason) = body.into_wanted()?;
    let granted = run(move || grant::grant(&service, order, user, wanted, reason)).await?;
    created(GrantBody { grant: granted.into() })
}

/// Confirms a grant that takes two administrators.
#[utoipa::path(
    tag = "people",
    request_body = Confirm,
    responses(
        (status = 201, description = "Confirmed: the role is held from now on.", body = GrantBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users/{user}/grants/{grant}/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Confirm>,
) -> Answer {
    let (user, id) = (named(&path.0)?, named(&path.1)?);
    let (order, Confirm {}) = posted.into_order(caller, Action::GrantRole)?;
    let granted = run(move || grant::confirm(&service, order, user, id)).await?;
    created(GrantBody { grant: granted.into() })
}

/// Revokes a role, or withdraws a proposal; the right is gone at the person's next request.
#[utoipa::path(
    tag = "people",
    request_body = Revoke,
    responses(
        (status = 201, description = "Revoked.", body = GrantBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users/{user}/grants/{grant}/revocation")]
pub(super) async fn revoke(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Revoke>,
) -> Answer {
    let (user, id) = (named(&path.0)?, named(&path.1)?);
    let (order, Revoke { reason }) = posted.into_order(caller, Action::RevokeRole)?;
    let revoked = run(move || grant::revoke(&service, order, user, id, reason)).await?;
    created(GrantBody { grant: revoked.into() })
}

impl AskGrant {
    pub(crate) fn into_wanted(self) -> Result<(HeldRole, String), Refusal> {
        let role = self.role.parse().map_err(|_unknown| Refusal::field("role", "is not known"))?;
        let study = self.study.map(|study| study.parse().map_err(|bad| Refusal::field("study", bad)));
        let site = self.site.map(|site| site.parse().map_err(|bad| Refusal::field("site", bad)));
        Ok((HeldRole { role, study: study.transpose()?, site: site.transpose()? }, self.reason))
    }
}

impl From<Granted> for Grant {
    fn from(grant: Granted) -> Self {
        Self {
            state: grant.state().to_owned(),
            id: grant.id.to_string(),
            role: grant.held.role.to_string(),
            study: grant.held.study.map(|study| study.to_string()),
            site: grant.held.site.map(|site| site.to_string()),
            granted_by: grant.granted_by.map(|user| user.to_string()),
            granted_at: grant.granted_at.to_string(),
            revoked_at: grant.revoked_at.map(|at| at.to_string()),
        }
    }
}
