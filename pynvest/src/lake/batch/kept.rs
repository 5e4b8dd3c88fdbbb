//! Columns of a file that its table has not, as those of a newer version: kept when the rows are written again.

use std::collections::BTreeMap;

use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, Field, FieldRef, Schema};
use arrow_select::interleave::interleave;

use crate::error::Error;
use crate::lake::table::{Row, Table, ticker};
use crate::record::value::Value;

/// A security, and when a row of it was captured.
type CaptureId = (String, Value);

/// The unknown columns of some files of a table, with the rows that they belong to.
#[derive(Debug, Clone, Default)]
pub struct KeptColumns {
    files: Vec<Kept>,
}

#[derive(Debug, Clone)]
struct Kept {
    columns: RecordBatch,
    places: BTreeMap<CaptureId, usize>,
}

impl KeptColumns {
    /// The columns of a file that are not in the table; `rows` are those of the file, in its order.
    pub(super) fn new(table: &Table, file: &RecordBatch, rows: &[Row]) -> Result<Self, ArrowError> {
        let schema = file.schema();
        let unknown = schema.fields().iter().enumerate().filter(|(_, field)| !table.has(field.name()));
        let places: Vec<usize> = unknown.map(|(place, _)| place).collect();
        if places.is_empty() {
            return Ok(Self::default());
        }
        // A row of another file has none of them.
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = places
            .iter()
            .map(|place| (schema.field(*place).clone().with_nullable(true), file.column(*place).clone()))
            .unzip();
        let columns = RecordBatch::try_new(Schema::new(fields).into(), arrays)?;
        let ids = rows.iter().enumerate().filter_map(|(place, row)| Some((id(table, row)?, place)));
        Ok(Self { files: vec![Kept { columns, places: ids.collect() }] })
    }

    /// The names of the columns, in the order in which they are written.
    pub fn names(&self) -> Vec<String> {
        self.fields().into_iter().map(|field| field.name().clone()).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Adds those of other files.
    ///
    /// # Errors
    ///
    /// [`Error::OtherColumns`] if a column has another type there; nothing is added then.
    pub fn add(&mut self, table: &'static Table, others: Self) -> Result<(), Error> {
        let known = self.fields();
        for other in others.fields() {
            if let Some(field) = known.iter().find(|field| field.name() == other.name())
                && field.data_type() != other.data_type()
            {
                let (found, wanted) = (other.data_type(), field.data_type());
                return Err(table.other_column(field.name(), Some(found), Some(wanted)));
            }
        }
        self.files.extend(others.files);
        Ok(())
    }

    pub(super) fn fields(&self) -> Vec<FieldRef> {
        let mut fields: Vec<FieldRef> = Vec::new();
        for file in &self.files {
            for field in file.columns.schema().fields() {
                if !fields.iter().any(|known| known.name() == field.name()) {
                    fields.push(field.clone());
                }
            }
        }
        fields
    }

    /// The rows of a table with these columns at their end, null where no file has the row.
    pub(super) fn beside(
        &self,
        table: &Table,
        rows: &[Row],
        batch: &RecordBatch,
    ) -> Result<RecordBatch, ArrowError> {
        let ids: Vec<Option<CaptureId>> = rows.iter().map(|row| id(table, row)).collect();
        let mut fields: Vec<FieldRef> = batch.schema().fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        for field in self.fields() {
            let null = new_null_array(field.data_type(), 1);
            let mut values: Vec<&dyn Array> = vec![null.as_ref()];
            let mut found = vec![(0, 0); rows.len()];
            for file in &self.files {
                let Some(array) = file.columns.column_by_name(field.name()) else { continue };
                for (found, id) in found.iter_mut().zip(&ids) {
                    if let Some(place) = id.as_ref().and_then(|id| file.places.get(id))
                        && *found == (0, 0)
                    {
                        *found = (values.len(), *place);
                    }
                }
                values.push(array.as_ref());
            }
            arrays.push(interleave(&values, &found)?);
            fields.push(field);
        }
        RecordBatch::try_new(Schema::new(fields).into(), arrays)
    }
}

fn id(table: &Table, row: &Row) -> Option<CaptureId> {
    Some((ticker(row)?.to_owned(), row.get(table.captured()?)?.clone()?))
}
