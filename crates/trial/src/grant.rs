//! The two permits to look at a sealed value. Neither can be made outside this room.

use terms::Permit;

/// The permit of one human read of treatment-revealing data. A decision gives it together with the journal record
/// of the read, so that nobody can look without the record (BLD-14, UNB-04).
///
/// ```compile_fail
/// let grant = trial::Grant(());
/// ```
pub struct Grant(());

impl Grant {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl Permit for Grant {}

/// The permit of the computation that picks a kit or measures a list; what it looks at is covered by the record of
/// the act it computes for, and no human sees it.
///
/// ```compile_fail
/// let engine = trial::Engine(());
/// ```
pub struct Engine(());

impl Engine {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl Permit for Engine {}
