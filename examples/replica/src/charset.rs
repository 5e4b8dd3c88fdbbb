//! Knows how text becomes bytes: in the charset of the site, and in two it does not announce.

use encoding_rs::WINDOWS_1252;

/// Encodes a page as the site does.
///
/// Windows-1252 and ISO-8859-1 agree on every character that a page of the replica holds.
#[must_use]
pub fn latin1(text: &str) -> Vec<u8> {
    WINDOWS_1252.encode(text).0.into_owned()
}

/// Undoes [`latin1`]; every byte is some character, so that nothing is lost on the way back.
pub(crate) fn from_latin1(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// Encodes as UTF-16, little end first, without a mark that says so.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Encodes as UTF-8, takes the bytes for Latin-1, and encodes those as UTF-8 again.
pub(crate) fn utf8_twice(text: &str) -> Vec<u8> {
    from_latin1(text.as_bytes()).into_bytes()
}
