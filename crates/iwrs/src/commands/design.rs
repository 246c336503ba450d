//! `iwrs design`: what can be said of a block design before a list is made.

mod report;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use allocator::BlockDesign;
use allocator::predictability::assess;

use super::{Failure, read_design, read_sealed};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print how well the next arm can be guessed, exactly.
    ///
    /// The design is that of a study, or is given as --ratio, --blocks and --subjects. The figures hold for
    /// each stratum by itself; docs/ALLOCATION.md defines them.
    Assess(Assess),
}

#[derive(clap::Args)]
pub(crate) struct Assess {
    /// The public design of a study; it needs --sealed or --blocks, too.
    #[arg(required_unless_present = "ratio")]
    file: Option<PathBuf>,
    /// The sealed design that belongs to it.
    #[arg(long, value_name = "FILE", requires = "file", conflicts_with = "blocks")]
    sealed: Option<PathBuf>,
    /// The ratio of the arms in design order, for example 1:1:1.
    #[arg(long, value_delimiter = ':', conflicts_with = "file", requires = "subjects")]
    ratio: Vec<u32>,
    /// The block sizes, for example 3,6; several are drawn with equal weight.
    #[arg(long, value_delimiter = ',', required_unless_present_any = ["sealed", "file"])]
    blocks: Vec<u32>,
    /// The number of subjects of a stratum; with a study, its target unless the list is shorter.
    #[arg(long)]
    subjects: Option<u32>,
    /// Print every figure as an exact fraction and as a decimal number.
    #[arg(long)]
    json: bool,
}

/// What is said when a study is given without its block sizes.
const NO_SIZES: &str = "the block sizes are in the sealed design: add --sealed FILE to read them there, or \
                        --blocks 3,6 to assess these";

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    let Command::Assess(asked) = command;
    let text = answer(&asked)?;
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn answer(asked: &Assess) -> Result<String, Failure> {
    let (design, subjects) = match &asked.file {
        Some(file) => of_study(file, asked)?,
        None => (checked(&asked.ratio, &asked.blocks)?, asked.subjects.unwrap_or(0)),
    };
    let assessment = assess(&design, subjects).map_err(|reason| Failure::Refused(reason.to_string()))?;
    Ok(if asked.json {
        format!("{:#}\n", report::as_json(&design, &assessment))
    } else {
        report::in_words(&design, &assessment)
    })
}

fn of_study(file: &Path, asked: &Assess) -> Result<(BlockDesign, u32), Failure> {
    if asked.sealed.is_none() && asked.blocks.is_empty() {
        return Err(Failure::Refused(NO_SIZES.to_owned()));
    }
    let study = read_design(file)?;
    let design = match &asked.sealed {
        Some(sealed) => read_sealed(sealed, &study)?.block_design().clone(),
        None => checked(&study.arms.iter().map(|arm| arm.ratio).collect::<Vec<_>>(), &asked.blocks)?,
    };
    let allocation = &study.allocation;
    Ok((design, asked.subjects.unwrap_or(allocation.target.min(allocation.list_length))))
}

fn checked(ratio: &[u32], sizes: &[u32]) -> Result<BlockDesign, Failure> {
    BlockDesign::new(ratio, sizes, &[1]).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::Refused(lines.join("\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::{Assess, NO_SIZES, answer};
    use clap::{Args, FromArgMatches};

    fn assessed(line: &str) -> Result<(), String> {
        let words = std::iter::once("assess").chain(line.split_whitespace());
        let matches = Assess::augment_args(clap::Command::new("assess")).try_get_matches_from(words);
        let asked = matches.and_then(|matches| Assess::from_arg_matches(&matches));
        let asked = asked.map_err(|error| error.kind().to_string())?;
        answer(&asked).map(|_text| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn only_a_whole_question_is_answered() {
        let missing = "one or more required arguments were not provided";
        let conflict = "an argument cannot be used with one or more of the other specified arguments";
        let table = [
            ("--ratio 1:1:1 --blocks 3,6 --subjects 36", Ok(())),
            ("--ratio 2:1 --blocks 3 --subjects 10 --json", Ok(())),
            ("--ratio 1:1:1 --blocks 3,6", Err(missing)),
            ("--ratio 1:1:1 --subjects 36", Err(missing)),
            ("--blocks 3 --subjects 36", Err(missing)),
            ("study.toml", Err(NO_SIZES)),
            ("study.toml --subjects 36 --json", Err(NO_SIZES)),
            ("study.toml --blocks 3 --sealed sealed.toml", Err(conflict)),
            ("study.toml --blocks 3 --ratio 1:1:1 --subjects 3", Err(conflict)),
            (
                "--ratio 1:1:1 --blocks 3 --subjects 0",
                Err("0 subjects cannot be assessed: there must be 1 to 1000"),
            ),
            (
                "--ratio 1:0 --blocks 3,3 --subjects 6",
                Err("the ratio of arm 1 must be at least 1\nthe block size 3 must be given once"),
            ),
        ];
        for (line, answer) in table {
            assert_eq!(assessed(line), answer.map_err(str::to_owned), "{line}");
        }
    }
}
