//! Counts unanswered requests in a row: whether the site answers at all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After this many requests in a row without an answer the whole site counts as silent, not only some of its pages.
const IN_A_ROW: u32 = 40;
/// After this many timeouts without any answer, requests are no longer retried.
const TIMEOUTS: u32 = 10;

/// The requests since the last answer.
#[derive(Debug)]
pub(crate) struct Silence {
    since: Mutex<(u32, Instant)>,
    timeout: Duration,
}

impl Silence {
    /// `timeout` is the longest time for one answer.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { since: Mutex::new((0, Instant::now())), timeout }
    }

    pub(crate) fn answered(&self) {
        *self.since() = (0, Instant::now());
    }

    pub(crate) fn timed_out(&self) {
        let mut since = self.since();
        since.0 = since.0.saturating_add(1);
    }

    /// The site answers nothing: no more requests than the places for them are open at the same time.
    pub(crate) fn is_total(&self) -> bool {
        self.since().0 >= IN_A_ROW
    }

    /// It has done so for long.
    pub(crate) fn is_long(&self) -> bool {
        let (silent, since) = *self.since();
        silent >= IN_A_ROW && since.elapsed() > self.timeout.saturating_mul(TIMEOUTS)
    }

    fn since(&self) -> MutexGuard<'_, (u32, Instant)> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
