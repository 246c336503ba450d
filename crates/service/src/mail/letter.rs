//! What is sent: an address, and a text with a subject.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{Address, Message};
use terms::{Moment, NoticeId};

use super::MailError;

/// The address of a recipient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EmailAddress(Address);

/// The text is no address to which mail can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address")]
pub struct BadAddress;

impl FromStr for EmailAddress {
    type Err = BadAddress;

    /// At most 254 characters of ASCII without control characters, spaces or quotes: a line end would let the
    /// address write headers and commands of its own.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let plain = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        let address = text.parse().map_err(|_bad: lettre::address::AddressError| BadAddress)?;
        if plain { Ok(Self(address)) } else { Err(BadAddress) }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What all mails of an installation share.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// From whom mails come.
    pub from: EmailAddress,
    /// Where the service is found, for example `https://iwrs.example.org`.
    pub service: String,
}

/// A mail, ready to be sent. Only notices write mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    id: NoticeId,
    from: EmailAddress,
    to: EmailAddress,
    written: Moment,
    subject: String,
    body: String,
}

impl Mail {
    pub(super) fn new(
        id: NoticeId,
        from: EmailAddress,
        to: EmailAddress,
        written: Moment,
        subject: String,
        body: String,
    ) -> Self {
        Self { id, from, to, written, subject, body }
    }

    /// The notice that it was written from.
    pub fn id(&self) -> &NoticeId {
        &self.id
    }

    /// Its recipient.
    pub fn to(&self) -> &EmailAddress {
        &self.to
    }

    /// Its subject line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The mail as it crosses the wire. The same mail gives the same bytes: its id and date are those of the
    /// notice, so that a mail sent twice after a crash shows as the same mail.
    ///
    /// # Errors
    /// [`MailError::Unwritable`] when a subject or text holds control characters.
    pub fn message(&self) -> Result<Message, MailError> {
        let stray = |text: &str| text.chars().any(|letter| letter.is_control() && letter != '\n');
        if stray(&self.subject) || self.subject.contains('\n') || stray(&self.body) {
            return Err(MailError::Unwritable);
        }
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
        Message::builder()
            .from(Mailbox::new(None, self.from.0.clone()))
            .to(Mailbox::new(None, self.to.0.clone()))
            .subject(&self.subject)
            .date(SystemTime::from(self.written.utc()))
            .message_id(Some(format!("<{}@{}>", self.id, self.from.0.domain())))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(self.body.clone())
            .map_err(|_incomplete| MailError::Unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::{EmailAddress, Mail, MailError, Moment};

    #[test]
    fn a_subject_is_one_line_and_a_text_has_no_control_characters() {
        let address: EmailAddress = "lead@example.org".parse().expect("an address");
        let at = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        #[rustfmt::skip]
        let table = [
            ("a subject",                  "a text\nof two lines", true),
            ("a\nBcc: eve@example.org",    "a text",               false),
            ("a\r\nBcc: eve@example.org",  "a text",               false),
            ("a\u{7}",                     "a text",               false),
            ("a subject",                  "a text\r\n.\r\nQUIT",  false),
            ("a subject",                  "a\u{1b}[2J",           false),
        ];
        for (subject, body, good) in table {
            let id = "n1".parse().expect("an id");
            let mail =
                Mail::new(id, address.clone(), address.clone(), at, subject.to_owned(), body.to_owned());
            match mail.message() {
                Ok(_) => assert!(good, "{subject:?} {body:?}"),
                Err(error) => {
                    assert!(!good && matches!(error, MailError::Unwritable), "{subject:?} {body:?}")
                }
            }
        }
    }
}
