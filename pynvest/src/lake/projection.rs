//! Some columns of some securities, without decoding the rest of a file.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetStatisticsPolicy;

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::sealed;
use crate::lake::table::{Row, Table, ticker};
use crate::record::column::Column;
use crate::record::value::Value;

/// Some columns of the wanted securities in a Parquet file, each with its ticker and, where that is needed to know which of several is the
/// newest, the time of its capture: if it is not the only file, or has a security twice.
///
/// The bytes of other columns are not decoded, nor is more than the tickers of a file without such a security. A file that has no
/// checksum of all its bytes, as one of an older version, is decoded whole, for that of its rows.
pub(crate) fn read_columns(
    table: &'static Table,
    file: Bytes,
    alone: bool,
    columns: &[&Column],
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<(String, Option<Value>, Row)>, Error> {
    if !sealed::check(table.name, &file)? {
        return Ok(projected(Batch::from_parquet(table, file)?, columns, wanted));
    }
    sealed::decode(table.name, || decoded(table, &file, alone, columns, wanted))
}

fn decoded(
    table: &'static Table,
    file: &Bytes,
    alone: bool,
    columns: &[&Column],
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<(String, Option<Value>, Row)>, Error> {
    // Of thousands of files this is most of the work: what is not asked for is not decoded.
    let none = ParquetStatisticsPolicy::SkipAll;
    let options = ArrowReaderOptions::new()
        .with_skip_arrow_metadata(true)
        .with_column_stats_policy(none.clone())
        .with_encoding_stats_policy(none.clone())
        .with_size_stats_policy(none);
    let metadata = ArrowReaderMetadata::load(file, options).map_err(|source| table.unreadable(source))?;
    sealed::bounded(table.name, metadata.metadata())?;
    let read = |columns: &[&Column]| -> Result<Vec<RecordBatch>, Error> {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone());
        let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().map(|column| column.name));
        let reader = reader.with_projection(mask).with_batch_size(usize::MAX >> 1).build();
        let batches = reader.map_err(|source| table.unreadable(source))?.collect::<Result<Vec<_>, _>>();
        batches.map_err(|source| table.unreadable(source))
    };
    let [security, ..] = table.columns else { return Ok(Vec::new()) };
    let mut places = Vec::new();
    for (number, batch) in read(&[security])?.iter().enumerate() {
        let Some(securities) = table.array(batch, security)? else { continue };
        let securities = securities.as_string::<i32>();
        let found = securities.iter().enumerate().filter_map(|(position, ticker)| Some((position, ticker?)));
        let found = found.filter(|(_, ticker)| wanted(ticker));
        places.extend(found.map(|(position, ticker)| (number, position, ticker.to_owned())));
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut once = HashSet::new();
    let single = alone && places.iter().all(|(_, _, ticker)| once.insert(ticker.as_str()));
    let captured = table.captured().and_then(|place| table.columns.get(place)).filter(|_| !single);
    let all: Vec<&Column> = captured.into_iter().chain(columns.iter().copied()).collect();
    let batches = if all.is_empty() { Vec::new() } else { read(&all)? };
    let arrays = |batch| all.iter().map(|column| table.array(batch, column)).collect();
    let arrays = batches.iter().map(arrays).collect::<Result<Vec<Vec<Option<&ArrayRef>>>, _>>()?;
    let row = |(number, position, ticker): (usize, usize, String)| {
        let cells = arrays.get(number).into_iter().flatten().zip(&all);
        let mut row = cells.map(|(array, column)| table.cell(*array, position, column));
        let captured = if captured.is_some() { row.next().transpose()?.flatten() } else { None };
        Ok((ticker, captured, row.collect::<Result<Row, Error>>()?))
    };
    places.into_iter().map(row).collect()
}

/// The same of rows that are decoded already.
fn projected(
    Batch { table, rows }: Batch,
    columns: &[&Column],
    wanted: &dyn Fn(&str) -> bool,
) -> Vec<(String, Option<Value>, Row)> {
    let place = |name: &str| table.columns.iter().position(|column| column.name == name);
    let captured = table.captured();
    let places: Vec<Option<usize>> = columns.iter().map(|column| place(column.name)).collect();
    let one = |row: Row| {
        let ticker = ticker(&row).filter(|ticker| wanted(ticker))?.to_owned();
        let value = |place: Option<usize>| row.get(place?).cloned().flatten();
        Some((ticker, value(captured), places.iter().map(|place| value(*place)).collect()))
    };
    rows.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::table::Layer;
    use crate::record::fii::Fii;
    use crate::record::security::Class;

    /// The table as it was before columns were appended.
    fn before() -> &'static Table {
        let Table { layer, class, name, comment, .. } = *Table::of(Layer::Sot, Class::Fii);
        let columns = &Fii::COLUMNS[..50];
        Box::leak(Box::new(Table { layer, class, name, columns, comment }))
    }

    #[test]
    fn a_file_of_before_columns_were_appended_is_read_with_null_in_them() {
        let pairs = [("FII", "PFII11"), ("Cotação", "260,30"), ("captured_at", "2026-11-23T18:45:00-03:00")];
        let now = Fii::from_pairs(pairs).unwrap().values();
        let row: Row = now[..50].to_vec();
        let file: Bytes = Batch { table: before(), rows: vec![row] }.to_parquet().unwrap().into();

        let sot = Table::of(Layer::Sot, Class::Fii);
        let read = Batch::from_parquet(sot, file.clone()).unwrap();
        assert_eq!(read.rows, [now]);
        let column = |name: &str| sot.columns.iter().find(|column| column.name == name).unwrap();
        let columns = [column("composicao"), column("vlr_cot"), column("cnpj")];
        let some = read_columns(sot, file.clone(), true, &columns, &|_| true).unwrap();
        let price = Some(Value::Decimal("260.3".parse().unwrap()));
        assert_eq!(some, [("PFII11".to_owned(), None, vec![None, price, None])]);
        // Written again it has all columns, and a program of before does not drop them in silence.
        let again = read.to_parquet().unwrap();
        assert_eq!(Batch::from_parquet(sot, again.clone()).unwrap(), read);
        let error = Batch::from_parquet(before(), again).unwrap_err();
        assert!(
            matches!(&error, Error::OtherColumns { column, wanted: None, .. } if column == "cnpj"),
            "{error}"
        );
        // A column that every file has is not missed in silence, and its bytes are still checked.
        let short = Box::leak(Box::new(Table { columns: &Fii::COLUMNS[..49], ..*before() }));
        let short = Batch { table: short, rows: vec![read.rows[0][..49].to_vec()] }.to_parquet().unwrap();
        assert!(Batch::from_parquet(sot, short).is_err());
        let mut flipped = file.to_vec();
        flipped[40] ^= 1;
        assert!(Batch::from_parquet(sot, flipped).is_err());
    }
}
