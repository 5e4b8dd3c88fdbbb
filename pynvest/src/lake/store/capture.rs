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
