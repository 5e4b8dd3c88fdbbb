//! What the lake is: five tables, the files they are kept in, and the steps from one layer to the next.

pub(crate) mod batch;
pub(crate) mod doubts;
pub(crate) mod profile;
pub(crate) mod steps;
pub(crate) mod table;

pub use batch::Batch;
pub use doubts::{Doubted, doubts, strictly};
pub use profile::{Filled, Finding, Profile, Unknown, profile};
pub use steps::{Prepared, Rejected, SorRow, dedup, prep, sor_row, specialize};
pub use table::{Layer, PARTITION, Row, TABLES, Table, partition, ticker};
