//! Sources of rows: the site, a lake, and many tickers at once.

pub(crate) mod gather;
pub(crate) mod kept;
pub(crate) mod lake_days;
pub(crate) mod sectors;
pub(crate) mod session;
pub(crate) mod sidecars;
pub(crate) mod site;
pub(crate) mod ticker;
