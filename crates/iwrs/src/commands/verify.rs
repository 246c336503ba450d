//! `iwrs verify`: checks an exported journal, without a database and without a network; or, as the operator, the
//! database itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use journal::{Check, Export, Outcome, VerifyingKey};
use trial::replay::{self, Given};

use super::list::read_seed;
use super::operator::On;
use super::{Failure, read_design, read_sealed, read_text};

/// The checks that must pass once a key is given: whoever gives one wants to know who signed.
const BY_KEY: [&str; 2] = ["checkpoints are signed", "export is signed whole"];

/// What is checked, and against what.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The exported journal.
    #[arg(required_unless_present = "rebuild")]
    export: Option<PathBuf>,
    /// Replay the journals of the installation's own database instead, and compare every row that follows from them.
    #[arg(long, conflicts_with_all = ["export", "checkpoint", "key", "study", "sealed", "seed_file"])]
    rebuild: bool,
    /// Set the rows anew before that say how kits, lists and subjects stand now. No other row is ever touched, and
    /// these are not while any other differs.
    #[arg(long, requires = "rebuild")]
    repair: bool,
    #[command(flatten)]
    on: On,
    /// A checkpoint that came by another way than the export, such as by mail. Only these show that the newest
    /// leaves were cut off.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A key known from elsewhere to be that of the service: name+id+key, as it stands in the first line of an export.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// The public design.
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
    /// The sealed design that belongs to it.
    #[arg(long, value_name = "FILE", requires = "study")]
    sealed: Option<PathBuf>,
    /// A file with the seed of a list as 64 hexadecimal digits, which nobody but its owner may read.
    #[arg(long, value_name = "FILE", requires = "sealed")]
    seed_file: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(export) = &arguments.export else {
        return super::rebuild::run(&arguments.on, arguments.repair);
    };
    let file = read_text(export)?;
    let mailed = arguments.checkpoint.iter().map(|path| read_text(path)).collect::<Result<Vec<_>, _>>()?;
    let keys = arguments.key.iter().map(|key| read_key(key)).collect::<Result<Vec<_>, _>>()?;
    let given = given(arguments)?;
    let mut checks = journal::verify_text(&file, &mailed, &keys);
    if let Ok(export) = Export::parse(&file) {
        checks.extend(replay::replay(&export, &given));
    }
    print(&checks, &mut io::stdout().lock())?;
    judge(&checks, !keys.is_empty())
}

fn given(arguments: &Arguments) -> Result<Given, Failure> {
    let mut given = Given::default();
    if let Some(path) = &arguments.study {
        let design = read_design(path)?;
        given.sealed = arguments.sealed.as_deref().map(|path| read_sealed(path, &design)).transpose()?;
        given.design = Some(design);
    }
    let seeds = arguments.seed_file.iter().map(|path: &PathBuf| read_seed(Path::new(path)));
    given.seeds = seeds.collect::<Result<_, _>>()?;
    Ok(given)
}

fn read_key(text: &str) -> Result<VerifyingKey, Failure> {
    text.parse().map_err(|bad: journal::BadKey| Failure::Refused(format!("{text}: {bad}")))
}

/// One line for a check: what came of it, its name, and why.
fn print(checks: &[Check], out: &mut impl Write) -> io::Result<()> {
    for Check { name, outcome } in checks {
        match outcome {
            Outcome::Passed => writeln!(out, "passed         {name}")?,
            Outcome::Failed(why) => writeln!(out, "FAILED         {name}: {why}")?,
            Outcome::NotCheckable(why) => writeln!(out, "not checkable  {name}: {why}")?,
        }
    }
    let count = |wanted: fn(&Outcome) -> bool| checks.iter().filter(|check| wanted(&check.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let open = count(|outcome| matches!(outcome, Outcome::NotCheckable(_)));
    writeln!(out, "\n{passed} passed, {failed} failed, {open} not checkable in this view")?;
    out.flush()
}

fn judge(checks: &[Check], has_key: bool) -> Result<(), Failure> {
    let failed = checks.iter().any(|check| matches!(check.outcome, Outcome::Failed(_)));
    let passed = |name| checks.iter().any(|check| check.name == name && check.outcome == Outcome::Passed);
    if failed {
        return Err(Failure::Refused("this export is not what it should be".to_owned()));
    }
    if has_key && !BY_KEY.into_iter().all(passed) {
        return Err(Failure::Refused("the signatures could not be checked with the keys given".to_owned()));
    }
    Ok(())
}
