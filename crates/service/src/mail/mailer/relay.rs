//! A mail relay for one conversation: enough of RFC 5321 to take a mail, or to refuse it at a given command.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

pub(super) struct Relay {
    port: u16,
    conversation: JoinHandle<Vec<String>>,
}

impl Relay {
    /// A relay that gives these answers to these commands, and to all others the good one.
    pub(super) fn start(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answers = answers.to_vec();
        let conversation = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            converse(stream, &answers)
        });
        Self { port, conversation }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What the client said, line by line, once it has gone.
    pub(super) fn heard(self) -> Vec<String> {
        self.conversation.join().expect("no panic")
    }
}

fn converse(stream: TcpStream, answers: &[(&'static str, &'static str)]) -> Vec<String> {
    let mut out = stream.try_clone().expect("a second handle");
    let mut heard = Vec::new();
    let mut in_data = false;
    say(&mut out, "220 relay.example.org");
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let answer = if in_data {
            in_data = line != ".";
            if in_data { "" } else { "250 taken" }
        } else {
            let command = line.split([' ', ':']).next().unwrap_or_default().to_owned();
            let answer =
                answers.iter().find(|(of, _)| *of == command).map_or(good(&command), |(_, said)| said);
            in_data = answer.starts_with("354");
            answer
        };
        heard.push(line);
        if !answer.is_empty() {
            say(&mut out, answer);
        }
    }
    heard
}

fn good(command: &str) -> &'static str {
    match command {
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 relay.example.org",
    }
}

fn say(out: &mut TcpStream, answer: &str) {
    // A client that has gone already misses nothing.
    let _gone = out.write_all(format!("{answer}\r\n").as_bytes());
}
