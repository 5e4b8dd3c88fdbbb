//! Many days of a lake: values over time, changes from one day to the next, and the calendar of B3.

pub(crate) mod calendar;
pub(crate) mod changes;
pub(crate) mod facts;
pub(crate) mod groups;
pub(crate) mod ledger;
pub(crate) mod reader;
pub(crate) mod stretches;

pub use changes::{Change, changes};
pub use facts::Rebuilt;
pub use reader::{History, Observation, Series, Unread};
pub use stretches::{Fact, facts};
