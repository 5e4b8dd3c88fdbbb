//! Output: tables, files, charts and reports.

pub(crate) mod chart;
pub(crate) mod help;
pub(crate) mod listing;
pub(crate) mod output;
pub(crate) mod page;
pub(crate) mod parts;
pub(crate) mod report;
pub(crate) mod said;
pub(crate) mod sections;
pub(crate) mod side_by_side;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod usage;
pub(crate) mod xlsx;
