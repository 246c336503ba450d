//! What comes with a request: who asks, and for a change also the body, the idempotency key and the signature.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use service::Shared;
use service::request::{Caller, Envelope, IdempotencyKey, Order, request_digest, signature_digest};
use terms::{Id, StudyId};
use trial::{Action, Refusal};

use crate::Problem;

/// The person who asks, by a valid access token. Whether the log-in is still live, and what the person may do, is
/// read from the database by the use case.
pub(crate) struct Asks(pub(crate) Caller);

impl FromRequest for Asks {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(caller(request).map(Self))
    }
}

/// A request with a JSON body.
pub(crate) struct Posted<T> {
    /// The body.
    pub(crate) body: T,
    /// The address and the body, as a signature and a receipt are bound to them.
    pub(crate) digest: [u8; 32],
    key: Option<String>,
    signature: Option<String>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let address = request.uri().to_string();
        let key = header(request.headers(), "Idempotency-Key");
        let signature = header(request.headers(), "Signature-Token");
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| {
                Problem::malformed(
                    error.as_response_error().status_code(),
                    "The body is too large or incomplete.",
                )
            })?;
            Ok(Self { body: parse(&bytes)?, digest: request_digest(&address, &bytes), key, signature })
        })
    }
}

impl<T: DeserializeOwned> Posted<T> {
    /// The request that a form on a page stands for: to this address of the interface, with this body.
    pub(crate) fn of_form(address: &str, body: &[u8], key: String) -> Result<Self, Problem> {
        let digest = request_digest(address, body);
        Ok(Self { body: parse(body)?, digest, key: Some(key), signature: None })
    }

    /// The same with a signature.
    pub(crate) fn signed(self, signature: Option<String>) -> Self {
        Self { signature, ..self }
    }
}

impl<T> Posted<T> {
    /// The envelope of an act in a study, and the body.
    pub(crate) fn into_act(
        self,
        caller: Caller,
        study: StudyId,
        action: Action,
    ) -> Result<(Envelope, T), Problem> {
        let (order, body) = self.into_order(caller, action)?;
        Ok((order.within(study), body))
    }

    /// The order of an act of which the address does not name the study, and the body.
    pub(crate) fn into_order(self, caller: Caller, action: Action) -> Result<(Order, T), Problem> {
        let signature = self.signature.as_deref().map(signature_digest).transpose();
        let (digest, (key, body)) = (self.digest, self.into_keyed()?);
        Ok((Order { caller, action, key, digest, signature: signature? }, body))
    }

    /// The idempotency key, when one came with it, and the body, of an act that needs none.
    pub(crate) fn into_maybe_keyed(self) -> Result<(Option<IdempotencyKey>, T), Problem> {
        let parse = |key: String| IdempotencyKey::parse(&key).map_err(|_malformed| Refusal::KeyNeeded);
        Ok((self.key.map(parse).transpose()?, self.body))
    }

    /// The idempotency key and the body, of an act that comes without a log-in.
    pub(crate) fn into_keyed(self) -> Result<(IdempotencyKey, T), Problem> {
        let key = self.key.and_then(|key| IdempotencyKey::parse(&key).ok()).ok_or(Refusal::KeyNeeded)?;
        Ok((key, self.body))
    }
}

/// An identifier out of the address: what is no identifier names nothing.
pub(crate) fn named<K>(text: &str) -> Result<Id<K>, Problem> {
    Ok(Id::parse(text).map_err(|_malformed| Refusal::NotFound)?)
}

/// Reads a JSON body strictly. An empty body is an empty object, and nothing but an object is read: without names an
/// array of values could stand for one.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    if bytes.trim_ascii_start().starts_with(b"[") {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Err(Problem::malformed(status, "The body must be a JSON object."));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(|error| unreadable(&error))?;
    json.end().map_err(|error| no_json(&error))?;
    Ok(body)
}

/// What is JSON and not what is asked for is refused with the path of the field: that of a field of a wrong type, of
/// one that is unknown, of one that is missing or of one that stands twice.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let (path, error) = (error.path(), error.inner());
    if !error.is_data() {
        return no_json(error);
    }
    let mut names: Vec<String> = Vec::new();
    if path.iter().next().is_some() {
        names.push(path.to_string());
    }
    names.extend(named_by(&error.to_string()));
    let field = names.join(".");
    let field = (!field.is_empty()).then_some(field);
    let what = field.as_ref().map_or("body".to_owned(), |field| format!("field `{field}`"));
    let detail = format!("The {what} cannot be read: {error}.");
    Problem::malformed(StatusCode::UNPROCESSABLE_ENTITY, detail).at(field)
}

fn no_json(error: &serde_json::Error) -> Problem {
    Problem::malformed(StatusCode::BAD_REQUEST, format!("The body is no JSON: {error}."))
}

/// The field that is missing or stands twice: the path ends at the object around it, and only serde's own sentence
/// names it.
fn named_by(sentence: &str) -> Option<String> {
    let sentences = ["missing field `", "duplicate field `"];
    let rest = sentences.iter().find_map(|start| sentence.strip_prefix(start))?;
    rest.split('`').next().map(str::to_owned)
}

fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    let service = request.app_data::<Data<Shared>>().ok_or(Refusal::NotAuthenticated)?;
    let header = header(request.headers(), AUTHORIZATION.as_str()).ok_or(Refusal::NotAuthenticated)?;
    let token = header.strip_prefix("Bearer ").ok_or(Refusal::NotAuthenticated)?;
    Ok(service.caller_of(token)?)
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| value.to_owned())
}
