//! Calling a whole batch back: every kit of it, wherever it is (KIT-13). A batch holds every kit type, so its recall
//! tells nothing of what is in a kit (BLD-09, BLD-10).

use ledger::{Kit, KitState, Place};

use super::quarantine::is_set_aside_with_its_place;

/// What the recall of a whole batch tells of treatments, for whoever signs it.
pub const REVEALS: &str = "The batch holds every kit type under one label, and all of it is recalled: \
                           by itself that tells nothing of what is in any kit. Near a shortage, what is left \
                           may.";

/// What a recall does to a kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is set aside where it lies.
    SetAside,
    /// It is on its way, or still in the sponsor's stock, from which no other way leads: when it arrives at a depot or
    /// a site it is set aside with its receipt.
    SetAsideOnArrival,
    /// A subject has it, and is to be called.
    WithSubject,
    /// It is not used any more, or set aside already.
    Nothing,
}

/// What the recall of its batch does to the kit.
pub fn fate(kit: &Kit) -> Fate {
    match (kit.state, &kit.place) {
        (KitState::Dispensed | KitState::DispensedInError, _) => Fate::WithSubject,
        (KitState::Registered | KitState::InTransit, _) => Fate::SetAsideOnArrival,
        (KitState::Released, Place::Store) => Fate::SetAsideOnArrival,
        _ if is_set_aside_with_its_place(kit) => Fate::SetAside,
        _ => Fate::Nothing,
    }
}

/// Whether the recall of a true lot names the kit: it may still be used, a subject has it, or nobody was given it and
/// it could come back out of quarantine or from where it was lost. What is finished with is not named: whose it was
/// need not be told.
pub fn names(kit: &Kit) -> bool {
    fate(kit) != Fate::Nothing || could_come_back(kit)
}

fn could_come_back(kit: &Kit) -> bool {
    !kit.given && matches!(kit.state, KitState::Quarantined | KitState::Lost)
}

#[cfg(test)]
mod tests {
    use super::{Fate, fate, names};
    use ledger::{Kit, KitState, Place};
    use terms::{DepotId, ShipmentId, SiteId};

    #[test]
    fn kit_13_after_a_recall_nothing_of_it_can_be_used() {
        let site = Place::Site(SiteId::parse("34-001").expect("a site"));
        let depot = Place::Depot(DepotId::parse("NIMES").expect("a depot"));
        let shipment = Place::Shipment(ShipmentId::parse("SH-1").expect("a shipment"));
        #[rustfmt::skip]
        let table = [
            (KitState::Registered,         Place::Store,     Fate::SetAsideOnArrival),
            (KitState::Released,           Place::Store,     Fate::SetAsideOnArrival),
            (KitState::Released,           depot.clone(),    Fate::SetAside),
            (KitState::InTransit,          shipment.clone(), Fate::SetAsideOnArrival),
            (KitState::Lost,               shipment,         Fate::Nothing),
            (KitState::Available,          site.clone(),     Fate::SetAside),
            (KitState::Allocated,          site.clone(),     Fate::SetAside),
            (KitState::Dispensed,          site.clone(),     Fate::WithSubject),
            (KitState::DispensedInError,   site.clone(),     Fate::WithSubject),
            (KitState::Quarantined,        depot,            Fate::Nothing),
            (KitState::Damaged,            site.clone(),     Fate::Nothing),
            (KitState::ReturnedPartlyUsed, site.clone(),     Fate::Nothing),
            (KitState::Reconciled,         site.clone(),     Fate::Nothing),
            (KitState::Destroyed,          site,             Fate::Nothing),
        ];
        for (state, place, expected) in table {
            let kit = Kit { state, place, subject: None, visit: None, released: true, given: false };
            assert_eq!(fate(&kit), expected, "{kit:?}");
            let comes_back = matches!(state, KitState::Quarantined | KitState::Lost);
            assert_eq!(names(&kit), comes_back || expected != Fate::Nothing, "{kit:?}");
            let given = Kit { given: true, ..kit };
            assert_eq!(names(&given), expected != Fate::Nothing, "what was given and is finished with");
        }
    }
}
