//! What a file of facts is as Parquet: a row group for each day on which stretches were last seen.

use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Decimal128Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::statistics::Statistics;
use rust_decimal::Decimal;

use crate::error::Error;
use crate::lake::batch::{PRECISION, SCALE, properties, scaled, schema};
use crate::lake::history::stretches::{Fact, Stretch};
use crate::record::column::Column;
use crate::record::value::{Kind, Value};

const TABLE: &str = "facts";
const COLUMNS: [(&str, Kind, &str); 9] = [
    ("classe", Kind::Text, "Classe do papel: stock ou fii"),
    ("nome_papel", Kind::Text, "Código do papel na B3"),
    ("coluna", Kind::Text, "Nome da coluna no catálogo"),
    ("dt_inicio", Kind::Date, "Primeiro dia do lake com este valor"),
    ("dt_fim", Kind::Date, "Último dia do lake em que este valor foi visto"),
    ("num_dias", Kind::Count, "Em quantos dias do lake o valor foi visto"),
    ("valor", Kind::Decimal, "O valor, de colunas numéricas"),
    ("texto", Kind::Text, "O valor, de colunas de texto"),
    ("data", Kind::Date, "O valor, de colunas de data"),
];
/// Where the last day is among them.
const TO: usize = 4;

fn table() -> Arc<Schema> {
    Arc::new(schema(COLUMNS.into_iter()))
}

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::NotParquet { table: TABLE, source: Box::new(source) }
}

/// A file that is written.
pub(crate) struct Written {
    writer: ArrowWriter<Vec<u8>>,
    rows: usize,
}

impl Written {
    pub(crate) fn new() -> Result<Self, Error> {
        let properties = properties(Vec::new()).map_err(failed)?;
        let writer = ArrowWriter::try_new(Vec::new(), table(), Some(properties)).map_err(failed)?;
        Ok(Self { writer, rows: 0 })
    }

    /// Adds a row group. The same ones give the same bytes.
    pub(crate) fn add(&mut self, group: &RecordBatch) -> Result<(), Error> {
        self.rows += group.num_rows();
        self.writer.write(group).and_then(|()| self.writer.flush()).map_err(failed)
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn close(mut self, metadata: Vec<KeyValue>) -> Result<Vec<u8>, Error> {
        metadata.into_iter().for_each(|pair| self.writer.append_key_value_metadata(pair));
        self.writer.into_inner().map_err(failed)
    }
}

/// A file that is read: its row groups.
pub(crate) struct Groups {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
    columns: Vec<&'static Column>,
    count: usize,
}

impl Groups {
    /// `None` if the bytes are no file of facts.
    pub(crate) fn read(bytes: Vec<u8>, columns: &[&'static Column]) -> Option<Self> {
        let bytes = Bytes::from(bytes);
        let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).ok()?;
        let count = metadata.metadata().num_row_groups();
        (*metadata.schema().fields() == *table().fields()).then(|| Self {
            bytes,
            metadata,
            columns: columns.to_vec(),
            count,
        })
    }

    /// The pairs in the metadata of the file.
    pub(crate) fn metadata(&self) -> &[KeyValue] {
        let pairs = self.metadata.metadata().file_metadata().key_value_metadata();
        pairs.map(Vec::as_slice).unwrap_or_default()
    }

    /// How many of its groups are of days before this one; they come first.
    pub(crate) fn before(&self, day: NaiveDate) -> Option<usize> {
        let day = Date32Type::from_naive_date(day);
        let groups = self.metadata.metadata().row_groups().get(..self.count)?;
        let days = groups.iter().map(|group| match group.columns().get(TO)?.statistics()? {
            Statistics::Int32(days) => days.max_opt().copied(),
            _ => None,
        });
        let days = days.collect::<Option<Vec<i32>>>()?;
        Some(days.partition_point(|to| *to < day))
    }

    /// Forgets all but the first groups.
    pub(crate) fn truncate(&mut self, groups: usize) {
        self.count = self.count.min(groups);
    }

    /// Each group whole, as it was written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        (0..self.count).map(|group| {
            let rows = self.metadata.metadata().row_group(group).num_rows();
            let reader =
                ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes.clone(), self.metadata.clone());
            let reader = reader
                .with_row_groups(vec![group])
                .with_batch_size(usize::try_from(rows).unwrap_or(usize::MAX));
            let none = || failed(ParquetError::General("an empty row group".to_owned()));
            reader.build().map_err(failed)?.next().ok_or_else(none)?.map_err(failed)
        })
    }

    /// Stretches as a group.
    pub(crate) fn batch(
        class: &str,
        columns: &[&Column],
        stretches: &[Stretch],
    ) -> Result<RecordBatch, Error> {
        let facts = || stretches.iter().map(|stretch| &stretch.fact);
        let name = |stretch: &Stretch| columns.get(stretch.column).map_or("", |column| column.name);
        let day = |day: NaiveDate| Date32Type::from_naive_date(day);
        let mut numbers = Decimal128Builder::with_capacity(stretches.len());
        let (mut texts, mut days) = (StringBuilder::new(), Date32Builder::with_capacity(stretches.len()));
        for Stretch { fact, column } in stretches {
            let number = match &fact.value {
                Value::Decimal(number) => Some(*number),
                Value::Count(count) => Some((*count).into()),
                Value::Year(year) => Some((*year).into()),
                Value::Text(_) | Value::Date(_) | Value::Timestamp(_) => None,
            };
            let stored = number.map(|number| {
                scaled(number).ok_or_else(|| Error::DoesNotFit {
                    table: TABLE,
                    column: columns.get(*column).map_or("", |column| column.name).to_owned(),
                    value: number.to_string(),
                })
            });
            numbers.append_option(stored.transpose()?);
            texts.append_option(match &fact.value {
                Value::Text(text) => Some(text.clone()),
                Value::Timestamp(time) => Some(time.to_rfc3339()),
                _ => None,
            });
            days.append_option(match &fact.value {
                Value::Date(date) => Some(day(*date)),
                _ => None,
            });
        }
        let numbers = numbers
            .finish()
            .with_precision_and_scale(PRECISION, SCALE.cast_signed() as i8)
            .map_err(failed)?;
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(facts().map(|_| class))),
            Arc::new(StringArray::from_iter_values(facts().map(|fact| &fact.paper))),
            Arc::new(StringArray::from_iter_values(stretches.iter().map(name))),
            Arc::new(Date32Array::from_iter_values(facts().map(|fact| day(fact.from)))),
            Arc::new(Date32Array::from_iter_values(facts().map(|fact| day(fact.to)))),
            Arc::new(Int64Array::from_iter_values(facts().map(|fact| i64::from(fact.days)))),
            Arc::new(numbers),
            Arc::new(texts.finish()),
            Arc::new(days.finish()),
        ];
        RecordBatch::try_new(table(), arrays).map_err(failed)
    }

    /// A group as stretches; `None` if it holds what was never written.
    pub(crate) fn stretches(&self, group: &RecordBatch) -> Option<Vec<Stretch>> {
        let [_, papers, names, from, to, seen, numbers, texts, days] = group.columns() else { return None };
        let (papers, names, texts) =
            (papers.as_string::<i32>(), names.as_string::<i32>(), texts.as_string::<i32>());
        let date = |array: &ArrayRef, row: usize| {
            Date32Type::to_naive_date_opt(array.as_primitive::<Date32Type>().value(row))
        };
        let (seen, numbers) = (seen.as_primitive::<Int64Type>(), numbers.as_primitive::<Decimal128Type>());
        let mut column = 0;
        let stretch = |row: usize| {
            // They are sorted by column.
            let name = names.value(row);
            while self.columns.get(column)?.name != name {
                column += 1;
            }
            let number = || {
                Decimal::try_from_i128_with_scale(numbers.value(row), SCALE)
                    .ok()
                    .map(|number| number.normalize())
            };
            let whole = || number()?.try_into().ok();
            let value = match self.columns.get(column)?.kind {
                Kind::Decimal | Kind::Fraction | Kind::Percent => Value::Decimal(number()?),
                Kind::Count => Value::Count(whole()?),
                Kind::Year => Value::Year(i32::try_from(whole()?).ok()?),
                Kind::Date => Value::Date(date(days, row)?),
                Kind::Text => Value::Text(texts.value(row).to_owned()),
                Kind::Timestamp => Value::Timestamp(DateTime::parse_from_rfc3339(texts.value(row)).ok()?),
            };
            let (from, to, days) = (date(from, row)?, date(to, row)?, u32::try_from(seen.value(row)).ok()?);
            Some(Stretch {
                column,
                fact: Fact { paper: papers.value(row).to_owned(), from, to, days, value },
            })
        };
        (0..group.num_rows()).map(stretch).collect()
    }
}
