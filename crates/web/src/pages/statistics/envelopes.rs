//! `GET /studies/{study}/statistics/lists/{list}/envelopes`: an envelope for every position, to be printed for the
//! night in which nothing can be read.

use actix_web::web::Data;
use service::Shared;

use super::list::{At, find};
use crate::answer::Answer;
use crate::api::envelopes::print;
use crate::pages::recorded::{is_asked_for, to_read};
use crate::pages::visitor::Visitor;
use crate::posted::named;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    if is_asked_for(&at) {
        return print(&service, at.caller(), at.study(), named(&path.1)?, at.words()).await;
    }
    let list = find(&service, &at, &path.1).await?;
    let title = at.words().say("envelopes.title");
    to_read(&at, title, "envelopes.what").part(super::list::facts(&at, &list)).answer()
}
