//! The changes of a batch's label expiry (`GET /studies/{study}/batches/{batch}/expiry-changes`).

use std::collections::BTreeMap;

use journal::Hash;
use store::Conn;
use store::rows::{batch, batch_expiry};
use terms::{BatchId, Day, ExpiryExtensionId, Moment, StudyId, UserId};
use trial::act::Act;
use trial::{Action, Refusal};

use super::{AtPlace, places_after};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::kits::leaf_at;
use crate::request::Caller;
use crate::service::Shared;

/// A change of a label expiry, by a shortening or by an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The batch.
    pub batch: BatchId,
    /// The extension; none for a shortening.
    pub extension: Option<ExpiryExtensionId>,
    /// The label expiry before it.
    pub from: Day,
    /// The label expiry with it.
    pub label_expiry: Day,
    /// Who proposed the extension, and when.
    pub proposed: Option<(UserId, Moment)>,
    /// Who put it into force, when, and the SHA-256 of what shows it. Before that nothing has changed.
    pub in_force: Option<(UserId, Moment, Hash)>,
    /// The kits that it concerned, by their places.
    pub places: Vec<AtPlace>,
}

/// The changes of a batch's label expiry, in the order in which they were proposed or came into force.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, and the refusals of authorization.
pub fn changes(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &BatchId,
) -> Result<Vec<Change>, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        let row = batch::find(conn, study, id)?.ok_or(Refusal::NotFound)?;
        Ok(of_batch(conn, scene, &row)?.into_values().collect())
    })
}

/// The shortening of this leaf.
pub(super) fn of_entry(conn: &mut Conn, scene: &Scene<'_>, entry: u64) -> Result<Option<Change>, Failure> {
    let Act::ExpiryShortened(shortened) = leaf_at(conn, scene, entry)?.act else { return Ok(None) };
    let row = batch::find(conn, &scene.study, &shortened.batch)?.ok_or_else(|| missing("batch"))?;
    Ok(of_batch(conn, scene, &row)?.remove(&entry))
}

/// One extension.
pub(super) fn of_extension(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &ExpiryExtensionId,
) -> Result<Option<Change>, Failure> {
    let Some(proposed) = batch_expiry::find(conn, &scene.study, id)? else { return Ok(None) };
    let row = batch::find(conn, &scene.study, &proposed.batch)?.ok_or_else(|| missing("batch"))?;
    Ok(of_batch(conn, scene, &row)?.remove(&proposed.entry))
}

/// All changes of a batch, each by the leaf with which it began.
fn of_batch(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &batch::Batch,
) -> Result<BTreeMap<u64, Change>, Failure> {
    let in_force = batch_expiry::of_batch(conn, &scene.study, &row.id)?;
    let mut changes = BTreeMap::new();
    for proposed in batch_expiry::proposed_for(conn, &scene.study, &row.id)? {
        let confirmed = in_force.iter().find(|one| one.extension.as_ref() == Some(&proposed.id));
        let change = Change {
            batch: row.id.clone(),
            extension: Some(proposed.id),
            from: proposed.from,
            label_expiry: proposed.label_expiry,
            proposed: Some((proposed.by, proposed.at)),
            in_force: confirmed.map(signed),
            places: confirmed.map_or(Ok(Vec::new()), |one| places_after(conn, scene, one.entry))?,
        };
        changes.insert(proposed.entry, change);
    }
    let mut from = row.label_expiry;
    for one in &in_force {
        if one.extension.is_none() {
            let change = Change {
                batch: row.id.clone(),
                extension: None,
                from,
                label_expiry: one.label_expiry,
                proposed: None,
                in_force: Some(signed(one)),
                places: places_after(conn, scene, one.entry)?,
            };
            changes.insert(one.entry, change);
        }
        from = one.label_expiry;
    }
    Ok(changes)
}

fn signed(in_force: &batch_expiry::InForce) -> (UserId, Moment, Hash) {
    (in_force.by.clone(), in_force.at, in_force.evidence)
}
