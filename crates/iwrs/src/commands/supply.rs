//! `iwrs supply`: what shipments, picks and refusals tell a blinded observer of who shares an arm with whom.

use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use journal::Export;
use observer::{Deduction, Observation, Pair, Verdict, deduce};
use terms::SubjectId;
use trial::observed::{self, Pairs, Told, watch};
use trial::rehearsal::{Conditions, Rehearsed, SupplyPolicy, rehearse, seed_of};

use super::{Failure, read_design, read_sealed, read_text};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Count the pairs of subjects of which a blinded observer can prove that they share an arm, or do not.
    ///
    /// FILE is the public design of a study, with --sealed: whole trials are simulated, and judged one by one. Or it
    /// is the exported journal of a study, with --study, or an observation as JSON (docs/SUPPLY.md): then what was
    /// really seen is judged, site by site, and every pair that is proved is named: keep the answer from everybody
    /// blinded. The exit code is 1 when the supply proves any pair without a code break.
    Leaks(Leaks),
}

#[derive(clap::Args)]
pub(crate) struct Leaks {
    /// The public design of a study, an exported journal, or an observation.
    file: PathBuf,
    /// The public design of the study whose journal it is.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["runs", "policy", "breaks"])]
    study: Option<PathBuf>,
    /// The sealed design that belongs to the study.
    #[arg(long, value_name = "FILE")]
    sealed: Option<PathBuf>,
    /// How many trials are simulated.
    #[arg(long, default_value = "20", requires = "sealed")]
    runs: NonZeroU32,
    /// How kits are sent and picked; all but the first are forbidden, and show what the observer can do.
    #[arg(long, value_enum, default_value_t = Policy::Shipped, requires = "sealed")]
    policy: Policy,
    /// Judge every trial once more with so many broken codes.
    #[arg(long, default_value_t = 0, requires = "sealed")]
    breaks: usize,
}

/// A policy as it is named on the command line.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Policy {
    Shipped,
    OneOfEach,
    SingleKits,
    LowestNumberFirst,
    EarliestExpiryFirst,
}

impl From<Policy> for SupplyPolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Shipped => Self::Shipped,
            Policy::OneOfEach => Self::OneOfEach,
            Policy::SingleKits => Self::SingleKits,
            Policy::LowestNumberFirst => Self::LowestNumberFirst,
            Policy::EarliestExpiryFirst => Self::EarliestExpiryFirst,
        }
    }
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    let Command::Leaks(asked) = command;
    let mut out = io::stdout().lock();
    let proved = match (&asked.study, &asked.sealed) {
        (Some(study), sealed) => judge_journal(&asked.file, study, sealed.as_deref(), &mut out)?,
        (None, Some(sealed)) => simulate(&asked, sealed, &mut out)?,
        (None, None) => judge(&asked.file, &mut out)?,
    };
    out.flush()?;
    match proved {
        0 => Ok(()),
        proved => Err(Failure::Refused(format!(
            "the supply proves of {proved} pair(s) of subjects whether they share an arm"
        ))),
    }
}

/// What several runs come to.
#[derive(Default)]
struct Sum {
    pairs: usize,
    by_blocks: usize,
    by_supply: usize,
    by_supply_with_breaks: usize,
    not_served: u32,
    refused: u32,
    kits_per_type: u32,
}

fn simulate(asked: &Leaks, sealed: &Path, out: &mut impl Write) -> Result<usize, Failure> {
    let design = read_design(&asked.file)?;
    let sealed = read_sealed(sealed, &design)?;
    let mut sum = Sum::default();
    for number in 0..asked.runs.get() {
        let seed = seed_of(number);
        let done = rehearse(&design, &sealed, asked.policy.into(), &Conditions::IMODALS, &seed);
        let found = settle(&done.seen)?;
        let broken =
            (asked.breaks > 0).then(|| settle(&done.with_breaks(asked.breaks, &seed))).transpose()?;
        write_run(out, number, &done, &found)?;
        if let Some(broken) = &broken {
            let (blocks, supply) = (broken.by_blocks(), broken.by_supply());
            writeln!(
                out,
                "    with {} code breaks: by the blocks {blocks}, by the supply {supply}",
                asked.breaks
            )?;
            sum.by_supply_with_breaks += supply;
        }
        out.flush()?;
        sum.pairs += found.pairs.len();
        sum.by_blocks += found.by_blocks();
        sum.by_supply += found.by_supply();
        sum.not_served += done.not_served;
        sum.refused += done.refused;
        sum.kits_per_type = sum.kits_per_type.max(done.kits_per_type);
    }
    write_sum(out, asked, &sum)?;
    Ok(sum.by_supply)
}

fn settle(seen: &Observation) -> Result<Deduction, Failure> {
    deduce(seen).map_err(|contradiction| Failure::Refused(contradiction.to_string()))
}

fn write_run(out: &mut impl Write, number: u32, done: &Rehearsed, found: &Deduction) -> io::Result<()> {
    let (pairs, blocks, supply) = (found.pairs.len(), found.by_blocks(), found.by_supply());
    write!(out, "run {number}: {pairs} pairs, by the blocks alone {blocks}, by the supply {supply}; ")?;
    write!(out, "visits without a kit {}, randomizations put off {}; ", done.not_served, done.refused)?;
    writeln!(out, "{} boxes, {} kits of every type", done.boxes, done.kits_per_type)
}

fn write_sum(out: &mut impl Write, asked: &Leaks, sum: &Sum) -> io::Result<()> {
    let Sum { pairs, by_blocks, by_supply, .. } = sum;
    write!(out, "{} runs, {pairs} pairs: ", asked.runs)?;
    writeln!(out, "proved by the blocks alone {by_blocks}, by the supply {by_supply}")?;
    if asked.breaks > 0 {
        let (breaks, supply) = (asked.breaks, sum.by_supply_with_breaks);
        writeln!(out, "with {breaks} code breaks: proved by the supply over blocks and breaks {supply}")?;
    }
    write!(out, "visits without a kit {}, randomizations put off {}, ", sum.not_served, sum.refused)?;
    writeln!(out, "at most {} kits of every type", sum.kits_per_type)
}

fn judge(file: &Path, out: &mut impl Write) -> Result<usize, Failure> {
    let refused = |line: String| Failure::Refused(format!("{}: {line}", file.display()));
    let seen: Observation = serde_json::from_str(&read_text(file)?)
        .map_err(|error| refused(format!("is no observation: {error}")))?;
    let problems: Vec<String> =
        seen.problems().iter().map(|problem| refused(problem.to_string()).to_string()).collect();
    if !problems.is_empty() {
        return Err(Failure::Refused(problems.join("\n")));
    }
    write_found(&settle(&seen)?, out)
}

/// Judges what was seen at every site of a study. With the sealed design, the observer knows the block sizes.
fn judge_journal(
    file: &Path,
    study: &Path,
    sealed: Option<&Path>,
    out: &mut impl Write,
) -> Result<usize, Failure> {
    let design = read_design(study)?;
    let sealed = sealed.map(|path| read_sealed(path, &design)).transpose()?;
    let sizes = sealed.as_ref().map(|sealed| sealed.block_design().sizes().to_vec());
    let refused = |why: &str| Failure::Refused(format!("{}: {why}", file.display()));
    let export = Export::parse(&read_text(file)?).map_err(|bad| refused(&bad.to_string()))?;
    let (leaves, sites) = observed::leaves(&export).ok_or_else(|| {
        refused("does not show every leaf: take an export of somebody who reads the whole study")
    })?;
    let mut proved = 0;
    for site in sites {
        writeln!(out, "Site {site}")?;
        let pairs = watch(&design, sizes.as_deref(), &leaves, &site).pairs();
        let pairs = pairs.map_err(|contradiction| Failure::Refused(contradiction.to_string()))?;
        proved += pairs.by_supply.len();
        write_pairs(&pairs, out)?;
    }
    Ok(proved)
}

/// What the recall of a true lot proves is apart: that act reveals something by its nature, and said so before.
fn write_pairs(pairs: &Pairs, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} pairs", pairs.all)?;
    let mut write = |heading: String, told: &[Told]| {
        writeln!(out, "{heading}: {}", told.len())?;
        told.iter().try_for_each(|pair| write_told(out, (&pair.one, &pair.other), pair.share_an_arm))
    };
    write("Proved by the blocks and code breaks alone".to_owned(), &pairs.by_blocks)?;
    write("Proved by the supply".to_owned(), &pairs.by_supply)?;
    for (recall, told) in &pairs.by_lot_recalls {
        let heading =
            format!("Proved by the recall of a true lot of batch {} (leaf {})", recall.batch, recall.index);
        write(heading, told)?;
    }
    Ok(())
}

fn write_found(found: &Deduction, out: &mut impl Write) -> Result<usize, Failure> {
    writeln!(out, "{} pairs", found.pairs.len())?;
    writeln!(out, "Proved by the blocks and code breaks alone: {}", found.by_blocks())?;
    found.pairs.iter().filter(|pair| pair.by_blocks).try_for_each(|pair| write_pair(out, pair))?;
    writeln!(out, "Proved by the supply: {}", found.by_supply())?;
    found.pairs.iter().filter(|pair| pair.proved_by_supply()).try_for_each(|pair| write_pair(out, pair))?;
    Ok(found.by_supply())
}

fn write_pair(out: &mut impl Write, pair: &Pair) -> io::Result<()> {
    match pair.verdict {
        Verdict::Same => write_told(out, (&pair.one, &pair.other), true),
        Verdict::Different => write_told(out, (&pair.one, &pair.other), false),
        Verdict::Open { .. } => Ok(()),
    }
}

fn write_told(
    out: &mut impl Write,
    (one, other): (&SubjectId, &SubjectId),
    share_an_arm: bool,
) -> io::Result<()> {
    let relation = if share_an_arm { "share an arm" } else { "do not share an arm" };
    writeln!(out, "  {one} and {other} {relation}")
}
