//! Redactions of texts: what was proposed, and the second signature, with which the text is gone.

use chrono::NaiveDateTime;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl,
};
use journal::Commitment;
use terms::{Moment, OpeningId, RedactionId, SiteId, StudyId, UserId};
use trial::RedactionReason;

use crate::schema::{redaction as proposed, redaction_confirmation as confirmation};
use crate::stored::{from_bigint, to_array, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A redaction with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Its id.
    pub id: RedactionId,
    /// The leaf that holds the commitment.
    pub leaf: u64,
    /// The field that the commitment binds.
    pub field: String,
    /// What stands for the text in the journal.
    pub commitment: Commitment,
    /// The opening of the text.
    pub opening: OpeningId,
    /// Why.
    pub why: RedactionReason,
    /// The site that the leaf concerns.
    pub site: Option<SiteId>,
    /// The leaf that tells of the proposal.
    pub entry: u64,
    /// Who proposed it, and when.
    pub proposed: (UserId, Moment),
    /// The leaf that tells of the second signature, whose it is, and when. Before that the text is there.
    pub confirmed: Option<(u64, UserId, Moment)>,
}

/// Adds a redaction that was proposed.
pub fn propose(tx: &mut Tx, new: &Redaction) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(proposed::table)
        .values((
            proposed::study.eq(&study),
            proposed::id.eq(new.id.as_str()),
            proposed::leaf.eq(to_bigint(new.leaf, "leaf index")?),
            proposed::field.eq(&new.field),
            proposed::commitment.eq(new.commitment.bytes().as_slice()),
            proposed::opening.eq(new.opening.as_str()),
            proposed::why.eq(new.why.to_string()),
            proposed::site.eq(new.site.as_ref().map(SiteId::as_str)),
            proposed::entry.eq(to_bigint(new.entry, "leaf index")?),
            proposed::proposed_by.eq(new.proposed.0.as_str()),
            proposed::proposed_at.eq(new.proposed.1.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds the second signature.
pub fn confirm(tx: &mut Tx, id: &RedactionId, entry: u64, by: &UserId, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(confirmation::table)
        .values((
            confirmation::study.eq(study),
            confirmation::redaction.eq(id.as_str()),
            confirmation::entry.eq(to_bigint(entry, "leaf index")?),
            confirmation::confirmed_by.eq(by.as_str()),
            confirmation::confirmed_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All redactions of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Redaction>, Fault> {
    let rows: Vec<Row> =
        query().filter(proposed::study.eq(study.as_str())).order(proposed::entry).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// One redaction.
pub fn find(conn: &mut Conn, study: &StudyId, id: &RedactionId) -> Result<Option<Redaction>, Fault> {
    let row: Option<Row> = query()
        .filter(proposed::study.eq(study.as_str()))
        .filter(proposed::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// What stands in the journal for a text that is gone; none while it is there.
pub fn of_opening(conn: &mut Conn, study: &StudyId, id: &OpeningId) -> Result<Option<Commitment>, Fault> {
    let row: Option<Vec<u8>> = proposed::table
        .inner_join(
            confirmation::table
                .on(confirmation::study.eq(proposed::study).and(confirmation::redaction.eq(proposed::id))),
        )
        .filter(proposed::study.eq(study.as_str()))
        .filter(proposed::opening.eq(id.as_str()))
        .select(proposed::commitment)
        .first(&mut conn.0)
        .optional()?;
    row.map(|bytes| Ok(Commitment::new(to_array(&bytes, "commitment")?))).transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    proposed::table
        .left_join(
            confirmation::table
                .on(confirmation::study.eq(proposed::study).and(confirmation::redaction.eq(proposed::id))),
        )
        .select((
            (proposed::id, proposed::leaf, proposed::field, proposed::commitment),
            (proposed::opening, proposed::why, proposed::site, proposed::entry),
            (proposed::proposed_by, proposed::proposed_at),
            (confirmation::entry, confirmation::confirmed_by, confirmation::confirmed_at).nullable(),
        ))
}

type Row = (
    (String, i64, String, Vec<u8>),
    (String, String, Option<String>, i64),
    (String, NaiveDateTime),
    Option<(i64, String, NaiveDateTime)>,
);

fn read(
    ((id, leaf, field, commitment), (opening, why, site, entry), by, signed): Row,
) -> Result<Redaction, Fault> {
    let confirmed = |(entry, by, at): (i64, String, NaiveDateTime)| {
        Ok::<_, Fault>((from_bigint(entry, "leaf index")?, to_id(&by, "user id")?, Moment::from_stored(at)))
    };
    Ok(Redaction {
        id: to_id(&id, "redaction id")?,
        leaf: from_bigint(leaf, "leaf index")?,
        field,
        commitment: Commitment::new(to_array(&commitment, "commitment")?),
        opening: to_id(&opening, "opening id")?,
        why: why.parse().map_err(|_unknown| Fault::Malformed("redaction"))?,
        site: site.map(|site| to_id(&site, "site id")).transpose()?,
        entry: from_bigint(entry, "leaf index")?,
        proposed: (to_id(&by.0, "user id")?, Moment::from_stored(by.1)),
        confirmed: signed.map(confirmed).transpose()?,
    })
}
