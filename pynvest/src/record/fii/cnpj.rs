//! CNPJ: the number under which a fund is registered.

/// Whether the last two of 14 digits are those that the others give. Since July 2026 the first twelve may be capital letters, which
/// count as their place in ASCII less that of `0`.
pub(crate) fn is_valid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(number), Some(checks)) = (bytes.get(..12), bytes.get(12..14)) else { return false };
    let fits = number.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    bytes.len() == 14
        && fits
        && checks.first() == Some(&check(number))
        && checks.get(1) == Some(&check(bytes.get(..13).unwrap_or_default()))
}

/// The check digit: weights from 2 to 9 from the right on, and again.
fn check(number: &[u8]) -> u8 {
    let value = |byte: &u8| u32::from(byte.saturating_sub(b'0'));
    let sum: u32 = number.iter().rev().zip((2..=9).cycle()).map(|(byte, weight)| value(byte) * weight).sum();
    match sum % 11 {
        0 | 1 => b'0',
        rest => b'0' + u8::try_from(11 - rest).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_register() {
        // HGLG11, the Banco do Brasil, and the example of the Receita Federal with letters.
        for text in ["11728688000147", "00000000000191", "12ABC34501DE35"] {
            assert!(is_valid(text), "{text}");
        }
        for text in
            ["11728688000148", "17128688000147", "1172868800014", "117286880001470", "12abc34501de35", ""]
        {
            assert!(!is_valid(text), "{text}");
        }
    }
}
