//! What the lake is: its five tables, where their objects lie, and the plain functions from one layer to the next.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use crate::batch::Batch;
use crate::column::{Column, Kind, Source, Value};
use crate::{Class, Error, Fii, Quote, Sheet, Stock};

/// The three layers of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// System of record: every column as text, exactly as printed.
    Sor,
    /// Source of truth: the same columns, typed.
    Sot,
    /// Specialized: the columns that both classes share.
    Spec,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sor => "sor",
            Self::Sot => "sot",
            Self::Spec => "spec",
        })
    }
}

/// A table of the lake.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The layer it belongs to.
    pub layer: Layer,
    /// The class of its papers; `None` where it holds both.
    pub class: Option<Class>,
    /// Its name in the catalogue, and the first part of the keys of its objects.
    pub name: &'static str,
    /// Its columns; in [`Layer::Sor`] all of them are text.
    pub columns: &'static [Column],
    /// What it holds, in Portuguese, as the catalogue says it.
    pub comment: &'static str,
}

/// One row of a table: a value for each column.
pub type Row = Vec<Option<Value>>;

/// The name of the partition column: the day of the run in Brasília, as the number `yyyymmdd`.
pub const PARTITION: &str = "anomesdia_exec";

/// The five tables, from the raw to the specialized.
pub static TABLES: [Table; 5] = [
    Table {
        layer: Layer::Sor,
        class: Some(Class::Stock),
        name: "tbsor_fundamentus_indicadores_acoes_raw",
        columns: Stock::COLUMNS,
        comment: "Indicadores de ações como impressos pelo Fundamentus, todos em texto",
    },
    Table {
        layer: Layer::Sor,
        class: Some(Class::Fii),
        name: "tbsor_fundamentus_indicadores_fiis_raw",
        columns: Fii::COLUMNS,
        comment: "Indicadores de fundos imobiliários como impressos pelo Fundamentus, todos em texto",
    },
    Table {
        layer: Layer::Sot,
        class: Some(Class::Stock),
        name: "tbsot_fundamentus_indicadores_acoes_prep",
        columns: Stock::COLUMNS,
        comment: "Indicadores de ações, um registro por papel e dia, com tipos",
    },
    Table {
        layer: Layer::Sot,
        class: Some(Class::Fii),
        name: "tbsot_fundamentus_indicadores_fiis_prep",
        columns: Fii::COLUMNS,
        comment: "Indicadores de fundos imobiliários, um registro por fundo e dia, com tipos",
    },
    Table {
        layer: Layer::Spec,
        class: None,
        name: "tbspec_fundamentus_cotacao_ativos",
        columns: Quote::COLUMNS,
        comment: "Cotações e variações de ações e fundos imobiliários, um registro por ativo e dia",
    },
];

impl Table {
    /// The table of a layer that holds papers of this class.
    pub fn of(layer: Layer, class: Class) -> &'static Self {
        let [sor_stocks, sor_fiis, sot_stocks, sot_fiis, spec] = &TABLES;
        match (layer, class) {
            (Layer::Sor, Class::Stock) => sor_stocks,
            (Layer::Sor, Class::Fii) => sor_fiis,
            (Layer::Sot, Class::Stock) => sot_stocks,
            (Layer::Sot, Class::Fii) => sot_fiis,
            (Layer::Spec, _) => spec,
        }
    }

    /// The table of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// What every object of a day lies under: `<table>/anomesdia_exec=<yyyymmdd>/`.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use pynvest::Class;
    /// use pynvest::table::{Layer, Table};
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
    /// let table = Table::of(Layer::Spec, Class::Fii);
    /// assert_eq!(table.prefix(day), "tbspec_fundamentus_cotacao_ativos/anomesdia_exec=20261123/");
    /// ```
    pub fn prefix(&self, day: NaiveDate) -> String {
        format!("{}/{PARTITION}={}/", self.name, partition(day))
    }

    /// How this table holds a column.
    pub(crate) fn kind(&self, column: &Column) -> Kind {
        if self.layer == Layer::Sor { Kind::Text } else { column.kind }
    }
}

/// The partition of a day: 23 November 2026 is 20261123.
pub fn partition(day: NaiveDate) -> i32 {
    let (month, of_month) = (day.month().cast_signed(), day.day().cast_signed());
    day.year() * 10_000 + month * 100 + of_month
}

/// The SoR row of a details page, captured at that time: every text as printed.
///
/// # Errors
///
/// [`Error::LayoutChanged`] if labels are missing.
pub fn sor_row(sheet: &Sheet, captured_at: DateTime<FixedOffset>) -> Result<Row, Error> {
    let table = Table::of(Layer::Sor, sheet.layout().class());
    let captured_at = captured_at.to_rfc3339();
    let row = sheet.row(table.columns, &captured_at)?;
    Ok(row.into_iter().map(|text| text.map(|text| Value::Text(text.to_owned()))).collect())
}

/// What [`prep`] makes of a SoR batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Prepared {
    /// The rows that could be typed, for SoT.
    pub batch: Batch,
    /// The others, to be set aside with their reason.
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
    /// The paper, as printed; blank if not even that is there.
    pub fn ticker(&self) -> &str {
        self.row.first().and_then(text).unwrap_or_default()
    }

    /// The texts of the row, as printed.
    pub fn texts(&self) -> impl Iterator<Item = Option<&str>> {
        self.row.iter().map(text)
    }
}

/// From SoR to SoT: types every row, exactly as reading the page does. A row that cannot be typed is set aside, and
/// the others go on.
///
/// # Errors
///
/// [`Error::OtherTable`] if the batch is not of a SoR table.
pub fn prep(sor: &Batch) -> Result<Prepared, Error> {
    let (Layer::Sor, Some(class)) = (sor.table.layer, sor.table.class) else {
        return Err(Error::OtherTable { wanted: Layer::Sor, found: sor.table.name });
    };
    let mut batch = Batch { table: Table::of(Layer::Sot, class), rows: Vec::new() };
    let mut rejected = Vec::new();
    for row in &sor.rows {
        let texts: Vec<Option<&str>> = row.iter().map(text).collect();
        let typed = match class {
            Class::Stock => Stock::from_row(&texts).map(|stock| stock.values()),
            Class::Fii => Fii::from_row(&texts).map(|fii| fii.values()),
        };
        match typed {
            Ok(values) => batch.rows.push(values),
            Err(reason) => {
                rejected.push(Rejected { reason: reason.in_table(sor.table.name), row: row.clone() });
            }
        }
    }
    Ok(Prepared { batch, rejected })
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
        return Err(Error::OtherTable { wanted: Layer::Sot, found: sot.table.name });
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

/// One row a ticker, the newest capture, in the order of the tickers. Of rows captured at the same time the one with
/// the greater values wins, so that neither the order of the batches nor a repetition changes the result.
pub fn dedup(table: &'static Table, batches: impl IntoIterator<Item = Batch>) -> Batch {
    let captured = table.columns.iter().position(|column| column.kind == Kind::Timestamp).unwrap_or_default();
    let newer =
        |a: &Row, b: &Row| -> Ordering { a.get(captured).cmp(&b.get(captured)).then_with(|| a.cmp(b)) };
    let mut papers: BTreeMap<Option<Value>, Row> = BTreeMap::new();
    for row in batches.into_iter().flat_map(|batch| batch.rows) {
        let ticker = row.first().cloned().flatten();
        match papers.get(&ticker) {
            Some(kept) if newer(kept, &row) != Ordering::Less => {}
            _ => drop(papers.insert(ticker, row)),
        }
    }
    Batch { table, rows: papers.into_values().collect() }
}
