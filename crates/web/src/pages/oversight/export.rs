//! `GET /studies/{study}/oversight/export`: the whole journal in the reader's own view, as a file.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::journal as use_case;

use crate::answer::{Answer, run};
use crate::api::journal::exported;
use crate::file::attached;
use crate::pages::page::{Link, Part};
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study, words) = (at.caller(), at.study(), at.words());
    if at.visitor.here.asked("file").is_some() {
        let name = format!("{study}-journal.jsonl");
        return exported(service, caller, study, attached(StatusCode::OK, &name)).await;
    }
    let size = run(move || use_case::page(&service, &caller, &study, 0, 0)).await?.size;
    let is_unblinded = at.desk.roles.iter().any(|held| held.role.is_unblinded());
    let warning = is_unblinded.then(|| Part::Warning(words.say("export.unblinded").to_owned()));
    let file = Link::new(words.say("export.file"), at.address("/oversight/export?file=yes"));
    let told = words.fill("export.progress", &[("size", &size)]);
    let [whole, broken] = ["export.whole", "export.broken"].map(|key| words.say(key).to_owned());
    let checkpoints = Link::new(words.say("checkpoint.offline"), at.address("/oversight/checkpoints"));
    super::page(&at, words.say("journal_export.title"), is_unblinded)
        .text(words.say("journal_export.what"))
        .parts(warning)
        .part(Part::facts(words, [("checkpoint.entries", size.to_string())]))
        .text(words.say("export.recorded"))
        .part(Part::Download { file: file.main().file(), lines: size, told, whole, broken })
        .part(Part::Links(vec![checkpoints]))
        .answer()
}
