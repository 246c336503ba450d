//! `GET /me/sessions`, `GET /users/{user}/sessions`, `POST .../end`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::sessions::{self, Live};
use terms::SessionId;
use trial::Refusal;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A log-in that is live.
#[derive(Serialize, ToSchema)]
struct LiveSession {
    id: String,
    last_used_at: String,
    ends_at: String,
    /// Whether it is that of a browser; one of a program otherwise.
    browser: bool,
    /// Whether it is the one that asks.
    this: bool,
}

#[derive(Serialize, ToSchema)]
struct LiveSessionsBody {
    sessions: Vec<LiveSession>,
}

/// Which session is to end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndSessions {
    /// One of them; all when none is named, but never the one that asks for its own person.
    session: Option<String>,
}

/// How many ended.
#[derive(Serialize, ToSchema)]
struct EndedBody {
    ended: usize,
}

impl EndSessions {
    pub(crate) fn which(&self) -> Result<Option<SessionId>, Refusal> {
        let parse = |id: &String| SessionId::parse(id).map_err(|_malformed| Refusal::NotFound);
        self.session.as_ref().map(parse).transpose()
    }
}

/// The sessions in which I am logged in, the one used last first.
#[utoipa::path(
    tag = "people",
    responses(
        (status = 200, description = "The sessions.", body = LiveSessionsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/me/sessions")]
pub(super) async fn own(service: Data<Shared>, Asks(caller): Asks) -> Answer {
    let live = run(move || sessions::own_sessions(&service, &caller)).await?;
    ok(LiveSessionsBody::from(live))
}

/// Ends one of my sessions, or all but this one.
#[utoipa::path(
    tag = "people",
    request_body = EndSessions,
    responses(
        (status = 201, description = "Ended.", body = EndedBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/sessions/end")]
pub(super) async fn end_own(
    service: Data<Shared>,
    Asks(caller): Asks,
    posted: Posted<EndSessions>,
) -> Answer {
    let which = posted.body.which()?;
    let ended = run(move || sessions::end_own(&service, &caller, which)).await?;
    created(EndedBody { ended })
}

/// The sessions in which somebody is logged in.
#[utoipa::path(
    tag = "people",
    responses(
        (status = 200, description = "The sessions.", body = LiveSessionsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/users/{user}/sessions")]
pub(super) async fn of_user(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let user = named(&path)?;
    let live = run(move || sessions::sessions_of(&service, &caller, &user)).await?;
    ok(LiveSessionsBody::from(live))
}

/// Ends one session of somebody, or all of them.
#[utoipa::path(
    tag = "people",
    request_body = EndSessions,
    responses(
        (status = 201, description = "Ended.", body = EndedBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users/{user}/sessions/end")]
pub(super) async fn end_of(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<EndSessions>,
) -> Answer {
    let (user, which) = (named(&path)?, posted.body.which()?);
    let ended = run(move || sessions::end_of(&service, &caller, user, which)).await?;
    created(EndedBody { ended })
}

impl From<Vec<Live>> for LiveSessionsBody {
    fn from(live: Vec<Live>) -> Self {
        let session = |of: Live| LiveSession {
            id: of.id.to_string(),
            last_used_at: of.last_used_at.to_string(),
            ends_at: of.ends_at.to_string(),
            browser: of.is_browser,
            this: of.is_this,
        };
        Self { sessions: live.into_iter().map(session).collect() }
    }
}
