//! What the checks of an export need besides it.

use iwrs_tests::app::{MASTER_KEY, TestApp};
use journal::{Export, Outcome, leaf_hash, root};
use service::keys::{Kind, MasterKey, Place, Sealer};
use store::rows::{data_key, list, opening};
use store::{Store, Tree};
use terms::{ListId, StudyId};
use trial::Refusal;
use trial::act::Act;
use trial::replay::{Given, replay};

use super::forgeries::{append, forged, one};
use super::played::{given, open, played};

/// A seed of a list that was never used.
const UNUSED: [u8; 32] = [3; 32];

/// What comes of a check.
fn outcome(export: &Export, given: &Given, name: &str) -> Outcome {
    let check = replay(export, given).into_iter().find(|check| check.name == name);
    check.expect("such a check").outcome
}

/// The seed of the list in use, opened with the master key as after the final release.
fn seed(app: &TestApp) -> [u8; 32] {
    let study = StudyId::parse("imodals").expect("an id");
    let tree = Tree::Study(study.clone());
    let store = Store::open(app.database.url()).expect("the store opens");
    let read = store.read::<_, Refusal>(|conn| {
        let lists = list::all(conn, &study)?;
        let sealed = opening::get(conn, &tree, &lists[0].seed)?.expect("the opening");
        Ok((sealed, data_key::get(conn, &tree, 1)?.expect("the data key")))
    });
    let (sealed, wrapped) = read.expect("the rows");
    let master = MasterKey::from_text("the master key of tests", MASTER_KEY).expect("a master key");
    let key = master.unwrap(&study, 1, &wrapped.wrapped).expect("the master key fits");
    let place = Place { study, kind: Kind::Seed, opening: sealed.id };
    let Ok(opened) = Sealer::Real.open(&key, &place, &sealed.ciphertext) else { panic!("does not open") };
    opened.value.as_slice().try_into().expect("32 bytes")
}

/// The export with a second list, which follows from its seed and gave no position.
fn with_an_unused_list(honest: &Export) -> Export {
    let other = ListId::parse("other").expect("an id");
    let sealed = given().sealed.expect("a sealed design");
    let derived = allocator::derive(&UNUSED, "imodals", other.as_str(), sealed.block_design());
    let leaf = |(stratum, position, entry): (_, _, allocator::Entry)| {
        let salt = allocator::salt(&UNUSED, "imodals", other.as_str(), stratum, position);
        leaf_hash(&allocator::commitment_leaf(&salt, stratum, position, entry.arm))
    };
    let of_other = root(&derived.rows().map(leaf).collect::<Vec<_>>());
    forged(honest, |leaves| {
        let generated = one(leaves, |act| matches!(act, Act::ListGenerated { .. }));
        let mut act = leaves[generated].act.clone();
        if let Act::ListGenerated { list, root, .. } = &mut act {
            (*list, *root) = (other, of_other);
        }
        append(leaves, generated, act);
    })
}

#[test]
fn seq_02_a_list_follows_from_its_seed_and_the_seed_of_every_used_list_is_needed() {
    let app = played();
    let export = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    let export = with_an_unused_list(&export);
    let right = seed(&app);
    let mut almost = right;
    almost[31] ^= 1;
    let of = |seeds: &[[u8; 32]]| {
        let given = Given { seeds: seeds.to_vec(), ..given() };
        outcome(&export, &given, "lists follow from their seeds")
    };
    assert_eq!(of(&[right]), Outcome::Passed);
    assert_eq!(of(&[UNUSED, right]), Outcome::Passed);
    for seeds in [&[][..], &[UNUSED]] {
        assert!(matches!(of(seeds), Outcome::NotCheckable(_)), "{:?}", of(seeds));
    }
    for seeds in [&[almost][..], &[right, almost]] {
        assert!(matches!(of(seeds), Outcome::Failed(_)), "{:?}", of(seeds));
    }
}

#[test]
fn kit_06_whether_kits_last_takes_the_design() {
    let app = played();
    let export = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    let name = "kits last through their dosing days";
    assert_eq!(outcome(&export, &given(), name), Outcome::Passed);
    let without = outcome(&export, &Given::default(), name);
    assert!(matches!(without, Outcome::NotCheckable(_)), "{without:?}");
}

#[test]
fn unb_06_envelopes_of_a_list_that_is_not_in_use_are_found() {
    let app = played();
    let export = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    let name = "lists are approved by another person before use";
    let printed = |leaves: &mut Vec<trial::act::Leaf>, at: usize| {
        let activated = one(leaves, |act| matches!(act, Act::ListActivated { .. }));
        let Act::ListActivated { list } = leaves[activated].act.clone() else { panic!("no list") };
        let act = Act::EnvelopesPrinted { list };
        if at == 0 { leaves[activated].act = act } else { append(leaves, activated, act) }
    };
    let later = forged(&export, |leaves| printed(leaves, 1));
    assert_eq!(outcome(&later, &given(), name), Outcome::Passed);
    let instead = outcome(&forged(&export, |leaves| printed(leaves, 0)), &given(), name);
    assert!(matches!(instead, Outcome::Failed(_)), "{instead:?}");
}
