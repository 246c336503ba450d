//! The study itself: its design, its sites, its holds and its lists.

use journal::Hash;
use terms::{Country, ListId, SiteId};

use super::fold::{Fold, Followed, at, by};
use super::{Cell, UNOPENED};
use crate::ListState;
use crate::act::{Act, Leaf, Redaction};

impl<'a> Fold<'a> {
    pub(super) fn study(&mut self, leaf: &'a Leaf) -> Followed {
        let when = ("placed_at", Cell::of(at(leaf)));
        match &leaf.act {
            Act::StudyOpened { study, .. } => self.opened(study),
            Act::DesignActivated { version, fingerprint, .. } => self.design(leaf, *version, fingerprint),
            Act::SiteAdded { name, time_zone, country } => self.site(leaf, name, time_zone, *country),
            Act::HoldPlaced { hold, on, reason } => {
                let columns = [
                    ("site", Cell::maybe(leaf.site.as_ref())),
                    ("hold_on", Cell::of(on)),
                    ("reason_opening", Cell::sealed("reason", reason)),
                    ("placed_by", by(leaf)),
                    when,
                ];
                self.add("hold", [hold], columns)
            }
            Act::HoldReleased { hold, reason } => {
                let columns = [
                    ("reason_opening", Cell::sealed("reason", reason)),
                    ("released_by", by(leaf)),
                    ("released_at", Cell::of(at(leaf))),
                ];
                self.add("hold_release", [hold], columns)
            }
            Act::ListGenerated { list, algorithm, root, .. } => self.generated(leaf, list, algorithm, root),
            Act::ListApproved { list } => self.list(leaf, list, ListState::Approved, Cell::Empty),
            Act::ListActivated { list } => self.list(leaf, list, ListState::Active, Cell::Empty),
            Act::ListDiscarded { list, reason } => {
                self.list(leaf, list, ListState::Discarded, Cell::sealed("reason", reason))
            }
            Act::RedactionProposed(redaction) => self.redaction(leaf, redaction),
            Act::TextRedacted { redaction } => {
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("confirmed_by", by(leaf)),
                    ("confirmed_at", Cell::of(at(leaf))),
                ];
                self.add("redaction_confirmation", [redaction], columns)
            }
            _ => Ok(()),
        }
    }

    fn redaction(&mut self, leaf: &Leaf, of: &Redaction) -> Followed {
        let columns = [
            ("leaf", Cell::of(of.leaf)),
            ("field", Cell::of(&of.field)),
            ("commitment", Cell::of(of.commitment)),
            ("opening", Cell::of(&of.opening)),
            ("why", Cell::of(of.why)),
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("entry", Cell::of(leaf.index)),
            ("proposed_by", by(leaf)),
            ("proposed_at", Cell::of(at(leaf))),
        ];
        self.add("redaction", [&of.redaction], columns)
    }

    fn opened(&mut self, study: &terms::StudyId) -> Followed {
        // When it was created is not told by the leaf: the clock was read for each.
        self.add("study", [study], [])?;
        let columns = [
            ("kit_number_opening", Cell::sealed("kit_number_seed", UNOPENED)),
            ("pick_opening", Cell::sealed("pick_seed", UNOPENED)),
        ];
        self.add("study_secret", [study], columns)
    }

    fn design(&mut self, leaf: &Leaf, version: u32, fingerprint: &Hash) -> Followed {
        let columns = [
            // In the row it is the text, of which the fingerprint is taken anew.
            ("design", Cell::of(fingerprint)),
            ("fingerprint", Cell::of(fingerprint)),
            ("sealed_opening", Cell::sealed("sealed", UNOPENED)),
            ("loaded_at", Cell::of(at(leaf))),
        ];
        self.add("study_design", [&version], columns)
    }

    fn site(&mut self, leaf: &'a Leaf, name: &str, time_zone: &str, country: Country) -> Followed {
        let site: &SiteId = leaf.site.as_ref().ok_or("it adds no site")?;
        self.zones.insert(site, time_zone.parse().map_err(|_unknown| "its time zone is not known")?);
        let columns = [
            ("name", Cell::of(name)),
            ("time_zone", Cell::of(time_zone)),
            ("added_at", Cell::of(at(leaf))),
            ("country", Cell::of(country)),
        ];
        self.add("site", [site], columns)
    }

    fn generated(&mut self, leaf: &Leaf, list: &ListId, algorithm: &str, root: &Hash) -> Followed {
        let columns = [
            ("design_version", Cell::maybe(leaf.design)),
            ("algorithm", Cell::of(algorithm)),
            ("root", Cell::of(root)),
            ("seed_opening", Cell::sealed("seed", UNOPENED)),
            ("generated_by", by(leaf)),
            ("generated_at", Cell::of(at(leaf))),
        ];
        self.out.lists.insert(list.clone(), ListState::Generated);
        self.add("allocation_list", [list], columns)
    }

    fn list(&mut self, leaf: &Leaf, list: &ListId, state: ListState, reason: Cell) -> Followed {
        let of = self.out.lists.get_mut(list).ok_or_else(|| format!("list {list} was not generated"))?;
        *of = state;
        let columns =
            [("reason_opening", reason), ("changed_by", by(leaf)), ("changed_at", Cell::of(at(leaf)))];
        self.add("list_change", [list, &state], columns)
    }

    pub(super) fn list_states(&mut self) {
        for (list, state) in &self.out.lists {
            self.out.rows.add("list_state", [list], [("state", Cell::of(state))]);
        }
    }
}
