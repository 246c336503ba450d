//! What a code break shows: the one place where a treatment leaves the service for a clinician.

use chrono_tz::Tz;
use store::rows::{dispensation, kit, opening, randomization, secret, subject, unblinding};
use store::{Conn, Tree, Tx};
use strum::{Display, VariantArray};
use terms::{
    Arm, KitNumber, KitType, Moment, RandomizationNumber, SiteId, SubjectId, UnblindingId, UserId, VisitId,
};
use trial::decide::register::kit_salt;
use trial::decide::unblind as decide;
use trial::study::{KitContents, SealedDesign, Translations};
use trial::{BreakReason, FoundBy, Grant};

use super::found;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::randomize::arm_of;
use crate::site;

/// One subject's treatment in words. It has no `Debug`, so no log can show it.
pub struct Revealed {
    /// The break.
    pub id: UnblindingId,
    /// The subject.
    pub subject: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The site's time zone.
    pub zone: Tz,
    /// The randomization number.
    pub number: RandomizationNumber,
    /// The reason category.
    pub reason: BreakReason,
    /// By which number the subject was found.
    pub found_by: FoundBy,
    /// Who broke the code first.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// What the subject was assigned to.
    pub treatment: Treatment,
    /// Every kit that was handed over, in order.
    pub kits: Vec<RevealedKit>,
    /// What the treatment is called in other languages.
    pub translations: Translations,
    /// When it is looked at now.
    pub looked_at: Moment,
    /// Where this look at it is recorded.
    pub recorded: Recorded,
}

/// Where a look at a treatment is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Recorded {
    /// In the study's journal.
    Journal,
    /// In the break file of this server alone; it will be entered into the journal.
    BreakFile,
    /// In the journal of a database that is not trusted, and in the break file, should another one be put in its place.
    JournalAndBreakFile,
}

/// An arm in the words of the protocol.
pub struct Treatment {
    /// The arm's name.
    pub name: String,
    /// What is given.
    pub substance: String,
    /// How much of it at each dose.
    pub dose: String,
    /// When and how it is given.
    pub schedule: String,
}

/// A kit that was handed over, with what is in it.
pub struct RevealedKit {
    /// The number on it.
    pub number: KitNumber,
    /// The visit for which it was handed over.
    pub visit: VisitId,
    /// When.
    pub handed_over: Moment,
    /// What is in it; none when it cannot be read, which never holds up what the subject was assigned to.
    pub contents: Option<KitContents>,
    /// Whether that is what the subject was assigned to.
    pub is_as_assigned: bool,
}

/// Records a look at a break, and then looks (BLD-14, UNB-04).
pub(super) fn reveal(tx: &mut Tx, scene: &Scene<'_>, id: &UnblindingId) -> Result<Revealed, Failure> {
    let (broken, row) = found(tx, scene, id)?;
    let (record, grant) = decide::look(broken.id.clone());
    scene.append(tx, Some(&row.site), record)?;
    look(tx, scene, broken, &row, &grant)
}

/// Looks at a break that is recorded, or that will be before anybody is answered.
pub(super) fn look(
    conn: &mut Conn,
    scene: &Scene<'_>,
    broken: unblinding::Unblinding,
    row: &subject::Subject,
    grant: &Grant,
) -> Result<Revealed, Failure> {
    let randomized = randomization::of_subject(conn, &scene.study, &row.id)?;
    let randomized = randomized.ok_or_else(|| missing("randomization"))?;
    let arm = *arm_of(conn, scene, &randomized)?.open(grant);
    let unblinding::Unblinding { id, subject, reason, found_by, by, at } = broken;
    Ok(Revealed {
        id,
        site: row.site.clone(),
        // The time of another zone never holds up a treatment.
        zone: site::zone(conn, scene, &row.site).unwrap_or(Tz::UTC),
        number: randomized.number,
        reason,
        found_by,
        by,
        at,
        treatment: in_words(scene, arm)?,
        kits: kits(conn, scene, &subject, arm, grant)?,
        translations: scene.design().translations.clone(),
        looked_at: scene.now,
        recorded: Recorded::Journal,
        subject,
    })
}

fn in_words(scene: &Scene<'_>, arm: Arm) -> Result<Treatment, Failure> {
    let words = scene.design().arm(arm).ok_or_else(|| missing("arm"))?;
    Ok(Treatment {
        name: words.name.clone(),
        substance: words.substance.clone(),
        dose: words.dose.clone(),
        schedule: words.schedule.clone(),
    })
}

/// What was handed over is read from the kits themselves, not from the assignment: the two may differ (SEQ-23).
fn kits(
    conn: &mut Conn,
    scene: &Scene<'_>,
    subject: &SubjectId,
    arm: Arm,
    grant: &Grant,
) -> Result<Vec<RevealedKit>, Failure> {
    let dispensed = dispensation::of_subject(conn, &scene.study, subject)?;
    let mut kits = Vec::new();
    for handed in dispensation::handovers_to(conn, &scene.study, subject)? {
        let Some(of) = dispensed.iter().find(|of| of.id == handed.dispensation) else { continue };
        let (contents, is_as_assigned) = match inside(conn, scene, handed.kit, arm, grant) {
            Ok((contents, is_as_assigned)) => (Some(contents), is_as_assigned),
            // UNB-08: at night an arm without the contents of a kit is worth more than an error.
            Err(failure) => {
                tracing::error!(?failure, kit = %handed.kit, "the contents of a kit cannot be read");
                (None, false)
            }
        };
        let (number, visit, handed_over) = (handed.kit, of.visit.clone(), handed.at);
        kits.push(RevealedKit { number, visit, handed_over, contents, is_as_assigned });
    }
    Ok(kits)
}

/// What is in a kit, and whether the arm wants it.
fn inside(
    conn: &mut Conn,
    scene: &Scene<'_>,
    number: KitNumber,
    arm: Arm,
    grant: &Grant,
) -> Result<(KitContents, bool), Failure> {
    let sealed = scene.sealed_design(conn)?;
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let salt = kit_salt(&scene.vault.seed(conn, &seeds.kit_numbers)?, &scene.study, number);
    let id = kit::kit_type(conn, &scene.study, number)?.ok_or_else(|| missing("kit"))?;
    let row = opening::get(conn, &Tree::Study(scene.study.clone()), &id)?;
    let kit_type = scene.vault.kit_type(&row.ok_or_else(|| missing("opening"))?, &salt)?;
    let kit_type = *kit_type.open(grant);
    Ok((contents(&sealed, kit_type)?, sealed.kit_type_of(arm) == Some(kit_type)))
}

fn contents(sealed: &SealedDesign, kit_type: KitType) -> Result<KitContents, Failure> {
    let words = sealed.kit_types().get(kit_type.as_usize()).ok_or_else(|| missing("kit type"))?;
    Ok(words.contents.clone())
}
