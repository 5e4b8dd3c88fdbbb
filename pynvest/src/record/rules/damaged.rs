//! Texts that lost letters in a conversion.

/// Whether a text shows that a conversion damaged it: U+FFFD, UTF-8 that was read as Latin-1, a question mark between letters, or a
/// character reference that was not decoded.
pub(crate) fn damaged_text(text: &str) -> bool {
    if text.bytes().all(|byte| byte.is_ascii() && byte != b'?' && byte != b'&') {
        return false;
    }
    let letters = || text.chars();
    let next = || letters().zip(letters().skip(1));
    let between = || next().zip(letters().skip(2));
    text.contains('\u{fffd}')
        || next().any(|(one, other)| matches!(one, 'Ã' | 'Â') && matches!(other, '\u{80}'..='\u{bf}'))
        || between().any(|((one, mark), other)| mark == '?' && one.is_alphabetic() && other.is_alphabetic())
        || text.split('&').skip(1).any(is_reference)
}

/// Whether this is what follows the `&` of a reference by name, such as `amp;`.
fn is_reference(rest: &str) -> bool {
    rest.split_once(';').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_texts_are_told() {
        for text in ["LOG\u{fffd}STICA", "LogÃ\u{ad}stica", "PETR?LEO", "R&amp;D", "&#233;"] {
            assert!(damaged_text(text), "{text}");
        }
        for text in ["Logística", "IMOBILIÁRIO", "SÃO", "R&D", "M&M; S/A", "Quem?", "AÇÕES – PN"] {
            assert!(!damaged_text(text), "{text}");
        }
    }
}
