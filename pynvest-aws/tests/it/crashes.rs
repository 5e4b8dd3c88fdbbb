//! Every function dies before and after every call that it makes, and is then called again.

use std::collections::BTreeSet;

use pynvest::Class;
use pynvest::lake::{Batch, Layer, Row, TABLES, Table};
use pynvest::record::Value;
use serde_json::json;

use crate::aws::Fault;
use crate::lab::{
    DAY, End, Lab, STOCKS, batch, body, created, destination, die_everywhere, returned, state_machine, typed,
};

const SECURITIES: [&str; 3] = ["PINV4", "BPIN3", "UPIN11"];

fn tickers(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row[0].as_ref().unwrap().to_string()).collect()
}

#[tokio::test]
async fn dedup_loses_nothing_wherever_it_dies() {
    let lab = Lab::new(6, 4).await;
    let table = Table::of(Layer::Sot, Class::Stock);
    // An earlier result, and a part that was written while it was made; every security twice or more.
    for securities in [&SECURITIES[..2], &SECURITIES[1..], &SECURITIES[..]] {
        let part = lab.part(securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
    }
    let parts = lab.aws.contents();
    lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    let (object, bytes) =
        parts.objects.iter().filter(|(object, _)| object.starts_with("sot/tbsot")).last().unwrap();
    lab.aws.put(object, bytes.clone());
    lab.aws.restore(lab.aws.contents());
    assert!(lab.rows(table).len() > 3, "compacted PINV4, BPIN3, UPIN11, and a part");
    let wanted: BTreeSet<String> = SECURITIES.map(str::to_owned).into();
    die_everywhere(&lab, "dedup-financial-data-for-acoes", &state_machine(), |when| {
        let rows = lab.rows(table);
        assert_eq!(tickers(&rows), wanted, "{when}");
        assert!(when == "dead" || rows.len() == 3, "{} rows, {when}", rows.len());
    })
    .await;
}

#[tokio::test]
async fn get_financial_data_writes_each_security_once_wherever_it_dies() {
    let lab = Lab::new(6, 4).await;
    let table = Table::of(Layer::Sor, Class::Stock);
    let event = batch(&SECURITIES.map(|ticker| body(ticker, "acao")));
    let before = lab.aws.contents();
    die_everywhere(&lab, "get-financial-data-for-acoes", &event, |when| {
        let rows = lab.rows(table);
        assert!(rows.is_empty() && when == "dead" || rows.len() == 3, "{} rows, {when}", rows.len());
        assert!(
            lab.aws.contents().objects.len() <= 2,
            "pages and rows: the same tickers are the same object"
        );
    })
    .await;
    // Delivered again in other batches, the securities are captured again, and the lake has them once where they are typed.
    lab.aws.restore(before);
    for securities in [&SECURITIES[..2], &SECURITIES[1..]] {
        let part = lab.part(securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
    }
    lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!(lab.rows(Table::of(Layer::Sot, Class::Stock)).len(), 3);
}

#[tokio::test]
async fn the_steps_between_give_the_same_object_wherever_they_die() {
    let lab = Lab::new(6, 4).await;
    let sor = lab.part(&SECURITIES).await;
    die_everywhere(&lab, "prep-financial-data-for-acoes", &created(&sor), |when| {
        let rows = lab.rows(Table::of(Layer::Sot, Class::Stock)).len();
        assert!(rows == 3 || rows == 0 && when == "dead", "{rows} rows, {when}");
    })
    .await;
    let sot = typed(&sor);
    die_everywhere(&lab, "specialize-financial-data", &created(&sot), |when| {
        let rows = lab.rows(Table::of(Layer::Spec, Class::Stock)).len();
        assert!(rows == 3 || rows == 0 && when == "dead", "{rows} rows, {when}");
    })
    .await;
}

#[tokio::test]
async fn the_day_is_removed_wherever_that_dies() {
    let lab = Lab::new(6, 4).await;
    lab.day().await;
    lab.aws.put(&format!("sor/{STOCKS}/anomesdia_exec=20261122/compacted.parquet"), "kept");
    let other = lab.aws.contents();
    lab.aws.restore(other);
    let event = json!({"anomesdia_exec": DAY, "replace": true});
    die_everywhere(&lab, "check-and-delete-partitions", &event, |when| {
        let contents = lab.aws.contents();
        if when != "dead" {
            assert_eq!(
                contents.objects.into_keys().filter(|object| !object.contains("/_")).collect::<Vec<_>>(),
                [format!("sor/{STOCKS}/anomesdia_exec=20261122/compacted.parquet")]
            );
            assert!(contents.partitions.values().all(std::collections::BTreeMap::is_empty));
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_that_arrives_or_is_written_again_during_dedup_survives() {
    let lab = Lab::new(6, 4).await;
    let table = Table::of(Layer::Sot, Class::Stock);
    let mut parts = Vec::new();
    for securities in [&SECURITIES[..1], &SECURITIES[1..2], &SECURITIES[2..]] {
        let part = lab.part(securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
        parts.push(typed(&part));
    }
    let mut contents = lab.aws.contents();
    let late = contents.objects.remove(&parts[2]).unwrap();
    let newer = {
        // The same security, captured again later: other bytes under the same key.
        let mut batch = Batch::from_parquet(table, contents.objects[&parts[0]].clone()).unwrap();
        for value in batch.rows[0].iter_mut().flatten() {
            if let Value::Timestamp(captured) = value {
                *captured += chrono::TimeDelta::hours(1);
            }
        }
        bytes::Bytes::from(batch.to_parquet().unwrap())
    };
    // One arrives after the listing, and one of the two is written again after it was read.
    lab.aws.restore(contents);
    lab.aws.fault_once("GetObject", 0, Fault::Overwrite { object: parts[2].clone(), bytes: late.clone() });
    lab.aws.fault_once("PutObject", 0, Fault::Overwrite { object: parts[0].clone(), bytes: newer.clone() });
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!(answer["body"]["objects"], 3, "one of the two parts that it has read, and then the others");
    let objects = lab.aws.contents().objects;
    assert!(parts.iter().all(|part| !objects.contains_key(part)));
    let object = lab.aws.contents().objects
        [&format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", table.name)]
        .clone();
    let compacted = Batch::from_parquet(table, object).unwrap();
    assert_eq!(compacted.rows.len(), 3);
    let expected = Batch::from_parquet(table, newer).unwrap();
    assert!(compacted.rows.contains(&expected.rows[0]), "the newest capture");
}

/// Two runs read the same, and the one that writes later must not undo the other.
#[tokio::test]
async fn two_dedups_at_once_lose_nothing() {
    let lab = Lab::new(6, 4).await;
    let table = Table::of(Layer::Sot, Class::Stock);
    let mut parts = Vec::new();
    for securities in [&SECURITIES[..2], &SECURITIES[2..]] {
        let part = lab.part(securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
        parts.push(typed(&part));
    }
    // While this run writes, another one has been faster, and has taken a security that this one has not seen: first where
    // there was no result yet, then where there was one.
    let compacted = format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", table.name);
    let mut securities = 3;
    loop {
        let before = lab.aws.contents();
        lab.aws.restore(before.clone());
        lab.call("dedup-financial-data-for-acoes", state_machine()).await;
        let faster = lab.aws.contents().objects[&compacted].clone();
        let mut contents = before;
        contents.objects.remove(&parts[1]);
        lab.aws.restore(contents);
        lab.aws.fault_once("PutObject", 0, Fault::Overwrite { object: compacted.clone(), bytes: faster });
        lab.call("dedup-financial-data-for-acoes", state_machine()).await;
        assert_eq!(lab.rows(table).len(), securities);
        if securities == 5 {
            break;
        }
        securities = 5;
        parts.clear();
        for securities in [["EXTR3"], ["VELH3"]] {
            let part = lab.part(&securities).await;
            lab.call("prep-financial-data-for-acoes", created(&part)).await;
            parts.push(typed(&part));
        }
    }

    // A part that is written just after S3 has denied it, since it was not there, is read all the same.
    let part = lab.part(&SECURITIES).await;
    lab.aws.fault_once("GetObject", 0, Fault::Error(403, "AccessDenied"));
    let answer = lab.call("prep-financial-data-for-acoes", created(&part)).await;
    assert_eq!(answer["body"]["rows"], 3);

    // Here it listed a part that is gone when it is read: S3 then denies access to it.
    let part = lab.part(&SECURITIES).await;
    lab.call("prep-financial-data-for-acoes", created(&part)).await;
    let gone = typed(&part);
    lab.aws.restore(lab.aws.contents());
    lab.aws.fault_once(&format!("GetObject {gone}"), 0, Fault::Gone { object: gone.clone() });
    lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!(lab.aws.calls().iter().filter(|call| **call == format!("GetObject {gone}")).count(), 1);
    assert_eq!(lab.rows(table).len(), 5);

    // Many at once, on one partition: one row a security, whoever wins.
    let part = lab.part(&SECURITIES).await;
    lab.call("prep-financial-data-for-acoes", created(&part)).await;
    let runs = (0..4).map(|_| lab.end("dedup-financial-data-for-acoes", state_machine()));
    for end in futures_util::future::join_all(runs).await {
        assert!(matches!(end, End::Answered(_)), "{end:?}");
    }
    assert_eq!(lab.rows(table).len(), 5);

    // One that never gets its turn says so, and has lost nothing.
    let part = lab.part(&SECURITIES[..1]).await;
    lab.call("prep-financial-data-for-acoes", created(&part)).await;
    lab.aws.fault("PutObject", Fault::Error(412, "PreconditionFailed"));
    assert_eq!(
        lab.failure("dedup-financial-data-for-acoes", state_machine()).await,
        "tbsot_fundamentus_indicadores_acoes_prep of 2026-11-23 kept changing while it was compacted; nothing is lost, and \
         the step may be repeated"
    );
    assert_eq!(tickers(&lab.rows(table)).len(), 5);
}

#[tokio::test]
async fn get_tickers_can_die_and_start_again() {
    let lab = Lab::new(6, 4).await;
    let event = destination(&json!({"status_code": 200, "body": {"anomesdia_exec": DAY}}));
    die_everywhere(&lab, "get-tickers", &event, |when| {
        let messages = lab.aws.contents().messages;
        let distinct: BTreeSet<_> = messages.values().flatten().collect();
        assert!(distinct.len() == 10 || when == "dead", "every ticker has a message, {when}");
    })
    .await;
    let answer = lab
        .call("get-financial-data-for-acoes", batch(&[body("PINV4", "acao"), body("PINV4", "acao")]))
        .await;
    assert_eq!(
        (returned(&answer).len(), lab.rows(&TABLES[0]).len()),
        (0, 1),
        "twice in a batch is read once"
    );
}
