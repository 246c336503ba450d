//! Reading the positions of a list with their arms.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::Tx;
use store::rows::randomization;
use terms::{ListId, RandomizationNumber, Stratum, StudyId, SubjectId};
use trial::decide::list::{StoredPosition, read_positions};
use trial::study::{Levels, SealedDesign, StudyDesign};
use trial::{Action, Grant};

use super::{row, stored};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;

/// A position with its arm in the clear. It has no `Debug`, so that it cannot slip into a log.
pub struct Position {
    /// The stratum, in design order from 0.
    pub stratum: u32,
    /// The levels of the stratum.
    pub levels: Levels,
    /// The position in it, from 0.
    pub position: u32,
    /// The arm in the words of the protocol.
    pub arm: String,
    /// The internal code of the arm.
    pub code: String,
    /// To whom it was given, if to anyone.
    pub given: Option<Given>,
}

/// To whom a position was given.
pub struct Given {
    /// The subject.
    pub subject: SubjectId,
    /// The randomization number.
    pub number: RandomizationNumber,
}

/// The positions of a list, in order. Every read is recorded, and committed before anything is answered (BLD-14).
///
/// # Errors
/// [`trial::Refusal::NotFound`]; the refusals of authorization.
pub fn positions(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: ListId,
) -> Result<Arc<Vec<Position>>, Failure> {
    let of = id.clone();
    let record = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = row(tx, scene, &id)?;
        let (act, grant) = read_positions(id.clone());
        scene.append(tx, None, act)?;
        Ok((row, grant))
    };
    let (who, together) = ((service, caller, study), (&service.reading.positions, &of));
    case::record_then_read_together(
        who,
        Action::ReadPositions,
        record,
        together,
        |conn, scene, (row, grant)| {
            let (design, sealed) = scene.designs_of(conn, row.design_version)?;
            let given = randomization::all(conn, &scene.study)?;
            let given = given.into_iter().filter(|given| given.list == row.id);
            let given = given.map(|given| ((given.stratum, given.position), given)).collect();
            let stored = stored(conn, scene, &row.id)?;
            stored.iter().map(|stored| shown(stored, &design, &sealed, &given, &grant)).collect()
        },
    )
}

fn shown(
    stored: &StoredPosition,
    design: &StudyDesign,
    sealed: &SealedDesign,
    given: &BTreeMap<(Stratum, terms::Position), randomization::Randomization>,
    grant: &Grant,
) -> Result<Position, Failure> {
    let arm = *stored.arm.open(grant);
    let given = given.get(&(stored.stratum, stored.position));
    Ok(Position {
        stratum: stored.stratum.index(),
        levels: design.levels(stored.stratum).ok_or_else(|| missing("stratum"))?,
        position: stored.position.index(),
        arm: design.arm(arm).ok_or_else(|| missing("arm"))?.name.clone(),
        code: sealed.arm_code(arm).ok_or_else(|| missing("arm"))?.to_owned(),
        given: given.map(|given| Given { subject: given.subject.clone(), number: given.number }),
    })
}
