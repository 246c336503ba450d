//! Kits that are meant for a subject and that nobody was given.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use ledger::{KitState, Place};
use terms::{KitNumber, StudyId, SubjectId, VisitId};

use super::kit::{PlaceRow, read_place};
use crate::schema::{kit_allocation as allocation, kit_state as state};
use crate::stored::{to_id, to_kit_number};
use crate::{Conn, Fault};

/// A kit that is meant for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The number on it.
    pub kit: KitNumber,
    /// Its state.
    pub state: KitState,
    /// The place that accounts for it.
    pub place: Place,
    /// The subject.
    pub subject: SubjectId,
    /// The visit for which it was allocated.
    pub visit: VisitId,
    /// Which allocation for this visit it was of, from 1.
    pub attempt: u32,
}

/// Those of a study or of one subject, in the order of subject and number.
pub fn all(conn: &mut Conn, study: &StudyId, only: Option<&SubjectId>) -> Result<Vec<Meant>, Fault> {
    let mut query = state::table
        .inner_join(
            allocation::table.on(allocation::study.eq(state::study).and(allocation::kit.eq(state::kit))),
        )
        .filter(state::study.eq(study.as_str()))
        .filter(state::subject.is_not_null().and(state::given.eq(false)))
        .order((allocation::subject, state::kit))
        .select((
            (state::kit, state::state),
            (state::site, state::depot, state::shipment),
            (allocation::subject, allocation::visit, allocation::attempt),
        ))
        .into_boxed();
    if let Some(subject) = only {
        query = query.filter(allocation::subject.eq(subject.as_str()));
    }
    let rows: Vec<Row> = query.load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

type Row = ((String, String), PlaceRow, (String, String, i64));

fn read(((kit, state), place, (subject, visit, attempt)): Row) -> Result<Meant, Fault> {
    Ok(Meant {
        kit: to_kit_number(&kit)?,
        state: KitState::parse(&state).ok_or(Fault::Malformed("kit state"))?,
        place: read_place(place)?,
        subject: to_id(&subject, "subject id")?,
        visit: to_id(&visit, "visit id")?,
        attempt: u32::try_from(attempt).map_err(|_range| Fault::Malformed("attempt"))?,
    })
}
