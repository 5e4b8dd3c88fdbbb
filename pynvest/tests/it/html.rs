//! The HTML reader against other readers.

#[path = "html/against_html5ever.rs"]
pub(crate) mod against_html5ever;
#[cfg(feature = "cli")]
#[path = "html/pairs.rs"]
pub(crate) mod pairs;
