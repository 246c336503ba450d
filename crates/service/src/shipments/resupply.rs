//! Planning what a site is sent (`POST /studies/{study}/resupply-plans`), from what a blinded person may know.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Weekday};
use ledger::{KitState, Outlook, SiteStock};
use store::rows::tally::{self, BatchFacts, Tally};
use store::rows::{lot, randomization, resupply};
use store::{Conn, Tx};
use terms::{Day, DepotId, KitNumber, Moment, ShipmentId, SiteId, StudyId, UserId};
use trial::act::{Act, ResupplyPlanned};
use trial::study::weekday_name;
use trial::{Action, Reach, Refusal, Role};

use super::gate::{self, Judged, Verdict};
use super::{At, country, request};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::{shelf, site};

/// How often a plan is judged anew when the stock or the site has changed meanwhile.
const ATTEMPTS: u32 = 5;

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
    /// Why each number arose, a sentence a line; none for the supply manager, who knows what is in the kits and is told
    /// nothing of what is left at a site.
    pub reasons: Option<String>,
    /// The shipment that was picked; none when nothing is sent.
    pub shipment: Option<ShipmentId>,
    /// Who had it made, and when.
    pub made: (UserId, Moment),
}

/// Plans what a site is sent, once on an order day, and has it picked. Nothing that it goes by knows a type or an arm
/// (BLD-10, KIT-14), and it is accepted only when the observer does not learn from it who shares an arm.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown site or depot, [`Refusal::NotOrderDay`], [`Refusal::SupplyShort`] when the
/// stock does not hold what is to be sent, [`Refusal::SupplyLeaks`] when the observer would learn something from it,
/// [`Refusal::Busy`] when the stock changes faster than it can be judged, and the refusals of authorization and of the
/// idempotency key.
pub fn plan(
    service: &Shared,
    envelope: Envelope,
    site: SiteId,
    from: Option<DepotId>,
) -> Result<Plan, Failure> {
    for _ in 0..ATTEMPTS {
        let (asked, judged) =
            ((site.clone(), from.clone()), gate::judge(service, &envelope, &site, from.as_ref())?);
        let leaks = judged.as_ref().is_some_and(|judged| judged.verdict == Verdict::Leaks);
        let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
            effect(tx, scene, &asked.0, asked.1.as_ref(), judged.as_ref())
        };
        match once(service, envelope.clone(), effect, answer) {
            Err(Failure::Refusal(Refusal::Busy)) => {}
            outcome => {
                if leaks && matches!(outcome, Err(Failure::Refusal(Refusal::SupplyLeaks))) {
                    gate::tell(service, &envelope, &site);
                }
                return outcome;
            }
        }
    }
    Err(Refusal::Busy.into())
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
        let is_told = scene.authority.role != Role::SupplyManager;
        let shown = |row| {
            let plan = Plan::from(row);
            Plan { reasons: plan.reasons.filter(|_reasons| is_told), ..plan }
        };
        Ok(resupply::all(conn, study)?.into_iter().filter(reaches).map(shown).collect())
    })
}

/// The day of the week on which sites are planned.
///
/// # Errors
/// The refusals of authorization.
pub fn order_weekday(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Weekday, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |_conn, scene| {
        Ok(scene.design().supply.order_weekday)
    })
}

/// The sites whose order day it is and that have no plan for it yet, in the order of their ids.
///
/// # Errors
/// The refusals of authorization.
pub fn still_to_plan(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<SiteId>, Failure> {
    case::read(service, caller, study, Action::PlanResupply, |conn, scene| {
        let order_weekday = scene.design().supply.order_weekday;
        // No day of a site is two days behind that of another one.
        let since = scene.now.plus_seconds(-2 * 24 * 60 * 60).utc().date_naive();
        let planned = resupply::days_since(conn, study, since)?;
        let zones = site::zones(conn, study)?.into_iter();
        let days = zones.map(|(site, zone)| (site, site::day_in(zone, scene.now)));
        let is_open = |of: &(SiteId, Day)| {
            of.1.weekday() == order_weekday && !planned.contains(of) && scene.authority.reaches(&of.0).is_ok()
        };
        Ok(days.filter(is_open).map(|(site, _)| site).collect())
    })
}

/// What a plan for today says; none when there is one already.
pub(super) fn planned(
    conn: &mut Conn,
    scene: &Scene<'_>,
    at: &SiteId,
) -> Result<(Day, Option<ledger::ResupplyPlan>), Failure> {
    country(conn, scene, &At::Site(at.clone()))?;
    let today = site::today(conn, scene, at)?;
    let order_weekday = scene.design().supply.order_weekday;
    if today.weekday() != order_weekday {
        return Err(Refusal::NotOrderDay(weekday_name(order_weekday).to_owned()).into());
    }
    if resupply::find(conn, &scene.study, at, today)?.is_some() {
        return Ok((today, None));
    }
    let outlook = outlook(conn, scene, at, today)?;
    Ok((today, Some(ledger::resupply(&scene.design().resupply_rules(), &outlook))))
}

/// A second plan for the same day is the first one: whatever was sent for it is on its way.
fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    at: &SiteId,
    from: Option<&DepotId>,
    judged: Option<&Judged>,
) -> Result<String, Failure> {
    let (today, planned) = planned(tx, scene, at)?;
    let Some(planned) = planned else {
        let act = Act::AskedAgain { action: Action::PlanResupply.to_string(), effect: named(at, today) };
        scene.append(tx, Some(at), act)?;
        return Ok(named(at, today));
    };
    let sent = request::Command { from: from.cloned(), to: At::Site(at.clone()), groups: planned.groups };
    let picked = if planned.groups > 0 { Some(still_so(tx, scene, &sent, judged)?) } else { None };
    let new = resupply::Plan {
        site: at.clone(),
        order_day: today,
        from: from.cloned(),
        groups: planned.groups,
        reasons: reasons(&planned, picked.as_ref()),
        shipment: picked.as_ref().map(|picked| picked.shipment.clone()),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    append(tx, scene, &new)?;
    if let Some(picked) = picked {
        request::append(tx, scene, &sent, picked.shipment, &picked.kits)?;
    }
    Ok(named(at, today))
}

/// What is sent, and what the observer said to it.
struct Picked<'j> {
    shipment: &'j ShipmentId,
    kits: Vec<KitNumber>,
    verdict: Verdict,
}

/// What would be sent now, when it is what was judged.
fn still_so<'j>(
    tx: &mut Tx,
    scene: &Scene<'_>,
    sent: &request::Command,
    judged: Option<&'j Judged>,
) -> Result<Picked<'j>, Failure> {
    let Some(judged) = judged else {
        // The refusals of the choice come first: without stock there is nothing to judge.
        request::choose(tx, scene, sent, &scene.service.entropy.id()?)?;
        return Err(Refusal::Busy.into());
    };
    let Judged { shipment, verdict, .. } = judged;
    let kits = request::choose(tx, scene, sent, shipment)?;
    match verdict {
        _ if judged.kits.as_ref().is_some_and(|of| *of != kits) => Err(Refusal::Busy.into()),
        Verdict::Leaks => Err(Refusal::SupplyLeaks.into()),
        Verdict::TellsNothing | Verdict::Unknown(_) => Ok(Picked { shipment, kits, verdict: *verdict }),
    }
}

fn reasons(planned: &ledger::ResupplyPlan, picked: Option<&Picked<'_>>) -> String {
    match picked {
        Some(picked) => format!("{planned}\n{}", picked.verdict),
        None => planned.to_string(),
    }
}

fn append(tx: &mut Tx, scene: &Scene<'_>, new: &resupply::Plan) -> Result<(), Failure> {
    let act = Act::ResupplyPlanned(ResupplyPlanned {
        order_day: new.order_day,
        from_depot: new.from.clone(),
        groups: new.groups,
        reasons: new.reasons.clone(),
        shipment: new.shipment.clone(),
    });
    scene.append(tx, Some(&new.site), act)?;
    Ok(resupply::add(tx, new)?)
}

/// What a blinded person may know of the site: totals over all types, and the schedule.
fn outlook(conn: &mut Conn, scene: &Scene<'_>, at: &SiteId, today: Day) -> Result<Outlook, Failure> {
    let mut stock: BTreeMap<(Day, Day), SiteStock> = BTreeMap::new();
    let (recalled, batches) = (lot::Recalled::of(conn, &scene.study)?, BatchFacts::of(conn, &scene.study)?);
    for there in tally::free_at(conn, &scene.study, at, &batches)? {
        count(&mut stock, &there, today, recalled.has_all(&there));
    }
    let lead = Days::new(u64::from(scene.design().supply.lead_days));
    let zone = site::zone(conn, scene, at)?;
    for (picked, sent) in tally::free_sent_to(conn, &scene.study, at, &batches)? {
        let arrives = site::day_in(zone, picked).checked_add_days(lead).unwrap_or(Day::MAX);
        count(&mut stock, &sent, arrives.max(today), recalled.has_all(&sent));
    }
    let due = shelf::still_to_come(conn, &scene.study, scene.design(), (at, zone))?;
    let randomized = randomization::count(conn, &scene.study)?;
    Ok(Outlook {
        order_day: today,
        due,
        stock: stock.into_values().collect(),
        to_randomize: scene.design().allocation.target.saturating_sub(randomized),
    })
}

/// Counts kits as usable or as lost; what is on its way and recalled is lost to the site.
fn count(stock: &mut BTreeMap<(Day, Day), SiteStock>, tally: &Tally, arrives: Day, is_recalled: bool) {
    let label_expiry = tally.label_expiry;
    let counts = stock.entry((label_expiry, arrives)).or_insert(SiteStock {
        label_expiry,
        arrives,
        usable: 0,
        lost: 0,
    });
    match tally.state {
        KitState::Released | KitState::InTransit if is_recalled => counts.lost += tally.kits,
        KitState::Available | KitState::Released | KitState::InTransit => counts.usable += tally.kits,
        KitState::Lost | KitState::Damaged | KitState::Quarantined => counts.lost += tally.kits,
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
        Self { site, order_day, from, groups, reasons: Some(reasons), shipment, made: (by, at) }
    }
}
