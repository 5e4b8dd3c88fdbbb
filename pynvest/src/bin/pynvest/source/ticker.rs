//! Reads tickers as people write them: as B3 does, or with the suffix of foreign sites.

use pynvest::Ticker;
use pynvest::record::InvalidTicker;

/// `PETR4`, `petr4` or `PETR4.SA`.
pub(crate) fn ticker(text: &str) -> Result<Ticker, InvalidTicker> {
    let end = text.len().saturating_sub(3);
    match text.split_at_checked(end) {
        Some((bare, ending)) if ending.eq_ignore_ascii_case(".sa") => bare.parse(),
        _ => text.parse(),
    }
}
