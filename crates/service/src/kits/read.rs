//! Kits and batches as everybody may see them (`GET /studies/{study}/kits`, `.../kits/{number}`, `.../batches`).

use std::collections::{BTreeMap, BTreeSet};

pub use ledger::{KitState, Move, Movement, Place};
use store::Conn;
use store::rows::{batch, batch_expiry, batch_recall, kit, packing};
use terms::{BatchId, Country, Day, KitNumber, Moment, SiteId, StudyId, UserId};
use trial::decide::batch::{self as decide, Taken};
use trial::study::Visible;
use trial::{Action, Reach, Refusal, ReleaseStep, Role};

use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// A kit as everybody may see it. It has no field for what is in it, nor for whom it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The number on it.
    pub number: KitNumber,
    /// Its state; none for the supply manager, who knows what is in it, once a site has it.
    pub state: Option<KitState>,
    /// Its batch.
    pub batch: BatchId,
    /// The label expiry.
    pub label_expiry: Day,
    /// The place that accounts for it.
    pub place: Place,
}

/// A batch as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// The label expiry that is in force.
    pub label_expiry: Day,
    /// When it was recalled, if it was.
    pub recalled_at: Option<Moment>,
    /// When it was registered.
    pub registered_at: Moment,
    /// What can be seen of all its kits from outside.
    pub visible: Visible,
    /// Its last packing, when there is one.
    pub packing: Option<Packed>,
    /// The countries in which it may be used, because both steps were taken for them.
    pub released_in: Vec<Country>,
    /// The steps that were taken, in the order of country and step.
    pub steps: Vec<StepTaken>,
}

/// A packing of a batch, and what the check of its sample showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Which packing of the batch it is, from 1.
    pub attempt: u32,
    /// Who recorded it, and when.
    pub recorded: (UserId, Moment),
    /// Whether its sample passed, who checked it, and when.
    pub check: Option<(bool, UserId, Moment)>,
}

/// A step that was taken towards the use of a batch in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken {
    /// The country.
    pub country: Country,
    /// The step.
    pub step: ReleaseStep,
    /// Who took it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// What a list of kits is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Kits in this state.
    pub state: Option<KitState>,
    /// Kits of this batch.
    pub batch: Option<BatchId>,
    /// Kits that this site accounts for.
    pub site: Option<SiteId>,
}

impl Filter {
    /// A filter out of the words of a request.
    ///
    /// # Errors
    /// [`Refusal::Field`] for what is no state, batch or site.
    pub fn parse(state: Option<&str>, batch: Option<&str>, site: Option<&str>) -> Result<Self, Refusal> {
        let known =
            |code| KitState::parse(code).ok_or_else(|| Refusal::field("state", "is no state of a kit"));
        Ok(Self {
            state: state.map(known).transpose()?,
            batch: batch.map(BatchId::parse).transpose().map_err(|bad| Refusal::field("batch", bad))?,
            site: site.map(SiteId::parse).transpose().map_err(|bad| Refusal::field("site", bad))?,
        })
    }

    fn holds(&self, kit: &Kit) -> bool {
        self.state.is_none_or(|state| Some(state) == kit.state)
            && self.batch.as_ref().is_none_or(|batch| *batch == kit.batch)
            && (self.site.is_none() || self.site.as_ref() == kit.place.site())
    }
}

/// The kits that the caller may see, in the order of their numbers.
///
/// # Errors
/// [`Refusal::NotFound`] for a filter on a site out of reach, and the refusals of authorization.
pub fn kits(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    filter: &Filter,
) -> Result<Vec<Kit>, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        if let Some(site) = &filter.site {
            scene.authority.reaches(site)?;
        }
        let kits = rows(conn, scene, filter.site.as_ref())?.into_iter().map(|row| shown_to(scene, row));
        Ok(kits.filter(|kit| is_in_reach(scene, kit) && filter.holds(kit)).collect())
    })
}

/// The rows among which the kits are that a reader may see, of one site or of all places, in the order of their
/// numbers: of a large study, those of a site are few.
pub(crate) fn rows(
    conn: &mut Conn,
    scene: &Scene<'_>,
    site: Option<&SiteId>,
) -> Result<Vec<kit::Kit>, Failure> {
    let sites: Vec<SiteId> = match (site, &scene.authority.reach) {
        (Some(site), _) => vec![site.clone()],
        (None, Reach::Sites(sites)) => sites.iter().cloned().collect(),
        (None, Reach::Study) => return Ok(kit::all(conn, &scene.study)?),
    };
    let mut rows = Vec::new();
    for site in sites {
        rows.extend(kit::at(conn, &scene.study, &Place::Site(site))?);
    }
    rows.sort_unstable_by_key(|row| row.number);
    Ok(rows)
}

/// One kit that the caller may see.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown kit and for one out of reach, and the refusals of authorization.
pub fn kit(service: &Shared, caller: &Caller, study: &StudyId, number: KitNumber) -> Result<Kit, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        let kit = kit::find(conn, study, number)?.map(|row| shown_to(scene, row));
        Ok(kit.filter(|kit| is_in_reach(scene, kit)).ok_or(Refusal::NotFound)?)
    })
}

/// The batches of the study, in the order of their ids.
///
/// # Errors
/// The refusals of authorization.
pub fn batches(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Batch>, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        let rows = batch::all(conn, study)?;
        shown(conn, scene, rows)
    })
}

/// One batch of the study.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown one, and the refusals of authorization.
pub fn batch(service: &Shared, caller: &Caller, study: &StudyId, id: &BatchId) -> Result<Batch, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        Ok(one(conn, scene, id)?.ok_or(Refusal::NotFound)?)
    })
}

/// One batch with its steps.
pub(super) fn one(conn: &mut Conn, scene: &Scene<'_>, id: &BatchId) -> Result<Option<Batch>, Failure> {
    let row = batch::find(conn, &scene.study, id)?;
    Ok(shown(conn, scene, row.into_iter().collect())?.pop())
}

/// A role of a site sees the kits that its site accounts for, and no others.
pub(crate) fn is_in_reach(scene: &Scene<'_>, kit: &Kit) -> bool {
    is_place_in_reach(scene, &kit.place)
}

/// A role of a site sees what its site accounts for.
pub(super) fn is_place_in_reach(scene: &Scene<'_>, place: &Place) -> bool {
    match &scene.authority.reach {
        Reach::Study => true,
        Reach::Sites(sites) => place.site().is_some_and(|site| sites.contains(site)),
    }
}

/// A kit as this reader may see it. The supply manager knows the type of every number: whoever saw a kit become
/// allocated at the moment in which a subject is randomized would know that subject's arm. So to this role a kit that
/// is at a site is just that.
pub(crate) fn shown_to(scene: &Scene<'_>, row: kit::Kit) -> Kit {
    let kit::Kit { number, batch, label_expiry, state, place, .. } = row;
    let state = (!is_hidden_at(scene, &place)).then_some(state);
    Kit { number, state, batch, label_expiry, place }
}

/// Whether what has become of kits at this place is kept from the reader, as from a supply manager at a site.
pub(super) fn is_hidden_at(scene: &Scene<'_>, place: &Place) -> bool {
    scene.authority.role == Role::SupplyManager && place.site().is_some()
}

/// Batches as they stand.
fn shown(conn: &mut Conn, scene: &Scene<'_>, rows: Vec<batch::Batch>) -> Result<Vec<Batch>, Failure> {
    let steps = batch::steps(conn, &scene.study)?;
    let labels = batch_expiry::in_force(conn, &scene.study)?;
    let recalls = batch_recall::all(conn, &scene.study)?;
    let mut visible = batch::attributes(conn, &scene.study)?;
    let mut packed = packed(conn, scene)?;
    let mut shown = |row: batch::Batch| {
        let of_it = || steps.iter().filter(|step| step.batch == row.id);
        let taken: Vec<Taken> = of_it().map(|step| step.taken).collect();
        let countries: BTreeSet<Country> = taken.iter().map(|taken| taken.country).collect();
        let released_in = countries.into_iter().filter(|country| decide::is_released_in(&taken, *country));
        let recall = recalls.iter().find(|recall| recall.batch == row.id);
        Batch {
            released_in: released_in.collect(),
            steps: of_it().cloned().map(StepTaken::from).collect(),
            label_expiry: labels.get(row.id.as_str()).copied().unwrap_or(row.label_expiry),
            recalled_at: recall.map(|recall| recall.at),
            visible: visible.remove(&row.id).unwrap_or_default(),
            packing: packed.remove(&row.id),
            id: row.id,
            registered_at: row.registered_at,
        }
    };
    Ok(rows.into_iter().map(&mut shown).collect())
}

/// The last packing of every batch that has one.
fn packed(conn: &mut Conn, scene: &Scene<'_>) -> Result<BTreeMap<BatchId, Packed>, Failure> {
    let checks = packing::checks(conn, &scene.study)?;
    let mut packed = BTreeMap::new();
    for row in packing::packings(conn, &scene.study)? {
        let of_it = |check: &&packing::Check| check.batch == row.batch && check.attempt == row.attempt;
        let check = checks.iter().find(of_it).map(|check| (check.passed, check.by.clone(), check.at));
        packed.insert(row.batch, Packed { attempt: row.attempt, recorded: (row.by, row.at), check });
    }
    Ok(packed)
}

impl From<batch::Step> for StepTaken {
    fn from(batch::Step { taken: Taken { country, step }, by, at, .. }: batch::Step) -> Self {
        Self { country, step, by, at }
    }
}
