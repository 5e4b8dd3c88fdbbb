//! Pages: which page it is, its tables as text, and the records and rows in them.
//!
//! Everything here is pure: bytes in, values or an [`Error`](crate::Error) out, for any bytes.

pub(crate) mod dividend;
pub(crate) mod filter;
pub(crate) mod headings;
pub(crate) mod html;
pub(crate) mod kind;
pub(crate) mod label;
pub(crate) mod layout;
pub(crate) mod list;
#[cfg(feature = "parquet")]
pub(crate) mod listing;
pub(crate) mod markup;
pub(crate) mod match_layout;
pub(crate) mod names;
pub(crate) mod pair;
pub(crate) mod sheet;

pub use dividend::{Dividend, DividendKind, Dividends, DividendsPage};
pub use headings::FailedRow;
pub use html::grid::Grid;
pub use kind::Page;
// For the program.
#[doc(hidden)]
pub use label::{folded, has_words};
pub use list::{FiiRow, List, ListPage, StockRow};
pub use names::{NamesPage, SecurityName};
pub use pair::Pair;
pub use sheet::{Missing, Partial, Sheet};

pub use crate::error::layout_diff::{LayoutDiff, Violation};
