//! Securities: classes, layouts of their pages, parts of their lists, and candidates of a search.

use std::fmt;

use crate::record::column::{Column, Role};
use crate::record::fii::Fii;
use crate::record::spelling::spelling;
use crate::record::stock::Stock;

/// The two classes of security that Fundamentus covers.
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
    /// Both classes.
    pub const ALL: [Self; 2] = [Self::Stock, Self::Fii];

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

    /// The column of the sector of a stock, or of the segment of a FII.
    pub fn sector_column(self) -> Option<&'static Column> {
        self.with(Role::Sector)
    }

    /// The column of the number of shares, or of units.
    pub fn shares_column(self) -> Option<&'static Column> {
        self.with(Role::Shares)
    }

    /// The first column of a role.
    pub(crate) fn with(self, role: Role) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.role == role)
    }

    /// The place of a column among them, by its catalogue name.
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
    /// A stock with deposits, loan portfolio and service revenue. The sector does not tell which securities have it.
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

    /// The class of the securities with this layout.
    pub fn class(self) -> Class {
        match self {
            Self::Stock | Self::Bank => Class::Stock,
            Self::Fii => Class::Fii,
        }
    }
}

spelling!("layout", Layout, [Stock, Bank, Fii]);

/// A security that the site offers in place of one that it does not know.
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

/// A sector of stocks: `resultado.php?setor=14`. The site has renumbered its sectors once; names are stable, numbers are not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sector {
    /// The number in the link of the details page.
    pub id: u32,
    /// The name that the details page prints, as `Energia Elétrica`.
    pub name: String,
}

/// A subsector of stocks or a segment of FIIs: `resultado.php?segmento=5` and `fii_resultado.php?segmento=5`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Segment {
    /// The number in the link of the details page.
    pub id: u32,
    /// The name that the details page prints.
    pub name: String,
}

/// Which part of a list a page shows, by the link of the page to its own mobile edition. A filter that the search form
/// sends leaves no trace in that link.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// All tickers of the class.
    All,
    /// The traded stocks of a sector.
    Sector(u32),
    /// The stocks of a subsector, or the FIIs of a segment.
    Segment(u32),
    /// Something else, as the page says it: `setor=None` lists all traded stocks.
    Other(String),
}

/// As an address asks for it: `setor=14`; `the whole list` for all.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("the whole list"),
            Self::Other(text) if text.is_empty() => f.write_str("nothing of its filter"),
            Self::Sector(id) => write!(f, "setor={id}"),
            Self::Segment(id) => write!(f, "segmento={id}"),
            Self::Other(text) => {
                f.write_str(&text.chars().take(SHOWN).collect::<String>().escape_debug().to_string())
            }
        }
    }
}

/// As much of an unknown filter as a message repeats.
const SHOWN: usize = 60;
