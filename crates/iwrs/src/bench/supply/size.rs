//! How large the large study is, and what lies where in it.

use trial::decide::register::MOST_KITS;
use trial::study::StudyDesign;

use crate::commands::Failure;
use crate::wiring::refused;

/// A depot sends to so many sites.
const SITES_PER_DEPOT: usize = 25;

/// The size that is asked for.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Size {
    /// Sites.
    #[arg(long, default_value_t = 300)]
    pub(crate) sites: usize,
    /// Subjects, spread evenly over the sites.
    #[arg(long, default_value_t = 20_000)]
    pub(crate) subjects: usize,
    /// Kits, wherever they are.
    #[arg(long, default_value_t = 200_000)]
    pub(crate) kits: usize,
    /// Kits on the shelf at which is dispensed.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) shelf: usize,
}

/// Kits of one label expiry that come to one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) site: usize,
    pub(super) kits: usize,
}

/// What lies where. The first site is the one at which is dispensed.
pub(super) struct Layout {
    size: Size,
    /// Kits in a group of a shipment, over all types.
    of_group: usize,
    near: usize,
}

impl Layout {
    /// Spreads the kits over the sites of a study of this design.
    pub(super) fn in_design(design: &StudyDesign, size: Size) -> Result<Self, Failure> {
        let rules = design.resupply_rules();
        Self::of(size, usize::try_from(rules.group_size * rules.kit_types).map_err(refused)?)
    }

    /// Spreads the kits: every site but the first has kits that expire before its subjects come again, and as many that
    /// last as it has subjects, so that each needs a group more.
    fn of(size: Size, of_group: usize) -> Result<Self, Failure> {
        let no = |why: &str| Err(Failure::Refused(why.to_owned()));
        if size.sites < 2 || size.subjects < size.sites {
            return no("there must be two sites, and a subject at each");
        }
        let mut layout = Self { size, of_group, near: 0 };
        let first = size.shelf + layout.subjects(0);
        if first > MOST_KITS {
            return no("the kits of the first site must go into one batch of 2000");
        }
        let elsewhere: usize = layout.depots().map(|depot| layout.in_depot(depot)).sum();
        let lasting: usize = layout.lasting().iter().map(|share| share.kits).sum();
        let rest = size.kits.saturating_sub(first + elsewhere + lasting);
        layout.near = rest / (size.sites - 1);
        if layout.near == 0 {
            return no("there are too few kits for so many sites and subjects");
        }
        if layout.near > MOST_KITS {
            return no("there are too many kits for so few sites");
        }
        Ok(layout)
    }

    /// All subjects.
    pub(super) const fn all_subjects(&self) -> usize {
        self.size.subjects
    }

    /// The sites.
    pub(super) fn sites(&self) -> std::ops::Range<usize> {
        0..self.size.sites
    }

    /// The subjects of a site.
    pub(super) fn subjects(&self, site: usize) -> usize {
        let Size { sites, subjects, .. } = self.size;
        subjects / sites + usize::from(site < subjects % sites)
    }

    /// The depots.
    pub(super) fn depots(&self) -> std::ops::Range<usize> {
        0..self.size.sites.div_ceil(SITES_PER_DEPOT)
    }

    /// Which depot sends to a site.
    pub(super) const fn depot_of(site: usize) -> usize {
        site / SITES_PER_DEPOT
    }

    /// How many groups of kits lie in a depot: one for each of its sites, and one more.
    pub(super) fn groups_in_depot(&self, depot: usize) -> usize {
        self.sites().filter(|site| Self::depot_of(*site) == depot).count() + 1
    }

    /// How many kits lie in a depot.
    pub(super) fn in_depot(&self, depot: usize) -> usize {
        self.groups_in_depot(depot) * self.of_group
    }

    /// What comes to the first site.
    pub(super) fn first(&self) -> Share {
        Share { site: 0, kits: self.size.shelf + self.subjects(0) }
    }

    /// The kits of the other sites that last.
    pub(super) fn lasting(&self) -> Vec<Share> {
        (1..self.size.sites).map(|site| Share { site, kits: self.subjects(site) }).collect()
    }

    /// The kits of the other sites that expire soon.
    pub(super) fn near(&self) -> Vec<Share> {
        (1..self.size.sites).map(|site| Share { site, kits: self.near }).collect()
    }
}

/// Puts shares together into batches, each as full as it can be.
pub(super) fn batches(shares: Vec<Share>, kit_types: usize) -> Vec<Vec<Share>> {
    let most = MOST_KITS / kit_types * kit_types;
    let mut batches: Vec<Vec<Share>> = Vec::new();
    let mut held = usize::MAX;
    for share in shares {
        match batches.last_mut() {
            Some(last) if held + share.kits <= most => {
                last.push(share);
                held += share.kits;
            }
            _ => {
                held = share.kits;
                batches.push(vec![share]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::{Layout, Share, Size, batches};

    #[test]
    fn every_kit_lies_somewhere_and_no_shelf_holds_more_than_is_allowed() {
        let size = Size { sites: 300, subjects: 20_000, kits: 200_000, shelf: 1_000 };
        let layout = Layout::of(size, 36).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(layout.sites().map(|site| layout.subjects(site)).sum::<usize>(), 20_000);
        let shares = [vec![layout.first()], layout.lasting(), layout.near()].concat();
        let depots: Vec<usize> = layout.depots().map(|depot| layout.in_depot(depot)).collect();
        let kits = shares.iter().map(|share| share.kits).chain(depots.iter().copied()).sum::<usize>();
        assert!((199_700..=200_000).contains(&kits), "{kits}");
        assert!(depots.iter().all(|kits| *kits <= 1_000), "{depots:?}");
        for site in layout.sites() {
            let there: usize = shares.iter().filter(|share| share.site == site).map(|share| share.kits).sum();
            assert!(there - layout.subjects(site) <= 1_000, "{there} at {site}");
        }
    }

    #[test]
    fn a_batch_holds_what_fits() {
        let share = |site, kits| Share { site, kits };
        let full = batches(vec![share(1, 1_000), share(2, 998), share(3, 1), share(4, 1_998)], 3);
        let sites: Vec<Vec<usize>> =
            full.iter().map(|batch| batch.iter().map(|share| share.site).collect()).collect();
        assert_eq!(sites, [vec![1, 2], vec![3], vec![4]]);
    }

    #[test]
    fn a_size_that_makes_no_sense_is_refused() {
        for (sites, subjects, kits, shelf) in
            [(1, 9, 1_000, 10), (3, 2, 1_000, 10), (3, 9, 100, 10), (3, 9, 9_999, 2_000), (2, 9, 9_999, 10)]
        {
            let size = Size { sites, subjects, kits, shelf };
            assert!(Layout::of(size, 36).is_err(), "{sites} {subjects} {kits} {shelf}");
        }
    }
}
