//! The five tables of the lake, and where their objects are.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::record::column::Column;
use crate::record::fii::Fii;
use crate::record::quote::Quote;
use crate::record::security::Class;
use crate::record::spelling::spelling;
use crate::record::stock::Stock;
use crate::record::value::{Kind, Value};

/// The three layers of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// System of record: every column as text, exactly as printed.
    Sor,
    /// Source of truth: the same columns, typed.
    Sot,
    /// Specialized: the columns that both classes share.
    Spec,
}

impl Layer {
    /// The layer in one word: `sor`, `sot` or `spec`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sor => "sor",
            Self::Sot => "sot",
            Self::Spec => "spec",
        }
    }
}

spelling!("layer", Layer, [Sor, Sot, Spec]);

/// A table of the lake.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The layer it belongs to.
    pub layer: Layer,
    /// The class of its securities; `None` where it holds both.
    pub class: Option<Class>,
    /// Its name in the catalogue, and the first part of the keys of its objects.
    pub name: &'static str,
    /// Its columns; in [`Layer::Sor`] all of them are text.
    pub columns: &'static [Column],
    /// Its description in Portuguese, as in the catalogue.
    pub comment: &'static str,
}

/// One row of a table: a value for each column.
pub type Row = Vec<Option<Value>>;

/// The security of a row, as printed: the first column of every table. `None` if not even that is there.
pub fn ticker(row: &Row) -> Option<&str> {
    match row.first() {
        Some(Some(Value::Text(ticker))) => Some(ticker),
        _ => None,
    }
}

/// The name of the partition column: the day of the run in Brasília, as the number `yyyymmdd`.
pub const PARTITION: &str = "anomesdia_exec";

/// Most tickers of a list that are read: about four times the stocks that the site has.
pub const LISTED: usize = 4_000;

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
    /// The table of a layer that holds securities of this class.
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

    /// The prefix of every object of a day: `<table>/anomesdia_exec=<yyyymmdd>/`.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use pynvest::Class;
    /// use pynvest::lake::{Layer, Table};
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
    /// let table = Table::of(Layer::Spec, Class::Fii);
    /// assert_eq!(table.prefix(day), "tbspec_fundamentus_cotacao_ativos/anomesdia_exec=20261123/");
    /// ```
    pub fn prefix(&self, day: NaiveDate) -> String {
        format!("{}/{PARTITION}={}/", self.name, partition(day))
    }

    /// The place of the column with the time of the capture.
    pub(crate) fn captured(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == Kind::Timestamp)
    }

    /// The description of a column in the catalogue. SoR has the printed text of a percentage, not its fraction.
    pub(crate) fn comment_of(&self, column: &Column) -> Cow<'static, str> {
        const FRACTION: &str = ", como fração (0,01 = 1%)";
        match self.layer {
            Layer::Sor if column.comment.ends_with(FRACTION) => {
                Cow::Owned(column.comment.replace(FRACTION, ", em %"))
            }
            _ => Cow::Borrowed(column.comment),
        }
    }

    /// How this table holds a column.
    pub(crate) fn kind(&self, column: &Column) -> Kind {
        if self.layer == Layer::Sor { Kind::Text } else { column.kind }
    }
}

/// Whose securities, in one word, as the names of tables, queues and parts have it: `acoes` or `fiis`.
pub fn class_word(class: Class) -> &'static str {
    match class {
        Class::Stock => "acoes",
        Class::Fii => "fiis",
    }
}

/// The partition of a day: 23 November 2026 is 20261123.
pub fn partition(day: NaiveDate) -> i32 {
    let (month, of_month) = (day.month().cast_signed(), day.day().cast_signed());
    day.year() * 10_000 + month * 100 + of_month
}
