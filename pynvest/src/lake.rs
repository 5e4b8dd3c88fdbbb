//! The lake: five tables, the objects that hold them, the steps from one layer to the next, and a lake in a directory.

#[cfg(feature = "pages")]
pub(crate) mod archive;
pub(crate) mod batch;
pub(crate) mod calendar;
pub(crate) mod comparison;
#[cfg(feature = "lake")]
pub(crate) mod history;
pub(crate) mod key;
#[doc(hidden)]
pub mod pipeline;
pub(crate) mod profile;
#[cfg(feature = "lake")]
pub(crate) mod projection;
pub(crate) mod quality;
pub(crate) mod sealed;
pub(crate) mod steps;
#[cfg(feature = "lake")]
pub(crate) mod store;
pub(crate) mod table;

pub use batch::Batch;
#[cfg(feature = "lake")]
pub use history::{
    Change, DerivedFacts, Fact, History, Observation, Series, Unread, changes, derive_facts, facts,
};
pub use profile::{ColumnStats, Finding, Profile, Unknown, profile};
pub use quality::{Doubted, doubts};
#[cfg(feature = "lake")]
pub use store::{
    CheckedDay, ClassCounts, Directory, Failure, Health, PageCounts, Problem, Progress, Report, RunOptions,
    Stopped,
};
pub use table::{Layer, PARTITION, Row, TABLES, Table};
