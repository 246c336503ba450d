//! A journal that is too long for one piece: it is sent as it is written, and nothing that breaks off passes for the
//! whole.

use iwrs::client::text_at;
use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use serde_json::json;
use service::Failure;
use service::journal::{Exporting, export};
use service::request::Caller;
use store::{Store, Tree};
use terms::{Id, StudyId};
use trial::Refusal;
use trial::act::{Act, Leaf};

use super::played::{failed, given, played};

fn study() -> StudyId {
    StudyId::parse("imodals").expect("an id")
}

/// Lets somebody have read the stock so often that the journal fills more than two pieces.
fn lengthen(app: &TestApp) {
    app.person("supply").get(&app.path("/stock-by-type")).expect(200);
    let size = app.person("supply").get(&app.path("/journal?limit=1")).expect(200)["journal"]["size"].clone();
    let last = size.as_u64().expect("a size") - 1;
    let page = app.person("supply").get(&app.path(&format!("/journal?from={last}"))).expect(200);
    let like: Leaf = serde_json::from_value(page["journal"]["leaves"][0]["leaf"].clone()).expect("a leaf");
    assert_eq!(like.act, Act::StockByTypeRead {});
    let store = Store::open(app.database.url()).expect("the store opens");
    let written = store.write::<_, Refusal>(Tree::Study(study()), move |tx| {
        for _ in 0..2_000 {
            let index = tx.frontier().size();
            let nonce = Id::parse(&format!("{index:026}")).expect("an id");
            let leaf = Leaf { index, nonce, ..like.clone() };
            tx.append(&journal::canonical(&leaf).expect("a leaf"), leaf.saved)?;
        }
        Ok(())
    });
    assert!(written.is_ok(), "the journal grows");
}

/// Somebody's log-in, as the service knows it.
fn caller(app: &TestApp, login: &str) -> Caller {
    let me = app.person(login).get("/me").expect(200);
    let user = text_at(&me, "/me/id");
    let sessions = format!("SELECT id AS value FROM session WHERE user_id = '{user}'");
    let sessions = app.database.values(&sessions).expect("sessions");
    let session = sessions.last().expect("a session");
    Caller { user: Id::parse(user).expect("an id"), session: Id::parse(session).expect("an id") }
}

fn begun(app: &TestApp, login: &str) -> Exporting {
    let begun = export(&app.service, &caller(app, login), &study());
    begun.unwrap_or_else(|failure| panic!("{failure:?}"))
}

/// Whether the next piece is refused so, and none comes after it.
fn breaks_off(mut export: Exporting, refusal: &Refusal) -> bool {
    let next = export.next().expect("a piece or a refusal");
    let is_so = matches!(&next, Err(Failure::Refusal(found)) if found == refusal);
    is_so && export.next().is_none()
}

#[test]
fn a_long_journal_is_sent_as_it_is_written_and_proves_itself() {
    let app = played();
    lengthen(&app);
    for login in ["statistician", "supply", "monitor"] {
        let reply = app.person(login).get(&app.path("/journal/export"));
        assert_eq!((reply.status, reply.header("content-length")), (200, ""), "{login}");
        assert_eq!(failed(&reply.body, &[], &given()), [""; 0], "{login}");
        assert!(reply.body.lines().count() > 2_000, "{login}");
    }
    let pieces =
        begun(&app, "statistician").map(|piece| piece.unwrap_or_else(|failure| panic!("{failure:?}")));
    let pieces: Vec<String> = pieces.collect();
    assert_eq!(pieces.len(), 3);
    assert_eq!(failed(&pieces.concat(), &[], &given()), [""; 0]);
    let some = pieces.get(..2).expect("pieces").concat();
    assert!(!failed(&some, &[], &given()).is_empty(), "a part of it passes for nothing");
}

#[test]
fn an_export_breaks_off_when_the_right_ends_or_a_text_is_redacted() {
    let app = played();
    lengthen(&app);
    let (mut of_monitor, mut of_statistician) = (begun(&app, "monitor"), begun(&app, "statistician"));
    for export in [&mut of_monitor, &mut of_statistician] {
        assert!(export.next().is_some_and(|piece| piece.is_ok()) && !export.is_over());
    }
    let leaves = app.person("monitor").get(&app.path("/journal?limit=500")).expect(200);
    let leaves = leaves["journal"]["leaves"].as_array().expect("leaves").iter();
    let mut holds = leaves.filter(|line| line["leaf"]["act"]["kind"] == "hold_placed");
    let hold = holds.next().expect("a hold");
    let text = json!({ "leaf": hold["index"], "why": "identifies_subject" });
    let path = app.path("/redactions");
    let proposed = app.person("monitor").sign_and_post("propose_redaction", &path, &text).expect(201);
    let confirmation = format!("{path}/{}/confirmation", text_at(&proposed, "/redaction/id"));
    app.person("statistician").sign_and_post("confirm_redaction", &confirmation, &json!({})).expect(201);
    assert!(
        of_statistician.next().is_some_and(|piece| piece.is_ok()),
        "what stands before its end is as it was"
    );
    assert!(breaks_off(of_statistician, &Refusal::Busy));

    let users = app.person("admin").get("/users").expect(200);
    let mut users = users["users"].as_array().expect("users").iter();
    let monitor = users.find(|user| user["id"] == "monitor").expect("the monitor");
    let grant = text_at(monitor, "/grants/0/id");
    let revocation = format!("/users/monitor/grants/{grant}/revocation");
    app.person("admin").post(&revocation, &json!({ "reason": "left" })).expect(201);
    assert!(breaks_off(of_monitor, &Refusal::NotFound));
}
