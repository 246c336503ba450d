//! What becomes of a list: approval by a second person, use, or discard with a reason; and its state.

use store::rows::{list, randomization};
use store::{Conn, Tx};
use terms::{ListId, OpeningId, StudyId};
use trial::act::Act;
use trial::decide::list as decide;
use trial::{Action, ListState, Refusal};

use super::{List, row, stored, view, view_at};
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::notices;
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;

/// Approves a list that somebody else generated, after it has been measured against its commitment and its design.
///
/// # Errors
/// [`Refusal::NotFound`], the refusals of [`decide::approve`], [`Refusal::ListMismeasured`]; those of authorization,
/// of the signature and of the idempotency key. A position that does not open is a fault: the database was altered.
pub fn approve(service: &Shared, envelope: Envelope, id: ListId) -> Result<List, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = row(tx, scene, &id)?;
        decide::approve(row.state, &row.generated_by, &scene.actor.user)?;
        measure(tx, scene, &row)?;
        change(tx, scene, &row, ListState::Approved, None)?;
        scene.append(tx, None, Act::ListApproved { list: id.clone() })?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, |tx, scene, id| view_at(tx, scene, id, ListState::Approved))
}

/// Brings an approved list of the design in force into use.
///
/// # Errors
/// [`Refusal::NotFound`], the refusals of [`decide::activate`]; those of authorization, of the signature and of the
/// idempotency key.
pub fn activate(service: &Shared, envelope: Envelope, id: ListId) -> Result<List, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = row(tx, scene, &id)?;
        let is_current = row.design_version == u64::from(scene.in_force.version);
        let another = list::active(tx, &scene.study)?.is_some();
        decide::activate(row.state, is_current, another)?;
        change(tx, scene, &row, ListState::Active, None)?;
        scene.append(tx, None, Act::ListActivated { list: id.clone() })?;
        notices::tell_activation(tx, scene, &id)?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, |tx, scene, id| view_at(tx, scene, id, ListState::Active))
}

/// Gives up a list that has given no position. It stays visible with its reason, so that a list cannot be shopped
/// for (SEQ-10).
///
/// # Errors
/// [`Refusal::NotFound`], the refusals of [`decide::discard`], [`Refusal::Field`] without a reason; those of
/// authorization, of the signature and of the idempotency key.
pub fn discard(service: &Shared, envelope: Envelope, id: ListId, reason: String) -> Result<List, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = row(tx, scene, &id)?;
        let randomized = randomization::all(tx, &scene.study)?;
        decide::discard(row.state, randomized.iter().any(|given| given.list == id))?;
        let reason = scene.vault.seal_text(tx, "reason", &reason)?;
        change(tx, scene, &row, ListState::Discarded, Some(reason.opening))?;
        let act = Act::ListDiscarded { list: id.clone(), reason: reason.commitment };
        scene.append(tx, None, act)?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, |tx, scene, id| view_at(tx, scene, id, ListState::Discarded))
}

/// One list, without its positions.
///
/// # Errors
/// [`Refusal::NotFound`]; the refusals of authorization.
pub fn find(service: &Shared, caller: &Caller, study: &StudyId, id: &ListId) -> Result<List, Failure> {
    case::read(service, caller, study, Action::ReadList, |conn, scene| {
        let row = row(conn, scene, id)?;
        view(conn, scene, row)
    })
}

/// All lists of a study, discarded ones too, in the order of generation.
///
/// # Errors
/// The refusals of authorization.
pub fn all(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<List>, Failure> {
    case::read(service, caller, study, Action::ReadList, |conn, scene| {
        let rows = list::all(conn, study)?;
        rows.into_iter().map(|row| view(conn, scene, row)).collect()
    })
}

/// The stored positions are those that were committed to, and they are as the design wants them.
fn measure(tx: &mut Tx, scene: &Scene<'_>, row: &list::List) -> Result<(), Failure> {
    if row.design_version != u64::from(scene.in_force.version) {
        return Err(Refusal::ListState("made for another version of the design").into());
    }
    let positions = stored(tx, scene, &row.id)?;
    let seed = scene.vault.seed(tx, &row.seed)?;
    let design = scene.sealed_design(tx)?;
    let is_committed = has_root(scene, &positions, row);
    let measures_up = decide::measures_up(&design, &scene.study, &row.id, &seed, &positions);
    if is_committed && measures_up { Ok(()) } else { Err(Refusal::ListMismeasured.into()) }
}

/// What recomputing a list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// The list.
    pub list: ListId,
    /// Whether the stored arms are those that were committed to when it was generated.
    pub as_committed: bool,
    /// Whether they are those that its seed gives.
    pub as_derived: bool,
}

/// Recomputes a list, of which these are the stored positions, from its commitment and from its seed; nobody sees
/// either.
pub(crate) fn recompute(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &list::List,
    positions: &[decide::StoredPosition],
) -> Result<Recomputed, Failure> {
    let seed = scene.vault.seed(conn, &row.seed)?;
    let design = scene.sealed_design(conn)?;
    Ok(Recomputed {
        list: row.id.clone(),
        as_committed: has_root(scene, positions, row),
        as_derived: decide::is_derived(&design, &scene.study, &row.id, &seed, positions),
    })
}

fn has_root(scene: &Scene<'_>, positions: &[decide::StoredPosition], row: &list::List) -> bool {
    scene.service.sealer.root(decide::root(positions)) == row.root
}

fn change(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &list::List,
    to: ListState,
    reason: Option<OpeningId>,
) -> Result<(), Failure> {
    let change = list::Change { state: to, reason, by: scene.actor.user.clone(), at: scene.now };
    Ok(list::change(tx, &row.id, row.state, &change)?)
}
