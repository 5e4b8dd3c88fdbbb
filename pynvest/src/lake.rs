//! What the lake is: five tables, the objects they are kept in, the steps from one layer to the next, and the lake in a
//! directory.

#[cfg(feature = "pages")]
pub(crate) mod archive;
#[cfg(feature = "lake")]
pub(crate) mod ask;
pub(crate) mod batch;
#[cfg(feature = "lake")]
pub(crate) mod calendar;
#[cfg(feature = "lake")]
pub(crate) mod changes;
#[cfg(feature = "lake")]
pub(crate) mod day;
#[cfg(feature = "lake")]
pub(crate) mod directory;
pub(crate) mod doubts;
#[cfg(feature = "lake")]
pub(crate) mod facts;
#[cfg(feature = "lake")]
pub(crate) mod groups;
#[cfg(feature = "lake")]
pub(crate) mod history;
#[cfg(feature = "lake")]
pub(crate) mod journal;
pub(crate) mod key;
#[cfg(feature = "lake")]
pub(crate) mod ledger;
#[cfg(feature = "lake")]
pub(crate) mod merge;
#[cfg(feature = "lake")]
pub(crate) mod paper;
pub(crate) mod profile;
#[cfg(feature = "lake")]
pub(crate) mod read;
#[cfg(feature = "lake")]
pub(crate) mod report;
#[cfg(feature = "lake")]
pub(crate) mod run;
#[cfg(feature = "lake")]
pub(crate) mod saved;
pub(crate) mod steps;
#[cfg(feature = "lake")]
pub(crate) mod stretches;
pub(crate) mod table;

#[cfg(feature = "pages")]
pub use archive::Archive;
pub use batch::{Batch, parquet};
#[cfg(feature = "lake")]
pub use calendar::sessions_between;
#[cfg(feature = "lake")]
pub use changes::{Change, changes};
#[cfg(feature = "lake")]
pub use directory::Directory;
pub use doubts::{CONTRADICTION, Doubted, dedup_strictly, doubts, rejected_lines, strictly};
#[cfg(feature = "lake")]
pub use facts::Rebuilt;
#[cfg(feature = "lake")]
pub use history::{History, Past, Point, Unread};
pub use key::{Beside, Key};
pub use profile::{Filled, Finding, Profile, Unknown, profile};
#[cfg(feature = "lake")]
pub use report::{Failure, Files, OfClass, Progress, Report};
#[cfg(feature = "lake")]
pub use run::Run;
pub use steps::{Prepared, Rejected, SorRow, captured, dedup, prep, rejected_line, sor_row, specialize};
#[cfg(feature = "lake")]
pub use stretches::{Fact, facts};
pub use table::{Layer, PARTITION, Row, TABLES, Table, class_word, partition, ticker};
