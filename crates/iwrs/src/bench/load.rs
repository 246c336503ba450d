//! Randomizing over HTTP: signed before, then sent by many clients at a time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::stage::{Staged, Subject};
use crate::bench::timing::Timing;
use crate::client::{Client, ClientError};
use crate::commands::Failure;

/// So many passwords are checked at once by the server; more signers would only wait.
const SIGNERS: usize = 2;

/// A randomization that is ready to be sent.
pub(super) struct Request {
    path: String,
    body: Value,
    key: String,
    signature: String,
    token: Option<String>,
}

/// Signs the randomization of every subject. Argon2 makes a signature slow on purpose, so it is no part of what is
/// measured; signatures are good for a minute, so all must be made in less.
pub(super) fn sign(staged: &Staged, subjects: &[Subject]) -> Result<Vec<Request>, Failure> {
    let share = subjects.len().div_ceil(SIGNERS).max(1);
    thread::scope(|scope| {
        let signers: Vec<_> = subjects
            .chunks(share)
            .map(|share| scope.spawn(|| share.iter().map(|subject| request(staged, subject)).collect()))
            .collect();
        let mut requests = Vec::new();
        for signer in signers {
            let signed: Result<Vec<Request>, Failure> = signer.join().map_err(|_panic| stopped())?;
            requests.extend(signed?);
        }
        Ok(requests)
    })
}

fn request(staged: &Staged, subject: &Subject) -> Result<Request, Failure> {
    let investigator = staged.investigator(subject)?;
    let path = staged.path(&format!("/subjects/{}/randomization", subject.number));
    let body = staged.eligible.clone();
    let signature = investigator.sign("randomize", &path, &body)?;
    Ok(Request { path, body, key: investigator.next_key(), signature, token: investigator.token.clone() })
}

/// Sends all requests, each once, by so many clients at a time that each keep one connection.
pub(super) fn send(base: &str, requests: &[Request], clients: usize) -> Result<Timing, Failure> {
    let (next, start) = (AtomicUsize::new(0), Barrier::new(clients));
    thread::scope(|scope| {
        let client = || -> Result<Share, ClientError> {
            let mut client = Client::anonymous(base);
            // The connection is open before the first request is measured.
            let opened = client.get("/me");
            start.wait();
            opened?;
            let began = Instant::now();
            let mut each = Vec::new();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                each.push(randomize(&mut client, request)?);
            }
            Ok(Share { began, ended: Instant::now(), each })
        };
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        let shares = clients.into_iter().map(|client| client.join().map_err(|_panic| stopped()));
        let shares: Vec<_> = shares.collect::<Result<_, _>>()?;
        Ok(together(shares.into_iter().collect::<Result<_, _>>()?))
    })
}

/// What one client did.
struct Share {
    began: Instant,
    ended: Instant,
    each: Vec<Duration>,
}

fn randomize(client: &mut Client, request: &Request) -> Result<Duration, ClientError> {
    client.token.clone_from(&request.token);
    let began = Instant::now();
    let reply = client.post_signed(&request.path, &request.body, &request.key, &request.signature)?;
    let took = began.elapsed();
    client.expect(201, "POST", &request.path, &reply)?;
    Ok(took)
}

/// All shares as one: from the first beginning to the last end.
fn together(shares: Vec<Share>) -> Timing {
    let began = shares.iter().map(|share| share.began).min();
    let ended = shares.iter().map(|share| share.ended).max();
    let took = began.zip(ended).map(|(began, ended)| ended - began).unwrap_or_default();
    Timing::new(shares.into_iter().flat_map(|share| share.each).collect(), took)
}

fn stopped() -> Failure {
    Failure::Refused("a client of the benchmark stopped with a panic".to_owned())
}
