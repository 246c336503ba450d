//! The label of a shipment (`GET /studies/{study}/shipments/{shipment}/label`).
//!
//! It may be printed as often as need be: it says nothing that the shipment does not, and makes no second of anything.

use ledger::Place;
use store::Conn;
use store::rows::{depot, site};
use terms::{ShipmentId, StudyId};
use trial::label::{Headings, ShipmentLabel, headings};
use trial::study::ITEMS;
use trial::{Action, Language, Refusal};

use super::{File, unprintable};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;
use crate::shipments::read::within_reach;

/// The label of a shipment within reach; in the first language of the study when none is named.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown shipment, [`Refusal::ShipmentState`] for one that was given up,
/// [`Refusal::LabelIncomplete`] with everything that the design does not say, [`Refusal::Field`] for what cannot be
/// printed, and the refusals of authorization.
pub fn label(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &ShipmentId,
    language: Option<Language>,
) -> Result<File, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |conn, scene| {
        let shipment = within_reach(conn, scene, id)?;
        if shipment.cancelled.is_some() {
            return Err(Refusal::ShipmentState("given up").into());
        }
        let languages = scene.design().label.iter().flat_map(|label| label.languages.keys());
        let first = language.or(languages.copied().next());
        let language = first.ok_or_else(|| Refusal::LabelIncomplete(ITEMS.to_vec()))?;
        let from = match &shipment.from {
            Place::Store => None,
            place => Some(in_words(conn, scene, place)?),
        };
        let places = (from, in_words(conn, scene, &shipment.to)?);
        let label = ShipmentLabel::of(scene.design(), language, shipment.id, places, shipment.kits.len())?;
        let bytes = print::shipment_label(&laid_out(&label)).map_err(unprintable)?;
        Ok(File { name: format!("shipment-{id}.pdf"), bytes })
    })
}

/// A depot or a site with its name, its id and its country.
fn in_words(conn: &mut Conn, scene: &Scene<'_>, place: &Place) -> Result<String, Failure> {
    let (name, id, country) = match place {
        Place::Site(id) => {
            let row = site::find(conn, &scene.study, id)?.ok_or_else(|| missing("site"))?;
            (row.name, id.to_string(), row.country)
        }
        Place::Depot(id) => {
            let row = depot::find(conn, &scene.study, id)?.ok_or_else(|| missing("depot"))?;
            (row.name, id.to_string(), row.country)
        }
        Place::Store | Place::Shipment(_) => return Err(missing("place of a shipment")),
    };
    Ok(format!("{name} ({id}), {country}"))
}

/// What stands where.
fn laid_out(label: &ShipmentLabel) -> print::ShipmentLabel {
    let (words, headings) = (&label.words, headings(label.language));
    let Headings { trial, colon, .. } = headings;
    let pair = |heading: &str, text: String| (heading.to_owned(), text);
    print::ShipmentLabel {
        language: label.language.to_string(),
        title: format!("{} {}", headings.shipment, label.shipment),
        from: pair(headings.from, label.from.clone().unwrap_or_else(|| headings.stock.to_owned())),
        to: pair(headings.to, label.to.clone()),
        shipment: pair(headings.shipment, label.shipment.to_string()),
        kits: pair(headings.kits, label.kits.to_string()),
        warnings: vec![("storage", words.storage.clone()), ("trial_use", words.trial_use.clone())],
        foot: vec![
            ("trial", format!("{trial}{colon}{}", label.trial)),
            ("contact", words.whole_contact(headings)),
        ],
    }
}
