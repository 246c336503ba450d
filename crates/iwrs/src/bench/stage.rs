//! The stage: the demo's study, grown to many subjects, at sites of the size of IMODALS's one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::study::NewSite;
use service::{Shared, study};
use terms::{Id, StudyId};

use crate::client::Client;
use crate::commands::Failure;
use crate::demo::setup::{self, Cast};
use crate::demo::{self, Files};
use crate::wiring::{refused, undone};

/// So many subjects come to a site, and find the demo's 48 kits of every type there: the shelf of a trial like
/// IMODALS, which goes from 144 kits to 108.
pub(super) const SUBJECTS_PER_SITE: usize = 36;

/// A study that is ready to randomize.
pub(super) struct Staged {
    cast: Cast,
    /// What is answered of every subject: consent, and every criterion fulfilled.
    pub(super) eligible: Value,
    /// The subjects, site by site.
    pub(super) subjects: Vec<Subject>,
}

/// A subject who was entered.
pub(super) struct Subject {
    /// The screening number.
    pub(super) number: String,
    investigator: String,
}

impl Staged {
    /// Stages the study for so many subjects.
    pub(super) fn new(service: &Shared, base: &str, files: &Files, subjects: usize) -> Result<Self, Failure> {
        let files = grown(files, subjects)?;
        let study = setup::open(service, &files)?;
        let cast = setup::people(service, base, &study, &files)?;
        let criteria = demo::design(&files)?.criteria;
        let answers: BTreeMap<_, _> = criteria.iter().map(|criterion| (&criterion.id, "yes")).collect();
        let eligible = json!({ "consent_date": "2026-01-05", "answers": answers });
        let mut staged = Self { cast, eligible, subjects: Vec::new() };
        setup::list(&staged.cast)?;
        for site in 0..subjects.div_ceil(SUBJECTS_PER_SITE) {
            let count = SUBJECTS_PER_SITE.min(subjects - site * SUBJECTS_PER_SITE);
            staged.add_site(service, &study, &files, site, count)?;
        }
        Ok(staged)
    }

    /// An address under the study.
    pub(super) fn path(&self, rest: &str) -> String {
        self.cast.path(rest)
    }

    /// Who randomizes a subject.
    pub(super) fn investigator(&self, subject: &Subject) -> Result<&Client, Failure> {
        Ok(self.cast.person(&subject.investigator)?)
    }

    /// A site with an investigator of its own, the pharmacist, a batch of kits, and subjects.
    fn add_site(
        &mut self,
        service: &Shared,
        study: &StudyId,
        files: &Files,
        site: usize,
        subjects: usize,
    ) -> Result<(), Failure> {
        let mut files = files.clone();
        files.plan.site.id = format!("bench-{site}");
        files.plan.batch.id = format!("B-bench-{site}");
        let id = Id::parse(&files.plan.site.id).map_err(refused)?;
        let (name, time_zone) = (files.plan.site.name.clone(), files.plan.site.time_zone.clone());
        let country = files.plan.site.country.parse().map_err(refused)?;
        study::add_site(service, study, NewSite { id, name, time_zone, country }).map_err(undone)?;
        let investigator = self.add_people(&files, site)?;
        setup::kits(&self.cast, &files, &demo::kit_types(&files)?)?;
        for ordinal in 0..subjects {
            self.enter(&files, &investigator, ordinal)?;
        }
        Ok(())
    }

    /// An investigator who is new, and the pharmacist of the other sites.
    fn add_people(&mut self, files: &Files, site: usize) -> Result<String, Failure> {
        let of = |role: &str| files.plan.people.iter().find(|person| person.role == role).cloned();
        let (Some(mut investigator), Some(pharmacist)) = (of("investigator"), of("pharmacist")) else {
            return Err(Failure::Refused("demo.toml has no investigator or no pharmacist".to_owned()));
        };
        investigator.login = format!("investigator-{site}");
        self.cast.invite(&investigator, &files.plan.site.id)?;
        self.cast.grant(&pharmacist.login, &pharmacist, &files.plan.site.id)?;
        Ok(investigator.login)
    }

    /// Enters a subject; no two of a site are born in one year, so none is taken for a duplicate.
    fn enter(&mut self, files: &Files, investigator: &str, ordinal: usize) -> Result<(), Failure> {
        let number = format!("S-{:05}", self.subjects.len() + 1);
        let screening = json!({
            "screening_number": number, "site": files.plan.site.id,
            "birth_year": 1970 + ordinal, "sex": "female",
        });
        self.cast.act(investigator, None, &self.cast.path("/subjects"), &screening)?;
        self.subjects.push(Subject { number, investigator: investigator.to_owned() });
        Ok(())
    }
}

/// The demo's files with room for so many subjects in the design.
pub(super) fn grown(files: &Files, subjects: usize) -> Result<Files, Failure> {
    let mut design = files.design.clone();
    for (from, to) in [
        ("\ntarget = 36\n", format!("\ntarget = {subjects}\n")),
        ("\ncap = 36\n", format!("\ncap = {subjects}\n")),
        ("\nlist_length = 48\n", format!("\nlist_length = {subjects}\n")),
    ] {
        if !design.contains(from) {
            return Err(Failure::Refused(format!("imodals.toml has no line `{}`", from.trim())));
        }
        design = design.replace(from, &to);
    }
    Ok(Files { design, ..files.clone() })
}
