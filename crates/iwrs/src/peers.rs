//! Asking the other servers of the same database what they remember, when this one may not allocate.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use service::Shared;
use service::trust::{self, Distrust, Heard};
use terms::StudyId;
use ureq::Agent;

/// An answer is a file or two read and signed; the mail waits for the loop that asks.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The other servers, and what was last said of them.
pub(crate) struct Peers {
    addresses: Vec<String>,
    agent: Agent,
    told: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    checkpoints: Vec<String>,
}

impl Peers {
    /// Servers at these addresses, such as `http://10.0.0.2:8080`.
    pub(crate) fn at(addresses: &[String]) -> Self {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).build();
        Self { addresses: addresses.to_vec(), agent: config.into(), told: Vec::new() }
    }

    /// Asks all peers, when allocations are stopped for want of trust and there is anybody to ask; and goes on with
    /// the studies of which every one of them remembers a part of the journal in the database.
    pub(crate) fn ask(&mut self, service: &Shared) -> Result<(), service::Failure> {
        if self.addresses.is_empty() {
            return Ok(());
        }
        let stopped = trust::distrusted(service)?.into_iter();
        let stopped = stopped.filter(|(_, why)| *why != Distrust::Contradicts).map(|(study, _)| study);
        let stopped: Vec<StudyId> = stopped.collect();
        let told = if stopped.is_empty() { Vec::new() } else { self.try_to_go_on(service, &stopped)? };
        // Only what is new is said: the question is asked again and again.
        for line in told.iter().filter(|line| !self.told.contains(line)) {
            tracing::error!("allocations stay stopped: {line}");
        }
        self.told = told;
        Ok(())
    }

    /// Asks, and says what stands in the way.
    fn try_to_go_on(&self, service: &Shared, stopped: &[StudyId]) -> Result<Vec<String>, service::Failure> {
        let question = trust::ask(service)?;
        let (mut heard, mut obstacles) = (Vec::new(), Vec::new());
        for peer in &self.addresses {
            match self.notes_of(peer, &question) {
                Ok(notes) => heard.push(Heard { peer: peer.clone(), notes }),
                Err(error) => obstacles.push(format!("the peer {peer} gives no answer: {error}")),
            }
        }
        if !obstacles.is_empty() {
            return Ok(obstacles);
        }
        for study in stopped {
            match trust::accept_peers(service, study, &question, &heard) {
                Ok(accepted) => tracing::info!(
                    %study, remembered = accepted.checkpoint, journal = accepted.journal,
                    "all peers remember a part of this journal: allocations go on"
                ),
                Err(untrusted) => obstacles.push(format!("{study}: {untrusted}")),
            }
        }
        Ok(obstacles)
    }

    fn notes_of(&self, peer: &str, question: &str) -> Result<Vec<String>, ureq::Error> {
        let address = format!("{}/api/v1/checkpoints", peer.trim_end_matches('/'));
        let mut answer = self.agent.post(&address).send_json(json!({ "question": question }))?;
        Ok(answer.body_mut().read_json::<Answer>()?.checkpoints)
    }
}
