//! Allocation lists: from the seed to the list in use, and the reading of it by those who may.

mod envelopes;
mod generate;
mod life;
mod positions;

pub use envelopes::{Envelope, Envelopes, envelopes};
pub use generate::generate;
pub(crate) use life::recompute;
pub use life::{Recomputed, activate, all, approve, discard, find};
pub use positions::{Given, Position, positions};

use store::Conn;
use store::rows::list;
use terms::{ListId, Moment, UserId};
use trial::decide::list::StoredPosition;
use trial::{ListState, Refusal};

use crate::case::Scene;
use crate::failure::{Failure, missing};

/// A list without its positions, as an unblinded person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// What has become of it.
    pub state: ListState,
    /// The version of the design that it was made for.
    pub design_version: u64,
    /// The algorithm.
    pub algorithm: String,
    /// The commitment to all its positions, as it stands in the journal.
    pub root: journal::Hash,
    /// How many positions each stratum needs at least, in design order. The last block may go beyond.
    pub lengths: Vec<u32>,
    /// Its life so far, from its generation.
    pub steps: Vec<Step>,
}

/// A step in the life of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state that it came into.
    pub state: ListState,
    /// Who brought it there.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Why, where a reason is asked for.
    pub reason: Option<String>,
}

/// The row of a list of this study.
fn row(conn: &mut Conn, scene: &Scene<'_>, id: &ListId) -> Result<list::List, Failure> {
    Ok(list::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?)
}

/// A list with its life so far.
fn view(conn: &mut Conn, scene: &Scene<'_>, row: list::List) -> Result<List, Failure> {
    let generated =
        Step { state: ListState::Generated, by: row.generated_by, at: row.generated_at, reason: None };
    let mut steps = vec![generated];
    for change in list::changes(conn, &row.id)? {
        let reason = change.reason.as_ref().map(|id| scene.vault.text(conn, id)).transpose()?;
        steps.push(Step { state: change.state, by: change.by, at: change.at, reason });
    }
    let design = scene.design_of(conn, row.design_version)?;
    Ok(List {
        id: row.id,
        state: row.state,
        design_version: row.design_version,
        algorithm: row.algorithm,
        root: row.root,
        lengths: vec![design.allocation.list_length; design.strata().len()],
        steps,
    })
}

/// A list as it was when it had just come into a state: the answer to the act that brought it there, which is the
/// same whatever becomes of the list later.
fn view_at(conn: &mut Conn, scene: &Scene<'_>, id: &str, state: ListState) -> Result<List, Failure> {
    let id = ListId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = row(conn, scene, &id)?;
    let mut list = view(conn, scene, row)?;
    let place = list.steps.iter().position(|step| step.state == state);
    list.steps.truncate(place.ok_or_else(|| missing("list change"))?.saturating_add(1));
    Ok(List { state, ..list })
}

/// Every stored position of a list, opened but still sealed, in order.
pub(crate) fn stored(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &ListId,
) -> Result<Vec<StoredPosition>, Failure> {
    list::contents(conn, id)?.iter().map(|content| scene.vault.position_of(content)).collect()
}
