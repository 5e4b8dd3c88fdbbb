//! A page in the lake: a row of a security, ready to be merged, or a page of another kind.

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::lake::steps::{SorRow, sor_row};
use crate::lake::store::merge::JudgedRow;
use crate::page::kind::Page;
use crate::page::sheet::Sheet;
use crate::record::doubt::Doubt;
use crate::record::security::Class;
use crate::record::ticker::Ticker;

/// A page, by its kind.
pub(crate) enum Seen {
    Security(Box<Security>),
    /// A page of another kind, which has its place.
    Other(&'static str),
    /// A page that should have been one of a security.
    Unusable(Option<Ticker>, Error),
}

/// A page of a security, ready for the lake.
pub(crate) struct Security {
    pub(crate) ticker: String,
    pub(crate) class: Class,
    pub(crate) candidate: JudgedRow,
    pub(crate) labels: Vec<Doubt>,
}

impl Security {
    pub(crate) fn new(sheet: &Sheet, captured_at: DateTime<FixedOffset>) -> Result<Self, Error> {
        let class = sheet.layout().class();
        let SorRow { row, doubts } = sor_row(sheet, captured_at)?;
        let candidate = JudgedRow::new(class, row);
        Ok(Self { ticker: candidate.ticker().to_owned(), class, candidate, labels: doubts })
    }
}

/// The ticker in the name of a file, as in `ITSA4.html`, `ITSA4-2026-11-23T18-45-01.html` or `ITSA4_20261123.html.gz`. Other names say
/// nothing: in capitals, four letters or digits, and a number.
pub(crate) fn ticker_in(name: &str) -> Option<Ticker> {
    let (stem, _) = name.rsplit(['/', '\\', ':']).next()?.split_once('.')?;
    let end = stem.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(stem.len());
    let (code, time) = stem.split_at_checked(end)?;
    let is_time = time.chars().all(|letter| letter.is_ascii_hexdigit() || "-_T ()".contains(letter));
    let (letters, number) = code.split_at_checked(4)?;
    let is_code = letters.starts_with(|letter: char| letter.is_ascii_uppercase())
        && letters.bytes().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
        && number.starts_with(|letter: char| letter.is_ascii_digit())
        && number.len() <= 3
        && number.bytes().all(|letter| letter.is_ascii_digit() || letter == b'B');
    (is_code && is_time).then(|| code.parse().ok())?
}

pub(crate) fn see(bytes: &[u8], captured_at: DateTime<FixedOffset>) -> Seen {
    let unusable = |error| Seen::Unusable(None, error);
    match Page::parse(bytes) {
        Page::Details(sheet) => match Security::new(&sheet, captured_at) {
            Ok(security) => Seen::Security(Box::new(security)),
            Err(error) => Seen::Unusable(sheet.ticker(), error),
        },
        Page::StockList(_) => Seen::Other("stock_list"),
        Page::FiiList(_) => Seen::Other("fii_list"),
        Page::Dividends(page) => Seen::Other(match page.class() {
            Class::Stock => "stock_dividends",
            Class::Fii => "fii_dividends",
        }),
        Page::UnknownTicker => Seen::Other("unknown_ticker"),
        Page::ChooseTicker(_) => Seen::Other("choose_ticker"),
        page => page.into_sheet().map_or_else(unusable, |_| Seen::Other("details")),
    }
}

#[cfg(test)]
mod tests {
    use super::ticker_in;

    #[test]
    fn a_file_is_named_after_a_ticker() {
        for name in [
            "pages/ITSA4.html",
            "ITSA4.HTM",
            "C:\\pages\\ITSA4-2026-11-23.html.gz",
            "a.tar.zst:ITSA4-0123456789abcdef-2026-11-23T18-45-01.html",
            "ITSA4_20261123.html",
            "ITSA4 (1).html",
        ] {
            assert_eq!(ticker_in(name).unwrap().as_str(), "ITSA4", "{name}");
        }
        assert_eq!(ticker_in("PFIB11B-2026-11-25.html").unwrap().as_str(), "PFIB11B");
        assert_eq!(ticker_in("B3SA3.html").unwrap().as_str(), "B3SA3");
        for name in [
            "page1.html",
            "detalhes.php@papel=ITSA4",
            "ITSA4-and-BBDC4.html",
            "2026-11-23.html",
            "ITSA.html",
            "ITSA4",
            "ÁÉÍÓ4.html",
        ] {
            assert!(ticker_in(name).is_none(), "{name}");
        }
    }
}
