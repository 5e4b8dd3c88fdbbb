//! The lake: five tables, the objects that hold them, the steps from one layer to the next, and a lake in a directory.

#[cfg(feature = "pages")]
pub(crate) mod archive;
pub(crate) mod batch;
#[cfg(feature = "lake")]
pub(crate) mod history;
pub(crate) mod key;
pub(crate) mod profile;
pub(crate) mod quality;
pub(crate) mod steps;
#[cfg(feature = "lake")]
pub(crate) mod store;
pub(crate) mod table;

#[cfg(feature = "pages")]
pub use archive::Archive;
pub use batch::{Batch, parquet};
#[cfg(feature = "lake")]
pub use history::{
    Change, Fact, History, Observation, Rebuilt, Series, Unread, changes, facts, sessions_between,
};
pub use key::{Key, Sidecar};
pub use profile::{ColumnStats, Finding, Profile, Unknown, profile};
pub use quality::{CONTRADICTION, Doubted, dedup_strictly, doubts, rejected_lines, strictly};
pub use steps::{Prepared, Rejected, SorRow, captured, dedup, prep, rejected_line, sor_row, specialize};
#[cfg(feature = "lake")]
pub use store::{ClassCounts, Directory, Failure, PageCounts, Progress, Report, RunOptions};
pub use table::{Layer, PARTITION, Row, TABLES, Table, class_word, partition, ticker};
