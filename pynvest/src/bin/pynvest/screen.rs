//! Screens over rows: conditions, ranks, and the figures that they need.

pub(crate) mod condition;
pub(crate) mod figures;
pub(crate) mod rank;
