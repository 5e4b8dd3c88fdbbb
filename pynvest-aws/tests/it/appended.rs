//! Objects of before columns were appended to a table: every function reads them, with null in what they do not have.

use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use pynvest::Class;
use pynvest::lake::{Layer, Row, Table};
use serde_json::json;

use crate::lab::{Lab, created, state_machine};

/// Columns of FIIs until then.
const BEFORE: usize = 50;

/// As a function of before wrote it.
fn aged(bytes: Bytes) -> Bytes {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), 0..BEFORE);
    let batches: Vec<_> = builder.with_projection(mask).build().unwrap().map(Result::unwrap).collect();
    let mut writer = ArrowWriter::try_new(Vec::new(), batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap().into()
}

#[tokio::test]
async fn objects_of_before_are_read_and_merged() {
    let lab = Lab::new(4, 6).await;
    lab.day().await;
    let [sor, sot] = [Layer::Sor, Layer::Sot].map(|layer| Table::of(layer, Class::Fii));
    lab.assert_complete(sot);
    let whole = lab.rows(sot);
    let mut contents = lab.aws.contents();
    let mut parts = Vec::new();
    for (object, bytes) in &mut contents.objects {
        let is_of = |table: &Table| object.starts_with(&format!("{}/{}/", table.layer, table.name));
        if (is_of(sor) || is_of(sot)) && object.ends_with(".parquet") {
            *bytes = aged(std::mem::take(bytes));
            parts.extend(is_of(sor).then(|| object.clone()));
        }
    }
    assert!(!parts.is_empty());
    lab.aws.restore(contents);

    let without: Vec<Row> = whole
        .iter()
        .map(|row| {
            row.iter().enumerate().map(|(place, value)| value.clone().filter(|_| place < BEFORE)).collect()
        })
        .collect();
    assert_eq!(lab.rows(sot), without);
    for part in &parts {
        lab.call("prep-financial-data-for-fiis", created(part)).await;
    }
    lab.dedup().await;
    assert_eq!(lab.rows(sot), without, "nothing is lost, and nothing is made up");
    // The next run of the day reads the pages again.
    let before = lab.aws.contents();
    lab.later().await;
    lab.day().await;
    lab.assert_complete(sot);
    assert_eq!(lab.rows(sot), whole);

    // A day after one of before is compared with it, and nothing of that is odd.
    lab.aws.restore(before);
    lab.moved(20_261_119);
    let old = |lab: &Lab| -> Vec<_> {
        let objects = lab.aws.contents().objects.into_iter();
        objects.filter(|(object, _)| object.contains("=20261119/") && !object.contains("/_")).collect()
    };
    let kept = old(&lab);
    lab.day().await;
    lab.assert_complete(sot);
    let end = lab.call("dedup-financial-data-for-fiis", state_machine()).await["body"].clone();
    assert_eq!((&end["findings"], &end["rows"]), (&json!([]), &json!(6)), "{end}");
    // The day of before can be ended again.
    let event = json!({"anomesdia_exec": 20_261_119});
    let end = lab.call("dedup-financial-data-for-fiis", event).await["body"].clone();
    assert_eq!((&end["rows"], &end["objects"]), (&json!(6), &json!(0)), "{end}");
    assert!(old(&lab) == kept);
}
