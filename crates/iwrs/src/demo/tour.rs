//! What to try: commands for a shell, which can be pasted and work.

use std::io::{self, Write};
use std::path::Path;

use trial::study::StudyDesign;

/// A person of the demo with the password to begin with.
pub(crate) struct FirstPassword {
    pub(crate) login: String,
    pub(crate) role: String,
    pub(crate) one_time: String,
}

/// Functions for a shell: logging in, asking, acting, and signing an act.
const FUNCTIONS: &str = include_str!("tour.sh");

/// Writes the shell functions into the demo's folder, for this server, site and study.
pub(crate) fn write_functions(folder: &Path, base: &str, site: &str, design: &StudyDesign) -> io::Result<()> {
    let criteria: Vec<&str> = design.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
    let text = FUNCTIONS
        .replace("@BASE@", base)
        .replace("@STUDY@", design.id.as_str())
        .replace("@SITE@", site)
        .replace("@CRITERIA@", &criteria.join(" "));
    std::fs::write(folder.join("tour.sh"), text)
}

/// Prints who can log in, and what to try with the next subject after those who were entered.
pub(crate) fn print(people: &[FirstPassword], folder: &Path, base: &str, entered: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nIWRS demo on {base}  (interface: {base}/docs/)\n")?;
    if !people.is_empty() {
        writeln!(out, "One-time passwords, each to be replaced at the first log-in:")?;
    }
    for person in people {
        writeln!(out, "  {:<13} {:<19} {}", person.login, person.role, person.one_time)?;
    }
    writeln!(out, "\nTo try in a browser: log in at the address above, as investigator and as pharmacist.")?;
    writeln!(
        out,
        "The demo offers everybody a second factor; a server in use demands it of unblinded people and"
    )?;
    writeln!(
        out,
        "administrators. Whoever registers a batch needs the internal codes of the sealed design, which"
    )?;
    writeln!(out, "stand in imodals.sealed.toml beside the settings.")?;
    writeln!(out, "To try in another shell in this folder:\n")?;
    writeln!(out, "  . {}/tour.sh", folder.display())?;
    for person in people.iter().filter(|person| IN_THE_TOUR.contains(&person.login.as_str())) {
        writeln!(out, "  first_log_in {} {}", person.login, person.one_time)?;
    }
    let subject = format!("S-{:03}", entered + 1);
    let (birth_year, sex) = (1970 + entered % 30, if entered.is_multiple_of(2) { "female" } else { "male" });
    writeln!(out, "  as investigator screen {subject} {birth_year} {sex}")?;
    writeln!(out, "  as investigator randomize {subject}")?;
    writeln!(out, "  as pharmacist dispense {subject} D1")?;
    writeln!(out, "  as pharmacist hand_over")?;
    writeln!(out, "  as investigator break_code {subject} serious_adverse_event")?;
    writeln!(out, "\nStop with Ctrl-C; start again with the same command.\n")?;
    out.flush()
}

/// Those whose names stand in the commands.
const IN_THE_TOUR: [&str; 2] = ["investigator", "pharmacist"];
