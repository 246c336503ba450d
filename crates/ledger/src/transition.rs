//! The one table that says which move is possible in which state, and why another is not.

use std::fmt;

use crate::{KitState, Move};

/// The state after a move, or why the move is impossible; `None` is a kit that does not exist yet.
///
/// Two absences carry promises. Nothing leads from a handed-over kit back to the shelf or to a second
/// hand-over: where the state alone does not tell that a kit was handed over (lost, reconciled), the kit
/// remembers it, and [`crate::Kit::after`] refuses. And no move takes a kit from its subject back to the shelf:
/// its number may have been seen with that subject, and the same number with another one would prove that the
/// two share an arm (BLD-10; [`Move::RestoreToShelf`] is refused for such a kit likewise).
///
/// # Errors
/// [`IllegalMove`] with the reason, which depends on the state and the move only.
pub fn next(from: Option<KitState>, a_move: Move) -> Result<KitState, IllegalMove> {
    use KitState as S;
    use Move as M;
    let Some(state) = from else {
        return if a_move == M::Register { Ok(S::Registered) } else { Err(IllegalMove::NotRegistered) };
    };
    match (state, a_move) {
        (S::Registered, M::Release) | (S::InTransit, M::Stock) => Ok(S::Released),
        (S::Released, M::Dispatch) => Ok(S::InTransit),
        (S::Released | S::InTransit, M::Receive) => Ok(S::Available),
        (S::Available, M::Allocate) => Ok(S::Allocated),
        (S::Allocated, M::HandOver) => Ok(S::Dispensed),
        (S::Quarantined, M::RestoreToStock) => Ok(S::Released),
        (S::Quarantined, M::RestoreToShelf) => Ok(S::Available),
        (S::Quarantined, M::RestoreToSubject) => Ok(S::Allocated),
        (S::Lost, M::Find) => Ok(S::Quarantined),
        (_, M::Quarantine) if may_be_set_aside(state) => Ok(S::Quarantined),
        (_, M::Damage) if may_be_damaged(state) => Ok(S::Damaged),
        (_, M::Lose) if may_be_lost(state) => Ok(S::Lost),
        // KIT-17: whatever was believed of a kit, the truth that somebody got it can be recorded.
        (_, M::HandOverInError) if state != S::DispensedInError => Ok(S::DispensedInError),
        (_, M::ReturnUnused) if may_come_back(state) => Ok(S::ReturnedUnused),
        (_, M::ReturnPartlyUsed) if may_come_back(state) => Ok(S::ReturnedPartlyUsed),
        (_, M::ReturnUsed) if may_come_back(state) => Ok(S::ReturnedUsed),
        (_, M::Reconcile) if may_be_reconciled(state) => Ok(S::Reconciled),
        (S::Reconciled, M::Destroy) => Ok(S::Destroyed),
        _ => Err(refusal(state, a_move)),
    }
}

const fn may_be_set_aside(state: KitState) -> bool {
    use KitState as S;
    matches!(state, S::Released | S::Available | S::Allocated | S::Damaged | S::Reconciled)
}

const fn may_be_damaged(state: KitState) -> bool {
    use KitState as S;
    matches!(
        state,
        S::Registered | S::Released | S::InTransit | S::Available | S::Allocated | S::Quarantined | S::Lost
    )
}

/// A kit can be lost wherever it is, by a subject and after its return, too.
const fn may_be_lost(state: KitState) -> bool {
    !matches!(state, KitState::Lost | KitState::Reconciled | KitState::Destroyed)
}

/// Also from lost and reconciled: that a kit turned up, or was counted wrongly, is a truth that can be recorded.
const fn may_come_back(state: KitState) -> bool {
    use KitState as S;
    is_returned(state) || matches!(state, S::Dispensed | S::DispensedInError | S::Lost | S::Reconciled)
}

/// KIT-18: everything that is somewhere, or of which is known that it is not. What is on its way arrives first.
const fn may_be_reconciled(state: KitState) -> bool {
    !matches!(state, KitState::InTransit | KitState::Reconciled | KitState::Destroyed)
}

const fn is_returned(state: KitState) -> bool {
    use KitState as S;
    matches!(state, S::ReturnedUnused | S::ReturnedPartlyUsed | S::ReturnedUsed)
}

/// Why a move is impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IllegalMove {
    /// There is no such kit.
    NotRegistered,
    /// The kit exists already.
    AlreadyRegistered,
    /// Its batch is not released.
    NotReleased,
    /// Its batch is released already.
    AlreadyReleased,
    /// It is on its way.
    InTransit,
    /// It is not on its way.
    NotInTransit,
    /// No site has received it.
    NotReceived,
    /// A site has received it already.
    AlreadyReceived,
    /// It is allocated to nobody.
    NotAllocated,
    /// It is allocated already.
    AlreadyAllocated,
    /// It has been handed over.
    AlreadyDispensed,
    /// It has not been handed over.
    NotDispensed,
    /// It has come back.
    Returned,
    /// It is in quarantine.
    Quarantined,
    /// It is not in quarantine.
    NotQuarantined,
    /// It is damaged.
    Damaged,
    /// It is lost.
    Lost,
    /// It is not lost.
    NotLost,
    /// It has been handed over in error.
    DispensedInError,
    /// It is reconciled.
    Reconciled,
    /// It is not reconciled.
    NotReconciled,
    /// It is destroyed.
    Destroyed,
}

impl IllegalMove {
    /// The published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotRegistered => "kit_not_registered",
            Self::AlreadyRegistered => "kit_already_registered",
            Self::NotReleased => "kit_not_released",
            Self::AlreadyReleased => "kit_already_released",
            Self::InTransit => "kit_in_transit",
            Self::NotInTransit => "kit_not_in_transit",
            Self::NotReceived => "kit_not_received",
            Self::AlreadyReceived => "kit_already_received",
            Self::NotAllocated => "kit_not_allocated",
            Self::AlreadyAllocated => "kit_already_allocated",
            Self::AlreadyDispensed => "kit_already_dispensed",
            Self::NotDispensed => "kit_not_dispensed",
            Self::Returned => "kit_returned",
            Self::Quarantined => "kit_quarantined",
            Self::NotQuarantined => "kit_not_quarantined",
            Self::Damaged => "kit_damaged",
            Self::Lost => "kit_lost",
            Self::NotLost => "kit_not_lost",
            Self::DispensedInError => "kit_dispensed_in_error",
            Self::Reconciled => "kit_reconciled",
            Self::NotReconciled => "kit_not_reconciled",
            Self::Destroyed => "kit_destroyed",
        }
    }
}

impl fmt::Display for IllegalMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for IllegalMove {}

/// The reason of a refusal, for a pair that [`next`] does not allow: what the move asks for first, then what
/// the state stands in the way with.
const fn refusal(state: KitState, a_move: Move) -> IllegalMove {
    match (state, a_move) {
        (_, Move::Register) => IllegalMove::AlreadyRegistered,
        (KitState::Destroyed, _) => IllegalMove::Destroyed,
        (_, Move::Destroy) => IllegalMove::NotReconciled,
        (_, Move::ReturnUnused | Move::ReturnPartlyUsed | Move::ReturnUsed) => IllegalMove::NotDispensed,
        (KitState::Dispensed, _) => IllegalMove::AlreadyDispensed,
        (KitState::DispensedInError, _) => IllegalMove::DispensedInError,
        (state, _) if is_returned(state) => IllegalMove::Returned,
        (KitState::Reconciled, _) => IllegalMove::Reconciled,
        (_, Move::RestoreToStock | Move::RestoreToShelf | Move::RestoreToSubject) => {
            IllegalMove::NotQuarantined
        }
        (_, Move::Find) => IllegalMove::NotLost,
        (_, Move::Stock) => IllegalMove::NotInTransit,
        (KitState::Quarantined, _) => IllegalMove::Quarantined,
        (KitState::Damaged, _) => IllegalMove::Damaged,
        (KitState::Lost, _) => IllegalMove::Lost,
        (KitState::InTransit, _) => IllegalMove::InTransit,
        (KitState::Registered, _) => IllegalMove::NotReleased,
        (KitState::Released, Move::Release) => IllegalMove::AlreadyReleased,
        (KitState::Released, _) => IllegalMove::NotReceived,
        (KitState::Available | KitState::Allocated, Move::Release | Move::Dispatch | Move::Receive) => {
            IllegalMove::AlreadyReceived
        }
        (KitState::Available, _) => IllegalMove::NotAllocated,
        (_, _) => IllegalMove::AlreadyAllocated,
    }
}

/// Two Markdown tables for people: what each move makes of which states, and every pair of move and state with the
/// new state in bold or the code of the refusal.
pub fn transition_table() -> String {
    format!("{}\n{}", allowed(), every_pair())
}

fn states() -> impl Iterator<Item = Option<KitState>> {
    std::iter::once(None).chain(KitState::ALL.map(Some))
}

fn named(state: Option<KitState>) -> &'static str {
    state.map_or("(no kit)", KitState::code)
}

fn allowed() -> String {
    let mut table = String::from("| move | from | to |\n|---|---|---|\n");
    for a_move in Move::ALL {
        let from: Vec<&str> = states().filter(|from| next(*from, a_move).is_ok()).map(named).collect();
        let to = states().find_map(|from| next(from, a_move).ok());
        table.push_str(&format!("| `{}` | {} | {} |\n", a_move.code(), from.join(", "), named(to)));
    }
    table
}

fn every_pair() -> String {
    let head: String = states().map(|state| format!(" {} |", named(state))).collect();
    let mut table = format!("| move \\ state |{head}\n|---|{}\n", "---|".repeat(states().count()));
    for a_move in Move::ALL {
        let cells: String = states().map(|state| cell(state, a_move)).collect();
        table.push_str(&format!("| `{}` |{cells}\n", a_move.code()));
    }
    table
}

fn cell(state: Option<KitState>, a_move: Move) -> String {
    match next(state, a_move) {
        Ok(to) => format!(" **{}** |", to.code()),
        Err(why) => format!(" {} |", why.code()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{next, transition_table};
    use crate::{KitState, Move};

    /// Every pair, written by hand: one line a move; columns: no kit, registered, released, in transit, available,
    /// allocated, dispensed, returned unused, partly used, used, quarantined, damaged, lost, dispensed in error,
    /// reconciled, destroyed. `+` leads to a state, `-` is refused.
    const EXPECTED: [(Move, &str); 20] = [
        (Move::Register, "+r -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR -AR"),
        (Move::Release, "-NR +s -AL -T -AC -AC -AD -B -B -B -Q -D -L -E -C -Z"),
        (Move::Dispatch, "-NR -NL +t -T -AC -AC -AD -B -B -B -Q -D -L -E -C -Z"),
        (Move::Stock, "-NR -NT -NT +s -NT -NT -AD -B -B -B -NT -NT -NT -E -C -Z"),
        (Move::Receive, "-NR -NL +a +a -AC -AC -AD -B -B -B -Q -D -L -E -C -Z"),
        (Move::Allocate, "-NR -NL -NC -T +o -AA -AD -B -B -B -Q -D -L -E -C -Z"),
        (Move::HandOver, "-NR -NL -NC -T -NA +d -AD -B -B -B -Q -D -L -E -C -Z"),
        (Move::Quarantine, "-NR -NL +q -T +q +q -AD -B -B -B -Q +q -L -E +q -Z"),
        (Move::RestoreToStock, "-NR -NQ -NQ -NQ -NQ -NQ -AD -B -B -B +s -NQ -NQ -E -C -Z"),
        (Move::RestoreToShelf, "-NR -NQ -NQ -NQ -NQ -NQ -AD -B -B -B +a -NQ -NQ -E -C -Z"),
        (Move::RestoreToSubject, "-NR -NQ -NQ -NQ -NQ -NQ -AD -B -B -B +o -NQ -NQ -E -C -Z"),
        (Move::Damage, "-NR +m +m +m +m +m -AD -B -B -B +m -D +m -E -C -Z"),
        (Move::Lose, "-NR +l +l +l +l +l +l +l +l +l +l +l -L +l -C -Z"),
        (Move::Find, "-NR -NF -NF -NF -NF -NF -AD -B -B -B -NF -NF +q -E -C -Z"),
        (Move::HandOverInError, "-NR +e +e +e +e +e +e +e +e +e +e +e +e -E +e +e"),
        (Move::ReturnUnused, "-NR -ND -ND -ND -ND -ND +u +u +u +u -ND -ND +u +u +u -Z"),
        (Move::ReturnPartlyUsed, "-NR -ND -ND -ND -ND -ND +p +p +p +p -ND -ND +p +p +p -Z"),
        (Move::ReturnUsed, "-NR -ND -ND -ND -ND -ND +x +x +x +x -ND -ND +x +x +x -Z"),
        (Move::Reconcile, "-NR +c +c -T +c +c +c +c +c +c +c +c +c +c -C -Z"),
        (Move::Destroy, "-NR -NK -NK -NK -NK -NK -NK -NK -NK -NK -NK -NK -NK -NK +z -Z"),
    ];

    fn spelled(short: &str) -> &str {
        match short {
            "-NR" => "kit_not_registered",
            "-AR" => "kit_already_registered",
            "-NL" => "kit_not_released",
            "-AL" => "kit_already_released",
            "-T" => "kit_in_transit",
            "-NT" => "kit_not_in_transit",
            "-NC" => "kit_not_received",
            "-AC" => "kit_already_received",
            "-NA" => "kit_not_allocated",
            "-AA" => "kit_already_allocated",
            "-AD" => "kit_already_dispensed",
            "-ND" => "kit_not_dispensed",
            "-B" => "kit_returned",
            "-Q" => "kit_quarantined",
            "-NQ" => "kit_not_quarantined",
            "-D" => "kit_damaged",
            "-L" => "kit_lost",
            "-NF" => "kit_not_lost",
            "-E" => "kit_dispensed_in_error",
            "-C" => "kit_reconciled",
            "-NK" => "kit_not_reconciled",
            "-Z" => "kit_destroyed",
            "+r" => "registered",
            "+s" => "released",
            "+t" => "in_transit",
            "+a" => "available",
            "+o" => "allocated",
            "+d" => "dispensed",
            "+u" => "returned_unused",
            "+p" => "returned_partly_used",
            "+x" => "returned_used",
            "+q" => "quarantined",
            "+m" => "damaged",
            "+l" => "lost",
            "+e" => "dispensed_in_error",
            "+c" => "reconciled",
            "+z" => "destroyed",
            other => panic!("{other} stands for nothing"),
        }
    }

    #[test]
    fn kit_04_every_pair_of_state_and_move_is_allowed_or_refused_with_its_reason() {
        for ((a_move, row), published) in EXPECTED.into_iter().zip(Move::ALL) {
            assert_eq!(a_move, published, "the rows stand in the order of the moves");
            let cells: Vec<&str> = row.split(' ').collect();
            let states: Vec<Option<KitState>> =
                std::iter::once(None).chain(KitState::ALL.map(Some)).collect();
            assert_eq!(cells.len(), states.len());
            for (state, cell) in states.into_iter().zip(cells) {
                let got = next(state, a_move).map_or_else(|why| why.code(), KitState::code);
                assert_eq!(got, spelled(cell), "{a_move:?} from {state:?}");
                assert_eq!(next(state, a_move).is_ok(), cell.starts_with('+'), "{a_move:?} from {state:?}");
            }
        }
    }

    /// All states that some sequence of moves leads to.
    fn reachable(from: Option<KitState>) -> BTreeSet<KitState> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(state) = open.pop() {
            for to in Move::ALL.into_iter().filter_map(|a_move| next(state, a_move).ok()) {
                if seen.insert(to) {
                    open.push(Some(to));
                }
            }
        }
        seen
    }

    #[test]
    fn every_state_is_reached() {
        assert_eq!(reachable(None), KitState::ALL.into_iter().collect());
    }

    #[test]
    fn kit_18_only_what_is_reconciled_is_destroyed() {
        let before = |state| next(Some(state), Move::Destroy).is_ok();
        assert_eq!(KitState::ALL.map(before).iter().filter(|may| **may).count(), 1);
        assert!(before(KitState::Reconciled));
    }

    #[test]
    fn kit_12_quarantine_is_left_for_use_only_by_a_decision_of_quality() {
        let usable = [KitState::Released, KitState::Available, KitState::Allocated, KitState::Dispensed];
        for a_move in Move::ALL {
            let leads_to_use = next(Some(KitState::Quarantined), a_move).is_ok_and(|to| usable.contains(&to));
            let by_quality =
                [Move::RestoreToStock, Move::RestoreToShelf, Move::RestoreToSubject].contains(&a_move);
            assert_eq!(leads_to_use, by_quality, "{a_move:?}");
        }
    }

    #[test]
    fn the_published_table_is_the_one_in_force() {
        let page = include_str!("../../../docs/SUPPLY.md");
        let table = transition_table();
        assert!(page.contains(&table), "docs/SUPPLY.md does not hold this table:\n{table}");
    }
}
