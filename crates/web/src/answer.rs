//! Running a use case off the event loop, and answering with it.

use std::io;

use actix_web::HttpResponse;
use actix_web::web::block;
use futures_util::stream::{self, Stream};
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
    run_in(Span::current(), use_case).await
}

async fn run_in<T, F>(span: Span, use_case: F) -> Result<T, Problem>
where
    F: FnOnce() -> Result<T, Failure> + Send + 'static,
    T: Send + 'static,
{
    let done = block(move || span.in_scope(use_case)).await;
    done.map_err(|error| {
        tracing::error!(%error, "the use case did not come to an end");
        Problem::from(Failure::Fault(service::Fault::Instrument(Box::new(error))))
    })?
    .map_err(Problem::from)
}

/// What is to come of a file that is being written, after the pieces that were.
type Pieces<I> = Option<(Span, I)>;

/// The pieces of a text, each worked out when the one before was sent. After an error the answer breaks off without its
/// end, so that nobody takes what came for the whole.
pub(crate) fn pieces<I>(rest: I) -> impl Stream<Item = io::Result<String>>
where
    I: Iterator<Item = Result<String, Failure>> + Send + 'static,
{
    stream::unfold(Some((Span::current(), rest)), |left: Pieces<I>| async move {
        let (span, mut rest) = left?;
        let next = run_in(span.clone(), move || Ok((rest.next().transpose()?, rest))).await;
        match next {
            Ok((Some(piece), rest)) => Some((Ok(piece), Some((span, rest)))),
            Ok((None, _)) => None,
            Err(_problem) => Some((Err(io::Error::other("the text breaks off")), None)),
        }
    })
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
