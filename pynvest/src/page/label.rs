//! Texts of a page, compared without case and accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether a printed label is this one, whatever its case, accents, blanks and dots, with or without a colon. Pages that went through a
/// lossy conversion have U+FFFD in place of each accented letter. No two labels of a page differ only in these.
pub(crate) fn same_label(printed: &str, label: &str) -> bool {
    if printed == label {
        return true;
    }
    let mut printed = printed.chars().filter(|letter| counts(*letter));
    let same = label.chars().filter(|letter| counts(*letter)).all(|expected| {
        let is_it = |found| plain(found) == plain(expected) || (found == '\u{fffd}' && !expected.is_ascii());
        printed.next().is_some_and(is_it)
    });
    same && printed.all(|letter| letter == ':')
}

/// A text without accents, in small letters, however it is composed.
pub fn folded(text: &str) -> String {
    text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

/// Whether a text has every one of these words, whatever the case and accents of both. No word is in no text.
pub fn has_words(text: &str, words: &str) -> bool {
    let (own, words) = (folded(text), folded(words));
    let mut words = words.split_whitespace().peekable();
    words.peek().is_some() && words.all(|word| own.contains(word))
}

/// Whether a letter of a label counts: no blank, dot, soft hyphen, or accent that is a letter of its own.
fn counts(letter: char) -> bool {
    if letter.is_ascii() {
        return !matches!(letter, ' ' | '.');
    }
    !(letter == '\u{ad}' || letter.is_whitespace() || is_combining_mark(letter))
}

/// A letter of Portuguese in lower case and without its accent.
fn plain(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'Á' | 'À' | 'Â' | 'Ã' => 'a',
        'é' | 'ê' | 'É' | 'Ê' => 'e',
        'í' | 'Í' => 'i',
        'ó' | 'ô' | 'õ' | 'Ó' | 'Ô' | 'Õ' => 'o',
        'ú' | 'ü' | 'Ú' | 'Ü' => 'u',
        'ç' | 'Ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::list::{FiiRow, StockRow};
    use crate::record::column::{Column, Source};
    use crate::record::fii::Fii;
    use crate::record::stock::Stock;

    #[test]
    fn labels_differ_in_blanks_dots_and_composition_at_will() {
        for (printed, label) in [
            ("EV/EBITDA", "EV / EBITDA"),
            ("P / L", "P/L"),
            ("Patrim L\u{ed}q", "Patrim. L\u{ed}q"),
            ("Div. Yield", "Div.Yield"),
            ("COTAC\u{327}A\u{303}O:", "Cota\u{e7}\u{e3}o"),
            ("Vac\u{e2}n\u{ad}cia M\u{e9}dia", "Vac\u{e2}ncia M\u{e9}dia"),
            ("Patrim L\u{fffd}q", "Patrim. L\u{ed}q"),
        ] {
            assert!(same_label(printed, label), "{printed}");
        }
        for (printed, label) in [("P/L", "P/VP"), ("", "P/L"), ("..", "P/L"), ("EV / EBIT", "EV / EBITDA")] {
            assert!(!same_label(printed, label), "{printed}");
        }
    }

    #[test]
    fn no_two_labels_of_a_page_are_the_same() {
        let label = |column: &Column| match column.source {
            Source::Label(label) | Source::TwelveMonths(label) => Some(label),
            _ => None,
        };
        for columns in [Stock::COLUMNS, Fii::COLUMNS, StockRow::COLUMNS, FiiRow::COLUMNS] {
            let labels: Vec<&str> = columns.iter().filter_map(label).collect();
            for (place, one) in labels.iter().enumerate() {
                for other in labels.iter().skip(place + 1) {
                    assert!(!same_label(one, other), "{one} and {other}");
                }
            }
        }
    }

    #[test]
    fn accents_and_case_are_folded_however_they_are_composed() {
        assert_eq!(folded("ÓLEO e Gás"), "oleo e gas");
        assert_eq!(folded("O\u{301}LEO"), "oleo");
        assert!(has_words("Petróleo e Gás", "GA\u{301}S petro\u{301}leo"));
        assert!(!has_words("Petróleo", "petroleo gas") && !has_words("Petróleo", " "));
    }
}
