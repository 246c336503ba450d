//! A form that was sent: by whom, what was typed, and the request of the interface that it stands for.

use std::cell::OnceCell;
use std::fmt::Display;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, ORIGIN};
use actix_web::web::{Bytes, Data};
use actix_web::{Error, FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use service::people::Attempt;
use service::people::sign::{self, Wanted};
use service::request::{Envelope, Order};
use service::{Failure, Shared};
use sha2::{Digest, Sha256};
use terms::StudyId;
use trial::{Action, Refusal};

use super::form::{Form, Kind};
use super::gate::AskedToLogIn;
use super::page::Page;
use super::visitor::{Here, Standing, Visitor};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::peer::Peer;
use crate::posted::Posted;

/// What was typed, in the order of the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed(pub(crate) Vec<(String, String)>);

/// The names that a form has for itself, beside those of its fields.
const GUARD: &str = "guard";
const KEY: &str = "key";
const SIGNATURE: &str = "signature";
const PASSWORD: &str = "password";
const RESUMED: &str = "resumed";

/// Fields whose contents are never sent back to a browser.
const SECRETS: [&str; 5] = [PASSWORD, "old_password", "new_password", "code", SIGNATURE];

/// A form that somebody sent who is logged in.
pub(crate) struct Sent {
    pub(crate) visitor: Visitor,
    pub(crate) typed: Typed,
    pub(crate) from: IpAddr,
    /// The signature that was made of the password, should the same have to be asked again.
    made: OnceCell<String>,
}

/// A form that was sent from one of our own pages, by anybody.
pub(crate) struct SentByAnybody {
    pub(crate) here: Here,
    pub(crate) typed: Typed,
    pub(crate) from: IpAddr,
}

/// An act that a form asks for, in a study or outside.
pub(crate) struct Ordered<S = StudyId> {
    pub(crate) study: S,
    pub(crate) action: Action,
    /// The address of the same act in the interface: receipt and signature are bound to it, however it comes.
    pub(crate) address: String,
}

impl Ordered {
    /// An act in the study, asked for at this address of the interface below the study's.
    pub(crate) fn at(at: &Standing, action: Action, rest: impl Display) -> Self {
        Self { study: at.study(), action, address: format!("/api/v1/studies/{}{rest}", at.study()) }
    }
}

impl Ordered<()> {
    /// An act of which the address does not name the study, asked for at this address of the interface.
    pub(crate) fn outside(action: Action, rest: impl Display) -> Self {
        Self { study: (), action, address: format!("/api/v1{rest}") }
    }
}

impl Typed {
    /// What was typed in a field; the last, when it came twice.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().rev().filter(|(field, _)| field == name);
        values.next().map(|(_, value)| value.as_str())
    }

    /// The form with what was typed, under the key that it was sent with.
    pub(crate) fn fill(&self, mut form: Form) -> Form {
        for field in &mut form.fields {
            field.value = match field.kind {
                Kind::Many(_) => self.all(&field.name),
                _ => self.get(&field.name).unwrap_or_default().to_owned(),
            };
        }
        if let Some(key) = self.get(KEY) {
            key.clone_into(&mut form.key);
        }
        form
    }

    /// Everything that was chosen in a field, each on a line.
    fn all(&self, name: &str) -> String {
        let values = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str());
        values.collect::<Vec<_>>().join("\n")
    }

    /// The same without what must not be shown again.
    pub(crate) fn to_keep(&self) -> Vec<(String, String)> {
        let own = [GUARD, KEY, RESUMED, "confirmed"];
        let kept = |(name, _): &&(String, String)| {
            !SECRETS.contains(&name.as_str()) && !own.contains(&name.as_str())
        };
        self.0.iter().filter(kept).cloned().collect()
    }

    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let read = serde_urlencoded::from_bytes(bytes);
        let pairs = read.map_err(|error| {
            Problem::malformed(StatusCode::BAD_REQUEST, format!("The form cannot be read: {error}."))
        })?;
        Ok(Self(pairs))
    }
}

impl FromRequest for SentByAnybody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let here = Here::of(request);
        let is_ours = comes_from_our_page(request);
        let peer = Peer::from_request(request, payload);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let Peer(from) = peer.await?;
            let bytes = bytes.await.map_err(|error| {
                Problem::malformed(
                    error.as_response_error().status_code(),
                    "The form is too large or incomplete.",
                )
            })?;
            if !is_ours {
                let words = "This form was not sent from a page of this server; nothing was done.";
                return Err(Problem::malformed(StatusCode::FORBIDDEN, words));
            }
            Ok(Self { here, typed: Typed::read(&bytes)?, from })
        })
    }
}

impl FromRequest for Sent {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = SentByAnybody::from_request(request, payload);
        let visitor = Visitor::from_request(request, &mut Payload::None);
        Box::pin(async move {
            let SentByAnybody { here, mut typed, from } = sent.await?;
            let visitor = match visitor.await {
                Ok(visitor) => visitor,
                // What was typed is not lost with the session (USR-08).
                Err(problem) if problem.code() == "not-authenticated" => {
                    return Err(AskedToLogIn::keeping(here, &typed).into());
                }
                Err(problem) => return Err(problem.into()),
            };
            // A form of an earlier session is shown once more in this one, and not acted upon.
            if typed.get(GUARD) != Some(&visitor.guard) {
                typed.0.push((RESUMED.to_owned(), "yes".to_owned()));
            }
            Ok(Self { visitor, typed, from, made: OnceCell::new() })
        })
    }
}

impl Sent {
    /// Whether the form is only to be shown again as it was typed: after a log-in, or to change something before it is
    /// confirmed. Without the guard of this session, nothing else is done.
    pub(crate) fn is_resumed(&self) -> bool {
        self.typed.get(RESUMED).is_some()
    }

    /// Whether what will be used was read once more.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.typed.get("confirmed").is_some()
    }

    /// The form with what was typed, under the key that it was sent with.
    pub(crate) fn fill(&self, form: Form) -> Form {
        self.typed.fill(form)
    }

    /// The envelope and the body of the act, as the interface would read them, signed when a password came along.
    pub(crate) async fn order<T: DeserializeOwned + 'static>(
        &self,
        service: &Data<Shared>,
        form: &Form,
        ordered: &Ordered,
    ) -> Result<(Envelope, T), Problem> {
        let body = serde_json::to_vec(&form.json()).map_err(|_never| Problem::internal())?;
        // What cannot be read is told before it is signed.
        let posted = Posted::of_form(&ordered.address, &body, form.key.clone())?;
        let signature = self.signature(service, ordered, &body).await?;
        posted.signed(signature).into_act(
            self.visitor.visit.caller.clone(),
            ordered.study.clone(),
            ordered.action,
        )
    }

    /// The order of an act outside the studies, and its body.
    pub(crate) async fn order_outside<T: DeserializeOwned + 'static>(
        &self,
        service: &Data<Shared>,
        form: &Form,
        ordered: &Ordered<()>,
    ) -> Result<(Order, T), Problem> {
        let body = serde_json::to_vec(&form.json()).map_err(|_never| Problem::internal())?;
        // What cannot be read is told before it is signed.
        let posted = Posted::of_form(&ordered.address, &body, form.key.clone())?;
        let signature = self.signature(service, ordered, &body).await?;
        posted.signed(signature).into_order(self.visitor.visit.caller.clone(), ordered.action)
    }

    /// Does the act that the form asks for, as the interface would.
    pub(crate) async fn act<T, R, F>(
        &self,
        service: &Data<Shared>,
        form: &Form,
        ordered: &Ordered,
        use_case: F,
    ) -> Result<R, Problem>
    where
        T: DeserializeOwned + Send + 'static,
        R: Send + 'static,
        F: FnOnce(&Shared, Envelope, T) -> Result<R, Failure> + Send + 'static,
    {
        let (envelope, body) = self.order::<T>(service, form, ordered).await?;
        let service = service.clone();
        run(move || use_case(&service, envelope, body)).await
    }

    /// Does what a form asks for; or else gives the page with it: as it was typed, or with what was wrong.
    pub(crate) async fn acted<T, R, F>(
        &self,
        service: &Data<Shared>,
        form: Form,
        ordered: &Ordered,
        page: impl FnOnce(Form) -> Page,
        use_case: F,
    ) -> Result<R, Answer>
    where
        T: DeserializeOwned + Send + 'static,
        R: Send + 'static,
        F: FnOnce(&Shared, Envelope, T) -> Result<R, Failure> + Send + 'static,
    {
        let form = self.fill(form);
        if self.is_resumed() {
            return Err(page(form).answer());
        }
        let done = self.act(service, &form, ordered, use_case).await;
        done.map_err(|problem| self.refused(page, form, &problem))
    }

    /// The signature of an act that is signed: the one that came along, or a new one by the password.
    pub(crate) async fn signature<S>(
        &self,
        service: &Data<Shared>,
        ordered: &Ordered<S>,
        body: &[u8],
    ) -> Result<Option<String>, Problem> {
        if !ordered.action.needs_signature() {
            return Ok(None);
        }
        if let Some(token) = self.typed.get(SIGNATURE) {
            return Ok(Some(token.to_owned()));
        }
        let password = self.typed.get(PASSWORD).filter(|password| !password.is_empty());
        let password = password.ok_or(Refusal::WrongCredentials)?.to_owned();
        let body_sha256 = hex::encode(Sha256::digest(body));
        let wanted = Wanted { action: ordered.action, address: ordered.address.clone(), body_sha256 };
        let attempt = Attempt { password, from: self.from };
        let (service, caller) = (service.clone(), self.visitor.visit.caller.clone());
        let token = run(move || sign::sign(&service, &caller, &wanted, &attempt)).await?.token;
        Ok(Some(self.made.get_or_init(|| token).clone()))
    }

    /// The page with the form as it was typed and what was wrong with it; nothing is stored. When it is not known
    /// whether the act was done, the same is asked again under the same key, and it will be done once.
    pub(crate) fn refused(&self, page: impl FnOnce(Form) -> Page, form: Form, problem: &Problem) -> Answer {
        let words = self.visitor.words();
        let form = if problem.code() == "outcome-unknown" {
            let signature = self.made.get().cloned().or_else(|| self.typed.get(SIGNATURE).map(str::to_owned));
            form.into_question(words, signature)
        } else {
            let form = form.refused(words, problem);
            let is_empty = self.typed.get(PASSWORD).is_none_or(str::is_empty);
            let missing = (form.wrong_password && is_empty).then(|| words.say("form.no_password").to_owned());
            Form { trouble: missing.or_else(|| form.trouble.clone()), ..form }
        };
        let page = page(form);
        // What is wrong with a field is put right there; about anything else somebody may have to be asked.
        let page = if problem.field.is_none() { page.text(self.visitor.here.request()) } else { page };
        page.with(problem.status())
    }
}

/// Whether a form comes from a page of this very server: by what the browser says of it, which no page can change.
fn comes_from_our_page(request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = header("Sec-Fetch-Site") {
        return site == "same-origin";
    }
    let origin = header(ORIGIN.as_str()).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, host)| header(HOST.as_str()) == Some(host))
}
