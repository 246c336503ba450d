//! The demo: IMODALS with people for every role, on an embedded database.

pub(crate) mod folder;
pub(crate) mod packager;
mod plan;
mod replay;
pub(crate) mod setup;
mod tour;

use std::path::Path;

use service::clock::Clock;
use service::{Shared, people};
use trial::study::{SealedDesign, StudyDesign};

pub use packager::{Packager, found, pack};
pub use plan::Files;
pub(crate) use plan::Person;
pub use replay::{Line, Replay};
pub use setup::Cast;

use crate::commands::{Failure, serve};
use crate::demo::folder::Folder;
use crate::demo::tour::FirstPassword;
use crate::running::Running;
use crate::settings::{SecondFactor, Settings, Transport};
use crate::wiring::{self, refused, undone};

/// Brings a study into being on an empty database behind a running server: the operator's acts, people for every
/// role, the list in use and the kits on the shelf. Gives the people, logged in.
///
/// # Errors
/// One line that says what could not be done.
pub fn stage(service: &Shared, base: &str, files: &Files) -> Result<Cast, Failure> {
    let study = setup::open(service, files)?;
    let cast = setup::people(service, base, &study, files)?;
    setup::list(&cast)?;
    setup::kits(&cast, files, &kit_types(files)?)?;
    Ok(cast)
}

/// Opens or reopens the demo in a folder, and serves it.
pub(crate) fn run(data: &Path, port: u16, config: &Path) -> Result<(), Failure> {
    let files = Files::read(config)?;
    let settings = settings(data, port)?;
    crate::telemetry::start(&settings.log)?;
    folder::begin_whole(data, |new| stage_in(new, &files))?;
    wiring::migrate(&settings)?;
    let service = wiring::service(&settings)?;
    let listener = serve::listen(&settings)?;
    let base = format!("http://127.0.0.1:{port}");
    let design = design(&files)?;
    tour::write_functions(data, &base, &files.plan.site.id, &design)?;
    let entered = service.subjects_entered(&design.id).map_err(undone)?;
    tour::print(&first_passwords(&service, &files)?, data, &base, entered)?;
    serve::serve(listener, &settings, service)
}

/// Stages the study in a folder, behind a server of its own.
fn stage_in(folder: &Path, files: &Files) -> Result<(), Failure> {
    let settings = settings(folder, 0)?;
    wiring::prepare(&settings)?;
    let service = wiring::service(&settings)?;
    let server = Running::start(&service)?;
    let cast = stage(&service, server.base(), files)?;
    setup::on_its_way(&cast, files, &kit_types(files)?)?;
    let everybody = files.plan.people.iter();
    everybody
        .map(|person| people::reset_by_operator(&service, &person.login))
        .try_for_each(|reset| reset.map(drop).map_err(undone))
}

/// A new one-time password for everybody who has not yet replaced the last one: nobody keeps it in the clear.
fn first_passwords(service: &Shared, files: &Files) -> Result<Vec<FirstPassword>, Failure> {
    let mut first = Vec::new();
    for person in &files.plan.people {
        if people::has_one_time_password(service, &person.login).map_err(undone)? {
            let one_time = people::reset_by_operator(service, &person.login).map_err(undone)?;
            first.push(FirstPassword { login: person.login.clone(), role: person.role.clone(), one_time });
        }
    }
    Ok(first)
}

/// Plays the study on a throw-away database in a folder of its own within `place`, behind a server on this port (0 for
/// any), and reports. True when every line passed.
pub(crate) fn replay(place: &Path, port: u16, config: &Path) -> Result<bool, Failure> {
    let files = Files::read(config)?;
    let folder = Folder::within(place)?;
    let settings = settings(folder.path(), 0)?;
    wiring::prepare(&settings)?;
    let clock = Clock::fixed(Replay::opening(&files)?);
    let service = wiring::service_at(&settings, clock.clone())?;
    let server = Running::start_at(&service, port)?;
    let mut replay = Replay::begin(&service, server.base(), &clock, &files)?;
    replay.play()?;
    replay.close()?;
    Ok(replay::print(&replay.report(&wiring::verifying_key(&settings)?)?)?)
}

/// The settings of a demo in a folder: an embedded database, mails to files, no second factor demanded, and a log that
/// says only what is amiss.
pub(crate) fn settings(data: &Path, port: u16) -> Result<Settings, Failure> {
    let mut settings = Settings::read(None).map_err(refused)?;
    settings.server.port = port;
    settings.database.url = format!("sqlite:{}", data.join("iwrs.sqlite").display());
    settings.state.directory = data.join("state");
    let keys = data.join("keys");
    settings.keys.master = keys.join("master");
    settings.keys.tokens = keys.join("tokens");
    settings.keys.checkpoints = keys.join("checkpoints");
    // A newcomer tries the demo without a telephone at hand.
    settings.log_in.second_factor = SecondFactor::Offered;
    settings.mail.transport = Transport::Files;
    settings.mail.directory = data.join("mail");
    settings.log.level = "warn".to_owned();
    Ok(settings)
}

pub(crate) fn design(files: &Files) -> Result<StudyDesign, Failure> {
    StudyDesign::from_toml(&files.design)
        .map_err(|problems| Failure::Study { path: "imodals.toml".into(), problems })
}

fn sealed_design(files: &Files) -> Result<SealedDesign, Failure> {
    SealedDesign::from_toml(&files.sealed, &design(files)?)
        .map_err(|problems| Failure::Study { path: "imodals.sealed.toml".into(), problems })
}

/// The codes of the kit types, in the order of the sealed design.
pub(crate) fn kit_types(files: &Files) -> Result<Vec<String>, Failure> {
    let sealed = sealed_design(files)?;
    Ok(sealed.kit_types().iter().map(|kit_type| kit_type.code.clone()).collect())
}
