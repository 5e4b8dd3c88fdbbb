//! What a doubt is: something odd about a security that is no reason to refuse it.

use std::fmt;

use crate::record::cell;
use crate::record::column::Column;
use crate::record::spelling;
use crate::record::value::{Kind, Value};

/// Severity of a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(any(feature = "serde", feature = "parquet"), derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(any(feature = "serde", feature = "parquet"), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; no value is affected.
    Info,
    /// Unusual: the rule is statistical, or was measured on fewer than 1,000 pages.
    #[default]
    Suspicious,
    /// Impossible: arithmetic or a definition, and broken on none of at least 1,000 real pages.
    Contradiction,
}

impl Severity {
    /// The pages on which a rule must have held before breaking it is a contradiction.
    pub(crate) const PROVED: u32 = 1_000;

    /// The severity of a rule of arithmetic, or of a definition, that held on this many real pages.
    pub(crate) const fn measured(pages: u32) -> Self {
        if pages >= Self::PROVED { Self::Contradiction } else { Self::Suspicious }
    }

    /// The severity in one word: `info`, `suspicious` or `contradiction`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Suspicious => "suspicious",
            Self::Contradiction => "contradiction",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A doubt about a security, to read before relying on its figures. The values are kept as printed.
///
/// Its text is one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(feature = "serde", feature = "parquet"), derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Doubt {
    /// A stable word: the code of an accounting identity that does not hold, such as `price_to_earnings`,
    /// [`DAMAGED_TEXT`](Self::DAMAGED_TEXT), [`REPEATED_AMOUNT`](Self::REPEATED_AMOUNT),
    /// [`OUT_OF_PLACE`](Self::OUT_OF_PLACE), [`IMPLAUSIBLE`](Self::IMPLAUSIBLE),
    /// [`PRINTED_OTHERWISE`](Self::PRINTED_OTHERWISE), [`NO_FOOTER`](Self::NO_FOOTER),
    /// [`MISSING_LABEL`](Self::MISSING_LABEL) or [`UNKNOWN_LABEL`](Self::UNKNOWN_LABEL).
    pub kind: String,
    /// How much it weighs. A strict lake rejects only rows with a [contradiction](Severity::Contradiction).
    #[cfg_attr(any(feature = "serde", feature = "parquet"), serde(default))]
    pub severity: Severity,
    /// The catalogue names of the columns that it is about; of an identity every one that takes part.
    pub columns: Vec<String>,
    /// The label that is missing, unknown or printed otherwise, as printed; or [`THOUSANDS`](Self::THOUSANDS) or
    /// [`COLOURS`](Self::COLOURS).
    pub label: Option<String>,
    /// The printed text; `None` for a missing label or value.
    pub printed: Option<String>,
    /// The sentence.
    pub message: String,
    /// The sentence in Portuguese; blank in a doubt of an older lake.
    #[cfg_attr(any(feature = "serde", feature = "parquet"), serde(default))]
    pub portuguese: String,
}

/// The values of a column that are not printed as everywhere else.
#[derive(Debug, Default)]
pub(crate) struct Misprints {
    pub(crate) count: usize,
    /// The first of them.
    pub(crate) example: String,
}

impl Misprints {
    pub(crate) fn add(&mut self, text: &str) {
        if self.count == 0 {
            text.clone_into(&mut self.example);
        }
        self.count += 1;
    }
}

impl Doubt {
    /// A text lost letters in a conversion: it has U+FFFD in it.
    pub const DAMAGED_TEXT: &'static str = "damaged_text";
    /// A value is printed differently than on every other page: other decimals, another colour, blank. It is kept as printed.
    pub const PRINTED_OTHERWISE: &'static str = "printed_otherwise";
    /// The label of a doubt that is about every number of a page: no dots between thousands.
    pub const THOUSANDS: &'static str = "thousands";
    /// The label of a doubt that is about every price change of a page: another colour, or none.
    pub const COLOURS: &'static str = "colours";
    /// The page ends with its data. Nothing is missing, but the last figure may be cut.
    pub const NO_FOOTER: &'static str = "no_footer";
    /// A label of the layout is missing; the column is null.
    pub const MISSING_LABEL: &'static str = "missing_label";
    /// A label that no column reads.
    pub const UNKNOWN_LABEL: &'static str = "unknown_label";
    /// Two columns that have nothing to do with each other print the same amount to the last digit.
    pub const REPEATED_AMOUNT: &'static str = "repeated_amount";
    /// A name that is a number, a percentage or a day, or a ticker without a digit.
    pub const OUT_OF_PLACE: &'static str = "out_of_place";
    /// A figure that the other figures of the page rule out: a part larger than its whole, a negative yield, a quarter above its
    /// year, an EBITDA above the revenue, results shifted by a row, a missing figure that every page prints.
    pub const IMPLAUSIBLE: &'static str = "implausible";

    pub(crate) fn repeated(one: &Column, other: &Column, amount: &str) -> Self {
        Self {
            kind: Self::REPEATED_AMOUNT.to_owned(),
            severity: Severity::Suspicious,
            columns: vec![one.name.to_owned(), other.name.to_owned()],
            label: None,
            printed: Some(amount.to_owned()),
            message: format!("{} and {} are both {amount}, to the last digit", one.source, other.source),
            portuguese: format!(
                "{} e {} são ambos {}, até o último dígito",
                one.source.portuguese(),
                other.source.portuguese(),
                cell::with_comma(amount)
            ),
        }
    }

    pub(crate) fn out_of_place(column: &Column, text: &str) -> Self {
        Self {
            kind: Self::OUT_OF_PLACE.to_owned(),
            severity: Severity::Suspicious,
            columns: vec![column.name.to_owned()],
            label: None,
            printed: Some(text.to_owned()),
            message: format!("{} is `{text}`, which looks like another column's value", column.source),
            portuguese: format!(
                "{} é `{text}`, que parece o valor de outra coluna",
                column.source.portuguese()
            ),
        }
    }

    pub(crate) fn implausible(
        severity: Severity,
        column: &Column,
        value: &Value,
        columns: &[&str],
        (rule, regra): (&str, &str),
    ) -> Self {
        let printed = match (column.kind, value) {
            (Kind::Fraction | Kind::Percent, Value::Decimal(fraction)) => {
                format!("{}%", cell::points(*fraction))
            }
            _ => value.to_string(),
        };
        Self {
            kind: Self::IMPLAUSIBLE.to_owned(),
            severity,
            columns: columns.iter().copied().map(str::to_owned).collect(),
            label: None,
            message: format!(
                "{} is printed as {printed}, which contradicts the page's other figures: {rule}",
                column.source
            ),
            portuguese: format!(
                "{} está impresso como {}, o que contradiz os outros números da página: {regra}",
                column.source.portuguese(),
                match value {
                    Value::Date(day) => day.format("%d/%m/%Y").to_string(),
                    _ => cell::with_comma(&printed),
                }
            ),
            printed: Some(printed),
        }
    }

    /// About some columns of a list, or all of it; `printed` is the ticker of a row that shows it.
    pub(crate) fn listed(
        columns: &[&Column],
        ticker: Option<&str>,
        message: String,
        portuguese: String,
    ) -> Self {
        Self {
            kind: Self::IMPLAUSIBLE.to_owned(),
            severity: Severity::Suspicious,
            columns: columns.iter().map(|column| column.name.to_owned()).collect(),
            label: None,
            printed: ticker.map(str::to_owned),
            message,
            portuguese,
        }
    }

    /// The ticker of the row of a list that is the sum or the mean of all others.
    #[cfg(feature = "parquet")]
    pub(crate) fn total(&self) -> Option<&str> {
        self.printed.as_deref().filter(|_| self.kind == Self::IMPLAUSIBLE && self.columns.is_empty())
    }

    pub(crate) fn damaged(column: &Column, text: &str) -> Self {
        Self {
            kind: Self::DAMAGED_TEXT.to_owned(),
            severity: Severity::Suspicious,
            columns: vec![column.name.to_owned()],
            label: None,
            printed: Some(text.to_owned()),
            message: format!("`{text}` in column {} lost letters in a conversion", column.name),
            portuguese: format!("`{text}` na coluna {} perdeu letras em uma conversão", column.name),
        }
    }

    /// About a column of a table whose figures are printed differently than in every other table of its kind, in `count` rows.
    pub(crate) fn misprinted(
        column: &str,
        label: &str,
        expected: &'static str,
        odd: &Misprints,
        rows: usize,
    ) -> Self {
        let Misprints { count, example } = odd;
        Self {
            kind: Self::PRINTED_OTHERWISE.to_owned(),
            severity: Severity::Suspicious,
            columns: vec![column.to_owned()],
            label: Some(label.to_owned()),
            printed: Some(example.clone()),
            message: format!("`{label}` is not {expected} in {count} of {rows} rows, as in `{example}`"),
            portuguese: format!(
                "`{label}` não é {} em {count} de {rows} linhas, como em `{example}`",
                spelling::in_portuguese(expected)
            ),
        }
    }

    /// About a page that ends with its data.
    pub(crate) fn no_footer() -> Self {
        Self {
            kind: Self::NO_FOOTER.to_owned(),
            severity: Severity::Suspicious,
            columns: Vec::new(),
            label: None,
            printed: None,
            message: "the page ends with its data: rows may be missing, and the last value may be cut"
                .to_owned(),
            portuguese:
                "a página termina com seus dados: podem faltar linhas, e o último valor pode estar cortado"
                    .to_owned(),
        }
    }

    /// About a label that is gone, and the columns that it leaves empty.
    #[cfg(feature = "parquet")]
    pub(crate) fn missing(columns: &[&str], label: &str) -> Self {
        Self {
            kind: Self::MISSING_LABEL.to_owned(),
            severity: Severity::Suspicious,
            columns: columns.iter().copied().map(str::to_owned).collect(),
            label: Some(label.to_owned()),
            printed: None,
            message: format!("the page has no `{label}`"),
            portuguese: format!("a página não tem `{label}`"),
        }
    }

    /// About a label that no column reads: its value, and the site's description of it.
    #[cfg(feature = "parquet")]
    pub(crate) fn unknown(label: &str, value: &str, description: Option<&str>) -> Self {
        let description = description.map_or_else(String::new, |text| format!(": {text}"));
        Self {
            kind: Self::UNKNOWN_LABEL.to_owned(),
            severity: Severity::Info,
            columns: Vec::new(),
            label: Some(label.to_owned()),
            printed: Some(value.to_owned()),
            message: format!("unknown label `{label}` (value `{value}`){description}"),
            portuguese: format!("rótulo desconhecido `{label}` (valor `{value}`){description}"),
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
