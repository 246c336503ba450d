//! What came back of a kit: its vials are counted at the site, and from the count follow its state and the doses that
//! were given.

use ledger::{KitState, Move};
use terms::VisitId;

use crate::Refusal;
use crate::study::{StudyDesign, Supply};

/// No kit holds more vials than this.
const MOST_VIALS: u32 = 1_000;

/// The vials of one kit as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Vials that were used: one vial is one dose.
    pub used: u32,
    /// Vials that came back as they were handed over.
    pub unused: u32,
    /// Vials of which nobody knows.
    pub missing: u32,
}

impl Count {
    /// How the kit moves by this count: with all its vials, with some of them, or with none left to be used.
    pub const fn a_move(self) -> Move {
        match self {
            Self { unused: 0, .. } => Move::ReturnUsed,
            Self { used: 0, missing: 0, .. } => Move::ReturnUnused,
            Self { .. } => Move::ReturnPartlyUsed,
        }
    }

    /// The state in which this count leaves the kit.
    pub const fn state(self) -> KitState {
        match self {
            Self { unused: 0, .. } => KitState::ReturnedUsed,
            Self { used: 0, missing: 0, .. } => KitState::ReturnedUnused,
            Self { .. } => KitState::ReturnedPartlyUsed,
        }
    }

    /// Whether every vial of a kit of this study is counted.
    pub const fn adds_up(self, supply: &Supply) -> bool {
        let counted = self.used.saturating_add(self.unused).saturating_add(self.missing);
        counted == supply.vials_per_kit
    }
}

/// Decides whether a count is taken: it adds up to the vials of a kit and is the first of this kit, or it says why not
/// (AUD-08). A kit is counted again as often as need be; the last count counts.
///
/// # Errors
/// [`Refusal::Field`].
pub fn count(supply: &Supply, count: Count, was_counted: bool, has_reason: bool) -> Result<(), Refusal> {
    for (field, vials) in [("used", count.used), ("unused", count.unused), ("missing", count.missing)] {
        if vials > MOST_VIALS {
            return Err(Refusal::field(field, format!("must be 0 to {MOST_VIALS}")));
        }
    }
    if has_reason {
        return Ok(());
    }
    if !count.adds_up(supply) {
        let vials = supply.vials_per_kit;
        return Err(Refusal::field("reason", format!("must say why the vials do not add up to {vials}")));
    }
    if was_counted {
        return Err(Refusal::field("reason", "must say why the kit is counted again"));
    }
    Ok(())
}

/// The doses of a kit, or of all kits of a subject: as planned, and as counted (KIT-21).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doses {
    /// How many the study plans.
    pub planned: u32,
    /// How many were given: the used vials.
    pub given: u32,
    /// Planned and not given: a deviation.
    pub missed: u32,
    /// Given and not planned: a deviation.
    pub extra: u32,
}

impl Doses {
    /// The doses of one kit that was counted.
    pub const fn of_kit(planned: u32, given: u32) -> Self {
        let (missed, extra) = (planned.saturating_sub(given), given.saturating_sub(planned));
        Self { planned, given, missed, extra }
    }

    /// The doses of several kits: a dose too many out of one does not make up for one that another lacks.
    pub fn sum(kits: impl IntoIterator<Item = Self>) -> Self {
        kits.into_iter().fold(Self::default(), |sum, kit| Self {
            planned: sum.planned.saturating_add(kit.planned),
            given: sum.given.saturating_add(kit.given),
            missed: sum.missed.saturating_add(kit.missed),
            extra: sum.extra.saturating_add(kit.extra),
        })
    }
}

/// The doses that the study plans out of the kit in this slot of a visit. The kits of a course are used up in order,
/// and the last one takes what is left. Nothing is planned out of a kit that was handed over outside the plan.
pub fn planned_doses(design: &StudyDesign, visit: &VisitId, slot: u32) -> u32 {
    let Supply { kits_per_course, vials_per_kit, .. } = design.supply;
    let course = design.dispensing_at(visit).and_then(|dispensing| {
        let index = usize::try_from(slot.checked_div(kits_per_course)?).ok()?;
        let number = dispensing.courses.get(index)?;
        design.courses.iter().find(|course| course.number == *number)
    });
    let (Some(course), Some(place)) = (course, slot.checked_rem(kits_per_course)) else { return 0 };
    let left = course.dosing_days.saturating_sub(place.saturating_mul(vials_per_kit));
    if place.saturating_add(1) == kits_per_course { left } else { left.min(vials_per_kit) }
}

/// The doses that the study plans for a subject, over all courses.
pub fn doses_of_the_study(design: &StudyDesign) -> u32 {
    design.courses.iter().map(|course| course.dosing_days).sum()
}

#[cfg(test)]
mod tests;
