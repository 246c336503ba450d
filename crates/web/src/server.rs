//! Putting the server together.

use std::net::TcpListener;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpServer};
use service::Shared;
use trial::Refusal;
use utoipa_actix_web::AppExt;

use crate::answer::Answer;
use crate::trace::trace;
use crate::{Problem, api, openapi, pages};

/// How the server serves.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// Threads that take requests.
    pub workers: usize,
    /// The largest body, in bytes.
    pub body: usize,
    /// Whether a proxy stands before the server that says in `X-Forwarded-For` from where a request comes.
    pub forwarded_for: bool,
}

impl Default for Serving {
    fn default() -> Self {
        Self { workers: 2, body: 64 * 1024, forwarded_for: false }
    }
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the listener cannot be used.
pub fn run(listener: TcpListener, service: Shared, serving: Serving) -> std::io::Result<Server> {
    let server = HttpServer::new(move || app(service.clone(), serving));
    Ok(server.workers(serving.workers).listen(listener)?.run())
}

/// The application, as the server and the tests start it.
pub fn app(
    service: Shared,
    serving: Serving,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let (app, document) = App::new()
        .wrap(headers())
        .wrap(from_fn(trace))
        .app_data(Data::new(service))
        .app_data(serving)
        .app_data(web::PayloadConfig::new(serving.body))
        .into_utoipa_app()
        .configure(api::routes)
        .split_for_parts();
    app.configure(move |config| openapi::routes(config, document))
        .configure(pages::routes)
        .default_service(web::to(nowhere))
}

/// No answer may be kept, framed or guessed at, on a shared computer least of all.
fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "no-referrer"))
        // The camera reads the codes on kits, on our own pages alone.
        .add(("Permissions-Policy", "camera=(self), microphone=(), geolocation=()"))
        .add((
            "Content-Security-Policy",
            concat!(
                "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; ",
                "form-action 'self'; base-uri 'none'"
            ),
        ))
}

async fn nowhere() -> Answer {
    Err(Problem::of(&Refusal::NotFound))
}
