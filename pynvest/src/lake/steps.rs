//! Steps of a day: pure functions from a page to SoR, to SoT, to Spec, and to one row for each security.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::sealed;
use crate::lake::table::{Layer, Row, Table, ticker};
use crate::page::pair::Pair;
use crate::page::sheet::{Missing, Partial, Sheet};
use crate::record::column::Source;
use crate::record::doubt::Doubt;
use crate::record::fii::Fii;
use crate::record::security::Class;
use crate::record::stock::Stock;
use crate::record::value::{BadCell, Value};

/// Result of [`sor_row`].
#[derive(Debug)]
#[non_exhaustive]
pub struct SorRow {
    /// Every text as printed; null where a label is missing.
    pub row: Row,
    /// Missing and unknown labels, with the value of the unknown ones; an ordinary page has none.
    pub doubts: Vec<Doubt>,
}

/// The SoR row of a details page, captured at that time: every text as printed.
///
/// A label that the site renamed does not cost the lake its day: where at most two labels are missing, those columns are
/// null, and what is missing and what is new is said.
///
/// # Errors
///
/// [`Error::LayoutChanged`] if more is missing, or if the page breaks another rule that all pages keep.
pub fn sor_row(sheet: &Sheet, captured_at: DateTime<FixedOffset>) -> Result<SorRow, Error> {
    let table = Table::of(Layer::Sor, sheet.layout().class());
    let captured_at = captured_at.to_rfc3339();
    let Partial { row, missing, unknown } = sheet.partial_row(table.columns, &captured_at)?;
    let missing = missing.into_iter().map(|Missing { label, columns }| {
        let columns: Vec<_> = columns.into_iter().map(|column| column.name).collect();
        Doubt::missing(&columns, label)
    });
    let unknown = unknown
        .into_iter()
        .map(|Pair { label, value, description, .. }| Doubt::unknown(label, value, description.as_deref()));
    let doubts = missing.chain(unknown).chain(sheet.issues()).collect();
    let row = row.into_iter().map(|text| text.map(|text| Value::Text(text.to_owned()))).collect();
    Ok(SorRow { row, doubts })
}

/// Result of [`prep`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Prepared {
    /// The rows that could be typed, for SoT.
    pub batch: Batch,
    /// The others, to be rejected with their reason.
    pub rejected: Vec<Rejected>,
}

/// A SoR row that cannot be typed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rejected {
    /// Why: the table, the column, the ticker and the text.
    pub reason: Error,
    /// The row as it was.
    pub row: Row,
}

impl Rejected {
    /// The security, as printed; blank if not even that is there.
    pub fn ticker(&self) -> &str {
        ticker(&self.row).unwrap_or_default()
    }

    /// The texts of the row, as printed.
    pub fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.row.iter().map(text)
    }

    /// The row and its reason as JSON in one line, as the lake keeps it under `_rejected`.
    pub fn line(&self) -> String {
        rejected_line(&self.row, Reason::from(&self.reason))
    }
}

/// A rejected row with this reason, as JSON in one line, as [`Rejected::line`] gives it. Typed values are written in English.
pub fn rejected_line(row: &Row, reason: Reason) -> String {
    let line = RejectedRow {
        ticker: ticker(row).unwrap_or_default().to_owned(),
        reason,
        row: row.iter().map(|value| value.as_ref().map(ToString::to_string)).collect(),
    };
    sealed::line(&line)
}

/// A line of `_rejected`: a row that was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The security, as printed.
    pub ticker: String,
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
    /// The texts of the row.
    pub row: Vec<Option<String>>,
}

/// Why a row was rejected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// The sentence in English.
    #[serde(rename = "reason")]
    pub message: String,
    /// The sentence in Portuguese; empty if an older version wrote the line.
    #[serde(default)]
    pub portuguese: String,
}

impl Reason {
    /// A strict reader rejects the row.
    pub fn contradiction() -> Self {
        let [message, portuguese] = ["its figures contradict themselves", "seus números se contradizem"];
        Self { message: message.to_owned(), portuguese: portuguese.to_owned() }
    }
}

impl From<&Error> for Reason {
    fn from(error: &Error) -> Self {
        Self { message: error.to_string(), portuguese: error.portuguese() }
    }
}

impl RejectedRow {
    /// The rows of lines that [`rejected_line`] has made. A line of anybody else accounts for nobody.
    pub fn from_lines(bytes: &[u8]) -> impl Iterator<Item = Self> {
        let lines = bytes.split(|byte| *byte == b'\n');
        lines.filter_map(|line| sealed::from_line(std::str::from_utf8(line).ok()?))
    }
}

/// From SoR to SoT: types every row, exactly as reading the page does. A row that cannot be typed is rejected, and
/// the others go on.
///
/// # Errors
///
/// [`Error::OtherTable`] if the batch is not of a SoR table.
pub fn prep(sor: &Batch) -> Result<Prepared, Error> {
    let (Layer::Sor, Some(class)) = (sor.table.layer, sor.table.class) else {
        return Err(Error::OtherTable { wanted: Layer::Sor.as_str(), found: sor.table.name });
    };
    let mut batch = Batch { table: Table::of(Layer::Sot, class), rows: Vec::new() };
    let mut rejected = Vec::new();
    for row in &sor.rows {
        match typed(class, row) {
            Ok(values) => batch.rows.push(values),
            Err(reason) => rejected.push(Rejected { reason, row: row.clone() }),
        }
    }
    Ok(Prepared { batch, rejected })
}

/// A SoR row with its types.
pub(crate) fn typed(class: Class, row: &Row) -> Result<Row, Error> {
    let texts: Vec<Option<&str>> = row.iter().map(text).collect();
    let typed = match class {
        Class::Stock => Stock::from_row(&texts).map(|stock| stock.values()),
        Class::Fii => Fii::from_row(&texts).map(|fii| fii.values()),
    };
    typed.map_err(|reason| BadCell { record: Table::of(Layer::Sor, class).name, ..reason }.into())
}

fn text(value: &Option<Value>) -> Option<&str> {
    match value {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// From SoT to Spec: the columns that both classes share.
///
/// # Errors
///
/// [`Error::OtherTable`] if the batch is not of a SoT table.
pub fn specialize(sot: &Batch) -> Result<Batch, Error> {
    let (Layer::Sot, Some(class)) = (sot.table.layer, sot.table.class) else {
        return Err(Error::OtherTable { wanted: Layer::Sot.as_str(), found: sot.table.name });
    };
    let table = Table::of(Layer::Spec, class);
    let place = |name| sot.table.columns.iter().position(|column| column.name == name);
    let sources: Vec<Result<Option<usize>, Value>> = table
        .columns
        .iter()
        .map(|column| match (column.source, class) {
            (Source::Lake(name, _), Class::Stock) | (Source::Lake(_, name), Class::Fii) => Ok(place(name)),
            (_, Class::Stock) => Err(Value::Text("Ação".to_owned())),
            (_, Class::Fii) => Err(Value::Text("Fundo Imobiliário".to_owned())),
        })
        .collect();
    let quote = |row: &Row| -> Row {
        let value = |source: &Result<Option<usize>, Value>| match source {
            Ok(place) => row.get((*place)?)?.clone(),
            Err(constant) => Some(constant.clone()),
        };
        sources.iter().map(value).collect()
    };
    Ok(Batch { table, rows: sot.rows.iter().map(quote).collect() })
}

/// When a row was captured, as text or typed; `None` if it does not say.
pub fn captured(table: &Table, row: &Row) -> Option<DateTime<FixedOffset>> {
    match row.get(table.captured()?)? {
        Some(Value::Text(text)) => DateTime::parse_from_rfc3339(text).ok(),
        Some(Value::Timestamp(time)) => Some(*time),
        _ => None,
    }
}

/// One row a ticker, the newest capture, in the order of the tickers. Of rows captured at the same time the one with
/// the greater values wins, so that neither the order of the batches nor a repetition changes the result.
pub fn dedup(table: &'static Table, batches: impl IntoIterator<Item = Batch>) -> Batch {
    let captured = table.captured().unwrap_or_default();
    let newer =
        |a: &Row, b: &Row| -> Ordering { a.get(captured).cmp(&b.get(captured)).then_with(|| a.cmp(b)) };
    let mut securities: BTreeMap<Option<Value>, Row> = BTreeMap::new();
    for row in batches.into_iter().flat_map(|batch| batch.rows) {
        let ticker = row.first().cloned().flatten();
        match securities.get(&ticker) {
            Some(kept) if newer(kept, &row) != Ordering::Less => {}
            _ => drop(securities.insert(ticker, row)),
        }
    }
    Batch { table, rows: securities.into_values().collect() }
}
