//! Somebody who speaks to a server over its interface: the demo's people, and the tests'.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::Agent;
use ureq::http::{Request, Response};

/// A connection that was idle for longer is not used again: the server closes one after five seconds, and a request
/// that is sent into that gets no answer.
const IDLE: Duration = Duration::from_secs(3);

/// An answer, as it came.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, in the order of their names.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The body, byte by byte: a file to be printed is no text.
    pub bytes: Vec<u8>,
}

/// Why there was no answer of use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("no answer came to {0}: {1}")]
    NoAnswer(String, #[source] Box<ureq::Error>),
    /// There is nobody of this name among the people.
    #[error("there is nobody called {0}")]
    Nobody(String),
    /// A packager cannot work: without a key, or with a packaging list that does not open.
    #[error("the packaging list cannot be opened")]
    NotPacked,
    /// Another answer came than the one that was expected.
    #[error("{request} was answered with {status}: {body}")]
    Unexpected {
        /// The request.
        request: String,
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
}

impl Reply {
    /// The body as JSON, null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// Somebody who speaks to a server: logged in, or not. Clones share the count of keys.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    /// The log-in name.
    pub login: String,
    /// The password.
    pub password: String,
    /// The access token.
    pub token: Option<String>,
    keys: Arc<AtomicU64>,
}

impl Client {
    /// Somebody who is not logged in. The base is the server's address without a slash at the end.
    pub fn anonymous(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_idle_age(IDLE).build();
        let (login, password) = ("nobody".to_owned(), String::new());
        Self {
            agent: config.into(),
            base: base.to_owned(),
            login,
            password,
            token: None,
            keys: Arc::default(),
        }
    }

    /// Logs in.
    ///
    /// # Errors
    /// When that is refused.
    pub fn log_in(base: &str, login: &str, password: &str) -> Result<Self, ClientError> {
        let mut client = Self::anonymous(base);
        let body = json!({ "login": login, "password": password });
        let answer = client.expect(201, "POST", "/session", &client.post("/session", &body)?)?;
        client.token = Some(text_at(&answer, "/session/access_token").to_owned());
        client.login = login.to_owned();
        client.password = password.to_owned();
        Ok(client)
    }

    /// Logs in with a one-time password, sets a password, and logs in with that.
    ///
    /// # Errors
    /// When any of that is refused.
    pub fn first_log_in(
        base: &str,
        login: &str,
        one_time: &str,
        password: &str,
    ) -> Result<Self, ClientError> {
        let client = Self::log_in(base, login, one_time)?;
        let change = json!({ "old_password": one_time, "new_password": password });
        client.expect(204, "POST", "/me/password", &client.post("/me/password", &change)?)?;
        Self::log_in(base, login, password)
    }

    /// GET under `/api/v1`.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn get(&self, path: &str) -> Result<Reply, ClientError> {
        self.send("GET", path, None, &[])
    }

    /// POST under `/api/v1`, with a new idempotency key.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post(&self, path: &str, body: &Value) -> Result<Reply, ClientError> {
        self.post_with_key(path, body, &self.next_key())
    }

    /// POST with this idempotency key.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Result<Reply, ClientError> {
        self.send("POST", path, Some(&body.to_string()), &[("Idempotency-Key", key)])
    }

    /// POST, signed for this action, with a new idempotency key.
    ///
    /// # Errors
    /// When no answer comes, or the signature is refused.
    pub fn sign_and_post(&self, action: &str, path: &str, body: &Value) -> Result<Reply, ClientError> {
        let signature = self.sign(action, path, body)?;
        self.post_signed(path, body, &self.next_key(), &signature)
    }

    /// POST with a signing token that was made before.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post_signed(
        &self,
        path: &str,
        body: &Value,
        key: &str,
        signature: &str,
    ) -> Result<Reply, ClientError> {
        let headers = [("Idempotency-Key", key), ("Signature-Token", signature)];
        self.send("POST", path, Some(&body.to_string()), &headers)
    }

    /// A signing token for exactly this request.
    ///
    /// # Errors
    /// When it is refused.
    pub fn sign(&self, action: &str, path: &str, body: &Value) -> Result<String, ClientError> {
        let answer = self.expect(201, "POST", "/signatures", &self.try_sign(action, path, body)?)?;
        Ok(text_at(&answer, "/signature/token").to_owned())
    }

    /// Asks for a signing token.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn try_sign(&self, action: &str, path: &str, body: &Value) -> Result<Reply, ClientError> {
        let request = json!({
            "action": action,
            "address": format!("/api/v1{path}"),
            "body_sha256": hex::encode(Sha256::digest(body.to_string())),
            "password": self.password,
        });
        self.post("/signatures", &request)
    }

    /// The body of an answer, when its status is the expected one.
    ///
    /// # Errors
    /// [`ClientError::Unexpected`].
    pub fn expect(&self, status: u16, method: &str, path: &str, reply: &Reply) -> Result<Value, ClientError> {
        if reply.status == status {
            return Ok(reply.json());
        }
        let request = format!("{method} {path} by {}", self.login);
        Err(ClientError::Unexpected { request, status: reply.status, body: reply.body.clone() })
    }

    /// Any request under `/api/v1`, with any body.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Reply, ClientError> {
        let sent = self.try_send(method, path, body, headers);
        sent.map_err(|error| ClientError::NoAnswer(format!("{method} {path}"), Box::new(error)))
    }

    fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_owned())?)?
            }
            None => self.agent.run(request.body(())?)?,
        })
    }

    /// Logs in again, as after a night, and goes on counting keys.
    ///
    /// # Errors
    /// When that is refused.
    pub fn log_in_again(&self) -> Result<Self, ClientError> {
        let again = Self::log_in(&self.base, &self.login, &self.password)?;
        Ok(Self { keys: Arc::clone(&self.keys), ..again })
    }

    /// A key that this person has not used yet.
    pub fn next_key(&self) -> String {
        format!("{}-{}", self.login, self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

/// A text of an answer by its JSON pointer; empty when there is none.
pub fn text_at<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A list of an answer by its JSON pointer; empty when there is none.
pub fn rows_at<'a>(answer: &'a Value, pointer: &str) -> &'a [Value] {
    answer.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn read(mut answer: Response<ureq::Body>) -> Result<Reply, ureq::Error> {
    let mut headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    let mut bytes = Vec::new();
    answer.body_mut().as_reader().read_to_end(&mut bytes)?;
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Reply { status: answer.status().as_u16(), headers, body, bytes })
}
