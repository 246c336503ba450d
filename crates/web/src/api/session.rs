//! `POST /session`, `POST /session/code`, `POST /session/refresh`, `DELETE /session`

use actix_web::web::Data;
use actix_web::{delete, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::log_in::{self, Tokens};
use service::people::{Attempt, First, code, refresh};
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
    /// The code of the second factor, or a recovery code. Without it somebody who has a second factor can break a code
    /// and do nothing else, until it comes with `POST /session/code`.
    #[schema(example = "287082")]
    code: Option<String>,
}

/// The code of the second factor, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveCode {
    #[schema(example = "287082")]
    code: String,
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
    /// Whether `POST /session/code` comes before anything but a code break.
    must_give_code: bool,
    /// Whether `POST /me/second-factor` comes before anything else.
    must_set_second_factor: bool,
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
    let LogIn { login, password, code } = posted.body;
    let attempt = Attempt { password, from };
    created(SessionBody::from(run(move || log_in::log_in(&service, &login, &attempt, code)).await?))
}

/// Gives the code of the second factor, after a log-in by the password alone.
#[utoipa::path(
    tag = "people",
    request_body = GiveCode,
    responses(
        (status = 204, description = "The log-in is whole."),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/session/code")]
pub(super) async fn post_code(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<GiveCode>,
) -> Answer {
    run(move || code::give(&service, &caller, &posted.body.code, from)).await?;
    done()
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
            must_change_password: tokens.first == Some(First::Password),
            must_give_code: tokens.first == Some(First::Code),
            must_set_second_factor: tokens.first == Some(First::SecondFactor),
        };
        Self { session }
    }
}
