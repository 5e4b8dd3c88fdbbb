//! What a run is asked to do.

use std::time::Duration;

use chrono::NaiveDate;

use crate::record::security::Class;
use crate::record::ticker::Ticker;

/// What a run is asked to do.
///
/// Whatever that is, a run never makes a day worse: it is merged with what the day has. Of each paper the newest capture that can be
/// typed counts, and what was not read again stays.
#[derive(Debug, Clone)]
#[must_use]
pub struct RunOptions {
    pub(crate) day: Option<NaiveDate>,
    pub(crate) tickers: Vec<Ticker>,
    pub(crate) class: Option<Class>,
    pub(crate) limit: Option<usize>,
    pub(crate) keep_pages: bool,
    pub(crate) replace: bool,
    pub(crate) strict: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) concurrency: usize,
    pub(crate) recent: Duration,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            day: None,
            tickers: Vec::new(),
            class: None,
            limit: None,
            keep_pages: false,
            replace: false,
            strict: false,
            deadline: None,
            concurrency: 8,
            recent: Duration::from_secs(60 * 60),
        }
    }
}

impl RunOptions {
    /// All papers, into the day of today in Brasília, or of saved pages into the days of their capture.
    pub fn new() -> Self {
        Self::default()
    }

    /// The day to which the papers belong.
    pub fn day(self, day: NaiveDate) -> Self {
        Self { day: Some(day), ..self }
    }

    /// Only these papers. What the day has of others stays.
    pub fn tickers(self, tickers: impl IntoIterator<Item = Ticker>) -> Self {
        Self { tickers: tickers.into_iter().collect(), ..self }
    }

    /// Only this class.
    pub fn class(self, class: Class) -> Self {
        Self { class: Some(class), ..self }
    }

    /// Only so many papers of each class, the first on its list.
    pub fn limit(self, papers: usize) -> Self {
        Self { limit: Some(papers), ..self }
    }

    /// Whether the pages are kept too, so that the day can be derived again without a request. Those that cannot be read today are
    /// kept as well.
    pub fn keep_pages(self, keep: bool) -> Self {
        Self { keep_pages: keep, ..self }
    }

    /// Whether what the day has is forgotten instead of merged with.
    pub fn replace(self, replace: bool) -> Self {
        Self { replace, ..self }
    }

    /// Whether papers are set aside whose figures contradict themselves, unless more than a
    /// tenth of the day's have the same doubt: then the site has changed.
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// After how long no more papers are asked for; what is there then is put in place, and the rest reported. By default ten
    /// minutes and for each paper four times the interval of the client.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// How many papers are waited for at the same time, within the pace of the client: 8 by default.
    pub fn concurrency(self, papers: usize) -> Self {
        Self { concurrency: papers.max(1), ..self }
    }

    /// If an earlier run of the day ended early, papers that it has read so recently are not asked for again: an hour by default.
    pub fn recent(self, age: Duration) -> Self {
        Self { recent: age, ..self }
    }

    /// Every paper is to be read, so that one which is not is worth a word.
    pub(crate) fn is_everything(&self) -> bool {
        self.tickers.is_empty() && self.class.is_none() && self.limit.is_none()
    }
}
