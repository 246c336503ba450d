//! The command line: one command for each thing that can be done without a browser.
//!
//! It is a library so that the tests can start the very same program.

mod bench;
pub mod client;
mod commands;
pub mod demo;
mod peers;
mod running;
mod settings;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use commands::Failure;
pub use running::Running;

/// A randomization and blinded drug-supply service for clinical trials.
#[derive(Parser)]
#[command(name = "iwrs", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Study files.
    #[command(subcommand)]
    Study(commands::study::Command),
    /// Block designs.
    #[command(subcommand)]
    Design(commands::design::Command),
    /// IMODALS on an embedded database, to be tried at once.
    Demo(commands::demo::Demo),
    /// What the supply of a study would tell a blinded observer.
    #[command(subcommand)]
    Supply(commands::supply::Command),
    /// The server.
    Serve(commands::serve::Serve),
    /// Bring the schema of the database up to this program.
    Migrate(commands::operator::On),
    /// The first administrators, and one-time passwords.
    #[command(subcommand)]
    User(commands::operator::User),
    /// The keys that seal what is stored.
    #[command(subcommand)]
    Keys(commands::operator::Keys),
    /// Depots of a study.
    #[command(subcommand)]
    Depot(commands::operator::Depot),
    /// Sites of a study.
    #[command(subcommand)]
    Site(commands::operator::Site),
    /// Recipients of a study's notices.
    #[command(subcommand)]
    Recipient(commands::operator::Recipient),
    /// Allocation lists.
    #[command(subcommand)]
    List(commands::list::Command),
    /// Let this instance allocate from a database that it has not seen from the beginning.
    Trust(commands::trust::Trust),
    /// How fast it is on this machine: the allocator, and randomizing over HTTP.
    Bench(commands::bench::Bench),
    /// Check an exported journal, offline: its hashes, its signatures, and what it tells; or the database against its
    /// own journal.
    Verify(commands::verify::Arguments),
}

/// Reads the command line and does what it says. The exit code is 0 when it was done, 1 when it was not, and 2 when
/// the command line makes no sense.
pub fn main() -> ExitCode {
    let done = match Line::parse().command {
        Command::Study(command) => commands::study::run(command),
        Command::Demo(line) => commands::demo::run(line),
        Command::Supply(command) => commands::supply::run(command),
        Command::Serve(line) => commands::serve::run(line),
        Command::Design(command) => commands::design::run(command),
        Command::List(command) => commands::list::run(command),
        Command::Migrate(on) => commands::operator::migrate(&on),
        Command::User(command) => commands::operator::user(&command),
        Command::Keys(command) => commands::operator::keys(&command),
        Command::Depot(command) => commands::operator::depot(command),
        Command::Site(command) => commands::operator::site(command),
        Command::Recipient(command) => commands::operator::recipient(command),
        Command::Bench(line) => commands::bench::run(&line),
        Command::Trust(line) => commands::trust::run(&line),
        Command::Verify(arguments) => commands::verify::run(&arguments),
    };
    commands::exit(done)
}
