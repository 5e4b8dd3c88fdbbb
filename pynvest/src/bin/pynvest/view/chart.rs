//! Charts, and how they are drawn as an image or in a terminal.

pub(crate) mod dots;
pub(crate) mod image;
pub(crate) mod picture;
