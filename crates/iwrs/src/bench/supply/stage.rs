//! The stage: IMODALS as it is, and beside it in the same database the same study grown large, both on the day on which
//! every subject has got the first kit.

use std::collections::BTreeMap;

use serde_json::json;
use service::clock::Clock;
use service::study::{NewDepot, NewSite};
use service::subjects::NewSubject;
use service::{Shared, crowd, study};
use terms::{Id, Moment, StudyId, SubjectId};
use trial::decide::randomize::Command;
use trial::study::StudyDesign;
use trial::{Fulfilled, Sex};

use super::size::{Layout, Share, batches};
use crate::bench::stage;
use crate::client::{rows_at, text_at};
use crate::commands::Failure;
use crate::demo::setup::{self, Cast};
use crate::demo::{self, Files, Person};
use crate::wiring::{refused, undone};

/// A Monday, the day of IMODALS on which resupply is planned.
const FIRST_DAY: &str = "2026-01-05T09:00:00Z";
/// Four weeks later these kits last for a week only, and are not counted any more.
const NEAR: &str = "2026-02-09";
/// Subjects are born in so many years.
const YEARS: usize = 40;
/// Those who act at the many sites.
const STAFF: [&str; 2] = ["investigator", "pharmacist"];

/// A study on the stage.
pub(in crate::bench) struct Staged {
    pub(in crate::bench) cast: Cast,
    /// Who comes to the site at which is dispensed.
    pub(in crate::bench) subjects: Vec<String>,
    /// Every site with the depot that sends to it.
    pub(in crate::bench) sites: Vec<(String, String)>,
    /// How many kits were registered.
    pub(in crate::bench) kits: usize,
}

/// On which day everybody gets the first kit.
pub(in crate::bench) fn first_day() -> Result<Moment, Failure> {
    Moment::parse(FIRST_DAY).ok_or_else(|| Failure::Refused("no such day".to_owned()))
}

/// What the stage is built with: the server's own service, and one that forgets with the process.
pub(in crate::bench) struct Builder<'a> {
    pub(in crate::bench) service: &'a Shared,
    pub(in crate::bench) throw_away: &'a Shared,
    pub(in crate::bench) base: &'a str,
    pub(in crate::bench) files: &'a Files,
    pub(in crate::bench) clock: &'a Clock,
    pub(in crate::bench) tell: &'a dyn Fn(&str),
}

impl Builder<'_> {
    /// IMODALS: one site with the kits of the demo.
    pub(in crate::bench) fn small(&self) -> Result<Staged, Failure> {
        (self.tell)("IMODALS");
        let study = setup::open(self.service, self.files)?;
        let cast = setup::people(self.service, self.base, &study, self.files)?;
        setup::list(&cast)?;
        let kits = setup::kits(&cast, self.files, &demo::kit_types(self.files)?)?.len();
        let design = demo::design(self.files)?;
        let target = usize::try_from(design.allocation.target).map_err(refused)?;
        let crowd = Crowd { builder: self, study, design, staff: STAFF.map(str::to_owned) };
        let subjects = crowd.come(&cast, &self.files.plan.site.id, 0, target)?;
        Ok(Staged { cast, subjects, sites: Vec::new(), kits })
    }

    /// The large study, staffed by the people of the small one, and by two more at its many sites.
    pub(super) fn large(&self, beside: &Staged, layout: &Layout) -> Result<Staged, Failure> {
        let files = grown(self.files, layout.all_subjects())?;
        let design = demo::design(&files)?;
        let study = setup::open(self.service, &files)?;
        let mut cast = beside.cast.in_study(&study);
        (self.tell)("the large study: people, sites, depots and the list");
        let staff = self.people(&mut cast, &study, &files, layout)?;
        setup::list(&cast)?;
        let mut stock = Stock { cast: &cast, files: &files, pharmacist: &staff[1], kits: 0, batch: 0 };
        self.fill(&mut stock, layout)?;
        let kits = stock.kits;
        let mut crowd = Crowd { builder: self, study, design, staff: STAFF.map(str::to_owned) };
        let subjects = crowd.come(&cast, &name_of_site(&files, 0), 0, layout.subjects(0))?;
        crowd.staff = staff;
        let mut before = subjects.len();
        for site in layout.sites().skip(1) {
            (self.tell)(&format!("the large study: the subjects of site {site}"));
            before += crowd.come(&cast, &name_of_site(&files, site), before, layout.subjects(site))?.len();
        }
        let depot = |site| name_of_depot(Layout::depot_of(site));
        let sites = layout.sites().map(|site| (name_of_site(&files, site), depot(site))).collect();
        Ok(Staged { cast, subjects, sites, kits })
    }

    /// The people of the small study, and the two who act at all sites but the first.
    fn people(
        &self,
        cast: &mut Cast,
        study: &StudyId,
        files: &Files,
        layout: &Layout,
    ) -> Result<[String; 2], Failure> {
        let plan = &files.plan;
        for person in plan.people.iter().filter(|person| person.role != "administrator") {
            cast.grant(&person.login, person, &plan.site.id)?;
        }
        let country = || plan.site.country.parse().map_err(refused);
        for depot in layout.depots() {
            let id = Id::parse(&name_of_depot(depot)).map_err(refused)?;
            let new = NewDepot { id, name: plan.depot.name.clone(), country: country()? };
            study::add_depot(self.service, study, new).map_err(undone)?;
        }
        let staff = STAFF.map(|role| Person {
            login: format!("many-{role}"),
            name: format!("The {role} of many sites"),
            role: role.to_owned(),
            mail: format!("many-{role}@demo.invalid"),
        });
        for site in layout.sites().skip(1) {
            let name = name_of_site(files, site);
            let (id, time_zone) = (Id::parse(&name).map_err(refused)?, plan.site.time_zone.clone());
            let new = NewSite { id, name: name.clone(), time_zone, country: country()? };
            study::add_site(self.service, study, new).map_err(undone)?;
            for person in &staff {
                if site == 1 {
                    cast.invite(person, &name)?
                } else {
                    cast.grant(&person.login, person, &name)?
                }
            }
        }
        Ok(staff.map(|person| person.login))
    }

    /// The kits of the large study: first those of the depots, which go through the sponsor's stock by shipments.
    fn fill(&self, stock: &mut Stock<'_>, layout: &Layout) -> Result<(), Failure> {
        let lasting = self.files.plan.batch.label_expiry.clone();
        for depot in layout.depots() {
            (self.tell)(&format!("the large study: the kits of depot {depot}"));
            stock.register(layout.in_depot(depot), &lasting)?;
            stock.ship(&name_of_depot(depot), layout.groups_in_depot(depot))?;
        }
        stock.deliver(vec![layout.first()], &lasting, STAFF[1])?;
        let pharmacist = stock.pharmacist;
        for (shares, expiry) in [(layout.lasting(), lasting.as_str()), (layout.near(), NEAR)] {
            let kit_types = self.files.plan.batch.lots.len();
            for batch in batches(shares, kit_types) {
                (self.tell)(&format!("the large study: {} kits", stock.kits));
                stock.deliver(batch, expiry, pharmacist)?;
            }
        }
        Ok(())
    }
}

fn name_of_site(files: &Files, site: usize) -> String {
    if site == 0 { files.plan.site.id.clone() } else { format!("site-{site:03}") }
}

fn name_of_depot(depot: usize) -> String {
    format!("depot-{depot:02}")
}

/// The kits of the large study as they come.
struct Stock<'a> {
    cast: &'a Cast,
    files: &'a Files,
    pharmacist: &'a str,
    kits: usize,
    batch: usize,
}

impl Stock<'_> {
    /// Registers a batch of at least so many kits, as many of every type, and gives its name and its numbers.
    fn register(&mut self, kits: usize, label_expiry: &str) -> Result<(String, Vec<String>), Failure> {
        let mut files = self.files.clone();
        let batch = &mut files.plan.batch;
        batch.id = format!("B-{:04}", self.batch);
        batch.label_expiry = label_expiry.to_owned();
        batch.kits_per_type = u32::try_from(kits.div_ceil(batch.lots.len())).map_err(refused)?;
        batch.lots.iter_mut().for_each(|lot| lot.expiry = label_expiry.to_owned());
        let numbers = setup::register(self.cast, &files, &demo::kit_types(&files)?)?;
        self.batch += 1;
        self.kits += numbers.len();
        Ok((files.plan.batch.id, numbers))
    }

    /// Registers a batch that its sites receive.
    fn deliver(&mut self, shares: Vec<Share>, label_expiry: &str, by: &str) -> Result<(), Failure> {
        let (batch, numbers) = self.register(shares.iter().map(|share| share.kits).sum(), label_expiry)?;
        let receipts = self.cast.path(&format!("/batches/{batch}/receipts"));
        let mut numbers = numbers.iter();
        for Share { site, kits } in shares {
            let received: Vec<_> = numbers.by_ref().take(kits).collect();
            let site = name_of_site(self.files, site);
            let receipt = json!({ "site": site, "received": received, "missing": [], "damaged": [] });
            self.cast.act(by, None, &receipts, &receipt)?;
        }
        Ok(())
    }

    /// Sends groups out of the sponsor's stock to a depot, where they arrive.
    fn ship(&self, depot: &str, groups: usize) -> Result<(), Failure> {
        let order = json!({ "to_depot": depot, "groups": groups });
        let picked = self.cast.act("depot", None, &self.cast.path("/shipments"), &order)?;
        let shipment = self.cast.path(&format!("/shipments/{}", text_at(&picked, "/shipment/id")));
        let kits = rows_at(&picked, "/shipment/kits");
        self.cast.act("depot", None, &format!("{shipment}/dispatch"), &json!({ "kits": kits }))?;
        let receipt = json!({
            "received": kits, "missing": [], "damaged": [], "excursion": false,
            "temperature_record_sha256": "0".repeat(64),
        });
        self.cast.act("depot", None, &format!("{shipment}/receipt"), &receipt)?;
        Ok(())
    }
}

/// Subjects who come to a site, are randomized and get the first kit, in two transactions.
struct Crowd<'a> {
    builder: &'a Builder<'a>,
    study: StudyId,
    design: StudyDesign,
    staff: [String; 2],
}

impl Crowd<'_> {
    fn come(&self, cast: &Cast, site: &str, before: usize, count: usize) -> Result<Vec<String>, Failure> {
        let service = self.builder.throw_away;
        let [investigator, pharmacist] = self.staff.each_ref().map(|login| {
            let token = cast.person(login)?.token.clone().unwrap_or_default();
            service.caller_of(&token).map_err(|refusal| undone(refusal.into()))
        });
        let subjects: Vec<NewSubject> =
            (0..count).map(|place| new_subject(site, before, place)).collect::<Result<_, _>>()?;
        let ids: Vec<SubjectId> = subjects.iter().map(|new| new.id.clone()).collect();
        let names = ids.iter().map(ToString::to_string).collect();
        let command = self.eligible();
        crowd::randomize(service, &investigator?, &self.study, subjects.into(), command).map_err(undone)?;
        let first = self.design.first_dispensing.clone();
        crowd::hand_out(service, &pharmacist?, &self.study, ids.into(), first).map_err(undone)?;
        Ok(names)
    }

    /// Every criterion fulfilled, and consent on the day.
    fn eligible(&self) -> Command {
        let criteria = self.design.criteria.iter();
        Command {
            consent: self.builder.clock.now().utc().date_naive(),
            answers: criteria.map(|criterion| (criterion.id.clone(), Fulfilled::Yes)).collect(),
            strata: BTreeMap::new(),
        }
    }
}

/// No two of a site are born in one year and of one sex, so none is taken for a duplicate; where there are more than
/// years, that they are others is said.
fn new_subject(site: &str, before: usize, place: usize) -> Result<NewSubject, Failure> {
    Ok(NewSubject {
        id: Id::parse(&format!("S-{:05}", before + place + 1)).map_err(refused)?,
        site: Id::parse(site).map_err(refused)?,
        birth_year: u16::try_from(1965 + place / 2 % YEARS).map_err(refused)?,
        sex: if place.is_multiple_of(2) { Sex::Female } else { Sex::Male },
        duplicate_reason: (place / 2 >= YEARS).then(|| "another person".to_owned()),
    })
}

/// The demo's files as those of another study, with room for so many subjects in the design.
fn grown(files: &Files, subjects: usize) -> Result<Files, Failure> {
    let mut files = stage::grown(files, subjects)?;
    for (text, from, to) in [
        (&mut files.design, "\nid = \"imodals\"\n", "\nid = \"imodals-large\"\n"),
        (&mut files.sealed, "\nstudy = \"imodals\"\n", "\nstudy = \"imodals-large\"\n"),
    ] {
        if !text.contains(from) {
            return Err(Failure::Refused(format!("the study's files have no line `{}`", from.trim())));
        }
        *text = text.replace(from, to);
    }
    Ok(files)
}
