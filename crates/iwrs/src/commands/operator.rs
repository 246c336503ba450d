//! The operator's acts: what only those can do who may read the server's keys. Each works on the database of the
//! settings, also while a server runs on it, and stands in the journal without a name.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use service::clock::Clock;
use service::keys::MasterKey;
use service::study::{self, NewDepot, NewRecipient, NewSite, NoDesign};
use service::{Shared, people};
use terms::{Country, DepotId, SiteId, StudyId};

use super::{Failure, read_text};
use crate::settings::Settings;
use crate::wiring::{self, refused, undone};

/// On which installation.
#[derive(Args)]
pub(crate) struct On {
    /// A file with settings; what it leaves out keeps its default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl On {
    fn settings(&self) -> Result<Settings, Failure> {
        Settings::read(self.config.as_deref()).map_err(refused)
    }

    pub(crate) fn service(&self) -> Result<Shared, Failure> {
        wiring::service(&self.settings()?)
    }
}

/// People: only the first two administrators are made here, and passwords that nobody else can set.
#[derive(Subcommand)]
pub(crate) enum User {
    /// Make one of the first two administrators, and print the one-time password.
    AddAdministrator {
        /// The log-in name.
        login: String,
        /// The name to show.
        #[arg(long)]
        name: String,
        /// The mail address.
        #[arg(long)]
        mail: String,
        #[command(flatten)]
        on: On,
    },
    /// Give somebody a new one-time password, and end all of their log-ins.
    Reset {
        /// The log-in name.
        login: String,
        #[command(flatten)]
        on: On,
    },
}

/// Both parts of a study's design.
#[derive(Args)]
pub(crate) struct Design {
    /// The public design.
    #[arg(long, value_name = "FILE")]
    design: PathBuf,
    /// The sealed design that belongs to it. It is stored sealed; keep the file away from every blinded person.
    #[arg(long, value_name = "FILE")]
    sealed: PathBuf,
    #[command(flatten)]
    on: On,
}

/// The keys that seal what is stored.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Make a new data key for a study, or for the installation, and seal everything anew under it, while servers run.
    /// Stopped half-way, run it again.
    Rotate {
        /// The study.
        #[arg(required_unless_present = "installation")]
        study: Option<StudyId>,
        /// What belongs to no study.
        #[arg(long, conflicts_with = "study")]
        installation: bool,
        #[command(flatten)]
        on: On,
    },
    /// Wrap all data keys under another master key. Stop every server before, and put the new key in the place of the
    /// old one after it. Stopped half-way, run it again.
    Rewrap {
        /// A file with the new master key as 64 hexadecimal digits, which nobody but its owner may read.
        #[arg(long, value_name = "FILE")]
        new_master: PathBuf,
        #[command(flatten)]
        on: On,
    },
}

/// Sites of a study.
#[derive(Subcommand)]
pub(crate) enum Site {
    /// Add a site to a study.
    Add {
        /// The study.
        study: StudyId,
        /// The site's id.
        site: SiteId,
        /// Its name.
        #[arg(long)]
        name: String,
        /// The IANA name of its time zone, in which visit windows and expiry are decided.
        #[arg(long)]
        time_zone: String,
        /// Its country, two capital letters as in ISO 3166-1: kits are used there once their batch is released in it.
        #[arg(long)]
        country: Country,
        #[command(flatten)]
        on: On,
    },
}

/// Depots of a study.
#[derive(Subcommand)]
pub(crate) enum Depot {
    /// Add a depot to a study.
    Add {
        /// The study.
        study: StudyId,
        /// The depot's id.
        depot: DepotId,
        /// Its name.
        #[arg(long)]
        name: String,
        /// Its country, two capital letters as in ISO 3166-1: kits go there once their batch is released in it.
        #[arg(long)]
        country: Country,
        #[command(flatten)]
        on: On,
    },
}

/// Recipients of notices.
#[derive(Subcommand)]
pub(crate) enum Recipient {
    /// Send a study's notices to an address.
    Add {
        /// The study.
        study: StudyId,
        /// The address.
        email: String,
        /// Send notices about supply, too: for unblinded persons alone.
        #[arg(long)]
        unblinded: bool,
        /// Send only what happens at this site.
        #[arg(long)]
        site: Option<SiteId>,
        #[command(flatten)]
        on: On,
    },
}

/// Brings the schema of the database up to this program.
pub(crate) fn migrate(on: &On) -> Result<(), Failure> {
    wiring::migrate(&on.settings()?)?;
    print("The schema is that of this program.")
}

/// Makes an administrator, or a new one-time password.
pub(crate) fn user(command: &User) -> Result<(), Failure> {
    let one_time = match command {
        User::AddAdministrator { login, name, mail, on } => {
            people::bootstrap_administrator(&on.service()?, login, name, mail)
        }
        User::Reset { login, on } => people::reset_by_operator(&on.service()?, login),
    };
    print(&one_time.map_err(undone)?)
}

/// Rotates a data key, or wraps all of them under another master key.
pub(crate) fn keys(command: &Keys) -> Result<(), Failure> {
    match command {
        Keys::Rotate { study, on, .. } => {
            let done = service::rotate::rotate(&on.service()?, study.clone()).map_err(undone)?;
            print(&format!("{} values are sealed anew, under version {}.", done.values, done.version))
        }
        Keys::Rewrap { new_master, on } => rewrap(new_master, on),
    }
}

fn rewrap(new_master: &Path, on: &On) -> Result<(), Failure> {
    let new = MasterKey::load(new_master).map_err(refused)?;
    let service = wiring::unproved_service(&on.settings()?, Clock::System)?;
    let keys = service::rewrap::rewrap(&service, new).map_err(undone)?;
    print(&format!("{keys} data keys were wrapped anew; put the new master key in the place of the old one."))
}

/// Opens a study.
pub(crate) fn open(files: &Design) -> Result<(), Failure> {
    let (design, sealed) = (read_text(&files.design)?, read_text(&files.sealed)?);
    let opened = study::open(&files.on.service()?, &design, &sealed).map_err(|why| files.refused(why))?;
    print(&format!("The study {opened} is open."))
}

/// Brings a new version of a study's design into force, before its first subject.
pub(crate) fn amend(study: &StudyId, files: &Design) -> Result<(), Failure> {
    let (design, sealed) = (read_text(&files.design)?, read_text(&files.sealed)?);
    let amended = study::amend(&files.on.service()?, study, &design, &sealed);
    let version = amended.map_err(|why| files.refused(why))?;
    print(&format!("Version {version} of the design of {study} is in force."))
}

impl Design {
    fn refused(&self, why: NoDesign) -> Failure {
        match why {
            NoDesign::Public(problems) => Failure::Study { path: self.design.clone(), problems },
            NoDesign::Sealed(problems) => Failure::Study { path: self.sealed.clone(), problems },
            NoDesign::Failure(failure) => undone(failure),
        }
    }
}

/// Adds a depot.
pub(crate) fn depot(command: Depot) -> Result<(), Failure> {
    let Depot::Add { study, depot, name, country, on } = command;
    let told = format!("The depot {depot} is in {study}.");
    study::add_depot(&on.service()?, &study, NewDepot { id: depot, name, country }).map_err(undone)?;
    print(&told)
}

/// Adds a site.
pub(crate) fn site(command: Site) -> Result<(), Failure> {
    let Site::Add { study, site, name, time_zone, country, on } = command;
    let told = format!("The site {site} is in {study}.");
    let new = NewSite { id: site, name, time_zone, country };
    study::add_site(&on.service()?, &study, new).map_err(undone)?;
    print(&told)
}

/// Adds a recipient of notices.
pub(crate) fn recipient(command: Recipient) -> Result<(), Failure> {
    let Recipient::Add { study, email, unblinded, site, on } = command;
    let told = format!("Notices of {study} go to {email}.");
    study::add_recipient(&on.service()?, &study, NewRecipient { site, email, unblinded }).map_err(undone)?;
    print(&told)
}

fn print(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
