//! Notices: an event with its place, time and author; as mail, and as a row of the outbox.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use terms::{Moment, NoticeId, SiteId, StudyId, UserId};

use super::event::{BlindedEvent, UnblindedEvent, Words};
use super::{EmailAddress, Letterhead, Mail, text};

/// A notice for anybody who has a right to it.
pub type BlindedNotice = Notice<BlindedEvent>;

/// A notice for people who know treatments, and for nobody else. It is another type than [`BlindedNotice`],
/// and there is no way from the one to the other.
pub type UnblindedNotice = Notice<UnblindedEvent>;

/// Something that happened, told by mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice<E> {
    /// The study; none for what concerns the installation.
    #[serde(with = "text::optional")]
    pub study: Option<StudyId>,
    /// The site, where one is concerned.
    #[serde(with = "text::optional")]
    pub site: Option<SiteId>,
    /// When it happened.
    #[serde(with = "text")]
    pub at: Moment,
    /// Who did it; the service itself when nobody did.
    #[serde(with = "text::optional")]
    pub by: Option<UserId>,
    /// What happened.
    pub event: E,
}

/// What a notice can tell. Its two kinds are what blinded and what unblinded people may read.
pub trait Event: Serialize + DeserializeOwned {
    /// The last words of every mail of this kind.
    const CLOSING: &'static str;
    /// The template's name in the outbox.
    fn template(&self) -> &'static str;
    /// The event in words.
    fn words(&self) -> Words;
}

/// A notice as a row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// The template, for example `subject_randomized`.
    pub template: String,
    /// The whole notice, as a JSON object.
    pub params: String,
    /// What it is about: its site, if nothing nearer.
    pub about: Option<String>,
}

/// A row of the outbox is no notice of the kind asked for.
#[derive(Debug, thiserror::Error)]
pub enum BadRow {
    /// The JSON is not that of such a notice.
    #[error("a row of the outbox is no such notice")]
    Params(#[from] serde_json::Error),
    /// The row's template is not the one of its fields.
    #[error("a row of the outbox has the fields of another template than {0}")]
    Template(String),
}

impl<E: Event> Notice<E> {
    /// The mail of this notice to one recipient. Whether the recipient may have it is asked at the moment of
    /// sending (NOT-07), by whoever sends.
    pub fn mail(&self, head: &Letterhead, id: &NoticeId, to: &EmailAddress) -> Mail {
        let Words { title, facts, verbatim } = self.event.words();
        let study = self.study.as_ref().map_or_else(|| "iwrs".to_owned(), ToString::to_string);
        let author = self.by.as_ref().map_or_else(|| "the service".to_owned(), ToString::to_string);
        let place = [("Study", self.study.as_ref().map(ToString::to_string))];
        let place = place.into_iter().chain([("Site", self.site.as_ref().map(ToString::to_string))]);
        let facts: String = place
            .filter_map(|(label, fact)| Some((label, fact?)))
            .chain(facts)
            .chain([("When", self.at.to_string()), ("Who", author)])
            .map(|(label, fact)| format!("{label}: {fact}\n"))
            .collect();
        let verbatim = verbatim.map(|text| format!("\n{text}")).unwrap_or_default();
        let body = format!("{title}.\n\n{facts}{verbatim}\n{}\n{}\n", E::CLOSING, head.service);
        Mail::new(id.clone(), head.from.clone(), to.clone(), self.at, format!("[{study}] {title}"), body)
    }

    /// The notice as a row of the outbox.
    pub fn to_row(&self) -> NoticeRow {
        let Ok(params) = serde_json::to_string(self) else { panic!("every notice can be written as JSON") };
        let about = self.site.as_ref().map(ToString::to_string);
        NoticeRow { template: self.event.template().to_owned(), params, about }
    }

    /// The notice of a row of the outbox.
    ///
    /// # Errors
    /// [`BadRow`] when the row is no notice of this kind.
    pub fn from_row(row: &NoticeRow) -> Result<Self, BadRow> {
        let notice: Self = serde_json::from_str(&row.params)?;
        let same = notice.event.template() == row.template;
        if same { Ok(notice) } else { Err(BadRow::Template(row.template.clone())) }
    }
}
