//! One integration binary: whole pages, a faulty site, damaged bytes, and the repository itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails in a helper fails the test")]

#[path = "it/captures.rs"]
mod captures;
#[cfg(feature = "parquet")]
#[path = "it/catalogue.rs"]
mod catalogue;
#[path = "it/changed_lists.rs"]
mod changed_lists;
#[path = "it/changes.rs"]
mod changes;
#[cfg(feature = "client")]
#[path = "it/client.rs"]
mod client;
#[path = "it/damage.rs"]
mod damage;
#[cfg(feature = "parquet")]
#[path = "it/doubts.rs"]
mod doubts;
#[cfg(feature = "parquet")]
#[path = "it/lake.rs"]
mod lake;
#[cfg(feature = "parquet")]
#[path = "it/layers.rs"]
mod layers;
#[path = "it/pages.rs"]
mod pages;
#[cfg(feature = "parquet")]
#[path = "it/profile.rs"]
mod profile;
#[cfg(feature = "cli")]
#[path = "it/program.rs"]
mod program;
#[path = "it/reader.rs"]
mod reader;
#[path = "it/shapes.rs"]
mod shapes;
#[path = "it/tidy.rs"]
mod tidy;
#[path = "it/tree.rs"]
mod tree;
#[cfg(feature = "client")]
#[path = "it/wire.rs"]
mod wire;
#[path = "it/writings.rs"]
mod writings;
