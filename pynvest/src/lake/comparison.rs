//! Compares a day with the last one, security by security, and decides whether that much may change at once.

mod columns;
pub(crate) mod day;
pub(crate) mod days;
pub(crate) mod list;
pub(crate) mod moves;
mod quotes;
mod securities;
mod units;
