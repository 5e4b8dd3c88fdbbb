//! Finds the securities that a name, a part of it or a mistyped ticker may mean.

use pynvest::Class;
use pynvest::page::{folded, has_words};
use pynvest::record::Column;

use crate::screen::figures::Figures;
use crate::source::kept::distance;
use crate::source::ticker::bare;
use crate::view::listing::Row;

/// A security by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) ticker: String,
    pub(crate) class: Class,
    pub(crate) name: String,
    pub(crate) sector: String,
}

impl Known {
    /// The names of a row of a list or of the lake.
    pub(crate) fn of(class: Class, columns: &[Column], row: &Row) -> Self {
        let figures = Figures { columns, row };
        let text = |field| figures.text(field).map(str::to_owned);
        Self {
            ticker: text("ticker").unwrap_or_default(),
            class,
            name: text("name").or_else(|| text("company")).unwrap_or_default(),
            sector: text("sector").or_else(|| text("segment")).unwrap_or_default(),
        }
    }
}

/// The securities that a text may mean, from the best on: a ticker, its beginning, words of the name, one letter off.
pub(crate) fn search<'a>(known: &'a [Known], text: &str) -> Vec<&'a Known> {
    let wanted = folded(bare(&text.trim().chars().take(60).collect::<String>()));
    let score = |one: &Known| {
        let ticker = folded(&one.ticker);
        if ticker == wanted {
            Some(0)
        } else if !wanted.is_empty() && ticker.starts_with(&wanted) {
            Some(1)
        } else if has_words(&one.name, &wanted) {
            Some(2)
        } else if is_near(&ticker, &wanted) {
            Some(3)
        } else {
            has_words(&format!("{} {} {ticker}", one.sector, one.name), &wanted).then_some(4)
        }
    };
    let mut found: Vec<(i32, &Known)> = known.iter().filter_map(|one| Some((score(one)?, one))).collect();
    found.sort_by(|(one, left), (other, right)| one.cmp(other).then_with(|| left.ticker.cmp(&right.ticker)));
    found.into_iter().map(|(_, one)| one).collect()
}

/// Whether a ticker is at most one letter off. A text without a number may be a word: it has to have the same letters.
fn is_near(ticker: &str, wanted: &str) -> bool {
    let has_number = wanted.ends_with(|last: char| last.is_ascii_digit());
    distance(ticker, wanted).is_some_and(|off| off == 0 || has_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_takes_tickers_names_and_slips() {
        let known: Vec<Known> = [
            ("WEGE3", "WEG S.A."),
            ("ITSA4", "Itaúsa"),
            ("ITUB4", "Itaú Unibanco"),
            ("ITUB3", "Itaú Unibanco"),
        ]
        .map(|(ticker, name)| Known {
            ticker: ticker.to_owned(),
            class: Class::Stock,
            name: name.to_owned(),
            sector: String::new(),
        })
        .into();
        let found = |text| search(&known, text).iter().map(|one| one.ticker.as_str()).collect::<Vec<_>>();
        assert_eq!(found("itsa4"), ["ITSA4"]);
        assert_eq!(found("itsa4.sa"), ["ITSA4"]);
        assert_eq!(found("ITAU"), ["ITSA4", "ITUB3", "ITUB4"]);
        assert_eq!(found("unibanco itaú"), ["ITUB3", "ITUB4"]);
        assert_eq!(found("WEGE4"), ["WEGE3"]);
        assert_eq!(found("WEGA4"), ["WEGE3"]);
        assert_eq!(found("ITUB"), ["ITUB3", "ITUB4"]);
        assert!(found("").is_empty() && found("ZZZZ9").is_empty());
    }
}
