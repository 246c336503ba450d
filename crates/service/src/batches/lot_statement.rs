//! What the recall of a true lot does and reveals, drawn up and put on paper.

use std::collections::BTreeMap;

use journal::Hash;
use ledger::Place;
use print::{Column, Log, Said, Table};
use sha2::{Digest, Sha256};
use store::Conn;
use store::rows::{batch, kit, secret};
use terms::{BatchId, KitNumber, Moment, UserId};
use trial::decide::lot::{self as decide, Content, Lot, Statement};
use trial::decide::register::kit_salt;
use trial::{Grant, Refusal};
use zeroize::Zeroizing;

use super::extend::lots;
use crate::case::Scene;
use crate::failure::{Failure, missing};

/// What stands on every page.
const MARK: &str = "UNBLINDED";

/// A lot of a batch with all kits of the batch.
pub(super) struct Contents {
    pub(super) batch: BatchId,
    pub(super) lot: Lot,
    pub(super) kits: Vec<Content>,
}

/// Finds the lot, and opens what is in every kit of the batch.
pub(super) fn contents(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &batch::Batch,
    lot: &str,
) -> Result<Contents, Failure> {
    let known = lots(conn, scene, row)?;
    let known = Zeroizing::new(scene.vault.text(conn, &known)?);
    let lot = decide::find(&known, lot)?;
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let number_seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
    let rows = kit::of_batch(conn, &scene.study, &row.id)?;
    let mut standing: BTreeMap<KitNumber, kit::Kit> = rows.into_iter().map(|row| (row.number, row)).collect();
    let mut kits = Vec::new();
    for of in kit::contents_of(conn, &scene.study, &row.id)? {
        let salt = kit_salt(&number_seed, &scene.study, of.number);
        let kit_type = scene.vault.kit_type(&of.kit_type, &salt)?;
        let kit = standing.remove(&of.number).ok_or_else(|| missing("kit"))?.in_ledger();
        kits.push(Content { number: of.number, kit_type, kit });
    }
    Ok(Contents { batch: row.id.clone(), lot, kits })
}

/// A statement on paper.
pub(super) struct Drawn {
    pub(super) stated: Statement,
    pub(super) bytes: Vec<u8>,
    pub(super) hash: Hash,
}

/// Draws the statement up for whoever read it then: the same kits at the same places give the same bytes.
pub(super) fn draw(
    conn: &mut Conn,
    scene: &Scene<'_>,
    contents: &Contents,
    (by, at): (&UserId, Moment),
    grant: &Grant,
) -> Result<Drawn, Failure> {
    let sealed = scene.sealed_design(conn)?;
    let lot = Lot { lot: contents.lot.lot.clone(), ..contents.lot };
    let stated = decide::statement(lot, &sealed, &contents.kits, grant).ok_or_else(|| missing("kit type"))?;
    let head = vec![
        format!("For {by} alone, read at {at}. Keep it from everybody blinded."),
        format!("Study {}. Batch {}.", scene.study, contents.batch),
        format!("True lot {}, expiry {}.", printable(&stated.lot.lot), stated.lot.expiry),
        format!("Kit type {}: {}.", printable(&stated.code), printable(&stated.contents)),
    ];
    let title = format!("{MARK}: what the recall of one true lot does and reveals");
    let log = Log {
        title,
        head,
        tables: vec![sentences(&stated, &contents.batch), kits(&stated)],
        said: Said::in_english(),
    };
    let unprintable = |why: print::Unprintable| Refusal::field("lot", why);
    let bytes = print::marked_log(&log, MARK).map_err(unprintable)?;
    let hash = Hash::new(Sha256::digest(&bytes).into());
    Ok(Drawn { stated, bytes, hash })
}

/// Letters that no printer may have are written as what they are.
fn printable(text: &str) -> String {
    text.chars()
        .map(
            |letter| if letter.is_ascii() { letter.to_string() } else { letter.escape_unicode().to_string() },
        )
        .collect()
}

fn sentences(stated: &Statement, batch: &BatchId) -> Table {
    let rows = stated.says(batch).into_iter().map(|sentence| vec![vec![sentence]]);
    let column = Column { heading: vec!["in words".to_owned()], share: 1.0 };
    Table {
        title: "What it does, and what it reveals to whom".to_owned(),
        columns: vec![column],
        rows: rows.collect(),
    }
}

fn kits(stated: &Statement) -> Table {
    let column = |heading: &str, share| Column { heading: vec![heading.to_owned()], share };
    let row = |(place, kits): (&Place, &Vec<KitNumber>)| {
        let numbers = kits.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        vec![vec![in_words(place)], vec![kits.len().to_string()], vec![numbers]]
    };
    Table {
        title:
            "Kits of the lot; at a site all that came there and were not passed on, whatever became of them"
                .to_owned(),
        columns: vec![column("place", 2.0), column("kits", 1.0), column("numbers", 12.0)],
        rows: stated.places.iter().map(row).collect(),
    }
}

fn in_words(place: &Place) -> String {
    match place {
        Place::Store => "stock".to_owned(),
        Place::Depot(depot) => format!("depot {depot}"),
        Place::Shipment(shipment) => format!("shipment {shipment}"),
        Place::Site(site) => format!("site {site}"),
    }
}
