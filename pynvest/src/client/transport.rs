//! When the site is asked again, and when no more.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::Url;
use tokio::time::Instant;

use crate::client::rate_limiter::RateLimiter;
use crate::client::site;
use crate::client::site::Body;
use crate::error::Error;
use crate::page::kind::Page;

/// After so many answers in a row that are refusals, or no page of the site at all, the client asks no more. After each of them
/// but the last it pauses, and what was sent before a pause does not count again: one paper that is refused, or many at once, is
/// not yet a site that refuses.
const REFUSALS: u32 = 3;
/// How long that pause is, in intervals of the pace.
const PAUSE: u32 = 20;
/// A site that asks for a longer pause is left alone: the request fails instead of waiting.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Asks the site for pages, for a client and its clones.
pub(crate) struct Transport {
    http: reqwest::Client,
    base_url: Url,
    retries: usize,
    pace: RateLimiter,
    refusals: Mutex<CircuitBreaker>,
}

/// The refusals in a row.
#[derive(Debug, Default)]
struct CircuitBreaker {
    count: u32,
    last: Option<Instant>,
}

impl fmt::Debug for Transport {
    /// Without the name and the password that the address may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, retries, pace, refusals, .. } = self;
        let base_url = site::shown(base_url);
        let mut asker = f.debug_struct("Asker");
        asker.field("base_url", &base_url).field("retries", retries).field("pace", pace);
        asker.field("refusals", refusals).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(http: reqwest::Client, base_url: Url, retries: usize, interval: Duration) -> Self {
        Self { http, base_url, retries, pace: RateLimiter::new(interval), refusals: Mutex::default() }
    }

    #[cfg(feature = "lake")]
    pub(crate) fn interval(&self) -> Duration {
        self.pace.interval()
    }

    #[cfg(feature = "lake")]
    pub(crate) fn requests(&self) -> u64 {
        self.pace.requests()
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refusals().count >= REFUSALS
    }

    pub(crate) fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let base = &self.base_url;
        let mut url = base.join(path).map_err(|source| invalid("base_url", &site::shown(base), source))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    pub(crate) async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Page, Error> {
        self.answer(path, query).await.1
    }

    /// One page, with retries, and what came of the last one.
    pub(crate) async fn answer(&self, path: &str, query: &[(&str, &str)]) -> (Body, Result<Page, Error>) {
        let url = match self.address(path, query) {
            Ok(url) => url,
            Err(error) => return (Body::default(), Err(error)),
        };
        // A client without a pace, as in tests, still pauses a little before it repeats itself.
        let pause = self.pace.interval().saturating_mul(4).max(Duration::from_millis(20));
        let backoff = ExponentialBuilder::new()
            .with_jitter()
            .with_min_delay(pause)
            .with_factor(2.0)
            .with_max_delay(LONGEST_WAIT)
            .with_max_times(self.retries);
        let answer = (|| self.attempt(&url))
            .retry(backoff)
            .when(|(_, error): &(Body, Error)| error.is_transient())
            .adjust(|(_, error), pause| match error {
                Error::Unavailable { retry_after: Some(asked), .. } => {
                    pause.map(|pause| pause.max(*asked)).filter(|pause| *pause <= LONGEST_WAIT)
                }
                _ => pause,
            })
            .notify(|(_, error), pause| {
                let (url, pause_ms) = (site::shown(&url), pause.as_millis());
                tracing::warn!(url, error = error.kind(), pause_ms, "{error}; trying again");
            })
            .await;
        match answer {
            Ok((body, page)) => (body, Ok(page)),
            Err((body, error)) => (body, Err(error)),
        }
    }

    async fn attempt(&self, url: &Url) -> Result<(Body, Page), (Body, Error)> {
        let refused = || Error::Blocked { url: Some(site::shown(url)) };
        let mut body = Body::default();
        if self.is_refused() {
            return Err((body, refused()));
        }
        let page = match site::get(&self.http, &self.pace, url, &mut body).await {
            Ok(()) => Page::parse(&body.bytes),
            Err(error) => {
                match &error {
                    Error::Blocked { .. } => self.refused(url, body.latency),
                    Error::Unavailable { retry_after: Some(asked), .. } => {
                        self.pace.hold((*asked).min(LONGEST_WAIT));
                    }
                    _ => {}
                }
                return Err((body, error));
            }
        };
        match page {
            Page::Blocked => {
                self.refused(url, body.latency);
                return Err((body, refused()));
            }
            // Whatever this is, the site is not serving its pages; it may be a challenge in words that nobody knows yet.
            Page::Other => self.refused(url, body.latency),
            _ => self.refusals().count = 0,
        }
        Ok((body, page))
    }

    fn refused(&self, url: &Url, latency: Duration) {
        let mut refusals = self.refusals();
        let sent = Instant::now().checked_sub(latency);
        if refusals.last.is_some_and(|last| sent.is_none_or(|sent| sent < last)) {
            return;
        }
        *refusals = CircuitBreaker { count: refusals.count + 1, last: Some(Instant::now()) };
        if refusals.count < REFUSALS {
            self.pace.hold(self.pace.interval().saturating_mul(PAUSE).min(LONGEST_WAIT));
        } else {
            let url = site::shown(url);
            tracing::error!(url, "the site refused {REFUSALS} requests in a row; this client sends no more");
        }
    }

    fn refusals(&self) -> MutexGuard<'_, CircuitBreaker> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn invalid(
    setting: &'static str,
    value: &str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::InvalidSetting { setting, value: value.to_owned(), source: Some(Box::new(source)) }
}
