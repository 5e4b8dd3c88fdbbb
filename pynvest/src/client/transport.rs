//! Sends requests: retries, pauses and the circuit breaker.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::Url;
use tokio::time::Instant;

use crate::client::rate_limiter::RateLimiter;
use crate::client::silence::Silence;
use crate::client::site::{self, Body};
use crate::client::slot::Slot;
use crate::error::Error;
use crate::page::kind::Page;

/// Circuit breaker: after this many consecutive refusals the client stops. It pauses after each refusal before the last.
/// Requests already in flight when a pause starts are counted once.
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
    /// Whether a proxy has refused, which is asked once and no more.
    denied: AtomicBool,
    silence: Silence,
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
        let mut transport = f.debug_struct("Transport");
        transport.field("base_url", &base_url).field("retries", retries).field("pace", pace);
        transport.field("refusals", refusals).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(
        http: reqwest::Client,
        base_url: Url,
        retries: usize,
        interval: Duration,
        timeout: Duration,
    ) -> Self {
        let (pace, silence) = (RateLimiter::new(interval), Silence::new(timeout));
        Self {
            http,
            base_url,
            retries,
            pace,
            refusals: Mutex::default(),
            denied: AtomicBool::new(false),
            silence,
        }
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
        self.refusals().count >= REFUSALS || self.denied.load(Ordering::Relaxed)
    }

    pub(crate) fn address(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let base = &self.base_url;
        let mut url = base.join(path).map_err(|source| invalid("base_url", &site::shown(base), source))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Whether a request is retried after this many unanswered attempts.
    pub(crate) fn repeats(&self, attempts: usize) -> bool {
        attempts < self.retries && !self.silence.is_long() && !self.is_refused()
    }

    pub(crate) async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Page, Error> {
        self.answer(path, query, &Slot::default()).await.1
    }

    /// One page, with retries, and what came of the last one. A request of many that is not answered is left to whoever asks for
    /// them all.
    pub(crate) async fn answer(
        &self,
        path: &str,
        query: &[(&str, &str)],
        slot: &Slot,
    ) -> (Body, Result<Page, Error>) {
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
        let silent = |error: &Error| matches!(error, Error::TimedOut { .. });
        let answer = (|| self.attempt(&url, slot))
            .retry(backoff)
            .when(|(_, error): &(Body, Error)| error.is_transient() && !(slot.is_shared() && silent(error)))
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

    async fn attempt(&self, url: &Url, slot: &Slot) -> Result<(Body, Page), (Body, Error)> {
        let refused = || Error::Blocked { url: Some(site::shown(url)) };
        let mut body = Body::default();
        let may_send = || match self.is_refused() {
            true if self.denied.load(Ordering::Relaxed) => Err(Error::ProxyRefused { url: site::shown(url) }),
            true => Err(refused()),
            false => Ok(()),
        };
        // Before it waits for its turn, and again then: others may have been refused meanwhile.
        if let Err(error) = may_send() {
            return Err((body, error));
        }
        let came = site::get(&self.http, &self.pace, &self.silence, slot, url, &mut body, may_send).await;
        match &came {
            Err(Error::TimedOut { .. }) => self.silence.timed_out(),
            Err(Error::Connection { .. }) => {}
            _ => self.silence.answered(),
        }
        let page = match came {
            Ok(()) => Page::parse(&body.bytes),
            Err(error) => {
                match &error {
                    // Nothing was sent.
                    _ if self.is_refused() => {}
                    Error::Blocked { .. } => self.refused(url, body.latency),
                    Error::ProxyRefused { .. } => self.denied.store(true, Ordering::Relaxed),
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
