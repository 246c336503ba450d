//! A browser without a screen: it keeps cookies, follows nothing by itself, and sends forms as they stand.

use std::collections::BTreeMap;

use iwrs::client::Reply;
use ureq::Agent;
use ureq::http::Request;

/// A browser, and who is logged in at it.
#[derive(Clone)]
pub struct Browser {
    agent: Agent,
    base: String,
    /// The cookies, by their names.
    pub cookies: BTreeMap<String, String>,
    /// Headers that go along with every request.
    pub headers: Vec<(String, String)>,
}

impl Browser {
    /// A browser at a server.
    pub fn at(base: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        let headers = vec![("Origin".to_owned(), base.to_owned())];
        Self { agent: config.into(), base: base.to_owned(), cookies: BTreeMap::new(), headers }
    }

    /// A page.
    ///
    /// # Panics
    /// When no answer comes.
    #[track_caller]
    pub fn get(&mut self, address: &str) -> Reply {
        self.send("GET", address, "")
    }

    /// Sends the first form of a page that is sent to this address, with these fields filled in.
    ///
    /// # Panics
    /// When the page has no such form, or no answer comes.
    #[track_caller]
    pub fn submit(&mut self, page: &Reply, address: &str, fields: &[(&str, &str)]) -> Reply {
        let mut sent = hidden(&page.body);
        for (name, value) in fields {
            sent.retain(|(known, _)| known != name);
            sent.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.post(address, &sent)
    }

    /// Opens the form at an address, and sends it with these fields filled in.
    ///
    /// # Panics
    /// As [`Browser::submit`].
    #[track_caller]
    pub fn fill(&mut self, address: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.get(address);
        assert_eq!(page.status, 200, "{address}: {}", page.body);
        self.submit(&page, address, fields)
    }

    /// Sends a form.
    ///
    /// # Panics
    /// When no answer comes.
    #[track_caller]
    pub fn post(&mut self, address: &str, fields: &[(String, String)]) -> Reply {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        self.send("POST", address, &body.collect::<Vec<_>>().join("&"))
    }

    /// Logs in.
    ///
    /// # Panics
    /// When that is refused.
    #[track_caller]
    pub fn log_in(&mut self, login: &str, password: &str) {
        let reply = self.fill("/log-in", &[("login", login), ("password", password)]);
        assert_eq!(reply.status, 303, "{}", reply.body);
    }

    /// Any request, with a form in its body.
    ///
    /// # Panics
    /// When no answer comes.
    #[track_caller]
    pub fn send(&mut self, method: &str, address: &str, body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("{}{address}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            request = request.header("Cookie", cookies.collect::<Vec<_>>().join("; "));
        }
        let answer = if method == "POST" {
            let request = request.header("Content-Type", "application/x-www-form-urlencoded");
            self.agent.run(request.body(body.to_owned()).expect("a request"))
        } else {
            self.agent.run(request.body(()).expect("a request"))
        };
        let mut answer = answer.expect("an answer");
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = answer.headers().iter();
        let mut headers: Vec<(String, String)> =
            headers.map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
        headers.sort();
        for (_, cookie) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').expect("a cookie has a value");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = answer.body_mut().read_to_vec().expect("a body");
        Reply { status: answer.status().as_u16(), headers, body: text(&bytes), bytes }
    }
}

/// What the form of an act carries unseen. The one that logs out carries no key, and is left out.
pub fn hidden(page: &str) -> Vec<(String, String)> {
    let form = page.split("<form method=\"post\" class=\"act").nth(1).unwrap_or_default();
    let form = form.split("</form>").next().unwrap_or_default();
    let inputs = form.split("<input type=\"hidden\" ").skip(1);
    let attribute = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
        Some(unescaped(value))
    };
    inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect()
}

/// Text as it stands in a page.
pub fn unescaped(text: &str) -> String {
    let entities = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, letter)| text.replace(entity, letter))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
