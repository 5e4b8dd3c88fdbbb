//! One integration binary: the day from event to event, stopped and repeated anywhere, and everything that may go wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails in a helper fails the test")]

#[path = "it/aws.rs"]
mod aws;
#[path = "it/crashes.rs"]
mod crashes;
#[path = "it/day.rs"]
mod day;
#[path = "it/failures.rs"]
mod failures;
#[path = "it/lab.rs"]
mod lab;
#[path = "it/program.rs"]
mod program;
#[path = "it/reconciliation.rs"]
mod reconciliation;
#[path = "it/whole.rs"]
mod whole;
