//! Errors, named by what the caller can do.

pub(crate) mod layout_diff;
pub(crate) mod portuguese;
mod words;

use std::convert::Infallible;
#[cfg(feature = "lake")]
use std::path::PathBuf;

use crate::error::layout_diff::LayoutDiff;
#[cfg(feature = "lake")]
use crate::error::words::Shown;
use crate::error::words::{Asked, Names, OfTicker, Subject};
use crate::record::security::Filter;
use crate::record::security::{Candidate, Class};
use crate::record::spelling::{InvalidWord, one_or_many};
use crate::record::ticker::{InvalidTicker, Ticker};
use crate::record::value::BadCell;

/// An error.
///
/// The text is one sentence that names the thing. A cause is in [`source`](std::error::Error::source) and not repeated.
/// [`Error::is_transient`] says whether to try again.
///
/// A `source` of type `Box<dyn Error>` is opaque: print it, and do not downcast it. What is in it may change in any release.
///
/// ```
/// use pynvest::{Error, Sheet};
///
/// let error = Sheet::parse(b"<h1>Nenhum papel encontrado</h1>").unwrap_err();
/// assert!(matches!(error, Error::UnknownTicker { ticker: None }));
/// assert_eq!((error.kind(), error.is_transient()), ("unknown_ticker", false));
/// assert_eq!(error.to_string(), "no ticker on Fundamentus matches what was searched for");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a ticker. No request was sent.
    #[error(transparent)]
    InvalidTicker(#[from] InvalidTicker),

    /// The text is not a word of a set, such as the classes.
    #[error(transparent)]
    InvalidWord(#[from] InvalidWord),

    /// The site knows no security with this ticker or name.
    #[error("no ticker on Fundamentus matches {}", Asked(.ticker))]
    UnknownTicker {
        /// The requested ticker; `None` if only the page is known.
        ticker: Option<Ticker>,
    },

    /// The site knows no security with exactly this ticker, but similar ones: it may have been renamed.
    #[error("no ticker on Fundamentus is exactly {}; {} {}", Asked(.ticker), .candidates.len(), Names(.candidates))]
    ChooseTicker {
        /// The requested ticker; `None` if only the page is known.
        ticker: Option<Ticker>,
        /// The securities that the site offers instead, in its order.
        candidates: Vec<Candidate>,
    },

    /// The site knows this security, but has no page for it: it was delisted or renamed.
    #[error("Fundamentus knows {ticker} ({name}) but has no page for it: it was delisted or renamed")]
    NoPage {
        /// The security.
        ticker: Ticker,
        /// Its trade name.
        name: String,
    },

    /// The security exists, but belongs to the other class.
    #[error("{ticker} is a {}, not a {}", .found.noun(), .wanted.noun())]
    OtherClass {
        /// The security.
        ticker: Ticker,
        /// The class that was asked for.
        wanted: Class,
        /// The class that the page shows.
        found: Class,
    },

    /// The site answered with the page of another security.
    #[error("asked for {ticker}, the site showed {shown}")]
    OtherTicker {
        /// The requested ticker.
        ticker: Ticker,
        /// The ticker on the page.
        shown: Ticker,
    },

    /// The site refuses to serve this client: access denied, or a challenge that only a browser passes.
    /// Do not retry at once.
    #[error("the site refuses to serve {}", Subject(.url))]
    Blocked {
        /// The address; `None` if only the page is known.
        url: Option<String>,
    },

    /// The proxy in the environment refuses: it answers 407. Nothing is sent again, since a proxy may lock who repeats a wrong password.
    #[error(
        "the proxy refuses {url} (407): set its user and password in the proxy variable, as in http://user:password@host:port"
    )]
    ProxyRefused {
        /// The address that was wanted.
        url: String,
    },

    /// The page is in the mobile layout, which prints `0,00` for missing values and is never read.
    #[error("the page is in the mobile layout, which does not tell missing values from zeros")]
    Mobile,

    /// The page is of the right kind, but lacks labels that it always had, or breaks another structural rule that every page keeps.
    /// Its values cannot be relied on.
    #[error("the layout of the {page} page{} changed: {changes}", OfTicker(.ticker))]
    LayoutChanged {
        /// The kind of page: `stock`, `bank`, `FII`, `stock list`, `stock dividends`, …
        page: &'static str,
        /// The security, where the page still says it.
        ticker: Option<Ticker>,
        /// Labels that are missing or new, and broken rules.
        changes: Box<LayoutDiff>,
    },

    /// A text that its column cannot hold. It is never turned into "no value" or zero.
    #[error(transparent)]
    BadCell(#[from] BadCell),

    /// A page of Fundamentus, but not the wanted one.
    #[error("expected a {wanted} page, found a {found} page")]
    OtherPage {
        /// The page that was wanted.
        wanted: &'static str,
        /// The page that came.
        found: &'static str,
    },

    /// A list that shows another part than the wanted one: a sector instead of all, or another sector.
    #[error("expected {wanted}, the page says that it shows {found}")]
    OtherFilter {
        /// The part that was wanted.
        wanted: Filter,
        /// The part that the page names.
        found: Filter,
    },

    /// Not one of the pages of Fundamentus that are read here: details of a stock or FII, lists of them, dividends. The
    /// site has other pages with data too.
    #[error("this is not a data page of Fundamentus")]
    NotFundamentus,

    /// The list of all securities of a class came without a single one.
    #[error("the {} list at {url} has no rows", .class.noun())]
    EmptyList {
        /// The class that was asked for.
        class: Class,
        /// The address.
        url: String,
    },

    /// The site cannot serve now: 408, 429 or 5xx, also after the last attempt.
    #[error("the site is unavailable: {url} answered {status}")]
    Unavailable {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long the site asks to wait, in its `Retry-After`.
        retry_after: Option<std::time::Duration>,
    },

    /// An HTTP status that no retry changes, such as 404.
    #[error("{url} answered {status}")]
    UnexpectedStatus {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },

    /// A redirect to an address that is not the site, or one that cannot be followed.
    #[error("{url} sends to `{to}`, which is not the site")]
    Redirected {
        /// The address that was asked.
        url: String,
        /// Where it sends.
        to: String,
    },

    /// No complete answer within the time limit.
    #[error("{url} did not answer in time")]
    TimedOut {
        /// The address.
        url: String,
        /// The error of the network layer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The connection failed, or broke before the answer was complete.
    #[error("the connection to {url} failed")]
    Connection {
        /// The address.
        url: String,
        /// The error of the network layer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The page is cut off, or empty.
    #[error("the page at {url} is cut off after {bytes} {}", one_or_many(*.bytes, "byte", "bytes"))]
    Truncated {
        /// The address.
        url: String,
        /// How much came.
        bytes: usize,
    },

    /// The answer is larger than any page of the site.
    #[error("the answer of {url} is larger than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The bound, in bytes.
        limit: usize,
    },

    /// The batch is of a table in another layer than the step expects.
    #[cfg(feature = "parquet")]
    #[error("expected a table of the {wanted} layer, found {found}")]
    OtherTable {
        /// The layer that the step works on.
        wanted: &'static str,
        /// The table that came.
        found: &'static str,
    },

    /// A value that its column in the lake cannot store.
    #[cfg(feature = "parquet")]
    #[error("{value} does not fit column {column} of {table}")]
    DoesNotFit {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
        /// The value.
        value: String,
    },

    /// The bytes are no Parquet file of this table: half written, damaged, or of another table.
    #[cfg(feature = "parquet")]
    #[error("this is not a Parquet file of {table}")]
    NotParquet {
        /// The table.
        table: &'static str,
        /// The error of the Parquet reader.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A Parquet file has other columns than its table: one too many, one of another type, or one too few.
    #[cfg(feature = "parquet")]
    #[error("the columns of this file are not those of {table}: {}", other_column(column, found.as_deref(), wanted.as_deref()))]
    OtherColumns {
        /// The table.
        table: &'static str,
        /// The first column that differs.
        column: String,
        /// Its type in the file; `None` if the file lacks it.
        found: Option<String>,
        /// Its type in the table; `None` if the table has no such column.
        wanted: Option<String>,
    },

    /// An I/O error on a file of the lake or on a saved page.
    #[cfg(feature = "lake")]
    #[error("{} cannot be {doing}", Shown(.path))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The failed action, as in `read` or `put in place`.
        doing: &'static str,
        /// The error of the system.
        source: std::io::Error,
    },

    /// Another process writes to the lake.
    #[cfg(feature = "lake")]
    #[error("another run is writing to {}", Shown(.lake))]
    InUse {
        /// The directory.
        lake: PathBuf,
    },

    /// The directory was removed, or replaced by another, while a run was at work. What that had not yet put in place is not there.
    #[cfg(feature = "lake")]
    #[error("{} was removed or replaced by somebody during the run", Shown(.lake))]
    LakeGone {
        /// The directory.
        lake: PathBuf,
    },

    /// A folder of the lake is on another filesystem (symlink or mount), so files cannot be moved there atomically.
    #[cfg(feature = "lake")]
    #[error("{} is on another filesystem (symlink or mount), so files cannot be moved there atomically", Shown(.path))]
    OtherFilesystem {
        /// The folder.
        path: PathBuf,
    },

    /// The commit log of a killed run names a path outside of the lake. Another program wrote that log.
    #[cfg(feature = "lake")]
    #[error("the commit log names `{named}`, which is outside the lake")]
    OutsideLake {
        /// The path that it names.
        named: String,
    },

    /// No day of the exchange, as of a clock that is wrong: the lake keeps days from 1990 to 2100.
    #[cfg(feature = "lake")]
    #[error("{day} is outside the days of a lake, 1990 to 2100")]
    ImplausibleDay {
        /// The day.
        day: chrono::NaiveDate,
    },

    /// A run found no security that it could read. The lake is as it was.
    #[cfg(feature = "lake")]
    #[error("no ticker could be read")]
    NothingRead {
        /// The first failure, or why nothing was asked.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// This machine has no root certificates, without which no `https` site can be trusted.
    #[error(
        "no root certificates on this machine: install the package `ca-certificates`, or name a PEM file in SSL_CERT_FILE"
    )]
    NoRoots {
        /// The error of the TLS library.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The client cannot be built from these settings.
    #[error("the client cannot be built with {setting} `{value}`")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// Why not.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// A [`Ticker`] converts to itself without failing.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Error {
    /// Whether the same request may succeed later without anybody's doing: the site was busy or the network
    /// failed. A blocked client is not told to try again, and a page that cannot be read will not mend itself.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. }
                | Self::TimedOut { .. }
                | Self::Connection { .. }
                | Self::Truncated { .. }
                | Self::EmptyList { .. }
        )
    }

    /// A stable word for the kind of error, for logs and programs: `unknown_ticker`, `blocked`, `bad_cell`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidTicker(_) => "invalid_ticker",
            Self::InvalidWord(_) => "invalid_word",
            Self::UnknownTicker { .. } => "unknown_ticker",
            Self::ChooseTicker { .. } => "choose_ticker",
            Self::NoPage { .. } => "no_page",
            Self::OtherClass { .. } => "other_class",
            Self::OtherTicker { .. } => "other_ticker",
            Self::Blocked { .. } => "blocked",
            Self::ProxyRefused { .. } => "proxy_refused",
            Self::Mobile => "mobile",
            Self::LayoutChanged { .. } => "layout_changed",
            Self::BadCell(_) => "bad_cell",
            Self::OtherPage { .. } => "other_page",
            Self::OtherFilter { .. } => "other_filter",
            Self::NotFundamentus => "not_fundamentus",
            Self::EmptyList { .. } => "empty_list",
            Self::Unavailable { .. } => "unavailable",
            Self::UnexpectedStatus { .. } => "unexpected_status",
            Self::Redirected { .. } => "redirected",
            Self::TimedOut { .. } => "timed_out",
            Self::Connection { .. } => "connection",
            Self::Truncated { .. } => "truncated",
            Self::TooLarge { .. } => "too_large",
            #[cfg(feature = "parquet")]
            Self::OtherTable { .. } => "other_table",
            #[cfg(feature = "parquet")]
            Self::DoesNotFit { .. } => "does_not_fit",
            #[cfg(feature = "parquet")]
            Self::NotParquet { .. } => "not_parquet",
            #[cfg(feature = "parquet")]
            Self::OtherColumns { .. } => "other_columns",
            #[cfg(feature = "lake")]
            Self::File { .. } => "file",
            #[cfg(feature = "lake")]
            Self::InUse { .. } => "in_use",
            #[cfg(feature = "lake")]
            Self::LakeGone { .. } => "lake_gone",
            #[cfg(feature = "lake")]
            Self::OtherFilesystem { .. } => "other_filesystem",
            #[cfg(feature = "lake")]
            Self::OutsideLake { .. } => "outside_lake",
            #[cfg(feature = "lake")]
            Self::ImplausibleDay { .. } => "implausible_day",
            #[cfg(feature = "lake")]
            Self::NothingRead { .. } => "nothing_read",
            Self::NoRoots { .. } => "no_roots",
            Self::InvalidSetting { .. } => "invalid_setting",
        }
    }

    /// Whether the site answered, with a page that is not the wanted one or cannot be read.
    #[cfg(feature = "client")]
    pub(crate) fn is_about_page(&self) -> bool {
        matches!(
            self,
            Self::UnknownTicker { .. }
                | Self::ChooseTicker { .. }
                | Self::NoPage { .. }
                | Self::LayoutChanged { .. }
                | Self::BadCell(_)
                | Self::OtherPage { .. }
                | Self::OtherFilter { .. }
                | Self::NotFundamentus
        )
    }

    /// Says which security a row of a list is of.
    pub(crate) fn about(mut self, printed: &str) -> Self {
        if let Self::LayoutChanged { ticker, .. } = &mut self {
            *ticker = printed.parse().ok();
        }
        self
    }

    /// Says which security the page was asked for, where the page itself does not.
    #[cfg(feature = "client")]
    pub(crate) fn asked_for(mut self, asked: &Ticker) -> Self {
        if let Self::ChooseTicker { candidates, .. } = &self {
            let itself = candidates.iter().find(|candidate| candidate.ticker.trim() == asked.as_str());
            if let Some(Candidate { name, .. }) = itself {
                return Self::NoPage { ticker: asked.clone(), name: name.clone() };
            }
        }
        match &mut self {
            Self::UnknownTicker { ticker }
            | Self::ChooseTicker { ticker, .. }
            | Self::LayoutChanged { ticker, .. } => {
                ticker.get_or_insert_with(|| asked.clone());
            }
            Self::BadCell(cell) if cell.ticker.is_empty() => asked.as_str().clone_into(&mut cell.ticker),
            _ => {}
        }
        self
    }
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;

    #[test]
    fn a_security_that_is_its_own_candidate_has_no_page() {
        let ticker: Ticker = "BRDT3".parse().unwrap();
        let candidate = |ticker: &str| Candidate {
            ticker: ticker.to_owned(),
            name: "PETROBRAS DISTRIBUIDORA".to_owned(),
            legal_name: String::new(),
        };
        let error = |offered| Error::ChooseTicker { ticker: None, candidates: vec![candidate(offered)] };
        let ended = error("BRDT3").asked_for(&ticker);
        assert_eq!(ended.kind(), "no_page");
        assert_eq!(
            ended.to_string(),
            "Fundamentus knows BRDT3 (PETROBRAS DISTRIBUIDORA) but has no page for it: it was delisted or renamed"
        );
        assert_eq!(error("VBBR3").asked_for(&ticker).kind(), "choose_ticker");
    }
}

/// How a column of a file differs from its table.
#[cfg(feature = "parquet")]
fn other_column(column: &str, found: Option<&str>, wanted: Option<&str>) -> String {
    match (found, wanted) {
        (Some(found), Some(wanted)) => format!("the column {column} has the type {found}, not {wanted}"),
        (None, _) => format!("there is no column {column}"),
        (Some(_), None) => format!("the table has no column {column}"),
    }
}
