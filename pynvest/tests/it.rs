//! One integration binary. Its folders mirror the rooms of the crate: a new test goes where its subject lives.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails in a helper fails the test")]

#[cfg(feature = "client")]
#[path = "it/client.rs"]
mod client;
#[path = "it/html.rs"]
mod html;
#[cfg(feature = "parquet")]
#[path = "it/lake.rs"]
mod lake;
#[cfg(feature = "mcp")]
#[path = "it/mcp.rs"]
mod mcp;
#[path = "it/page.rs"]
mod page;
#[cfg(feature = "cli")]
#[path = "it/program.rs"]
mod program;
#[cfg(feature = "parquet")]
#[path = "it/record.rs"]
mod record;
#[path = "it/tidy.rs"]
mod tidy;
