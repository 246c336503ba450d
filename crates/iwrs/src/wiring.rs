//! Building the service out of the settings. Whatever is wrong is said in one clear line, and nothing is started.

use std::path::Path;
use std::sync::Arc;

use journal::{SigningKey, VerifyingKey};
use service::break_file::BreakFile;
use service::clock::Clock;
use service::entropy::Entropy;
use service::keys::{MasterKey, Sealer, SecretFile};
use service::mail::{Letterhead, Mailer};
use service::passwords::{self, Passwords};
use service::people::SecondFactorRule;
use service::tokens::TokenKeys;
use service::trust::Trust;
use service::{Parts, Service, Shared};
use store::Store;

use crate::commands::Failure;
use crate::settings::{Mail, SecondFactor, Settings, Transport};

/// The name under which checkpoints are signed.
const SIGNER: &str = "iwrs";

/// A service on the database of the settings, whose schema must be that of this program.
pub(crate) fn service(settings: &Settings) -> Result<Shared, Failure> {
    service_at(settings, Clock::System)
}

/// The same with another clock.
pub(crate) fn service_at(settings: &Settings, clock: Clock) -> Result<Shared, Failure> {
    let service = unproved_service(settings, clock)?;
    service.assert_master_key().map_err(undone)?;
    Ok(service)
}

/// The same on a database that is thrown away: what was seen of it is forgotten with the process.
pub(crate) fn throw_away_service(settings: &Settings, clock: Clock) -> Result<Shared, Failure> {
    built(settings, clock, Trust::in_process())
}

/// The same while some data keys may be wrapped under another master key than that of the settings: for replacing it.
pub(crate) fn unproved_service(settings: &Settings, clock: Clock) -> Result<Shared, Failure> {
    let trust = Trust::in_folder(&settings.state.directory);
    built(settings, clock, trust.map_err(|source| file(&settings.state.directory, source))?)
}

fn built(settings: &Settings, clock: Clock, trust: Trust) -> Result<Shared, Failure> {
    draw::self_test().map_err(refused)?;
    let store = Store::open(&settings.database.url).map_err(refused)?;
    store.assert_schema_current().map_err(refused)?;
    let entropy = Entropy::System;
    let master = MasterKey::load(&settings.keys.master).map_err(refused)?;
    let parts = Parts {
        store,
        clock,
        sealer: Sealer::Real,
        passwords: Passwords::new(passwords::Settings::LIVE, &entropy).map_err(refused)?,
        tokens: TokenKeys::load(&settings.keys.tokens, None).map_err(refused)?,
        checkpoints: signing_key(&settings.keys.checkpoints)?,
        trust,
        second_factor: match settings.log_in.second_factor {
            SecondFactor::Required => SecondFactorRule::Required,
            SecondFactor::Offered => SecondFactorRule::Offered,
        },
        breaks: BreakFile::in_folder(&settings.state.directory, &master),
        master,
        entropy,
    };
    Ok(Arc::new(Service::new(parts)))
}

/// Makes the keys that are not there yet, and brings the schema of the database up to this program.
pub(crate) fn prepare(settings: &Settings) -> Result<(), Failure> {
    for path in [&settings.keys.master, &settings.keys.tokens, &settings.keys.checkpoints] {
        if !path.exists() {
            make_folder_of(path)?;
            let bytes = Entropy::System.bytes().map_err(refused)?;
            SecretFile::from_bytes(bytes).write_new(path).map_err(refused)?;
        }
    }
    if let Some(path) = settings.database.url.strip_prefix("sqlite:") {
        make_folder_of(Path::new(path))?;
    }
    migrate(settings)
}

/// Brings the schema of the database up to this program.
pub(crate) fn migrate(settings: &Settings) -> Result<(), Failure> {
    Store::open(&settings.database.url).and_then(|store| store.migrate()).map_err(refused)
}

/// From whom mails come.
pub(crate) fn letterhead(settings: &Settings) -> Result<Letterhead, Failure> {
    let from = settings.mail.from.parse().map_err(refused)?;
    let service = format!("http://{}:{}", settings.server.host, settings.server.port);
    Ok(Letterhead { from, service })
}

/// The sender of mail.
pub(crate) fn mailer(mail: &Mail) -> Result<Mailer, Failure> {
    match mail.transport {
        Transport::Smtp => Ok(Mailer::smtp(&mail.host, mail.port)),
        Transport::Files => {
            std::fs::create_dir_all(&mail.directory).map_err(|source| file(&mail.directory, source))?;
            Mailer::file(&mail.directory).map_err(refused)
        }
    }
}

/// The key by which this service's checkpoints are verified.
pub(crate) fn verifying_key(settings: &Settings) -> Result<VerifyingKey, Failure> {
    Ok(signing_key(&settings.keys.checkpoints)?.verifying_key().clone())
}

fn signing_key(path: &Path) -> Result<SigningKey, Failure> {
    let file = SecretFile::load(path).map_err(refused)?;
    SigningKey::from_seed(SIGNER, *file.bytes()).map_err(refused)
}

fn make_folder_of(path: &Path) -> Result<(), Failure> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|source| file(folder, source))
}

fn file(path: &Path, source: std::io::Error) -> Failure {
    Failure::File { path: path.to_owned(), source }
}

/// One line for a use case that gave no answer.
pub(crate) fn undone(failure: service::Failure) -> Failure {
    match failure {
        service::Failure::Refusal(refusal) => Failure::Refused(refusal.to_string()),
        service::Failure::Fault(fault) => refused(fault),
    }
}

/// One line with the causes behind it. Some point at the place in a file with a drawing, which is left out.
pub(crate) fn refused(error: impl std::error::Error) -> Failure {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        line.push_str(&format!(": {source}"));
        cause = source.source();
    }
    let words = line.lines().map(str::trim).filter(|part| !part.starts_with('|') && !part.contains(" | "));
    Failure::Refused(words.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}
