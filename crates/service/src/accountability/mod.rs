//! What became of every kit: counted when it comes back, and told as one line in every log.

pub mod destroy;
mod lines;
pub mod read;
pub mod reconcile;
pub mod returned;

use ledger::{KitState, Place};
use store::Conn;
use store::rows::{kit, kit_count, shipment};
use terms::{Day, KitNumber};
use trial::decide::accountability::Count;
use trial::decide::dispose::Standing;
use trial::{Reach, Refusal};

use crate::case::Scene;
use crate::failure::Failure;
use crate::shipments::quarantine::not_yours;
use crate::shipments::{At, acts_at, country};
use crate::site;

/// The kits of a place at which the caller may act, as they stand, with the day there. A depot keeps UTC.
fn standing(conn: &mut Conn, scene: &Scene<'_>, at: &At) -> Result<(Vec<Standing>, Day), Failure> {
    country(conn, scene, at)?;
    acts_at(scene, at, not_yours)?;
    let today = match at {
        At::Site(site) => site::today(conn, scene, site)?,
        At::Depot(_) => scene.now.utc().date_naive(),
    };
    let promised = shipment::promised_at(conn, &scene.study, &at.place())?;
    let miscounted = miscounted(conn, scene)?;
    let standing = |row: kit::Kit| Standing {
        number: row.number,
        state: row.state,
        label_expiry: row.label_expiry,
        is_miscounted: miscounted.contains(&row.number),
        is_promised: row.state == KitState::Released && promised.contains(&row.number),
    };
    let kits = kit::at(conn, &scene.study, &at.place())?.into_iter().map(standing).collect();
    Ok((kits, today))
}

/// The kits of which the last count neither adds up nor says why not. No count is taken like that; one that is found
/// here nevertheless must not be signed for.
fn miscounted(conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<KitNumber>, Failure> {
    let mut miscounted = Vec::new();
    for row in kit_count::all(conn, &scene.study)? {
        let count = Count { used: row.used, unused: row.unused, missing: row.missing };
        miscounted.retain(|kit| *kit != row.kit);
        if !count.adds_up(&scene.design().supply) && row.reason.is_none() {
            miscounted.push(row.kit);
        }
    }
    Ok(miscounted)
}

/// A role of a site sees what concerns its sites.
fn is_in_reach(scene: &Scene<'_>, place: &Place) -> bool {
    match &scene.authority.reach {
        Reach::Study => true,
        Reach::Sites(sites) => place.site().is_some_and(|site| sites.contains(site)),
    }
}

/// Passes for what concerns a site within reach, or a depot; anything else is as if it were not there.
fn reaches(scene: &Scene<'_>, place: &Place) -> Result<(), Refusal> {
    if is_in_reach(scene, place) { Ok(()) } else { Err(Refusal::NotFound) }
}
