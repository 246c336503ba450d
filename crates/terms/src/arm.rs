//! Arms and kit types: what must never be seen by a blinded person.

use zeroize::Zeroize;

/// A treatment arm, as its index in the order of the study design (0 is the first arm of the file).
///
/// The index carries no meaning outside the design; its words are public, the link to a subject is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct Arm(u8);

impl Arm {
    /// The arm with this index in design order, 0 to 255.
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// The index in design order.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The index as a slice index.
    pub fn as_usize(self) -> usize {
        usize::from(self.0)
    }
}

/// A kind of kit, as its index in the order of the sealed design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Zeroize)]
pub struct KitType(u8);

impl KitType {
    /// The kit type with this index in the order of the sealed design, 0 to 255.
    pub const fn new(index: u8) -> Self {
        Self(index)
    }

    /// The index in the order of the sealed design.
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The index as a slice index.
    pub fn as_usize(self) -> usize {
        usize::from(self.0)
    }
}
