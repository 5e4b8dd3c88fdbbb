//! Knows which path of the site leads to which page, of the exchange or of a folder.

use crate::page::{dividends, mobile, notice};
use crate::{Exchange, Pages, latin1};

/// What a replica serves.
#[derive(Clone, Debug)]
pub enum Site {
    /// A fictional exchange.
    Exchange(Exchange),
    /// A folder of saved pages.
    Pages(Pages),
}

impl From<Exchange> for Site {
    fn from(exchange: Exchange) -> Self {
        Self::Exchange(exchange)
    }
}

impl From<Pages> for Site {
    fn from(pages: Pages) -> Self {
        Self::Pages(pages)
    }
}

/// What a request asks for.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// `papel`, trimmed and in capitals; `None` if absent or empty.
    pub(crate) ticker: Option<String>,
    sector: Option<String>,
    segment: Option<u16>,
    pub(crate) mobile: bool,
}

impl Query {
    /// Reads a query string. An unreadable number of a sector is one that no security has.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = value.trim();
            let number = || Some(value.parse().unwrap_or(u16::MAX)).filter(|_| !value.is_empty());
            match name.as_ref() {
                "papel" => {
                    query.ticker = Some(value.to_uppercase()).filter(|ticker| !ticker.is_empty());
                }
                "setor" => query.sector = Some(value.to_owned()).filter(|sector| !sector.is_empty()),
                "segmento" => query.segment = number(),
                "interface" => query.mobile = value == "mobile",
                _ => {}
            }
        }
        query
    }
}

impl Site {
    /// The bytes of a page; `None` for a path that the site does not have.
    pub(crate) fn page(&self, path: &str, query: &Query) -> Option<Vec<u8>> {
        if query.mobile && path.ends_with(".php") {
            return Some(self.mobile(query));
        }
        let ticker = query.ticker.as_deref();
        Some(match (path, self) {
            ("" | "index.php", _) => latin1(&notice::home()),
            ("detalhes.php", Self::Exchange(exchange)) => {
                latin1(&ticker.map_or_else(|| exchange.all_stocks(), |ticker| exchange.search(ticker)))
            }
            ("detalhes.php", Self::Pages(pages)) => match ticker {
                None => latin1(&pages.all_stocks()),
                Some(ticker) => pages.details(ticker).unwrap_or_else(|| latin1(&pages.choose(ticker))),
            },
            ("resultado.php", Self::Exchange(exchange)) => latin1(&match (&query.sector, query.segment) {
                (Some(sector), _) => match sector.parse() {
                    Ok(sector) => exchange.stock_list_of_sector(sector),
                    Err(_) => exchange.stock_list_of_no_sector(sector),
                },
                (None, Some(segment)) => exchange.stock_list_of_subsector(segment),
                (None, None) => exchange.stock_list(),
            }),
            ("resultado.php", Self::Pages(pages)) => pages.stock_list(),
            ("fii_resultado.php", Self::Exchange(exchange)) => latin1(
                &query.segment.map_or_else(|| exchange.fii_list(), |id| exchange.fii_list_of_segment(id)),
            ),
            ("fii_resultado.php", Self::Pages(pages)) => pages.fii_list(),
            ("script/cmplte.php", Self::Exchange(exchange)) => latin1(&exchange.names()),
            ("proventos.php", _) => latin1(
                &self.dividends(ticker, true).unwrap_or_else(|| dividends::stock(ticker.unwrap_or(""), &[])),
            ),
            ("fii_proventos.php", _) => latin1(
                &self.dividends(ticker, false).unwrap_or_else(|| dividends::fii(ticker.unwrap_or(""), &[])),
            ),
            _ => return None,
        })
    }

    /// The mobile layout of any page.
    pub(crate) fn mobile(&self, query: &Query) -> Vec<u8> {
        let ticker = query.ticker.as_deref().unwrap_or("");
        let page = match self {
            Self::Exchange(exchange) => exchange.mobile(ticker),
            Self::Pages(_) => None,
        };
        latin1(&page.unwrap_or_else(|| mobile::page(ticker, &[])))
    }

    /// What the choice of the requests that a rate strikes depends on.
    pub(crate) fn seed(&self) -> u64 {
        match self {
            Self::Exchange(exchange) => exchange.seed(),
            Self::Pages(_) => 0,
        }
    }

    /// The dividends of a security of this class; the page of the other class knows none.
    fn dividends(&self, ticker: Option<&str>, stock: bool) -> Option<String> {
        match self {
            Self::Exchange(exchange) if exchange.is_stock(ticker?)? == stock => exchange.dividends(ticker?),
            _ => None,
        }
    }
}
