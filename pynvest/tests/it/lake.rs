//! The lake without a directory: tables, steps, profile.

#[path = "lake/catalogue.rs"]
mod catalogue;
#[path = "lake/layers.rs"]
mod layers;
#[path = "lake/profile.rs"]
mod profile;
#[path = "lake/steps.rs"]
mod steps;
