//! `POST, GET /users`, `POST /users/{user}/reset`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::invite::{self, Invited, NewPerson};
use service::people::reset;
use service::people::review::{self, Account};
use trial::Refusal;
use utoipa::ToSchema;

use super::grants::Grant;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A person who is to have an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    /// 1 to 40 of `a-z 0-9 . _ -`; it is the person's id for ever.
    #[schema(example = "investigator")]
    login: String,
    display_name: String,
    email: String,
}

/// A password that its owner must replace; it is shown here once, and no mail carries it.
#[derive(Serialize, ToSchema)]
struct Invitation {
    id: String,
    one_time_password: String,
}

#[derive(Serialize, ToSchema)]
struct InvitationBody {
    invitation: Invitation,
}

/// What came of asking for a reset.
#[derive(Serialize, ToSchema)]
struct ResetAnswer {
    id: String,
    /// `proposed` while it takes a second administrator, `done` otherwise.
    #[schema(example = "done")]
    state: &'static str,
    /// The new password, which its owner must replace; absent while it is proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ResetBody {
    reset: ResetAnswer,
}

/// An empty body.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {}

/// A person, as an administrator reviews it.
#[derive(Serialize, ToSchema)]
struct User {
    /// The log-in name.
    id: String,
    display_name: String,
    email: String,
    invited_by: Option<String>,
    invited_at: String,
    /// When the person was last here, give or take ten minutes.
    last_use: Option<String>,
    has_second_factor: bool,
    /// The administrators who have proposed to reset the account, while another one can follow.
    reset_proposed_by: Vec<String>,
    /// Every grant ever made to the person.
    grants: Vec<Grant>,
}

#[derive(Serialize, ToSchema)]
struct UsersBody {
    users: Vec<User>,
}

/// Invites a person. The one-time password is for the administrator to hand over. Sent again with the same
/// `Idempotency-Key`, which is not needed here, it has the same answer.
#[utoipa::path(
    tag = "people",
    request_body = Invite,
    responses(
        (status = 201, description = "Invited.", body = InvitationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users")]
pub(super) async fn post(service: Data<Shared>, Asks(caller): Asks, posted: Posted<Invite>) -> Answer {
    let (key, body) = posted.into_maybe_keyed()?;
    let new = body.into_person()?;
    created(InvitationBody::from(run(move || invite::invite(&service, &caller, new, key.as_ref())).await?))
}

/// Everybody, with every grant and the last use.
#[utoipa::path(
    tag = "people",
    responses(
        (status = 200, description = "Everybody.", body = UsersBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/users")]
pub(super) async fn list(service: Data<Shared>, Asks(caller): Asks) -> Answer {
    let accounts = run(move || review::review(&service, &caller)).await?;
    ok(UsersBody { users: accounts.into_iter().map(User::from).collect() })
}

/// Gives a person a new one-time password, takes the second factor away, and ends all of that person's sessions. Of
/// somebody who holds or held a role that takes two administrators, it is only proposed until another administrator
/// asks for the same within 24 hours. The owner is told by mail.
#[utoipa::path(
    tag = "people",
    request_body = Reset,
    responses(
        (status = 201, description = "Reset, or proposed.", body = ResetBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/users/{user}/reset")]
pub(super) async fn post_reset(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Reset>,
) -> Answer {
    let user = named(&path)?;
    let (key, Reset {}) = posted.into_maybe_keyed()?;
    created(ResetBody::from(run(move || reset::reset(&service, &caller, user, key.as_ref())).await?))
}

impl Invite {
    pub(crate) fn into_person(self) -> Result<NewPerson, Refusal> {
        NewPerson::new(&self.login, &self.display_name, &self.email)
    }
}

impl From<Invited> for InvitationBody {
    fn from(invited: Invited) -> Self {
        let Invited { user, one_time_password } = invited;
        Self { invitation: Invitation { id: user.to_string(), one_time_password } }
    }
}

impl From<reset::Reset> for ResetBody {
    fn from(reset: reset::Reset) -> Self {
        let (user, state, one_time_password) = match reset {
            reset::Reset::Proposed(user) => (user, "proposed", None),
            reset::Reset::Done(Invited { user, one_time_password }) => {
                (user, "done", Some(one_time_password))
            }
        };
        Self { reset: ResetAnswer { id: user.to_string(), state, one_time_password } }
    }
}

impl From<Account> for User {
    fn from(account: Account) -> Self {
        Self {
            id: account.person.id.to_string(),
            display_name: account.person.display_name,
            email: account.person.email,
            invited_by: account.person.invited_by.map(|user| user.to_string()),
            invited_at: account.person.invited_at.to_string(),
            last_use: account.last_use.map(|at| at.to_string()),
            has_second_factor: account.has_second_factor,
            reset_proposed_by: account.reset_proposed_by.iter().map(ToString::to_string).collect(),
            grants: account.grants.into_iter().map(Grant::from).collect(),
        }
    }
}
