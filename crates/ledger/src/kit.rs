//! One kit, one movement, and the rule that leads from the one to the other.

use std::fmt;

use terms::{Id, KitNumber, Moment, SiteId, SubjectId, VisitId};

use crate::{IllegalMove, KitState, Move, next};

/// The place that accounts for a kit. A kit that was handed over stays in the account of its site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The sponsor's stock.
    Store,
    /// A site of the study.
    Site(SiteId),
}

/// The noun of [`ReasonCode`]. It cannot be constructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonNoun {}

/// Why something unplanned happened, as a code out of the study's list; never free text.
pub type ReasonCode = Id<ReasonNoun>;

/// An entry of the ledger: one thing that happened to one kit (KIT-04). Entries are never changed; a mistake
/// is corrected by another entry. Who recorded it stands in the journal record of the act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The kit.
    pub kit: KitNumber,
    /// Its state before; `None` when it comes to exist.
    pub from: Option<KitState>,
    /// Its state after.
    pub to: KitState,
    /// What happened.
    pub a_move: Move,
    /// The place that accounts for the kit afterwards.
    pub place: Place,
    /// The subject: named when the kit is allocated, handed over (also in error) or given back to its
    /// subject; else none or the one the kit is bound to.
    pub subject: Option<SubjectId>,
    /// The visit: named together with the subject, and optional for a hand-over in error.
    pub visit: Option<VisitId>,
    /// When it happened, as the person says.
    pub happened: Moment,
    /// When it was recorded; not before it happened.
    pub recorded: Moment,
    /// Why; required when [`Move::needs_reason`].
    pub reason: Option<ReasonCode>,
}

/// A kit as its movements so far have left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// Its state.
    pub state: KitState,
    /// The place that accounts for it.
    pub place: Place,
    /// The subject it is or was meant for, or who got it in error. Once bound, a kit never becomes free
    /// again.
    pub subject: Option<SubjectId>,
    /// The visit it is or was meant for.
    pub visit: Option<VisitId>,
}

impl Kit {
    /// The kit after one more movement; `before` is `None` when the movement is its first.
    ///
    /// # Errors
    /// [`BadMovement`], checked in the order of its variants.
    pub fn after(before: Option<&Self>, movement: &Movement) -> Result<Self, BadMovement> {
        let state = before.map(|kit| kit.state);
        let to = next(state, movement.a_move).map_err(BadMovement::Illegal)?;
        if movement.from != state || movement.to != to {
            return Err(BadMovement::OtherState);
        }
        check_place(before.map(|kit| &kit.place), movement)?;
        check_subject(before, movement)?;
        if movement.a_move.needs_reason() && movement.reason.is_none() {
            return Err(BadMovement::ReasonMissing);
        }
        if movement.happened > movement.recorded {
            return Err(BadMovement::RecordedTooEarly);
        }
        let bound = before.cloned().map_or((None, None), |kit| (kit.subject, kit.visit));
        let (subject, visit) = match &movement.subject {
            Some(subject) => (Some(subject.clone()), movement.visit.clone()),
            None => bound,
        };
        Ok(Self { state: to, place: movement.place.clone(), subject, visit })
    }
}

/// Why a movement cannot follow what the ledger holds of its kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMovement {
    /// The state does not allow the move.
    Illegal(IllegalMove),
    /// The movement names other states than the kit had or gets.
    OtherState,
    /// The movement is at a place where the kit is not or cannot be.
    OtherPlace,
    /// The move needs a subject and a visit, and one is not named.
    SubjectMissing,
    /// The kit is meant for another subject or visit (KIT-16).
    OtherSubject,
    /// The kit was meant for a subject, so it cannot go back to the shelf.
    MeantForSubject,
    /// The move needs a reason.
    ReasonMissing,
    /// It was recorded before it happened.
    RecordedTooEarly,
}

impl BadMovement {
    /// The published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Illegal(why) => why.code(),
            Self::OtherState => "kit_other_state",
            Self::OtherPlace => "kit_other_place",
            Self::SubjectMissing => "kit_subject_missing",
            Self::OtherSubject => "kit_other_subject",
            Self::MeantForSubject => "kit_meant_for_subject",
            Self::ReasonMissing => "kit_reason_missing",
            Self::RecordedTooEarly => "kit_recorded_too_early",
        }
    }
}

impl fmt::Display for BadMovement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for BadMovement {}

/// A kit begins in the store, is brought to one site by its receipt, and stays there: transfers between sites
/// do not exist (KIT-19). A kit in the store that somebody was given after all joins the account of the site
/// that gave it.
fn check_place(before: Option<&Place>, movement: &Movement) -> Result<(), BadMovement> {
    let at_site = matches!(movement.place, Place::Site(_));
    let arrives = matches!(movement.a_move, Move::Receive | Move::HandOverInError);
    let fits = match before {
        None => !at_site,
        Some(Place::Store) if arrives => at_site,
        Some(place) => *place == movement.place,
    };
    // Only a kit at a site can be set aside there: what is damaged or lost in the store stays so for now.
    let needs_site = matches!(movement.to, KitState::Quarantined);
    if fits && (at_site || !needs_site) { Ok(()) } else { Err(BadMovement::OtherPlace) }
}

fn check_subject(before: Option<&Kit>, movement: &Movement) -> Result<(), BadMovement> {
    let named = (movement.subject.as_ref(), movement.visit.as_ref());
    let bound = before.map_or((None, None), |kit| (kit.subject.as_ref(), kit.visit.as_ref()));
    match movement.a_move {
        Move::Allocate | Move::HandOver | Move::RestoreToSubject
            if named.0.is_none() || named.1.is_none() =>
        {
            Err(BadMovement::SubjectMissing)
        }
        Move::HandOverInError if named.0.is_none() => Err(BadMovement::SubjectMissing),
        // A shelf holds only kits that were never bound, so a pick cannot bind one twice.
        Move::Allocate if bound.0.is_some() => Err(BadMovement::MeantForSubject),
        Move::RestoreToShelf if bound.0.is_some() => Err(BadMovement::MeantForSubject),
        Move::Allocate | Move::HandOverInError => Ok(()),
        _ if named != bound && named != (None, None) => Err(BadMovement::OtherSubject),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kit, Movement, Place, ReasonCode};
    use crate::{KitState, Move, next};
    use terms::{KitNumber, Moment, SiteId, SubjectId, VisitId};

    fn place(text: &str) -> Place {
        if text == "store" { Place::Store } else { Place::Site(SiteId::parse(text).expect("a site")) }
    }

    fn kit(state: &str, at: &str, subject: &str, visit: &str) -> Kit {
        let state = KitState::parse(state).expect("a state");
        Kit {
            state,
            place: place(at),
            subject: SubjectId::parse(subject).ok(),
            visit: VisitId::parse(visit).ok(),
        }
    }

    /// The movement that fits the kit's state, at a place, naming a subject and a visit (`-` for none).
    fn movement(before: &Kit, line: &str) -> Movement {
        let words: Vec<&str> = line.split(' ').collect();
        let a_move = Move::parse(words[0]).expect("a move");
        let now = Moment::parse("2015-10-05T08:00:00Z").expect("an instant");
        Movement {
            kit: KitNumber::from_serial(7).expect("in the space"),
            from: Some(before.state),
            to: next(Some(before.state), a_move).unwrap_or(KitState::Lost),
            a_move,
            place: place(words[1]),
            subject: SubjectId::parse(words[2]).ok(),
            visit: VisitId::parse(words[3]).ok(),
            happened: now,
            recorded: now,
            reason: a_move.needs_reason().then(|| ReasonCode::parse("why").expect("a reason")),
        }
    }

    #[test]
    fn a_movement_must_fit_place_subject_and_visit() {
        let store = kit("released", "store", "-", "-");
        let shelf = kit("available", "A", "-", "-");
        let meant = kit("allocated", "A", "S1", "D1");
        let aside = kit("quarantined", "A", "-", "-");
        let meant_aside = kit("quarantined", "A", "S1", "D1");
        let impossible = kit("available", "A", "S1", "D1");
        let lost_in_store = kit("lost", "store", "-", "-");
        let damaged_in_store = kit("damaged", "store", "-", "-");
        let given = kit("dispensed", "A", "S1", "D1");
        let table = [
            (&store, "receive A - -", "ok"),
            (&store, "receive store - -", "kit_other_place"),
            (&store, "damage A - -", "kit_other_place"),
            (&store, "hand_over_in_error A S1 -", "ok"),
            (&store, "hand_over_in_error store S1 -", "kit_other_place"),
            (&shelf, "allocate A S1 D1", "ok"),
            (&shelf, "allocate B S1 D1", "kit_other_place"),
            (&shelf, "allocate store S1 D1", "kit_other_place"),
            (&shelf, "allocate A - D1", "kit_subject_missing"),
            (&shelf, "allocate A S1 -", "kit_subject_missing"),
            (&shelf, "damage A S1 -", "kit_other_subject"),
            (&shelf, "hand_over_in_error A S1 D1", "ok"),
            (&shelf, "hand_over_in_error B S1 D1", "kit_other_place"),
            (&shelf, "hand_over_in_error A - D1", "kit_subject_missing"),
            (&impossible, "allocate A S2 D1", "kit_meant_for_subject"),
            (&meant, "hand_over A S1 D1", "ok"),
            (&meant, "hand_over A S2 D1", "kit_other_subject"),
            (&meant, "hand_over A S1 D29", "kit_other_subject"),
            (&meant, "hand_over A - -", "kit_subject_missing"),
            (&meant, "hand_over B S1 D1", "kit_other_place"),
            (&meant, "hand_over_in_error A S2 -", "ok"),
            (&meant, "quarantine A - -", "ok"),
            (&meant, "quarantine A S1 D1", "ok"),
            (&meant, "quarantine A S2 D1", "kit_other_subject"),
            (&meant, "allocate A S1 D1", "kit_already_allocated"),
            (&aside, "restore_to_shelf A - -", "ok"),
            (&aside, "restore_to_subject A S1 D1", "kit_other_subject"),
            (&meant_aside, "restore_to_subject A S1 D1", "ok"),
            (&meant_aside, "restore_to_subject A S1 D29", "kit_other_subject"),
            (&meant_aside, "restore_to_subject A - -", "kit_subject_missing"),
            (&meant_aside, "restore_to_shelf A - -", "kit_meant_for_subject"),
            (&meant_aside, "restore_to_shelf A S1 D1", "kit_meant_for_subject"),
            (&lost_in_store, "find store - -", "kit_other_place"),
            (&lost_in_store, "find A - -", "kit_other_place"),
            (&damaged_in_store, "quarantine store - -", "kit_other_place"),
            (&given, "hand_over_in_error A S2 D1", "ok"),
            (&given, "hand_over A S1 D1", "kit_already_dispensed"),
        ];
        for (before, line, expected) in table {
            let got = Kit::after(Some(before), &movement(before, line));
            assert_eq!(got.map_or_else(|why| why.code(), |_| "ok"), expected, "{line} after {before:?}");
        }
    }

    #[test]
    fn a_kit_stays_bound_and_who_got_it_in_error_is_known() {
        let meant = kit("allocated", "A", "S1", "D1");
        let after = |line| Kit::after(Some(&meant), &movement(&meant, line)).expect("a movement that fits");
        assert_eq!(after("damage A - -"), kit("damaged", "A", "S1", "D1"));
        assert_eq!(after("hand_over A S1 D1"), kit("dispensed", "A", "S1", "D1"));
        assert_eq!(after("hand_over_in_error A S2 -"), kit("dispensed_in_error", "A", "S2", "-"));
    }

    #[test]
    fn states_reason_and_times_are_checked() {
        let shelf = kit("available", "A", "-", "-");
        let good = movement(&shelf, "damage A - -");
        let table = [
            (good.clone(), "ok"),
            (Movement { from: None, ..good.clone() }, "kit_other_state"),
            (Movement { from: Some(KitState::Allocated), ..good.clone() }, "kit_other_state"),
            (Movement { to: KitState::Lost, ..good.clone() }, "kit_other_state"),
            (Movement { reason: None, ..good.clone() }, "kit_reason_missing"),
            (Movement { happened: good.recorded.plus_seconds(1), ..good.clone() }, "kit_recorded_too_early"),
            (Movement { recorded: good.recorded.plus_seconds(1), ..good.clone() }, "ok"),
        ];
        for (changed, expected) in table {
            let got = Kit::after(Some(&shelf), &changed);
            assert_eq!(got.map_or_else(|why| why.code(), |_| "ok"), expected, "{changed:?}");
        }
    }
}
