//! Which characters a character reference of HTML stands for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use entities::ENTITIES;
use memchr::memchr;

/// The names, with the semicolon of those that need one.
static NAMED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let names = ENTITIES.iter().filter_map(|named| Some((named.entity.strip_prefix('&')?, named.characters)));
    names.collect()
});

/// The longest name, and the longest and shortest of those that need no semicolon.
const LONGEST: usize = 31;
const LONGEST_OPEN: usize = 6;
const SHORTEST_OPEN: usize = 2;

/// A piece of text between tags, with its references read.
pub(crate) fn plain(piece: &str) -> Cow<'_, str> {
    read(piece, false)
}

/// The value of an attribute, with its references read: a name without a semicolon is none before a letter, a digit or `=`,
/// since there it is a parameter of an address.
pub(crate) fn attribute(value: &str) -> Cow<'_, str> {
    read(value, true)
}

fn read(text: &str, in_attribute: bool) -> Cow<'_, str> {
    let Some(mut place) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (before, reference) = rest.split_at(place);
        read.push_str(before);
        let body = reference.strip_prefix('&').unwrap_or(reference);
        let length = match body.strip_prefix('#') {
            Some(number) => numbered(number, &mut read).map(|length| length + 1),
            None => named(body, in_attribute, &mut read),
        };
        if length.is_none() {
            read.push('&');
        }
        rest = body.split_at(length.unwrap_or(0)).1;
        match memchr(b'&', rest.as_bytes()) {
            Some(next) => place = next,
            None => break,
        }
    }
    read.push_str(rest);
    Cow::Owned(read)
}

/// Writes the character of a number, and says how long the number is with its semicolon.
fn numbered(number: &str, read: &mut String) -> Option<usize> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let count = digits.bytes().take_while(|digit| char::from(*digit).is_digit(radix)).count();
    let (digits, after) = digits.split_at_checked(count).filter(|_| count > 0)?;
    let code = digits
        .chars()
        .filter_map(|digit| digit.to_digit(radix))
        .fold(0_u32, |code, digit| code.saturating_mul(radix).saturating_add(digit));
    match u8::try_from(code) {
        // Whoever writes these means Windows-1252.
        Ok(byte @ 0x80..=0x9f) => {
            read.push_str(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0);
        }
        _ => read
            .push(char::from_u32(code).filter(|read| *read != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
    Some(usize::from(radix == 16) + count + usize::from(after.starts_with(';')))
}

/// Writes what a name stands for, and says how long the name is with its semicolon.
fn named(body: &str, in_attribute: bool, read: &mut String) -> Option<usize> {
    let letters = body.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    if body.as_bytes().get(letters) == Some(&b';')
        && let Some(characters) = body.get(..letters + 1).and_then(|name| NAMED.get(name))
    {
        read.push_str(characters);
        return Some(letters + 1);
    }
    let open = |length: usize| NAMED.get(body.get(..length)?).map(|characters| (length, characters));
    let (length, characters) = (SHORTEST_OPEN..=letters.min(LONGEST_OPEN)).rev().find_map(open)?;
    let next = body.as_bytes().get(length);
    if in_attribute && next.is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric()) {
        return None;
    }
    read.push_str(characters);
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_read_them() {
        for (printed, expected) in [
            ("R&amp;D", "R&D"),
            ("a&nbsp;b", "a\u{a0}b"),
            ("a&nbspb", "a\u{a0}b"),
            ("M&eacute;dia", "Média"),
            ("M&eacutedia", "Média"),
            ("&#201;&#xC9;&#XC9", "ÉÉÉ"),
            ("&#128;&#x96;&#x81;", "€–\u{81}"),
            ("&#0;&#xD800;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("&notit; &notin; &", "¬it; ∉ &"),
            ("&CounterClockwiseContourIntegral;&é", "∳&é"),
            ("&; &#; &#x; &x; &unknown; P&L", "&; &#; &#x; &x; &unknown; P&L"),
        ] {
            assert_eq!(plain(printed), expected);
        }
        for (printed, expected) in [
            ("?a=1&copy=2&lt;", "?a=1&copy=2<"),
            ("&eacutedia &eacute dia", "&eacutedia é dia"),
            ("&#233dia", "édia"),
        ] {
            assert_eq!(attribute(printed), expected);
        }
    }

    #[test]
    fn no_name_is_longer_or_shorter_than_is_looked_at() {
        let lengths =
            |ended| NAMED.keys().filter(move |name| name.ends_with(';') == ended).map(|name| name.len());
        assert_eq!((lengths(true).max(), lengths(false).max()), (Some(LONGEST + 1), Some(LONGEST_OPEN)));
        assert_eq!(lengths(false).min(), Some(SHORTEST_OPEN));
    }
}
