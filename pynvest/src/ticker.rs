//! What a ticker is: a checked code, and which of the two classes it belongs to.

use std::fmt;
use std::str::FromStr;

use crate::column::Column;
use crate::{Error, Fii, Stock};

/// The code of a paper on B3, such as `ITSA4`, `XPLG11` or `EQMA5B`.
///
/// A `Ticker` is between three and twelve ASCII letters and digits, in upper case. Whether such a paper
/// exists only the site can tell.
///
/// ```
/// use pynvest::Ticker;
///
/// let ticker: Ticker = " itsa4 ".parse()?;
/// assert_eq!(ticker.as_str(), "ITSA4");
/// assert_eq!(
///     "ITSA 4".parse::<Ticker>().unwrap_err().to_string(),
///     "`ITSA 4` is not a ticker: expected three to twelve letters and digits, as in ITSA4",
/// );
/// # Ok::<(), pynvest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Ticker(String);

impl Ticker {
    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ticker {
    type Err = Error;

    /// Trims, puts in upper case and checks.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidTicker`] with the text as given.
    fn from_str(text: &str) -> Result<Self, Error> {
        let code = text.trim();
        if (3..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(code.to_ascii_uppercase()))
        } else {
            Err(Error::InvalidTicker { text: text.to_owned() })
        }
    }
}

impl TryFrom<String> for Ticker {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Ticker> for String {
    fn from(ticker: Ticker) -> Self {
        ticker.0
    }
}

impl AsRef<str> for Ticker {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The two classes of paper that Fundamentus covers.
///
/// The class is what the page says. It cannot be told from the ticker: units of stocks end in 11 like
/// most funds do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Class {
    /// A stock, preferred or common, or a unit of them.
    Stock,
    /// A real-estate fund (fundo de investimento imobiliário).
    Fii,
}

impl Class {
    /// The columns of its details pages.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Stock => Stock::COLUMNS,
            Self::Fii => Fii::COLUMNS,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stock => "stock",
            Self::Fii => "FII",
        })
    }
}

impl FromStr for Class {
    type Err = Error;

    /// `stock` or `fii`, in any case.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidClass`] with the text as given.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_lowercase().as_str() {
            "stock" => Ok(Self::Stock),
            "fii" => Ok(Self::Fii),
            _ => Err(Error::InvalidClass { text: text.to_owned() }),
        }
    }
}
