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
use trial::{Language, Refusal};

use super::{File, unprintable};
use crate::batches::label_expiry;
use crate::case::Scene;
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
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let row = batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    decide::decide(Facts {
        is_recalled: batch_recall::find(tx, &scene.study, &row.id)?.is_some(),
        was_printed: label_print::was_printed(tx, &scene.study, &row.id)?,
        has_reason: command.reason.is_some(),
    })?;
    let label_expiry = label_expiry(tx, scene, &row)?;
    let set = set(tx, scene, scene.design(), (row.id.clone(), label_expiry), command.language)?;
    let (labels, file) = (u64::try_from(set.kits.len()).map_err(instrument)?, hash(&draw(&set)?));
    let reason =
        command.reason.as_deref().map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
    let act = Act::LabelsPrinted(LabelsPrinted {
        batch: row.id.clone(),
        language: command.language,
        label_expiry,
        labels,
        file,
        reason: reason.as_ref().map(|reason| reason.commitment),
    });
    let entry = scene.append(tx, None, act)?;
    let new = LabelPrint {
        batch: row.id,
        entry,
        language: command.language.to_string(),
        label_expiry,
        labels,
        file,
        reason: reason.map(|reason| reason.opening),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    label_print::add(tx, &new)?;
    Ok(entry.to_string())
}

/// The file is drawn again from what the leaf says, under the design of that moment: it is the one that the leaf names.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<File, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    let Act::LabelsPrinted(printed) = leaf.act else { return Err(missing("printing of labels")) };
    let version = leaf.design.ok_or_else(|| missing("design of a leaf"))?;
    let design = scene.design_of(tx, u64::from(version))?;
    let name = format!("labels-{}-{}.pdf", printed.batch, printed.language);
    let set = set(tx, scene, &design, (printed.batch, printed.label_expiry), printed.language)?;
    let bytes = draw(&set)?;
    if hash(&bytes) != printed.file {
        // Another version of this program draws otherwise; a file that the journal does not know is not given out.
        return Err(missing("file of labels as it was printed"));
    }
    Ok(File { name, bytes })
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
