//! `GET /studies/{study}/reconciliation`

use actix_web::get;
use actix_web::web::{Data, Path};
use serde::Serialize;
use service::Shared;
use service::reconciliation::{self, Mismatch};
use service::unblind::Deduced;
use utoipa::ToSchema;

use super::stock_by_type::StockOfType;
use crate::Problem;
use crate::answer::{Answer, ok, run};
use crate::posted::{Asks, named};

/// The list against what was allocated, dispensed and handed over: for unblinded eyes alone.
#[derive(Serialize, ToSchema)]
struct Reconciliation {
    /// How many mismatches there are: on subjects, on kits, and lists that are no longer what was committed to.
    mismatches: usize,
    lists: Vec<ReconciledList>,
    subjects: Vec<ReconciledSubject>,
    /// The places whose arm somebody can tell who knows the blocks and every broken code.
    deducible: Vec<DeduciblePlace>,
    /// How many kits of each type could be used, released or on a site's shelf, over all places together.
    stock: Vec<StockOfType>,
    /// How many kits have a type that cannot be read, and are not counted in the stock.
    unreadable_kits: usize,
}

#[derive(Serialize, ToSchema)]
struct DeduciblePlace {
    list: String,
    stratum: u32,
    position: u32,
    /// Absent for a position that is still to be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ReconciledList {
    id: String,
    /// Whether its arms are still those that were committed to at its generation.
    as_committed: bool,
    /// Whether the stored arms are those that the list's seed gives.
    as_derived: bool,
}

#[derive(Serialize, ToSchema)]
struct ReconciledSubject {
    subject: String,
    randomization_number: String,
    stratum: u32,
    position: u32,
    /// The arm in the words of the protocol.
    arm: String,
    /// The internal code of the arm.
    code: String,
    kits: Vec<ReconciledKit>,
    /// `position_out_of_order`.
    mismatches: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct ReconciledKit {
    number: String,
    visit: String,
    /// Which allocation for this visit it is, from 1.
    attempt: u32,
    /// The internal code of its type.
    kit_type: String,
    contents: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispensed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over_at: Option<String>,
    /// `wrong_kit_type`, `not_allocated`, `other_dispensation`.
    mismatches: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct ReconciliationBody {
    reconciliation: Reconciliation,
}

/// Reconciles a study, subject by subject, and counts the usable kits of each type day by day. Every read is recorded
/// before it is answered.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "The reconciliation.", body = ReconciliationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/reconciliation")]
pub(super) async fn get(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let read = run(move || reconciliation::read(&service, &caller, &study)).await?;
    ok(ReconciliationBody { reconciliation: (&*read).into() })
}

impl From<&reconciliation::Reconciliation> for Reconciliation {
    fn from(read: &reconciliation::Reconciliation) -> Self {
        let mismatches = read.mismatches();
        let list = |list: &service::lists::Recomputed| ReconciledList {
            id: list.list.to_string(),
            as_committed: list.as_committed,
            as_derived: list.as_derived,
        };
        let subjects = read.subjects.iter().map(ReconciledSubject::from).collect();
        let deducible = read.deduced.iter().map(DeduciblePlace::from).collect();
        let unreadable_kits = read.stock.unreadable;
        let stock = read.stock.types.iter().map(StockOfType::from).collect();
        let lists = read.lists.iter().map(list).collect();
        Self { mismatches, lists, subjects, deducible, stock, unreadable_kits }
    }
}

impl From<&Deduced> for DeduciblePlace {
    fn from(deduced: &Deduced) -> Self {
        Self {
            list: deduced.list.to_string(),
            stratum: deduced.stratum.index(),
            position: deduced.position.index(),
            subject: deduced.subject.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&reconciliation::Subject> for ReconciledSubject {
    fn from(subject: &reconciliation::Subject) -> Self {
        Self {
            subject: subject.id.to_string(),
            randomization_number: subject.number.to_string(),
            stratum: subject.stratum,
            position: subject.position,
            arm: subject.arm.clone(),
            code: subject.code.clone(),
            kits: subject.kits.iter().map(ReconciledKit::from).collect(),
            mismatches: codes(&subject.mismatches),
        }
    }
}

impl From<&reconciliation::Kit> for ReconciledKit {
    fn from(kit: &reconciliation::Kit) -> Self {
        Self {
            number: kit.number.to_string(),
            visit: kit.visit.to_string(),
            attempt: kit.attempt,
            kit_type: kit.kit_type.clone(),
            contents: kit.contents.text.clone(),
            dispensed_at: kit.dispensed_at.map(|at| at.to_string()),
            handed_over_at: kit.handed_over_at.map(|at| at.to_string()),
            mismatches: codes(&kit.mismatches),
        }
    }
}

fn codes(mismatches: &[Mismatch]) -> Vec<String> {
    mismatches.iter().map(ToString::to_string).collect()
}
