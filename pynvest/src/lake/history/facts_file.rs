//! A file of facts as Parquet.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use arrow_array::builder::{Date32Builder, Decimal128Builder, StringBuilder};
use arrow_array::types::Date32Type;
use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use chrono::NaiveDate;
use parquet::arrow::ArrowWriter;

use crate::error::Error;
use crate::lake::batch::{PRECISION, SCALE, properties, scaled, schema};
use crate::lake::history::intervals::Fact;
use crate::lake::sealed;
use crate::record::security::Class;
use crate::record::value::{Kind, Value};

const TABLE: &str = "facts";
const COLUMNS: [(&str, Kind, &str); 9] = [
    ("classe", Kind::Text, "Classe do papel: stock ou fii"),
    ("nome_papel", Kind::Text, "Código do papel na B3"),
    ("coluna", Kind::Text, "Nome da coluna no catálogo"),
    ("dt_inicio", Kind::Date, "Primeiro dia do lake com este valor (valid_from)"),
    ("dt_fim", Kind::Date, "Último dia do lake com este valor (valid_to), inclusive"),
    ("num_dias", Kind::Count, "Em quantos dias do lake o valor foi visto"),
    ("valor", Kind::Decimal, "O valor, de colunas numéricas; percentuais como fração"),
    ("texto", Kind::Text, "O valor, de colunas de texto"),
    ("data", Kind::Date, "O valor, de colunas de data"),
];
/// Facts that are held in memory before they are written.
const GROUP: usize = 100_000;

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::NotParquet { table: TABLE, source: Box::new(source) }
}

/// A file that is being written.
pub(crate) struct FactsFile {
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
    class: Class,
    names: Vec<&'static str>,
    waiting: Vec<(usize, Fact)>,
    facts: usize,
}

impl FactsFile {
    /// Facts of a class, about columns with these names.
    pub(crate) fn new(class: Class, names: Vec<&'static str>, file: File) -> Result<Self, Error> {
        let schema = Arc::new(schema(COLUMNS.into_iter()));
        let properties = properties(Vec::new()).map_err(failed)?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(failed)?;
        Ok(Self { writer, schema, class, names, waiting: Vec::new(), facts: 0 })
    }

    pub(crate) fn facts(&self) -> usize {
        self.facts
    }

    /// Adds facts, each with the number of its column.
    pub(crate) fn add(&mut self, facts: Vec<(usize, Fact)>) -> Result<(), Error> {
        self.facts += facts.len();
        self.waiting.extend(facts);
        if self.waiting.len() >= GROUP { self.write() } else { Ok(()) }
    }

    /// Ends the file. Gives its size in bytes.
    pub(crate) fn close(mut self) -> Result<u64, Error> {
        self.write()?;
        let mut file = self.writer.into_inner().map_err(failed)?;
        let mut size = || {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.read_to_end(&mut bytes)?;
            if let Some((place, seal)) = sealed::close(&mut bytes) {
                file.seek(SeekFrom::Start(place as u64))?;
                file.write_all(seal.as_bytes())?;
            }
            file.sync_all()?;
            Ok(bytes.len() as u64)
        };
        size().map_err(|error: std::io::Error| failed(error))
    }

    fn write(&mut self) -> Result<(), Error> {
        let facts = std::mem::take(&mut self.waiting);
        let batch = self.batch(&facts)?;
        self.writer.write(&batch).and_then(|()| self.writer.flush()).map_err(failed)
    }

    fn batch(&self, facts: &[(usize, Fact)]) -> Result<RecordBatch, Error> {
        let name = |column: &usize| self.names.get(*column).copied().unwrap_or_default();
        let day = |day: NaiveDate| Date32Type::from_naive_date(day);
        let mut numbers = Decimal128Builder::with_capacity(facts.len());
        let (mut texts, mut days) = (StringBuilder::new(), Date32Builder::with_capacity(facts.len()));
        for (column, fact) in facts {
            let number = match &fact.value {
                Value::Decimal(number) => Some(*number),
                Value::Count(count) => Some((*count).into()),
                Value::Year(year) => Some((*year).into()),
                Value::Text(_) | Value::Date(_) | Value::Timestamp(_) => None,
            };
            let stored = number.map(|number| {
                scaled(number).ok_or_else(|| Error::DoesNotFit {
                    table: TABLE,
                    column: name(column).to_owned(),
                    value: number.to_string(),
                })
            });
            numbers.append_option(stored.transpose()?);
            texts.append_option(match &fact.value {
                Value::Text(text) => Some(text),
                _ => None,
            });
            days.append_option(match &fact.value {
                Value::Date(date) => Some(day(*date)),
                _ => None,
            });
        }
        let scale = SCALE.cast_signed() as i8;
        let numbers = numbers.finish().with_precision_and_scale(PRECISION, scale).map_err(failed)?;
        let each = || facts.iter().map(|(_, fact)| fact);
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(facts.iter().map(|_| self.class.as_str()))),
            Arc::new(StringArray::from_iter_values(each().map(|fact| &fact.ticker))),
            Arc::new(StringArray::from_iter_values(facts.iter().map(|(column, _)| name(column)))),
            Arc::new(Date32Array::from_iter_values(each().map(|fact| day(fact.valid_from)))),
            Arc::new(Date32Array::from_iter_values(each().map(|fact| day(fact.valid_to)))),
            Arc::new(Int64Array::from_iter_values(each().map(|fact| i64::from(fact.days)))),
            Arc::new(numbers),
            Arc::new(texts.finish()),
            Arc::new(days.finish()),
        ];
        RecordBatch::try_new(self.schema.clone(), arrays).map_err(failed)
    }
}
