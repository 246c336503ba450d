//! Bringing a study into being: the operator's acts, and then everybody's own through the interface.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::entropy::Entropy;
use service::study::{NewDepot, NewRecipient, NewSite, NoDesign};
use service::{Shared, people, study};
use terms::{Id, StudyId};

use crate::client::{Client, ClientError, rows_at, text_at};
use crate::commands::Failure;
use crate::demo;
use crate::demo::packager::pack;
use crate::demo::plan::{Files, Person};
use crate::wiring::{refused, undone};

/// The people of the demo, logged in, by their log-in names.
pub struct Cast {
    base: String,
    study: String,
    people: BTreeMap<String, Client>,
}

impl Cast {
    /// Somebody of the cast.
    ///
    /// # Errors
    /// When there is nobody of this name.
    pub fn person(&self, login: &str) -> Result<&Client, ClientError> {
        self.people.get(login).ok_or_else(|| ClientError::Nobody(login.to_owned()))
    }

    /// An address under the study.
    pub fn path(&self, rest: &str) -> String {
        format!("/studies/{}{rest}", self.study)
    }

    /// What somebody is told.
    ///
    /// # Errors
    /// When another answer comes than what was asked for.
    pub fn ask(&self, login: &str, path: &str) -> Result<Value, ClientError> {
        let person = self.person(login)?;
        person.expect(200, "GET", path, &person.get(path)?)
    }

    /// Where the server listens.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The same people, as they act in another study.
    pub(crate) fn in_study(&self, study: &StudyId) -> Self {
        Self { base: self.base.clone(), study: study.to_string(), people: self.people.clone() }
    }

    /// Lets everybody log in again, as after a night.
    ///
    /// # Errors
    /// When a log-in is refused.
    pub fn log_in_again(&mut self, logins: &[&str]) -> Result<(), ClientError> {
        for login in logins {
            let again = self.person(login)?.log_in_again()?;
            self.people.insert((*login).to_owned(), again);
        }
        Ok(())
    }

    /// POST by somebody, signed when the action says so, and the body of the answer with this status.
    ///
    /// # Errors
    /// When another answer comes.
    pub fn act(
        &self,
        login: &str,
        signed_for: Option<&str>,
        path: &str,
        body: &Value,
    ) -> Result<Value, ClientError> {
        let person = self.person(login)?;
        let reply = match signed_for {
            Some(action) => person.sign_and_post(action, path, body)?,
            None => person.post(path, body)?,
        };
        person.expect(201, "POST", path, &reply)
    }
}

/// The operator's acts: the study from its files, the site, and the recipients of notices.
pub(crate) fn open(service: &Shared, files: &Files) -> Result<StudyId, Failure> {
    let study = study::open(service, &files.design, &files.sealed).map_err(no_design)?;
    let plan = &files.plan;
    let id = Id::parse(&plan.site.id).map_err(refused)?;
    let (name, time_zone) = (plan.site.name.clone(), plan.site.time_zone.clone());
    let country = plan.site.country.parse().map_err(refused)?;
    study::add_site(service, &study, NewSite { id, name, time_zone, country }).map_err(undone)?;
    let blinded = plan.notices.blinded.iter().chain(&plan.notices.checkpoints).map(|email| (email, false));
    let unblinded = plan.notices.unblinded.iter().map(|email| (email, true));
    for (email, unblinded) in blinded.chain(unblinded) {
        let new = NewRecipient { site: None, email: email.clone(), unblinded };
        study::add_recipient(service, &study, new).map_err(undone)?;
    }
    Ok(study)
}

/// The operator's act that the replay needs besides: the depot.
pub(crate) fn depot(service: &Shared, study: &StudyId, files: &Files) -> Result<(), Failure> {
    let plan = &files.plan.depot;
    let id = Id::parse(&plan.id).map_err(refused)?;
    let country = plan.country.parse().map_err(refused)?;
    study::add_depot(service, study, NewDepot { id, name: plan.name.clone(), country }).map_err(undone)
}

fn no_design(why: NoDesign) -> Failure {
    match why {
        NoDesign::Public(problems) => Failure::Study { path: "imodals.toml".into(), problems },
        NoDesign::Sealed(problems) => Failure::Study { path: "imodals.sealed.toml".into(), problems },
        NoDesign::Failure(failure) => undone(failure),
    }
}

/// Makes the administrators, and then all others through the interface: everybody is invited, sets a password, and
/// is granted a role, the unblinded ones by two administrators.
pub(crate) fn people(service: &Shared, base: &str, study: &StudyId, files: &Files) -> Result<Cast, Failure> {
    let is_administrator = |person: &&Person| person.role == "administrator";
    let mut cast = Cast { base: base.to_owned(), study: study.to_string(), people: BTreeMap::new() };
    for person in files.plan.people.iter().filter(is_administrator) {
        let one_time = people::bootstrap_administrator(service, &person.login, &person.name, &person.mail)
            .map_err(undone)?;
        cast.welcome(&person.login, &one_time)?;
    }
    for person in files.plan.people.iter().filter(|person| !is_administrator(person)) {
        cast.invite(person, &files.plan.site.id)?;
    }
    Ok(cast)
}

impl Cast {
    /// Invites somebody, who sets a password and is granted the role, at the site when it is of one.
    pub(crate) fn invite(&mut self, person: &Person, site: &str) -> Result<(), Failure> {
        let invitation = json!({ "login": person.login, "display_name": person.name, "email": person.mail });
        let invited = self.act("admin", None, "/users", &invitation)?;
        let one_time = text_at(&invited, "/invitation/one_time_password");
        self.welcome(&person.login, one_time)?;
        self.grant(text_at(&invited, "/invitation/id"), person, site)
    }

    fn welcome(&mut self, login: &str, one_time: &str) -> Result<(), Failure> {
        let password = Entropy::System.id::<()>().map_err(refused)?.to_string();
        let client = Client::first_log_in(&self.base, login, one_time, &password)?;
        self.people.insert(login.to_owned(), client);
        Ok(())
    }

    /// Grants somebody the role of this person, an unblinded one by two administrators.
    pub(crate) fn grant(&self, user: &str, person: &Person, site: &str) -> Result<(), Failure> {
        let role: trial::Role = person.role.parse().map_err(refused)?;
        let site = role.is_of_a_site().then_some(site);
        let grant = json!({
            "role": person.role, "study": self.study, "site": site, "reason": "delegated for the demo",
        });
        let path = format!("/users/{user}/grants");
        let granted = self.act("admin", Some("grant_role"), &path, &grant)?;
        if role.is_unblinded() {
            let id = text_at(&granted, "/grant/id");
            self.act("admin2", Some("grant_role"), &format!("{path}/{id}/confirmation"), &json!({}))?;
        }
        Ok(())
    }
}

/// The list, generated by the statistician, approved by a second person and activated.
pub(crate) fn list(cast: &Cast) -> Result<String, Failure> {
    let lists = cast.path("/lists");
    let generated = cast.act("statistician", Some("generate_list"), &lists, &json!({}))?;
    let id = text_at(&generated, "/list/id").to_owned();
    cast.act("reviewer", Some("approve_list"), &format!("{lists}/{id}/approval"), &json!({}))?;
    cast.act("statistician", Some("activate_list"), &format!("{lists}/{id}/activation"), &json!({}))?;
    Ok(id)
}

/// The kits: registered by the supply manager, packed, certified by the quality role and released. `kit_types` are the
/// codes of the sealed design, in its order.
pub(crate) fn register(cast: &Cast, files: &Files, kit_types: &[String]) -> Result<Vec<String>, Failure> {
    let batch = &files.plan.batch;
    let registered = announce(cast, files, kit_types)?;
    pack(cast, &batch.id)?;
    let of_batch = cast.path(&format!("/batches/{}", batch.id));
    let country = json!({ "country": files.plan.site.country });
    cast.act("quality", Some("certify_batch"), &format!("{of_batch}/certification"), &country)?;
    cast.act("supply", Some("release_batch"), &format!("{of_batch}/release"), &country)?;
    let numbers = rows_at(&registered, "/batch/kits").iter();
    Ok(numbers.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The batch as the supply manager registers it, with no kit packed yet.
pub(crate) fn announce(cast: &Cast, files: &Files, kit_types: &[String]) -> Result<Value, Failure> {
    let batch = &files.plan.batch;
    let contents = kit_types.iter().zip(&batch.lots).map(|(kit_type, lot)| {
        json!({
            "kit_type": kit_type, "kits": batch.kits_per_type, "lot": lot.lot, "expiry": lot.expiry,
            "visible": batch.visible,
        })
    });
    let contents: Vec<Value> = contents.collect();
    let registration = json!({ "batch": batch.id, "label_expiry": batch.label_expiry, "contents": contents });
    Ok(cast.act("supply", None, &cast.path("/kits"), &registration)?)
}

/// A further batch of one group of every type, all of which has left for the site: the pharmacist has something to
/// receive.
pub(crate) fn on_its_way(cast: &Cast, files: &Files, kit_types: &[String]) -> Result<(), Failure> {
    let mut next = files.clone();
    next.plan.batch.id.clone_from(&files.plan.batch.next);
    next.plan.batch.kits_per_type = demo::design(files)?.resupply_rules().group_size;
    register(cast, &next, kit_types)?;
    dispatched(cast, &files.plan.site.id)?;
    Ok(())
}

/// A shipment of one group of every type that has left the sponsor's stock for the site, and its kits.
pub(crate) fn dispatched(cast: &Cast, site: &str) -> Result<(String, Value), Failure> {
    let order = json!({ "to_site": site, "groups": 1 });
    let picked = cast.act("depot", None, &cast.path("/shipments"), &order)?;
    let shipment = text_at(&picked, "/shipment/id").to_owned();
    let kits = json!(rows_at(&picked, "/shipment/kits"));
    let dispatch = cast.path(&format!("/shipments/{shipment}/dispatch"));
    cast.act("depot", None, &dispatch, &json!({ "kits": kits }))?;
    Ok((shipment, kits))
}

/// The same kits, and the pharmacist receives all of them.
pub(crate) fn kits(cast: &Cast, files: &Files, kit_types: &[String]) -> Result<Vec<String>, Failure> {
    let numbers = register(cast, files, kit_types)?;
    let receipts = cast.path(&format!("/batches/{}/receipts", files.plan.batch.id));
    let receipt = json!({ "site": files.plan.site.id, "received": numbers, "missing": [], "damaged": [] });
    cast.act("pharmacist", None, &receipts, &receipt)?;
    Ok(numbers)
}
