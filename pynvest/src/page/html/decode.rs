//! Text in HTML: its charset, its character references, and the white space that counts.

use std::borrow::Cow;

use memchr::memchr_iter;

use crate::record::cell::is_thin;

/// The text of a page: valid UTF-8 as UTF-8, UTF-16 by its byte-order mark, anything else as Windows-1252, the superset of ISO-8859-1.
///
/// A page that a program read as ISO-8859-1 and saved as UTF-8 has U+0080 to U+009F where Windows-1252 has `–` or `€`: no page
/// prints those control characters, so they are read as Windows-1252 too.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((utf16, mark)) = encoding_rs::Encoding::for_bom(bytes).filter(|(_, mark)| *mark == 2) {
        return utf16.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if memchr_iter(0xc2, bytes).any(|at| bytes.get(at + 1).is_some_and(|next| *next < 0xa0)) => {
            Cow::Owned(text.chars().map(of_windows).collect())
        }
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn of_windows(letter: char) -> char {
    match u8::try_from(letter) {
        Ok(byte @ 0x80..=0x9f) => {
            let bytes = [byte];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
            text.chars().next().unwrap_or(letter)
        }
        _ => letter,
    }
}

/// A piece of text between tags, with its character references decoded.
pub(crate) fn decode_text(piece: &str) -> Cow<'_, str> {
    htmlize::unescape(piece)
}

/// The value of an attribute, with its character references decoded: a name without a semicolon is not a reference before a
/// letter, a digit or `=`, since there it is a parameter of an address.
pub(crate) fn decode_attribute(value: &str) -> Cow<'_, str> {
    htmlize::unescape_attribute(value)
}

/// Writes texts one after the other, trimmed and with inner white space collapsed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Collapsed {
    /// Where in the buffer this text begins.
    pub(crate) start: usize,
    /// White space has come since the last word.
    pub(crate) gap: bool,
}

impl Collapsed {
    pub(crate) fn after(buffer: &str) -> Self {
        Self { start: buffer.len(), gap: false }
    }

    pub(crate) fn push(&mut self, buffer: &mut String, piece: &str) {
        let bytes = piece.as_bytes();
        if is_collapsed(bytes) {
            self.word(buffer, piece);
        } else if bytes.iter().any(|byte| wide(*byte)) {
            self.wide_words(buffer, piece);
        } else {
            self.words(buffer, piece, piece.split_ascii_whitespace());
        }
    }

    fn words<'a>(&mut self, buffer: &mut String, piece: &str, words: impl Iterator<Item = &'a str>) {
        self.gap |= piece.starts_with(char::is_whitespace);
        for word in words {
            self.word(buffer, word);
            self.gap = true;
        }
        self.gap = piece.ends_with(char::is_whitespace);
    }

    /// Words of a text with letters that are not ASCII: without those that nobody sees, and with the thin blanks between thousands.
    fn wide_words(&mut self, buffer: &mut String, piece: &str) {
        let mut start = 0;
        for (at, letter) in piece.char_indices() {
            let blank = letter.is_whitespace();
            if !blank && !is_invisible(letter) {
                continue;
            }
            let (before, behind) = (piece.get(..at), piece.get(at + letter.len_utf8()..));
            let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
            let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
            let inside = digit(before.bytes().next_back()) && digit(behind.bytes().next());
            let digits = || behind.bytes().take_while(u8::is_ascii_digit).count();
            // What nobody sees between digits is for their reader to refuse.
            if inside && (!blank || (is_thin(letter) && digits() == 3)) {
                continue;
            }
            self.word(buffer, piece.get(start..at).unwrap_or_default());
            self.gap |= blank;
            start = at + letter.len_utf8();
        }
        self.word(buffer, piece.get(start..).unwrap_or_default());
    }

    fn word(&mut self, buffer: &mut String, word: &str) {
        if word.is_empty() {
            return;
        }
        if self.gap && buffer.len() > self.start {
            buffer.push(' ');
        }
        self.gap = false;
        buffer.push_str(word);
    }
}

/// Whether white space that takes more than a byte, or a letter that nobody sees, may begin with this one, or ASCII has it and HTML
/// does not count it.
fn wide(byte: u8) -> bool {
    matches!(byte, 0xc2 | 0xe1..=0xe3 | 0xef | 0x0b)
}

/// Whether a letter has no width: of what is printed it is no part.
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Whether there is nothing to do: words with a space between them, as most texts are. Every byte is looked at, since many at
/// once take less time than one by one up to the first that tells.
fn is_collapsed(bytes: &[u8]) -> bool {
    let ([first, rest @ ..], [.., last]) = (bytes, bytes) else { return false };
    let space = |byte: u8| byte == b' ';
    let other = |byte: u8| matches!(byte, b'\t'..=b'\r') || wide(byte);
    let pairs = bytes.iter().zip(rest);
    let gap = pairs.fold(false, |gap, (one, next)| gap | (space(*one) & space(*next)) | other(*next));
    !(gap | space(*first) | other(*first) | space(*last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_saved_again_keeps_its_dashes() {
        let windows = b"Galp\xf5es \x96 \x80 \x81 S\xe3o";
        let expected = "Galpões – € \u{81} São";
        assert_eq!(decode(windows), expected);
        let again: String = windows.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(decode(again.as_bytes()), expected);
        assert_eq!(decode("R$ 5 – º\u{a0}€ Â".as_bytes()), "R$ 5 – º\u{a0}€ Â");
    }

    #[test]
    fn white_space_collapses_over_pieces_of_a_text() {
        let mut buffer = String::from("before");
        let mut text = Collapsed::after(&buffer);
        for piece in [" \r\n", "1", "2\t", "", "\u{a0}é", "x  y ", "\u{2003}"] {
            text.push(&mut buffer, piece);
        }
        assert_eq!(buffer, "before12 éx y");
    }

    #[test]
    fn what_nobody_sees_is_no_part_of_a_text() {
        let collapsed = |pieces: &[&str]| {
            let mut buffer = String::new();
            let mut text = Collapsed::default();
            pieces.iter().for_each(|piece| text.push(&mut buffer, piece));
            buffer
        };
        assert_eq!(collapsed(&["\u{feff}57,48\u{200b}"]), "57,48");
        assert_eq!(collapsed(&["P\u{200e}/L", "\u{200f}"]), "P/L");
        assert_eq!(collapsed(&["\u{200b} a \u{200b}", " b"]), "a b");
        // Between digits it stays, for the number to be refused.
        assert_eq!(collapsed(&["1\u{200b}2"]), "1\u{200b}2");
        assert_eq!(collapsed(&["1\u{a0}234\u{202f}567,8", "\u{a0}%"]), "1\u{a0}234\u{202f}567,8 %");
        assert_eq!(collapsed(&["12\u{a0}34 5\u{a0}x"]), "12 34 5 x");
    }

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
            assert_eq!(decode_text(printed), expected);
        }
        for (printed, expected) in [
            ("?a=1&copy=2&lt;", "?a=1&copy=2<"),
            ("&eacutedia &eacute dia", "&eacutedia é dia"),
            ("&#233dia", "édia"),
        ] {
            assert_eq!(decode_attribute(printed), expected);
        }
    }
}
