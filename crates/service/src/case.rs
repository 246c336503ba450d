//! One use case in progress: who acts, by which right, under which design, and what it writes.

use std::sync::Arc;

use store::rows::session::Session;
use store::rows::{design, leaf, role, session};
use store::{ATTEMPTS, Conn, Tree, Tx};
use terms::{Moment, OpeningId, SiteId, StudyId};
use trial::act::{Act, Leaf};
use trial::study::{SealedDesign, StudyDesign};
use trial::{Action, Actor, Authority, Refusal, Role, policy};

use crate::failure::{Failure, instrument, missing};
use crate::gathered::Gathered;
use crate::people::{First, first};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::trust::Standing;
use crate::vault::Vault;

/// The version of the design that is in force.
#[derive(Clone)]
pub(crate) struct InForce {
    pub(crate) design: Arc<StudyDesign>,
    pub(crate) version: u32,
    pub(crate) sealed: OpeningId,
}

/// What every use case of a study knows before it begins: read in the same transaction that it acts in.
pub(crate) struct Scene<'a> {
    pub(crate) service: &'a Service,
    pub(crate) actor: Actor,
    pub(crate) authority: Authority,
    pub(crate) study: StudyId,
    pub(crate) in_force: InForce,
    pub(crate) vault: Vault<'a>,
    pub(crate) now: Moment,
    /// Whether this database may be allocated from; not asked by a use case that only reads.
    pub(crate) standing: Standing,
}

impl<'a> Scene<'a> {
    /// Admits the caller, asks the policy, and reads what the use case stands on.
    fn set(
        service: &'a Service,
        conn: &mut Conn,
        caller: &Caller,
        study: &StudyId,
        action: Action,
        standing: Standing,
    ) -> Result<Self, Failure> {
        let actor = admit(service, conn, caller, action)?;
        Self::set_for(service, conn, actor, study, action, standing)
    }

    /// The same for somebody who was admitted already.
    pub(crate) fn set_for(
        service: &'a Service,
        conn: &mut Conn,
        actor: Actor,
        study: &StudyId,
        action: Action,
        standing: Standing,
    ) -> Result<Self, Failure> {
        let now = service.clock.now();
        // Roles in a study are granted by administrators, who hold none in it (USR-05).
        let authority = if action.is_of_the_installation() {
            policy::authorize_in_installation(&actor, action)?
        } else {
            policy::authorize(&actor, action, study)?
        };
        let in_force = in_force(service, conn, study)?;
        let vault = Vault::unlock(service, conn, &Tree::Study(study.clone()))?;
        Ok(Self { service, actor, authority, study: study.clone(), in_force, vault, now, standing })
    }

    pub(crate) fn design(&self) -> &StudyDesign {
        &self.in_force.design
    }

    pub(crate) fn sealed_design(&self, conn: &mut Conn) -> Result<SealedDesign, Failure> {
        self.vault.sealed_design(conn, &self.in_force.sealed, &self.in_force.design)
    }

    /// The design of another version than the one in force: of a list that was made for it.
    pub(crate) fn design_of(&self, conn: &mut Conn, version: u64) -> Result<Arc<StudyDesign>, Failure> {
        Ok(self.version(conn, version)?.design)
    }

    /// Both parts of the design of a version.
    pub(crate) fn designs_of(
        &self,
        conn: &mut Conn,
        version: u64,
    ) -> Result<(Arc<StudyDesign>, SealedDesign), Failure> {
        let of = self.version(conn, version)?;
        let sealed = self.vault.sealed_design(conn, &of.sealed, &of.design)?;
        Ok((of.design, sealed))
    }

    fn version(&self, conn: &mut Conn, version: u64) -> Result<InForce, Failure> {
        if version == u64::from(self.in_force.version) {
            return Ok(self.in_force.clone());
        }
        let rows = design::all(conn, &self.study)?;
        let row = rows.into_iter().find(|row| row.version == version);
        read_design(self.service, row.ok_or_else(|| missing("study design"))?)
    }

    /// Appends an act of this person, in the name of the role that gave the right, and returns its index.
    pub(crate) fn append(&self, tx: &mut Tx, site: Option<&SiteId>, act: Act) -> Result<u64, Failure> {
        self.append_happened(tx, site, None, act)
    }

    /// The same for an act that happened at another moment than now (AUD-07).
    pub(crate) fn append_happened(
        &self,
        tx: &mut Tx,
        site: Option<&SiteId>,
        happened: Option<Moment>,
        act: Act,
    ) -> Result<u64, Failure> {
        self.append_leaf(tx, self.authority.role, site, happened, act)
    }

    /// Appends an act of this person in the name of another role than the first that gives the right: one that the
    /// person holds, and that alone may do this.
    pub(crate) fn append_as(
        &self,
        tx: &mut Tx,
        role: Role,
        site: Option<&SiteId>,
        act: Act,
    ) -> Result<u64, Failure> {
        self.append_leaf(tx, role, site, None, act)
    }

    fn append_leaf(
        &self,
        tx: &mut Tx,
        role: Role,
        site: Option<&SiteId>,
        happened: Option<Moment>,
        act: Act,
    ) -> Result<u64, Failure> {
        let leaf = Leaf {
            index: tx.frontier().size(),
            nonce: self.service.entropy.id()?,
            saved: self.now,
            happened,
            actor: Some(self.actor.user.clone()),
            role: Some(role),
            site: site.cloned(),
            design: Some(self.in_force.version),
            act,
        };
        append_leaf(tx, leaf)
    }
}

/// Appends a leaf in its canonical form. The order of the leaves is the order of events, so when a clock went back, or
/// another server's is ahead, the leaf is saved at the time of the one before it, and says when it happened by its own
/// clock (AUD-06, AUD-07). Only the leaf: decisions and signatures go by the clock, or one that once ran ahead would
/// stop every code break.
pub(crate) fn append_leaf(tx: &mut Tx, mut leaf: Leaf) -> Result<u64, Failure> {
    let tree = tx.tree().clone();
    if let Some(last) = leaf::last_saved(tx, &tree)?.filter(|last| *last > leaf.saved) {
        leaf.happened = leaf.happened.or(Some(leaf.saved));
        leaf.saved = last;
    }
    let canonical = journal::canonical(&leaf).map_err(instrument)?;
    Ok(tx.append(&canonical, leaf.saved)?)
}

/// The caller with the roles that the database gives now, when the log-in is live, the password is the caller's own,
/// and the second factor was given where there is one: rights are never read from a token.
pub(crate) fn admit(
    service: &Service,
    conn: &mut Conn,
    caller: &Caller,
    action: Action,
) -> Result<Actor, Failure> {
    let session = logged_in(conn, caller, service.clock.now())?;
    let roles = role::held(conn, &caller.user)?;
    match first(service, conn, &session, &roles)? {
        // UNB-08: a second factor, whether lost or not yet there, is never in the way of a code break.
        Some(First::Code | First::SecondFactor) if action == Action::Unblind => {}
        Some(first) => return Err(first.refusal().into()),
        None => {}
    }
    Ok(Actor { user: caller.user.clone(), roles })
}

/// The caller's log-in while it is live, whatever it must do first.
pub(crate) fn logged_in(conn: &mut Conn, caller: &Caller, now: Moment) -> Result<Session, Failure> {
    let session = session::find(conn, &caller.session)?;
    let live = session.filter(|session| session.user == caller.user && session.ends_at > now);
    Ok(live.ok_or(Refusal::NotAuthenticated)?)
}

/// The version of the design that is in force: the latest.
pub(crate) fn in_force(service: &Service, conn: &mut Conn, study: &StudyId) -> Result<InForce, Failure> {
    read_design(service, design::latest(conn, study)?.ok_or(Refusal::NotFound)?)
}

fn read_design(service: &Service, row: design::Design) -> Result<InForce, Failure> {
    let version = u32::try_from(row.version).map_err(instrument)?;
    let design = service.design(&row.fingerprint, &row.text)?;
    Ok(InForce { design, version, sealed: row.sealed })
}

/// Runs a use case that writes, in one transaction under the study's lock. A refused right is counted.
pub(crate) fn write<T>(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    f: impl Fn(&mut Tx, &Scene<'_>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (shared, who, of) = (Arc::clone(service), caller.clone(), study.clone());
    let written = under_lock(service, ATTEMPTS, study, move |tx, standing| {
        let scene = Scene::set(&shared, tx, &who, &of, action, standing)?;
        f(tx, &scene)
    });
    service.noting(&caller.user, action, unknown_tree_is_not_found(written))
}

/// Writes in one transaction under the study's lock, in so many attempts, with how the database stands to what is
/// remembered of it; and remembers what was committed.
pub(crate) fn under_lock<T>(
    service: &Shared,
    attempts: u32,
    study: &StudyId,
    f: impl Fn(&mut Tx, Standing) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (shared, of) = (Arc::clone(service), study.clone());
    let written = service.store.write_within(attempts, Tree::Study(study.clone()), move |tx: &mut Tx| {
        let head = tx.frontier().clone();
        let judged = shared.trust.judge(tx, &of, &head)?;
        let answer = f(tx, judged.standing)?;
        Ok::<_, Failure>((answer, judged.to_remember(tx.frontier())))
    });
    written.map(|(answer, remembered)| {
        // Before anybody hears of it: what was answered once must never be answered otherwise.
        if let Some(remembered) = remembered {
            service.trust.keep(study, &remembered);
        }
        answer
    })
}

/// Runs a use case that only reads, on a connection that cannot write. A refused right is counted.
pub(crate) fn read<T>(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    f: impl FnOnce(&mut Conn, &Scene<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let read = service.store.read(|conn| {
        let scene = Scene::set(service, conn, caller, study, action, Standing::Unknown)?;
        f(conn, &scene)
    });
    service.noting(&caller.user, action, read)
}

/// Runs a use case that is recorded in a short write and then reads at length, with no act kept waiting: what `record`
/// appended is committed before `read` begins (BLD-14).
pub(crate) fn record_then_read<R, T>(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    record: impl Fn(&mut Tx, &Scene<'_>) -> Result<R, Failure> + Send + 'static,
    read: impl FnOnce(&mut Conn, &Scene<'_>, R) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (authority, recorded) = record_read(service, caller, study, action, record)?;
    read_by(service, caller, study, action, &authority, |conn, scene| read(conn, scene, recorded))
}

/// The same, when all who ask at a time can be shown the same: they share one reading, which begins after each of them
/// was recorded.
pub(crate) fn record_then_read_together<R, K: Ord + Clone, T>(
    (service, caller, study): (&Shared, &Caller, &StudyId),
    action: Action,
    record: impl Fn(&mut Tx, &Scene<'_>) -> Result<R, Failure> + Send + 'static,
    (gathered, of): (&Gathered<K, T>, &K),
    read: impl FnOnce(&mut Conn, &Scene<'_>, R) -> Result<T, Failure>,
) -> Result<Arc<T>, Failure> {
    let (authority, recorded) = record_read(service, caller, study, action, record)?;
    let shared = gathered.read(of, || {
        read_by(service, caller, study, action, &authority, |conn, scene| read(conn, scene, recorded))
    })?;
    // The right may have ended while somebody else was reading.
    read_by(service, caller, study, action, &authority, |_conn, _scene| Ok(shared))
}

/// Records a read that is to follow, with the right by which it was recorded.
pub(crate) fn record_read<R>(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    record: impl Fn(&mut Tx, &Scene<'_>) -> Result<R, Failure> + Send + 'static,
) -> Result<(Authority, R), Failure> {
    write(service, caller, study, action, move |tx, scene| {
        let recorded = record(tx, scene)?;
        Ok((scene.authority.clone(), recorded))
    })
}

/// Runs a use case that reads by exactly the right by which the read was recorded. The leaf names it: whoever has
/// another by now may see something else than what was recorded.
pub(crate) fn read_by<T>(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    authority: &Authority,
    f: impl FnOnce(&mut Conn, &Scene<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    read(service, caller, study, action, |conn, scene| match scene.authority == *authority {
        true => f(conn, scene),
        false => Err(Refusal::Forbidden.into()),
    })
}

/// A study that is not there is refused like one that the caller may not know of.
pub(crate) fn unknown_tree_is_not_found<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
    match outcome {
        Err(Failure::Fault(store::Fault::NoTree(_))) => Err(Refusal::NotFound.into()),
        outcome => outcome,
    }
}

impl Service {
    /// Counts a refused right, and passes the outcome on.
    pub(crate) fn noting<T>(
        &self,
        user: &terms::UserId,
        action: Action,
        outcome: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Err(Failure::Refusal(Refusal::Forbidden)) = &outcome {
            self.denials.note(user, action);
        }
        outcome
    }

    /// The parsed design with this fingerprint.
    fn design(&self, fingerprint: &str, text: &str) -> Result<Arc<StudyDesign>, Failure> {
        let mut designs = self.designs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(design) = designs.get(fingerprint) {
            return Ok(Arc::clone(design));
        }
        let design = StudyDesign::from_toml(text).map_err(|_problems| missing("study design"))?;
        let design = Arc::new(design);
        designs.insert(fingerprint.to_owned(), Arc::clone(&design));
        Ok(design)
    }
}
