//! Not public: the steps of a day, shared with `pynvest-aws`, the program and the tests of this repository.
//!
//! It is hidden from the documentation, and any release may change it.

#[cfg(feature = "pages")]
pub use crate::lake::archive::Archive;
pub use crate::lake::batch::{glue_columns, parquet};
#[cfg(feature = "lake")]
pub use crate::lake::history::calendar::sessions_between;
pub use crate::lake::key::{Key, Sidecar, keeps};
pub use crate::lake::quality::{CONTRADICTION, dedup_strictly, rejected_lines, strictly};
pub use crate::lake::steps::{
    Prepared, Rejected, RejectedRow, SorRow, captured, dedup, prep, rejected_line, sor_row, specialize,
};
pub use crate::lake::table::{class_word, partition, ticker};
pub use crate::record::rules::identity::{IDENTITIES, Identity};
