//! The report as one HTML page: what it shows, its words, and how it is written.

pub(crate) mod curve;
pub(crate) mod grid;
pub(crate) mod model;
pub(crate) mod render;
pub(crate) mod words;
