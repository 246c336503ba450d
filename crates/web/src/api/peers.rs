//! `POST /checkpoints`

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use service::{Shared, trust};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, ok, run};
use crate::posted::Posted;

/// A question of another server of the same installation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PeerQuestion {
    /// A note, signed with the installation's checkpoint key.
    question: String,
}

#[derive(Serialize, ToSchema)]
struct PeerAnswer {
    /// A signed note for each study: how far its journal had come when this server last served it.
    checkpoints: Vec<String>,
}

/// Tells another server of the same installation what this one remembers of every journal.
#[utoipa::path(
    tag = "journal",
    request_body = PeerQuestion,
    responses(
        (status = 200, description = "What is remembered.", body = PeerAnswer),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/checkpoints")]
pub(super) async fn post(service: Data<Shared>, posted: Posted<PeerQuestion>) -> Answer {
    let question = posted.body.question;
    ok(PeerAnswer { checkpoints: run(move || trust::answer(&service, &question)).await? })
}
