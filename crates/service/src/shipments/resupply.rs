//! Planning what a site is sent (`POST /studies/{study}/resupply-plans`), from what a blinded person may know.

use std::collections::BTreeMap;

use chrono::{Datelike, Days};
use ledger::{KitState, Outlook, Place, SiteStock};
use store::rows::{batch_recall, kit, randomization, resupply, shipment};
use store::{Conn, Tx};
use terms::{Day, DepotId, Moment, ShipmentId, SiteId, StudyId, UserId};
use trial::act::Act;
use trial::study::weekday_name;
use trial::{Action, Reach, Refusal};

use super::request::{self, pick};
use super::{At, country};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::{shelf, site};

/// A plan with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The site.
    pub site: SiteId,
    /// The day at the site for which it was made.
    pub order_day: Day,
    /// The depot that sends; the sponsor's stock when none.
    pub from: Option<DepotId>,
    /// How many whole groups are sent.
    pub groups: u32,
    /// Why each number arose, a sentence a line, in words that everybody may read.
    pub reasons: String,
    /// The shipment that was picked; none when nothing is sent.
    pub shipment: Option<ShipmentId>,
    /// Who had it made, and when.
    pub made: (UserId, Moment),
}

/// Plans what a site is sent, once on an order day, and has it picked. Nothing that it goes by knows a type or an arm
/// (BLD-10, KIT-14).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown site or depot, [`Refusal::NotOrderDay`], [`Refusal::SupplyShort`] when the
/// stock does not hold what is to be sent, and the refusals of authorization and of the idempotency key.
pub fn plan(
    service: &Shared,
    envelope: Envelope,
    site: SiteId,
    from: Option<DepotId>,
) -> Result<Plan, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &site, from.as_ref());
    once(service, envelope, effect, answer)
}

/// The plans within reach, in the order of their days.
///
/// # Errors
/// The refusals of authorization.
pub fn plans(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Plan>, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |conn, scene| {
        let reaches = |plan: &resupply::Plan| match &scene.authority.reach {
            Reach::Study => true,
            Reach::Sites(sites) => sites.contains(&plan.site),
        };
        Ok(resupply::all(conn, study)?.into_iter().filter(reaches).map(Plan::from).collect())
    })
}

/// A second plan for the same day is the first one: whatever was sent for it is on its way.
fn effect(tx: &mut Tx, scene: &Scene<'_>, at: &SiteId, from: Option<&DepotId>) -> Result<String, Failure> {
    country(tx, scene, &At::Site(at.clone()))?;
    let today = site::today(tx, scene, at)?;
    let order_weekday = scene.design().supply.order_weekday;
    if today.weekday() != order_weekday {
        return Err(Refusal::NotOrderDay(weekday_name(order_weekday).to_owned()).into());
    }
    if let Some(made) = resupply::find(tx, &scene.study, at, today)? {
        let act = Act::AskedAgain { action: Action::PlanResupply.to_string(), effect: named(at, today) };
        scene.append(tx, Some(at), act)?;
        return Ok(named(&made.site, made.order_day));
    }
    let outlook = outlook(tx, scene, at, today)?;
    let planned = ledger::resupply(&scene.design().resupply_rules(), &outlook);
    let shipment: Option<ShipmentId> =
        if planned.groups > 0 { Some(scene.service.entropy.id()?) } else { None };
    let new = resupply::Plan {
        site: at.clone(),
        order_day: today,
        from: from.cloned(),
        groups: planned.groups,
        reasons: planned.to_string(),
        shipment: shipment.clone(),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    append(tx, scene, &new)?;
    if let Some(id) = &shipment {
        let to = At::Site(at.clone());
        pick(tx, scene, &request::Command { from: from.cloned(), to, groups: planned.groups }, id)?;
    }
    Ok(named(at, today))
}

fn append(tx: &mut Tx, scene: &Scene<'_>, new: &resupply::Plan) -> Result<(), Failure> {
    let act = Act::ResupplyPlanned {
        order_day: new.order_day,
        from_depot: new.from.clone(),
        groups: new.groups,
        reasons: new.reasons.clone(),
        shipment: new.shipment.clone(),
    };
    scene.append(tx, Some(&new.site), act)?;
    Ok(resupply::add(tx, new)?)
}

/// What a blinded person may know of the site: totals over all types, and the schedule.
fn outlook(tx: &mut Tx, scene: &Scene<'_>, at: &SiteId, today: Day) -> Result<Outlook, Failure> {
    let mut stock: BTreeMap<(Day, Day), SiteStock> = BTreeMap::new();
    let there = Place::Site(at.clone());
    let recalled = batch_recall::batches(tx, &scene.study)?;
    for row in kit::at(tx, &scene.study, &there)? {
        count(&mut stock, &row, today, recalled.contains(&row.batch));
    }
    let lead = Days::new(u64::from(scene.design().supply.lead_days));
    let steps = shipment::steps(tx, &scene.study)?;
    let is_cancelled = |id: &ShipmentId| {
        steps.iter().any(|step| step.shipment == *id && step.kind == shipment::StepKind::Cancelled)
    };
    let sent = shipment::all(tx, &scene.study)?.into_iter();
    for sent in sent.filter(|sent| sent.to == there && !is_cancelled(&sent.id)) {
        let zone = site::zone(tx, scene, at)?;
        let arrives = site::day_in(zone, sent.at).checked_add_days(lead).unwrap_or(Day::MAX);
        for number in shipment::kits(tx, &scene.study, &sent.id)? {
            let row = kit::find(tx, &scene.study, number)?.ok_or_else(|| missing("kit"))?;
            if row.place != there {
                count(&mut stock, &row, arrives.max(today), recalled.contains(&row.batch));
            }
        }
    }
    let visits = shelf::still_to_come(tx, scene, at)?.into_iter().flat_map(|(_, visits)| visits);
    let randomized = randomization::count(tx, &scene.study)?;
    Ok(Outlook {
        order_day: today,
        due: visits.collect(),
        stock: stock.into_values().collect(),
        to_randomize: scene.design().allocation.target.saturating_sub(randomized),
    })
}

/// Counts a kit as usable or as lost; one that is meant for a subject, or was given to one, is neither. What is on its
/// way and recalled is lost to the site.
fn count(stock: &mut BTreeMap<(Day, Day), SiteStock>, row: &kit::Kit, arrives: Day, is_recalled: bool) {
    let label_expiry = row.label_expiry;
    let counts = stock.entry((label_expiry, arrives)).or_insert(SiteStock {
        label_expiry,
        arrives,
        usable: 0,
        lost: 0,
    });
    match row.state {
        _ if row.subject.is_some() || row.given => {}
        KitState::Released | KitState::InTransit if is_recalled => counts.lost += 1,
        KitState::Available | KitState::Released | KitState::InTransit => counts.usable += 1,
        KitState::Lost | KitState::Damaged | KitState::Quarantined => counts.lost += 1,
        _ => {}
    }
}

fn named(site: &SiteId, day: Day) -> String {
    format!("{site}/{day}")
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, outcome: &str) -> Result<Plan, Failure> {
    let malformed = || missing("receipt");
    let (site, day) = outcome.split_once('/').ok_or_else(malformed)?;
    let site = SiteId::parse(site).map_err(|_bad| malformed())?;
    let day: Day = day.parse().map_err(|_bad| malformed())?;
    let conn: &mut Conn = tx;
    let made = resupply::find(conn, &scene.study, &site, day)?;
    Ok(made.ok_or_else(|| missing("resupply plan"))?.into())
}

impl From<resupply::Plan> for Plan {
    fn from(row: resupply::Plan) -> Self {
        let resupply::Plan { site, order_day, from, groups, reasons, shipment, by, at } = row;
        Self { site, order_day, from, groups, reasons, shipment, made: (by, at) }
    }
}
