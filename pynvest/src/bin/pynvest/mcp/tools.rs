//! The seven tools, one file each: what each takes, what it answers, and how.

pub(crate) mod changes;
pub(crate) mod describe;
pub(crate) mod dividends;
pub(crate) mod find_ticker;
pub(crate) mod fundamentals;
pub(crate) mod history;
pub(crate) mod screen;
pub(crate) mod screen_rows;
