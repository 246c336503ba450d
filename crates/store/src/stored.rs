//! Between the domain's forms and the stored ones.

use terms::{Id, KitNumber};

use crate::Fault;

/// A count as a stored integer.
pub(crate) fn to_bigint(count: u64, what: &'static str) -> Result<i64, Fault> {
    i64::try_from(count).map_err(|_too_large| Fault::Malformed(what))
}

/// A stored integer as a count.
pub(crate) fn from_bigint(stored: i64, what: &'static str) -> Result<u64, Fault> {
    u64::try_from(stored).map_err(|_negative| Fault::Malformed(what))
}

/// A stored text as an identifier.
pub(crate) fn to_id<K>(stored: &str, what: &'static str) -> Result<Id<K>, Fault> {
    Id::parse(stored).map_err(|_malformed| Fault::Malformed(what))
}

/// A stored text as a kit number.
pub(crate) fn to_kit_number(stored: &str) -> Result<KitNumber, Fault> {
    KitNumber::parse(stored).map_err(|_malformed| Fault::Malformed("kit number"))
}

/// Stored bytes as a hash or another value of fixed length.
pub(crate) fn to_array<const N: usize>(stored: &[u8], what: &'static str) -> Result<[u8; N], Fault> {
    stored.try_into().map_err(|_length| Fault::Malformed(what))
}

/// Passes when a guarded update met exactly one row: the row was in the state that the decision was taken on.
pub(crate) fn exactly_one(met: usize, table: &'static str) -> Result<(), Fault> {
    if met == 1 { Ok(()) } else { Err(Fault::Guard { table, met }) }
}
