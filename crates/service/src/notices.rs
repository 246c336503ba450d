//! Notices: queued in the transaction of the act that they tell, and mailed after it. Nothing ever waits for a mail
//! (NOT-04).

use std::collections::BTreeSet;

use ::journal::SignedNote;
use store::rows::notice::{self, Audience, Due};
use store::rows::{site, study};
use store::{Conn, Tree, Tx};
use terms::{AlertId, ListId, Moment, NoticeId, OpeningId, SiteId, StudyId};
use trial::alerts::AlertPlace;

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::journal;
use crate::mail::{
    BlindedEvent, BlindedNotice, EmailAddress, Event, Letterhead, Mail, MailError, Mailer, Notice, NoticeRow,
    UnblindedEvent, UnblindedNotice,
};
use crate::service::{Service, Shared};
use crate::vault::Vault;

/// Queues a notice that anybody may read: for the recipients of the site and for those of the whole study.
pub(crate) fn tell(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: Option<&SiteId>,
    event: BlindedEvent,
) -> Result<(), Failure> {
    tell_happened(tx, scene, site, scene.now, event)
}

/// The same of something that happened at another moment than now.
pub(crate) fn tell_happened(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: Option<&SiteId>,
    at: Moment,
    event: BlindedEvent,
) -> Result<(), Failure> {
    let row = Notice { at, ..written(scene, site, event) }.to_row();
    for address in addresses(tx, &scene.study, site, Audience::Blinded)? {
        queue(tx, scene.service, scene.now, address, Audience::Blinded, &row)?;
    }
    Ok(())
}

/// Queues a notice that names kits which lie at a site, for the recipients of the site and those of the whole study who
/// are blinded: two such notices tell which kit went to whoever came in between, and whoever knows what is in a kit
/// must not learn that.
pub(crate) fn tell_kits(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: &SiteId,
    event: BlindedEvent,
) -> Result<(), Failure> {
    let row = written(scene, Some(site), event).to_row();
    let unblinded = addresses(tx, &scene.study, Some(site), Audience::Unblinded)?;
    for address in addresses(tx, &scene.study, Some(site), Audience::Blinded)?.difference(&unblinded) {
        queue(tx, scene.service, scene.now, address.clone(), Audience::Blinded, &row)?;
    }
    Ok(())
}

/// Queues the notice that an alert was raised or still waits, which the service does by itself.
pub(crate) fn tell_alert(
    tx: &mut Tx,
    service: &Service,
    study: &StudyId,
    now: Moment,
    (alert, place, event): (&AlertId, &AlertPlace, BlindedEvent),
) -> Result<(), Failure> {
    let told = told_of_alert(tx, study, place, event.names_kits())?;
    let site = place.site().cloned();
    let row = Notice { study: Some(study.clone()), site, at: now, by: None, event }.to_row();
    let row = NoticeRow { about: Some(alert.to_string()), ..row };
    for address in told {
        queue(tx, service, now, address, Audience::Blinded, &row)?;
    }
    Ok(())
}

/// Who is told of an alert. What tells which kits are left at a site is told to no unblinded recipient; what is of a
/// depot or the stock to the recipients of the whole study.
pub(crate) fn told_of_alert(
    conn: &mut Conn,
    study: &StudyId,
    place: &AlertPlace,
    names_kits: bool,
) -> Result<BTreeSet<String>, Failure> {
    let site = place.site();
    let mut told = addresses(conn, study, site, Audience::Blinded)?;
    if matches!(place, AlertPlace::Depot(_) | AlertPlace::Stock) {
        // What is left in a depot is no site's business.
        let central = site::recipients(conn, study)?.into_iter().filter(|recipient| recipient.site.is_none());
        let central: BTreeSet<String> = central.map(|recipient| recipient.email).collect();
        told.retain(|address| central.contains(address));
    }
    if names_kits {
        let unblinded = addresses(conn, study, site, Audience::Unblinded)?;
        told.retain(|address| !unblinded.contains(address));
    }
    Ok(told)
}

/// Queues the notice that a list is in use, with the signed head of the journal as it is now: whoever keeps that mail
/// can tell later whether what came before was changed. To be called after the act's leaf.
pub(crate) fn tell_activation(tx: &mut Tx, scene: &Scene<'_>, list: &ListId) -> Result<(), Failure> {
    let checkpoint = (&journal::sign(tx, scene)?).into();
    tell(tx, scene, None, BlindedEvent::ListActivated { list: list.clone(), checkpoint })
}

/// Queues the signed head of a study's journal, which nobody asked for: it is due by the clock or by a code break.
pub(crate) fn tell_checkpoint(
    tx: &mut Tx,
    service: &Service,
    study: &StudyId,
    now: Moment,
    note: &SignedNote,
) -> Result<(), Failure> {
    let event = BlindedEvent::Checkpoint { checkpoint: note.into() };
    let notice = Notice { study: Some(study.clone()), site: None, at: now, by: None, event };
    let row = notice.to_row();
    for address in addresses(tx, study, None, Audience::Blinded)? {
        queue(tx, service, now, address, Audience::Blinded, &row)?;
    }
    Ok(())
}

/// Queues a notice for unblinded recipients alone. What it tells is sealed: its row holds the opening's id.
pub(crate) fn tell_unblinded(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: Option<&SiteId>,
    event: UnblindedEvent,
) -> Result<(), Failure> {
    let NoticeRow { template, params, about } = written(scene, site, event).to_row();
    for address in addresses(tx, &scene.study, site, Audience::Unblinded)? {
        let params = scene.vault.seal_text(tx, "notice", &params)?.opening.to_string();
        let row = NoticeRow { template: template.clone(), params, about: about.clone() };
        queue(tx, scene.service, scene.now, address, Audience::Unblinded, &row)?;
    }
    Ok(())
}

fn written<E: Event>(scene: &Scene<'_>, site: Option<&SiteId>, event: E) -> Notice<E> {
    let (study, by) = (Some(scene.study.clone()), Some(scene.actor.user.clone()));
    Notice { study, site: site.cloned(), at: scene.now, by, event }
}

/// The addresses of the recipients of this site and of the whole study, each once.
fn addresses(
    conn: &mut Conn,
    study: &StudyId,
    site: Option<&SiteId>,
    audience: Audience,
) -> Result<BTreeSet<String>, Failure> {
    let concerned = |recipient: &site::Recipient| match (&recipient.site, site) {
        (Some(of), Some(site)) => of == site,
        _ => true,
    };
    let all = site::recipients(conn, study)?.into_iter();
    let told = all.filter(|recipient| concerned(recipient) && fits(recipient, audience));
    Ok(told.map(|recipient| recipient.email).collect())
}

fn fits(recipient: &site::Recipient, audience: Audience) -> bool {
    audience == Audience::Blinded || recipient.unblinded
}

fn queue(
    tx: &mut Tx,
    service: &Service,
    now: Moment,
    recipient: String,
    audience: Audience,
    row: &NoticeRow,
) -> Result<(), Failure> {
    let id: NoticeId = service.entropy.id()?;
    let NoticeRow { template, params, about } = row.clone();
    let new = notice::Notice { id, recipient, template, params, audience, queued_at: now, about };
    Ok(notice::queue(tx, &new)?)
}

/// What became of the notices that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They were sent.
    pub sent: u64,
    /// They could not be sent now, and will be tried again.
    pub waiting: u64,
    /// They will never be sent: the relay refuses them for good, or the recipient may not read them any more.
    pub given_up: u64,
}

/// How many notices of a tree are taken at a time.
const AT_A_TIME: u32 = 20;

/// Sends the notices that are due, of every study and of the installation: at most a few of each, so that the caller
/// can be stopped between two calls.
///
/// # Errors
/// Faults of the database; what was taken and not sent falls due again.
pub fn send_due(service: &Shared, mailer: &Mailer, head: &Letterhead) -> Result<Counts, Failure> {
    let studies = service.store.read(|conn| Ok::<_, Failure>(study::all(conn)?))?;
    let trees = studies.into_iter().map(|(study, _)| Tree::Study(study)).chain([Tree::Installation]);
    let mut counts = Counts::default();
    for tree in trees {
        for (due, mail) in take(service, &tree, head)? {
            let outcome = mail.map(|mail| mailer.send(&mail));
            settle(service, &tree, due, outcome, &mut counts)?;
        }
    }
    Ok(counts)
}

/// Takes the notices that are due, each with its mail; none when the recipient may not have it.
fn take(service: &Shared, tree: &Tree, head: &Letterhead) -> Result<Vec<(Due, Option<Mail>)>, Failure> {
    let now = service.clock.now();
    let due = service.store.read(|conn| Ok::<_, Failure>(notice::due(conn, tree, now, AT_A_TIME)?))?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let (service, tree, head) = (Shared::clone(service), tree.clone(), head.clone());
    let store = service.store.clone();
    store.write(tree.clone(), move |tx: &mut Tx| {
        let mut taken = Vec::new();
        for due in &due {
            if notice::claim(tx, due, next_try(due.attempts, now))? {
                taken.push((due.clone(), mail(&service, tx, &tree, due, &head)?));
            }
        }
        Ok(taken)
    })
}

/// A minute after the first try, then twice as long every time, up to an hour.
fn next_try(attempts: u64, now: Moment) -> Moment {
    let doublings = u32::try_from(attempts.min(6)).unwrap_or(6);
    now.plus_seconds((60_i64 << doublings).min(3_600))
}

fn mail(
    service: &Service,
    conn: &mut Conn,
    tree: &Tree,
    due: &Due,
    head: &Letterhead,
) -> Result<Option<Mail>, Failure> {
    let notice::Notice { id, recipient, template, params, audience, about, .. } = due.notice.clone();
    if !may_have(conn, tree, &recipient, audience)? {
        return Ok(None);
    }
    let Ok(to) = recipient.parse::<EmailAddress>() else { return Ok(None) };
    // A row that cannot be read would otherwise stop all the others: it is given up, and says so in the log.
    Ok(match audience {
        Audience::Blinded => {
            let notice = BlindedNotice::from_row(&NoticeRow { template, params, about }).ok();
            let names_kits = notice.as_ref().is_some_and(|notice| notice.event.names_kits());
            if names_kits && is_unblinded(conn, tree, &recipient)? {
                return Ok(None);
            }
            notice.map(|notice| notice.mail(head, &id, &to))
        }
        Audience::Unblinded => {
            let opening = OpeningId::parse(&params).map_err(|_malformed| missing("notice"))?;
            let params = Vault::unlock(service, conn, tree)?.text(conn, &opening)?;
            let notice = UnblindedNotice::from_row(&NoticeRow { template, params, about });
            notice.ok().map(|notice| notice.mail(head, &id, &to))
        }
    })
}

/// Whether the recipient may have it, asked at the moment of sending (NOT-07): the address must still be one of the
/// study's, and an unblinded notice goes to no address that is listed as blinded, too.
fn may_have(conn: &mut Conn, tree: &Tree, address: &str, audience: Audience) -> Result<bool, Failure> {
    let Tree::Study(study) = tree else { return Ok(true) };
    let mut listed = site::recipients(conn, study)?;
    listed.retain(|recipient| recipient.email.eq_ignore_ascii_case(address));
    Ok(!listed.is_empty() && listed.iter().all(|recipient| fits(recipient, audience)))
}

/// Whether the address is listed as one of somebody unblinded.
fn is_unblinded(conn: &mut Conn, tree: &Tree, address: &str) -> Result<bool, Failure> {
    let Tree::Study(study) = tree else { return Ok(false) };
    let listed = site::recipients(conn, study)?;
    Ok(listed.iter().any(|one| one.unblinded && one.email.eq_ignore_ascii_case(address)))
}

/// How often a notice is tried before its failure is an error for the operator.
const PATIENCE: u64 = 4;

fn settle(
    service: &Shared,
    tree: &Tree,
    due: Due,
    outcome: Option<Result<(), MailError>>,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let (id, attempt) = (due.notice.id, due.attempts + 1);
    let now = service.clock.now();
    match outcome {
        Some(Ok(())) => {
            counts.sent += 1;
            service.store.write(tree.clone(), move |tx: &mut Tx| Ok(notice::delivered(tx, &id, now)?))
        }
        None | Some(Err(MailError::Unwritable | MailError::Refused(_))) => {
            tracing::error!(notice = %id, attempt, "a notice is given up: it can or may not be sent");
            counts.given_up += 1;
            service.store.write(tree.clone(), move |tx: &mut Tx| Ok(notice::give_up(tx, &id, now)?))
        }
        Some(Err(error)) => {
            counts.waiting += 1;
            if attempt < PATIENCE {
                tracing::warn!(notice = %id, attempt, %error, "a notice waits");
            } else {
                tracing::error!(notice = %id, attempt, %error, "a notice still waits");
            }
            Ok(())
        }
    }
}
