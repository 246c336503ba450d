//! Whoever fills the kits: holds the key to which a packaging list is encrypted, opens it, and sends it back as it was
//! packed. In life that is another company with `age`; here it is played, so the format is read here and nowhere else.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::{hkdf, hmac};
use base64ct::{Base64, Base64Unpadded, Encoding};
use serde_json::{Value, json};
use service::age::Recipient;
use service::entropy::Entropy;

use super::setup::Cast;
use crate::client::{ClientError, rows_at, text_at};

/// A packager with a key.
pub struct Packager(PrivateKey);

impl Packager {
    /// A packager with a new key.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn new() -> Result<Self, ClientError> {
        let seed = Entropy::System.bytes::<32>().map_err(|_none| ClientError::NotPacked)?;
        Self::with_key(&seed)
    }

    /// The packager of the demo. Everybody knows the key: what it opens is a demo's, never leaves the process, and two
    /// trials that are played alike have the same journal.
    ///
    /// # Errors
    /// Never.
    pub fn of_the_demo() -> Result<Self, ClientError> {
        Self::with_key(b"the demo's packager, of 32 bytes")
    }

    /// The packager whose private key this is.
    ///
    /// # Errors
    /// When it is none.
    pub fn with_key(key: &[u8; 32]) -> Result<Self, ClientError> {
        PrivateKey::from_private_key(&X25519, key).map(Self).map_err(|_rejected| ClientError::NotPacked)
    }

    /// The public key, as a packager gives it to the sponsor.
    ///
    /// # Errors
    /// When the key has none.
    pub fn key(&self) -> Result<Recipient, ClientError> {
        let key = self.0.compute_public_key().map_err(|_failed| ClientError::NotPacked)?;
        Ok(Recipient::from_key(key.as_ref().try_into().map_err(|_length| ClientError::NotPacked)?))
    }

    /// What was encrypted to this packager, in armour.
    ///
    /// # Errors
    /// When it was encrypted to somebody else, or altered on the way.
    pub fn open(&self, armour: &str) -> Result<String, ClientError> {
        self.read(armour).ok_or(ClientError::NotPacked)
    }

    fn read(&self, armour: &str) -> Option<String> {
        let body = armour.strip_prefix("-----BEGIN AGE ENCRYPTED FILE-----\n")?;
        let body = body.strip_suffix("-----END AGE ENCRYPTED FILE-----\n")?;
        let file = Base64::decode_vec(&body.replace('\n', "")).ok()?;
        let mac_at = file.windows(4).position(|four| four == b"\n---")? + 4;
        let (header, rest) = file.split_at_checked(mac_at)?;
        let line_end = rest.iter().position(|byte| *byte == b'\n')?;
        let (mac, payload) = rest.split_at_checked(line_end)?;
        let file_key = self.file_key(std::str::from_utf8(header).ok()?)?;
        let mac = Base64Unpadded::decode_vec(std::str::from_utf8(mac.get(1..)?).ok()?).ok()?;
        let mac_key = derive(&file_key, &[], b"header")?;
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &mac_key), header, &mac).ok()?;
        let (nonce, chunks) = payload.get(1..)?.split_at_checked(16)?;
        String::from_utf8(unsealed(&derive(&file_key, nonce, b"payload")?, chunks)?).ok()
    }

    /// The key of the file, out of the one stanza of the header.
    fn file_key(&self, header: &str) -> Option<Vec<u8>> {
        let mut lines = header.lines();
        (lines.next()? == "age-encryption.org/v1").then_some(())?;
        let share = Base64Unpadded::decode_vec(lines.next()?.strip_prefix("-> X25519 ")?).ok()?;
        let mut body = Base64Unpadded::decode_vec(lines.next()?).ok()?;
        let own = self.0.compute_public_key().ok()?;
        let salt = [share.as_slice(), own.as_ref()].concat();
        let key = agree(&self.0, UnparsedPublicKey::new(&X25519, &share), (), |shared| {
            derive(shared, &salt, b"age-encryption.org/v1/X25519").ok_or(())
        });
        unseal(&key.ok()?, [0; 12], &mut body)
    }
}

fn unsealed(key: &[u8; 32], chunks: &[u8]) -> Option<Vec<u8>> {
    const SEALED: usize = 64 * 1024 + 16;
    let (mut text, count) = (Vec::new(), chunks.len().div_ceil(SEALED));
    for (number, chunk) in (1_u64..).zip(chunks.chunks(SEALED)) {
        let mut nonce = [0; 12];
        nonce.get_mut(3..11)?.copy_from_slice(&(number - 1).to_be_bytes());
        *nonce.last_mut()? = u8::from(usize::try_from(number) == Ok(count));
        text.extend(unseal(key, nonce, &mut chunk.to_vec())?);
    }
    Some(text)
}

fn unseal(key: &[u8; 32], nonce: [u8; 12], sealed: &mut [u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).ok()?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.open_in_place(nonce, Aad::empty(), sealed).ok().map(|text| text.to_vec())
}

fn derive(secret: &[u8], salt: &[u8], purpose: &[u8]) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    prk.expand(&[purpose], hkdf::HKDF_SHA256).ok()?.fill(&mut key).ok()?;
    Some(key)
}

/// Brings a registered batch as far as its release: the supply manager exports its packaging list, the packager packs
/// by it, the supply manager records what came back, and the reviewer checks the sample.
///
/// # Errors
/// When another answer comes than was asked for.
pub fn pack(cast: &Cast, batch: &str) -> Result<(), ClientError> {
    let found = packed(cast, batch, &Packager::of_the_demo()?)?;
    let path = cast.path(&format!("/batches/{batch}/sample-checks"));
    cast.act("reviewer", Some("check_sample"), &path, &found)?;
    Ok(())
}

/// The same without the check of the sample: what will be found in it, as the body of the check.
///
/// # Errors
/// When another answer comes than was asked for.
pub(crate) fn packed(cast: &Cast, batch: &str, packager: &Packager) -> Result<Value, ClientError> {
    let of_batch = cast.path(&format!("/batches/{batch}"));
    let to = json!({ "recipient": "the packager of the demo", "recipient_key": packager.key()?.to_string() });
    let list = cast.act("supply", None, &format!("{of_batch}/packaging-lists"), &to)?;
    let packed = packager.open(text_at(&list, "/packaging_list/age"))?;
    let back = json!({ "packed": packed });
    let recorded = cast.act("supply", None, &format!("{of_batch}/packings"), &back)?;
    Ok(found(&packed, rows_at(&recorded, "/packing/sample")))
}

/// What the packager's list says of the kits of a sample, as the body of their check.
pub fn found(packed: &str, sample: &[Value]) -> Value {
    let lines = packed.lines().filter_map(|line| line.split_once(','));
    let of_sample = lines.filter(|(number, _)| sample.iter().any(|kit| kit == number));
    let found = of_sample.map(|(number, code)| json!({ "kit_number": number, "kit_type": unquoted(code) }));
    json!({ "found": found.collect::<Vec<_>>() })
}

/// A field of a CSV.
fn unquoted(field: &str) -> String {
    let inner = field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| field.to_owned(), |inner| inner.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::{Packager, found};
    use serde_json::json;
    use service::age::encrypt;
    use service::entropy::Entropy;

    /// The private key of `AGE-SECRET-KEY-198JZ4FD6PQ5PWDH9YVGZUX8EY2MAKPVDVKMP2MNQXW7GELTYSF9SX4TG6X`.
    const KEY: [u8; 32] = [
        41, 228, 42, 165, 186, 8, 40, 23, 54, 229, 35, 16, 46, 24, 249, 34, 183, 219, 5, 141, 101, 182, 21,
        110, 96, 51, 188, 140, 253, 100, 130, 75,
    ];

    /// A file that another implementation, the crate `age` 0.12.1, encrypted to that key.
    const GOLDEN: &str = "\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAwMzJEV2h4aThtYXFQYzc2
T0pxMzNNVGRHTG9GZmlJcGxCejUyMk9VRERNCkRNWmRPNzdLb1JmMG82bXMwb3VW
RVlwc3dkNTlQQTEvUElScSs1aTdKNkkKLT4gNDJOTVotZ3JlYXNlIC5VCnU5d3Fh
YlZ1Y0VlTFBGVnkwaVBieXNqRTU4T0NHNVFJYzB0dllyK1FZMkJ5RncKLS0tIElm
UXBlc3FSejlvVzRpUDh2Tm05ZEgwc2EzYUg4a1hPM3RxTkZGNmtUMjAKXbcPynK8
4IvAuYOObbu8/a3xkIEg0LWibZzVJNTAuCjmUKO6RoL4gGymT9gioTU5mfkcfezO
SWCpQXDClwonnQ9ZB/vOFRcGBeqIUw==
-----END AGE ENCRYPTED FILE-----
";

    #[test]
    fn what_another_implementation_encrypted_opens() {
        let packager = Packager::with_key(&KEY).expect("a key");
        let public = "age1pxzectze7f4muumdkemd6ppwuzx3vwknk9tk5wmlnlnnt9yhtdfqy8kn3m";
        assert_eq!(packager.key().expect("a key").to_string(), public);
        assert_eq!(
            packager.open(GOLDEN).expect("it opens"),
            "kit_number,kit_type\n0000100008,LARIMAR-4406\n"
        );
    }

    #[test]
    fn what_the_service_encrypts_opens_to_the_recipient_and_to_nobody_else() {
        let (packager, other) = (Packager::with_key(&KEY).expect("a key"), Packager::new().expect("a key"));
        let key = packager.key().expect("a key");
        for length in [0, 1, 1_000, 65_536, 65_537, 200_000] {
            let text = "x".repeat(length);
            let armour = encrypt(&key, text.as_bytes(), &Entropy::System).expect("it is encrypted");
            assert_eq!(packager.open(&armour).expect("it opens"), text);
            assert!(other.open(&armour).is_err(), "another key opens it");
            let altered = armour.replacen("AAA", "AAB", 1).replacen(['Q', 'g'], "w", 1);
            assert!(packager.open(&altered).is_err(), "altered on the way");
        }
    }

    #[test]
    fn what_was_found_is_what_the_list_says_of_the_sample() {
        let list = "kit_number,kit_type\n0000100008,A\n0000200016,\"B, \"\"C\"\"\"\n0000300024,A\n\n\n";
        let found = found(list, &[json!("0000200016"), json!("0000300024")]);
        let expected = [("0000200016", "B, \"C\""), ("0000300024", "A")];
        let expected = expected.map(|(kit, code)| json!({ "kit_number": kit, "kit_type": code }));
        assert_eq!(found, json!({ "found": expected }));
    }
}
