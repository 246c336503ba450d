//! The log for machines, of a server in a process of its own.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use iwrs_tests::client::{Client, Expect};
use iwrs_tests::process::Installation;
use serde_json::Value;

use crate::once::PROGRAM;

/// A server that logs JSON, by a variable of the environment; it is killed when dropped.
struct Logging {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Logging {
    fn start(installation: &Installation, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--config"]).arg(installation.file("iwrs.toml"));
        command.envs(variables.iter().copied()).env("IWRS__LOG__FORMAT", "json");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        Self { child, lines }
    }

    /// The lines up to the first with this message; each of them is JSON.
    fn until(&mut self, message: &str) -> Vec<Value> {
        let mut read: Vec<Value> = Vec::new();
        while read.last().is_none_or(|line| line["fields"]["message"] != message) {
            let line =
                self.lines.next().unwrap_or_else(|| panic!("it ended after {read:?}")).expect("a line");
            read.push(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")));
        }
        read
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to be done.
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

#[test]
fn by_its_setting_every_line_is_json_and_leads_to_the_request() {
    let installation = Installation::imodals(PROGRAM);
    let elsewhere = installation.file("another-state").display().to_string();
    let mut server = Logging::start(&installation, &[("IWRS__STATE__DIRECTORY", &elsewhere)]);
    let start = server.until("listening");
    // An instance that remembers nothing says just that.
    let told =
        start.iter().find(|line| line["level"] == "ERROR").expect("a state folder in which nothing is");
    assert_eq!(told["fields"]["study"], "imodals");
    let sentence = told["fields"]["message"].as_str().expect("a sentence");
    assert!(sentence.starts_with("the state folder remembers no journal of this study"), "{told}");
    let address = start.last().expect("a line")["fields"]["address"].as_str().expect("an address").to_owned();
    let reply = Client::anonymous(&format!("http://{address}")).get("/me");
    assert_eq!(reply.problem(401), "not-authenticated");
    let answered = server.until("answered").pop().expect("a line");
    let id = reply.header("x-request-id");
    assert!(id.len() > 20, "{reply:?}");
    assert_eq!(answered["span"]["request_id"], id, "{answered}");
    assert_eq!((&answered["fields"]["status"], &answered["level"]), (&401.into(), &"INFO".into()));
    assert!(answered["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{answered}");
}
