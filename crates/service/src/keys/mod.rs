//! Keys, and what is sealed under them (BLD-11): a master key outside the database wraps one data key per
//! tree, and the data key seals every opening of that tree.

mod file;
#[cfg(test)]
pub(crate) mod folder;
mod ideal;
mod master;
mod sealed;

pub use file::{KeyError, SecretFile};
#[cfg(any(test, feature = "ideal-sealer"))]
pub use ideal::IdealWorld;
pub use master::{DataKey, MasterKey, UnwrapError};
pub use sealed::{Kind, OpenError, Opening, Place, SealError, Sealer, key_version};
