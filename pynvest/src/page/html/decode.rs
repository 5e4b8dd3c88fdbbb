//! What text in HTML is: its charset, and which white space counts.

use std::borrow::Cow;

/// The text of a page: valid UTF-8 as UTF-8, anything else as Windows-1252, the superset of ISO-8859-1.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
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
            self.words(buffer, piece, piece.split_whitespace());
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

/// Whether white space that takes more than a byte may begin with this one, or ASCII has it and HTML does not count it.
fn wide(byte: u8) -> bool {
    matches!(byte, 0xc2 | 0xe1..=0xe3 | 0x0b)
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
    fn white_space_collapses_over_pieces_of_a_text() {
        let mut buffer = String::from("before");
        let mut text = Collapsed::after(&buffer);
        for piece in [" \r\n", "1", "2\t", "", "\u{a0}é", "x  y ", "\u{2003}"] {
            text.push(&mut buffer, piece);
        }
        assert_eq!(buffer, "before12 éx y");
    }
}
