//! To whom something is encrypted: a public key as `age-keygen` prints it.

use std::fmt;

/// The public half of an X25519 key, written in Bech32 (BIP 173) with the prefix `age`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

/// It is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be the public key of age for X25519: `age1` and 58 letters and digits, as `age-keygen` prints it"
)]
pub struct BadRecipient;

const PREFIX: &str = "age";
const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Letters of five bits that hold 32 bytes; and those of the checksum.
const DATA: usize = 52;
const CHECKSUM: usize = 6;

impl Recipient {
    /// Reads a key. It has one spelling, in small letters.
    ///
    /// # Errors
    /// [`BadRecipient`].
    pub fn parse(text: &str) -> Result<Self, BadRecipient> {
        let letters =
            text.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('1')).ok_or(BadRecipient)?;
        let values: Option<Vec<u8>> = letters.chars().map(value).collect();
        let values = values.filter(|values| values.len() == DATA + CHECKSUM).ok_or(BadRecipient)?;
        if checksum(&values) != 1 {
            return Err(BadRecipient);
        }
        Ok(Self(bytes(values.get(..DATA).unwrap_or_default()).ok_or(BadRecipient)?))
    }

    /// The recipient with this public key.
    pub const fn from_key(key: [u8; 32]) -> Self {
        Self(key)
    }

    pub(super) const fn key(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = fives(&self.0);
        let sum = checksum(&[values.as_slice(), &[0; CHECKSUM]].concat()) ^ 1;
        values.extend((0..CHECKSUM).rev().map(|place| five(sum >> (5 * place))));
        let letter = |value: u8| LETTERS.chars().nth(usize::from(value)).unwrap_or_default();
        write!(f, "{PREFIX}1{}", values.into_iter().map(letter).collect::<String>())
    }
}

fn value(letter: char) -> Option<u8> {
    LETTERS.chars().position(|known| known == letter).and_then(|place| u8::try_from(place).ok())
}

/// The remainder of BIP 173 over the prefix and these values: 1 when their last six are the checksum.
fn checksum(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let prefix = PREFIX.bytes().map(|byte| byte >> 5).chain([0]).chain(PREFIX.bytes().map(|byte| byte & 31));
    prefix.chain(values.iter().copied()).fold(1, |sum, value| {
        let shifted = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let bits = GENERATOR.iter().enumerate().filter(|(bit, _)| (sum >> 25) >> bit & 1 == 1);
        bits.fold(shifted, |sum, (_, part)| sum ^ part)
    })
}

fn five(bits: u32) -> u8 {
    u8::try_from(bits & 31).unwrap_or_default()
}

/// 32 bytes in 52 letters of five bits; the four bits that are left over are 0.
fn fives(bytes: &[u8; 32]) -> Vec<u8> {
    let (mut held, mut count, mut values) = (0_u32, 0, Vec::new());
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            values.push(five(held >> count));
        }
        held &= 31;
    }
    values.push(five(held << (5 - count)));
    values
}

fn bytes(values: &[u8]) -> Option<[u8; 32]> {
    let (mut held, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for value in values {
        held = (held << 5) | u32::from(*value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 255).ok()?);
        }
        held &= 255;
    }
    let rest = held & ((1 << count) - 1);
    if rest == 0 { bytes.try_into().ok() } else { None }
}
