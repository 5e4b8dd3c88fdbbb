//! Whole pages: read, changed, damaged, written in other ways.

#[path = "page/captures.rs"]
pub(crate) mod captures;
#[path = "page/changed_lists.rs"]
mod changed_lists;
#[path = "page/changed_pages.rs"]
pub(crate) mod changed_pages;
#[path = "page/composition.rs"]
mod composition;
#[path = "page/damage.rs"]
mod damage;
#[path = "page/hidden.rs"]
mod hidden;
#[path = "page/pages.rs"]
mod pages;
#[path = "page/printed_otherwise.rs"]
mod printed_otherwise;
#[path = "page/shapes.rs"]
mod shapes;
#[path = "page/writings.rs"]
mod writings;
