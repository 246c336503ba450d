//! Depots and shipments, kits that are set aside, and what becomes of them.

use ledger::{Move, Place};
use terms::{KitNumber, ShipmentId};

use super::Cell;
use super::batches::RECALL;
use super::fold::{Fold, Followed, at, by};
use super::kits::{DAMAGED_ON_RECEIPT, MISSING_ON_RECEIPT, Step};
use crate::Disposition;
use crate::act::{Act, Leaf, ResupplyPlanned};
use crate::decide::quarantine::{self, EXCURSION};

/// A shipment as it was picked.
#[derive(Clone)]
pub(super) struct Picked<'a> {
    to: Place,
    kits: &'a [KitNumber],
}

impl<'a> Fold<'a> {
    pub(super) fn shipments(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::DepotAdded { depot, name, country } => {
                let columns = [
                    ("name", Cell::of(name)),
                    ("country", Cell::of(country)),
                    ("added_at", Cell::of(at(leaf))),
                ];
                self.add("depot", [depot], columns)
            }
            Act::ResupplyPlanned(planned) => self.planned(leaf, planned),
            Act::ShipmentPicked { .. } => self.picked(leaf),
            Act::ShipmentDispatched { shipment } => {
                let picked = self.shipment(shipment)?;
                let step = Step::planned(Move::Dispatch, Place::Shipment(shipment.clone()));
                self.step(leaf, picked.kits, &step)?;
                self.step_of_shipment(leaf, shipment, "dispatched")
            }
            Act::ShipmentCancelled { shipment, .. } => self.step_of_shipment(leaf, shipment, "cancelled"),
            Act::ShipmentReceived { shipment, .. } => {
                self.unpacked(leaf)?;
                self.step_of_shipment(leaf, shipment, "received")
            }
            Act::KitsQuarantined { cause, kits, .. } => {
                let step = Step::because(Move::Quarantine, self.whereabouts(leaf), (*cause).into());
                self.step(leaf, kits, &step)
            }
            Act::QuarantineDecided { disposition, kits, .. } => self.decided(leaf, kits, *disposition),
            Act::KitIncident { kit, incident, .. } => {
                let a_move = quarantine::incident(*incident);
                self.step(leaf, &[*kit], &Step::because(a_move, self.whereabouts(leaf), (*incident).into()))
            }
            _ => Ok(()),
        }
    }

    fn planned(&mut self, leaf: &Leaf, act: &ResupplyPlanned) -> Followed {
        let ResupplyPlanned { order_day, from_depot, groups, reasons, shipment } = act;
        let site = leaf.site.as_ref().ok_or_else(|| "it is of no site".to_owned())?;
        let columns = [
            ("from_depot", Cell::maybe(from_depot.as_ref())),
            ("groups", Cell::of(groups)),
            ("reasons", Cell::of(reasons)),
            ("shipment", Cell::maybe(shipment.as_ref())),
            ("planned_by", by(leaf)),
            ("planned_at", Cell::of(at(leaf))),
        ];
        self.add("resupply_plan", [site, order_day], columns)
    }

    fn picked(&mut self, leaf: &'a Leaf) -> Followed {
        let Act::ShipmentPicked { shipment, from_depot, to_depot, groups, kits } = &leaf.act else {
            return Ok(());
        };
        let columns = [
            ("from_depot", Cell::maybe(from_depot.as_ref())),
            ("to_depot", Cell::maybe(to_depot.as_ref())),
            ("to_site", Cell::maybe(leaf.site.as_ref())),
            ("groups", Cell::of(groups)),
            ("picked_by", by(leaf)),
            ("picked_at", Cell::of(at(leaf))),
        ];
        self.add("shipment", [shipment], columns)?;
        for kit in kits {
            self.add("shipment_kit", [shipment, kit], [])?;
        }
        let to = to_depot.clone().map_or_else(|| at_site(leaf), Place::Depot);
        self.shipments.insert(shipment, Picked { to, kits });
        Ok(())
    }

    fn unpacked(&mut self, leaf: &Leaf) -> Followed {
        let Act::ShipmentReceived { shipment, received, missing, damaged, excursion, .. } = &leaf.act else {
            return Ok(());
        };
        let to = self.shipment(shipment)?.to;
        let arrives = if to.site().is_some() { Move::Receive } else { Move::Stock };
        let lost = Step::because(Move::Lose, Place::Shipment(shipment.clone()), MISSING_ON_RECEIPT);
        self.step(leaf, missing, &lost)?;
        self.step(leaf, received, &Step::planned(arrives, to.clone()))?;
        if *excursion {
            self.step(leaf, received, &Step::because(Move::Quarantine, to.clone(), EXCURSION))?;
        } else {
            let recalled = self.recalled(received);
            self.step(leaf, &recalled, &Step::because(Move::Quarantine, to.clone(), RECALL))?;
        }
        self.step(leaf, damaged, &Step::planned(arrives, to.clone()))?;
        self.step(leaf, damaged, &Step::because(Move::Damage, to, DAMAGED_ON_RECEIPT))
    }

    fn decided(&mut self, leaf: &Leaf, kits: &[KitNumber], disposition: Disposition) -> Followed {
        let place = self.whereabouts(leaf);
        for kit in kits {
            let whose = self.meant_for.get(kit).copied();
            let a_move = quarantine::dispose(disposition, &place, whose.is_some());
            let whose = whose.filter(|_| a_move == Move::RestoreToSubject);
            let step = Step::because(a_move, place.clone(), disposition.into());
            self.step(leaf, &[*kit], &Step { whose, ..step })?;
        }
        Ok(())
    }

    fn step_of_shipment(&mut self, leaf: &Leaf, shipment: &ShipmentId, step: &str) -> Followed {
        let columns =
            [("entry", Cell::of(leaf.index)), ("taken_by", by(leaf)), ("taken_at", Cell::of(at(leaf)))];
        self.add("shipment_step", [shipment, &step], columns)
    }

    fn shipment(&self, id: &ShipmentId) -> Result<Picked<'a>, String> {
        self.shipments.get(id).cloned().ok_or_else(|| format!("shipment {id} was not picked"))
    }

    /// The depot that the act names, or the site of the leaf.
    fn whereabouts(&self, leaf: &Leaf) -> Place {
        match &leaf.act {
            Act::KitsQuarantined { depot: Some(depot), .. }
            | Act::QuarantineDecided { depot: Some(depot), .. }
            | Act::KitIncident { depot: Some(depot), .. } => Place::Depot(depot.clone()),
            _ => at_site(leaf),
        }
    }
}

pub(super) fn at_site(leaf: &Leaf) -> Place {
    leaf.site.clone().map_or(Place::Store, Place::Site)
}
