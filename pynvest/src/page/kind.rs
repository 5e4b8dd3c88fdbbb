//! Which page of Fundamentus this is, and what it holds.

use memchr::memmem;

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::page::dividend::DividendsPage;
use crate::page::filter::filter;
use crate::page::html::decode::decode;
use crate::page::html::grid::{Grid, Row};
use crate::page::html::tables::Tables;
use crate::page::list::{FiiRow, ListPage, StockRow};
use crate::page::markup;
use crate::page::names::NamesPage;
use crate::page::sheet::Sheet;
use crate::record::security::{Candidate, Class};

/// The bytes of an answer, by kind of page.
///
/// Any bytes give a `Page`. The site has about 25 kinds of page; eight are read: the details of a stock, of a bank and of a FII, both
/// lists, both kinds of dividends, and the names of the search box.
///
/// ```
/// use pynvest::Page;
///
/// assert!(matches!(Page::parse(b"<h1>Nenhum papel encontrado</h1>"), Page::UnknownTicker));
/// assert!(matches!(Page::parse(b"\xff\xfe"), Page::Other));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// `detalhes.php` of one security: a stock in the ordinary or the bank layout, or a FII.
    Details(Sheet),
    /// `resultado.php`: all stocks, or those of a sector.
    StockList(ListPage<StockRow>),
    /// `fii_resultado.php`: all FIIs.
    FiiList(ListPage<FiiRow>),
    /// `proventos.php` of a stock or `fii_proventos.php` of a FII; [`DividendsPage::class`] says which.
    Dividends(DividendsPage),
    /// `script/cmplte.php`: the tickers and names that the search box knows.
    Names(NamesPage),
    /// The site found nothing under the ticker or name.
    UnknownTicker,
    /// The site found securities that resemble the ticker or name, but not exactly it.
    ChooseTicker(Vec<Candidate>),
    /// The mobile layout, which is never read: it prints `0,00` where a value is missing.
    Mobile,
    /// Access denied, or a challenge that only a browser passes.
    Blocked,
    /// The page exceeds a safety limit, such as thousands of cells in a row; the value says which. Nothing was read.
    Excessive(Violation),
    /// Something else.
    Other,
}

impl Page {
    /// Reads a page: valid UTF-8 as UTF-8, anything else as ISO-8859-1 (in its superset Windows-1252).
    ///
    /// A Latin-1 page with an accent is never valid UTF-8 in practice, so the header and the `<meta>` are ignored: pages saved by
    /// browsers contradict them.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = decode(bytes);
        Self::read(&text).unwrap_or_else(Self::Excessive)
    }

    fn read(text: &str) -> Result<Self, Violation> {
        let Tables { grids, links, scripts, whole } = Tables::read(text, markup::role)?;
        let details =
            || Sheet::new(&grids, whole).map(|sheet| Self::Details(sheet.with_page(text, &links, &scripts)));
        if grids.iter().any(markup::is_data) {
            return details();
        }
        let says = |marker: &str| memmem::find(text.as_bytes(), marker.as_bytes()).is_some();
        if MOBILE.iter().any(|marker| says(marker)) {
            return Ok(Self::Mobile);
        }
        if grids.iter().any(markup::has_labels) {
            return details();
        }
        for mut table in grids.into_iter().filter(|table| !table.hidden) {
            table.whole = whole;
            match table.id.as_str() {
                "resultado" => return Ok(Self::payments_or_stocks(table, text, &links)),
                "tabelaResultado" => return Ok(Self::FiiList(ListPage::new(table, filter(&links)))),
                "test1" => return Ok(Self::ChooseTicker(candidates(&table))),
                _ => {}
            }
        }
        if let Some(names) = NamesPage::read(text) {
            return Ok(Self::Names(names));
        }
        // Pages that were cut before their table ended come without a heading, and the reader says that none is there.
        Ok(if says("Nenhum papel encontrado") {
            Self::UnknownTicker
        } else if says("<h1>Selecione o Papel") {
            Self::ChooseTicker(Vec::new())
        } else if says("<body class=\"detalhes\"") {
            Self::Details(Sheet::new(&[], false)?)
        } else if says("id=\"tabelaResultado\"") {
            Self::FiiList(ListPage::new(Grid::default(), filter(&links)))
        } else if says("id=\"resultado\"") {
            Self::payments_or_stocks(Grid::default(), text, &links)
        } else if BLOCKED.iter().any(|marker| says(marker)) {
            Self::Blocked
        } else {
            Self::Other
        })
    }

    /// The table that has the same name on the list of stocks and on both pages of dividends.
    fn payments_or_stocks(table: Grid, text: &str, links: &[&str]) -> Self {
        let payments = memmem::find(text.as_bytes(), b"<h1>Proventos").is_some();
        // By a heading of its own, however the page writes its tags; by its title where the table was cut.
        if table.position("Data de Pagamento").is_none() && !payments {
            Self::StockList(ListPage::new(table, filter(links)))
        } else {
            Self::Dividends(DividendsPage::new(table, markup::viewed_ticker(text)))
        }
    }

    /// The details page, whose label/value pairs are the raw level of a [`Stock`](crate::Stock) or
    /// [`Fii`](crate::Fii).
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_sheet(self) -> Result<Sheet, Error> {
        match self {
            Self::Details(sheet) => Ok(sheet),
            other => Err(other.instead_of("details")),
        }
    }

    /// The list of stocks.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_stock_list(self) -> Result<ListPage<StockRow>, Error> {
        match self {
            Self::StockList(list) => Ok(list),
            other => Err(other.instead_of("stock list")),
        }
    }

    /// The list of FIIs.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_fii_list(self) -> Result<ListPage<FiiRow>, Error> {
        match self {
            Self::FiiList(list) => Ok(list),
            other => Err(other.instead_of("FII list")),
        }
    }

    /// The names of the search box.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_names(self) -> Result<NamesPage, Error> {
        match self {
            Self::Names(names) => Ok(names),
            other => Err(other.instead_of("names")),
        }
    }

    /// The payments of a stock or a FII.
    ///
    /// # Errors
    ///
    /// The one that says what the page is instead.
    pub fn into_dividends(self, class: Class) -> Result<DividendsPage, Error> {
        match (class, self) {
            (class, Self::Dividends(page)) if page.class() == class => Ok(page),
            (Class::Stock, other) => Err(other.instead_of("stock dividends")),
            (Class::Fii, other) => Err(other.instead_of("FII dividends")),
        }
    }

    /// The error of a caller who wanted another page than this one.
    fn instead_of(self, wanted: &'static str) -> Error {
        let found = match self {
            Self::UnknownTicker => return Error::UnknownTicker { ticker: None },
            Self::ChooseTicker(candidates) => return Error::ChooseTicker { ticker: None, candidates },
            Self::Mobile => return Error::Mobile,
            Self::Blocked => return Error::Blocked { url: None },
            Self::Other => return Error::NotFundamentus,
            Self::Excessive(broken) => {
                let changes = Box::new(LayoutDiff { broken: vec![broken], ..LayoutDiff::default() });
                return Error::LayoutChanged { page: wanted, ticker: None, changes };
            }
            Self::Details(_) => "details",
            Self::StockList(_) => "stock list",
            Self::FiiList(_) => "FII list",
            Self::Names(_) => "names",
            Self::Dividends(page) => match page.class() {
                Class::Stock => "stock dividends",
                Class::Fii => "FII dividends",
            },
        };
        Error::OtherPage { wanted, found }
    }
}

impl Sheet {
    /// Reads a details page.
    ///
    /// ```
    /// use pynvest::{Error, Sheet};
    ///
    /// assert!(Sheet::parse(b"<table class=w728><tr><td class=label>Papel<td class=data>ITSA4</table>").is_ok());
    /// assert!(matches!(Sheet::parse(b"<p>Access denied</p>"), Err(Error::Blocked { .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// The other kind of page: [`Error::UnknownTicker`], [`Error::ChooseTicker`], [`Error::Mobile`],
    /// [`Error::Blocked`], [`Error::OtherPage`] or [`Error::NotFundamentus`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Page::parse(bytes).into_sheet()
    }
}

/// What only the mobile layout has: the way back to the classic one, its own header, and, on every page of it, its own
/// style and name.
const MOBILE: [&str; 4] = [
    "fundamentus-classico",
    "class=\"header-acao",
    "assets/css/fundamentus_v2.css",
    "class=\"logo-fundamentus\"",
];

/// Texts of the network in front of the site when it serves nothing.
const BLOCKED: [&str; 6] = [
    "Access denied",
    "cf-mitigated: challenge",
    "<title>Just a moment...</title>",
    "<title>Attention Required! | Cloudflare</title>",
    "Sorry, you have been blocked",
    // The script of a challenge, in whatever language it is.
    "_cf_chl_opt",
];

fn candidates(table: &Grid) -> Vec<Candidate> {
    let places = ["Papel", "Nome Comercial", "Razão Social"].map(|heading| table.position(heading));
    let text = |row: Row<'_>, place: Option<usize>| {
        place.and_then(|place| row.text(place)).unwrap_or_default().to_owned()
    };
    let [ticker, name, legal_name] = places;
    let mut candidates = Vec::with_capacity(table.starts.len());
    candidates.extend(table.body().map(|row| Candidate {
        ticker: text(row, ticker),
        name: text(row, name),
        legal_name: text(row, legal_name),
    }));
    candidates
}
