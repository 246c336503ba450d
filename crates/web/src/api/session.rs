//! `POST /session`, `POST /session/refresh`, `DELETE /session`

use actix_web::web::Data;
use actix_web::{delete, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::Attempt;
use service::people::log_in::{self, Tokens};
use service::people::refresh;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, done, ok, run};
use crate::peer::Peer;
use crate::posted::{Asks, Posted};

/// A person's name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    login: String,
    password: String,
}

/// The token that renews the session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
struct Session {
    /// To be sent as `Authorization: Bearer ...`.
    access_token: String,
    access_ends_at: String,
    /// Good once: it is used up by the renewal that it is sent for.
    refresh_token: String,
    ends_at: String,
    /// Whether `POST /me/password` comes before anything else.
    must_change_password: bool,
}

#[derive(Serialize, ToSchema)]
struct SessionBody {
    session: Session,
}

/// Logs in.
#[utoipa::path(
    tag = "people",
    request_body = LogIn,
    responses(
        (status = 201, description = "Logged in.", body = SessionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/session")]
pub(super) async fn post(service: Data<Shared>, Peer(from): Peer, posted: Posted<LogIn>) -> Answer {
    let LogIn { login, password } = posted.body;
    let attempt = Attempt { password, from };
    created(SessionBody::from(run(move || log_in::log_in(&service, &login, &attempt)).await?))
}

/// Renews the session. A refresh token that comes a second time ends it.
#[utoipa::path(
    tag = "people",
    request_body = Refresh,
    responses(
        (status = 200, description = "Renewed.", body = SessionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/session/refresh")]
pub(super) async fn post_refresh(service: Data<Shared>, posted: Posted<Refresh>) -> Answer {
    let token = posted.body.refresh_token;
    ok(SessionBody::from(run(move || refresh::refresh(&service, &token)).await?))
}

/// Logs out.
#[utoipa::path(
    tag = "people",
    responses(
        (status = 204, description = "Logged out."),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[delete("/session")]
pub(super) async fn delete(service: Data<Shared>, Asks(caller): Asks) -> Answer {
    run(move || log_in::log_out(&service, &caller)).await?;
    done()
}

impl From<Tokens> for SessionBody {
    fn from(tokens: Tokens) -> Self {
        let session = Session {
            access_token: tokens.access,
            access_ends_at: tokens.access_ends_at.to_string(),
            refresh_token: tokens.refresh,
            ends_at: tokens.ends_at.to_string(),
            must_change_password: tokens.must_change_password,
        };
        Self { session }
    }
}
