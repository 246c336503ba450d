//! The rollback detector asks the other servers of the same database.

use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::Engine;
use iwrs_tests::folder::TempFolder;
use iwrs_tests::process::{Installation, Server};
use serde_json::{Value, json};
use service::trust::{Heard, Untrusted, accept_peers, answer, ask};
use store::Failure;
use terms::StudyId;
use trial::Refusal;

use crate::once::PROGRAM;
use crate::trust::{distrusts, imodals, service_in};

/// A server with a state folder and peers of its own.
fn server(installation: &Installation, folder: &str, peers: &[&str]) -> Server {
    let folder = installation.file(folder).display().to_string();
    let peers = peers.join(",");
    let mut variables = vec![("IWRS__STATE__DIRECTORY", folder.as_str())];
    if !peers.is_empty() {
        variables.push(("IWRS__STATE__PEERS", &peers));
    }
    installation.start_with(&variables)
}

/// Enters a subject and asks for a randomization: 201, or 503 when allocations are stopped.
fn randomize(installation: &Installation, server: &Server, subject: &str) -> u16 {
    let investigator = installation.log_in(server, "investigator");
    let entry = json!({ "screening_number": subject, "site": "34-001", "birth_year": 1955, "sex": "female",
                "duplicate_reason": "the same year by chance" });
    let post = |path: &str, body: &Value, signature: Option<&str>| {
        let key = format!("{subject}-{}", path.len());
        match signature {
            Some(signature) => investigator.post_signed(path, body, &key, signature),
            None => investigator.post_with_key(path, body, &key),
        }
    };
    post("/studies/imodals/subjects", &entry, None).expect(201);
    let path = format!("/studies/imodals/subjects/{subject}/randomization");
    let mut eligible = iwrs_tests::app::eligible();
    eligible["consent_date"] = json!(today());
    let signature = investigator.sign("randomize", &path, &eligible);
    post(&path, &eligible, Some(&signature)).status
}

/// The servers go by the system's clock.
fn today() -> String {
    service::clock::Clock::System.now().to_string()[..10].to_owned()
}

/// Whether a line of the log says all this.
fn says(server: &Server, words: &[&str]) -> bool {
    server.log().iter().any(|line| words.iter().all(|word| line.contains(word)))
}

/// Everything after the journal's first leaves is gone, and the head stands as it did then.
fn take_back(installation: &Installation, (size, frontier): &(String, String)) {
    let tree = "tree = 'study/imodals'";
    let (open, bytes) = match Engine::from_env() {
        Engine::Sqlite => ("DROP TRIGGER journal_leaf_no_delete", format!("x'{frontier}'")),
        Engine::Postgres => {
            ("ALTER TABLE journal_leaf DISABLE TRIGGER ALL", format!("decode('{frontier}', 'hex')"))
        }
    };
    let sql = format!(
        "{open}; DELETE FROM journal_leaf WHERE {tree} AND leaf_index >= {size};
         UPDATE tree_head SET size = {size}, frontier = {bytes} WHERE {tree}"
    );
    installation.database.execute(&sql).expect("somebody with the database's password can do that");
}

/// The size and the frontier of the journal.
fn head(installation: &Installation) -> (String, String) {
    let hex = match Engine::from_env() {
        Engine::Sqlite => "lower(hex(frontier))",
        Engine::Postgres => "encode(frontier, 'hex')",
    };
    let value = |column: &str| {
        let sql = format!("SELECT {column} AS value FROM tree_head WHERE tree = 'study/imodals'");
        installation.database.values(&sql).expect("a head").remove(0)
    };
    (value("CAST(size AS TEXT)"), value(hex))
}

#[test]
fn a_server_that_lost_its_folder_is_trusted_through_all_its_peers_or_not_at_all() {
    let installation = Installation::imodals(PROGRAM);
    let mut first = installation.start();
    assert_eq!(randomize(&installation, &first, "S-001"), 201);
    let alone = server(&installation, "alone", &[]);
    assert_eq!(randomize(&installation, &alone, "S-002"), 503);
    // A peer that remembers nothing vouches for nothing.
    let empty = server(&installation, "second", &[alone.base()]);
    assert_eq!(randomize(&installation, &empty, "S-003"), 503);
    assert!(says(&empty, &["allocations stay stopped", alone.base(), "remembers nothing"]));
    drop(empty);
    let both = server(&installation, "second", &[first.base(), alone.base()]);
    assert_eq!(randomize(&installation, &both, "S-004"), 503);
    drop(both);
    let second = server(&installation, "second", &[first.base()]);
    assert!(says(&second, &["all peers remember a part of this journal"]));
    assert_eq!(randomize(&installation, &second, "S-005"), 201);
    // Now it has a memory of its own: whether the peer answers is nothing to it.
    let peer = first.base().to_owned();
    first.kill();
    drop(second);
    let second = server(&installation, "second", &[&peer]);
    assert_eq!(randomize(&installation, &second, "S-006"), 201);
    let third = server(&installation, "third", &[second.base(), &peer]);
    assert_eq!(randomize(&installation, &third, "S-007"), 503);
    assert!(says(&third, &["allocations stay stopped", "gives no answer", &peer]));
}

#[test]
fn a_peer_that_knows_of_lost_commits_keeps_the_others_stopped() {
    let installation = Installation::imodals(PROGRAM);
    let first = installation.start();
    let before = head(&installation);
    assert_eq!(randomize(&installation, &first, "S-001"), 201);
    take_back(&installation, &before);
    let second = server(&installation, "second", &[first.base()]);
    assert_eq!(randomize(&installation, &second, "S-002"), 503);
    assert!(says(&second, &["allocations stay stopped", first.base(), "does not extend"]));
}

#[test]
fn only_servers_of_the_installation_are_answered_and_only_answers_to_this_question_are_believed() {
    let (folder, other) = (TempFolder::new(), TempFolder::new());
    let app = imodals(folder.path());
    let study = StudyId::parse("imodals").expect("an id");
    let lost = service_in(app.database.url(), other.path());
    let old = ask(&lost).expect("a question");
    let question = ask(&lost).expect("a question");
    let peer = || "http://peer".to_owned();
    let heard = |notes: Vec<String>| [Heard { peer: peer(), notes }];
    let why = |heard: &[Heard]| match accept_peers(&lost, &study, &question, heard) {
        Err(Untrusted::Peer { peer: of, why }) => {
            assert_eq!(of, peer());
            why.to_string()
        }
        Err(untrusted) => untrusted.to_string(),
        Ok(accepted) => panic!("{accepted:?}"),
    };
    assert_eq!(why(&[]), "it remembers nothing of the study", "nobody was asked");
    let earlier = answer(&app.service, &old).expect("an answer");
    assert_eq!(why(&heard(earlier)), "it remembers nothing of the study", "the answer to another question");
    let notes = answer(&app.service, &question).expect("an answer");
    let forged = notes.iter().map(|note| note.replacen("imodals\n", "imodals\n1", 1)).collect();
    assert!(why(&heard(forged)).contains("not to be believed"));
    let mailed = crate::trust::checkpoint(&app);
    assert_eq!(why(&heard(vec![mailed.clone()])), "it remembers nothing of the study", "a mailed checkpoint");
    for bad in [question.replacen("question", "questio", 1), mailed, String::new()] {
        assert!(matches!(answer(&app.service, &bad), Err(Failure::Refusal(Refusal::Field(..)))), "{bad}");
    }
    let own = answer(&lost, &question);
    assert!(matches!(own, Err(Failure::Refusal(Refusal::Field(..)))), "a server does not vouch for itself");
    assert!(service::trust::accept(&lost, &notes[0]).is_err(), "an answer is no mailed checkpoint");
    assert_eq!(distrusts(&lost).len(), 1);
    accept_peers(&lost, &study, &question, &heard(notes)).expect("a prefix");
    assert_eq!(distrusts(&lost), []);
    let body = json!({ "question": question });
    let told = Client::anonymous(app.base()).post("/checkpoints", &body).expect(200);
    assert_eq!(told["checkpoints"].as_array().map(Vec::len), Some(1));
}
