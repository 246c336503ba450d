//! Uniform draws that anyone can repeat: a keyed stream of 32-bit words, an exactly uniform integer below a bound,
//! and a shuffle.
//!
//! Both the allocator and the ledger draw, and neither knows the other; so the one way of drawing lives beneath both.
//! The words are those of ChaCha20, and nothing else of the `rand` family is used: the results of its ranges and
//! shuffles changed between versions and may again. A stranger gets the same words from `openssl enc -chacha20`.

mod self_test;

pub use self_test::{SelfTestFailed, self_test};

use hkdf::Hkdf;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The 256-bit key of a family of streams.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// The key for one purpose: HKDF-SHA-256 of the seed (32 bytes), without salt, 32 bytes long, whose info is the
    /// parts joined by `|` in UTF-8. The parts must not hold a `|` themselves.
    ///
    /// # Panics
    /// When a part holds a `|`: two purposes could then share one key.
    pub fn derive(seed: &[u8; 32], info: &[&str]) -> Self {
        assert!(info.iter().all(|part| !part.contains('|')), "a part of a key's purpose holds the separator");
        let mut key = Self([0; 32]);
        let expanded = Hkdf::<Sha256>::new(None, seed).expand(info.join("|").as_bytes(), &mut key.0);
        assert!(expanded.is_ok(), "HKDF-SHA-256 always gives 32 bytes");
        key
    }

    /// The key's bytes, for a purpose that needs bytes and not a stream of words, such as a salt.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The words of one stream from its beginning: the ChaCha20 key stream (20 rounds, 64-bit block counter from 0 in
    /// state words 12 and 13, the stream number in words 14 and 15, low half first), read as little-endian words.
    pub fn words(&self, stream: u64) -> Words {
        let mut generator = ChaCha20Rng::from_seed(self.0);
        generator.set_stream(stream);
        Words(generator)
    }
}

/// The words of one stream, in order.
pub struct Words(ChaCha20Rng);

impl Words {
    /// The next word of the stream.
    pub fn next_word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// An integer of `0..bound`, exactly uniform; see [`below`].
    ///
    /// # Panics
    /// When the bound is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        below(bound, || self.next_word())
    }

    /// Fisher and Yates from the last index down: index `i` is exchanged with `below(i + 1)`.
    ///
    /// # Panics
    /// When the slice holds 2^32 elements or more.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.choose_last(items, items.len());
    }

    /// The first `count` steps of [`Self::shuffle`]: afterwards the last `count` elements are a uniform draw without
    /// replacement, the first drawn being the last of the slice. At most as many as there are.
    ///
    /// # Panics
    /// When the slice holds 2^32 elements or more.
    pub fn choose_last<T>(&mut self, items: &mut [T], count: usize) {
        for last in (1..items.len()).rev().take(count) {
            let Ok(bound) = u32::try_from(last + 1) else { panic!("more than 2^32 elements to draw from") };
            let chosen = usize::try_from(self.below(bound));
            items.swap(last, chosen.unwrap_or(last));
        }
    }
}

/// An integer of `0..bound`, exactly uniform, from 32-bit words: Lemire's multiplication with rejection.
///
/// The word `w` gives the 64-bit product `w * bound`; its high half is the answer unless its low half is under
/// `2^32 mod bound`, and then the next word is tried. A bound of 1 takes a word, too.
/// Source: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019), doi 10.1145/3230636.
///
/// # Panics
/// When the bound is 0.
pub fn below(bound: u32, mut next_word: impl FnMut() -> u32) -> u32 {
    assert!(bound > 0, "nothing lies below 0");
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(next_word()) * u64::from(bound);
        let [high, low] = halves(product);
        if low >= threshold {
            return high;
        }
    }
}

/// The high and the low half of a 64-bit word.
fn halves(word: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = word.to_be_bytes();
    [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])]
}

#[cfg(test)]
mod tests {
    use super::{Key, below};

    #[test]
    fn rejected_words_are_skipped() {
        // 2^32 mod 3 = 1, so only a low half of 0 is rejected: the word 0.
        let mut words = [0, 0, 0x8000_0000, 7].into_iter();
        assert_eq!(below(3, || words.next().expect("a word")), 1);
        assert_eq!(words.next(), Some(7), "exactly one word after the rejected ones was taken");
        // 2^32 mod 6 = 4: the products of 0 (low 0) and of 0xAAAAAAAB (low 2) are rejected.
        let mut words = [0, 0xAAAA_AAAB, u32::MAX].into_iter();
        assert_eq!(below(6, || words.next().expect("a word")), 5);
        assert_eq!(words.next(), None);
    }

    #[test]
    fn a_bound_of_one_takes_one_word_and_powers_of_two_reject_none() {
        let mut words = [0, 0, u32::MAX].into_iter();
        assert_eq!(below(1, || words.next().expect("a word")), 0);
        assert_eq!(below(8, || words.next().expect("a word")), 0);
        assert_eq!(below(8, || words.next().expect("a word")), 7);
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_choosing_is_its_beginning() {
        let key = Key::derive(&[7; 32], &["test", "shuffle"]);
        let mut all: Vec<u32> = (0..50).collect();
        key.words(1).shuffle(&mut all);
        let mut some: Vec<u32> = (0..50).collect();
        key.words(1).choose_last(&mut some, 5);
        assert_eq!(all[45..], some[45..]);
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn other_purposes_seeds_and_streams_give_other_words() {
        let first = |seed: u8, info: &[&str], stream: u64| {
            let mut words = Key::derive(&[seed; 32], info).words(stream);
            [words.next_word(), words.next_word()]
        };
        let base = first(1, &["a", "b"], 0);
        assert_eq!(base, first(1, &["a", "b"], 0));
        for other in [first(2, &["a", "b"], 0), first(1, &["a", "c"], 0), first(1, &["a", "b"], 1)] {
            assert_ne!(base, other);
        }
    }
}
