//! Numbers as digits, straight into bytes.

/// A number with at most so many decimals, without zeros at its end; false where it is not finite or too great to be a
/// coordinate.
pub(super) fn fixed(number: f64, decimals: u8, bytes: &mut Vec<u8>) -> bool {
    let unit = 10_i64.pow(u32::from(decimals.min(9)));
    let scaled = (number * unit as f64).round();
    if scaled.is_nan() || scaled.abs() >= 9e17 {
        return false;
    }
    let scaled = scaled as i64;
    if scaled < 0 {
        bytes.push(b'-');
    }
    let (front, mut back) = (scaled.unsigned_abs() / unit as u64, scaled.unsigned_abs() % unit as u64);
    whole(front as i64, bytes);
    if back > 0 {
        bytes.push(b'.');
        let mut step = unit as u64 / 10;
        while back > 0 {
            bytes.push(b'0' + (back / step) as u8);
            back %= step;
            step /= 10;
        }
    }
    true
}

/// A whole number.
pub(super) fn whole(number: i64, bytes: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        bytes.push(b'-');
    }
    bytes.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_coordinate_is_the_number_of_its_digits(number in -180.0_f64..180.0, decimals in 0_u8..=9) {
            let mut bytes = Vec::new();
            assert!(fixed(number, decimals, &mut bytes));
            let text = String::from_utf8(bytes).unwrap();
            let back: f64 = text.parse().unwrap();
            let unit = 10_f64.powi(decimals.into());
            proptest::prop_assert!((back - number).abs() <= 0.5000001 / unit, "{number} as {text}");
            proptest::prop_assert!(!text.contains('.') || !text.ends_with('0'));
        }

        #[test]
        fn a_whole_number_is_its_digits(number: i64) {
            let mut bytes = Vec::new();
            whole(number, &mut bytes);
            proptest::prop_assert_eq!(String::from_utf8(bytes).unwrap(), number.to_string());
        }
    }
}
