//! What a pair is: a label and the value beside it.

/// A label of a details page, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Pair {
    /// The label as printed, white space collapsed; blank in a few places.
    pub label: String,
    /// 1 for the first pair with this label on the page, 2 for the second.
    pub occurrence: usize,
    /// The headings above it, as `Dados demonstrativos de resultados / Últimos 12 meses`.
    pub section: Option<String>,
    /// The value as printed, white space collapsed; blank where the site prints nothing.
    pub value: String,
    /// What the site itself says that the label means.
    pub description: Option<String>,
}
