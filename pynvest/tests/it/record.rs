//! What the values of a record say of each other.

#[path = "record/absent.rs"]
mod absent;
#[path = "record/doubts.rs"]
mod doubts;
#[path = "record/systematic.rs"]
pub(crate) mod systematic;
#[path = "record/together.rs"]
mod together;
