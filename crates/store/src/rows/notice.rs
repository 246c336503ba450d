//! The outbox: notices are queued in the transaction of their act, and mailed after it.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use terms::{Moment, NoticeId};

use crate::schema::{notice, notice_delivery as delivery};
use crate::stored::{exactly_one, from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tree, Tx};

/// Who may read a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Anyone of the study.
    Blinded,
    /// People with an unblinded role only.
    Unblinded,
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id, which is the mail's too: a mail sent twice can be seen to be one.
    pub id: NoticeId,
    /// The address.
    pub recipient: String,
    /// The name of the template.
    pub template: String,
    /// What the template is filled with. It is not sealed, so it holds public fields only, whoever reads it.
    pub params: String,
    /// Who may read it.
    pub audience: Audience,
    /// When it was queued.
    pub queued_at: Moment,
    /// What it is about, where the same must not be told again too soon: a site, an alert.
    pub about: Option<String>,
}

/// A notice that is due, and how often it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The notice.
    pub notice: Notice,
    /// How often sending was begun.
    pub attempts: u64,
}

/// Queues a notice, due at once.
pub fn queue(tx: &mut Tx, new: &Notice) -> Result<(), Fault> {
    let tree = tx.tree().to_string();
    diesel::insert_into(notice::table)
        .values((
            notice::id.eq(new.id.as_str()),
            notice::tree.eq(tree),
            notice::recipient.eq(&new.recipient),
            notice::template.eq(&new.template),
            notice::params.eq(&new.params),
            notice::audience.eq(new.audience.code()),
            notice::queued_at.eq(new.queued_at.to_stored()),
            notice::about.eq(&new.about),
        ))
        .execute(&mut tx.0)?;
    diesel::insert_into(delivery::table)
        .values((
            delivery::notice.eq(new.id.as_str()),
            delivery::attempts.eq(0_i64),
            delivery::due_at.eq(new.queued_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Up to `limit` notices of the tree that are due and not delivered, the longest due first.
pub fn due(conn: &mut Conn, tree: &Tree, now: Moment, limit: u32) -> Result<Vec<Due>, Fault> {
    let rows: Vec<Row> = notice::table
        .inner_join(delivery::table.on(delivery::notice.eq(notice::id)))
        .filter(notice::tree.eq(tree.to_string()))
        .filter(delivery::delivered_at.is_null())
        .filter(delivery::given_up_at.is_null())
        .filter(delivery::due_at.le(now.to_stored()))
        .order((delivery::due_at, notice::id))
        .limit(i64::from(limit))
        .select((
            notice::id,
            notice::recipient,
            notice::template,
            notice::params,
            notice::audience,
            notice::queued_at,
            notice::about,
            delivery::attempts,
        ))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Takes a due notice for sending, and says whether it was still to be had: of two servers one gets it. It falls due
/// again at `next`, so a sender that dies loses nothing, and the recipient may get the mail twice.
pub fn claim(tx: &mut Tx, due: &Due, next: Moment) -> Result<bool, Fault> {
    let met = diesel::update(delivery::table.find(due.notice.id.as_str()))
        .filter(delivery::delivered_at.is_null())
        .filter(delivery::given_up_at.is_null())
        .filter(delivery::attempts.eq(to_bigint(due.attempts, "attempts")?))
        .set((delivery::attempts.eq(delivery::attempts + 1), delivery::due_at.eq(next.to_stored())))
        .execute(&mut tx.0)?;
    Ok(met == 1)
}

/// Marks a notice as delivered.
pub fn delivered(tx: &mut Tx, id: &NoticeId, at: Moment) -> Result<(), Fault> {
    let met = diesel::update(delivery::table.find(id.as_str()))
        .filter(delivery::delivered_at.is_null())
        .set(delivery::delivered_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    exactly_one(met, "notice_delivery")
}

/// Gives a notice up: it is not sent any more, because the recipient may no longer read it, or never can.
pub fn give_up(tx: &mut Tx, id: &NoticeId, at: Moment) -> Result<(), Fault> {
    let met = diesel::update(delivery::table.find(id.as_str()))
        .filter(delivery::delivered_at.is_null())
        .filter(delivery::given_up_at.is_null())
        .set(delivery::given_up_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    exactly_one(met, "notice_delivery")
}

impl Audience {
    fn code(self) -> &'static str {
        match self {
            Self::Blinded => "blinded",
            Self::Unblinded => "unblinded",
        }
    }

    fn read(code: &str) -> Result<Self, Fault> {
        match code {
            "blinded" => Ok(Self::Blinded),
            "unblinded" => Ok(Self::Unblinded),
            _ => Err(Fault::Malformed("audience")),
        }
    }
}

type Row = (String, String, String, String, String, NaiveDateTime, Option<String>, i64);

fn read((id, recipient, template, params, audience, queued_at, about, attempts): Row) -> Result<Due, Fault> {
    let notice = Notice {
        id: to_id(&id, "notice id")?,
        recipient,
        template,
        params,
        audience: Audience::read(&audience)?,
        queued_at: Moment::from_stored(queued_at),
        about,
    };
    Ok(Due { notice, attempts: from_bigint(attempts, "attempts")? })
}

/// When a notice of this template was queued last.
pub fn last_queued(conn: &mut Conn, tree: &Tree, template: &str) -> Result<Option<Moment>, Fault> {
    let last: Option<NaiveDateTime> = notice::table
        .filter(notice::tree.eq(tree.to_string()))
        .filter(notice::template.eq(template))
        .select(diesel::dsl::max(notice::queued_at))
        .first(&mut conn.0)?;
    Ok(last.map(Moment::from_stored))
}

/// When a notice of this template was queued last about this.
pub fn last_queued_about(
    conn: &mut Conn,
    tree: &Tree,
    template: &str,
    about: &str,
) -> Result<Option<Moment>, Fault> {
    let last: Option<NaiveDateTime> = notice::table
        .filter(notice::tree.eq(tree.to_string()))
        .filter(notice::template.eq(template))
        .filter(notice::about.eq(about))
        .select(diesel::dsl::max(notice::queued_at))
        .first(&mut conn.0)?;
    Ok(last.map(Moment::from_stored))
}
