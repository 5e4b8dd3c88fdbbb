//! Screens over rows: conditions, ranks, and the figures that they need.

pub(crate) mod condition;
pub(crate) mod figures;
pub(crate) mod holdings;
pub(crate) mod median;
pub(crate) mod order;
pub(crate) mod payments;
pub(crate) mod rank;
pub(crate) mod sector;
pub(crate) mod splits;
pub(crate) mod written;
