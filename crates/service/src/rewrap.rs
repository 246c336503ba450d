//! Replacing the master key: every data key of the database wrapped anew, by the operator. No sealed value is touched.

use std::sync::Arc;

use store::rows::{compared, data_key};
use store::{Tree, Tx};
use trial::act::{Act, Leaf};

use crate::case::append_leaf;
use crate::failure::{Failure, instrument};
use crate::keys::MasterKey;
use crate::service::{Service, Shared};
use crate::vault::bound_to;

/// Wraps the data keys of every tree under another master key, and answers with how many were not yet.
///
/// Each tree is wrapped whole, in one transaction under its lock. Stopped between two trees, it is run again: a key
/// that opens under the new master key already is left as it is.
///
/// # Errors
/// Faults: also when a data key opens under neither, and when code breaks wait in the break file.
pub fn rewrap(service: &Shared, new: MasterKey) -> Result<u64, Failure> {
    // Its records are authenticated under the old key: what waits there must be in the journal before that goes.
    service.breaks.assert_entered().map_err(instrument)?;
    let (new, mut keys) = (Arc::new(new), 0_u64);
    for tree in service.store.read(|conn| Ok::<_, Failure>(compared::trees(conn)?))? {
        let (shared, new) = (Arc::clone(service), Arc::clone(&new));
        let wrapped = service.store.write(tree, move |tx: &mut Tx| rewrap_tree(&shared, tx, &new))?;
        keys = keys.saturating_add(wrapped);
    }
    service.breaks.set_aside(service.clock.now()).map_err(instrument)?;
    Ok(keys)
}

fn rewrap_tree(service: &Service, tx: &mut Tx, new: &MasterKey) -> Result<u64, Failure> {
    let tree: Tree = tx.tree().clone();
    let (study, mut keys) = (bound_to(&tree)?, 0);
    for row in data_key::all(tx, &tree)? {
        let version = u32::try_from(row.version).map_err(instrument)?;
        if new.unwrap(&study, version, &row.wrapped).is_ok() {
            continue;
        }
        let key = service.master.unwrap(&study, version, &row.wrapped)?;
        data_key::rewrap(tx, &row, &new.wrap(&key, &study, &service.entropy)?)?;
        keys += 1;
    }
    if keys > 0 {
        append(service, tx, Act::MasterKeyReplaced { keys })?;
    }
    Ok(keys)
}

/// Appends an act of the operator in any tree.
pub(crate) fn append(service: &Service, tx: &mut Tx, act: Act) -> Result<(), Failure> {
    let leaf = Leaf {
        index: tx.frontier().size(),
        nonce: service.entropy.id()?,
        saved: service.clock.now(),
        happened: None,
        actor: None,
        role: None,
        site: None,
        design: None,
        act,
    };
    append_leaf(tx, leaf)?;
    Ok(())
}
