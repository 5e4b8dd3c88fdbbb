//! HTML: from bytes to tables of cells. Nothing of Fundamentus is known here.

pub(crate) mod decode;
pub(crate) mod grid;
pub(crate) mod reference;
pub(crate) mod tables;
pub(crate) mod tag;
pub(crate) mod tokenizer;
