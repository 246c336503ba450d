//! What of a code break is kept outside the database.

use sha2::{Digest, Sha256};
use store::Tx;
use terms::{SubjectId, UnblindingId};
use trial::{Action, BreakReason, FoundBy};

use super::{Look, Recorded, Revealed};
use crate::break_file::BreakRecord;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::{self, Keyed};
use crate::request::IdempotencyKey;
use crate::service::Service;

/// The record of a look that is taken now.
pub(super) fn record(
    scene: &Scene<'_>,
    subject: SubjectId,
    reason: BreakReason,
    found_by: FoundBy,
) -> Result<BreakRecord, Failure> {
    Ok(BreakRecord {
        id: scene.service.entropy.id()?,
        study: scene.study.clone(),
        subject,
        by: scene.actor.user.clone(),
        role: scene.authority.role,
        reason,
        found_by,
        at: scene.now,
    })
}

/// Keeps that this database has the record: its id is the key under which it is entered once.
pub(super) fn keep_receipt(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &BreakRecord,
    broken: &UnblindingId,
) -> Result<(), Failure> {
    let key = IdempotencyKey::parse(record.id.as_str()).map_err(|_malformed| missing("key of a record"))?;
    let digest = Sha256::digest(record.text()).into();
    once::keep(tx, scene, Keyed { key: &key, action: Action::Unblind, digest }, broken.as_str())
}

/// Writes the record of a look that stands in the journal of a database that is not trusted. When it cannot be
/// written, the treatment is shown all the same: it is recorded in the best place that there is.
pub(super) fn keep(service: &Service, look: Look) -> Result<Revealed, Failure> {
    let Look { mut revealed, outside } = look;
    if let Some(record) = outside {
        match service.breaks.write(&record) {
            Ok(()) => revealed.recorded = Recorded::JournalAndBreakFile,
            Err(error) => tracing::error!(
                study = %record.study, unblinding = %revealed.id, %error,
                "a code break stands in a database alone that is not trusted: write it down elsewhere"
            ),
        }
    }
    Ok(revealed)
}
