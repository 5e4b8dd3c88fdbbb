//! A day that is read again from its kept pages, without the site.

use bytes::Bytes;
use pynvest::lake::TABLES;
use pynvest::lake::pipeline::Archive;
use replica::Fault as Violation;
use serde_json::json;

use crate::lab::{DAY, Lab, STOCKS, batch, body, returned};

const CLASSES: [&str; 2] = ["get-financial-data-for-acoes", "get-financial-data-for-fiis"];

#[tokio::test]
async fn a_day_whose_tables_are_gone_is_as_it_was() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let (before, captures) = (lab.aws.contents(), TABLES.each_ref().map(|table| lab.captures(table)));
    let asked = lab.replica.requests().len();
    lab.replica.fault(Violation::Forbidden);
    let mut contents = before.clone();
    contents.objects.retain(|object, _| object.contains("/_pages/") || object.contains("/_reconciliation/"));
    contents.partitions.clear();
    lab.aws.restore(contents);
    let event = json!({"anomesdia_exec": DAY, "kept_pages": true});
    for (function, rows) in CLASSES.into_iter().zip([12, 8]) {
        let answer = lab.call(function, event.clone()).await["body"].clone();
        assert_eq!(
            (&answer["pages"], &answer["rows"], &answer["unread_count"]),
            (&json!(rows), &json!(rows), &json!(0))
        );
        assert_eq!(
            answer["next"],
            "Start the state machine with {\"anomesdia_exec\": 20261123} to end the day"
        );
    }
    lab.deliver(0).await;
    lab.dedup().await;
    assert_eq!(lab.replica.requests().len(), asked, "the site is not asked");
    for (table, captures) in TABLES.iter().zip(captures) {
        assert_eq!(lab.captures(table), captures, "{}", table.name);
        lab.assert_complete(table);
    }
    let after = lab.aws.contents();
    let sor = |contents: &crate::aws::Contents| -> Vec<(String, Bytes)> {
        contents.objects.clone().into_iter().filter(|(object, _)| object.starts_with("sor/tbsor")).collect()
    };
    assert!(sor(&after) == sor(&before), "the same objects, byte for byte");
    assert_eq!(after.partitions, before.partitions);
    // Once more it changes nothing.
    for function in CLASSES {
        lab.call(function, event.clone()).await;
    }
    lab.deliver(0).await;
    lab.dedup().await;
    assert_eq!(lab.aws.contents(), after);
}

#[tokio::test]
async fn what_cannot_be_used_of_the_pages_is_named_and_the_others_are_read() {
    let lab = Lab::new(6, 4).await;
    lab.part(&["PINV4", "BPIN3"]).await;
    let day = format!("_pages/{STOCKS}/anomesdia_exec={DAY}");
    let page = |ticker: &str| replica::latin1(&lab.exchange.details(ticker).unwrap());
    let at = "2026-11-23T18:45:01-03:00".parse().unwrap();
    let mut archive = Archive::new(Vec::new()).unwrap();
    archive.add("UPIN11", at, &page("PINV4")).unwrap();
    archive.add("EXTR3", at, &page("EXTR3")).unwrap();
    archive.add("PFII11", at, &page("PFII11")).unwrap();
    lab.aws.put(&format!("sor/{day}/other.tar.zst"), archive.finish().unwrap());
    lab.aws.put(&format!("sor/{day}/zero.tar.zst"), "no archive");
    let event = json!({"anomesdia_exec": DAY, "kept_pages": true});
    let answer = lab.call(CLASSES[0], event.clone()).await["body"].clone();
    assert_eq!((&answer["archives"], &answer["pages"], &answer["rows"]), (&json!(3), &json!(5), &json!(3)));
    assert_eq!(answer["causes"], json!({"kept_page": 1, "other_class": 1, "other_ticker": 1}));
    let unread = answer["unread"].as_array().unwrap();
    assert_eq!(unread[0], "UPIN11 cannot be read: asked for UPIN11, the site showed PINV4");
    assert!(
        unread[2].as_str().unwrap().starts_with(&format!("s3://sor/{day}/zero.tar.zst cannot be used: ")),
        "{unread:?}"
    );
    assert_eq!(lab.captures(&TABLES[0]).into_keys().collect::<Vec<_>>(), ["BPIN3", "EXTR3", "PINV4"]);

    // With nothing to read it fails, and says why.
    let mut contents = lab.aws.contents();
    contents.objects.retain(|object, _| object.ends_with("zero.tar.zst"));
    lab.aws.restore(contents);
    let failure = lab.failure(CLASSES[0], event.clone()).await;
    assert!(failure.contains("zero.tar.zst cannot be used: "), "{failure}");
    assert_eq!(
        lab.failure(CLASSES[1], event).await,
        format!(
            "no page is kept in s3://sor/_pages/tbsor_fundamentus_indicadores_fiis_raw/anomesdia_exec={DAY}/"
        )
    );
    let unclear = lab.failure(CLASSES[0], json!({"anomesdia_exec": DAY, "kept_pages": 1})).await;
    assert_eq!(unclear, "the event is not one with true or false in kept_pages");
}

/// Of one run the pages could be read, of the next they could not: neither takes the place of the other.
#[tokio::test]
async fn pages_that_could_not_be_read_are_read_again_with_those_that_could() {
    let lab = Lab::new(6, 4).await;
    let tickers = ["PINV4", "BPIN3"];
    lab.part(&tickers).await;
    tickers.iter().for_each(|ticker| lab.replica.fault(Violation::LayoutChanged.on(ticker)));
    let answer = lab.call(CLASSES[0], batch(&tickers.map(|ticker| body(ticker, "acao")))).await;
    assert_eq!(returned(&answer).len(), 2);
    let event = json!({"anomesdia_exec": DAY, "kept_pages": true});
    let answer = lab.call(CLASSES[0], event.clone()).await["body"].clone();
    assert_eq!((&answer["archives"], &answer["pages"], &answer["rows"]), (&json!(2), &json!(4), &json!(2)));
    assert_eq!(answer["causes"], json!({"layout_changed": 2}));

    // A version that can read them has both captures.
    let objects = lab.aws.contents().objects;
    let unread = objects.keys().find(|object| object.ends_with("-unread.tar.zst")).unwrap();
    let mut archive = Archive::new(Vec::new()).unwrap();
    for ticker in tickers {
        let page = replica::latin1(&lab.exchange.details(ticker).unwrap());
        archive.add(ticker, "2026-11-23T18:45:01-03:00".parse().unwrap(), &page).unwrap();
    }
    lab.aws.put(unread, archive.finish().unwrap());
    let answer = lab.call(CLASSES[0], event).await["body"].clone();
    assert_eq!((&answer["rows"], &answer["causes"]), (&json!(4), &json!({})));
    assert_eq!(lab.rows(&TABLES[0]).len(), 4);
}
