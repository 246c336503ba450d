//! Codes that go by the time, as every authenticator makes them: RFC 6238 over RFC 4226, with HMAC-SHA-1, six digits
//! and steps of half a minute.

use aws_lc_rs::hmac;
use terms::Moment;

/// Seconds in a step.
pub const STEP: i64 = 30;
/// Bytes of a secret: as many as the hash gives (RFC 4226, 4).
pub const SECRET: usize = 20;

/// The step of a moment: whole half minutes since 1970.
pub fn step_at(moment: Moment) -> i64 {
    moment.utc().timestamp().div_euclid(STEP)
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> String {
    format!("{:06}", truncated(secret, step) % 1_000_000)
}

/// The steps with this code, at most `window` away from `around`, the nearest first.
pub fn steps_of<'a>(
    secret: &'a [u8],
    typed: &'a str,
    around: i64,
    window: i64,
) -> impl Iterator<Item = i64> + 'a {
    let near = (0..=window).flat_map(move |away| [around - away, around + away]);
    near.filter(move |step| code(secret, *step) == typed)
}

/// The secret as a person types it and as authenticators read it: base 32 of RFC 4648.
pub fn base32(secret: &[u8; SECRET]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let of_five = |five: &[u8]| five.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let letter = |index: u64| usize::try_from(index).ok().and_then(|index| LETTERS.get(index));
    let eight = |five: &[u8]| {
        let bits = of_five(five);
        (0..8).rev().map(move |place| (bits >> (5 * place)) & 31)
    };
    secret.chunks(5).flat_map(eight).filter_map(letter).copied().map(char::from).collect()
}

/// The bytes of a secret as it was typed, in groups or not. What is no letter of base 32 is left out.
pub fn from_base32(typed: &str) -> Vec<u8> {
    let fives = typed.bytes().filter_map(|letter| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    });
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0_u32);
    for five in fives {
        bits = ((bits << 5) | u32::from(five)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from((bits >> count) & 0xff));
        }
    }
    bytes
}

/// What an authenticator reads: the secret, whose it is, and the kind of code.
pub fn address(secret: &[u8; SECRET], login: &str) -> String {
    let secret = base32(secret);
    format!("otpauth://totp/IWRS:{login}?secret={secret}&issuer=IWRS&algorithm=SHA1&digits=6&period={STEP}")
}

/// The number of RFC 4226, 5.3, of which a code is the last digits.
fn truncated(secret: &[u8], step: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = tag.as_ref().last().map_or(0, |last| usize::from(last & 0x0f));
    let four = tag.as_ref().get(offset..).and_then(|rest| rest.first_chunk::<4>());
    four.map_or(0, |four| u32::from_be_bytes(*four) & 0x7fff_ffff)
}

#[cfg(test)]
mod tests {
    use super::{STEP, address, base32, code, from_base32, steps_of, truncated};

    const SECRET: &[u8; 20] = b"12345678901234567890";

    /// RFC 6238, appendix B, the column of SHA-1: times in seconds and codes of eight digits.
    #[test]
    fn usr_09_the_codes_are_those_of_rfc_6238() {
        let table = [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ];
        for (seconds, expected) in table {
            assert_eq!(truncated(SECRET, seconds / STEP) % 100_000_000, expected, "at {seconds}");
        }
        assert_eq!(code(SECRET, 1_111_111_109 / STEP), "081804", "with its zero in front");
    }

    /// RFC 4226, appendix D: the codes of the first ten counts.
    #[test]
    fn the_codes_are_those_of_rfc_4226() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        assert_eq!((0..10).map(|count| code(SECRET, count)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_code_is_looked_for_within_the_window_and_not_beyond() {
        let typed = code(SECRET, 100);
        let found = |around| steps_of(SECRET, &typed, around, 1).collect::<std::collections::BTreeSet<_>>();
        assert_eq!([98, 99, 100, 101, 102].map(|around| found(around).len()), [0, 1, 1, 1, 0]);
    }

    #[test]
    fn a_secret_is_written_in_base_32() {
        assert_eq!(base32(b"foobafoobafoobafooba"), "MZXW6YTB".repeat(4), "RFC 4648, 10");
        assert_eq!(from_base32(&base32(SECRET)), SECRET);
        assert_eq!(
            from_base32("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
            SECRET,
            "as it is typed, in groups"
        );
        let text = address(SECRET, "ada");
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(
            text,
            format!("otpauth://totp/IWRS:ada?secret={secret}&issuer=IWRS&algorithm=SHA1&digits=6&period=30")
        );
    }
}
