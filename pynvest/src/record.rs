//! Records: columns, declared once; the meaning of a cell's text; and the securities.
//!
//! The lowest module: all others use it, and it uses none of them.

pub(crate) mod cell;
pub(crate) mod column;
pub(crate) mod details;
pub(crate) mod doubt;
pub(crate) mod fii;
pub(crate) mod form;
pub(crate) mod pairs;
pub(crate) mod quote;
pub(crate) mod rules;
pub(crate) mod security;
pub(crate) mod spelling;
pub(crate) mod stock;
pub(crate) mod ticker;
pub(crate) mod value;

pub use cell::brasilia;
pub use column::{Better, Column, Section, Source};
pub use details::Details;
pub use doubt::{Doubt, Severity};
pub use fii::Fii;
pub use fii::composition::{Composition, InvalidComposition, Part};
pub use form::Form;
pub use pairs::InvalidPair;
pub use quote::Quote;
// For `lake::pipeline`, which not every build has.
#[doc(hidden)]
pub use rules::identity::{IDENTITIES, Identity};
pub use security::{Candidate, Class, Filter, Layout, Sector, Segment};
pub use spelling::InvalidWord;
// For the program and the functions on AWS.
#[doc(hidden)]
pub use spelling::one_or_many;
pub use stock::Stock;
pub use ticker::{InvalidTicker, Ticker};
pub use value::{BadCell, Kind, Value};
