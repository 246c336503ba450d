//! People and their roles.

use journal::Commitment;
use terms::{GrantId, UserId};

use super::Cell;
use super::fold::{Fold, Followed, at, by};
use crate::Role;
use crate::act::{Account, Act, Leaf};

impl<'a> Fold<'a> {
    pub(super) fn people(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::RoleProposed { grant, user, role, reason } => {
                self.proposed.insert(grant);
                self.grant(leaf, grant, (user, *role), reason, true)
            }
            Act::RoleGranted { grant, .. } if self.proposed.contains(grant) => {
                let columns = [("confirmed_by", by(leaf)), ("confirmed_at", Cell::of(at(leaf)))];
                self.add("role_confirmation", [grant], columns)
            }
            Act::RoleGranted { grant, user, role, reason } => {
                self.grant(leaf, grant, (user, *role), reason, false)
            }
            Act::RoleRevoked { grant, reason } => {
                let columns = [
                    ("reason_opening", Cell::sealed("reason", reason)),
                    ("revoked_by", by(leaf)),
                    ("revoked_at", Cell::of(at(leaf))),
                ];
                self.add("role_revocation", [grant], columns)
            }
            Act::AccountInvited(Account { user }) => {
                // The name and the address are no part of the journal (PRV-01).
                let columns = [("invited_by", by(leaf)), ("invited_at", Cell::of(at(leaf)))];
                self.add("person", [user], columns)
            }
            Act::ResetProposed(Account { user }) => {
                let columns = [("proposed_by", by(leaf)), ("proposed_at", Cell::of(at(leaf)))];
                self.add("reset_proposal", [user, &leaf.index], columns)
            }
            _ => Ok(()),
        }
    }

    fn grant(
        &mut self,
        leaf: &Leaf,
        grant: &GrantId,
        (user, role): (&UserId, Role),
        reason: &Commitment,
        needs_second: bool,
    ) -> Followed {
        let columns = [
            ("user_id", Cell::of(user)),
            ("role", Cell::of(role)),
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("reason_opening", Cell::sealed("reason", reason)),
            ("needs_second", Cell::of(needs_second)),
            ("granted_by", by(leaf)),
            ("granted_at", Cell::of(at(leaf))),
        ];
        self.add("role_grant", [grant], columns)
    }
}
