//! Writing a rational as a decimal number without going through floating point.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Signed;

/// The number with so many digits after the point, exactly rounded, a half away from zero: 101/180 with 6
/// places is
/// `0.561111`, and 1/2 with 0 places is `1`.
pub fn decimal(number: &BigRational, places: u8) -> String {
    let scale = BigInt::from(10).pow(u32::from(places));
    let scaled = (number.abs() * scale).round().to_integer().to_string();
    let digits = format!("{scaled:0>width$}", width = usize::from(places) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(places));
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if number.is_negative() && scaled != "0" { "-" } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::decimal;
    use num_rational::BigRational;

    #[test]
    fn rounding_is_exact_and_a_half_goes_away_from_zero() {
        let table = [
            (101, 180, 6, "0.561111"),
            (11, 18, 6, "0.611111"),
            (1, 3, 0, "0"),
            (1, 2, 0, "1"),
            (5, 10_000_000, 6, "0.000001"),
            (4_999_999, 10_000_000_000_000, 6, "0.000000"),
            (9_999_995, 10_000_000, 6, "1.000000"),
            (90, 1, 6, "90.000000"),
            (-1, 3, 2, "-0.33"),
            (-1, 1_000, 2, "0.00"),
        ];
        for (numerator, denominator, places, text) in table {
            let number = BigRational::new(i64::into(numerator), i64::into(denominator));
            assert_eq!(decimal(&number, places), text, "{number}");
        }
    }
}
