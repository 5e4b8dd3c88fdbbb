//! What a paper is: its class, the layout of its page, and how a search names it.

use crate::record::column::Column;
use crate::record::fii::Fii;
use crate::record::spelling::spelling;
use crate::record::stock::Stock;

/// The two classes of paper that Fundamentus covers.
///
/// The class is what the page says. It cannot be told from the ticker: units of stocks end in 11 like
/// most funds do.
///
/// ```
/// use pynvest::Class;
///
/// assert_eq!("fii".parse(), Ok(Class::Fii));
/// assert_eq!(Class::Stock.to_string(), "stock");
/// assert_eq!(
///     "bdr".parse::<Class>().unwrap_err().to_string(),
///     "`bdr` is not a class: expected stock or fii",
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(any(feature = "serde", feature = "parquet"), derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(feature = "serde", feature = "parquet"), serde(rename_all = "snake_case"))]
pub enum Class {
    /// A stock, preferred or common, or a unit of them.
    Stock,
    /// A real-estate fund (fundo de investimento imobiliário).
    Fii,
}

impl Class {
    /// The class in one word: `stock` or `fii`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Fii => "fii",
        }
    }

    /// The class as a sentence names it: `stock` or `FII`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Fii => "FII",
        }
    }

    /// The columns of its details pages.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Stock => Stock::COLUMNS,
            Self::Fii => Fii::COLUMNS,
        }
    }

    /// Where a column stands among them, by its catalogue name.
    pub(crate) fn place(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|column| column.name == name)
    }
}

spelling!("class", Class, [Stock, Fii]);

/// The three arrangements of a details page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Layout {
    /// A stock with revenue, EBIT and debt.
    Stock,
    /// A stock with deposits, loan portfolio and service revenue. The sector does not tell which papers have it.
    Bank,
    /// A real-estate fund.
    Fii,
}

impl Layout {
    /// The layout in one word: `stock`, `bank` or `fii`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Bank => "bank",
            Self::Fii => "fii",
        }
    }

    /// The class of the papers with this layout.
    pub fn class(self) -> Class {
        match self {
            Self::Stock | Self::Bank => Class::Stock,
            Self::Fii => Class::Fii,
        }
    }
}

spelling!("layout", Layout, [Stock, Bank, Fii]);

/// A paper that the site offers in place of one that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Candidate {
    /// The code as printed.
    pub ticker: String,
    /// The trade name (nome comercial).
    pub name: String,
    /// The registered name (razão social).
    pub legal_name: String,
}
