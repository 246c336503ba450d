//! Stratification factors, and the stratum that a subject's levels give.

use std::collections::BTreeMap;

use terms::Stratum;

use super::fields::Fields;

/// One stratification factor, for example country, with its levels in design order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The factor's name.
    pub name: String,
    /// Its levels, at least two.
    pub levels: Vec<String>,
}

/// The levels of one stratum, each under its factor, in design order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(pub Vec<(String, String)>);

impl Levels {
    /// Factors and levels, as what stands outside an envelope.
    pub fn in_words(&self) -> String {
        let named: Vec<String> = self.0.iter().map(|(factor, level)| format!("{factor}: {level}")).collect();
        if named.is_empty() { "all subjects".to_owned() } else { named.join(", ") }
    }
}

/// The levels given for a subject name no stratum (SEQ-13).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLevels {
    /// No level is given for a factor.
    #[error("no level is given for {factor}")]
    Missing {
        /// The factor of the design.
        factor: String,
    },
    /// The factor has no such level.
    #[error("{factor} has no such level")]
    UnknownLevel {
        /// The factor of the design.
        factor: String,
    },
    /// A level is given for a factor that the design does not have.
    #[error("the design does not stratify by {factor}")]
    UnknownFactor {
        /// The name that was given.
        factor: String,
    },
}

/// More strata than this is a mistake in the file, not a trial.
const MOST_STRATA: usize = 1_000;

pub(super) fn read(allocation: &mut Fields<'_>) -> Option<Vec<Factor>> {
    let mut names = std::collections::BTreeSet::new();
    let factors = allocation.tables("strata", |fields| {
        let name = fields.unique_text("factor", &mut names);
        let levels = levels(fields);
        Some(Factor { name: name?, levels: levels? })
    })?;
    let product =
        factors.iter().try_fold(1_usize, |product, factor| product.checked_mul(factor.levels.len()));
    if product.is_some_and(|product| product <= MOST_STRATA) {
        return Some(factors);
    }
    allocation.problem("strata", format!("must give at most {MOST_STRATA} strata"));
    None
}

fn levels(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let levels = fields.texts("levels")?;
    let distinct: std::collections::BTreeSet<&String> = levels.iter().collect();
    if distinct.len() == levels.len() && levels.len() >= 2 {
        return Some(levels);
    }
    fields.problem("levels", "must hold at least two levels, all different");
    None
}

/// Every stratum as its levels, in design order: the first factor changes slowest, and a design without factors has
/// one stratum without levels.
pub(super) fn product(factors: &[Factor]) -> Vec<Vec<&str>> {
    factors.iter().fold(vec![Vec::new()], |strata, factor| {
        let extended = strata.iter().flat_map(|stratum| {
            factor.levels.iter().map(move |level| {
                let mut longer = stratum.clone();
                longer.push(level.as_str());
                longer
            })
        });
        extended.collect()
    })
}

/// The stratum of a subject with these levels, by factor name.
pub(super) fn stratum_of(
    factors: &[Factor],
    levels: &BTreeMap<String, String>,
) -> Result<Stratum, BadLevels> {
    for given in levels.keys() {
        if !factors.iter().any(|factor| factor.name == *given) {
            return Err(BadLevels::UnknownFactor { factor: given.clone() });
        }
    }
    let mut index: u32 = 0;
    for factor in factors {
        let name = || factor.name.clone();
        let level = levels.get(&factor.name).ok_or_else(|| BadLevels::Missing { factor: name() })?;
        let place = factor.levels.iter().position(|known| known == level);
        let place = place.ok_or_else(|| BadLevels::UnknownLevel { factor: name() })?;
        // A stored design has at most MOST_STRATA strata, so nothing here can overflow.
        index = index * narrow(factor.levels.len()) + narrow(place);
    }
    Ok(Stratum::new(index))
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
