//! Somebody with a second factor, who has given the password and not yet the code.

use serde_json::json;
use service::clock::Clock;
use service::totp;

use super::browser::Browser;
use super::walk::{Opened, walk};
use crate::client::text_at;
use crate::commands::Failure;
use crate::demo::setup::Cast;
use crate::demo::{Files, Person};

/// Whose pages are no other's: whoever has a second factor logs in by a code, too.
const LOGIN: &str = "coded";

/// The page that such a person sees, and no other.
pub(super) fn opened(
    cast: &mut Cast,
    files: &Files,
    base: &str,
    clock: &Clock,
) -> Result<Vec<Opened>, Failure> {
    let person = Person {
        login: LOGIN.to_owned(),
        name: "Somebody with a second factor".to_owned(),
        role: "monitor".to_owned(),
        mail: format!("{LOGIN}@demo.invalid"),
    };
    cast.invite(&person, &files.plan.site.id)?;
    let password = cast.person(LOGIN)?.password.clone();
    let offer = cast.act(LOGIN, None, "/me/second-factor", &json!({ "password": password }))?;
    let secret = from_base32(text_at(&offer, "/second_factor/secret"));
    let code = totp::code(&secret, totp::step_at(clock.now()));
    cast.act(LOGIN, None, "/me/second-factor/confirmation", &json!({ "code": code }))?;
    walk(&Browser::log_in(base, LOGIN, &password)?, &[]).map_err(Failure::from)
}

/// The bytes of a secret as people type it.
fn from_base32(secret: &str) -> Vec<u8> {
    let fives = secret.bytes().filter_map(|letter| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    });
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0_u32);
    for five in fives {
        bits = (bits << 5) | u32::from(five);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or_default());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use service::totp;

    use super::from_base32;

    #[test]
    fn a_secret_is_what_it_was_before_it_was_typed() {
        let secret = *b"12345678901234567890";
        assert_eq!(from_base32(&totp::base32(&secret)), secret);
        assert_eq!(from_base32("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"), secret);
    }
}
