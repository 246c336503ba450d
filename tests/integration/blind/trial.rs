//! A trial in play: people who ask, and a record of what the blinded ones among them get.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use iwrs::client::{Client, Reply};
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::browser::Browser;
use iwrs_tests::client::Expect;
use serde_json::{Value, json};
use service::keys::Sealer;
use service::mail::{EmailAddress, Letterhead, Mail, Mailer};
use service::notices::{Counts, send_due};
use sha2::{Digest, Sha256};
use terms::Moment;
use trial::study::SealedDesign;

use super::hidden::{self, Hidden};
use super::log;
use super::recording::Recording;

/// Who knows treatments; everybody else is blinded, and so is who is not logged in.
const UNBLINDED: [&str; 4] = ["supply", "statistician", "reviewer", "supply2"];
/// To whom unblinded notices go.
pub(super) const UNBLINDED_MAIL: &str = "unblinded-supply@demo.invalid";

/// A request that was made: its method, its path without the query, whether a blinded person made it, and the
/// status.
pub(super) type Call = (String, String, bool, u16);

/// The trial.
pub(super) struct Trial {
    pub(super) app: TestApp,
    pub(super) recording: Recording,
    pub(super) calls: BTreeSet<Call>,
    /// How many kits of every type the second batch has, in the order of the sealed design, when it has few.
    pub(super) few: [u32; 3],
    /// The labels that the supply manager had printed.
    pub(super) labels: Vec<Vec<u8>>,
    /// What the operator sees of the log.
    pub(super) log: Vec<String>,
    /// All mails, to whomever.
    pub(super) mails: Vec<Mail>,
    sealer: Sealer,
    sealed: SealedDesign,
    people: BTreeMap<String, Client>,
    /// Who is logged in at a browser.
    browsers: BTreeMap<String, Browser>,
    /// The pages that were opened, and the forms that were sent.
    pub(super) pages: BTreeSet<Call>,
    requests: BTreeSet<String>,
    mailer: Mailer,
}

impl Trial {
    /// A staged study, with everybody logged in.
    pub(super) fn begin(world: World) -> Self {
        log::keep();
        let sealer = match &world.sealer {
            Sealer::Ideal(world) => Sealer::Ideal(world.clone()),
            Sealer::Real => Sealer::Real,
        };
        let sealed = hidden::sealed_design(world.sealed_design.as_ref().unwrap_or(&files().sealed));
        let app = TestApp::in_world(world);
        let mut people: BTreeMap<String, Client> = BTreeMap::new();
        for person in &files().plan.people {
            let client = app.cast.person(&person.login).expect("somebody of the cast").clone();
            people.insert(person.login.clone(), client);
        }
        people.insert("anonymous".to_owned(), Client::anonymous(app.base()));
        let (recording, calls, requests, log, mails, browsers, pages) = Default::default();
        let (few, labels, mailer) = ([3, 2, 2], Vec::new(), Mailer::memory());
        let mut trial = Self {
            app,
            recording,
            calls,
            few,
            labels,
            log,
            mails,
            sealer,
            sealed,
            people,
            browsers,
            pages,
            requests,
            mailer,
        };
        trial.collect("the staging");
        trial
    }

    /// The codes of the kit types, in the order of the sealed design.
    pub(super) fn kit_types(&self) -> Vec<String> {
        self.sealed.kit_types().iter().map(|kit_type| kit_type.code.clone()).collect()
    }

    /// The place of a kit's type in the sealed design.
    pub(super) fn kit_type_of(&self, kit: &str) -> usize {
        let arm = terms::Arm::new(u8::try_from(self.hidden().kits[kit]).expect("few arms"));
        self.sealed.kit_type_of(arm).expect("a kit type").as_usize()
    }

    /// Who has which arm, and which kit is for which.
    pub(super) fn hidden(&self) -> Hidden {
        hidden::open(self.app.database.url(), &self.sealer, &self.sealed)
    }

    /// An address under the study.
    pub(super) fn path(&self, rest: &str) -> String {
        self.app.path(rest)
    }

    pub(super) fn get(&mut self, who: &str, path: &str) -> Reply {
        self.send(who, "GET", path, None, &[])
    }

    /// GET under the study.
    pub(super) fn read(&mut self, who: &str, rest: &str) -> Reply {
        self.get(who, &self.path(rest))
    }

    pub(super) fn post(&mut self, who: &str, path: &str, body: &Value) -> Reply {
        let key = self.person(who).next_key();
        self.post_with_key(who, path, body, &key)
    }

    pub(super) fn post_with_key(&mut self, who: &str, path: &str, body: &Value, key: &str) -> Reply {
        self.send(who, "POST", path, Some(&body.to_string()), &[("Idempotency-Key", key)])
    }

    /// POST under the study.
    pub(super) fn act(&mut self, who: &str, rest: &str, body: &Value) -> Reply {
        self.post(who, &self.path(rest), body)
    }

    /// POST under `/api/v1`, signed for this action.
    pub(super) fn signed(&mut self, who: &str, action: &str, path: &str, body: &Value) -> Reply {
        let key = self.person(who).next_key();
        self.signed_with_key(who, action, path, body, &key)
    }

    pub(super) fn signed_with_key(
        &mut self,
        who: &str,
        action: &str,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Reply {
        let person = self.person(who);
        let signed = person.try_sign(action, path, body).expect("an answer");
        self.note(who, "POST", "/signatures", &signed);
        let signature = signed.expect(201)["signature"]["token"].as_str().expect("a token").to_owned();
        let headers = [("Idempotency-Key", key), ("Signature-Token", signature.as_str())];
        self.send(who, "POST", path, Some(&body.to_string()), &headers)
    }

    pub(super) fn send(
        &mut self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let reply = self.person(who).send(method, path, body, headers).expect("an answer");
        self.note(who, method, path, &reply);
        reply
    }

    /// Logs somebody in, with a password or with the one that is known.
    pub(super) fn log_in(&mut self, who: &str, password: Option<&str>) -> Value {
        let mut person = self.people.get(who).cloned().unwrap_or_else(|| Client::anonymous(self.app.base()));
        person.password = password.map_or(person.password, str::to_owned);
        (person.login, person.token) = (who.to_owned(), None);
        let body = json!({ "login": who, "password": person.password });
        let reply = person.post("/session", &body).expect("an answer");
        self.note(who, "POST", "/session", &reply);
        let session = reply.expect(201)["session"].clone();
        person.token = session["access_token"].as_str().map(str::to_owned);
        self.people.insert(who.to_owned(), person);
        session
    }

    /// Lets the time be this, and everybody log in again.
    pub(super) fn at(&mut self, moment: &str) {
        self.app.clock.set(Moment::parse(moment).expect("an instant"));
        let logins: Vec<String> = self.people.keys().filter(|who| *who != "anonymous").cloned().collect();
        for login in logins {
            self.log_in(&login, None);
        }
    }

    /// Everybody who plays.
    pub(super) fn blinded(&self) -> Vec<String> {
        self.people.keys().filter(|who| is_blinded(who)).cloned().collect()
    }

    pub(super) fn person(&self, who: &str) -> Client {
        self.people.get(who).unwrap_or_else(|| panic!("{who} does not play")).clone()
    }

    /// Records an answer: whole for a blinded person, but for that of the code break, which is for the
    /// breaker.
    fn note(&mut self, who: &str, method: &str, path: &str, reply: &Reply) {
        let bare = path.split('?').next().unwrap_or(path);
        self.calls.insert((method.to_owned(), bare.to_owned(), is_blinded(who), reply.status));
        self.requests.insert(reply.header("x-request-id").to_owned());
        let is_break = method == "POST" && bare.ends_with("unblindings") && reply.status == 201;
        let title = format!("{method} {path} by {who}");
        if is_break {
            self.recording.add(title, reply.status.to_string());
        } else if is_blinded(who) {
            self.recording.add(title, whole(reply));
        }
    }

    /// A page, or whatever else is outside `/api/v1`.
    pub(super) fn page(&mut self, who: &str, address: &str) -> Reply {
        let reply = self.browser(who).get(address);
        self.note_page(who, "GET", address, &reply);
        reply
    }

    /// The form of a page, filled in and sent.
    pub(super) fn form(&mut self, who: &str, address: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.page(who, address);
        let reply = self.browser(who).submit(&page, address, fields);
        self.note_page(who, "POST", address, &reply);
        reply
    }

    /// A form that stands on many pages.
    pub(super) fn post_page(&mut self, who: &str, address: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reply = self.browser(who).post(address, &fields);
        self.note_page(who, "POST", address, &reply);
        reply
    }

    /// Logs somebody in at a browser of their own.
    pub(super) fn sit_down(&mut self, who: &str) {
        self.browsers.remove(who);
        let password = self.person(who).password;
        self.form(who, "/log-in", &[("login", who), ("password", &password)]).expect(303);
    }

    fn browser(&mut self, who: &str) -> &mut Browser {
        let base = self.app.base().to_owned();
        self.browsers.entry(who.to_owned()).or_insert_with(|| Browser::at(&base))
    }

    /// Records a page: whole for a blinded person, but for the treatment that the breaker of a code sees.
    fn note_page(&mut self, who: &str, method: &str, address: &str, reply: &Reply) {
        let bare = address.split('?').next().unwrap_or(address);
        self.pages.insert((method.to_owned(), bare.to_owned(), is_blinded(who), reply.status));
        self.requests.insert(reply.header("x-request-id").to_owned());
        let is_break = method == "POST" && bare.ends_with("break") && reply.status == 200;
        let title = format!("{method} {address} by {who}");
        if is_break {
            self.recording.add(title, reply.status.to_string());
        } else if is_blinded(who) {
            self.recording.add(title, whole(reply));
        }
    }

    /// Raises the alerts that stand, and clears those that do not, as the service does once a minute.
    pub(super) fn round(&self) {
        service::alerts::round::round(&self.app.service).expect("a round");
    }

    /// Raises alerts, sends the mails that are due, writes down what was counted, and records mails and lines of
    /// the log.
    pub(super) fn collect(&mut self, after: &str) {
        self.round();
        let address = |text: &str| -> EmailAddress { text.parse().expect("an address") };
        let head = Letterhead { from: address("iwrs@test.invalid"), service: "https://iwrs.test".to_owned() };
        while send_due(&self.app.service, &self.mailer, &head).expect("the outbox is read")
            != Counts::default()
        {}
        service::people::flush(&self.app.service).expect("what was counted is written down");
        let Mailer::Memory(sent) = &self.mailer else { panic!("mail goes to memory") };
        let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
        for mail in sent {
            self.recording.add(format!("a mail after {after}"), letter(&mail));
            self.mails.push(mail);
        }
        let requests = std::mem::take(&mut self.requests);
        for line in log::take(&requests) {
            self.log.push(line.clone());
            self.recording.add(format!("a line of the log of {after}"), line);
        }
    }
}

/// Whether this person must not know a treatment.
fn is_blinded(who: &str) -> bool {
    !UNBLINDED.contains(&who)
}

/// An answer, but for the time of the machine.
fn whole(reply: &Reply) -> String {
    let headers = reply.headers.iter().filter(|(name, _)| name != "date");
    let headers: String = headers.map(|(name, value)| format!("{name}: {value}\n")).collect();
    // A file is no text: it is compared by its length and its hash.
    let is_file = reply.header("content-type") == "application/pdf";
    let file =
        || format!("{} bytes, SHA-256 {}", reply.bytes.len(), hex::encode(Sha256::digest(&reply.bytes)));
    let body = if is_file { file() } else { reply.body.clone() };
    format!("{}\n{headers}\n{body}", reply.status)
}

/// A mail; of one to unblinded people only what everybody can see on its way.
fn letter(mail: &Mail) -> String {
    let (to, subject) = (mail.to().to_string(), mail.subject());
    let body = if to == UNBLINDED_MAIL { "(for unblinded people)" } else { mail.body() };
    format!("{}\nTo: {to}\nSubject: {subject}\n\n{body}", mail.id())
}
