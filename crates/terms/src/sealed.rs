//! Values that reveal a treatment.

use zeroize::Zeroize;

/// A value that reveals a treatment, after decryption. It cannot be printed, compared or serialized, and it is
/// wiped when dropped; whoever needs the value shows a [`Permit`].
///
/// ```
/// let sealed = terms::Sealed::new(3_u8);
/// drop(sealed);
/// ```
/// ```compile_fail
/// let sealed = terms::Sealed::new(3_u8);
/// println!("{sealed:?}");
/// ```
/// ```compile_fail
/// let sealed = terms::Sealed::new(3_u8);
/// println!("{sealed}");
/// ```
/// ```compile_fail
/// let sealed = terms::Sealed::new(3_u8);
/// assert!(sealed == terms::Sealed::new(3_u8));
/// ```
/// ```compile_fail
/// let sealed = terms::Sealed::new(3_u8);
/// let value: u8 = sealed.value;
/// ```
pub struct Sealed<T: Zeroize> {
    value: T,
}

/// The right to look at a sealed value. Only the room `trial` implements it, for exactly two types: the grant of a
/// human read, which exists only together with the journal record of that read, and the allocation engine's own
/// token, which is covered by the record of the act that it computes. A style test holds the other rooms to that.
pub trait Permit {}

impl<T: Zeroize> Sealed<T> {
    /// Seals a value.
    pub fn new(value: T) -> Self {
        Self { value }
    }

    /// Looks at the value with a permit.
    pub fn open<P: Permit>(&self, _permit: &P) -> &T {
        &self.value
    }
}

impl<T: Zeroize + Clone> Clone for Sealed<T> {
    /// A copy, as sealed as this one.
    fn clone(&self) -> Self {
        Self { value: self.value.clone() }
    }
}

impl<T: Zeroize> Drop for Sealed<T> {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}
