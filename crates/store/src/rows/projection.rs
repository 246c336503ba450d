//! Setting the rows anew that say how things stand now, as the journal gives them. Nothing else is ever written but by
//! the acts themselves. Each row is taken away by its key and put back, so no order of changes can offend a constraint.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use ledger::Kit;
use terms::{KitNumber, ListId, Moment, SubjectId, VisitId};
use trial::{ListState, SubjectState};

use crate::rows::kit::columns;
use crate::schema::{kit_state, list_state, subject_state};
use crate::stored::exactly_one;
use crate::{Fault, Tx};

/// Takes the row of a kit away; a fault when there was not exactly one.
pub fn remove_kit(tx: &mut Tx, key: &str) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let mine = kit_state::table.filter(kit_state::study.eq(study)).filter(kit_state::kit.eq(key));
    exactly_one(diesel::delete(mine).execute(&mut tx.0)?, "kit_state")
}

/// Adds the row of a kit.
pub fn add_kit(tx: &mut Tx, number: KitNumber, kit: &Kit) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let (site, depot, shipment) = columns(&kit.place);
    diesel::insert_into(kit_state::table)
        .values((
            kit_state::study.eq(study),
            kit_state::kit.eq(number.to_string()),
            kit_state::state.eq(kit.state.code()),
            kit_state::site.eq(site),
            kit_state::subject.eq(kit.subject.as_ref().map(SubjectId::as_str)),
            kit_state::visit.eq(kit.visit.as_ref().map(VisitId::as_str)),
            kit_state::depot.eq(depot),
            kit_state::shipment.eq(shipment),
            kit_state::released.eq(kit.released),
            kit_state::given.eq(kit.given),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Takes the row of a subject away; a fault when there was not exactly one.
pub fn remove_subject(tx: &mut Tx, key: &str) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let mine =
        subject_state::table.filter(subject_state::study.eq(study)).filter(subject_state::subject.eq(key));
    exactly_one(diesel::delete(mine).execute(&mut tx.0)?, "subject_state")
}

/// Adds the row of a subject.
pub fn add_subject(tx: &mut Tx, id: &SubjectId, state: SubjectState, changed: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(subject_state::table)
        .values((
            subject_state::study.eq(study),
            subject_state::subject.eq(id.as_str()),
            subject_state::state.eq(state.to_string()),
            subject_state::changed_at.eq(changed.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Takes the row of a list away, if there is one: also when somebody moved it to another study, since a list has one
/// row in all of them.
pub fn remove_list(tx: &mut Tx, key: &str) -> Result<(), Fault> {
    diesel::delete(list_state::table.find(key)).execute(&mut tx.0)?;
    Ok(())
}

/// Adds the row of a list.
pub fn add_list(tx: &mut Tx, id: &ListId, state: ListState) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(list_state::table)
        .values((
            list_state::list.eq(id.as_str()),
            list_state::study.eq(study),
            list_state::state.eq(state.to_string()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}
