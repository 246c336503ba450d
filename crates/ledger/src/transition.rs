//! The one table that says which move is possible in which state, and why another is not.

use std::fmt;

use crate::{KitState, Move};

/// The state after a move, or why the move is impossible; `None` is a kit that does not exist yet.
///
/// Two absences carry promises. Nothing leads from a handed-over kit back to the shelf or to a second
/// hand-over. And no move takes a kit from its subject back to the shelf: its number may have been seen with
/// that subject, and the same number with another one would prove that the two share an arm (BLD-10;
/// [`Move::RestoreToShelf`] is refused for such a kit by [`crate::Kit::after`]).
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
        (S::Registered, M::Release) => Ok(S::Released),
        (S::Released, M::Receive) => Ok(S::Available),
        (S::Available, M::Allocate) => Ok(S::Allocated),
        (S::Allocated, M::HandOver) => Ok(S::Dispensed),
        (S::Available | S::Allocated | S::Damaged, M::Quarantine) | (S::Lost, M::Find) => Ok(S::Quarantined),
        (S::Quarantined, M::RestoreToShelf) => Ok(S::Available),
        (S::Quarantined, M::RestoreToSubject) => Ok(S::Allocated),
        (S::Registered | S::Released | S::Available | S::Allocated | S::Quarantined | S::Lost, M::Damage) => {
            Ok(S::Damaged)
        }
        (
            S::Registered | S::Released | S::Available | S::Allocated | S::Quarantined | S::Damaged,
            M::Lose,
        ) => Ok(S::Lost),
        // KIT-17: whatever was believed of a kit, the truth that somebody got it can be recorded, once.
        (_, M::HandOverInError) if state != S::DispensedInError => Ok(S::DispensedInError),
        _ => Err(refusal(state, a_move)),
    }
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
}

impl IllegalMove {
    /// The published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotRegistered => "kit_not_registered",
            Self::AlreadyRegistered => "kit_already_registered",
            Self::NotReleased => "kit_not_released",
            Self::AlreadyReleased => "kit_already_released",
            Self::NotReceived => "kit_not_received",
            Self::AlreadyReceived => "kit_already_received",
            Self::NotAllocated => "kit_not_allocated",
            Self::AlreadyAllocated => "kit_already_allocated",
            Self::AlreadyDispensed => "kit_already_dispensed",
            Self::Quarantined => "kit_quarantined",
            Self::NotQuarantined => "kit_not_quarantined",
            Self::Damaged => "kit_damaged",
            Self::Lost => "kit_lost",
            Self::NotLost => "kit_not_lost",
            Self::DispensedInError => "kit_dispensed_in_error",
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
        (KitState::Dispensed, _) => IllegalMove::AlreadyDispensed,
        (KitState::DispensedInError, _) => IllegalMove::DispensedInError,
        (_, Move::RestoreToShelf | Move::RestoreToSubject) => IllegalMove::NotQuarantined,
        (_, Move::Find) => IllegalMove::NotLost,
        (KitState::Quarantined, _) => IllegalMove::Quarantined,
        (KitState::Damaged, _) => IllegalMove::Damaged,
        (KitState::Lost, _) => IllegalMove::Lost,
        (KitState::Registered, _) => IllegalMove::NotReleased,
        (KitState::Released, Move::Release) => IllegalMove::AlreadyReleased,
        (KitState::Released, _) => IllegalMove::NotReceived,
        (KitState::Available | KitState::Allocated, Move::Release | Move::Receive) => {
            IllegalMove::AlreadyReceived
        }
        (KitState::Available, _) => IllegalMove::NotAllocated,
        (KitState::Allocated, _) => IllegalMove::AlreadyAllocated,
    }
}

/// Every pair of state and move as a Markdown table: the new state in bold, or the code of the refusal.
pub fn transition_table() -> String {
    let states = || std::iter::once(None).chain(KitState::ALL.map(Some));
    let mut table = String::from("| move \\ state |");
    let mut rule = String::from("|---|");
    for state in states() {
        table.push_str(&format!(" {} |", state.map_or("(no kit)", KitState::code)));
        rule.push_str("---|");
    }
    table.push('\n');
    table.push_str(&rule);
    table.push('\n');
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

    /// Every pair, written by hand: one line a move; columns: no kit, registered, released, available,
    /// allocated, dispensed, quarantined, damaged, lost, dispensed in error. `+` leads to a state, `-` is
    /// refused.
    const EXPECTED: [(Move, &str); 12] = [
        (Move::Register, "+registered -AR -AR -AR -AR -AR -AR -AR -AR -AR"),
        (Move::Release, "-NR +released -AL -AC -AC -AD -Q -D -L -E"),
        (Move::Receive, "-NR -NL +available -AC -AC -AD -Q -D -L -E"),
        (Move::Allocate, "-NR -NL -NC +allocated -AA -AD -Q -D -L -E"),
        (Move::HandOver, "-NR -NL -NC -NA +dispensed -AD -Q -D -L -E"),
        (Move::Quarantine, "-NR -NL -NC +quarantined +quarantined -AD -Q +quarantined -L -E"),
        (Move::RestoreToShelf, "-NR -NQ -NQ -NQ -NQ -AD +available -NQ -NQ -E"),
        (Move::RestoreToSubject, "-NR -NQ -NQ -NQ -NQ -AD +allocated -NQ -NQ -E"),
        (Move::Damage, "-NR +damaged +damaged +damaged +damaged -AD +damaged -D +damaged -E"),
        (Move::Lose, "-NR +lost +lost +lost +lost -AD +lost +lost -L -E"),
        (Move::Find, "-NR -NF -NF -NF -NF -AD -NF -NF +quarantined -E"),
        (Move::HandOverInError, "-NR +X +X +X +X +X +X +X +X -E"),
    ];

    fn spelled(short: &str) -> &str {
        match short {
            "-NR" => "kit_not_registered",
            "-AR" => "kit_already_registered",
            "-NL" => "kit_not_released",
            "-AL" => "kit_already_released",
            "-NC" => "kit_not_received",
            "-AC" => "kit_already_received",
            "-NA" => "kit_not_allocated",
            "-AA" => "kit_already_allocated",
            "-AD" => "kit_already_dispensed",
            "-Q" => "kit_quarantined",
            "-NQ" => "kit_not_quarantined",
            "-D" => "kit_damaged",
            "-L" => "kit_lost",
            "-NF" => "kit_not_lost",
            "-E" => "kit_dispensed_in_error",
            "+X" => "dispensed_in_error",
            state => state.trim_start_matches('+'),
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
    fn every_state_is_reached_and_no_way_leads_back_from_a_hand_over() {
        assert_eq!(reachable(None), KitState::ALL.into_iter().collect());
        assert_eq!(reachable(Some(KitState::Dispensed)), BTreeSet::from([KitState::DispensedInError]));
        assert_eq!(reachable(Some(KitState::DispensedInError)), BTreeSet::new());
    }

    #[test]
    fn kit_12_quarantine_is_left_for_use_only_by_a_decision_of_quality() {
        let usable = [KitState::Available, KitState::Allocated, KitState::Dispensed];
        for a_move in Move::ALL {
            let leads_to_use = next(Some(KitState::Quarantined), a_move).is_ok_and(|to| usable.contains(&to));
            let by_quality = [Move::RestoreToShelf, Move::RestoreToSubject].contains(&a_move);
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
