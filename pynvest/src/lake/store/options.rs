//! Options of a run.

use std::time::Duration;

use chrono::NaiveDate;

use crate::record::security::Class;
use crate::record::ticker::Ticker;

/// Options of a run.
///
/// A run never makes a day worse: it is merged with the day. The newest capture of each security that can be typed counts, and
/// securities that were not read again stay.
#[derive(Debug, Clone)]
#[must_use]
pub struct RunOptions {
    pub(crate) day: Option<NaiveDate>,
    pub(crate) tickers: Vec<Ticker>,
    pub(crate) class: Option<Class>,
    pub(crate) limit: Option<usize>,
    pub(crate) keep_pages: bool,
    pub(crate) replace: bool,
    pub(crate) force_day: bool,
    pub(crate) strict: bool,
    pub(crate) accept: bool,
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
            force_day: false,
            strict: false,
            accept: false,
            deadline: None,
            concurrency: 8,
            recent: Duration::from_secs(60 * 60),
        }
    }
}

impl RunOptions {
    /// All securities, into today's partition in Brasília; saved pages go into the days of their capture.
    pub fn new() -> Self {
        Self::default()
    }

    /// The day of the partition.
    pub fn day(self, day: NaiveDate) -> Self {
        Self { day: Some(day), ..self }
    }

    /// Only these securities. Other securities of the day stay.
    pub fn tickers(self, tickers: impl IntoIterator<Item = Ticker>) -> Self {
        Self { tickers: tickers.into_iter().collect(), ..self }
    }

    /// Only this class.
    pub fn class(self, class: Class) -> Self {
        Self { class: Some(class), ..self }
    }

    /// Only the first securities on the list of each class.
    pub fn limit(self, securities: usize) -> Self {
        Self { limit: Some(securities), ..self }
    }

    /// Whether the pages are kept too, so that the day can be derived again without a request. Unreadable pages are kept as well.
    pub fn keep_pages(self, keep: bool) -> Self {
        Self { keep_pages: keep, ..self }
    }

    /// Whether the run replaces the day instead of merging with it.
    pub fn replace(self, replace: bool) -> Self {
        Self { replace, ..self }
    }

    /// Whether saved pages may go into a day before the last session that they show. Without this they are refused.
    pub fn force_day(self, force: bool) -> Self {
        Self { force_day: force, ..self }
    }

    /// Whether securities with a contradiction are rejected. A contradiction that more than a tenth of the securities share rejects
    /// none: then the site has changed.
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Whether a day that contradicts the last one is published, such as one in another unit or under other tickers. Without this its
    /// rows wait in SoR until a run sees the same again, and SoT and Spec stay as they were.
    pub fn accept(self, accept: bool) -> Self {
        Self { accept, ..self }
    }

    /// After this time no more requests are sent; the securities read by then are published and the others reported. The default
    /// is 10 minutes + 4 × interval × securities.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Most requests in flight, within the pace of the client: 8 by default.
    pub fn concurrency(self, securities: usize) -> Self {
        Self { concurrency: securities.max(1), ..self }
    }

    /// If an earlier run for the day ended early, securities that it read within this time are not read again: one hour by default.
    pub fn recent(self, age: Duration) -> Self {
        Self { recent: age, ..self }
    }

    /// Whether every security is to be read, so that a missing one is reported.
    pub(crate) fn is_everything(&self) -> bool {
        self.tickers.is_empty() && self.class.is_none() && self.limit.is_none()
    }
}
