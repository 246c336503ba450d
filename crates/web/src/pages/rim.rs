//! The rim of the pages: a refusal or a fault becomes a page in the visitor's words, or the way to the log-in.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse};

use super::page::{Link, Page, Part, go_on};
use super::refusals::sentence;
use super::visitor::{CODE, Here, PASSWORD, SECOND_FACTOR, token};
use crate::Problem;
use crate::answer::Answer;

/// Turns what is answered with a [`Problem`] into a page.
pub(super) async fn in_words<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    let Some(answer) = problem.map(|problem| told(response.request(), problem)) else {
        return Ok(response.map_into_boxed_body());
    };
    let answer = answer.unwrap_or_else(|problem| actix_web::ResponseError::error_response(&problem));
    Ok(response.into_response(answer))
}

fn told(request: &HttpRequest, problem: &Problem) -> Answer {
    let here = Here::of(request);
    match problem.code() {
        "not-authenticated" if request.method() == Method::GET => to_log_in(request, &here),
        "password-change-needed" => go_on(PASSWORD),
        "second-factor-needed" => go_on(SECOND_FACTOR),
        "code-needed" => to_code(request, &here),
        _ => problem_page(&here, problem).with(problem.status()),
    }
}

/// To the log-in, and from there to where the visitor wanted to go.
///
/// A browser does not send the cookie along with a link that was followed from somewhere else, such as from a mail.
/// The page that comes then loads itself once more from here, with the cookie.
fn to_log_in(request: &HttpRequest, here: &Here) -> Answer {
    let came_from = request.headers().get("Sec-Fetch-Site").and_then(|site| site.to_str().ok());
    if came_from == Some("cross-site") && token(request).is_none() {
        let link = Link::new(here.words.say("frame.go_on"), &here.address).main();
        let page = Page::public(here, here.words.say("frame.one_moment")).part(Part::Links(vec![link]));
        return page.again_in(0).with(StatusCode::OK);
    }
    let then = serde_urlencoded::to_string([("then", &here.address)]).unwrap_or_default();
    go_on(&format!("/log-in?{then}"))
}

/// To the code of the second factor, and from there to where the visitor wanted to go.
fn to_code(request: &HttpRequest, here: &Here) -> Answer {
    if request.method() != Method::GET {
        return go_on(CODE);
    }
    let then = serde_urlencoded::to_string([("then", &here.address)]).unwrap_or_default();
    go_on(&format!("{CODE}?{then}"))
}

/// What happened, what to do, and the request's id.
fn problem_page(here: &Here, problem: &Problem) -> Page {
    let words = here.words;
    let title = match problem.status() {
        StatusCode::NOT_FOUND => words.say("problem.not_found"),
        StatusCode::FORBIDDEN => words.say("problem.forbidden"),
        status if status.is_server_error() => words.say("problem.fault"),
        _ => words.say("problem.refused"),
    };
    let back = Link::new(words.say("problem.back"), "/");
    Page::public(here, title)
        .part(Part::Warning(sentence(words, problem)))
        .text(here.request())
        .part(Part::Links(vec![back]))
}

/// Where nothing is.
pub(super) async fn nowhere() -> Result<HttpResponse, Problem> {
    Err(Problem::of(&trial::Refusal::NotFound))
}
