//! What the values of a record say of each other.

#[path = "record/doubts.rs"]
mod doubts;
