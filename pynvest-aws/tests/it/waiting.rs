//! A day that contradicts the last one: its rows wait in a sidecar of SoT, and nothing that is typed has them until they are taken.

use pynvest::lake::{Batch, Layer, TABLES, Table};
use pynvest::{Class, record::Value as Cell};
use serde_json::{Value, json};

use crate::lab::{DAY, Lab, state_machine};
use crate::schemas;

const SOT: &str = "tbsot_fundamentus_indicadores_acoes_prep";

/// Reads the day; three amounts of every stock are in thousands, if they are to be.
async fn read(lab: &Lab, in_thousands: bool) {
    lab.later().await;
    lab.aws.restore(lab.aws.contents());
    lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    for (function, event) in lab.batches(8) {
        lab.call(&function, event).await;
    }
    let mut events = lab.events_since(0);
    let table = Table::of(Layer::Sor, Class::Stock);
    let mut contents = lab.aws.contents();
    let of_day = format!("sor/{}/anomesdia_exec={DAY}/", table.name);
    for (_, bytes) in
        contents.objects.iter_mut().filter(|(object, _)| in_thousands && object.starts_with(&of_day))
    {
        let mut part = Batch::from_parquet(table, bytes.clone()).unwrap();
        for (place, column) in table.columns.iter().enumerate() {
            if !["vlr_mercado", "vlr_ativo", "vlr_patrim_liq"].contains(&column.name) {
                continue;
            }
            for row in &mut part.rows {
                if let Some(Cell::Text(text)) = &mut row[place]
                    && let Some(dot) = text.rfind('.')
                {
                    text.truncate(dot);
                }
            }
        }
        *bytes = part.to_parquet().unwrap().into();
    }
    lab.aws.restore(contents);
    while let Some((function, event)) = events.pop() {
        let seen = lab.aws.calls().len();
        lab.call(&function, event).await;
        events.extend(lab.events_since(seen));
    }
}

/// What dedup of stocks and that of Spec say.
async fn end(lab: &Lab, event: &Value) -> (Value, Value) {
    let stocks = lab.call("dedup-financial-data-for-acoes", event.clone()).await["body"].clone();
    lab.call("dedup-financial-data-for-fiis", event.clone()).await;
    let spec = lab.call("dedup-financial-data-for-spec-ativos", event.clone()).await["body"].clone();
    (stocks, spec)
}

fn rows(lab: &Lab) -> [usize; 5] {
    TABLES.each_ref().map(|table| lab.captures(table).len())
}

fn is_there(lab: &Lab, day: i32) -> bool {
    let waiting = format!("sot/_waiting/{SOT}/anomesdia_exec={day}/");
    lab.aws.contents().objects.keys().filter(|object| object.starts_with(&waiting)).count() == 2
}

#[tokio::test]
async fn a_day_in_another_unit_waits_until_the_site_says_the_same_again_or_somebody_accepts_it() {
    let lab = Lab::new(16, 8).await;
    lab.day().await;
    lab.moved(20_261_119);
    read(&lab, true).await;
    let (stocks, spec) = end(&lab, &state_machine()).await;
    let first = stocks["findings"][0].as_str().unwrap().to_owned();
    assert!(
        first.starts_with(&format!("{SOT}: most tickers moved by the factor 0.001 in "))
            && first.contains("vlr_ativo")
            && first.ends_with(" since 2026-11-19"),
        "{stocks}"
    );
    assert_eq!((&stocks["rows"], &stocks["waiting"]), (&json!(0), &json!(16)));
    assert_eq!(rows(&lab), [16, 8, 0, 8, 8]);
    assert!(is_there(&lab, DAY));
    let said = spec["reconciliation"].as_str().unwrap();
    assert!(
        said.starts_with("acoes: 16 sent, 16 in SoR, 0 in SoT, 0 in Spec, 16 waiting until they are accepted or read again ("),
        "{said}"
    );
    assert_eq!(spec["whole"], false);

    // The same rows once more are no second opinion.
    let waiting = lab.aws.contents();
    let (again, _) = end(&lab, &state_machine()).await;
    assert_eq!((&again["waiting"], rows(&lab)), (&json!(16), [16, 8, 0, 8, 8]));

    // Somebody who knows better.
    let (stocks, spec) = end(&lab, &json!({"anomesdia_exec": DAY, "accept": true})).await;
    assert_eq!((&stocks["accepted"][0], &stocks["rows"]), (&json!(first), &json!(16)));
    assert_eq!((rows(&lab), &spec["whole"]), ([16, 8, 16, 8, 24], &json!(true)));
    assert!(!is_there(&lab, DAY));
    let unclear =
        lab.failure("dedup-financial-data-for-acoes", json!({"anomesdia_exec": DAY, "accept": 1})).await;
    assert_eq!(unclear, "the event is not one with true or false in accept");

    // The next day says the same: it is taken, and what waited with it.
    lab.aws.restore(waiting);
    lab.moved(20_261_120);
    read(&lab, true).await;
    let (stocks, spec) = end(&lab, &state_machine()).await;
    assert_eq!((&stocks["rows"], &stocks["released"]), (&json!(16), &json!({"20261120": 16})), "{stocks}");
    assert!(stocks["accepted"][0].as_str().unwrap().contains("by the factor 0.001"), "{stocks}");
    assert_eq!((rows(&lab), &spec["whole"]), ([16, 8, 16, 8, 24], &json!(true)));
    assert!(!is_there(&lab, 20_261_120));
    for table in [&TABLES[2], &TABLES[4]] {
        let whole = format!("{}/{}/anomesdia_exec=20261120/compacted.parquet", table.layer, table.name);
        let released = Batch::from_parquet(table, lab.aws.contents().objects[&whole].clone()).unwrap().rows;
        assert_eq!(released.len(), if table.class.is_some() { 16 } else { 24 });
    }

    // Read again on the same day as it was once, it contradicts what it was taken with, which stays.
    read(&lab, false).await;
    let before = lab.captures(&TABLES[0]);
    let (stocks, spec) = end(&lab, &state_machine()).await;
    assert_eq!((&stocks["waiting"], &spec["whole"]), (&json!(16), &json!(false)), "{stocks}");
    assert_eq!(rows(&lab), [16, 8, 16, 8, 24]);
    assert!(lab.captures(&TABLES[2]).iter().all(|(ticker, at)| *at < before[ticker]));
}

#[tokio::test]
async fn a_last_day_without_rows_is_passed_over_and_named() {
    let lab = Lab::new(16, 8).await;
    lab.day().await;
    lab.moved(20_261_118);
    let profile = |day: i32| format!("sot/_profile/{SOT}/anomesdia_exec={day}/profile.json");
    let last = lab.aws.contents().objects[&profile(20_261_118)].clone();
    lab.aws.put(&profile(20_261_119), last);
    read(&lab, true).await;
    let (stocks, _) = end(&lab, &state_machine()).await;
    let first = stocks["findings"][0].as_str().unwrap();
    assert!(first.contains("by the factor 0.001") && first.ends_with(" since 2026-11-18"), "{stocks}");
    assert_eq!((&stocks["rows"], &stocks["waiting"]), (&json!(0), &json!(16)));
    let said = format!(
        "{SOT}: the rows cannot be compared with those of the last day: s3://sot/{SOT}/anomesdia_exec=20261119/compacted.parquet \
         is missing or empty; they are compared with those of 2026-11-18"
    );
    assert!(stocks["findings"].as_array().unwrap().contains(&json!(said)), "{stocks}");

    // What cannot be read stays in the table of a day that waits.
    let damaged = format!("sot/{SOT}/anomesdia_exec={DAY}/damaged.parquet");
    lab.aws.put(&damaged, "not Parquet");
    let failure = lab.failure("dedup-financial-data-for-acoes", state_machine()).await;
    assert!(failure.starts_with(&format!("s3://{damaged} cannot be read: ")), "{failure}");
    let of_day = format!("sot/{SOT}/anomesdia_exec={DAY}/");
    let objects = lab.aws.contents().objects.into_keys();
    assert_eq!(objects.filter(|object| object.starts_with(&of_day)).collect::<Vec<_>>(), [damaged]);
    assert!(is_there(&lab, DAY));
}

/// Columns of a newer version wait with their rows, and come back with them.
#[tokio::test]
async fn unknown_columns_wait_with_their_rows() {
    let lab = Lab::new(16, 8).await;
    lab.day().await;
    lab.moved(20_261_119);
    read(&lab, true).await;
    let mut contents = lab.aws.contents();
    let of_day = format!("sot/{SOT}/anomesdia_exec={DAY}/");
    for (_, bytes) in contents.objects.iter_mut().filter(|(object, _)| object.starts_with(&of_day)) {
        let rows = schemas::read(bytes);
        *bytes = schemas::snappy(&schemas::with(&rows, "vlr_novo", schemas::texts(&rows, "novo")));
    }
    lab.aws.restore(contents);
    let assert_kept = |object: &str| {
        let cells = schemas::cells(&schemas::read(&lab.aws.contents().objects[object]), "vlr_novo");
        assert_eq!(cells.len(), 16);
        for (ticker, cell) in cells {
            assert_eq!(cell, Some(format!("{ticker} novo")), "{object}");
        }
    };
    for _ in 0..2 {
        let (stocks, _) = end(&lab, &state_machine()).await;
        assert_eq!(stocks["waiting"], 16, "{stocks}");
        assert_kept(&format!("sot/_waiting/{SOT}/anomesdia_exec={DAY}/waiting.parquet"));
    }
    end(&lab, &json!({"anomesdia_exec": DAY, "accept": true})).await;
    assert_kept(&format!("{of_day}compacted.parquet"));
    assert_kept(&format!("sot/_profile/{SOT}/anomesdia_exec={DAY}/taken.parquet"));
}
