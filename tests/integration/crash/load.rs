//! The load: clients that enter, randomize, dispense and hand over, one subject after the other, and know what they
//! sent without hearing an answer.

use std::sync::mpsc::Sender;

use iwrs_tests::app::eligible;
use iwrs_tests::client::Client;
use iwrs_tests::process::{Installation, Server};
use serde_json::{Value, json};

/// Who works.
const LOGINS: [&str; 2] = ["investigator", "pharmacist"];

/// The people at one server, with the log-ins that they had at the first: a signature is bound to its log-in.
pub(super) struct Logins(Vec<Client>);

impl Logins {
    pub(super) fn at(installation: &Installation, server: &Server, before: Option<Self>) -> Self {
        Self(match before {
            None => LOGINS.iter().map(|login| installation.log_in(server, login)).collect(),
            Some(Self(people)) => people.into_iter().map(|person| moved(person, server)).collect(),
        })
    }

    pub(super) fn person(&self, login: &str) -> &Client {
        self.0.iter().find(|person| person.0.login == login).expect("one of those who work")
    }
}

/// The same person with the same log-in, at a server that was started again.
fn moved(person: Client, server: &Server) -> Client {
    let mut client = Client::anonymous(server.base());
    client.0.login = person.0.login;
    client.0.password = person.0.password;
    client.0.token = person.0.token;
    client
}

/// A request for a change, with its key.
#[derive(Clone)]
pub(super) struct Deed {
    pub(super) login: String,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) key: String,
    pub(super) signature: Option<String>,
}

/// A deed that was answered.
pub(super) struct Sent {
    pub(super) deed: Deed,
    pub(super) status: u16,
    pub(super) answer: String,
}

impl Deed {
    /// Sends it; nothing when no answer came.
    pub(super) fn send(&self, people: &Logins) -> Option<Sent> {
        let who = &people.person(&self.login).0;
        let reply = match &self.signature {
            Some(signature) => who.post_signed(&self.path, &self.body, &self.key, signature),
            None => who.post_with_key(&self.path, &self.body, &self.key),
        };
        let reply = reply.ok()?;
        Some(Sent { deed: self.clone(), status: reply.status, answer: reply.body })
    }
}

impl Sent {
    pub(super) fn to_json(&self) -> Value {
        let Deed { login, path, body, key, signature } = &self.deed;
        json!({
            "login": login, "path": path, "body": body, "key": key, "signature": signature,
            "status": self.status, "answer": self.answer,
        })
    }

    pub(super) fn from_json(line: &Value) -> Self {
        let text = |field: &str| line[field].as_str().expect("a text").to_owned();
        let signature = line["signature"].as_str().map(str::to_owned);
        let (login, path, key) = (text("login"), text("path"), text("key"));
        let deed = Deed { login, path, body: line["body"].clone(), key, signature };
        let status = line["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        Self { deed, status: status.expect("a status"), answer: text("answer") }
    }
}

/// One client's way through its subjects, four deeds for each.
pub(super) struct Course {
    subject: usize,
    step: usize,
    every: usize,
    answer: Value,
    sent: Option<Deed>,
}

impl Course {
    /// The client with this number among so many; it takes every so manieth subject.
    pub(super) fn new(client: usize, every: usize) -> Self {
        Self { subject: client, step: 0, every, answer: Value::Null, sent: None }
    }

    /// Works until the server is gone.
    pub(super) fn work(&mut self, people: &Logins, acknowledged: &Sender<Sent>) {
        while let Some(deed) = self.sent.clone().or_else(|| self.next(people)) {
            self.sent = Some(deed.clone());
            let Some(sent) = deed.send(people) else { return };
            assert_eq!(sent.status, 201, "{}: {}", deed.path, sent.answer);
            self.answer = serde_json::from_str(&sent.answer).expect("JSON");
            self.sent = None;
            self.step += 1;
            acknowledged.send(sent).expect("somebody counts");
        }
    }

    /// What was sent last and not answered.
    pub(super) fn in_doubt(&mut self) -> Option<Deed> {
        self.sent.take()
    }

    /// The next deed; nothing when it takes a signature and the server is gone.
    fn next(&mut self, people: &Logins) -> Option<Deed> {
        if self.step == 4 {
            (self.step, self.subject) = (0, self.subject + self.every);
        }
        let number = format!("S-{:03}", self.subject);
        let under = |rest: &str| format!("/studies/imodals{rest}");
        let of_subject = |rest: &str| under(&format!("/subjects/{number}/{rest}"));
        let (login, path, body) = match self.step {
            0 => ("investigator", under("/subjects"), self.entry(&number)),
            1 => ("investigator", of_subject("randomization"), eligible()),
            2 => ("pharmacist", of_subject("dispensations"), json!({ "visit": "D1" })),
            _ => {
                let dispensed = &self.answer["dispensation"];
                let id = dispensed["id"].as_str().expect("the id of a dispensation");
                let body = json!({ "kit_number": dispensed["kits"][0] });
                ("pharmacist", under(&format!("/dispensations/{id}/confirmation")), body)
            }
        };
        let signature = match self.step {
            1 => Some(people.person(login).0.sign("randomize", &path, &body).ok()?),
            _ => None,
        };
        let key = format!("{number}-{}", self.step);
        Some(Deed { login: login.to_owned(), path, body, key, signature })
    }

    fn entry(&self, number: &str) -> Value {
        let sex = if self.subject.is_multiple_of(2) { "female" } else { "male" };
        let birth_year = 1970 + self.subject / 2;
        json!({ "screening_number": number, "site": "34-001", "birth_year": birth_year, "sex": sex })
    }
}
