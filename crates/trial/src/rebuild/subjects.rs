//! Subjects: entered, randomized, seen at visits, gone; and their code breaks.

use terms::{RandomizationNumber, SubjectId};

use super::Cell;
use super::fold::{Fold, Followed, at, by};
use crate::act::{Act, Leaf, VisitRecorded};
use crate::{Stops, SubjectState};

impl<'a> Fold<'a> {
    pub(super) fn subjects(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::SubjectScreened { subject, .. } => self.screened(leaf, subject),
            Act::ScreeningFailed { subject, criteria } => {
                let criteria = Cell::of(criteria.join(", "));
                self.ended(leaf, subject, SubjectState::ScreenFailed, [Cell::Empty, criteria])
            }
            Act::Randomized { subject, number, .. } => self.randomized(leaf, subject, *number),
            Act::VisitRecorded(visit) => self.visited(leaf, visit),
            Act::SubjectStopped { subject, stops, reason } => {
                let state = match stops {
                    Stops::Drug => SubjectState::OffDrug,
                    Stops::Study => SubjectState::LeftStudy,
                };
                self.ended(leaf, subject, state, [Cell::of(reason), Cell::Empty])
            }
            Act::Unblinded { unblinding, subject, reason, found_by } => {
                let columns = [
                    ("subject", Cell::of(subject)),
                    ("reason", Cell::of(reason)),
                    ("found_by", Cell::of(found_by)),
                    ("broken_by", by(leaf)),
                    ("broken_at", Cell::of(at(leaf))),
                ];
                self.add("unblinding", [unblinding], columns)
            }
            Act::UnblindingNoted { unblinding, text } => {
                let columns = [
                    ("opening", Cell::sealed("text", text)),
                    ("noted_by", by(leaf)),
                    ("noted_at", Cell::of(at(leaf))),
                ];
                self.add("unblinding_note", [unblinding, &leaf.index], columns)
            }
            _ => Ok(()),
        }
    }

    fn screened(&mut self, leaf: &Leaf, subject: &SubjectId) -> Followed {
        let Act::SubjectScreened { birth_year, sex, duplicate_reason, .. } = &leaf.act else { return Ok(()) };
        let columns = [
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("birth_year", Cell::of(birth_year)),
            ("sex", Cell::of(sex)),
            ("duplicate_opening", Cell::maybe_sealed("duplicate_reason", duplicate_reason.as_ref())),
            ("screened_by", by(leaf)),
            ("screened_at", Cell::of(at(leaf))),
        ];
        self.out.subjects.insert(subject.clone(), (SubjectState::Screened, at(leaf)));
        self.add("subject", [subject], columns)
    }

    fn randomized(&mut self, leaf: &Leaf, subject: &SubjectId, number: RandomizationNumber) -> Followed {
        let Act::Randomized { list, stratum, position, consent, .. } = &leaf.act else { return Ok(()) };
        let columns = [
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("number", Cell::of(number.ordinal())),
            ("list", Cell::of(list)),
            ("stratum", Cell::of(stratum)),
            ("position", Cell::of(position)),
            ("consent", Cell::of(consent)),
            ("design_version", Cell::maybe(leaf.design)),
            ("randomized_by", by(leaf)),
            ("randomized_at", Cell::of(at(leaf))),
        ];
        self.becomes(leaf, subject, SubjectState::InTreatment)?;
        self.add("randomization", [subject], columns)
    }

    fn visited(&mut self, leaf: &Leaf, recorded: &VisitRecorded) -> Followed {
        let VisitRecorded { subject, visit, day, in_window, correction_reason } = recorded;
        let columns = [
            ("day", Cell::of(day)),
            ("in_window", Cell::maybe(*in_window)),
            ("correction_opening", Cell::maybe_sealed("correction_reason", correction_reason.as_ref())),
            ("recorded_by", by(leaf)),
            ("recorded_at", Cell::of(at(leaf))),
        ];
        self.add("visit_record", [subject, visit, &leaf.index], columns)
    }

    fn ended(&mut self, leaf: &Leaf, subject: &SubjectId, state: SubjectState, why: [Cell; 2]) -> Followed {
        let [reason, criteria] = why;
        let columns = [
            ("reason", reason),
            ("criteria", criteria),
            ("ended_by", by(leaf)),
            ("ended_at", Cell::of(at(leaf))),
        ];
        self.becomes(leaf, subject, state)?;
        self.add("subject_end", [subject, &state], columns)
    }

    fn becomes(&mut self, leaf: &Leaf, subject: &SubjectId, state: SubjectState) -> Followed {
        let of = self.out.subjects.get_mut(subject);
        *of.ok_or_else(|| format!("subject {subject} was not entered"))? = (state, at(leaf));
        Ok(())
    }

    pub(super) fn subject_states(&mut self) {
        for (subject, (state, changed)) in &self.out.subjects {
            let columns = [("state", Cell::of(state)), ("changed_at", Cell::of(changed))];
            self.out.rows.add("subject_state", [subject], columns);
        }
    }
}
