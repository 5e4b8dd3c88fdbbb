//! Reads tickers as people write them: as B3 does, or with the suffix of foreign sites.

use pynvest::Ticker;
use pynvest::record::InvalidTicker;

/// `PETR4`, `petr4` or `PETR4.SA`.
pub(crate) fn ticker(text: &str) -> Result<Ticker, InvalidTicker> {
    bare(text).parse()
}

/// A ticker without the suffix of foreign sites.
pub(crate) fn bare(text: &str) -> &str {
    match text.split_at_checked(text.len().saturating_sub(3)) {
        Some((bare, ending)) if ending.eq_ignore_ascii_case(".sa") => bare,
        _ => text,
    }
}
