//! `POST /me/second-factor`, `.../confirmation`, `.../removal`, `.../recovery-codes`

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::Attempt;
use service::people::second_factor::{self, Offer};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, done, run};
use crate::peer::Peer;
use crate::posted::{Asks, Posted};

/// The password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Password {
    password: String,
}

/// A first code of the secret that was shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    #[schema(example = "287082")]
    code: String,
}

/// A secret for an authenticator, shown once.
#[derive(Serialize, ToSchema)]
struct OfferedSecret {
    /// In base 32.
    secret: String,
    /// What an authenticator reads as a QR code.
    #[schema(example = "otpauth://totp/IWRS:ada?secret=...&issuer=IWRS&algorithm=SHA1&digits=6&period=30")]
    otpauth: String,
}

#[derive(Serialize, ToSchema)]
struct OfferBody {
    second_factor: OfferedSecret,
}

/// Codes that are good once each in the place of a code, shown once.
#[derive(Serialize, ToSchema)]
struct RecoveryCodesBody {
    recovery_codes: Vec<String>,
}

/// Makes a secret, which is in force once a code of it has come; until then the one before stays.
#[utoipa::path(
    tag = "people",
    request_body = Password,
    responses(
        (status = 201, description = "A secret to be confirmed.", body = OfferBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/second-factor")]
pub(super) async fn post(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<Password>,
) -> Answer {
    let attempt = Attempt { password: posted.body.password, from };
    let Offer { secret, address } = run(move || second_factor::offer(&service, &caller, &attempt)).await?;
    created(OfferBody { second_factor: OfferedSecret { secret, otpauth: address } })
}

/// Puts the secret in force by a code of it, and ends all other sessions.
#[utoipa::path(
    tag = "people",
    request_body = FirstCode,
    responses(
        (status = 201, description = "In force.", body = RecoveryCodesBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/second-factor/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<FirstCode>,
) -> Answer {
    let code = posted.body.code;
    let codes = run(move || second_factor::confirm(&service, &caller, &code, from)).await?;
    created(RecoveryCodesBody { recovery_codes: codes })
}

/// Makes new recovery codes; the old ones are good for nothing.
#[utoipa::path(
    tag = "people",
    request_body = Password,
    responses(
        (status = 201, description = "New recovery codes.", body = RecoveryCodesBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/second-factor/recovery-codes")]
pub(super) async fn recover(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<Password>,
) -> Answer {
    let attempt = Attempt { password: posted.body.password, from };
    let codes = run(move || second_factor::recovery_codes(&service, &caller, &attempt)).await?;
    created(RecoveryCodesBody { recovery_codes: codes })
}

/// Gives the second factor up, which somebody cannot whose roles take one.
#[utoipa::path(
    tag = "people",
    request_body = Password,
    responses(
        (status = 204, description = "Given up."),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/me/second-factor/removal")]
pub(super) async fn remove(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<Password>,
) -> Answer {
    let attempt = Attempt { password: posted.body.password, from };
    run(move || second_factor::remove(&service, &caller, &attempt)).await?;
    done()
}
