//! Running a use case off the event loop, and answering with it.

use std::io;

use actix_web::HttpResponse;
use actix_web::web::block;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use service::Failure;
use tracing::{Instrument, Span};

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

/// The pieces of a text, each worked out when the one before was sent, with its lines of log under the request's id.
/// After an error the answer breaks off without its end, so that nobody takes what came for the whole.
pub(crate) fn pieces<I>(rest: I) -> impl Stream<Item = io::Result<String>>
where
    I: Iterator<Item = Result<String, Failure>> + Send + 'static,
{
    let span = Span::current();
    stream::unfold(Some(rest), move |left| next(left).instrument(span.clone()))
}

/// The next piece, and what is to come after it.
async fn next<I>(left: Option<I>) -> Option<(io::Result<String>, Option<I>)>
where
    I: Iterator<Item = Result<String, Failure>> + Send + 'static,
{
    let mut rest = left?;
    match run(move || Ok((rest.next().transpose()?, rest))).await {
        Ok((piece, rest)) => piece.map(|piece| (Ok(piece), Some(rest))),
        Err(problem) => {
            tracing::warn!(code = problem.code(), "an answer that was begun breaks off");
            Some((Err(io::Error::other("the text breaks off")), None))
        }
    }
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use actix_web::rt::System;
    use actix_web::web::{self, Bytes};
    use actix_web::{App, HttpResponse, HttpServer};
    use futures_util::TryStreamExt;
    use service::Failure;
    use trial::Refusal;

    use super::pieces;

    /// An answer of two pieces, after which there is an error or nothing.
    async fn answer(breaks_off: web::Data<bool>) -> HttpResponse {
        let end = breaks_off.then_some(Err(Failure::from(Refusal::Busy)));
        let all = ["one\n", "two\n"].map(|piece| Ok(piece.to_owned())).into_iter().chain(end);
        HttpResponse::Ok().streaming(pieces(all).map_ok(Bytes::from))
    }

    /// What comes over the wire, to the end of the connection.
    fn received(breaks_off: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("an address");
        let asked = std::thread::spawn(move || {
            let mut wire = TcpStream::connect(at).expect("a connection");
            wire.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").expect("asked");
            let mut all = Vec::new();
            // A connection that is reset ends like one that is closed: what counts is what came before.
            let _ended = wire.read_to_end(&mut all);
            String::from_utf8(all).expect("text")
        });
        System::new().block_on(async {
            let app =
                move || App::new().app_data(web::Data::new(breaks_off)).default_service(web::to(answer));
            let server =
                HttpServer::new(app).workers(1).disable_signals().listen(listener).expect("a server");
            let server = server.run();
            let handle = server.handle();
            let running = actix_web::rt::spawn(server);
            let all = web::block(move || asked.join().expect("the client")).await.expect("an answer");
            handle.stop(false).await;
            running.await.expect("the task").expect("the server");
            all
        })
    }

    #[test]
    fn an_answer_that_breaks_off_has_no_end() {
        let (whole, broken) = (received(false), received(true));
        assert!(whole.contains("one\n") && whole.contains("two\n"), "{whole}");
        assert!(broken.starts_with("HTTP/1.1 200 OK\r\n"), "it was begun: {broken}");
        let end = "\r\n0\r\n\r\n";
        assert_eq!((whole.ends_with(end), broken.ends_with(end)), (true, false), "{broken}");
    }
}
