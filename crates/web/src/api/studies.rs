//! `GET /studies`, `GET /studies/{study}`

use std::collections::BTreeMap;

use actix_web::get;
use actix_web::web::{Data, Path};
use serde::Serialize;
use service::Shared;
use service::study::{self, Overview, Summary};
use trial::study::{ArmWords, Criterion, Factor, Visit};
use trial::{HeldRole, Language};
use utoipa::ToSchema;

use super::holds::Hold;
use crate::Problem;
use crate::answer::{Answer, ok, run};
use crate::posted::{Asks, named};

/// A study in which you hold a role.
#[derive(Serialize, ToSchema)]
struct StudySummary {
    id: String,
    title: String,
    design_version: u32,
    my_roles: Vec<StudyRole>,
}

#[derive(Serialize, ToSchema)]
struct StudyRole {
    role: String,
    /// The site, for a role of one site.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
}

/// A study as everybody with a role in it may see it.
#[derive(Serialize, ToSchema)]
struct Study {
    id: String,
    title: String,
    sponsor: String,
    design_version: u32,
    /// The SHA-256 of the public design's file.
    design_fingerprint: String,
    /// The public design in words.
    design: String,
    arms: Vec<StudyArm>,
    strata: Vec<StudyFactor>,
    visits: Vec<StudyVisit>,
    criteria: Vec<StudyCriterion>,
    /// By language, the texts of the design with their translations.
    translations: BTreeMap<String, BTreeMap<String, String>>,
    /// How many subjects have been entered.
    screened: usize,
    /// How many have been randomized.
    randomized: u32,
    /// How many the study wants.
    target: u32,
    has_active_list: bool,
    /// The holds in force that concern you.
    holds: Vec<Hold>,
    my_roles: Vec<StudyRole>,
}

#[derive(Serialize, ToSchema)]
struct StudyArm {
    name: String,
    substance: String,
    dose: String,
    schedule: String,
    ratio: u32,
}

#[derive(Serialize, ToSchema)]
struct StudyFactor {
    factor: String,
    levels: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct StudyVisit {
    id: String,
    /// The planned study day; day 1 is that of the first dose, and there is no day 0.
    day: i32,
    /// How many days before the planned one are in the window.
    before: u32,
    /// How many days after it.
    after: u32,
    /// Whether kits are handed out.
    dispenses: bool,
}

#[derive(Serialize, ToSchema)]
struct StudyCriterion {
    id: String,
    text: String,
    /// Whether it may be answered `not_applicable`.
    may_be_not_applicable: bool,
}

#[derive(Serialize, ToSchema)]
struct StudiesBody {
    studies: Vec<StudySummary>,
}

#[derive(Serialize, ToSchema)]
struct StudyBody {
    study: Study,
}

/// Lists the studies in which you hold a role.
#[utoipa::path(
    tag = "studies",
    responses(
        (status = 200, description = "The studies.", body = StudiesBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies")]
pub(super) async fn all(service: Data<Shared>, Asks(caller): Asks) -> Answer {
    let studies = run(move || study::of_caller(&service, &caller)).await?;
    ok(StudiesBody { studies: studies.into_iter().map(StudySummary::from).collect() })
}

/// Shows a study: its public design, its counts and its holds.
#[utoipa::path(
    tag = "studies",
    responses(
        (status = 200, description = "The study.", body = StudyBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}")]
pub(super) async fn one(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let id = named(&path)?;
    let study = run(move || study::find(&service, &caller, &id)).await?;
    ok(StudyBody { study: study.into() })
}

impl From<Summary> for StudySummary {
    fn from(study: Summary) -> Self {
        let my_roles = study.roles.into_iter().map(StudyRole::from).collect();
        Self {
            id: study.id.to_string(),
            title: study.design.title.clone(),
            design_version: study.version,
            my_roles,
        }
    }
}

impl From<Overview> for Study {
    fn from(overview: Overview) -> Self {
        let design = &overview.design;
        Self {
            id: design.id.to_string(),
            title: design.title.clone(),
            sponsor: design.sponsor.clone(),
            design_version: overview.version,
            design_fingerprint: design.fingerprint().to_owned(),
            design: design.describe(),
            arms: design.arms.iter().map(StudyArm::from).collect(),
            strata: design.allocation.factors.iter().map(StudyFactor::from).collect(),
            visits: design.visits.iter().map(StudyVisit::from).collect(),
            criteria: design.criteria.iter().map(StudyCriterion::from).collect(),
            translations: design.translations.languages().map(translated).collect(),
            screened: overview.screened,
            randomized: overview.randomized,
            target: design.allocation.target,
            has_active_list: overview.has_active_list,
            holds: overview.holds.into_iter().map(Hold::from).collect(),
            my_roles: overview.roles.into_iter().map(StudyRole::from).collect(),
        }
    }
}

fn translated(
    (language, texts): (Language, &BTreeMap<String, String>),
) -> (String, BTreeMap<String, String>) {
    (language.to_string(), texts.clone())
}

impl From<HeldRole> for StudyRole {
    fn from(held: HeldRole) -> Self {
        Self { role: held.role.to_string(), site: held.site.map(|site| site.to_string()) }
    }
}

impl From<&ArmWords> for StudyArm {
    fn from(arm: &ArmWords) -> Self {
        let ArmWords { name, substance, dose, schedule, ratio } = arm.clone();
        Self { name, substance, dose, schedule, ratio }
    }
}

impl From<&Factor> for StudyFactor {
    fn from(factor: &Factor) -> Self {
        Self { factor: factor.name.clone(), levels: factor.levels.clone() }
    }
}

impl From<&Visit> for StudyVisit {
    fn from(visit: &Visit) -> Self {
        let (before, after) = (visit.before, visit.after);
        let dispenses = visit.dispensing.is_some();
        Self { id: visit.id.to_string(), day: visit.day, before, after, dispenses }
    }
}

impl From<&Criterion> for StudyCriterion {
    fn from(criterion: &Criterion) -> Self {
        let (id, text) = (criterion.id.clone(), criterion.text.clone());
        Self { id, text, may_be_not_applicable: criterion.not_applicable }
    }
}
