//! What can go wrong, named by what the caller can do about it.

pub(crate) mod layout_diff;
mod words;

use std::convert::Infallible;
#[cfg(feature = "lake")]
use std::path::PathBuf;

use crate::error::layout_diff::LayoutDiff;
#[cfg(feature = "lake")]
use crate::error::words::Shown;
use crate::error::words::{Asked, Names, OfTicker, Subject};
use crate::record::security::{Candidate, Class};
use crate::record::spelling::InvalidWord;
use crate::record::ticker::{InvalidTicker, Ticker};
use crate::record::value::BadCell;

/// Why a paper could not be read.
///
/// The text is one sentence that names the thing; a cause, where there is one, is in
/// [`source`](std::error::Error::source) and not repeated. [`Error::is_transient`] answers whether to try again.
///
/// A `source` of type `Box<dyn Error>` is opaque: print it, and do not downcast it. What is in it may change in any release.
///
/// ```
/// use pynvest::{Error, Sheet};
///
/// let error = Sheet::parse(b"<h1>Nenhum papel encontrado</h1>").unwrap_err();
/// assert!(matches!(error, Error::UnknownTicker { ticker: None }));
/// assert_eq!((error.kind(), error.is_transient()), ("unknown_ticker", false));
/// assert_eq!(error.to_string(), "no paper on Fundamentus matches what was searched for");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not the code of a paper. Nothing was asked of the site.
    #[error(transparent)]
    InvalidTicker(#[from] InvalidTicker),

    /// The text is not one of the words of a set, such as the classes.
    #[error(transparent)]
    InvalidWord(#[from] InvalidWord),

    /// The site knows no paper of this ticker or name.
    #[error("no paper on Fundamentus matches {}", Asked(.ticker))]
    UnknownTicker {
        /// What was asked for; `None` if only the page is known.
        ticker: Option<Ticker>,
    },

    /// The site knows no paper of exactly this ticker, but some that resemble it: it may have been renamed.
    #[error("no paper on Fundamentus is exactly {}; {} {}", Asked(.ticker), .candidates.len(), Names(.candidates))]
    ChooseTicker {
        /// What was asked for; `None` if only the page is known.
        ticker: Option<Ticker>,
        /// The papers that the site offers instead, in its order.
        candidates: Vec<Candidate>,
    },

    /// The site knows exactly this paper, but has no page for it: it is no longer traded, or has another ticker now.
    #[error(
        "Fundamentus knows {ticker} ({name}) but has no page for it: it has ended or has another ticker now"
    )]
    NoPage {
        /// The paper.
        ticker: Ticker,
        /// Its trade name.
        name: String,
    },

    /// The paper exists, but belongs to the other class.
    #[error("{ticker} is a {}, not a {}", .found.noun(), .wanted.noun())]
    OtherClass {
        /// The paper.
        ticker: Ticker,
        /// The class that was asked for.
        wanted: Class,
        /// The class that the page shows.
        found: Class,
    },

    /// The site answered with the page of another paper.
    #[error("asked for {ticker}, the site showed {shown}")]
    OtherTicker {
        /// What was asked for.
        ticker: Ticker,
        /// What the page shows.
        shown: Ticker,
    },

    /// The site refuses to serve this client: access denied, or a challenge that only a browser passes.
    /// Asking again at once makes it worse.
    #[error("the site refuses to serve {}", Subject(.url))]
    Blocked {
        /// The address; `None` if only the page is known.
        url: Option<String>,
    },

    /// The page is in the mobile layout, which prints `0,00` for missing values and is never read.
    #[error("the page is in the mobile layout, which does not tell missing values from zeros")]
    Mobile,

    /// The page is one of the right kind, but labels that it always had are gone, or it breaks another rule of structure
    /// that every page keeps. What it says cannot be relied on.
    #[error("the layout of the {page} page{} changed: {changes}", OfTicker(.ticker))]
    LayoutChanged {
        /// What the page is, in the words of [`BadCell::record`]: `stock`, `FII`, `stock list`, …
        page: &'static str,
        /// The paper, where the page still says it.
        ticker: Option<Ticker>,
        /// What is missing, new or broken.
        changes: Box<LayoutDiff>,
    },

    /// A text is there, but it is not what its column holds. It is never turned into "no value" or zero.
    #[error(transparent)]
    BadCell(#[from] BadCell),

    /// A page of Fundamentus, but not the one that was wanted.
    #[error("expected a {wanted} page, found a {found} page")]
    OtherPage {
        /// The page that was wanted.
        wanted: &'static str,
        /// The page that came.
        found: &'static str,
    },

    /// Not one of the pages of Fundamentus that are read here: details of a stock or FII, lists of them, dividends. The
    /// site has other pages with data too.
    #[error("this is not a data page of Fundamentus")]
    NotFundamentus,

    /// The list of all papers of a class came without a single one.
    #[error("the {} list at {url} has no rows", .class.noun())]
    EmptyList {
        /// The class that was asked for.
        class: Class,
        /// The address.
        url: String,
    },

    /// The site says that it cannot serve now: 408, 429 or 5xx, also after the last attempt.
    #[error("the site is unavailable: {url} answered {status}")]
    Unavailable {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long the site asks to wait, in its `Retry-After`.
        retry_after: Option<std::time::Duration>,
    },

    /// An HTTP status that no retry mends, such as 404.
    #[error("{url} answered {status}")]
    UnexpectedStatus {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },

    /// The answer sends to an address that is not the site, or in a way that cannot be followed.
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
        /// What the network layer says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The connection could not be made, or broke before the answer was complete.
    #[error("the connection to {url} failed")]
    Connection {
        /// The address.
        url: String,
        /// What the network layer says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The answer ends in the middle of the page, or before it began.
    #[error("the page at {url} is cut off after {bytes} bytes")]
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

    /// The batch is of a table in another layer than the step works on.
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
        /// What the Parquet reader says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// The system denies something to the lake, or to whoever reads saved pages.
    #[cfg(feature = "lake")]
    #[error("{} cannot be {doing}", Shown(.path))]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What could not be done with it, as in `read` or `put in place`.
        doing: &'static str,
        /// What the system says.
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

    /// A folder of the lake lies on another filesystem, as behind a link or a mount, so that nothing can be put in place there
    /// at once.
    #[cfg(feature = "lake")]
    #[error("{} is on another filesystem than the lake that it belongs to", Shown(.path))]
    OtherFilesystem {
        /// The folder.
        path: PathBuf,
    },

    /// What a run has left to be put in place names something outside of the lake. Somebody else wrote that list.
    #[cfg(feature = "lake")]
    #[error("the list of what is ready names `{named}`, which is no part of the lake")]
    OutsideLake {
        /// What it names.
        named: String,
    },

    /// No day of the exchange, as of a clock that is wrong: the lake keeps days from 1990 to 2100.
    #[cfg(feature = "lake")]
    #[error("{day} is no day of the lake, which keeps those from 1990 to 2100")]
    ImplausibleDay {
        /// The day.
        day: chrono::NaiveDate,
    },

    /// A run found no paper that it could read. The lake is as it was.
    #[cfg(feature = "lake")]
    #[error("no paper could be read")]
    NothingRead {
        /// The first failure, or why nothing was asked.
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

/// What is a [`Ticker`] already never fails to become one.
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
            Self::Mobile => "mobile",
            Self::LayoutChanged { .. } => "layout_changed",
            Self::BadCell(_) => "bad_cell",
            Self::OtherPage { .. } => "other_page",
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
                | Self::NotFundamentus
        )
    }

    /// Says which paper a row of a list is of.
    pub(crate) fn about(mut self, printed: &str) -> Self {
        if let Self::LayoutChanged { ticker, .. } = &mut self {
            *ticker = printed.parse().ok();
        }
        self
    }

    /// Says which paper the page was asked for, where the page itself does not.
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
    fn a_paper_that_is_its_own_candidate_has_no_page() {
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
            "Fundamentus knows BRDT3 (PETROBRAS DISTRIBUIDORA) but has no page for it: it has ended or has another \
             ticker now"
        );
        assert_eq!(error("VBBR3").asked_for(&ticker).kind(), "choose_ticker");
    }
}
