//! HTML: from bytes to tables of cells. Knows nothing of Fundamentus.

pub(crate) mod decode;
pub(crate) mod grid;
#[cfg(test)]
mod html5lib;
pub(crate) mod tables;
pub(crate) mod tag;
pub(crate) mod tokenizer;
