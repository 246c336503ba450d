//! An object in a body whose names are not ours: answers by criterion, levels by factor.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// A word for each name. A name that comes twice is refused, like a field of ours: a plain map would take the last,
/// and nobody could say which of two answers was meant.
#[derive(Default)]
pub(crate) struct ByName(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for ByName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = ByName;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word for each name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ByName, A::Error> {
        let mut words = BTreeMap::new();
        while let Some(name) = object.next_key::<String>()? {
            if words.contains_key(&name) {
                // In the words of serde, by which the field is found.
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            words.insert(name, object.next_value()?);
        }
        Ok(ByName(words))
    }
}
