//! A ticker: a checked code.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The code of a security on B3, such as `ITSA4`, `XPLG11` or `EQMA5B`.
///
/// A `Ticker` is between three and twelve ASCII letters and digits, in upper case. Whether such a security
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
/// # Ok::<(), pynvest::record::InvalidTicker>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub struct Ticker(String);

impl Ticker {
    /// Most letters and digits of a code.
    pub(crate) const LONGEST: usize = 12;

    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Ticker {
    type Err = InvalidTicker;

    /// Trims, puts in upper case and checks.
    ///
    /// # Errors
    ///
    /// [`InvalidTicker`] with the text as given.
    fn from_str(text: &str) -> Result<Self, InvalidTicker> {
        let code = text.trim();
        if (3..=Self::LONGEST).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            Ok(Self(code.to_ascii_uppercase()))
        } else {
            Err(InvalidTicker { text: text.to_owned() })
        }
    }
}

impl TryFrom<String> for Ticker {
    type Error = InvalidTicker;

    fn try_from(text: String) -> Result<Self, InvalidTicker> {
        text.parse()
    }
}

impl TryFrom<&String> for Ticker {
    type Error = InvalidTicker;

    fn try_from(text: &String) -> Result<Self, InvalidTicker> {
        text.parse()
    }
}

impl TryFrom<&str> for Ticker {
    type Error = InvalidTicker;

    fn try_from(text: &str) -> Result<Self, InvalidTicker> {
        text.parse()
    }
}

impl From<&Self> for Ticker {
    fn from(ticker: &Self) -> Self {
        ticker.clone()
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

/// The text is not the code of a security.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a ticker: expected three to twelve letters and digits, as in ITSA4", shortened(.text))]
#[non_exhaustive]
pub struct InvalidTicker {
    /// The text as given.
    pub text: String,
}

/// A text as a sentence repeats it: the first letters of one that is long.
fn shortened(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 100;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}
