//! `GET /me`, `POST /me/password`

use actix_web::web::Data;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::me::{self, Me};
use service::people::{Attempt, First};
use trial::HeldRole;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, done, ok, run};
use crate::peer::Peer;
use crate::posted::{Asks, Posted};

/// The person who asks.
#[derive(Serialize, ToSchema)]
struct Person {
    /// The log-in name.
    id: String,
    display_name: String,
    email: String,
    must_change_password: bool,
    /// Whether the code of the second factor comes before anything but a code break.
    must_give_code: bool,
    /// Whether a second factor must be set up before anything else.
    must_set_second_factor: bool,
    has_second_factor: bool,
    /// How many recovery codes are left.
    recovery_codes: usize,
    /// The roles held now.
    roles: Vec<Role>,
}

/// A role that is held.
#[derive(Serialize, ToSchema)]
pub(super) struct Role {
    #[schema(example = "investigator")]
    role: String,
    /// The study; none for the administrator.
    study: Option<String>,
    /// The site, for a role of one site.
    site: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct MeBody {
    me: Person,
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetPassword {
    old_password: String,
    /// 12 to 256 characters of any kind.
    new_password: String,
}

/// Who I am, and which roles I hold now.
#[utoipa::path(
    tag = "people",
    responses(
        (status = 200, description = "The person who asks.", body = MeBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/me")]
pub(super) async fn get(service: Data<Shared>, Asks(caller): Asks) -> Answer {
    ok(MeBody { me: run(move || me::me(&service, &caller)).await?.into() })
}

/// Sets a password of one's own, and ends all other sessions.
#[utoipa::path(
    tag = "people",
    request_body = SetPassword,
    responses(
        (status = 204, description = "The password is set."),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/password")]
pub(super) async fn post_password(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<SetPassword>,
) -> Answer {
    let SetPassword { old_password: password, new_password } = posted.body;
    let old = Attempt { password, from };
    run(move || me::set_password(&service, &caller, &old, &new_password)).await?;
    done()
}

impl From<Me> for Person {
    fn from(me: Me) -> Self {
        Self {
            id: me.person.id.to_string(),
            display_name: me.person.display_name,
            email: me.person.email,
            must_change_password: me.first == Some(First::Password),
            must_give_code: me.first == Some(First::Code),
            must_set_second_factor: me.first == Some(First::SecondFactor),
            has_second_factor: me.has_second_factor,
            recovery_codes: me.recovery_codes,
            roles: me.roles.into_iter().map(Role::from).collect(),
        }
    }
}

impl From<HeldRole> for Role {
    fn from(held: HeldRole) -> Self {
        Self {
            role: held.role.to_string(),
            study: held.study.map(|study| study.to_string()),
            site: held.site.map(|site| site.to_string()),
        }
    }
}
