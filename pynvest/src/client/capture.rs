//! A details page as it was captured from the site.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

use crate::error::Error;
use crate::page::sheet::Sheet;
use crate::record::ticker::Ticker;

/// A details page: its bytes, when they came, and what could be read of them.
///
/// A page that is cut or cannot be read is here too, so that it can be kept and read again by another version.
#[derive(Debug)]
#[non_exhaustive]
pub struct Capture {
    /// The ticker that was asked for.
    pub ticker: Ticker,
    /// When the last answer came, at -03:00.
    pub captured_at: DateTime<FixedOffset>,
    /// How long the site took for it: from the start of its request to the last byte.
    pub latency: Duration,
    /// The last answer as it came; empty if there was none.
    pub bytes: Vec<u8>,
    /// Its labels and values, or why there are none.
    pub sheet: Result<Sheet, Error>,
}
