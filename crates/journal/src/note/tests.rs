use super::{BadNote, SigningKey, VerifyingKey, open};

/// The key, text and signature of `note_test.go` in golang.org/x/mod/sumdb/note, the first implementation of
/// the format. Its signing key is there `PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALV...`: the type byte and
/// this seed.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SEED: &str = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1F\
                         FYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn peter() -> VerifyingKey {
    VKEY.parse().expect("a published key")
}

#[test]
fn the_published_note_verifies_and_is_made_again_byte_for_byte() {
    let note = format!("{TEXT}\n{SIGNATURE}");
    assert_eq!(open(&note, &[peter()]), Ok(TEXT));
    let seed = hex::decode(SEED).expect("hex").try_into().expect("32 bytes");
    let key = SigningKey::from_seed("PeterNeumann", seed).expect("a key");
    assert_eq!(key.verifying_key().to_string(), VKEY);
    assert_eq!(key.sign(TEXT), note);
}

#[test]
fn no_part_and_no_mangling_of_a_key_is_a_key() {
    for start in 0..VKEY.len() {
        for end in start..=VKEY.len() {
            let whole = start == 0 && end == VKEY.len();
            assert_eq!(VKEY[start..end].parse::<VerifyingKey>().is_ok(), whole, "{start}..{end}");
        }
    }
    for at in 0..VKEY.len() {
        let mut bytes = VKEY.as_bytes().to_vec();
        bytes[at] += 1;
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.parse::<VerifyingKey>().is_err(), "{text}");
    }
    // Of the Go tests: a key that is too long, and an unknown type, each with its right key id.
    for bad in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(bad.parse::<VerifyingKey>().is_err(), "{bad}");
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let note = format!("{TEXT}\n{SIGNATURE}");
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let opened = String::from_utf8(bytes).map(|note| open(&note, &[peter()]).is_ok());
            assert!(!opened.unwrap_or(false), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn other_signatures_are_ignored_and_a_wrong_trusted_one_condemns() {
    let mine = SigningKey::from_seed("mine", [3; 32]).expect("a key");
    let theirs = SigningKey::from_seed("theirs", [4; 32]).expect("a key");
    let line = |key: &SigningKey, text: &str| key.sign(text).split_off(text.len() + 1);
    let (good, other, wrong) = (line(&mine, "text\n"), line(&theirs, "text\n"), line(&mine, "other\n"));
    let many = other.repeat(101);
    let table = [
        (format!("text\n\n{good}"), Ok("text\n")),
        (format!("text\n\n{other}{good}"), Ok("text\n")),
        (format!("text\n\n{other}"), Err(BadNote::Untrusted)),
        (format!("text\n\n{good}{wrong}"), Err(BadNote::WrongSignature("mine".into()))),
        (format!("text\n\n{many}"), Err(BadNote::Malformed("too many signatures"))),
        (format!("text\n\n{good}\n"), Err(BadNote::Malformed("no signature line"))),
        (format!("text\n\n{}", good.trim_end()), Err(BadNote::Malformed("no signature line"))),
        (format!("text\n{good}"), Err(BadNote::Malformed("no blank line before the signatures"))),
        (format!("te\txt\n\n{good}"), Err(BadNote::Malformed("a control character"))),
        (format!("text\n\n{}", good.replace('\u{2014}', "-")), Err(BadNote::Malformed("a signature line"))),
        (format!("text\n\n\u{2014} mine AAAA\n{good}"), Err(BadNote::Malformed("a signature line"))),
        (String::new(), Err(BadNote::Malformed("no blank line before the signatures"))),
    ];
    for (note, expected) in table {
        assert_eq!(open(&note, &[mine.verifying_key().clone()]), expected, "{note}");
    }
}

#[test]
fn names_with_spaces_or_plus_are_refused() {
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", "a\0"] {
        assert!(SigningKey::from_seed(name, [1; 32]).is_err(), "{name:?}");
    }
}
