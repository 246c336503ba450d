//! The sealed values of one tree: sealing new ones, and opening stored ones into values that cannot be shown.

use store::rows::{data_key, list, opening, redaction};
use store::{Conn, Tree, Tx};
use terms::{Arm, KitType, OpeningId, Sealed, StudyId};
use trial::Refusal;
use trial::decide::list::StoredPosition;
use trial::study::{SealedDesign, StudyDesign};
use zeroize::Zeroizing;

use crate::failure::{Failure, instrument, missing};
use crate::keys::{DataKey, Kind, Opening, Place, Sealer};
use crate::service::Service;

/// The data keys of one tree, unwrapped for one transaction.
pub(crate) struct Vault<'a> {
    service: &'a Service,
    tree: Tree,
    study: StudyId,
    keys: Vec<DataKey>,
}

/// A value that was sealed: where it lies, and what stands for it in the journal.
pub(crate) struct Stored {
    pub(crate) opening: OpeningId,
    pub(crate) commitment: journal::Commitment,
}

/// What a person wrote, or what is left of it.
enum Written {
    Stands(Opening),
    Redacted(journal::Commitment),
}

/// What is shown of a text that was redacted.
const REDACTED: &str = "[redacted]";

impl<'a> Vault<'a> {
    pub(crate) fn unlock(service: &'a Service, conn: &mut Conn, tree: &Tree) -> Result<Self, Failure> {
        let study = bound_to(tree)?;
        let unwrap = |row: &data_key::DataKey| {
            let version = u32::try_from(row.version).map_err(instrument)?;
            Ok(service.master.unwrap(&study, version, &row.wrapped)?)
        };
        let keys = data_key::all(conn, tree)?.iter().map(unwrap).collect::<Result<_, Failure>>()?;
        Ok(Self { service, tree: tree.clone(), study, keys })
    }

    /// Makes the first data key of a tree.
    pub(crate) fn furnish(service: &Service, tx: &mut Tx) -> Result<(), Failure> {
        Self::add_key(service, tx, 1)
    }

    /// Makes a version of a tree's data key. From its commit on everything new is sealed under it.
    pub(crate) fn add_key(service: &Service, tx: &mut Tx, version: u32) -> Result<(), Failure> {
        let key = DataKey::generate(version, &service.entropy)?;
        let wrapped = service.master.wrap(&key, &bound_to(tx.tree())?, &service.entropy)?;
        Ok(data_key::add(tx, &data_key::DataKey { version: u64::from(key.version()), wrapped })?)
    }

    /// Seals a value under a new random salt; `field` is the name that the commitment binds.
    pub(crate) fn seal(&self, tx: &mut Tx, kind: Kind, field: &str, value: &[u8]) -> Result<Stored, Failure> {
        let salt = self.service.entropy.bytes()?;
        self.seal_salted(tx, kind, field, salt, value)
    }

    /// Seals a value under a salt that follows from elsewhere, such as a position's from its list's seed.
    pub(crate) fn seal_salted(
        &self,
        tx: &mut Tx,
        kind: Kind,
        field: &str,
        salt: [u8; 32],
        value: &[u8],
    ) -> Result<Stored, Failure> {
        let entropy = &self.service.entropy;
        let key = self.keys.last().ok_or_else(|| missing("data key"))?;
        let id: OpeningId = entropy.id()?;
        let place = Place { study: self.study.clone(), kind, opening: id.clone() };
        let ciphertext = self.sealer().seal(key, &place, salt, value, entropy)?;
        let key_version = u64::from(key.version());
        opening::add(
            tx,
            &opening::Opening { id: id.clone(), kind: kind.to_string(), key_version, ciphertext },
        )?;
        let commitment = self.sealer().commit(field, &salt, value);
        Ok(Stored { opening: id, commitment })
    }

    /// The newest version of the data key.
    pub(crate) fn newest(&self) -> Result<u32, Failure> {
        Ok(self.keys.last().ok_or_else(|| missing("data key"))?.version())
    }

    /// Seals a stored value anew under the newest key, with the same salt, so that its commitment stays.
    pub(crate) fn reseal(&self, tx: &mut Tx, row: &opening::Opening) -> Result<(), Failure> {
        let kind: Kind = row.kind.parse().map_err(instrument)?;
        let opened = self.open_row(kind, row)?;
        let key = self.keys.last().ok_or_else(|| missing("data key"))?;
        let place = Place { study: self.study.clone(), kind, opening: row.id.clone() };
        let entropy = &self.service.entropy;
        let ciphertext = self.sealer().seal(key, &place, *opened.salt, &opened.value, entropy)?;
        Ok(opening::reseal(tx, &row.id, row.key_version, u64::from(key.version()), &ciphertext)?)
    }

    /// Seals free text; empty text is refused, naming the field of the request.
    pub(crate) fn seal_text(&self, tx: &mut Tx, field: &str, text: &str) -> Result<Stored, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Refusal::field(field, "must not be empty").into());
        }
        if text.len() > Kind::Text.width() {
            return Err(Refusal::field(field, format!("is longer than {} bytes", Kind::Text.width())).into());
        }
        self.seal(tx, Kind::Text, field, text.as_bytes())
    }

    /// Opens a stored value. What comes out is plain: callers outside this file wrap it at once, or are the readers
    /// of an export whose view includes it.
    pub(crate) fn open(&self, conn: &mut Conn, kind: Kind, id: &OpeningId) -> Result<Opening, Failure> {
        let row = opening::get(conn, &self.tree, id)?;
        self.open_row(kind, &row.ok_or_else(|| missing("opening"))?)
    }

    pub(crate) fn open_row(&self, kind: Kind, row: &opening::Opening) -> Result<Opening, Failure> {
        let key = self.keys.iter().find(|key| u64::from(key.version()) == row.key_version);
        let place = Place { study: self.study.clone(), kind, opening: row.id.clone() };
        Ok(self.sealer().open(key.ok_or_else(|| missing("data key"))?, &place, &row.ciphertext)?)
    }

    /// The arm that stands behind a row of the openings.
    pub(crate) fn arm_row(&self, row: &opening::Opening) -> Result<Sealed<Arm>, Failure> {
        let opening = self.open_row(Kind::Arm, row)?;
        let index = opening.value.first().ok_or_else(|| missing("arm"))?;
        Ok(Sealed::new(Arm::new(*index)))
    }

    /// A position of a list with the salt of its commitment and its arm.
    pub(crate) fn position(&self, conn: &mut Conn, place: &list::Place) -> Result<StoredPosition, Failure> {
        let row = opening::get(conn, &self.tree, &place.arm)?;
        let arm = row.ok_or_else(|| missing("opening"))?;
        self.position_of(&list::Content { stratum: place.stratum, position: place.position, arm })
    }

    /// The same when the opening of the arm is known.
    pub(crate) fn position_of(&self, content: &list::Content) -> Result<StoredPosition, Failure> {
        let opening = self.open_row(Kind::Arm, &content.arm)?;
        let index = opening.value.first().ok_or_else(|| missing("arm"))?;
        Ok(StoredPosition {
            stratum: content.stratum,
            position: content.position,
            salt: Sealed::new(*opening.salt),
            arm: Sealed::new(Arm::new(*index)),
        })
    }

    /// What stands in the journal for a text that was sealed before, so that another leaf can refer to it.
    pub(crate) fn commitment_to_text(
        &self,
        conn: &mut Conn,
        field: &str,
        id: &OpeningId,
    ) -> Result<journal::Commitment, Failure> {
        match self.open_text(conn, id)? {
            Written::Stands(opening) => Ok(self.commitment(field, &opening)),
            Written::Redacted(commitment) => Ok(commitment),
        }
    }

    /// What stands in the journal for an opened value, under the name of its field.
    pub(crate) fn commitment(&self, field: &str, opening: &Opening) -> journal::Commitment {
        self.sealer().commit(field, &opening.salt, &opening.value)
    }

    /// Free text, or the word that stands for one that was redacted.
    pub(crate) fn text(&self, conn: &mut Conn, id: &OpeningId) -> Result<String, Failure> {
        match self.open_text(conn, id)? {
            Written::Stands(opening) => String::from_utf8(opening.value.to_vec()).map_err(instrument),
            Written::Redacted(_) => Ok(REDACTED.to_owned()),
        }
    }

    fn open_text(&self, conn: &mut Conn, id: &OpeningId) -> Result<Written, Failure> {
        if let Some(row) = opening::get(conn, &self.tree, id)? {
            return Ok(Written::Stands(self.open_row(Kind::Text, &row)?));
        }
        // One that is gone without a redaction was lost, and that is a fault.
        let gone = redaction::of_opening(conn, &self.study, id)?;
        Ok(Written::Redacted(gone.ok_or_else(|| missing("opening"))?))
    }

    /// Where the text lies that this commitment stands for. Which opening belongs to which leaf is not stored: the
    /// commitment says it.
    pub(crate) fn find_text(
        &self,
        conn: &mut Conn,
        field: &str,
        commitment: &journal::Commitment,
    ) -> Result<Option<OpeningId>, Failure> {
        for row in opening::of_kind(conn, &self.tree, &Kind::Text.to_string())? {
            // One that was altered past the service hinders no other; the comparison with the journal names it.
            let Ok(opened) = self.open_row(Kind::Text, &row) else { continue };
            if self.commitment(field, &opened) == *commitment {
                return Ok(Some(row.id));
            }
        }
        Ok(None)
    }

    /// The kit type that stands behind a row of the openings, when it was sealed under this salt: it goes with the
    /// kit's number, so a type that was moved to another kit does not open.
    pub(crate) fn kit_type(
        &self,
        row: &opening::Opening,
        salt: &[u8; 32],
    ) -> Result<Sealed<KitType>, Failure> {
        match self.kit_type_at(row, salt)? {
            (kit_type, true) => Ok(kit_type),
            _ => Err(missing("kit type of this kit")),
        }
    }

    /// The kit type that stands behind a row of the openings, whatever kit it was sealed for, and whether it was for
    /// this salt.
    pub(crate) fn kit_type_at(
        &self,
        row: &opening::Opening,
        salt: &[u8; 32],
    ) -> Result<(Sealed<KitType>, bool), Failure> {
        let opening = self.open_row(Kind::KitType, row)?;
        let index = opening.value.first().ok_or_else(|| missing("kit type"))?;
        Ok((Sealed::new(KitType::new(*index)), *opening.salt == *salt))
    }

    /// A seed of 32 bytes.
    pub(crate) fn seed(&self, conn: &mut Conn, id: &OpeningId) -> Result<Sealed<[u8; 32]>, Failure> {
        let opening = self.open(conn, Kind::Seed, id)?;
        let bytes: [u8; 32] = opening.value.as_slice().try_into().map_err(instrument)?;
        Ok(Sealed::new(bytes))
    }

    /// The sealed design that belongs to a public one.
    pub(crate) fn sealed_design(
        &self,
        conn: &mut Conn,
        id: &OpeningId,
        design: &StudyDesign,
    ) -> Result<SealedDesign, Failure> {
        let opening = self.open(conn, Kind::SealedDesign, id)?;
        let text = Zeroizing::new(String::from_utf8(opening.value.to_vec()).map_err(instrument)?);
        SealedDesign::from_toml(&text, design).map_err(|_problems| missing("sealed design"))
    }

    fn sealer(&self) -> &Sealer {
        &self.service.sealer
    }
}

/// To what the keys and values of a tree are bound: its study. The installation has keys of its own under its name.
pub(crate) fn bound_to(tree: &Tree) -> Result<StudyId, Failure> {
    match tree {
        Tree::Study(study) => Ok(study.clone()),
        Tree::Installation => StudyId::parse("installation").map_err(instrument),
    }
}
