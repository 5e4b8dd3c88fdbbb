//! Sources of rows: the site, a lake, and many tickers at once.

pub(crate) mod gather;
pub(crate) mod lake_days;
pub(crate) mod site;
