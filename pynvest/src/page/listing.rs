//! A list as a lake needs it before it asks for the pages of its tickers: the tickers, and what the other cells say.

use crate::error::Error;
use crate::page::headings::FailedRow;
use crate::page::kind::Page;
use crate::page::list::{FiiRow, List, StockRow};
use crate::record::column::Column;
use crate::record::doubt::Doubt;
use crate::record::security::{Class, Filter};
use crate::record::ticker::Ticker;
use crate::record::value::Value;

/// A list of a class: its tickers, and its figures where they can be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing {
    /// The class.
    pub class: Class,
    /// The tickers, each once, and the rows whose ticker cannot be read.
    pub tickers: List<Ticker>,
    /// The other cells; why they cannot be read, where a heading has changed.
    pub figures: Result<Figures, Error>,
}

/// The cells of a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Figures {
    /// The columns.
    pub columns: &'static [Column],
    /// A value for each of them, the ticker first.
    pub rows: Vec<Vec<Option<Value>>>,
    /// The rows that cannot be read.
    pub failed: Vec<FailedRow>,
    /// Doubts about the list.
    pub doubts: Vec<Doubt>,
}

impl Figures {
    fn new<Row>(list: List<Row>, columns: &'static [Column], values: fn(&Row) -> Vec<Option<Value>>) -> Self {
        let List { rows, failed, doubts, .. } = list;
        Self { columns, rows: rows.iter().map(values).collect(), failed, doubts }
    }
}

impl Listing {
    /// Reads the whole list of a class.
    ///
    /// # Errors
    ///
    /// As [`ListPage::tickers`](crate::page::ListPage::tickers), and if the page is another one.
    pub fn read(class: Class, page: Page) -> Result<Self, Error> {
        let (tickers, figures) = match class {
            Class::Stock => {
                let page = page.into_stock_list()?.expect_filter(&Filter::All)?;
                let figures = page.rows().map(|list| Figures::new(list, StockRow::COLUMNS, StockRow::values));
                (page.tickers()?, figures)
            }
            Class::Fii => {
                let page = page.into_fii_list()?.expect_filter(&Filter::All)?;
                let figures = page.rows().map(|list| Figures::new(list, FiiRow::COLUMNS, FiiRow::values));
                (page.tickers()?, figures)
            }
        };
        Ok(Self { class, tickers, figures })
    }
}
