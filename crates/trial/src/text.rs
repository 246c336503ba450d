//! The one spelling of a term in the journal: its text.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a term as its text.
pub(crate) fn serialize<T: Display, S: Serializer>(term: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(term)
}

/// Reads a term from its text, and refuses another spelling of it.
pub(crate) fn deserialize<'de, T: FromStr + Display, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| D::Error::custom("not the one spelling of a term"))
}

fn read<T: FromStr + Display>(text: &str) -> Option<T> {
    text.parse().ok().filter(|term: &T| term.to_string() == text)
}

/// The same for a term that may be absent.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer, read};

    /// Writes the term's text, or null.
    pub(crate) fn serialize<T: Display, S: Serializer>(term: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match term {
            Some(term) => to.collect_str(term),
            None => to.serialize_none(),
        }
    }

    /// Reads the term's text, or null.
    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr + Display,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| read(&text).ok_or_else(|| D::Error::custom("not the one spelling of a term")))
            .transpose()
    }
}

/// The same for a list of terms.
pub(crate) mod list {
    use serde::ser::SerializeSeq;

    use super::{Deserialize, Deserializer, Display, Error, FromStr, Serializer, read};

    /// Writes the texts of the terms.
    pub(crate) fn serialize<T: Display, S: Serializer>(terms: &[T], to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(terms.len()))?;
        for term in terms {
            list.serialize_element(&term.to_string())?;
        }
        list.end()
    }

    /// Reads the texts of the terms.
    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr + Display,
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(from)?;
        let terms: Option<Vec<T>> = texts.iter().map(|text| read(text)).collect();
        terms.ok_or_else(|| D::Error::custom("not the one spelling of a term"))
    }
}
