//! `POST /signatures`

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::people::Attempt;
use service::people::sign::{self, Wanted};
use trial::Refusal;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::peer::Peer;
use crate::posted::{Asks, Posted};

/// What is to be signed, and the signer's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sign {
    /// The act.
    #[schema(example = "randomize")]
    action: String,
    /// The address of the act, exactly as it will be sent: path and query.
    #[schema(example = "/api/v1/studies/imodals/subjects/S-0001/randomization")]
    address: String,
    /// The SHA-256 of the body of the act, exactly as it will be sent, in lower-case hexadecimal.
    body_sha256: String,
    password: String,
}

/// A token that signs one act.
#[derive(Serialize, ToSchema)]
struct Signature {
    /// To be sent with the act as `Signature-Token`, once.
    token: String,
    ends_at: String,
}

#[derive(Serialize, ToSchema)]
struct SignatureBody {
    signature: Signature,
}

/// Signs one act: the password again, for exactly this action, address and body.
#[utoipa::path(
    tag = "people",
    request_body = Sign,
    responses(
        (status = 201, description = "Signed.", body = SignatureBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Busy.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/signatures")]
pub(super) async fn post(
    service: Data<Shared>,
    Asks(caller): Asks,
    Peer(from): Peer,
    posted: Posted<Sign>,
) -> Answer {
    let Sign { action, address, body_sha256, password } = posted.body;
    let action = action.parse().map_err(|_unknown| Refusal::field("action", "is not known"))?;
    let (wanted, attempt) = (Wanted { action, address, body_sha256 }, Attempt { password, from });
    let signed = run(move || sign::sign(&service, &caller, &wanted, &attempt)).await?;
    created(SignatureBody {
        signature: Signature { token: signed.token, ends_at: signed.ends_at.to_string() },
    })
}
