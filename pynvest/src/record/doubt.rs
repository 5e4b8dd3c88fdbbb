//! What is odd about a paper, so that nothing is relied on in silence.

use std::fmt;

/// One thing that is odd about a paper: its row is there, and this is what to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Doubt {
    kind: &'static str,
    columns: Vec<&'static str>,
    message: String,
}

impl Doubt {
    pub(crate) fn new(kind: &'static str, columns: Vec<&'static str>, message: String) -> Self {
        Self { kind, columns, message }
    }

    /// A stable word for what is odd: `missing_label`, `unknown_label`, …
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The catalogue names of the columns that it is about.
    pub fn columns(&self) -> &[&'static str] {
        &self.columns
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
