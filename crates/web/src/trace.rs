//! One line of log for every request, under an id that the answer carries, too.
//!
//! The line holds the method, the pattern of the route and the status; never an address, a body, a token or a name.
//! The id comes from the service's own entropy, so that two worlds which differ only in hidden facts log alike.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use service::Shared;
use tracing::Instrument;

/// The id of a request, for whoever writes it on a page.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) String);

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request in its own span, logs it, and names it in the answer.
pub(crate) async fn trace<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = request.app_data::<Data<Shared>>().and_then(|service| service.request_id());
    let id = id.unwrap_or_else(|| "none".to_owned());
    let span = tracing::info_span!("request", request_id = %id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let mut response = next.call(request).instrument(span.clone()).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    span.in_scope(|| tracing::info!(%method, route, status = response.status().as_u16(), "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    Ok(response)
}
