//! The lake: tables, steps, profile, and days of a site that is silent.

#[path = "lake/catalogue.rs"]
mod catalogue;
#[path = "lake/comparison.rs"]
mod comparison;
#[cfg(feature = "lake")]
#[path = "lake/cosmetic.rs"]
mod cosmetic;
#[path = "lake/everything.rs"]
mod everything;
#[path = "lake/layers.rs"]
mod layers;
#[cfg(feature = "client")]
#[path = "lake/lists.rs"]
mod lists;
#[path = "lake/printed.rs"]
mod printed;
#[path = "lake/profile.rs"]
mod profile;
#[cfg(feature = "lake")]
#[path = "lake/silence.rs"]
mod silence;
#[path = "lake/steps.rs"]
mod steps;
