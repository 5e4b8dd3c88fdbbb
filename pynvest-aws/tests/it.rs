//! One integration binary: the day from event to event, stopped and repeated anywhere, and everything that may go wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails in a helper fails the test")]

#[path = "it/appended.rs"]
mod appended;
#[path = "it/aws.rs"]
mod aws;
#[path = "it/crashes.rs"]
mod crashes;
#[path = "it/day.rs"]
mod day;
#[path = "it/failures.rs"]
mod failures;
#[path = "it/healed.rs"]
mod healed;
#[path = "it/kept_pages.rs"]
mod kept_pages;
#[path = "it/lab.rs"]
mod lab;
#[path = "it/lists.rs"]
mod lists;
#[path = "it/program.rs"]
mod program;
#[path = "it/reconciliation.rs"]
mod reconciliation;
#[path = "it/schemas.rs"]
mod schemas;
#[path = "it/waiting.rs"]
mod waiting;
#[path = "it/whole.rs"]
mod whole;
