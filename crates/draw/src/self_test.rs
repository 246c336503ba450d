//! Known answers, checked at every start: a generator that changed must never hand out a treatment.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The generator does not give the published words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfTestFailed;

impl fmt::Display for SelfTestFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the random word generator does not give the published words of ChaCha20; nothing may be drawn",
        )
    }
}

impl std::error::Error for SelfTestFailed {}

/// The key stream block of RFC 8439, section 2.3.2.
const RFC_8439_WORDS: [u32; 16] = [
    0xe4e7_f110,
    0x1559_3bd1,
    0x1fdd_0f50,
    0xc471_20a3,
    0xc7f4_d1c7,
    0x0368_c033,
    0x9aaa_2204,
    0x4e6c_d4c3,
    0x4664_82d2,
    0x09aa_9f07,
    0x05d7_c214,
    0xa202_8bd9,
    0xd19c_12b5,
    0xb94e_16de,
    0xe883_d0cb,
    0x4e3c_50a2,
];

/// The first words under a key, stream and counter of zero (RFC 8439, appendix A.1, vector 1).
const ZERO_KEY_WORDS: [u32; 4] = [0xade0_b876, 0x903d_f1a0, 0xe56a_5d40, 0x28bd_8653];

/// Compares the generator with published vectors.
///
/// # Errors
/// [`SelfTestFailed`] when a word differs; the caller must then refuse to start.
pub fn self_test() -> Result<(), SelfTestFailed> {
    let passes = words_agree(rfc_8439(), &RFC_8439_WORDS)
        && words_agree(ChaCha20Rng::from_seed([0; 32]), &ZERO_KEY_WORDS);
    if passes { Ok(()) } else { Err(SelfTestFailed) }
}

fn words_agree(mut generator: ChaCha20Rng, published: &[u32]) -> bool {
    published.iter().all(|word| generator.next_u32() == *word)
}

/// The state of RFC 8439, section 2.3.2. Its 32-bit counter and 96-bit nonce lie over our 64-bit counter and 64-bit
/// stream number: the nonce's first word is the counter's high half.
fn rfc_8439() -> ChaCha20Rng {
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().zip(0_u8..) {
        *place = byte;
    }
    let mut generator = ChaCha20Rng::from_seed(key);
    generator.set_stream(0x0000_0000_4a00_0000);
    generator.set_word_pos(0x0900_0000_0000_0001 * 16);
    generator
}

#[cfg(test)]
mod tests {
    use super::{RFC_8439_WORDS, rfc_8439, self_test, words_agree};

    #[test]
    fn the_generator_gives_the_published_words() {
        assert_eq!(self_test(), Ok(()));
    }

    #[test]
    fn one_changed_word_is_seen() {
        let mut wrong = RFC_8439_WORDS;
        wrong[15] ^= 1;
        assert!(!words_agree(rfc_8439(), &wrong));
    }
}
