use super::{Recipient, encrypt};
use crate::entropy::Entropy;

/// The key of an example of age's own documentation.
const KEY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn key() -> Recipient {
    Recipient::parse(KEY).expect("a key")
}

#[test]
fn a_key_has_one_spelling_and_any_slip_is_found() {
    assert_eq!(key().to_string(), KEY);
    for bytes in [[0; 32], [255; 32], std::array::from_fn(|place| u8::try_from(place).expect("small"))] {
        let written = Recipient::from_key(bytes).to_string();
        assert_eq!(Recipient::parse(&written), Ok(Recipient::from_key(bytes)));
    }
    for (place, letter) in KEY.char_indices() {
        let mut slip = KEY.to_owned();
        slip.replace_range(place..=place, if letter == 'q' { "p" } else { "q" });
        assert!(Recipient::parse(&slip).is_err(), "{slip}");
    }
    let (upper, longer) = (KEY.to_uppercase(), format!("{KEY}q"));
    let secret = KEY.replace("age1", "AGE-SECRET-KEY-1");
    for none in ["", "age1", &KEY[1..], &KEY[..61], &upper, &longer, &secret, " age1", "age-encryption.org"] {
        assert!(Recipient::parse(none).is_err(), "{none}");
    }
}

#[test]
fn what_is_encrypted_is_another_text_every_time_and_its_length_goes_by_that_of_the_text_alone() {
    let encrypted = |text: &[u8]| encrypt(&key(), text, &Entropy::System).expect("it is encrypted");
    let first = encrypted(b"0000100008,LARIMAR-4406\n");
    assert!(first.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && first.is_ascii());
    assert!(first.ends_with("\n-----END AGE ENCRYPTED FILE-----\n"));
    assert!(first.lines().all(|line| line.len() <= 64));
    assert_ne!(first, encrypted(b"0000100008,LARIMAR-4406\n"));
    assert_eq!(first.len(), encrypted(b"0000100008,KUNZITE-3358\n").len());
}

#[test]
fn a_key_of_low_order_is_refused() {
    let weak = Recipient::from_key([0; 32]);
    let refused =
        encrypt(&weak, b"text", &Entropy::System).map(|_text| ()).map_err(|error| error.to_string());
    assert_eq!(refused, Err("the recipient's key is a weak one".to_owned()));
}
