//! People and their roles.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{
    person, reset_proposal as proposal, role_confirmation as confirmation, role_grant as grant,
    role_revocation as revocation,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, rows: &mut Rows) -> Result<(), Fault> {
    let people: Vec<(String, Option<String>, NaiveDateTime)> =
        person::table.select((person::id, person::invited_by, person::invited_at)).load(&mut conn.0)?;
    for (id, by, at) in people {
        rows.add("person", [&id], [("invited_by", Cell::maybe(by)), ("invited_at", moment(at))]);
    }
    let proposals: Vec<(String, i64, String, NaiveDateTime)> = proposal::table.load(&mut conn.0)?;
    for (user, entry, by, at) in proposals {
        let columns = [("proposed_by", Cell::of(by)), ("proposed_at", moment(at))];
        rows.add("reset_proposal", [&user, &entry], columns);
    }
    Ok(())
}

/// The roles in a study; without one, those in the installation.
pub(super) fn roles(conn: &mut Conn, study: Option<&StudyId>, rows: &mut Rows) -> Result<(), Fault> {
    // Neither engine spells "the same, or both nothing" as the other does, and roles are few.
    let here = |of: &Option<String>| of.as_deref() == study.map(StudyId::as_str);
    let grants: Vec<GrantRow> = grant::table
        .select((
            grant::study,
            (grant::id, grant::user_id, grant::role, grant::site),
            (grant::reason_opening, grant::needs_second, grant::granted_by, grant::granted_at),
        ))
        .load(&mut conn.0)?;
    for (_, (id, user, role, site), (reason, needs_second, by, at)) in
        grants.into_iter().filter(|(of, ..)| here(of))
    {
        let columns = [
            ("user_id", Cell::of(user)),
            ("role", Cell::of(role)),
            ("site", Cell::maybe(site)),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("needs_second", Cell::of(needs_second)),
            ("granted_by", Cell::maybe(by)),
            ("granted_at", moment(at)),
        ];
        rows.add("role_grant", [&id], columns);
    }
    let confirmations: Vec<(Option<String>, String, String, NaiveDateTime)> = confirmation::table
        .inner_join(grant::table.on(grant::id.eq(confirmation::grant_id)))
        .select((
            grant::study,
            confirmation::grant_id,
            confirmation::confirmed_by,
            confirmation::confirmed_at,
        ))
        .load(&mut conn.0)?;
    for (_, id, by, at) in confirmations.into_iter().filter(|(of, ..)| here(of)) {
        let columns = [("confirmed_by", Cell::of(by)), ("confirmed_at", moment(at))];
        rows.add("role_confirmation", [&id], columns);
    }
    let revocations: Vec<(Option<String>, String, String, String, NaiveDateTime)> = revocation::table
        .inner_join(grant::table.on(grant::id.eq(revocation::grant_id)))
        .select((
            grant::study,
            revocation::grant_id,
            revocation::reason_opening,
            revocation::revoked_by,
            revocation::revoked_at,
        ))
        .load(&mut conn.0)?;
    for (_, id, reason, by, at) in revocations.into_iter().filter(|(of, ..)| here(of)) {
        let columns = [
            ("reason_opening", Cell::sealed("reason", reason)),
            ("revoked_by", Cell::of(by)),
            ("revoked_at", moment(at)),
        ];
        rows.add("role_revocation", [&id], columns);
    }
    Ok(())
}

type GrantRow =
    (Option<String>, (String, String, String, Option<String>), (String, bool, Option<String>, NaiveDateTime));
