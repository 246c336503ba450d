//! Roles that people hold: granted, confirmed where that takes a second person, and revoked.

use chrono::NaiveDateTime;
use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
};
use terms::{GrantId, Moment, OpeningId, SiteId, StudyId, UserId};
use trial::HeldRole;

use crate::schema::grant_head;
use crate::schema::{role_confirmation as confirmation, role_grant as grant, role_revocation as revocation};
use crate::stored::{exactly_one, to_id};
use crate::{Conn, Fault, Tx};

/// A grant with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who holds the role.
    pub user: UserId,
    /// The role, with its study and site.
    pub held: HeldRole,
    /// Where its reason lies.
    pub reason: OpeningId,
    /// Whether it takes a second person.
    pub needs_second: bool,
    /// Who granted it; the installation itself for the first administrators.
    pub granted_by: Option<UserId>,
    /// When.
    pub granted_at: Moment,
    /// Whether a second person has confirmed it.
    pub confirmed: bool,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

impl Grant {
    /// Whether the role is held now.
    pub fn is_in_force(&self) -> bool {
        self.revoked_at.is_none() && (self.confirmed || !self.needs_second)
    }

    /// What has become of it, as one word.
    pub fn state(&self) -> &'static str {
        match (self.revoked_at, self.is_in_force()) {
            (Some(_), _) => "revoked",
            (None, true) => "in_force",
            (None, false) => "proposed",
        }
    }
}

/// Every grant ever made to a person, in the order of granting; revoked and unconfirmed ones too.
pub fn of_user(conn: &mut Conn, user: &UserId) -> Result<Vec<Grant>, Fault> {
    let rows: Vec<Row> = query().filter(grant::user_id.eq(user.as_str())).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// One grant.
pub fn find(conn: &mut Conn, id: &GrantId) -> Result<Option<Grant>, Fault> {
    let row: Option<Row> = query().filter(grant::id.eq(id.as_str())).first(&mut conn.0).optional()?;
    row.map(read).transpose()
}

/// The roles that a person holds now.
pub fn held(conn: &mut Conn, user: &UserId) -> Result<Vec<HeldRole>, Fault> {
    let grants = of_user(conn, user)?;
    Ok(grants.into_iter().filter(Grant::is_in_force).map(|grant| grant.held).collect())
}

/// Every grant ever made, in the order of granting.
pub fn all(conn: &mut Conn) -> Result<Vec<Grant>, Fault> {
    let rows: Vec<Row> = query().load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Locks the grants of a person until the transaction ends. Roles exclude each other over all trees (BLD-13, USR-05),
/// and whoever grants holds the lock of one: only under this one as well is the person's history whole. It is taken
/// after the tree's and held by nobody who waits for another, so no two writers wait for each other.
pub fn lock(tx: &mut Tx, user: &UserId) -> Result<(), Fault> {
    let met = diesel::update(grant_head::table.find(user.as_str()))
        .set(grant_head::version.eq(grant_head::version + 1))
        .execute(&mut tx.0)?;
    exactly_one(met, "grant_head")
}

/// Adds a grant.
pub fn add(tx: &mut Tx, new: &Grant) -> Result<(), Fault> {
    diesel::insert_into(grant::table)
        .values((
            grant::id.eq(new.id.as_str()),
            grant::user_id.eq(new.user.as_str()),
            grant::role.eq(new.held.role.to_string()),
            grant::study.eq(new.held.study.as_ref().map(StudyId::as_str)),
            grant::site.eq(new.held.site.as_ref().map(SiteId::as_str)),
            grant::reason_opening.eq(new.reason.as_str()),
            grant::needs_second.eq(new.needs_second),
            grant::granted_by.eq(new.granted_by.as_ref().map(UserId::as_str)),
            grant::granted_at.eq(new.granted_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that a second person confirmed a grant.
pub fn confirm(tx: &mut Tx, id: &GrantId, by: &UserId, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(confirmation::table)
        .values((
            confirmation::grant_id.eq(id.as_str()),
            confirmation::confirmed_by.eq(by.as_str()),
            confirmation::confirmed_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that a grant was revoked.
pub fn revoke(tx: &mut Tx, id: &GrantId, reason: &OpeningId, by: &UserId, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(revocation::table)
        .values((
            revocation::grant_id.eq(id.as_str()),
            revocation::reason_opening.eq(reason.as_str()),
            revocation::revoked_by.eq(by.as_str()),
            revocation::revoked_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    grant::table
        .left_join(confirmation::table.on(confirmation::grant_id.eq(grant::id)))
        .left_join(revocation::table.on(revocation::grant_id.eq(grant::id)))
        .order((grant::granted_at, grant::id))
        .select((
            (grant::id, grant::user_id, grant::role, grant::study, grant::site),
            (grant::reason_opening, grant::needs_second, grant::granted_by, grant::granted_at),
            confirmation::grant_id.nullable(),
            revocation::revoked_at.nullable(),
        ))
}

type Row = (
    (String, String, String, Option<String>, Option<String>),
    (String, bool, Option<String>, NaiveDateTime),
    Option<String>,
    Option<NaiveDateTime>,
);

fn read(row: Row) -> Result<Grant, Fault> {
    let (
        (id, user, role, study, site),
        (reason, needs_second, granted_by, granted_at),
        confirmed,
        revoked_at,
    ) = row;
    Ok(Grant {
        id: to_id(&id, "grant id")?,
        user: to_id(&user, "user id")?,
        held: HeldRole {
            role: role.parse().map_err(|_unknown| Fault::Malformed("role"))?,
            study: study.map(|study| to_id(&study, "study id")).transpose()?,
            site: site.map(|site| to_id(&site, "site id")).transpose()?,
        },
        reason: to_id(&reason, "opening id")?,
        needs_second,
        granted_by: granted_by.map(|user| to_id(&user, "user id")).transpose()?,
        granted_at: Moment::from_stored(granted_at),
        confirmed: confirmed.is_some(),
        revoked_at: revoked_at.map(Moment::from_stored),
    })
}
