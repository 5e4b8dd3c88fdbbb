//! What a record is: its columns, declared once, what the text of a cell means, and the papers that have them.
//!
//! The ground floor: the other rooms stand on it, and it knows none of them.

pub(crate) mod bounds;
pub(crate) mod cell;
pub(crate) mod column;
pub(crate) mod details;
pub(crate) mod doubt;
pub(crate) mod fii;
pub(crate) mod identity;
pub(crate) mod interval;
pub(crate) mod misplaced;
pub(crate) mod paper;
pub(crate) mod quote;
pub(crate) mod stock;
pub(crate) mod ticker;

pub use cell::brasilia;
pub use column::{BadCell, Column, Kind, Presence, Source, Value};
pub use details::Details;
pub use doubt::Doubt;
pub use fii::Fii;
pub use identity::{IDENTITIES, Identity};
pub use interval::Interval;
pub use paper::{Candidate, Class, InvalidClass, Layout};
pub use quote::Quote;
pub use stock::Stock;
pub use ticker::{InvalidTicker, Ticker};
