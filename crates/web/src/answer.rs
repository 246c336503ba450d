//! Running a use case off the event loop, and answering with it.

use actix_web::HttpResponse;
use actix_web::web::block;
use serde::Serialize;
use service::Failure;
use tracing::Span;

use crate::Problem;

/// What every handler gives.
pub(crate) type Answer = Result<HttpResponse, Problem>;

/// Runs a use case on a thread that may wait, with its lines of log under the request's id.
pub(crate) async fn run<T, F>(use_case: F) -> Result<T, Problem>
where
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
    T: Send + 'static,
{
    let span = Span::current();
    let done = block(move || span.in_scope(use_case)).await;
    done.map_err(|error| {
        tracing::error!(%error, "the use case did not come to an end");
        Problem::from(Failure::Fault(service::Fault::Instrument(Box::new(error))))
    })?
    .map_err(Problem::from)
}

/// 201 with a body.
pub(crate) fn created(body: impl Serialize) -> Answer {
    Ok(HttpResponse::Created().json(body))
}

/// 200 with a body.
pub(crate) fn ok(body: impl Serialize) -> Answer {
    Ok(HttpResponse::Ok().json(body))
}

/// 204.
pub(crate) fn done() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}
