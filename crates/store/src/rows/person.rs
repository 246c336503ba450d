//! People. A person's id is the log-in name: it is chosen once, stands in every record, and is never given to anybody
//! else, because rows of people never go (SIG-03).

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, UserId};

use crate::schema::{grant_head, person};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The log-in name.
    pub id: UserId,
    /// The name as it is shown.
    pub display_name: String,
    /// Where the person is written to.
    pub email: String,
    /// Who invited; the installation itself for the first administrators.
    pub invited_by: Option<UserId>,
    /// When.
    pub invited_at: Moment,
}

/// Adds a person, to whom nothing was granted yet.
pub fn add(tx: &mut Tx, new: &Person) -> Result<(), Fault> {
    diesel::insert_into(person::table)
        .values((
            person::id.eq(new.id.as_str()),
            person::display_name.eq(&new.display_name),
            person::email.eq(&new.email),
            person::invited_by.eq(new.invited_by.as_ref().map(UserId::as_str)),
            person::invited_at.eq(new.invited_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    diesel::insert_into(grant_head::table)
        .values((grant_head::user_id.eq(new.id.as_str()), grant_head::version.eq(0_i64)))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One person.
pub fn find(conn: &mut Conn, id: &UserId) -> Result<Option<Person>, Fault> {
    person::table.find(id.as_str()).first::<Row>(&mut conn.0).optional()?.map(read).transpose()
}

/// Everybody, in the order of the log-in names.
pub fn all(conn: &mut Conn) -> Result<Vec<Person>, Fault> {
    let rows: Vec<Row> = person::table.order(person::id).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

type Row = (String, String, String, Option<String>, NaiveDateTime);

fn read((id, display_name, email, invited_by, invited_at): Row) -> Result<Person, Fault> {
    Ok(Person {
        id: to_id(&id, "user id")?,
        display_name,
        email,
        invited_by: invited_by.map(|user| to_id(&user, "user id")).transpose()?,
        invited_at: Moment::from_stored(invited_at),
    })
}
