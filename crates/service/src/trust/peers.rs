//! Trust that comes from the other servers of the same database: what each of them remembers of a journal.
//!
//! Question and answer are signed with the installation's checkpoint key, which all its servers have, so that nobody
//! else is answered and nobody else is believed. The answer repeats the word of the question: an old one, which could
//! leave out what was lost, is no answer. Both have origins that no study has, and never pass for a mailed checkpoint.

use std::slice;
use std::sync::PoisonError;

use journal::{BadNote, Checkpoint, Frontier};
use store::rows::leaf;
use store::{Conn, Tree};
use terms::StudyId;
use trial::Refusal;

use super::given::{assert_prefix, judge};
use super::memory::Remembered;
use super::{Accepted, Untrusted};
use crate::failure::{Failure, instrument};
use crate::service::Service;

/// What a peer answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its address.
    pub peer: String,
    /// A signed note for each study that it remembers.
    pub notes: Vec<String>,
}

/// A new question to all peers.
///
/// # Errors
/// A fault when the system gives no random bytes.
pub fn ask(service: &Service) -> Result<String, Failure> {
    let word = service.entropy.id::<()>()?.to_string();
    let question = sign(service, &format!("{QUESTION}{word}"), &Frontier::empty())?;
    *service.trust.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(question.clone());
    Ok(question)
}

/// Answers a peer with what this instance remembers. The database is not asked: what it holds proves nothing.
///
/// # Errors
/// [`Refusal::Field`] when no server of this installation asks, or this one itself: an address that leads back here
/// would let a server vouch for itself. A fault when what is remembered cannot be read.
pub fn answer(service: &Service, question: &str) -> Result<Vec<String>, Failure> {
    let refused = |why: &str| Refusal::field("question", why);
    let key = service.checkpoints.verifying_key();
    let asked = Checkpoint::parse_and_verify(question, slice::from_ref(key));
    let asked = asked.map_err(|_bad| refused("is not signed by a server of this installation"))?;
    let word = asked.origin.strip_prefix(QUESTION).ok_or_else(|| refused("is none of a server"))?;
    let own = service.trust.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if own.as_deref() == Some(question) {
        return Err(refused("was asked by this server itself").into());
    }
    let remembered = service.trust.memory.all().map_err(instrument)?;
    let note =
        |(study, known): (StudyId, Remembered)| sign(service, &answer_origin(word, &study), &known.frontier);
    remembered.into_iter().map(note).collect()
}

/// Trusts the database with a study when every peer answered this question, and the journal extends what each of
/// them remembers. The answers are those of all peers: that none is left out is for the caller to see to.
///
/// # Errors
/// [`Untrusted`]; without any answer, too.
pub fn accept_peers(
    service: &Service,
    study: &StudyId,
    question: &str,
    heard: &[Heard],
) -> Result<Accepted, Untrusted> {
    let read = service.store.read(|conn| {
        let proved = proved(service, conn, study, question, heard)?;
        Ok::<_, store::Failure<Untrusted>>(proved)
    });
    let (accepted, remembered) = read.map_err(|failure| match failure {
        store::Failure::Refusal(untrusted) => untrusted,
        store::Failure::Fault(fault) => Untrusted::Fault(fault),
    })?;
    if service.trust.keep(study, &remembered) { Ok(accepted) } else { Err(Untrusted::NotKept) }
}

fn proved(
    service: &Service,
    conn: &mut Conn,
    study: &StudyId,
    question: &str,
    heard: &[Heard],
) -> Result<(Accepted, Remembered), Untrusted> {
    let tree = Tree::Study(study.clone());
    let head = leaf::frontier(conn, &tree)?;
    let mut newest = None;
    for Heard { peer, notes } in heard {
        let of_peer = |why: Untrusted| Untrusted::Peer { peer: peer.clone(), why: Box::new(why) };
        let known = remembered_by(service, study, question, notes).map_err(of_peer)?;
        assert_prefix(conn, &tree, &known, &head).map_err(of_peer)?;
        newest = newest.max(Some(known.size));
    }
    let checkpoint = newest.ok_or(Untrusted::NothingRemembered)?;
    let judged = judge(service, conn, study, &head)?;
    let last_saved = leaf::last_saved(conn, &tree)?;
    let accepted = Accepted { study: study.clone(), checkpoint, journal: head.size(), last_saved };
    Ok((accepted, judged.as_of(&head)))
}

/// What a peer remembers of the study, by its answer to this question.
fn remembered_by(
    service: &Service,
    study: &StudyId,
    question: &str,
    notes: &[String],
) -> Result<Checkpoint, Untrusted> {
    let keys = slice::from_ref(service.checkpoints.verifying_key());
    let asked = Checkpoint::parse_and_verify(question, keys)?;
    let word = asked.origin.strip_prefix(QUESTION).ok_or(BadNote::Malformed("not a question"))?;
    let origin = answer_origin(word, study);
    for note in notes {
        let known = Checkpoint::parse_and_verify(note, keys)?;
        if known.origin == origin {
            return Ok(known);
        }
    }
    Err(Untrusted::NothingRemembered)
}

const QUESTION: &str = "iwrs-peer-question/";

fn answer_origin(word: &str, study: &StudyId) -> String {
    format!("iwrs-peer-answer/{word}/{study}")
}

fn sign(service: &Service, origin: &str, frontier: &Frontier) -> Result<String, Failure> {
    let checkpoint = Checkpoint::new(origin, frontier.head());
    let note = service.checkpoints.sign_extension(None, &[], &checkpoint).map_err(instrument)?;
    Ok(note.into())
}
