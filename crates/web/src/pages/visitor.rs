//! Who is at the browser: the session by its cookie, the language, and where the person stands.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::web::{Data, Query};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono_tz::Tz;
use service::Shared;
use service::people::First;
use service::people::browser::{self, Visit};
use service::study::{self, Desk};
use sha2::{Digest, Sha256};
use terms::{SiteId, StudyId};
use trial::study::Levels;
use trial::{Action, Language, Refusal};

use crate::Problem;
use crate::answer::run;
use crate::trace::RequestId;
use crate::words::{LANGUAGE, Words, stratum};

/// The cookie of the session. The prefix binds it to this very host, over TLS or on this machine.
const SESSION: &str = "__Host-iwrs";
/// The page on which a one-time password is replaced.
pub(crate) const PASSWORD: &str = "/password";
/// The page on which the code of the second factor is given.
pub(crate) const CODE: &str = "/code";
/// The page on which a second factor is set up.
pub(crate) const SECOND_FACTOR: &str = "/second-factor";

/// What is known of a request before anything is known of the person.
#[derive(Clone)]
pub(crate) struct Here {
    /// Path and query.
    pub(crate) address: String,
    /// The path alone.
    pub(crate) path: String,
    /// The query.
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) words: Words,
    pub(crate) request_id: String,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) here: Here,
    pub(crate) visit: Visit,
    /// What a form of this session carries, and a form of anybody else cannot.
    pub(crate) guard: String,
}

/// A visitor at a study.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) visitor: Visitor,
    pub(crate) desk: Desk,
}

impl Here {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let query = Query::<BTreeMap<String, String>>::from_query(request.query_string());
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        Self {
            address: request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned(),
            path: request.path().to_owned(),
            query: query.map(Query::into_inner).unwrap_or_default(),
            words: Words::asked(request),
            request_id: id.unwrap_or_default(),
        }
    }

    /// The request in words, under the id that it has in the log.
    pub(crate) fn request(&self) -> String {
        self.words.fill("problem.request_id", &[("id", &self.request_id)])
    }

    /// A value of the query.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let (here, token) = (Here::of(request), token(request));
        let service = request.app_data::<Data<Shared>>().cloned();
        Box::pin(async move {
            let (service, token) = service.zip(token).ok_or(Refusal::NotAuthenticated)?;
            let guard = guard(&token);
            let visit = run(move || browser::visit(&service, &token)).await?;
            if let Some(first) = visit.first.filter(|first| !is_open(*first, &here.path)) {
                return Err(first.refusal().into());
            }
            Ok(Self { here, visit, guard })
        })
    }
}

impl Visitor {
    pub(crate) fn words(&self) -> Words {
        self.here.words
    }

    /// The visitor's place in a study.
    pub(crate) async fn at(self, service: &Data<Shared>, study: &str) -> Result<Standing, Problem> {
        self.at_to(service, study, Action::ReadStudy).await
    }

    /// The visitor's place in a study, on a page that is for this act alone.
    pub(crate) async fn at_to(
        self,
        service: &Data<Shared>,
        study: &str,
        action: Action,
    ) -> Result<Standing, Problem> {
        let study: StudyId = crate::posted::named(study)?;
        let (service, caller) = (service.clone(), self.visit.caller.clone());
        let desk = run(move || study::desk(&service, &caller, &study, action)).await?;
        Ok(Standing { visitor: self, desk })
    }
}

impl Standing {
    pub(crate) fn words(&self) -> Words {
        self.visitor.words()
    }

    pub(crate) fn caller(&self) -> service::request::Caller {
        self.visitor.visit.caller.clone()
    }

    pub(crate) fn study(&self) -> StudyId {
        self.desk.study.clone()
    }

    /// A text of the public design, in the visitor's language where the design has it in that.
    pub(crate) fn said<'t>(&'t self, text: &'t str) -> &'t str {
        self.desk.design.translations.say(self.words().0, text)
    }

    /// A stratum by its factors and levels. A study without strata has one, of all subjects.
    pub(crate) fn stratum(&self, levels: &Levels) -> String {
        stratum(self.words(), &self.desk.design.translations, levels)
    }

    /// The address of a page of the study.
    pub(crate) fn address(&self, rest: impl std::fmt::Display) -> String {
        format!("/studies/{}{rest}", self.desk.study)
    }

    /// Whether one of the visitor's roles gives a right.
    pub(crate) fn may(&self, action: Action) -> bool {
        self.desk.roles.iter().any(|held| action.roles().contains(&held.role))
    }

    /// The zone in which times are shown: that of the visitor's site; without one site, of all or of none.
    pub(crate) fn zone(&self) -> Tz {
        match self.desk.sites.as_slice() {
            [site] => site.zone,
            _ => Tz::UTC,
        }
    }

    /// The zone of a site.
    pub(crate) fn zone_of(&self, site: &SiteId) -> Tz {
        self.desk.sites.iter().find(|known| known.id == *site).map_or(Tz::UTC, |site| site.zone)
    }
}

/// Whether a page is open to somebody who must do something first: the page for that, and the way out. The second
/// factor is never in the way of a code break (UNB-08).
fn is_open(first: First, path: &str) -> bool {
    let rest = match first {
        First::Password => return path == PASSWORD || path == "/log-out",
        First::Code => path == CODE,
        First::SecondFactor => path == SECOND_FACTOR || path == "/second-factor/confirmation",
    };
    let study = path.strip_prefix("/studies/").and_then(|rest| rest.strip_suffix("/break"));
    rest || path == "/log-out" || study.is_some_and(|study| !study.contains('/'))
}

/// The token of the session, as the browser sends it.
pub(crate) fn token(request: &HttpRequest) -> Option<String> {
    request.cookie(SESSION).map(|cookie| cookie.value().to_owned())
}

/// The cookie of a new session.
pub(crate) fn session(token: String) -> Cookie<'static> {
    Cookie::build(SESSION, token).path("/").secure(true).http_only(true).same_site(SameSite::Strict).finish()
}

/// The cookie that takes a session away.
pub(crate) fn no_session() -> Cookie<'static> {
    let mut cookie = session(String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// The cookie of a chosen language.
pub(crate) fn chosen(language: Language) -> Cookie<'static> {
    let code: &'static str = language.into();
    let cookie = Cookie::build(LANGUAGE, code).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.max_age(Duration::days(365)).finish()
}

/// What proves that a form is one of this session's: nobody can compute it without the cookie.
pub(crate) fn guard(token: &str) -> String {
    hex::encode(Sha256::digest(format!("form\n{token}")))
}
