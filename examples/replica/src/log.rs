//! Knows who asked for what and when, and how many at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// One request the replica received.
#[derive(Clone, Debug)]
pub struct Request {
    /// The path without its slash: `detalhes.php`.
    pub path: Arc<str>,
    /// The query string as it came.
    pub query: Arc<str>,
    /// The `papel` of the query, trimmed and in capitals.
    pub ticker: Option<Arc<str>>,
    /// When the request was read, before any delay.
    pub at: Instant,
    /// The `User-Agent` header.
    pub user_agent: Option<Arc<str>>,
    /// The `Cookie` header.
    pub cookie: Option<Arc<str>>,
    /// The status sent; `None` while there is no answer, and forever after a reset.
    pub status: Option<u16>,
}

/// Every request so far, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: Vec<Request>,
    /// Each text is kept once, however many requests repeat it.
    texts: HashSet<Arc<str>>,
}

/// The texts of a request, before the log keeps them.
pub(crate) struct Arrival<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) ticker: Option<&'a str>,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) cookie: Option<&'a str>,
}

impl Log {
    /// Notes a request, and returns its number.
    pub(crate) fn arrive(&mut self, arrival: &Arrival<'_>) -> usize {
        let request = Request {
            path: self.keep(arrival.path),
            query: self.keep(arrival.query),
            ticker: arrival.ticker.map(|text| self.keep(text)),
            at: Instant::now(),
            user_agent: arrival.user_agent.map(|text| self.keep(text)),
            cookie: arrival.cookie.map(|text| self.keep(text)),
            status: None,
        };
        self.requests.push(request);
        self.requests.len() - 1
    }

    /// Notes the status of the answer to request `number`.
    pub(crate) fn answer(&mut self, number: usize, status: u16) {
        if let Some(request) = self.requests.get_mut(number) {
            request.status = Some(status);
        }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.clone()
    }

    fn keep(&mut self, text: &str) -> Arc<str> {
        if let Some(kept) = self.texts.get(text) {
            return Arc::clone(kept);
        }
        let kept: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&kept));
        kept
    }
}

/// How many requests are being answered, and how many were at most.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    now: AtomicUsize,
    peak: AtomicUsize,
}

/// A request being answered, until it is dropped.
pub(crate) struct Flight<'a>(&'a Traffic);

impl Traffic {
    pub(crate) fn enter(&self) -> Flight<'_> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        Flight(self)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}
