//! The ways out.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use lettre::transport::smtp;
use lettre::{SmtpTransport, Transport};

use super::{EmailAddress, Mail};

/// How mail leaves.
#[derive(Clone)]
pub enum Mailer {
    /// To a relay by SMTP. Without encryption: the relay is on this machine or in the same protected network.
    Smtp(SmtpTransport),
    /// Into a folder, one file a mail: for the demo.
    File(PathBuf),
    /// Into memory: for tests.
    Memory(Arc<Mutex<Vec<Mail>>>),
}

/// Why a mail was not sent. Nothing else ever waits for a mail (NOT-04).
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail holds control characters, and would be another mail than the one that was meant.
    #[error("a mail with control characters is not sent")]
    Unwritable,
    /// The relay refused it for good, for example because there is no such recipient.
    #[error("the mail relay refuses the mail")]
    Refused(#[source] smtp::Error),
    /// The relay cannot be reached, or asks to try later.
    #[error("the mail relay takes no mail at present")]
    Unavailable(#[source] smtp::Error),
    /// The file cannot be written.
    #[error("the mail cannot be written to {}", .0.display())]
    File(PathBuf, #[source] io::Error),
}

impl Mailer {
    /// Mail by SMTP to a relay, giving up after ten seconds.
    pub fn smtp(host: &str, port: u16) -> Self {
        let timeout = Some(Duration::from_secs(10));
        Self::Smtp(SmtpTransport::builder_dangerous(host).port(port).timeout(timeout).build())
    }

    /// Mail into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`MailError::File`] when it cannot be made.
    pub fn file(folder: &Path) -> Result<Self, MailError> {
        fs::create_dir_all(folder).map_err(|error| MailError::File(folder.to_owned(), error))?;
        Ok(Self::File(folder.to_owned()))
    }

    /// Mail into memory.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Sends a mail. Sent again, a file is written over by the same bytes.
    ///
    /// # Errors
    /// [`MailError`]; only [`MailError::Unwritable`] and [`MailError::Refused`] are for good.
    pub fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.message()?;
        match self {
            Self::Smtp(relay) => relay.send(&message).map(drop).map_err(|error| {
                if error.is_permanent() { MailError::Refused(error) } else { MailError::Unavailable(error) }
            }),
            Self::File(folder) => {
                let file = folder.join(format!("{}.eml", mail.id()));
                fs::write(&file, message.formatted()).map_err(|error| MailError::File(file, error))
            }
            Self::Memory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
                Ok(())
            }
        }
    }

    /// The mails in memory to this recipient, oldest first; none for the other ways.
    pub fn sent_to(&self, to: &EmailAddress) -> Vec<Mail> {
        let Self::Memory(sent) = self else { return Vec::new() };
        let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter().filter(|mail| mail.to() == to).cloned().collect()
    }
}

#[cfg(test)]
mod relay;

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex};

    use terms::Moment;

    use super::relay::Relay;
    use super::{EmailAddress, Mail, MailError, Mailer};
    use crate::keys::folder::Folder;
    use crate::mail::{BlindedEvent, Letterhead, Notice, UnblindedEvent};

    fn address(text: &str) -> EmailAddress {
        text.parse().expect("an address")
    }

    fn mail_to(to: &str) -> Mail {
        mail_of(BlindedEvent::CodeBroken { subject: "S-001".parse().expect("an id") }, to)
    }

    fn mail_of<E: crate::mail::Event>(event: E, to: &str) -> Mail {
        let at = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        let study = Some("imodals".parse().expect("an id"));
        let head =
            Letterhead { from: address("iwrs@example.org"), service: "https://iwrs.example.org".to_owned() };
        let notice = Notice { study, site: None, at, by: None, event };
        notice.mail(&head, &"n1".parse().expect("an id"), &address(to))
    }

    #[test]
    fn a_mail_crosses_the_wire_whole() {
        let relay = Relay::start(&[]);
        Mailer::smtp("127.0.0.1", relay.port()).send(&mail_to("lead@example.org")).expect("sent");
        let heard = relay.heard();
        assert!(heard[0].starts_with("EHLO "), "{heard:?}");
        assert_eq!(heard[1..4], ["MAIL FROM:<iwrs@example.org>", "RCPT TO:<lead@example.org>", "DATA"]);
        let mail = heard.join("\n");
        for line in [
            "From: iwrs@example.org",
            "To: lead@example.org",
            "Subject: [imodals] The code of subject S-001 was broken",
            "Date: Mon, 05 Oct 2015 08:00:00 +0000",
            "Message-ID: <n1@example.org>",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
            "Subject: S-001",
            "https://iwrs.example.org",
        ] {
            assert!(heard.iter().any(|heard| heard == line), "{line} in\n{mail}");
        }
    }

    #[test]
    fn not_04_a_refusal_for_good_and_one_for_now_are_told_apart() {
        let sent = |answers: &[(&'static str, &'static str)]| {
            let relay = Relay::start(answers);
            let sent = Mailer::smtp("127.0.0.1", relay.port()).send(&mail_to("nobody@example.org"));
            relay.heard();
            sent
        };
        assert!(matches!(sent(&[("RCPT", "550 no such user")]), Err(MailError::Refused(_))));
        assert!(matches!(sent(&[("RCPT", "451 try later")]), Err(MailError::Unavailable(_))));
        assert!(matches!(sent(&[("DATA", "421 shutting down")]), Err(MailError::Unavailable(_))));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let down = Mailer::smtp("127.0.0.1", port).send(&mail_to("lead@example.org"));
        let error = down.expect_err("nobody listens there");
        assert!(matches!(error, MailError::Unavailable(_)));
        assert_eq!(error.to_string(), "the mail relay takes no mail at present");
    }

    #[test]
    fn a_mail_sent_twice_is_one_file() {
        let folder = Folder::new();
        let out = folder.path().join("mail");
        let mailer = Mailer::file(&out).expect("a folder");
        (0..2).for_each(|_| mailer.send(&mail_to("lead@example.org")).expect("written"));
        let files: Vec<_> =
            std::fs::read_dir(&out).expect("a folder").map(|file| file.expect("a file").path()).collect();
        assert_eq!(files, [out.join("n1.eml")]);
        let text = std::fs::read_to_string(&files[0]).expect("text");
        assert!(text.contains("Subject: [imodals] The code of subject S-001 was broken\r\n"), "{text}");
        std::fs::remove_dir_all(&out).expect("the folder goes");
        assert!(matches!(mailer.send(&mail_to("lead@example.org")), Err(MailError::File(..))));
    }

    #[test]
    fn memory_keeps_what_was_sent_to_whom() {
        let mailer = Mailer::memory();
        mailer.send(&mail_to("lead@example.org")).expect("kept");
        mailer.clone().send(&mail_to("safety@example.org")).expect("kept");
        assert_eq!(mailer.sent_to(&address("lead@example.org")), [mail_to("lead@example.org")]);
        assert_eq!(mailer.sent_to(&address("other@example.org")), []);
    }

    #[test]
    fn words_that_would_add_headers_or_recipients_are_refused() {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let mailer = Mailer::Memory(Arc::clone(&sent));
        for kit_type in ["K7\r\nBcc: eve@example.org", "K7\r", "K7\0", "K7\u{85}", "K7\u{1b}[2J"] {
            let event = UnblindedEvent::ShortageAlert { kit_type: kit_type.to_owned(), usable: 0, wanted: 6 };
            let refused = mailer.send(&mail_of(event, "supply@example.org"));
            assert!(matches!(refused, Err(MailError::Unwritable)), "{kit_type:?}");
        }
        assert!(sent.lock().expect("a lock").is_empty());
    }

    #[test]
    fn an_address_cannot_carry_a_command() {
        let long = format!("{}@example.org", "x".repeat(250));
        #[rustfmt::skip]
        let table = [
            ("lead@example.org",                            true),
            ("first.last+trial@sub.example.org",            true),
            ("",                                            false),
            ("lead",                                        false),
            ("@example.org",                                false),
            ("lead@",                                       false),
            ("lead@example.org\r\nRCPT TO:<eve@example.org>", false),
            ("lead\r\n@example.org",                        false),
            ("lead@example.org\n",                          false),
            ("lead@example.org\0",                          false),
            ("lead@example.org eve@example.org",            false),
            ("lead@example.org,eve@example.org",            false),
            ("Lead <lead@example.org>",                     false),
            ("\"le ad\"@example.org",                       false),
            (&long,                                         false),
        ];
        for (text, good) in table {
            assert_eq!(text.parse::<EmailAddress>().is_ok(), good, "{text:?}");
        }
    }
}
