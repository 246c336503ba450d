//! `iwrs serve`: the server, with the loops that send mail and write down what was counted.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::rt::System;
use clap::Args;
use service::Shared;
use service::mail::{Letterhead, Mailer};
use service::trust::Distrust;
use service::unblind::{self, Left, Merged, Why};
use service::{alerts, journal, notices, people, redact};

use super::Failure;
use crate::peers::Peers;
use crate::settings::Settings;
use crate::{telemetry, wiring};

/// How the server is started.
#[derive(Args)]
pub(crate) struct Serve {
    /// A file with settings; what it leaves out keeps its default.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Run the migrations of the database first.
    #[arg(long)]
    migrate: bool,
}

/// Serves until it is told to stop.
pub(crate) fn run(line: Serve) -> Result<(), Failure> {
    let settings = Settings::read(line.config.as_deref()).map_err(wiring::refused)?;
    telemetry::start(&settings.log)?;
    if line.migrate {
        wiring::migrate(&settings)?;
    }
    let service = wiring::service(&settings)?;
    tell_breaks(&service);
    let listener = listen(&settings)?;
    serve(listener, &settings, service)
}

/// Says at the start in which studies nothing will be allocated; everything else is served all the same.
fn tell_distrusted(service: &Shared) -> Result<(), Failure> {
    for (study, distrust) in service::trust::distrusted(service).map_err(wiring::undone)? {
        match distrust {
            Distrust::Unknown => tracing::error!(
                %study,
                "the state folder remembers no journal of this study: nothing is allocated; see `iwrs trust`"
            ),
            Distrust::Moved => tracing::error!(
                %study,
                "the database was restored, promoted or moved: nothing is allocated; see `iwrs trust`"
            ),
            Distrust::Contradicts => tracing::error!(
                %study, "another journal is remembered: nothing is allocated; see `iwrs trust`"
            ),
        }
    }
    Ok(())
}

/// Enters into the journal what the break file holds, and says at the start what stays in it. Nothing of it keeps the
/// server from starting: it may be started for the sake of the next code break.
fn tell_breaks(service: &Shared) {
    match unblind::merge(service) {
        Ok(Merged { entered, left }) => {
            if !entered.is_empty() {
                tracing::warn!(count = entered.len(), "code breaks of the break file are in the journal now");
            }
            left.iter().for_each(tell_left);
        }
        Err(failure) => tracing::error!(?failure, "the break file cannot be entered into the journal"),
    }
}

fn tell_left(left: &Left) {
    let Left { place, record, why } = left;
    let why = match why {
        Why::Damaged => {
            "it is damaged: torn when the machine stopped, and then nothing was shown, or altered"
        }
        Why::Distrusted => "the database is not trusted with the study",
        Why::Unknown => "the database does not know its study, its subject or the right of the person",
    };
    tracing::error!(place, ?record, why, "a code break stays in the break file");
}

/// The listener of the settings.
pub(crate) fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let address = (settings.server.host.as_str(), settings.server.port);
    TcpListener::bind(address)
        .map_err(|error| Failure::Refused(format!("cannot listen on {}:{}: {error}", address.0, address.1)))
}

/// Serves on a listener, with the loops beside it, until the process is told to stop.
pub(crate) fn serve(listener: TcpListener, settings: &Settings, service: Shared) -> Result<(), Failure> {
    let mut peers = Peers::at(&settings.state.peers);
    peers.ask(&service).map_err(wiring::undone)?;
    tell_distrusted(&service)?;
    let mailer = wiring::mailer(&settings.mail)?;
    let letterhead = wiring::letterhead(settings)?;
    let loops = Loops::start(Arc::clone(&service), mailer, letterhead, peers);
    // With port 0 the system chooses, and whoever started the server reads here what it chose.
    tracing::info!(address = %listener.local_addr()?, "listening");
    let serving = web::Serving { forwarded_for: settings.server.forwarded_for, ..web::Serving::default() };
    let served = System::new().block_on(async {
        let server = web::run(listener, service, serving)?;
        server.await
    });
    drop(loops);
    served.map_err(Failure::Print)
}

/// What happens beside the requests; it stops when dropped.
struct Loops {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Mail is looked for this often.
const BEAT: Duration = Duration::from_secs(5);
/// Every so many beats, what was counted is written down.
const BEATS_A_MINUTE: u32 = 12;

impl Loops {
    fn start(service: Shared, mailer: Mailer, letterhead: Letterhead, mut peers: Peers) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut beats = 0_u32;
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                beats = beats.wrapping_add(1);
                beat(&service, &mailer, &letterhead, beats.is_multiple_of(BEATS_A_MINUTE));
                if let Err(failure) = peers.ask(&service) {
                    tracing::warn!(?failure, "the peers could not be asked; it is tried again");
                }
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

fn beat(service: &Shared, mailer: &Mailer, letterhead: &Letterhead, is_minute: bool) {
    if let Err(failure) = notices::send_due(service, mailer, letterhead) {
        tracing::warn!(?failure, "the outbox could not be emptied; it is tried again");
    }
    if is_minute {
        enter_breaks(service);
        redact::forget(service);
    }
    if is_minute && let Err(failure) = journal::mail_checkpoints(service) {
        tracing::warn!(?failure, "no checkpoint could be mailed; it is tried again");
    }
    if is_minute && let Err(failure) = alerts::round::round(service) {
        tracing::warn!(?failure, "the alerts could not be looked after; it is tried again");
    }
    if is_minute && let Err(failure) = people::flush(service) {
        tracing::warn!(?failure, "what was counted could not be written down; it is tried again");
    }
}

fn enter_breaks(service: &Shared) {
    match unblind::merge(service) {
        Ok(Merged { entered, .. }) if entered.is_empty() => {}
        Ok(Merged { entered, .. }) => {
            tracing::warn!(count = entered.len(), "code breaks of the break file are in the journal now");
        }
        Err(failure) => tracing::warn!(?failure, "the break file could not be entered; it is tried again"),
    }
}

impl Drop for Loops {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the loops ended with a panic");
        }
    }
}
