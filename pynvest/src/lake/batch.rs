//! Arrow and Parquet: rows to columns and back, and the storage of each kind of column.

mod kept;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use chrono::{DateTime, Datelike};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use rust_decimal::Decimal;
use twox_hash::XxHash64;

use crate::error::Error;
use crate::lake::sealed;
use crate::lake::table::{Row, Table};
use crate::record::cell::brasilia;
use crate::record::column::Column;
use crate::record::value::{Kind, Value};

pub use kept::KeptColumns;

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The table that they belong to.
    pub table: &'static Table,
    /// A value for each column of the table.
    pub rows: Vec<Row>,
}

pub(crate) const PRECISION: u8 = 20;
pub(crate) const SCALE: u32 = 6;
/// Moderate: a day compresses to a third of a megabyte in a few milliseconds.
const ZSTD_LEVEL: i32 = 3;
/// The key of the checksum of the rows in the metadata of a file.
const CHECKSUM: &str = "pynvest.rows.xxh64";

/// A percentage of [`Kind::Percent`] is stored in the tables of the lake as percent points, a hundred times the fraction that
/// it is everywhere else: as a `decimal(20,6)` whose unit has two decimals more.
const POINTS: u32 = SCALE + 2;

/// How a kind of column is stored: in Arrow and Parquet, and in the catalogue of Glue.
fn storage(kind: Kind) -> (DataType, &'static str) {
    match kind {
        Kind::Text | Kind::Parts => (DataType::Utf8, "string"),
        Kind::Decimal | Kind::Fraction | Kind::Percent => {
            (DataType::Decimal128(PRECISION, SCALE.cast_signed() as i8), "decimal(20,6)")
        }
        Kind::Count => (DataType::Int64, "bigint"),
        Kind::Date => (DataType::Date32, "date"),
        Kind::Timestamp => (DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), "timestamp"),
        Kind::Year => (DataType::Int32, "int"),
    }
}

/// The columns of a table as the catalogue of Glue names them: name, type and comment.
pub fn glue_columns(table: &Table) -> impl Iterator<Item = (&'static str, &'static str, Cow<'static, str>)> {
    table.columns.iter().map(|column| (column.name, storage(table.kind(column)).1, table.comment_of(column)))
}

impl Table {
    /// The Arrow schema: every column may be null, and its comment is in its metadata.
    pub fn schema(&self) -> Schema {
        schema(self.columns.iter().map(|column| (column.name, self.kind(column), self.comment_of(column))))
    }
}

pub(crate) fn schema<'a, C: Into<String>>(columns: impl Iterator<Item = (&'a str, Kind, C)>) -> Schema {
    let field = |(name, kind, comment): (&str, Kind, C)| {
        let comment = HashMap::from([("comment".to_owned(), comment.into())]);
        Field::new(name, storage(kind).0, true).with_metadata(comment)
    };
    Schema::new(columns.map(field).collect::<Vec<_>>())
}

/// The rows as Arrow columns; `scale` says how many decimals of a decimal column are stored.
fn record_batch(
    table: &'static str,
    schema: Schema,
    scale: impl Fn(usize) -> u32,
    rows: &[Row],
) -> Result<RecordBatch, Error> {
    let columns = schema
        .fields()
        .iter()
        .enumerate()
        .map(|(position, field)| {
            let values = rows.iter().map(|row| row.get(position).and_then(Option::as_ref));
            column(field.data_type(), scale(position), values).map_err(|value| Error::DoesNotFit {
                table,
                column: field.name().clone(),
                value: value.to_string(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(Arc::new(schema), columns)
        .map_err(|source| Error::NotParquet { table, source: Box::new(source) })
}

pub(crate) fn properties(mut metadata: Vec<KeyValue>) -> Result<WriterProperties, ParquetError> {
    metadata.push(sealed::open());
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_created_by(concat!("pynvest ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(metadata))
        .build())
}

fn write(table: &'static str, batch: &RecordBatch, metadata: Vec<KeyValue>) -> Result<Vec<u8>, Error> {
    let write = || -> Result<Vec<u8>, ParquetError> {
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties(metadata)?))?;
        writer.write(batch)?;
        writer.into_inner()
    };
    let mut file = write().map_err(|source| sealed::unreadable(table, source))?;
    sealed::close(&mut file);
    Ok(file)
}

/// Rows that are of no table of the lake, such as those of a list, as the bytes of a Parquet file. Each column has a name, a kind
/// and a comment; `what` they are is said in errors.
///
/// # Errors
///
/// As [`Batch::to_arrow`].
pub fn parquet<'a>(
    what: &'static str,
    columns: impl IntoIterator<Item = (&'a str, Kind, &'a str)>,
    rows: &[Row],
) -> Result<Vec<u8>, Error> {
    write(what, &record_batch(what, schema(columns.into_iter()), |_| SCALE, rows)?, Vec::new())
}

impl Batch {
    /// The rows as Arrow columns, in the order of the table.
    ///
    /// # Errors
    ///
    /// [`Error::DoesNotFit`] for a value that its column cannot store.
    pub fn to_arrow(&self) -> Result<RecordBatch, Error> {
        let scale =
            |position| self.table.columns.get(position).map_or(SCALE, |column| self.table.scale(column));
        record_batch(self.table.name, self.table.schema(), scale, &self.rows)
    }

    /// The rows of an Arrow batch, whose columns are found by name.
    ///
    /// # Errors
    ///
    /// [`Error::OtherColumns`] if a column is missing or has another type, or if there is one that the table has not: whoever writes
    /// the rows again would drop it. A column that was appended to the table later is null.
    pub fn from_arrow(table: &'static Table, batch: &RecordBatch) -> Result<Self, Error> {
        match batch.schema().fields().iter().find(|field| !table.has(field.name())) {
            Some(unknown) => Err(table.unknown(unknown)),
            None => Self::from_columns(table, batch).map(|(batch, _)| batch),
        }
    }

    /// The columns that the table has, and how many are there: a file may be from before some were appended.
    fn from_columns(table: &'static Table, batch: &RecordBatch) -> Result<(Self, usize), Error> {
        let mut rows: Vec<Row> = vec![Vec::with_capacity(table.columns.len()); batch.num_rows()];
        let mut present = 0;
        for column in table.columns {
            let array = table.array(batch, column)?;
            present += usize::from(array.is_some());
            for (position, row) in rows.iter_mut().enumerate() {
                row.push(table.cell(array, position, column)?);
            }
        }
        Ok((Self { table, rows }, present))
    }

    /// The bytes of a Parquet file: zstd, statistics for every column, one row group for each million rows, a checksum of
    /// the rows, and one of all bytes.
    ///
    /// # Errors
    ///
    /// As [`Batch::to_arrow`].
    pub fn to_parquet(&self) -> Result<Vec<u8>, Error> {
        let checksum = KeyValue::new(CHECKSUM.to_owned(), self.checksum(self.table.columns.len()));
        write(self.table.name, &self.to_arrow()?, vec![checksum])
    }

    /// The bytes of a Parquet file, as [`Batch::to_parquet`], with unknown columns of the files that the rows come from. There is no
    /// checksum of the rows then, which would be of the known columns alone; the one of all bytes is there.
    ///
    /// # Errors
    ///
    /// As [`Batch::to_arrow`].
    pub fn to_parquet_with(&self, kept: &KeptColumns) -> Result<Vec<u8>, Error> {
        if kept.is_empty() {
            return self.to_parquet();
        }
        let batch = kept.beside(self.table, &self.rows, &self.to_arrow()?);
        write(self.table.name, &batch.map_err(|source| self.table.unreadable(source))?, Vec::new())
    }

    /// The rows of a Parquet file.
    ///
    /// # Errors
    ///
    /// [`Error::NotParquet`] if the bytes are no such file of this table, as of one half written, if they or the rows are not those that
    /// were written, or if they are more than any day has, and those of [`Batch::from_arrow`]. Files of other writers have no checksum.
    pub fn from_parquet(table: &'static Table, bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let (batch, kept) = Self::from_parquet_keeping(table, bytes)?;
        match kept.fields().first() {
            Some(unknown) => Err(table.unknown(unknown)),
            None => Ok(batch),
        }
    }

    /// The rows of a Parquet file, and its columns that the table has not.
    ///
    /// # Errors
    ///
    /// As [`Batch::from_parquet`], but for the unknown columns.
    pub fn from_parquet_keeping(
        table: &'static Table,
        bytes: impl Into<Bytes>,
    ) -> Result<(Self, KeptColumns), Error> {
        let bytes = bytes.into();
        sealed::check(table.name, &bytes)?;
        sealed::decode(table.name, || Self::decoded(table, bytes))
    }

    fn decoded(table: &'static Table, bytes: Bytes) -> Result<(Self, KeptColumns), Error> {
        let reader =
            ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|source| table.unreadable(source))?;
        sealed::bounded(table.name, reader.metadata())?;
        let metadata = reader.metadata().file_metadata().key_value_metadata();
        let written = metadata.and_then(|pairs| pairs.iter().find(|pair| pair.key == CHECKSUM));
        let written = written.and_then(|pair| pair.value.clone());
        let reader = reader.build().map_err(|source| table.unreadable(source))?;
        let (mut all, mut kept) = (Self { table, rows: Vec::new() }, KeptColumns::default());
        let mut present = table.columns.len();
        for batch in reader {
            let batch = batch.map_err(|source| table.unreadable(source))?;
            let (known, columns) = Self::from_columns(table, &batch)?;
            let unknown = KeptColumns::new(table, &batch, &known.rows);
            kept.add(table, unknown.map_err(|source| table.unreadable(source))?)?;
            all.rows.extend(known.rows);
            present = columns;
        }
        match written {
            // A newer version has counted its own columns as well; the checksum of all bytes is about all of them.
            Some(written) if kept.is_empty() && written != all.checksum(present) => {
                let damaged = "the rows are not those that were written".to_owned();
                Err(table.unreadable(ParquetError::General(damaged)))
            }
            _ => Ok((all, kept)),
        }
    }
}

impl Batch {
    /// Of the values of the first columns as they are stored, so that it is the same before and after.
    fn checksum(&self, columns: usize) -> String {
        let mut hash = XxHash64::with_seed(0);
        let scales: Vec<u32> =
            self.table.columns.iter().take(columns).map(|column| self.table.scale(column)).collect();
        for (value, scale) in self.rows.iter().flat_map(|row| row.iter().zip(&scales)) {
            match value {
                None => hash.write(b"-"),
                Some(Value::Text(text)) => {
                    hash.write(&(text.len() as u64).to_le_bytes());
                    hash.write(text.as_bytes());
                }
                Some(Value::Decimal(number)) => {
                    hash.write(&units(*number, *scale).unwrap_or_default().to_le_bytes());
                }
                Some(Value::Count(number)) => hash.write(&number.to_le_bytes()),
                Some(Value::Date(day)) => hash.write(&day.num_days_from_ce().to_le_bytes()),
                Some(Value::Timestamp(time)) => hash.write(&time.timestamp_micros().to_le_bytes()),
                Some(Value::Year(year)) => hash.write(&year.to_le_bytes()),
            }
        }
        format!("{:016x}", hash.finish())
    }
}

impl Table {
    /// With how many decimals a value of this column is stored, if it is a decimal.
    fn scale(&self, column: &Column) -> u32 {
        if self.kind(column) == Kind::Percent { POINTS } else { SCALE }
    }

    /// Whether it has a column of this name.
    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    fn unknown(&self, field: &Field) -> Error {
        self.other_column(field.name(), Some(field.data_type()), None)
    }

    fn other_column(&self, column: &str, found: Option<&DataType>, wanted: Option<&DataType>) -> Error {
        let [found, wanted] = [found, wanted].map(|data_type| data_type.map(ToString::to_string));
        Error::OtherColumns { table: self.name, column: column.to_owned(), found, wanted }
    }

    /// The array of a column in a batch, found by its name; `None` if the batch is from before the column was appended.
    pub(crate) fn array<'a>(
        &self,
        batch: &'a RecordBatch,
        column: &Column,
    ) -> Result<Option<&'a ArrayRef>, Error> {
        let (wanted, _) = storage(self.kind(column));
        let found = batch.column_by_name(column.name);
        match found.map(|found| found.data_type()) {
            None if column.appended => Ok(None),
            Some(data_type) if *data_type == wanted => Ok(found),
            other => Err(self.other_column(column.name, other, Some(&wanted))),
        }
    }

    pub(crate) fn cell(
        &self,
        array: Option<&ArrayRef>,
        position: usize,
        column: &Column,
    ) -> Result<Option<Value>, Error> {
        let Some(array) = array.filter(|array| !array.is_null(position)) else { return Ok(None) };
        // A value that the catalogue's type admits but no calendar or decimal of ours does.
        value(array, self.scale(column), position).map(Some).ok_or_else(|| {
            let foreign = format!("a value of column {} that this program never writes", column.name);
            self.unreadable(ArrowError::SchemaError(foreign))
        })
    }

    pub(crate) fn unreadable(&self, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::NotParquet { table: self.name, source: Box::new(source) }
    }
}

/// One column of values; the first that it cannot store is the error.
fn column<'a>(
    data_type: &DataType,
    scale: u32,
    values: impl Iterator<Item = Option<&'a Value>>,
) -> Result<ArrayRef, &'a Value> {
    fn each<'a, T>(
        values: impl Iterator<Item = Option<&'a Value>>,
        stored: impl Fn(&'a Value) -> Option<T>,
    ) -> impl Iterator<Item = Result<Option<T>, &'a Value>> {
        values.map(move |value| value.map(|given| stored(given).ok_or(given)).transpose())
    }
    Ok(match data_type {
        DataType::Decimal128(..) => {
            let decimals = each(values, |value| match value {
                Value::Decimal(number) => units(*number, scale),
                _ => None,
            });
            Arc::new(decimals.collect::<Result<Decimal128Array, _>>()?.with_data_type(data_type.clone()))
        }
        DataType::Int64 => {
            let counts = each(values, |value| match value {
                Value::Count(number) => Some(*number),
                _ => None,
            });
            Arc::new(counts.collect::<Result<Int64Array, _>>()?)
        }
        DataType::Date32 => {
            let days = each(values, |value| match value {
                Value::Date(day) => Some(Date32Type::from_naive_date(*day)),
                _ => None,
            });
            Arc::new(days.collect::<Result<Date32Array, _>>()?)
        }
        DataType::Timestamp(..) => {
            let instants = each(values, |value| match value {
                Value::Timestamp(instant) => Some(instant.timestamp_micros()),
                _ => None,
            });
            let instants = instants.collect::<Result<TimestampMicrosecondArray, _>>()?;
            Arc::new(instants.with_data_type(data_type.clone()))
        }
        DataType::Int32 => {
            let years = each(values, |value| match value {
                Value::Year(year) => Some(*year),
                _ => None,
            });
            Arc::new(years.collect::<Result<Int32Array, _>>()?)
        }
        _ => {
            let texts = each(values, |value| match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Arc::new(texts.collect::<Result<StringArray, _>>()?)
        }
    })
}

/// A value that is not null, from an array of one of the types in [`storage`].
fn value(array: &dyn Array, scale: u32, position: usize) -> Option<Value> {
    Some(match array.data_type() {
        DataType::Decimal128(..) => {
            let units = array.as_primitive::<Decimal128Type>().value(position);
            Value::Decimal(Decimal::try_from_i128_with_scale(units, scale).ok()?)
        }
        DataType::Int64 => Value::Count(array.as_primitive::<Int64Type>().value(position)),
        DataType::Date32 => {
            Value::Date(Date32Type::to_naive_date_opt(array.as_primitive::<Date32Type>().value(position))?)
        }
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(position);
            Value::Timestamp(brasilia(DateTime::from_timestamp_micros(micros)?))
        }
        DataType::Int32 => Value::Year(array.as_primitive::<Int32Type>().value(position)),
        _ => Value::Text(array.as_string::<i32>().value(position).to_owned()),
    })
}

/// The number as `decimal(20,6)`, in millionths; `None` with more than six decimals or 20 digits.
#[cfg(feature = "lake")]
pub(crate) fn scaled(number: Decimal) -> Option<i128> {
    units(number, SCALE)
}

/// The number in units of its last decimal at this scale; `None` with more decimals or more than 20 digits.
fn units(number: Decimal, scale: u32) -> Option<i128> {
    let number = number.normalize();
    let more = scale.checked_sub(number.scale())?;
    let units = number.mantissa().checked_mul(10_i128.pow(more))?;
    (units.unsigned_abs() < 10_u128.pow(PRECISION.into())).then_some(units)
}
