//! Schemas grow, and somebody else writes Parquet too: nothing is dropped, nothing doubled, and what cannot be read is named.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use pynvest::lake::{Batch, Table};
use serde_json::{Value, json};

use crate::lab::{DAY, Lab, created, state_machine, typed};

const SOT: &str = "tbsot_fundamentus_indicadores_acoes_prep";

fn table() -> &'static Table {
    Table::named(SOT).unwrap()
}

fn compacted() -> String {
    format!("sot/{SOT}/anomesdia_exec={DAY}/compacted.parquet")
}

/// A file as another program writes it: snappy, without any checksum.
pub(crate) fn snappy(rows: &RecordBatch) -> Bytes {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
    writer.write(rows).unwrap();
    writer.into_inner().unwrap().into()
}

pub(crate) fn read(bytes: &Bytes) -> RecordBatch {
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap().build().unwrap();
    reader.next().unwrap().unwrap()
}

/// The same rows with the column in the place of the one of its name, or at the end.
pub(crate) fn with(rows: &RecordBatch, name: &str, array: ArrayRef) -> RecordBatch {
    let mut columns: Vec<(String, ArrayRef)> = rows
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .zip(rows.columns().iter().cloned())
        .filter(|(other, _)| other != name)
        .collect();
    columns.push((name.to_owned(), array));
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A text for each row: its ticker and this.
pub(crate) fn texts(rows: &RecordBatch, text: &str) -> ArrayRef {
    let tickers = rows.column(0).as_any().downcast_ref::<StringArray>().unwrap();
    Arc::new(
        tickers.iter().map(|ticker| Some(format!("{} {text}", ticker.unwrap()))).collect::<StringArray>(),
    )
}

/// By ticker, the cells of an unknown column.
pub(crate) fn cells(rows: &RecordBatch, name: &str) -> Vec<(String, Option<String>)> {
    let text = |array: &ArrayRef| -> Vec<Option<String>> {
        let array = array.as_any().downcast_ref::<StringArray>().unwrap();
        array.iter().map(|text| text.map(str::to_owned)).collect()
    };
    let tickers = text(rows.column(0)).into_iter().flatten();
    tickers.zip(text(rows.column_by_name(name).unwrap())).collect()
}

/// SoT of two stocks, not compacted; its part.
async fn typed_part(lab: &Lab, tickers: &[&str]) -> String {
    let sor = lab.part(tickers).await;
    lab.call("prep-financial-data-for-acoes", created(&sor)).await;
    typed(&sor)
}

async fn dedup(lab: &Lab) -> Value {
    lab.call("dedup-financial-data-for-acoes", state_machine()).await["body"].clone()
}

fn of_day(lab: &Lab) -> Vec<String> {
    let folder = format!("sot/{SOT}/");
    lab.aws.contents().objects.into_keys().filter(|object| object.starts_with(&folder)).collect()
}

#[tokio::test]
async fn a_part_with_an_unknown_column_is_merged_with_it() {
    let lab = Lab::new(6, 4).await;
    let part = typed_part(&lab, &["PINV4", "BPIN3"]).await;
    let mut contents = lab.aws.contents();
    let rows = read(&contents.objects.remove(&part).unwrap());
    let folder = part.rsplit_once('/').unwrap().0;
    contents.objects.insert(format!("{folder}/part-0.snappy.parquet"), snappy(&rows));
    let more = snappy(&with(&rows, "vlr_novo", texts(&rows, "novo")));
    contents.objects.insert(format!("{folder}/more.parquet"), more);
    lab.aws.restore(contents);

    let answer = dedup(&lab).await;
    assert_eq!((&answer["rows"], &answer["kept_columns"]), (&json!(2), &json!(["vlr_novo"])));
    assert_eq!(of_day(&lab), [compacted()]);
    let whole = lab.aws.contents().objects[&compacted()].clone();
    let (batch, kept) = Batch::from_parquet_keeping(table(), whole.clone()).unwrap();
    assert_eq!((batch.to_arrow().unwrap(), kept.names()), (rows, vec!["vlr_novo".to_owned()]));
    let novo = |ticker: &str| (ticker.to_owned(), Some(format!("{ticker} novo")));
    assert_eq!(cells(&read(&whole), "vlr_novo"), [novo("BPIN3"), novo("PINV4")]);
    // Whoever would drop the column refuses the file, and says which it is.
    assert_eq!(
        Batch::from_parquet(table(), whole).unwrap_err().to_string(),
        format!("the columns of this file are not those of {SOT}: the table has no column vlr_novo")
    );
}

/// After a roll-back: the whole is of a newer version, what comes is not.
#[tokio::test]
async fn a_whole_of_a_newer_version_keeps_its_columns_when_rows_come() {
    let lab = Lab::new(6, 4).await;
    typed_part(&lab, &["PINV4", "BPIN3"]).await;
    dedup(&lab).await;
    let rows = read(&lab.aws.contents().objects[&compacted()]);
    lab.aws.put(&compacted(), snappy(&with(&rows, "vlr_novo", texts(&rows, "novo"))));

    typed_part(&lab, &["PINV4", "UPIN11"]).await;
    let expected = [
        ("BPIN3".to_owned(), Some("BPIN3 novo".to_owned())),
        // Of a newer capture the newer version has said nothing.
        ("PINV4".to_owned(), None),
        ("UPIN11".to_owned(), None),
    ];
    let found = |lab: &Lab| cells(&read(&lab.aws.contents().objects[&compacted()]), "vlr_novo");
    assert_eq!(found(&lab), expected);
    dedup(&lab).await;
    assert_eq!((found(&lab).as_slice(), of_day(&lab).len()), (expected.as_slice(), 1));
}

/// Before an upgrade: the whole has fewer columns.
#[tokio::test]
async fn a_whole_of_an_older_version_gets_the_columns_that_it_lacks() {
    let lab = Lab::new(6, 6).await;
    lab.day().await;
    let fiis = Table::named("tbsot_fundamentus_indicadores_fiis_prep").unwrap();
    let place = format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", fiis.name);
    let whole = lab.aws.contents().objects[&place].clone();
    let rows = read(&whole);
    let appended = rows.schema().index_of("cnpj").unwrap();
    let fewer = rows.project(&(0..appended).collect::<Vec<_>>()).unwrap();
    assert!(fewer.num_columns() < rows.num_columns());
    lab.aws.put(&place, snappy(&fewer));

    let answer = lab.call("dedup-financial-data-for-fiis", state_machine()).await;
    assert_eq!(answer["body"]["rows"], 6);
    let batch = Batch::from_parquet(fiis, lab.aws.contents().objects[&place].clone()).unwrap();
    assert!(batch.rows.iter().all(|row| row.len() == fiis.columns.len() && row[appended].is_none()));

    // The day is read again by this version: all of it, each once.
    lab.later().await;
    lab.aws.restore(lab.aws.contents());
    lab.day().await;
    lab.assert_complete(fiis);
    assert_eq!(read(&lab.aws.contents().objects[&place]).schema(), rows.schema());
}

#[tokio::test]
async fn a_whole_with_another_type_is_named_and_left_and_nothing_is_doubled() {
    let lab = Lab::new(6, 4).await;
    typed_part(&lab, &["PINV4", "BPIN3"]).await;
    dedup(&lab).await;
    let rows = read(&lab.aws.contents().objects[&compacted()]);
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![1.5; rows.num_rows()]));
    let by_hand = snappy(&with(&rows, "vlr_cot", doubles));
    lab.aws.put(&compacted(), by_hand.clone());

    let said = format!(
        "s3://{} cannot be read: the columns of this file are not those of {SOT}: the column vlr_cot has the type Float64, not Decimal128(20, 6)",
        compacted()
    );
    let sor = lab.part(&["PINV4"]).await;
    for (function, event) in [
        ("prep-financial-data-for-acoes", created(&sor)),
        ("dedup-financial-data-for-acoes", state_machine()),
    ] {
        assert_eq!(lab.failure(function, event).await, said);
        assert_eq!(of_day(&lab), [compacted()]);
        assert_eq!(lab.aws.contents().objects[&compacted()], by_hand);
    }
    // Taken away, it is derived again from SoR.
    let mut contents = lab.aws.contents();
    contents.objects.remove(&compacted());
    lab.aws.restore(contents);
    let answer = dedup(&lab).await;
    assert_eq!((&answer["rows"], &answer["derived"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn a_partition_that_was_altered_is_brought_up_to_its_table() {
    let lab = Lab::new(6, 4).await;
    typed_part(&lab, &["PINV4"]).await;
    let database = format!("db_sot.{SOT}");
    let mut contents = lab.aws.contents();
    let right = contents.partitions[&database].clone();
    let day = DAY.to_string();
    contents.partitions.get_mut(&database).unwrap().insert(day.clone(), "s3://elsewhere".to_owned()).unwrap();
    lab.aws.restore(contents);
    dedup(&lab).await;
    assert_eq!(lab.aws.contents().partitions[&database], right);
    // And one that is as it should be is not touched.
    let before = lab.aws.calls().len();
    dedup(&lab).await;
    assert!(!lab.aws.calls()[before..].iter().any(|call| call.starts_with("UpdatePartition")));
}
