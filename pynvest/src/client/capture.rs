//! A details page as it was captured from the site.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::page::sheet::Sheet;
use crate::record::ticker::Ticker;

/// A captured details page: its bytes, its time, and its labels and values.
///
/// A page that is cut or unreadable is captured too, so that another version can read it later.
#[derive(Debug)]
#[non_exhaustive]
pub struct Capture {
    /// The requested ticker.
    pub ticker: Ticker,
    /// When the last answer came, at -03:00.
    pub captured_at: DateTime<FixedOffset>,
    /// The response time, from the start of the request to the last byte.
    pub latency: Duration,
    /// The last answer as it came; empty if there was none.
    pub bytes: Vec<u8>,
    /// Its labels and values, or why there are none.
    pub sheet: Result<Sheet, Error>,
}
