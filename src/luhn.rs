//! The check digit of card numbers (ISO/IEC 7812-1, annex B).

/// Whether the digits end in the right check digit. Anything but ASCII digits is not a number.
///
/// Nine lines of arithmetic: the crates that have it bring regular expressions or a table of brands of their own.
pub(crate) fn is_valid(digits: &[u8]) -> bool {
    let mut sum = 0;
    for (index, byte) in digits.iter().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(byte - b'0');
        let weighted = if index % 2 == 1 { digit * 2 } else { digit };
        sum += weighted / 10 + weighted % 10;
    }
    !digits.is_empty() && sum % 10 == 0
}
