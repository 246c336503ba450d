//! `/studies/{study}/journal`: its leaves, its signed head, and the whole of it as a file.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Shared;
use service::journal::{self as use_case, Entry};
use service::request::Caller;
use terms::StudyId;
use utoipa::{IntoParams, ToSchema};

use crate::Problem;
use crate::answer::{Answer, ok, pieces, run};
use crate::posted::{Asks, named};

/// Which leaves.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The index of the first leaf.
    #[serde(default)]
    from: u64,
    /// How many leaves at most; never more than 500.
    #[serde(default = "usual")]
    limit: u32,
}

const fn usual() -> u32 {
    100
}

/// One leaf, or its hash alone when this reader may not see it.
#[derive(Serialize, ToSchema)]
struct Line {
    index: u64,
    /// SHA-256 of the byte 0x00 and the leaf in canonical JSON, in hexadecimal.
    hash: String,
    /// The record; its canonical JSON is what was hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    leaf: Option<Value>,
}

#[derive(Serialize, ToSchema)]
struct Journal {
    /// How many leaves the journal has.
    size: u64,
    leaves: Vec<Line>,
}

#[derive(Serialize, ToSchema)]
struct Body {
    journal: Journal,
}

#[derive(Serialize, ToSchema)]
struct CheckpointBody {
    /// A signed note (c2sp.org/tlog-checkpoint).
    checkpoint: String,
}

/// Leaves of the journal in the reader's own view.
#[utoipa::path(
    tag = "journal",
    params(Wanted),
    responses(
        (status = 200, description = "The leaves.", body = Body),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/journal")]
pub(super) async fn page(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let study = named(&path)?;
    let Wanted { from, limit } = wanted(request.query_string())?;
    let page = run(move || use_case::page(&service, &caller, &study, from, limit)).await?;
    let leaves = page.leaves.into_iter().map(line).collect();
    ok(Body { journal: Journal { size: page.size, leaves } })
}

/// The signed head of the journal as it stands; keep it where nobody who runs this service can change it.
#[utoipa::path(
    tag = "journal",
    responses(
        (status = 200, description = "The signed checkpoint.", body = CheckpointBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/journal/checkpoint")]
pub(super) async fn checkpoint(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let checkpoint = run(move || use_case::checkpoint(&service, &caller, &study)).await?;
    ok(CheckpointBody { checkpoint })
}

/// The whole journal in the reader's own view, as a file of JSON lines for `iwrs verify`. Reading it is an act. A long
/// one is sent as it is written; when it cannot be written to its end, the connection breaks off.
#[utoipa::path(
    tag = "journal",
    responses(
        (status = 200, description = "The export.", body = String, content_type = "application/jsonl"),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/journal/export")]
pub(super) async fn export(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    exported(service, caller, study, HttpResponse::Ok()).await
}

/// The whole journal as the body of an answer. What is refused is refused before it begins; a long one is sent as it is
/// written.
pub(crate) async fn exported(
    service: Data<Shared>,
    caller: Caller,
    study: StudyId,
    mut answer: HttpResponseBuilder,
) -> Answer {
    let begin = move || {
        let mut pieces = use_case::export(&service, &caller, &study)?;
        let first = pieces.next().transpose()?;
        Ok((first.unwrap_or_default(), pieces))
    };
    let (first, rest) = run(begin).await?;
    answer.insert_header((CONTENT_TYPE, "application/jsonl"));
    if rest.is_over() {
        return Ok(answer.body(first));
    }
    Ok(answer.streaming(pieces(std::iter::once(Ok(first)).chain(rest)).map_ok(Bytes::from)))
}

fn wanted(query: &str) -> Result<Wanted, Problem> {
    let wanted = Query::<Wanted>::from_query(query).map_err(|_unknown| {
        Problem::malformed(
            StatusCode::BAD_REQUEST,
            "Leaves can be asked for by `from` and `limit`, each a number and given once.",
        )
    })?;
    Ok(wanted.into_inner())
}

fn line((index, entry): (u64, Entry)) -> Line {
    let leaf = match &entry {
        Entry::Leaf(leaf) => serde_json::from_str(leaf).ok(),
        Entry::Hash(_) => None,
    };
    Line { index, hash: entry.hash().to_string(), leaf }
}
