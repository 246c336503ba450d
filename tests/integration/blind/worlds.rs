//! Worlds that differ in hidden facts alone.

use iwrs_tests::app::{World, files};
use service::entropy::Entropy;
use service::keys::{IdealWorld, Sealer};

/// The codes of a sealed design, by arm in design order and by kit type in the order of the file.
pub(super) struct Codes {
    pub(super) arms: [&'static str; 3],
    pub(super) kit_types: [&'static str; 3],
}

/// Those of `config/imodals.sealed.toml`.
pub(super) const SHIPPED: Codes = Codes {
    arms: ["QUOLL-7193", "NUMBAT-2850", "BILBY-6641"],
    kit_types: ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"],
};

/// Codes of other lengths and in other scripts.
pub(super) const FOREIGN: Codes = Codes {
    arms: ["α", "Белка-и-ещё-одна-очень-длинная-белка-2850", "袋鼠"],
    kit_types: ["石榴石-9127-紫水晶", "k", "Лазурит-и-кианит-и-топаз-44060000000000000000"],
};

/// The arms in design order, and what a kit for each holds.
const ARMS: [(&str, &str); 3] = [
    ("placebo", "5 vials of vehicle"),
    ("aldesleukin 1 MIU", "5 vials of aldesleukin 1 MIU"),
    ("aldesleukin 2 MIU", "5 vials of aldesleukin 2 MIU"),
];

/// The kit type of every arm in the shipped design.
pub(super) const SHIPPED_KIT_TYPES: [usize; 3] = [2, 0, 1];

/// Permutations of the indices of arms and kit types as they are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permutations {
    pub(super) arms: [u8; 3],
    pub(super) kit_types: [u8; 3],
}

/// The permutations that change nothing.
pub(super) const IDENTITY: Permutations = Permutations { arms: [0, 1, 2], kit_types: [0, 1, 2] };

impl Permutations {
    /// The kit type of every arm after both permutations: kits and arms stay together.
    fn conjugated(self) -> [usize; 3] {
        let mut kit_types = [0; 3];
        for (arm, kit_type) in SHIPPED_KIT_TYPES.into_iter().enumerate() {
            kit_types[usize::from(self.arms[arm])] = usize::from(self.kit_types[kit_type]);
        }
        kit_types
    }
}

/// A sealed design in which every arm has the kit type of this index.
pub(super) fn sealed_design(codes: &Codes, kit_types: [usize; 3]) -> String {
    let mut text = "format = \"iwrs-sealed-1\"\nstudy = \"imodals\"\nblock_sizes = [6]\n".to_owned();
    let mut contents = [""; 3];
    for (arm, (name, holds)) in ARMS.into_iter().enumerate() {
        let (code, kit_type) = (codes.arms[arm], codes.kit_types[kit_types[arm]]);
        contents[kit_types[arm]] = holds;
        text += &format!("[[arms]]\narm = \"{name}\"\ncode = \"{code}\"\nkit_type = \"{kit_type}\"\n");
    }
    for (code, contents) in codes.kit_types.into_iter().zip(contents) {
        text += &format!("[[kit_types]]\ncode = \"{code}\"\ncontents = \"{contents}\"\n");
    }
    text
}

/// A world in which ciphertexts tell nothing, with this public seed.
pub(super) fn ideal(seed: u8, ideal: &IdealWorld, sealed_design: String) -> World {
    World {
        sealer: Sealer::Ideal(ideal.clone()),
        entropy: Entropy::fixed(&[seed; 32]),
        sealed_design: Some(sealed_design),
        design: Some(crate::units::design()),
        ..World::default()
    }
}

/// The public seed of an ideal world, with permutations.
pub(super) fn ideal_world(seed: u8, permutations: Permutations) -> IdealWorld {
    IdealWorld::new([seed; 32], permutations.arms.to_vec(), permutations.kit_types.to_vec())
}

/// The world as it is.
pub(super) fn plain(seed: u8) -> World {
    let design = sealed_design(&SHIPPED, SHIPPED_KIT_TYPES);
    ideal(seed, &ideal_world(seed, IDENTITY), design)
}

/// A world in which arms and kit types are permuted jointly, under other codes.
pub(super) fn relabelled(seed: u8, permutations: Permutations) -> World {
    let design = sealed_design(&FOREIGN, permutations.conjugated());
    ideal(seed, &ideal_world(seed, permutations), design)
}

/// A world in which the arms of the lists alone are permuted.
pub(super) fn swapped(seed: u8, arms: [u8; 3]) -> World {
    let design = sealed_design(&SHIPPED, SHIPPED_KIT_TYPES);
    ideal(seed, &ideal_world(seed, Permutations { arms, ..IDENTITY }), design)
}

/// The real sealer, with the randomness of an ideal world.
pub(super) fn real(seed: u8, sealed_design: String) -> World {
    let (design, entropy) = (Some(crate::units::design()), Entropy::fixed(&[seed; 32]));
    World { design, sealed_design: Some(sealed_design), entropy, ..World::default() }
}

#[test]
fn the_designs_that_are_written_here_are_good_and_the_first_is_the_shipped_one() {
    let public = trial::study::StudyDesign::from_toml(&files().design).expect("a design");
    let read = |text: &str| {
        let sealed = trial::study::SealedDesign::from_toml(text, &public);
        let Ok(sealed) = sealed else { panic!("no sealed design:\n{text}") };
        (0..3)
            .map(|arm| sealed.kit_type_of(terms::Arm::new(arm)).expect("a type").as_usize())
            .collect::<Vec<_>>()
    };
    assert_eq!(read(&files().sealed), SHIPPED_KIT_TYPES);
    assert_eq!(read(&sealed_design(&SHIPPED, SHIPPED_KIT_TYPES)), SHIPPED_KIT_TYPES);
    let turned = Permutations { arms: [1, 2, 0], kit_types: [0, 1, 2] };
    // Arm 0 has become arm 1, and its kits, type 2, have gone with it.
    assert_eq!(read(&sealed_design(&FOREIGN, turned.conjugated())), [1, 2, 0]);
}
