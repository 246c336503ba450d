//! How well the next arm can be guessed by somebody who knows the block sizes of a study's design (SEQ-12).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use allocator::predictability::{Figure as Exact, assess, decimal};
use store::{Conn, Tx};
use terms::{OpeningId, StudyId};
use trial::Action;
use trial::decide::list as decide;

use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// The digits after the point of a figure.
const PLACES: u8 = 6;
/// Longer fractions than this are left out beside their decimal numbers.
const LONGEST_FRACTION: usize = 40;

/// The names of the figures.
pub const FIGURES: [&str; 8] = Exact::NAMES;

/// What can be said of the design in force. It holds the block sizes, and so has no `Debug` (SEQ-11).
pub struct Predictability {
    /// The ratio of the arms, in design order.
    pub ratio: Vec<u32>,
    /// The sizes of the blocks.
    pub sizes: Vec<u32>,
    /// How many subjects of a stratum the figures of the first subjects are of.
    pub subjects: u32,
    /// Whether every block is the smallest that the ratio allows.
    pub is_fixed_smallest: bool,
    /// The figures, each group with what it is of.
    pub groups: Vec<(Of, Vec<Figure>)>,
}

/// What a group of figures is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// One whole block of this size.
    Block(u32),
    /// The first subjects, if all blocks had this size.
    FirstInBlocks(u32),
    /// Blocks of all sizes, in the long run.
    LongRun,
    /// The first subjects, in blocks of all sizes.
    FirstInAllSizes,
}

/// A figure as it is shown.
pub struct Figure {
    /// Its name, out of [`FIGURES`].
    pub name: &'static str,
    /// The number with six digits after the point; a whole one without.
    pub decimal: String,
    /// The exact fraction, where it is not too long to be read.
    pub exact: Option<String>,
}

/// What was assessed last: a design is, once in the life of the process, because of a large study it takes long. The
/// master key, which opens the design, lies in the same memory.
#[derive(Default)]
pub(crate) struct Assessed(Mutex<Option<(OpeningId, Option<Arc<Predictability>>)>>);

impl Assessed {
    fn last(&self) -> MutexGuard<'_, Option<(OpeningId, Option<Arc<Predictability>>)>> {
        // Whoever panicked left the last assessment whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The predictability of the design in force, for whoever makes the list: nobody else may know the block sizes. Every
/// read is recorded, and committed before anything is answered (BLD-14). A design that is too large to be assessed
/// exactly has none.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn predictability(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
) -> Result<Option<Arc<Predictability>>, Failure> {
    case::record_then_read(service, caller, study, Action::ReadBlockSizes, record, |conn, scene, ()| {
        // Every version of a design has an opening of its own.
        let sealed = &scene.in_force.sealed;
        if let Some((of, known)) = &*service.assessed.last()
            && of == sealed
        {
            return Ok(known.clone());
        }
        let now = in_force(conn, scene)?.map(Arc::new);
        *service.assessed.last() = Some((sealed.clone(), now.clone()));
        Ok(now)
    })
}

fn record(tx: &mut Tx, scene: &Scene<'_>) -> Result<(), Failure> {
    scene.append(tx, None, decide::read_block_sizes())?;
    Ok(())
}

fn in_force(conn: &mut Conn, scene: &Scene<'_>) -> Result<Option<Predictability>, Failure> {
    let sealed = scene.sealed_design(conn)?;
    let design = sealed.block_design();
    let allocation = &scene.design().allocation;
    let subjects = allocation.target.min(allocation.list_length);
    let Ok(assessed) = assess(design, subjects) else { return Ok(None) };
    let mut groups = Vec::new();
    for fixed in &assessed.fixed {
        groups.push((Of::Block(fixed.size), shown(fixed.block.figures())));
        groups.push((Of::FirstInBlocks(fixed.size), shown(fixed.first_n.figures())));
    }
    if let Some(mixed) = &assessed.mixed {
        groups.push((Of::LongRun, shown(mixed.long_run.figures())));
        groups.push((Of::FirstInAllSizes, shown(mixed.first_n.figures())));
    }
    Ok(Some(Predictability {
        ratio: design.ratio().to_vec(),
        sizes: design.sizes().to_vec(),
        subjects,
        is_fixed_smallest: design.is_fixed_smallest(),
        groups,
    }))
}

fn shown(figures: Vec<Exact>) -> Vec<Figure> {
    let shown = |Exact { name, number, .. }: Exact| {
        let exact = number.to_string();
        if number.is_integer() {
            return Figure { name, decimal: exact, exact: None };
        }
        let exact = Some(exact).filter(|exact| exact.len() <= LONGEST_FRACTION);
        Figure { name, decimal: decimal(&number, PLACES), exact }
    };
    figures.into_iter().map(shown).collect()
}
