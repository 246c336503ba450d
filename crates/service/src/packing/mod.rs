//! How the kits of a batch come to exist (KIT-25): its packaging list goes out, its packing comes back, and a second
//! person checks a sample of it. Before that, no step towards its release is taken.

pub mod check;
pub mod export;
pub mod read;
pub mod record;

use store::Conn;
use store::rows::{batch, kit, packing, secret};
use terms::{BatchId, KitNumber, UserId};
use trial::Refusal;
use trial::decide::packing::{Content, Standing};
use trial::decide::register::kit_salt;
use trial::decide::sample;

use crate::batches::recall::is_not_recalled;
use crate::case::Scene;
use crate::failure::{Failure, missing};

/// Whether a step may be taken towards the release of a batch.
pub(crate) fn may_be_released(conn: &mut Conn, scene: &Scene<'_>, batch: &BatchId) -> Result<(), Failure> {
    Ok(standing(conn, scene, batch)?.0.may_be_released()?)
}

/// Passes for a batch that is there and not recalled.
fn goes_on(conn: &mut Conn, scene: &Scene<'_>, id: &BatchId) -> Result<(), Failure> {
    batch::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    is_not_recalled(conn, scene, id)
}

/// How far a batch has come, and who recorded its last packing.
fn standing(
    conn: &mut Conn,
    scene: &Scene<'_>,
    batch: &BatchId,
) -> Result<(Standing, Option<UserId>), Failure> {
    let last = packing::packings(conn, &scene.study)?.into_iter().rfind(|packing| packing.batch == *batch);
    let Some(last) = last else { return Ok((Standing::Unpacked, None)) };
    let is_of_it = |check: &packing::Check| check.batch == *batch && check.attempt == last.attempt;
    let checks = packing::checks(conn, &scene.study)?;
    let standing = match checks.into_iter().find(is_of_it).map(|check| check.passed) {
        None => Standing::Packed(last.attempt),
        Some(true) => Standing::Passed(last.attempt),
        Some(false) => Standing::Failed(last.attempt),
    };
    Ok((standing, Some(last.by)))
}

/// The kits of a batch with what is in each, still sealed.
fn contents(conn: &mut Conn, scene: &Scene<'_>, batch: &BatchId) -> Result<Vec<Content>, Failure> {
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
    let rows = kit::contents_of(conn, &scene.study, batch)?;
    let content = |row: kit::Content| {
        let salt = kit_salt(&seed, &scene.study, row.number);
        Ok(Content { number: row.number, kit_type: scene.vault.kit_type(&row.kit_type, &salt)? })
    };
    rows.into_iter().map(content).collect()
}

/// The kits of a packing that are to be checked.
fn sample_of(
    conn: &mut Conn,
    scene: &Scene<'_>,
    batch: &BatchId,
    attempt: u32,
) -> Result<Vec<KitNumber>, Failure> {
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let seed = scene.vault.seed(conn, &seeds.picks)?;
    let kits = kit::of_batch(conn, &scene.study, batch)?;
    let kits: Vec<KitNumber> = kits.into_iter().map(|kit| kit.number).collect();
    Ok(sample::draw(scene.design(), &seed, batch, attempt, &kits))
}
