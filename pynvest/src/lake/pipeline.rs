//! Not public: the steps of a day, shared with `pynvest-aws`, the program and the tests of this repository.
//!
//! It is hidden from the documentation, and any release may change it.

#[cfg(feature = "pages")]
pub use crate::lake::archive::Archive;
#[cfg(feature = "pages")]
pub use crate::lake::archive::unpack::{Entry, Survey, entries, survey};
pub use crate::lake::batch::{KeptColumns, glue_columns, parquet};
pub use crate::lake::calendar::sessions_between;
pub use crate::lake::comparison::day::{agrees, compare};
pub use crate::lake::comparison::days::FROZEN;
pub use crate::lake::comparison::list::{ListBefore, ListMemory, ListVerdict};
pub use crate::lake::key::{Key, Sidecar, day_of, keeps};
pub use crate::lake::quality::{dedup_strictly, rejected_lines, strictly};
pub use crate::lake::sealed::line as sealed_line;
pub use crate::lake::steps::{
    Prepared, Reason, Rejected, RejectedRow, SorRow, captured, dedup, prep, rejected_line, sor_row,
    specialize,
};
#[cfg(feature = "lake")]
pub use crate::lake::store::saved_page::{bytes_of, is_page};
pub use crate::lake::table::{LISTED, class_word, partition, ticker};
pub use crate::page::listing::{Figures, Listing};
pub use crate::record::rules::identity::{IDENTITIES, Identity};
