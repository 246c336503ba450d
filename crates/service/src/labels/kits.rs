//! Printing the labels of a batch (`POST /studies/{study}/batches/{batch}/labels`).

use journal::Hash;
use print::{Code, OneKit};
use sha2::{Digest, Sha256};
use store::rows::label_print::{self, LabelPrint};
use store::rows::{batch, batch_recall, kit};
use store::{Conn, Tx};
use terms::{BatchId, Day, KitNumber};
use trial::act::{Act, LabelsPrinted};
use trial::decide::labels::{self as decide, Facts};
use trial::label::{Headings, KitLabels, headings, read_aloud};
use trial::study::StudyDesign;
use trial::{Action, Language, Refusal};

use super::{File, unprintable};
use crate::batches::label_expiry;
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// In which language.
    pub language: Language,
    /// Why they are printed again.
    pub reason: Option<String>,
}

/// Prints a label for every kit of a batch, in the order of the numbers (KIT-15). Nothing that goes into the file
/// depends on what is in a kit. That it was printed, with its hash, is in the journal before it leaves.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, the refusals of [`trial::decide::labels`], [`Refusal::LabelIncomplete`]
/// with everything that the design does not say, [`Refusal::Field`] for what cannot be printed; the refusals of
/// authorization and of the idempotency key.
pub fn print(service: &Shared, envelope: Envelope, command: Command) -> Result<File, Failure> {
    for _ in 0..ATTEMPTS {
        let drawn = drawn(service, &envelope, &command)?;
        let (command, known) = (command.clone(), drawn.known.clone());
        let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command, &known);
        match once(service, envelope.clone(), effect, answer) {
            Err(Failure::Refusal(Refusal::Busy)) => {}
            Ok(file) if file == drawn.known.hash => return Ok(drawn.file),
            // What was printed under this key says what does not hold any more: it is not given out again.
            Ok(_) => return Err(Refusal::LabelsPrinted.into()),
            Err(failure) => return Err(failure),
        }
    }
    Err(Refusal::Busy.into())
}

/// How often the labels are drawn anew when the batch or the design has changed meanwhile.
const ATTEMPTS: u32 = 5;

/// A file that was drawn, and by what.
struct Drawn {
    file: File,
    known: Known,
}

#[derive(Clone)]
struct Known {
    hash: Hash,
    labels: u64,
    label_expiry: Day,
    version: u32,
}

/// The labels as they are to be now. Drawing thousands takes a while, so it is done under no lock.
fn drawn(service: &Shared, envelope: &Envelope, command: &Command) -> Result<Drawn, Failure> {
    let (caller, study) = (&envelope.caller, &envelope.study);
    let (set, version) = case::read(service, caller, study, Action::PrintLabels, |conn, scene| {
        let row = batch::find(conn, study, &command.batch)?.ok_or(Refusal::NotFound)?;
        if batch_recall::find(conn, study, &row.id)?.is_some() {
            return Err(Refusal::BatchState("recalled").into());
        }
        let label_expiry = label_expiry(conn, scene, &row)?;
        let set = set(conn, scene, scene.design(), (row.id, label_expiry), command.language)?;
        Ok((set, scene.in_force.version))
    })?;
    let bytes = draw(&set)?;
    let labels = u64::try_from(set.kits.len()).map_err(instrument)?;
    let known = Known { hash: hash(&bytes), labels, label_expiry: set.label_expiry, version };
    let name = format!("labels-{}-{}.pdf", set.batch, set.language);
    Ok(Drawn { file: File { name, bytes }, known })
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command, known: &Known) -> Result<String, Failure> {
    let row = batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    decide::decide(Facts {
        is_recalled: batch_recall::find(tx, &scene.study, &row.id)?.is_some(),
        was_printed: label_print::was_printed(tx, &scene.study, &row.id)?,
        has_reason: command.reason.is_some(),
    })?;
    let label_expiry = label_expiry(tx, scene, &row)?;
    // The kits of a batch never change; the expiry on its label and the words of the design may.
    if (label_expiry, scene.in_force.version) != (known.label_expiry, known.version) {
        return Err(Refusal::Busy.into());
    }
    let reason =
        command.reason.as_deref().map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
    let act = Act::LabelsPrinted(LabelsPrinted {
        batch: row.id.clone(),
        language: command.language,
        label_expiry,
        labels: known.labels,
        file: known.hash,
        reason: reason.as_ref().map(|reason| reason.commitment),
    });
    let entry = scene.append(tx, None, act)?;
    let new = LabelPrint {
        batch: row.id,
        entry,
        language: command.language.to_string(),
        label_expiry,
        labels: known.labels,
        file: known.hash,
        reason: reason.map(|reason| reason.opening),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    label_print::add(tx, &new)?;
    Ok(entry.to_string())
}

/// The hash of the file that the leaf names.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Hash, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    let Act::LabelsPrinted(printed) = leaf.act else { return Err(missing("printing of labels")) };
    Ok(printed.file)
}

fn set(
    conn: &mut Conn,
    scene: &Scene<'_>,
    design: &StudyDesign,
    batch: (BatchId, Day),
    language: Language,
) -> Result<KitLabels, Failure> {
    let rows = kit::of_batch(conn, &scene.study, &batch.0)?;
    let mut kits: Vec<KitNumber> = rows.into_iter().map(|row| row.number).collect();
    kits.sort_unstable();
    Ok(KitLabels::of(design, language, batch, kits)?)
}

fn draw(set: &KitLabels) -> Result<Vec<u8>, Refusal> {
    print::kit_labels(&laid_out(set)).map_err(unprintable)
}

/// What stands where.
fn laid_out(set: &KitLabels) -> print::KitLabels {
    let (words, headings) = (&set.words, headings(set.language));
    let (expiry, day) = set.printed_expiry();
    let Headings { trial, colon, .. } = headings;
    print::KitLabels {
        language: set.language.to_string(),
        title: format!("{} {}", headings.batch, set.batch),
        kit: headings.kit.to_owned(),
        batch: (headings.batch.to_owned(), set.batch.to_string()),
        expiry: (expiry.to_owned(), day),
        under_code: set.gtin.map(|gtin| format!("(01) {gtin}")),
        substance: words.substance.clone(),
        words: vec![
            ("form", format!("{}; {}; {}", words.form, words.route, words.quantity)),
            ("directions", words.directions.clone()),
            ("storage", words.storage.clone()),
        ],
        warning: format!("{}. {}", words.trial_use.trim_end_matches('.'), words.children),
        by_hand: [headings.subject, headings.visit, headings.investigator].map(str::to_owned),
        foot: vec![
            ("trial", format!("{trial}{colon}{}", set.trial)),
            ("contact", words.whole_contact(headings)),
        ],
        kits: set.kits.iter().map(|kit| one(set, *kit)).collect(),
    }
}

fn one(set: &KitLabels, kit: KitNumber) -> OneKit {
    let code = match set.gtin {
        None => Code::Plain(kit.to_string()),
        Some(gtin) => Code::Gs1 {
            gtin: gtin.to_string(),
            expiry: set.label_expiry.format("%y%m%d").to_string(),
            batch: set.batch.to_string(),
            serial: kit.to_string(),
        },
    };
    OneKit { number: read_aloud(kit), code }
}

fn hash(bytes: &[u8]) -> Hash {
    Hash::new(Sha256::digest(bytes).into())
}
