//! Many days of a lake: values over time and changes from one day to the next.

pub(crate) mod changes;
pub(crate) mod facts;
pub(crate) mod facts_file;
pub(crate) mod intervals;
pub(crate) mod reader;

pub use changes::{Change, changes};
pub use facts::{DerivedFacts, derive_facts};
pub use intervals::{Fact, facts};
pub use reader::{History, Observation, Series, Unread};
