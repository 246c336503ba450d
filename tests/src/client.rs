//! Callers of the interface: each is a person who is logged in, with the same methods, and panics when the server
//! does not answer at all.

use iwrs::client::{self, Reply};
use serde_json::Value;

/// What a test expects of an answer.
pub trait Expect {
    /// The body as JSON, when the status is the expected one.
    fn expect(&self, status: u16) -> Value;
    /// The code of the problem, when the status is the expected one.
    fn problem(&self, status: u16) -> String;
    /// A header, empty when it is not there.
    fn header(&self, name: &str) -> &str;
}

impl Expect for Reply {
    #[track_caller]
    fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "the answer was {self:?}");
        self.json()
    }

    #[track_caller]
    fn problem(&self, status: u16) -> String {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "the answer was {self:?}");
        let kind = problem["type"].as_str().unwrap_or_else(|| panic!("no problem: {self:?}"));
        kind.trim_start_matches("urn:iwrs:problem:").to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

/// Somebody who speaks to the server: logged in, or not.
pub struct Client(pub client::Client);

impl Client {
    /// Somebody who is not logged in.
    pub fn anonymous(base: &str) -> Self {
        Self(client::Client::anonymous(base))
    }

    /// Logs in.
    #[track_caller]
    pub fn log_in(base: &str, login: &str, password: &str) -> Self {
        Self(client::Client::log_in(base, login, password).expect("a log-in"))
    }

    /// GET under `/api/v1`.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.0.get(path).expect("an answer")
    }

    /// POST under `/api/v1`, with a new idempotency key.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.0.post(path, body).expect("an answer")
    }

    /// POST with this idempotency key.
    #[track_caller]
    pub fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Reply {
        self.0.post_with_key(path, body, key).expect("an answer")
    }

    /// POST, signed for this action, with a new idempotency key.
    #[track_caller]
    pub fn sign_and_post(&self, action: &str, path: &str, body: &Value) -> Reply {
        self.0.sign_and_post(action, path, body).expect("an answer")
    }

    /// A signing token for exactly this request.
    #[track_caller]
    pub fn sign(&self, action: &str, path: &str, body: &Value) -> String {
        self.0.sign(action, path, body).expect("a signature")
    }

    /// POST with a signing token that was made before.
    #[track_caller]
    pub fn post_signed(&self, path: &str, body: &Value, key: &str, signature: &str) -> Reply {
        self.0.post_signed(path, body, key, signature).expect("an answer")
    }

    /// Any request under `/api/v1`, with any body.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, body: Option<&str>, headers: &[(&str, &str)]) -> Reply {
        self.0.send(method, path, body, headers).expect("an answer")
    }
}
