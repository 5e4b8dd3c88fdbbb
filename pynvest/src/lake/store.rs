//! A lake in a directory: days from the site or from saved pages, published at once.

pub(crate) mod capture;
pub(crate) mod check;
pub(crate) mod day;
pub(crate) mod directory;
pub(crate) mod from_pages;
pub(crate) mod from_site;
pub(crate) mod judgement;
pub(crate) mod last_day;
pub(crate) mod merge;
pub(crate) mod options;
pub(crate) mod report;
pub(crate) mod saved_page;
pub(crate) mod spool;

pub use check::{CheckedDay, Health, Problem};
pub use directory::Directory;
pub use options::RunOptions;
pub use report::{ClassCounts, Failure, PageCounts, Progress, Report, Stopped};
