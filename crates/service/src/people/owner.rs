//! What the owner of an account is told by mail: nobody else would notice that somebody may act in that name.

use store::Tx;
use store::rows::notice::{self, Audience};
use store::rows::person;
use terms::{Moment, UserId};

use crate::failure::{Failure, missing};
use crate::mail::{BlindedEvent, BlindedNotice};
use crate::service::Service;

/// Tells the owner what somebody did to the account, who may be the owner.
pub(super) fn tell(
    service: &Service,
    tx: &mut Tx,
    owner: &UserId,
    by: Option<&UserId>,
    now: Moment,
    event: BlindedEvent,
) -> Result<(), Failure> {
    let owner = person::find(tx, owner)?.ok_or_else(|| missing("person"))?;
    let told = BlindedNotice { study: None, site: None, at: now, by: by.cloned(), event };
    let row = told.to_row();
    let queued = notice::Notice {
        id: service.entropy.id()?,
        recipient: owner.email,
        template: row.template,
        params: row.params,
        audience: Audience::Blinded,
        queued_at: now,
        about: row.about,
    };
    Ok(notice::queue(tx, &queued)?)
}
