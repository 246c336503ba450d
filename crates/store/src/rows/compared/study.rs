//! The study itself: its design, its sites, its holds and its lists.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::StudyId;
use trial::rebuild::{Cell, Rows};

use super::{bytes, moment};
use crate::schema::{
    allocation_list as list, hold, hold_release as release, list_change as change, list_state as state,
    redaction, redaction_confirmation as confirmation, site, study, study_design as design,
    study_secret as secret,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    foundation(conn, of, rows)?;
    holds(conn, of, rows)?;
    redactions(conn, of, rows)?;
    lists(conn, of, rows)
}

fn foundation(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let id: Option<String> =
        study::table.find(of.as_str()).select(study::id).first(&mut conn.0).optional()?;
    if let Some(id) = id {
        rows.add("study", [&id], []);
    }
    let seeds: Vec<(String, String, String)> =
        secret::table.filter(secret::study.eq(of.as_str())).load(&mut conn.0)?;
    for (id, kit_numbers, picks) in seeds {
        let columns = [
            ("kit_number_opening", Cell::sealed("kit_number_seed", kit_numbers)),
            ("pick_opening", Cell::sealed("pick_seed", picks)),
        ];
        rows.add("study_secret", [&id], columns);
    }
    let designs: Vec<(String, i64, String, String, String, NaiveDateTime)> =
        design::table.filter(design::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, version, text, fingerprint, sealed, at) in designs {
        let columns = [
            ("design", Cell::of(text)),
            ("fingerprint", Cell::of(fingerprint)),
            ("sealed_opening", Cell::sealed("sealed", sealed)),
            ("loaded_at", moment(at)),
        ];
        rows.add("study_design", [&version], columns);
    }
    let sites: Vec<(String, String, String, String, NaiveDateTime, String)> =
        site::table.filter(site::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, name, zone, at, country) in sites {
        let columns = [
            ("name", Cell::of(name)),
            ("time_zone", Cell::of(zone)),
            ("added_at", moment(at)),
            ("country", Cell::of(country)),
        ];
        rows.add("site", [&id], columns);
    }
    Ok(())
}

fn holds(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let holds: Vec<HoldRow> = hold::table.filter(hold::study.eq(of.as_str())).load(&mut conn.0)?;
    for (id, _, site, on, reason, by, at) in holds {
        let columns = [
            ("site", Cell::maybe(site)),
            ("hold_on", Cell::of(on)),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("placed_by", Cell::of(by)),
            ("placed_at", moment(at)),
        ];
        rows.add("hold", [&id], columns);
    }
    let releases: Vec<(String, String, String, NaiveDateTime)> = release::table
        .inner_join(hold::table.on(hold::id.eq(release::hold)))
        .filter(hold::study.eq(of.as_str()))
        .select((release::hold, release::reason_opening, release::released_by, release::released_at))
        .load(&mut conn.0)?;
    for (id, reason, by, at) in releases {
        let columns = [
            ("reason_opening", Cell::sealed("reason", reason)),
            ("released_by", Cell::of(by)),
            ("released_at", moment(at)),
        ];
        rows.add("hold_release", [&id], columns);
    }
    Ok(())
}

fn lists(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let lists: Vec<ListRow> = list::table.filter(list::study.eq(of.as_str())).load(&mut conn.0)?;
    for (id, _, version, algorithm, root, seed, by, at) in lists {
        let columns = [
            ("design_version", Cell::of(version)),
            ("algorithm", Cell::of(algorithm)),
            ("root", bytes(&root)),
            ("seed_opening", Cell::sealed("seed", seed)),
            ("generated_by", Cell::of(by)),
            ("generated_at", moment(at)),
        ];
        rows.add("allocation_list", [&id], columns);
    }
    let changes: Vec<(String, String, Option<String>, String, NaiveDateTime)> = change::table
        .inner_join(list::table.on(list::id.eq(change::list)))
        .filter(list::study.eq(of.as_str()))
        .select((change::list, change::state, change::reason_opening, change::changed_by, change::changed_at))
        .load(&mut conn.0)?;
    for (id, state, reason, by, at) in changes {
        let columns = [
            ("reason_opening", Cell::maybe_sealed("reason", reason)),
            ("changed_by", Cell::of(by)),
            ("changed_at", moment(at)),
        ];
        rows.add("list_change", [&id, &state], columns);
    }
    let states: Vec<(String, String, String)> =
        state::table.filter(state::study.eq(of.as_str())).load(&mut conn.0)?;
    for (id, _, state) in states {
        rows.add("list_state", [&id], [("state", Cell::of(state))]);
    }
    Ok(())
}

type HoldRow = (String, String, Option<String>, String, String, String, NaiveDateTime);
type ListRow = (String, String, i64, String, Vec<u8>, String, String, NaiveDateTime);

type RedactionRow =
    (String, String, i64, String, Vec<u8>, String, String, Option<String>, i64, String, NaiveDateTime);

fn redactions(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let all: Vec<RedactionRow> =
        redaction::table.filter(redaction::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, leaf, field, commitment, opening, why, site, entry, by, at) in all {
        let columns = [
            ("leaf", Cell::of(leaf)),
            ("field", Cell::of(field)),
            ("commitment", bytes(&commitment)),
            ("opening", Cell::of(opening)),
            ("why", Cell::of(why)),
            ("site", Cell::maybe(site)),
            ("entry", Cell::of(entry)),
            ("proposed_by", Cell::of(by)),
            ("proposed_at", moment(at)),
        ];
        rows.add("redaction", [&id], columns);
    }
    let confirmations: Vec<(String, String, i64, String, NaiveDateTime)> =
        confirmation::table.filter(confirmation::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, entry, by, at) in confirmations {
        let columns =
            [("entry", Cell::of(entry)), ("confirmed_by", Cell::of(by)), ("confirmed_at", moment(at))];
        rows.add("redaction_confirmation", [&id], columns);
    }
    Ok(())
}
