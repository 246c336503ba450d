//! The sealed design: block sizes, internal codes, and which kit type serves which arm.

use std::collections::{BTreeMap, BTreeSet};

use allocator::BlockDesign;
use terms::{Arm, KitType};

use super::fields::{Echo, Fields, Problem, read_file};
use super::visible::Visible;
use super::{LabelWords, StudyDesign, translations};
use crate::Language;

/// The sealed part of a study's design. It is given by the statistician and never shown to a blinded person; it has
/// no `Debug`, `Display` or serialization, and no problem of its file repeats a value out of it (SEQ-11).
///
/// ```compile_fail
/// fn show(sealed: &trial::study::SealedDesign) -> String {
///     format!("{sealed:?}")
/// }
/// ```
pub struct SealedDesign {
    blocks: BlockDesign,
    arms: Vec<SealedArm>,
    kit_types: Vec<KitTypeWords>,
}

struct SealedArm {
    arm: Arm,
    code: String,
    kit_type: KitType,
}

/// One kit type in words that only unblinded persons may read. It has no `Debug`, either.
pub struct KitTypeWords {
    /// The internal code of the kit type.
    pub code: String,
    /// What a kit of this type holds.
    pub contents: KitContents,
    /// What can be seen of it from outside: the same for every type.
    pub visible: Visible,
}

/// What a kit holds, in words. It has no `Debug`, either.
#[derive(Clone)]
pub struct KitContents {
    /// As the sealed design has it.
    pub text: String,
    translations: BTreeMap<Language, String>,
}

impl KitContents {
    /// In this language; as the sealed design has it, where it does not translate it.
    pub fn said(&self, language: Language) -> &str {
        self.translations.get(&language).unwrap_or(&self.text)
    }
}

/// The form of the file that this version of the product reads.
const FORMAT: &str = "iwrs-sealed-1";

impl SealedDesign {
    /// Reads the sealed design that belongs to a public design.
    ///
    /// # Errors
    /// Every problem of the file, never none, each with its path and without any value or unknown name of the file.
    pub fn from_toml(text: &str, design: &StudyDesign) -> Result<Self, Vec<Problem>> {
        read_file(text, Echo::Sealed, |root| read(root, design))
    }

    /// What the allocation list is derived from: ratio, block sizes and the length of every stratum.
    pub fn block_design(&self) -> &BlockDesign {
        &self.blocks
    }

    /// The internal code of an arm; `None` for an arm of another design.
    pub fn arm_code(&self, arm: Arm) -> Option<&str> {
        self.arms.iter().find(|row| row.arm == arm).map(|row| row.code.as_str())
    }

    /// The kit type that serves an arm; `None` for an arm of another design.
    pub fn kit_type_of(&self, arm: Arm) -> Option<KitType> {
        self.arms.iter().find(|row| row.arm == arm).map(|row| row.kit_type)
    }

    /// The arm that a kit type serves; `None` for a kit type of another design.
    pub fn arm_of(&self, kit_type: KitType) -> Option<Arm> {
        self.arms.iter().find(|row| row.kit_type == kit_type).map(|row| row.arm)
    }

    /// The kit types in the order of the file, which [`KitType`] is an index into: as many as there are arms.
    pub fn kit_types(&self) -> &[KitTypeWords] {
        &self.kit_types
    }

    /// How many kit types there are.
    pub fn kit_type_count(&self) -> usize {
        self.kit_types.len()
    }

    /// The internal codes of arms and kit types, which must stand on no label.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        let of_arms = self.arms.iter().map(|arm| arm.code.as_str());
        of_arms.chain(self.kit_types.iter().map(|kit_type| kit_type.code.as_str()))
    }

    /// The kit type with this internal code.
    pub fn kit_type(&self, code: &str) -> Option<KitType> {
        place(&self.kit_types, code)
    }
}

fn place(kit_types: &[KitTypeWords], code: &str) -> Option<KitType> {
    let place = kit_types.iter().position(|kit_type| kit_type.code == code)?;
    u8::try_from(place).ok().map(KitType::new)
}

fn read(root: &mut Fields<'_>, design: &StudyDesign) -> Option<SealedDesign> {
    let format = root.choice("format", &[(FORMAT, ())]);
    check_study(root, design);
    let blocks = blocks(root, design);
    let mut codes = BTreeSet::new();
    let kit_types = kit_types(root, &mut codes);
    let arms = arms(root, design, kit_types.as_deref(), &mut codes);
    check_labels(root, design, &codes);
    let kit_types = translated(root, kit_types);
    format?;
    Some(SealedDesign { blocks: blocks?, arms: arms?, kit_types: kit_types? })
}

fn check_study(root: &mut Fields<'_>, design: &StudyDesign) {
    if root.text("study").is_some_and(|study| study != design.id.as_str()) {
        root.problem("study", "is not the study of the public design");
    }
}

fn blocks(root: &mut Fields<'_>, design: &StudyDesign) -> Option<BlockDesign> {
    let sizes: Vec<u32> = root.wholes("block_sizes", 1..=i64::from(BlockDesign::MAX_SIZE))?;
    let ratio: Vec<u32> = design.arms.iter().map(|arm| arm.ratio).collect();
    let lengths = vec![design.allocation.list_length; design.strata().len()];
    let blocks = BlockDesign::new(&ratio, &sizes, &lengths);
    if blocks.is_err() {
        // The allocator's own words would repeat the sizes; ratio and lengths are those of a sound public design.
        let rule =
            "must hold at least one size, all different, each a multiple of the sum of the arms' ratios";
        root.problem("block_sizes", rule);
    }
    blocks.ok()
}

fn kit_types(root: &mut Fields<'_>, codes: &mut BTreeSet<String>) -> Option<Vec<KitTypeWords>> {
    root.tables("kit_types", |fields| {
        let code = fields.unique_text("code", codes);
        let contents = fields.text("contents");
        let visible = fields.named_texts("visible");
        let contents = contents.map(|text| KitContents { text, translations: BTreeMap::new() });
        Some(KitTypeWords { code: code?, contents: contents?, visible: visible? })
    })
}

/// The kit types with what they hold in other languages.
fn translated(root: &mut Fields<'_>, kit_types: Option<Vec<KitTypeWords>>) -> Option<Vec<KitTypeWords>> {
    let texts = kit_types.as_ref().map(|of| of.iter().map(|of| of.contents.text.as_str()).collect());
    let translations = translations::read(root, texts);
    let mut kit_types = kit_types?;
    for (language, texts) in translations.languages() {
        for KitContents { text, translations } in kit_types.iter_mut().map(|of| &mut of.contents) {
            translations.extend(texts.get(text).map(|said| (language, said.clone())));
        }
    }
    Some(kit_types)
}

/// Reads the arms: each arm of the public design once, and each kit type for exactly one of them, so that a kit type
/// tells an arm and an arm a kit type.
fn arms(
    root: &mut Fields<'_>,
    design: &StudyDesign,
    kit_types: Option<&[KitTypeWords]>,
    codes: &mut BTreeSet<String>,
) -> Option<Vec<SealedArm>> {
    let (mut names, mut served) = (BTreeSet::new(), BTreeSet::new());
    let arms = root.tables("arms", |fields| {
        let arm = public_arm(fields, design, &mut names);
        let code = fields.unique_text("code", codes);
        let wanted = fields.unique_text("kit_type", &mut served);
        let kit_type = kit_type(fields, kit_types, &wanted?);
        Some(SealedArm { arm: arm?, code: code?, kit_type: kit_type? })
    })?;
    if arms.len() != design.arms.len() {
        root.problem("arms", "must hold every arm of the public design");
    }
    if kit_types.is_some_and(|kit_types| kit_types.len() != design.arms.len()) {
        root.problem("kit_types", "must hold one kit type for every arm");
    }
    Some(arms)
}

/// A shorter code may stand in any sentence by chance.
const SHORTEST_CODE: usize = 3;

/// No label may hold an internal code, which would separate the types (KIT-15). The code is not repeated here: whoever
/// may read both files finds it in them.
fn check_labels(root: &Fields<'_>, design: &StudyDesign, codes: &BTreeSet<String>) {
    let labels = design.label.iter().flat_map(|label| label.languages.values());
    let said: Vec<String> = labels.flat_map(LabelWords::texts).map(|(_, text)| text.to_lowercase()).collect();
    let codes = codes.iter().filter(|code| code.chars().count() >= SHORTEST_CODE);
    let mut codes = codes.map(|code| code.to_lowercase());
    if codes.any(|code| said.iter().any(|text| text.contains(&code))) {
        root.problem("", "holds a code that stands on the labels of the public design");
    }
}

fn public_arm(fields: &mut Fields<'_>, design: &StudyDesign, names: &mut BTreeSet<String>) -> Option<Arm> {
    let name = fields.unique_text("arm", names)?;
    let place = design.arms.iter().position(|arm| arm.name == name);
    let arm = place.and_then(|place| u8::try_from(place).ok()).map(Arm::new);
    if arm.is_none() {
        fields.problem("arm", "is not the name of an arm of the public design");
    }
    arm
}

fn kit_type(fields: &Fields<'_>, kit_types: Option<&[KitTypeWords]>, code: &str) -> Option<KitType> {
    let found = place(kit_types?, code);
    if found.is_none() {
        fields.problem("kit_type", "is not the code of a kit type of this file");
    }
    found
}
