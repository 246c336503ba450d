//! Encrypting to one recipient, in the age format (age-encryption.org/v1, c2sp.org/age): whoever holds the private key
//! reads it with `age --decrypt`, and nobody else, this service included.
//!
//! The format is written here over the one cryptographic back end, because the crate `age` would bring ninety packages
//! (docs/decisions/0013). It is only written, and only to X25519 keys: nothing here reads it.

mod recipient;

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hkdf, hmac};
use base64ct::{Base64, Base64Unpadded, Encoding};
use zeroize::Zeroizing;

pub use recipient::{BadRecipient, Recipient};

use crate::entropy::{Entropy, NoEntropy};

/// How many bytes of the plaintext are sealed at a time.
const CHUNK: usize = 64 * 1024;
/// How many characters stand in a line of the armour.
const COLUMNS: usize = 64;

/// Why nothing was encrypted.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// The recipient's key gives no shared secret: it is of low order, and anybody could read what is encrypted to it.
    #[error("the recipient's key is a weak one")]
    WeakKey,
    /// The cryptographic library failed.
    #[error("the text could not be encrypted")]
    Encryption(#[from] Unspecified),
    /// There were no random bytes.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// Encrypts a text to a recipient, in armour.
///
/// # Errors
/// [`AgeError`].
pub fn encrypt(recipient: &Recipient, text: &[u8], entropy: &Entropy) -> Result<String, AgeError> {
    let file_key = Zeroizing::new(entropy.bytes::<16>()?);
    let (share, wrapped) = wrap(recipient, &file_key, &Zeroizing::new(entropy.bytes()?))?;
    let mut header = format!(
        "age-encryption.org/v1\n-> X25519 {}\n{}\n---",
        Base64Unpadded::encode_string(&share),
        Base64Unpadded::encode_string(&wrapped),
    );
    let mac_key = derive(&*file_key, &[], b"header")?;
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*mac_key), header.as_bytes());
    header.push_str(&format!(" {}\n", Base64Unpadded::encode_string(mac.as_ref())));
    let mut file = header.into_bytes();
    let nonce: [u8; 16] = entropy.bytes()?;
    file.extend(nonce);
    let payload_key = derive(&*file_key, &nonce, b"payload")?;
    seal_payload(&payload_key, text, &mut file)?;
    Ok(armoured(&file))
}

/// The file key, sealed under what an ephemeral key shares with the recipient's: the ephemeral public key, and the
/// body.
fn wrap(
    recipient: &Recipient,
    file_key: &[u8; 16],
    ephemeral: &[u8; 32],
) -> Result<(Vec<u8>, Vec<u8>), AgeError> {
    let private = PrivateKey::from_private_key(&X25519, ephemeral).map_err(|_rejected| Unspecified)?;
    let share = private.compute_public_key()?.as_ref().to_vec();
    let salt = [share.as_slice(), recipient.key()].concat();
    let peer = UnparsedPublicKey::new(&X25519, recipient.key());
    let key = agree(&private, peer, AgeError::WeakKey, |shared| {
        Ok(derive(shared, &salt, b"age-encryption.org/v1/X25519")?)
    })?;
    let mut body = file_key.to_vec();
    seal(&key, [0; 12], &mut body)?;
    Ok((share, body))
}

/// Seals chunk after chunk, each under its number; the last one says that it is, so that none can be cut off.
fn seal_payload(key: &[u8; 32], text: &[u8], file: &mut Vec<u8>) -> Result<(), Unspecified> {
    let chunks: Vec<&[u8]> = if text.is_empty() { vec![&[]] } else { text.chunks(CHUNK).collect() };
    for (number, chunk) in (1_u64..).zip(&chunks) {
        let mut nonce = [0; 12];
        for (place, byte) in nonce.iter_mut().skip(3).zip((number - 1).to_be_bytes()) {
            *place = byte;
        }
        if let Some(last) = nonce.last_mut() {
            *last = u8::from(usize::try_from(number) == Ok(chunks.len()));
        }
        let mut sealed = chunk.to_vec();
        seal(key, nonce, &mut sealed)?;
        file.append(&mut sealed);
    }
    Ok(())
}

fn seal(key: &[u8; 32], nonce: [u8; 12], text: &mut Vec<u8>) -> Result<(), Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key)?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), text)
}

fn derive(secret: &[u8], salt: &[u8], purpose: &[u8]) -> Result<Zeroizing<[u8; 32]>, Unspecified> {
    let mut key = Zeroizing::new([0; 32]);
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    prk.expand(&[purpose], hkdf::HKDF_SHA256)?.fill(&mut *key)?;
    Ok(key)
}

fn armoured(file: &[u8]) -> String {
    let mut text = String::from("-----BEGIN AGE ENCRYPTED FILE-----\n");
    let encoded = Base64::encode_string(file);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(COLUMNS.min(rest.len()));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END AGE ENCRYPTED FILE-----\n");
    text
}

#[cfg(test)]
mod tests;
