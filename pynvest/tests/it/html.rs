//! The HTML reader against other readers.

#[path = "html/against_html5ever.rs"]
pub(crate) mod against_html5ever;
#[path = "html/tree.rs"]
pub(crate) mod tree;
