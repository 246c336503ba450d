//! Calling one true lot of a batch back (`POST .../batches/{batch}/lot-statements`, `POST, GET .../lot-recalls`): an
//! act that tells everybody who sees the kits which of them differ, done by somebody unblinded who has read that.

use std::collections::BTreeMap;

use journal::Hash;
use ledger::Place;
use store::rows::lot::{self as rows, Recall, Recalled, Statement};
use store::rows::{batch, randomization, site};
use store::{Conn, Tx};
use terms::{BatchId, Day, KitNumber, LotStatementId, Moment, OpeningId, SiteId, StudyId, UserId};
use trial::act::{Act, LotRecalled};
use trial::decide::lot as decide;
use trial::observed::{Told, watch};
use trial::{Action, LotRecallReason, Refusal, Role};

use super::lot_statement::{Contents, contents, draw};
use super::recall::{call_back, is_not_recalled};
use super::{AtPlace, Concerned, places_after};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::journal::leaves;
use crate::keys::Kind;
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;

/// With more subjects than this the observer is not asked, because it would take too long.
const MOST_SUBJECTS: u32 = 150;

/// A statement of what the recall of a lot does and reveals. It tells what is in kits, so it has no `Debug`.
pub struct LotStatement {
    /// Its id.
    pub id: LotStatementId,
    /// The batch.
    pub batch: BatchId,
    /// The true lot, its expiry, the internal code of its kit type, and what its kits hold.
    pub lot: (String, Day, String, String),
    /// The kits of the lot by their places: at a site all that are there, elsewhere those that would be hit.
    pub places: BTreeMap<Place, Vec<KitNumber>>,
    /// Who read it, and when.
    pub read: (UserId, Moment),
    /// What it does and what it reveals to whom.
    pub says: Vec<String>,
    /// It on paper.
    pub file: Vec<u8>,
    /// The SHA-256 of that.
    pub hash: Hash,
    /// For who may know of every subject what it got: the pairs of subjects that the recall would prove something of.
    pub proves: Option<Vec<(SiteId, Told)>>,
}

/// Reads what the recall of a true lot would do and reveal. The read is recorded, and committed before anything is
/// answered (BLD-14).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::BatchState`] for a recalled one, the refusals of
/// [`trial::decide::lot::find`]; [`Refusal::StatementOutdated`] when it is asked for again and does not hold any more;
/// the refusals of authorization and of the idempotency key.
pub fn state(
    service: &Shared,
    envelope: Envelope,
    batch: BatchId,
    lot: String,
) -> Result<LotStatement, Failure> {
    let (caller, study) = (envelope.caller.clone(), envelope.study.clone());
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| state_now(tx, scene, &batch, &lot);
    let (stated, is_told_all) = once(service, envelope, effect, stated)?;
    if !is_told_all {
        return Ok(stated);
    }
    let proves = case::read(service, &caller, &study, Action::ReadLotStatement, |conn, scene| {
        proves(conn, scene, &stated)
    })?;
    Ok(LotStatement { proves, ..stated })
}

fn state_now(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId, lot: &str) -> Result<String, Failure> {
    let contents = found(tx, scene, batch, lot)?;
    let id: LotStatementId = scene.service.entropy.id()?;
    let by = scene.actor.user.clone();
    let lot = scene.vault.seal(tx, Kind::Text, "lot", contents.lot.lot.as_bytes())?;
    let (act, file) = decide::read((id.clone(), batch.clone(), lot.commitment), |grant| {
        let drawn = draw(tx, scene, &contents, (&by, scene.now), grant)?;
        let file = scene.vault.seal(tx, Kind::Text, "statement_file", drawn.hash.bytes())?;
        Ok::<_, Failure>((file.commitment, file.opening))
    })?;
    let entry = scene.append(tx, None, act)?;
    let (batch, lot, at) = (batch.clone(), lot.opening, scene.now);
    rows::add_statement(tx, &Statement { id: id.clone(), batch, lot, file, entry, by, at })?;
    Ok(id.to_string())
}

/// A lot of a batch that may still be recalled.
fn found(conn: &mut Conn, scene: &Scene<'_>, batch: &BatchId, lot: &str) -> Result<Contents, Failure> {
    let row = batch::find(conn, &scene.study, batch)?.ok_or(Refusal::NotFound)?;
    is_not_recalled(conn, scene, batch)?;
    contents(conn, scene, &row, lot)
}

/// The statement as it was recorded, if it still holds, and whether this reader may know what it tells of subjects.
fn stated(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<(LotStatement, bool), Failure> {
    let id = LotStatementId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = rows::find_statement(tx, &scene.study, &id)?.ok_or_else(|| missing("statement"))?;
    let lot = scene.vault.text(tx, &row.lot)?;
    let contents = found(tx, scene, &row.batch, &lot)?;
    let drawn = draw(tx, scene, &contents, (&row.by, row.at), &decide::show(&id))?;
    if drawn.hash != hash(tx, scene, &row.file)? {
        return Err(Refusal::StatementOutdated.into());
    }
    let (says, of) = (drawn.stated.says(&row.batch), drawn.stated);
    let stated = LotStatement {
        id,
        batch: row.batch,
        lot: (of.lot.lot, of.lot.expiry, of.code, of.contents),
        places: of.places,
        read: (row.by, row.at),
        says,
        file: drawn.bytes,
        hash: drawn.hash,
        proves: None,
    };
    Ok((stated, scene.authority.role == Role::UnblindedReviewer))
}

/// The SHA-256 that stands sealed.
fn hash(conn: &mut Conn, scene: &Scene<'_>, file: &OpeningId) -> Result<Hash, Failure> {
    let opened = scene.vault.open(conn, Kind::Text, file)?;
    let bytes: [u8; 32] = opened.value.as_slice().try_into().map_err(crate::failure::instrument)?;
    Ok(Hash::new(bytes))
}

/// What the recall would prove at every site, by the observer that does not know the block sizes, as this reader does
/// not. None when it cannot be asked.
fn proves(
    conn: &mut Conn,
    scene: &Scene<'_>,
    stated: &LotStatement,
) -> Result<Option<Vec<(SiteId, Told)>>, Failure> {
    if randomization::count(conn, &scene.study)? > MOST_SUBJECTS {
        return Ok(None);
    }
    let contents = found(conn, scene, &stated.batch, &stated.lot.0)?;
    let hit = decide::hit(&contents.lot, &contents.kits, &decide::show(&stated.id));
    let named = decide::named(&contents.kits);
    let leaves = leaves(conn, scene)?;
    let mut proves = Vec::new();
    for site in site::all(conn, &scene.study)? {
        let watched = watch(scene.design(), None, &leaves, &site.id);
        let Ok(told) = watched.besides(&stated.batch, &hit, &named) else { return Ok(None) };
        proves.extend(told.into_iter().map(|told| (site.id.clone(), told)));
    }
    Ok(Some(proves))
}

/// The recall of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRecall {
    /// The statement that was read before.
    pub statement: LotStatementId,
    /// The batch.
    pub batch: BatchId,
    /// Why.
    pub why: LotRecallReason,
    /// Who signed it, and when.
    pub signed: (UserId, Moment),
    /// The kits that it named when it was signed, by their places.
    pub places: Vec<AtPlace>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// The statement that this person has read.
    pub statement: LotStatementId,
    /// The SHA-256 of its file.
    pub file: Hash,
    /// Why.
    pub why: LotRecallReason,
    /// What is written about it.
    pub reason: String,
}

/// Calls a true lot back, as its statement says: exactly the kits of the lot, and each place is told its own by their
/// numbers alone.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::Field`] for a statement that this person has not read of it,
/// for another hash and without a reason, [`Refusal::BatchState`] for a batch or a lot that is recalled already,
/// [`Refusal::StatementOutdated`]; the refusals of authorization, of the signature and of the idempotency key.
pub fn recall(service: &Shared, envelope: Envelope, command: Command) -> Result<LotRecall, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| recall_now(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn recall_now(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    let row = rows::find_statement(tx, &scene.study, &command.statement)?;
    let is_own = |row: &Statement| row.batch == command.batch && row.by == scene.actor.user;
    let unread = || Refusal::field("statement", "is none that you have read of this batch");
    let row = row.filter(is_own).ok_or_else(unread)?;
    let file = hash(tx, scene, &row.file)?;
    if file != command.file {
        return Err(Refusal::field("statement_sha256", "is not that of the statement").into());
    }
    let lot = scene.vault.text(tx, &row.lot)?;
    let contents = found(tx, scene, &row.batch, &lot)?;
    let reason = scene.vault.seal_text(tx, "reason", &command.reason)?;
    let act = LotRecalled {
        statement: row.id.clone(),
        batch: row.batch.clone(),
        lot: scene.vault.commitment_to_text(tx, "lot", &row.lot)?,
        statement_file: scene.vault.commitment_to_text(tx, "statement_file", &row.file)?,
        why: command.why,
        reason: reason.commitment,
    };
    let (act, hit) = decide::recall(act, contents.lot.kit_type, &contents.kits, |grant| {
        Ok::<_, Failure>(draw(tx, scene, &contents, (&row.by, row.at), grant)?.hash == file)
    })?;
    let recalled = Recalled::of(tx, &scene.study)?;
    if hit.iter().any(|(number, _)| recalled.with_its_lot(*number)) {
        return Err(Refusal::BatchState("recalled").into());
    }
    let entry = scene.append(tx, None, act)?;
    let (statement, batch, at) = (row.id.clone(), row.batch, scene.now);
    let (why, reason, by) = (command.why, reason.opening, scene.actor.user.clone());
    rows::add_recall(tx, &Recall { statement, batch: batch.clone(), entry, why, reason, by, at })?;
    notices::tell(tx, scene, None, BlindedEvent::SomeKitsRecalled { batch })?;
    let places: BTreeMap<KitNumber, &Place> =
        contents.kits.iter().map(|content| (content.number, &content.kit.place)).collect();
    let mut concerned = Concerned::default();
    for (number, fate) in hit {
        concerned.add(places.get(&number).ok_or_else(|| missing("kit"))?, number, fate.into());
    }
    name(tx, scene, &contents.batch, concerned)?;
    Ok(format!("{}/{}", contents.batch, row.id))
}

/// A leaf for each place names its kits, which are set aside, and its site is told.
fn name(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId, concerned: Concerned) -> Result<(), Failure> {
    for (entry, site, at) in concerned.append(tx, scene, batch, Act::KitsRecalled)? {
        for kits in [&at.kits, &at.with_subjects, &at.out_of_use] {
            rows::add_kits(tx, entry, kits)?;
        }
        call_back(tx, scene, batch, (entry, site), at)?;
    }
    Ok(())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, outcome: &str) -> Result<LotRecall, Failure> {
    let (batch, statement) = outcome.split_once('/').ok_or_else(|| missing("receipt"))?;
    let batch = BatchId::parse(batch).map_err(|_malformed| missing("receipt"))?;
    let recalls = rows::recalls_of(tx, &scene.study, &batch)?.into_iter();
    let row = recalls.into_iter().find(|row| row.statement.as_str() == statement);
    shown(tx, scene, row.ok_or_else(|| missing("recall of a lot"))?)
}

fn shown(conn: &mut Conn, scene: &Scene<'_>, row: Recall) -> Result<LotRecall, Failure> {
    let places = places_after(conn, scene, row.entry)?;
    let Recall { statement, batch, why, by, at, .. } = row;
    Ok(LotRecall { statement, batch, why, signed: (by, at), places })
}

/// The recalls of lots of a batch, each with the kits that it named, as far as this reader may see them. Which lots
/// they were of is told to nobody here.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, and the refusals of authorization.
pub fn recalls(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    batch: &BatchId,
) -> Result<Vec<LotRecall>, Failure> {
    case::read(service, caller, study, Action::ReadRecall, |conn, scene| {
        batch::find(conn, study, batch)?.ok_or(Refusal::NotFound)?;
        let rows = rows::recalls_of(conn, study, batch)?;
        rows.into_iter().map(|row| shown(conn, scene, row)).collect()
    })
}
