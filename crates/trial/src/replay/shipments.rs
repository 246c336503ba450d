//! Kits in shipments and in quarantine, replayed through the ledger's own table.

use std::collections::BTreeSet;

use ledger::{Move, Place};
use terms::{DepotId, KitNumber, ShipmentId};

use super::kits::Stock;
use super::records::Record;
use super::{Held, Wrong, before, holds};
use crate::Disposition;
use crate::act::{Act, KitsAt};
use crate::decide::quarantine;

impl<'a> Stock<'a> {
    /// What a leaf about shipments and quarantines says of kits; `at` is the site of the leaf.
    pub(super) fn take_shipment(&mut self, record: &'a Record, at: Place) -> Held {
        match &record.leaf.act {
            Act::ShipmentPicked { shipment, to_depot, kits, .. } => {
                let to = to_depot.clone().map_or_else(|| at.clone(), Place::Depot);
                self.shipments.insert(shipment, (to, kits));
                Ok(())
            }
            Act::ShipmentDispatched { shipment } => {
                let (_, kits) = self.shipment(record, shipment)?;
                self.apply(record, kits, Move::Dispatch, &Place::Shipment(shipment.clone()), None)
            }
            Act::ShipmentCancelled { shipment, .. } => {
                self.shipment(record, shipment)?;
                self.shipments.remove(shipment);
                Ok(())
            }
            Act::ShipmentReceived { shipment, received, missing, damaged, excursion, .. } => {
                let (to, kits) = self.shipment(record, shipment)?;
                let named = [received.as_slice(), missing, damaged].concat();
                holds(named.iter().collect::<BTreeSet<_>>() == kits.iter().collect(), || {
                    format!("leaf {} receives other kits than shipment {shipment} holds", record.index)
                })?;
                let arrives = if to.site().is_some() { Move::Receive } else { Move::Stock };
                self.apply(record, missing, Move::Lose, &Place::Shipment(shipment.clone()), None)?;
                self.apply(record, received, arrives, &to, None)?;
                let aside = if *excursion { received.clone() } else { self.recalled(received) };
                self.apply(record, &aside, Move::Quarantine, &to, None)?;
                self.apply(record, damaged, arrives, &to, None)?;
                self.apply(record, damaged, Move::Damage, &to, None)
            }
            Act::KitsQuarantined { depot, kits, .. } => {
                self.apply(record, kits, Move::Quarantine, &in_depot_or(depot.as_ref(), at), None)
            }
            Act::QuarantineDecided { depot, disposition, kits, .. } => {
                self.decide(record, kits, *disposition, &in_depot_or(depot.as_ref(), at))
            }
            Act::KitIncident { depot, kit, incident, .. } => {
                let a_move = quarantine::incident(*incident);
                self.apply(record, &[*kit], a_move, &in_depot_or(depot.as_ref(), at), None)
            }
            // What is on its way, or in the sponsor's stock, is set aside when it arrives.
            Act::KitsRecalled(KitsAt { depot, shipment: None, kits, .. }) => {
                match in_depot_or(depot.as_ref(), at) {
                    Place::Store => Ok(()),
                    at => self.apply(record, kits, Move::Quarantine, &at, None),
                }
            }
            _ => self.account(record, at),
        }
    }

    fn shipment(&self, record: &Record, shipment: &ShipmentId) -> Result<(Place, &'a [KitNumber]), Wrong> {
        let picked = self.shipments.get(shipment).map(|(to, kits)| (to.clone(), kits.as_slice()));
        before(picked, || format!("leaf {} is of shipment {shipment}, which was not picked", record.index))
    }

    /// Quality gives each kit back to where it was, or rejects it.
    fn decide(
        &mut self,
        record: &'a Record,
        kits: &[KitNumber],
        disposition: Disposition,
        at: &Place,
    ) -> Held {
        for number in kits {
            let kit = before(self.kits.get(number).cloned(), || format!("kit {number} was not registered"))?;
            let whose = kit.subject.as_ref().zip(kit.visit.as_ref());
            let a_move = quarantine::dispose(disposition, &kit.place, whose.is_some());
            let whose = whose.filter(|_| a_move == Move::RestoreToSubject);
            self.apply(record, &[*number], a_move, at, whose)?;
        }
        Ok(())
    }
}

pub(super) fn in_depot_or(depot: Option<&DepotId>, at: Place) -> Place {
    depot.cloned().map_or(at, Place::Depot)
}
