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
