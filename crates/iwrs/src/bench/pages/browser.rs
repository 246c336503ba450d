//! Somebody at a browser: a cookie, one connection, and pages.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Response;

use crate::client::ClientError;

/// A connection that was idle for longer is not used again, as the server may be closing it.
const IDLE: Duration = Duration::from_secs(3);

/// A browser that follows nothing by itself.
pub(super) struct Browser {
    agent: Agent,
    base: String,
    cookie: String,
    pub(super) login: String,
    pub(super) password: String,
}

/// A page that came, or where it sent the browser to.
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) location: String,
    /// From the request to the first byte of the answer.
    pub(super) first_byte: Duration,
    pub(super) body: String,
}

impl Browser {
    /// Somebody who is not logged in.
    pub(super) fn anonymous(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).max_idle_age(IDLE);
        Self {
            agent: config.build().into(),
            base: base.to_owned(),
            cookie: String::new(),
            login: "anybody".to_owned(),
            password: String::new(),
        }
    }

    /// Somebody who is.
    pub(super) fn log_in(base: &str, login: &str, password: &str) -> Result<Self, ClientError> {
        let mut browser = Self::anonymous(base);
        let request = browser.agent.post(format!("{base}/log-in")).header("Origin", base);
        let sent = request.send_form([("login", login), ("password", password)]);
        let answer = sent.map_err(|error| no_answer("/log-in", error))?;
        let cookie = header(&answer, "set-cookie");
        let Some((cookie, _)) = cookie.split_once(';') else {
            let (request, status) = (format!("the log-in of {login}"), answer.status().as_u16());
            return Err(ClientError::Unexpected { request, status, body: String::new() });
        };
        cookie.clone_into(&mut browser.cookie);
        login.clone_into(&mut browser.login);
        password.clone_into(&mut browser.password);
        Ok(browser)
    }

    /// Asks for a page.
    pub(super) fn open(&self, address: &str) -> Result<Page, ClientError> {
        let request = self.agent.get(format!("{}{address}", self.base)).header("Cookie", &self.cookie);
        let began = Instant::now();
        let mut answer = request.call().map_err(|error| no_answer(address, error))?;
        let first_byte = began.elapsed();
        let body = answer.body_mut().read_to_vec().map_err(|error| no_answer(address, error))?;
        // Some pages are files to be printed: in them no link is looked for.
        let body = String::from_utf8_lossy(&body).into_owned();
        let (status, location) = (answer.status().as_u16(), header(&answer, "location"));
        Ok(Page { status, location, first_byte, body })
    }
}

fn header(answer: &Response<ureq::Body>, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

fn no_answer(address: &str, error: ureq::Error) -> ClientError {
    ClientError::NoAnswer(address.to_owned(), Box::new(error))
}
