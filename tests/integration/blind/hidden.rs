//! What no blinded person may know, opened past the service: the tests judge by it.

use std::collections::BTreeMap;

use iwrs_tests::app::MASTER_KEY;
use service::keys::{Kind, MasterKey, Place, Sealer};
use store::rows::{data_key, kit, list, opening, randomization};
use store::{Conn, Store, Tree};
use terms::{OpeningId, StudyId};
use trial::Refusal;
use trial::study::{SealedDesign, StudyDesign};

/// The arms of a trial, by what everybody can see.
pub(crate) struct Hidden {
    /// The arm of every subject by its number, as an index in design order.
    pub(super) subjects: BTreeMap<String, usize>,
    /// The arm that every kit is for, by the number on it.
    pub(crate) kits: BTreeMap<String, usize>,
}

/// The tree of the study, with what opens its values.
struct Opener<'a> {
    study: StudyId,
    sealer: &'a Sealer,
    master: MasterKey,
}

/// The hidden facts of the trial in this database. A sealed design says which kit type serves which arm.
pub(crate) fn open(url: &str, sealer: &Sealer, sealed: &SealedDesign) -> Hidden {
    let opener = Opener::new(sealer);
    let store = Store::open(url).expect("the store opens");
    let read = store.read::<_, Refusal>(|conn| {
        let mut hidden = Hidden { subjects: BTreeMap::new(), kits: BTreeMap::new() };
        for row in randomization::all(conn, &opener.study)? {
            let place = list::place(conn, &row.list, row.stratum, row.position)?.expect("a place");
            let arm = opener.value(conn, Kind::Arm, &place.arm)[0];
            hidden.subjects.insert(row.subject.to_string(), usize::from(arm));
        }
        for row in kit::all(conn, &opener.study)? {
            let id = kit::kit_type(conn, &opener.study, row.number)?.expect("a kit type");
            let kit_type = terms::KitType::new(opener.value(conn, Kind::KitType, &id)[0]);
            let arm = sealed.arm_of(kit_type).expect("an arm").as_usize();
            hidden.kits.insert(row.number.to_string(), arm);
        }
        Ok(hidden)
    });
    read.expect("the hidden facts")
}

/// Every seed and every data key in this database.
pub(super) fn secrets(url: &str) -> Vec<(String, Vec<u8>)> {
    let opener = Opener::new(&Sealer::Real);
    let store = Store::open(url).expect("the store opens");
    let read = store.read::<_, Refusal>(|conn| {
        let tree = Tree::Study(opener.study.clone());
        let mut secrets = Vec::new();
        for row in opening::of_kind(conn, &tree, &Kind::Seed.to_string())? {
            secrets.push((format!("seed {}", row.id), opener.value(conn, Kind::Seed, &row.id)));
        }
        for key in data_key::all(conn, &tree)? {
            let key = opener.master.unwrap(&opener.study, 1, &key.wrapped).expect("a data key");
            secrets.push(("data key".to_owned(), key.revealed().to_vec()));
        }
        Ok(secrets)
    });
    read.expect("the secrets")
}

impl<'a> Opener<'a> {
    fn new(sealer: &'a Sealer) -> Self {
        let master = MasterKey::from_text("the master key of tests", MASTER_KEY).expect("a master key");
        Self { study: StudyId::parse("imodals").expect("an id"), sealer, master }
    }

    fn value(&self, conn: &mut Conn, kind: Kind, id: &OpeningId) -> Vec<u8> {
        let tree = Tree::Study(self.study.clone());
        let key = data_key::get(conn, &tree, 1).expect("the keys").expect("a key");
        let key = self.master.unwrap(&self.study, 1, &key.wrapped).expect("a data key");
        let row = opening::get(conn, &tree, id).expect("the openings").expect("an opening");
        let place = Place { study: self.study.clone(), kind, opening: id.clone() };
        let opened = self.sealer.open(&key, &place, &row.ciphertext);
        opened.unwrap_or_else(|error| panic!("{error}")).value.to_vec()
    }
}

/// The sealed design of this text, for the demo's study.
pub(crate) fn sealed_design(text: &str) -> SealedDesign {
    let public = StudyDesign::from_toml(&iwrs_tests::app::files().design).expect("a design");
    let Ok(sealed) = SealedDesign::from_toml(text, &public) else { panic!("no sealed design:\n{text}") };
    sealed
}
