//! Output: tables, files, charts and reports.

pub(crate) mod chart;
pub(crate) mod listing;
pub(crate) mod output;
pub(crate) mod report;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod xlsx;
