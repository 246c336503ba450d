//! Granting, confirming and revoking roles (USR-01, USR-05, BLD-13).

use terms::UserId;

use crate::policy::{HeldRole, may_be_granted};
use crate::{Refusal, Role};

/// One grant of the person's history. It counts from the moment it is proposed, and for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The role, with its study and site.
    pub held: HeldRole,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// Decides whether the asker may grant `wanted` to the user, who has this history. Whether it takes a second
/// person says [`Role::takes_two`].
///
/// `site_exists` says whether the site that is named is one of the study.
///
/// # Errors
/// In this order: [`Refusal::SamePerson`] to oneself; [`Refusal::Field`] for a study or site that the role
/// does not have, or lacks; [`Refusal::Exists`] for a role that is held or proposed already;
/// [`Refusal::RoleExcluded`].
pub fn grant(
    asker: &UserId,
    user: &UserId,
    wanted: &HeldRole,
    site_exists: bool,
    history: &[Past],
) -> Result<(), Refusal> {
    if asker == user {
        return Err(Refusal::SamePerson);
    }
    check_place(wanted, site_exists)?;
    if history.iter().any(|past| !past.revoked && past.held == *wanted) {
        return Err(Refusal::Exists("grant"));
    }
    check_history(wanted, history)
}

/// What is known of a grant that is to be confirmed or revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Who is to hold the role.
    pub user: UserId,
    /// The role, with its study and site.
    pub held: HeldRole,
    /// Who granted it; the installation itself for the first administrators.
    pub granted_by: Option<UserId>,
    /// Whether it takes a second person and has none yet.
    pub waits: bool,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// Decides whether the asker may confirm a grant; `others` is the rest of the holder's history, which may
/// have grown since the grant was proposed.
///
/// # Errors
/// In this order: [`Refusal::SamePerson`] for whoever granted it or is to hold it; [`Refusal::Exists`] for a
/// grant that was revoked or waits for nobody; [`Refusal::RoleExcluded`].
pub fn confirm(asker: &UserId, proposal: &Proposal, others: &[Past]) -> Result<(), Refusal> {
    if *asker == proposal.user || Some(asker) == proposal.granted_by.as_ref() {
        return Err(Refusal::SamePerson);
    }
    if proposal.revoked {
        return Err(Refusal::Exists("revocation"));
    }
    if !proposal.waits {
        return Err(Refusal::Exists("confirmation"));
    }
    check_history(&proposal.held, others)
}

/// Decides whether the asker may revoke a grant. Nobody revokes their own, so at least one administrator
/// stays.
///
/// # Errors
/// In this order: [`Refusal::SamePerson`]; [`Refusal::Exists`] for a grant that was revoked before.
pub fn revoke(asker: &UserId, proposal: &Proposal) -> Result<(), Refusal> {
    if *asker == proposal.user {
        return Err(Refusal::SamePerson);
    }
    if proposal.revoked { Err(Refusal::Exists("revocation")) } else { Ok(()) }
}

fn check_place(wanted: &HeldRole, site_exists: bool) -> Result<(), Refusal> {
    let of_a_study = wanted.role != Role::Administrator;
    match (&wanted.study, of_a_study) {
        (None, true) => return Err(Refusal::field("study", "must be named: the role is one of a study")),
        (Some(_), false) => {
            return Err(Refusal::field("study", "must not be named: the role is of the installation"));
        }
        _ => {}
    }
    match (&wanted.site, wanted.role.is_of_a_site()) {
        (Some(_), true) if site_exists => Ok(()),
        (_, true) => Err(Refusal::field("site", "must name a site of the study")),
        (Some(_), false) => Err(Refusal::field("site", "must not be named: the role is of no single site")),
        (None, false) => Ok(()),
    }
}

fn check_history(wanted: &HeldRole, history: &[Past]) -> Result<(), Refusal> {
    let in_study = history.iter().filter(|past| past.held.study == wanted.study);
    let roles: Vec<Role> = in_study.map(|past| past.held.role).collect();
    let held = |role: fn(Role) -> bool| history.iter().any(|past| !past.revoked && role(past.held.role));
    let is_administrator = held(|role| role == Role::Administrator);
    let has_any_study = held(|role| role != Role::Administrator);
    let fits = may_be_granted(wanted.role, &roles, is_administrator, has_any_study);
    if fits { Ok(()) } else { Err(Refusal::RoleExcluded) }
}

#[cfg(test)]
mod tests {
    use terms::{SiteId, StudyId, UserId};

    use super::{Past, Proposal, confirm, grant, revoke};
    use crate::policy::HeldRole;
    use crate::{Refusal, Role};

    fn user(name: &str) -> UserId {
        UserId::parse(name).expect("a user")
    }

    /// `role study/site`, with `!` before it when it was revoked.
    fn past(text: &str) -> Past {
        let revoked = text.starts_with('!');
        Past { held: held(text.trim_start_matches('!')), revoked }
    }

    fn held(text: &str) -> HeldRole {
        let (role, place) = text.split_once(' ').unwrap_or((text, ""));
        let (study, site) = place.split_once('/').unwrap_or((place, ""));
        HeldRole {
            role: role.parse().expect("a role"),
            study: StudyId::parse(study).ok(),
            site: SiteId::parse(site).ok(),
        }
    }

    #[test]
    fn bld_13_history_excludes_roles_even_after_a_revocation() {
        #[rustfmt::skip]
        let table: &[(&str, &[&str], Option<&str>)] = &[
            ("investigator a/1",    &[],                                    None),
            ("investigator a/1",    &["pharmacist a/1"],                    None),
            ("investigator a/1",    &["investigator a/2"],                  None),
            ("investigator a/1",    &["investigator a/1"],                  Some("exists")),
            ("investigator a/1",    &["!investigator a/1"],                 None),
            ("statistician a",      &["investigator a/1"],                  Some("role-excluded")),
            ("statistician a",      &["!investigator a/1"],                 Some("role-excluded")),
            ("statistician a",      &["!monitor a"],                        Some("role-excluded")),
            ("statistician a",      &["!investigator b/1"],                 None),
            ("statistician a",      &["supply_manager a"],                  None),
            ("investigator a/1",    &["!statistician a"],                   Some("role-excluded")),
            ("pharmacist a/1",      &["unblinded_reviewer a"],              Some("role-excluded")),
            ("monitor a",           &["administrator"],                     Some("role-excluded")),
            ("monitor a",           &["!administrator"],                    None),
            ("administrator",       &["monitor a"],                         Some("role-excluded")),
            ("administrator",       &["!monitor a"],                        None),
            ("administrator",       &["administrator"],                     Some("exists")),
            ("investigator a",      &[],                                    Some("invalid-field")),
            ("investigator",        &[],                                    Some("invalid-field")),
            ("monitor a/1",         &[],                                    Some("invalid-field")),
            ("monitor",             &[],                                    Some("invalid-field")),
            ("administrator a",     &[],                                    Some("invalid-field")),
        ];
        for (wanted, history, expected) in table {
            let history: Vec<Past> = history.iter().map(|text| past(text)).collect();
            let decided = grant(&user("ada"), &user("eve"), &held(wanted), true, &history);
            assert_eq!(decided.err().map(|refusal| refusal.code()), *expected, "{wanted} after {history:?}");
        }
    }

    #[test]
    fn nobody_grants_to_themselves_and_a_site_must_exist() {
        let wanted = held("investigator a/1");
        assert_eq!(grant(&user("ada"), &user("ada"), &wanted, true, &[]), Err(Refusal::SamePerson));
        let unknown = grant(&user("ada"), &user("eve"), &wanted, false, &[]);
        assert!(matches!(unknown, Err(Refusal::Field(path, _)) if path == "site"));
    }

    #[test]
    fn bld_13_a_second_administrator_confirms_and_nobody_else() {
        let waiting = Proposal {
            user: user("eve"),
            held: held("statistician a"),
            granted_by: Some(user("ada")),
            waits: true,
            revoked: false,
        };
        let confirmed = Proposal { waits: false, ..waiting.clone() };
        let revoked = Proposal { revoked: true, ..waiting.clone() };
        let blinded = [past("!investigator a/1")];
        #[rustfmt::skip]
        let table: &[(&str, &Proposal, &[Past], Option<&str>)] = &[
            ("bob", &waiting,   &[],      None),
            ("ada", &waiting,   &[],      Some("same-person")),
            ("eve", &waiting,   &[],      Some("same-person")),
            ("bob", &confirmed, &[],      Some("exists")),
            ("bob", &revoked,   &[],      Some("exists")),
            ("bob", &waiting,   &blinded, Some("role-excluded")),
        ];
        for (asker, proposal, others, expected) in table {
            let decided = confirm(&user(asker), proposal, others);
            assert_eq!(decided.err().map(|refusal| refusal.code()), *expected, "{asker} {proposal:?}");
        }
        for (asker, proposal, expected) in [
            ("ada", &waiting, None),
            ("ada", &confirmed, None),
            ("eve", &confirmed, Some("same-person")),
            ("ada", &revoked, Some("exists")),
        ] {
            assert_eq!(
                revoke(&user(asker), proposal).err().map(|refusal| refusal.code()),
                expected,
                "{asker}"
            );
        }
    }

    #[test]
    fn two_administrators_make_an_unblinded_person_or_another_administrator() {
        let two = [Role::Administrator, Role::SupplyManager, Role::Statistician, Role::UnblindedReviewer];
        let one = [Role::Investigator, Role::Pharmacist, Role::Monitor];
        assert!(two.into_iter().all(Role::takes_two) && !one.into_iter().any(Role::takes_two));
    }
}
