//! Kits on their way to the shelf: registered, released, received; and what everybody may see of them.

pub mod by_type;
pub mod read;
pub mod receive;
pub mod register;
pub mod release;
pub mod stock;

use store::rows::leaf;
use store::{Conn, Tree};
use trial::act::Leaf;

use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};

/// The leaf of an act, from which its answer is read back: nothing can change it.
pub(crate) fn leaf_at(conn: &mut Conn, scene: &Scene<'_>, index: u64) -> Result<Leaf, Failure> {
    let leaves = leaf::page(conn, &Tree::Study(scene.study.clone()), index, 1)?;
    let leaf = leaves.into_iter().find(|leaf| leaf.index == index).ok_or_else(|| missing("leaf"))?;
    serde_json::from_slice(&leaf.canonical).map_err(instrument)
}
