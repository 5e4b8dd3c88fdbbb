//! Texts that lost or gained letters in a conversion: no page of the site prints them.

/// Most letters between the `&` and the `;` of a character reference.
const REFERENCE: usize = 8;

/// What the bytes 0x80 to 0x9F are in Windows-1252.
const WINDOWS: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// Whether a name was damaged: U+FFFD, UTF-8 read as Latin-1 (`MÃ¡quinas`), `?` for an accent (`M?quinas`), or a character
/// reference that is printed as text (`&oacute;`). None is in a text of 2,746 details pages and 13 lists.
pub(crate) fn damaged_text(text: &str) -> bool {
    // Nearly every text has none of these.
    if !text.contains(['\u{fffd}', 'Ã', 'Â', '?', '&']) {
        return false;
    }
    let mut before = None;
    for (place, letter) in text.char_indices() {
        let rest = text.get(place + letter.len_utf8()..).unwrap_or_default();
        let next = rest.chars().next();
        let damaged = match letter {
            '\u{fffd}' => true,
            'Ã' | 'Â' => next.is_some_and(continues),
            '?' => before.is_some_and(char::is_alphabetic) && next.is_some_and(char::is_alphabetic),
            '&' => is_reference(rest),
            _ => false,
        };
        if damaged {
            return true;
        }
        before = Some(letter);
    }
    false
}

/// Whether a letter is the second byte of a character of UTF-8.
fn continues(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{bf}') || WINDOWS.contains(letter)
}

/// Whether the text behind an `&` makes it a character reference: `oacute;`, `#243;`.
fn is_reference(rest: &str) -> bool {
    let Some((name, _)) = rest.split_once(';') else { return false };
    if name.len() > REFERENCE {
        return false;
    }
    match name.strip_prefix('#') {
        Some(number) => {
            let digits = number.strip_prefix(['x', 'X']).unwrap_or(number);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        None => name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_text_is_told_from_an_unusual_one() {
        for text in [
            "ENERGIA EL\u{fffd}TRICA",
            "MÃ¡quinas",
            "ENERGIA ELÃ‰TRICA",
            "CONCESSÃ\u{95}ES",
            "M?quinas",
            "PrÃ³prio",
            "Constru&ccedil;&atilde;o",
            "Pr&oacute;prio",
            "Pr&#243;prio",
            "Pr&#xF3;prio",
        ] {
            assert!(damaged_text(text), "{text}");
        }
        for text in [
            "",
            "Máquinas e Equipamentos",
            "CONSTRUÇÃO & IRMÃ S.A.",
            "ROMÃ",
            "PÂNTANO",
            "P&G; COMPANHIA",
            "A & B; C",
            "Papel?",
            "? Papel",
            "P/L?",
        ] {
            assert!(!damaged_text(text), "{text}");
        }
    }
}
