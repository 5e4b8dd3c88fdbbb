//! A pair: a label and its value.

/// A label of a details page, and its value.
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
    /// The address that the value links to, as printed, of several the last: a sector, a segment, a report.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub link: Option<String>,
    /// The site's own description of the label.
    pub description: Option<String>,
}
