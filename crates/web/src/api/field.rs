//! Reading a field of a body: what is wrong is refused with its path.

use std::fmt::Display;
use std::str::FromStr;

use journal::Hash;
use strum::VariantArray;
use terms::Id;
use trial::Refusal;

/// An identifier.
pub(super) fn id<K>(path: &str, text: &str) -> Result<Id<K>, Refusal> {
    Id::parse(text).map_err(|bad| Refusal::field(path, bad))
}

/// A SHA-256 in hexadecimal.
pub(super) fn hash(path: &str, text: &str) -> Result<Hash, Refusal> {
    text.parse().map_err(|_bad| Refusal::field(path, "must be 64 lower-case hexadecimal digits"))
}

/// A code out of a closed list, which the refusal names.
pub(super) fn code<T: FromStr + Display + VariantArray>(path: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_unknown| {
        let known: Vec<String> = T::VARIANTS.iter().map(ToString::to_string).collect();
        Refusal::field(path, format!("must be one of {}", known.join(", ")))
    })
}
