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

/// Prints who can log in, and what to try.
pub(crate) fn print(people: &[FirstPassword], folder: &Path, base: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nIWRS demo on {base}  (interface: {base}/docs/)\n")?;
    if people.is_empty() {
        writeln!(out, "The database was there already, with the passwords that its people have set.")?;
    } else {
        writeln!(out, "One-time passwords, each to be replaced at the first log-in:")?;
        for person in people {
            writeln!(out, "  {:<13} {:<19} {}", person.login, person.role, person.one_time)?;
        }
    }
    let one_time = |login: &str| {
        let person = people.iter().find(|person| person.login == login);
        person.map_or("ONE-TIME-PASSWORD", |person| person.one_time.as_str()).to_owned()
    };
    writeln!(out, "\nTo try, in another shell in this folder:\n")?;
    writeln!(out, "  . {}/tour.sh", folder.display())?;
    writeln!(out, "  first_log_in investigator {}", one_time("investigator"))?;
    writeln!(out, "  first_log_in pharmacist {}", one_time("pharmacist"))?;
    writeln!(out, "  as investigator screen S-001 1960 female")?;
    writeln!(out, "  as investigator randomize S-001")?;
    writeln!(out, "  as pharmacist dispense S-001 D1")?;
    writeln!(out, "  as pharmacist hand_over KIT-NUMBER")?;
    writeln!(out, "  as investigator break_code S-001 serious_adverse_event")?;
    writeln!(out, "\nStop with Ctrl-C; start again with the same command.\n")?;
    out.flush()
}
