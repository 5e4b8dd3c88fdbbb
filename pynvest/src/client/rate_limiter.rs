//! Rate limiter: when the next request of a client may start.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex as Lock, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// As good as never.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// One pace for first requests, repeated ones and redirects alike.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    interval: Duration,
    /// When the next request may start. Who waits for that moment holds the lock, so that the others queue behind.
    next: Mutex<Option<Instant>>,
    /// Before this moment nobody sends: the site has asked for a pause.
    held: Lock<Option<Instant>>,
    requests: AtomicU64,
}

impl RateLimiter {
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, next: Mutex::new(None), held: Lock::new(None), requests: AtomicU64::new(0) }
    }

    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// How many requests have started.
    #[cfg(feature = "lake")]
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts one request.
    pub(crate) fn sent(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for the turn of one request. The moment is taken before the request is sent, so that one
    /// that fails at once is paced too.
    pub(crate) async fn turn(&self) {
        let mut next = self.next.lock().await;
        // A pause may be asked for while this one waits.
        while let Some(turn) = (*next).max(self.held()).filter(|turn| *turn > Instant::now()) {
            sleep_until(turn).await;
        }
        *next = later(self.interval);
    }

    /// Nobody sends before this much time has passed.
    pub(crate) fn hold(&self, pause: Duration) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = (*held).max(later(pause));
    }

    fn held(&self) -> Option<Instant> {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(pause: Duration) -> Option<Instant> {
    let now = Instant::now();
    now.checked_add(pause).or_else(|| now.checked_add(FAR))
}
