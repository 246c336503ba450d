//! What the code breaks so far tell of others (UNB-13): for unblinded eyes alone, since it goes by the arms.

use std::collections::{BTreeMap, BTreeSet};

use store::Conn;
use store::rows::{list, randomization, unblinding};
use terms::{ListId, Position, Stratum, SubjectId};
use trial::decide::list as decide;

use crate::case::Scene;
use crate::failure::Failure;

/// A place whose arm somebody can tell who knows the blocks of its list and every broken code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduced {
    /// The list.
    pub list: ListId,
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// Whose place it is; none when it is still to be given.
    pub subject: Option<SubjectId>,
}

/// Every such place, of all lists that gave one whose code was broken.
pub(crate) fn deduced(conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<Deduced>, Failure> {
    let broken: BTreeSet<SubjectId> =
        unblinding::all(conn, &scene.study)?.into_iter().map(|broken| broken.subject).collect();
    if broken.is_empty() {
        return Ok(Vec::new());
    }
    let mut given: BTreeMap<ListId, BTreeMap<(Stratum, Position), SubjectId>> = BTreeMap::new();
    for row in randomization::all(conn, &scene.study)? {
        given.entry(row.list).or_default().insert((row.stratum, row.position), row.subject);
    }
    let mut deduced = Vec::new();
    for row in list::all(conn, &scene.study)? {
        let Some(given) = given.get(&row.id) else { continue };
        let known = given.iter().filter(|(_, subject)| broken.contains(subject)).map(|(place, _)| *place);
        let known: BTreeSet<_> = known.collect();
        if known.is_empty() {
            continue;
        }
        let (_, design) = scene.designs_of(conn, row.design_version)?;
        let seed = scene.vault.seed(conn, &row.seed)?;
        let places = decide::deducible(&design, &scene.study, &row.id, &seed, &known);
        deduced.extend(places.into_iter().map(|(stratum, position)| {
            let subject = given.get(&(stratum, position)).cloned();
            Deduced { list: row.id.clone(), stratum, position, subject }
        }));
    }
    Ok(deduced)
}
