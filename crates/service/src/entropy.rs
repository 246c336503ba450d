//! Randomness: seeds, keys, salts, nonces, tokens and identifiers.

use terms::Id;

/// Where random bytes come from.
pub enum Entropy {
    /// The operating system's cryptographic source.
    System,
    /// A public stream that is the same in every run, so that two runs can be compared byte for byte. It
    /// exists in the test build alone: no setting of the binary can reach it (SEQ-04).
    #[cfg(any(test, feature = "ideal-sealer"))]
    Fixed(Box<std::sync::Mutex<draw::Words>>),
}

/// The operating system gave no random bytes. Nothing secret can be made without them.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoEntropy(#[from] getrandom::Error);

impl Entropy {
    /// A public stream, the same for the same seed.
    #[cfg(any(test, feature = "ideal-sealer"))]
    pub fn fixed(seed: &[u8; 32]) -> Self {
        let words = draw::Key::derive(seed, &["fixed-entropy"]).words(0);
        Self::Fixed(Box::new(std::sync::Mutex::new(words)))
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// [`NoEntropy`] when the operating system gives none.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoEntropy> {
        let mut bytes = [0; N];
        match self {
            Self::System => getrandom::fill(&mut bytes)?,
            #[cfg(any(test, feature = "ideal-sealer"))]
            Self::Fixed(words) => {
                let mut words = words.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                bytes.fill_with(|| words.next_word().to_be_bytes()[0]);
            }
        }
        Ok(bytes)
    }

    /// A new identifier: 26 lower-case characters from 130 random bits. It holds no time and no ordinal,
    /// because the order in which things were made can go with the arm (BLD-08).
    ///
    /// # Errors
    /// [`NoEntropy`] when the operating system gives no random bytes.
    pub fn id<K>(&self) -> Result<Id<K>, NoEntropy> {
        let text = self.text::<26>()?;
        let Ok(id) = Id::parse(&text) else { panic!("letters and digits make an identifier") };
        Ok(id)
    }

    /// `N` characters of 5 random bits each, out of digits and lower-case letters without i, l, o and u,
    /// which are misread.
    pub(crate) fn text<const N: usize>(&self) -> Result<String, NoEntropy> {
        Ok(letters(&self.bytes::<N>()?))
    }
}

/// A character for each byte.
pub(crate) fn letters(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    bytes.iter().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use terms::OpeningId;

    use super::Entropy;

    #[test]
    fn identifiers_differ_and_have_one_length() {
        let ids: BTreeSet<OpeningId> = (0..1_000).map(|_| Entropy::System.id().expect("entropy")).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.as_str().len() == 26));
    }

    #[test]
    fn every_letter_occurs_at_every_place() {
        let entropy = Entropy::fixed(&[1; 32]);
        let mut seen = vec![BTreeSet::new(); 26];
        for _ in 0..1_000 {
            for (place, letter) in entropy.text::<26>().expect("entropy").chars().enumerate() {
                seen[place].insert(letter);
            }
        }
        assert!(seen.iter().all(|letters| letters.len() == 32));
    }

    #[test]
    fn a_fixed_stream_repeats_and_the_system_does_not() {
        let fixed = |seed| Entropy::fixed(&[seed; 32]).bytes::<32>().expect("entropy");
        assert_eq!(fixed(1), fixed(1));
        assert_ne!(fixed(1), fixed(2));
        let system = || Entropy::System.bytes::<32>().expect("entropy");
        assert_ne!(system(), system());
    }
}
