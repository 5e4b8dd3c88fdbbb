//! The day from event to event, in order, twice, and in any order.

use std::collections::BTreeMap;

use pynvest::lake::TABLES;
use pynvest::lake::pipeline::partition;
use serde_json::{Value, json};

use crate::aws::Fault;
use crate::lab::{DAY, Lab, SCHEDULE, destination, state_machine};

#[tokio::test]
async fn a_day_goes_from_event_to_event() {
    let lab = Lab::new(12, 8).await;
    // What an earlier run of the day has left, more than one page of a listing, and another day.
    for table in &TABLES {
        for name in ["a.part.parquet", "b.part.parquet", "by hand.parquet"] {
            lab.aws.put(&format!("{}/{}/anomesdia_exec={DAY}/{name}", table.layer, table.name), "old");
        }
        lab.aws.put(
            &format!("{}/{}/anomesdia_exec=20261122/compacted.parquet", table.layer, table.name),
            "kept",
        );
    }
    let foreign = format!("sot/{}/anomesdia_exec={DAY}/_SUCCESS", TABLES[2].name);
    lab.aws.put(&foreign, "");
    let aside = "_rejected/tbsot_fundamentus_indicadores_acoes_prep";
    lab.aws.put(&format!("sot/{aside}/anomesdia_exec={DAY}/a.jsonl"), "old");
    let mut contents = lab.aws.contents();
    let old = BTreeMap::from([(DAY.to_string(), "s3://old".to_owned())]);
    contents.partitions.insert(format!("db_sot.{}", TABLES[2].name), old);
    lab.aws.restore(contents);

    // Without a word all of it stays; asked by name, all of it goes.
    let before = lab.aws.contents();
    let kept = lab.call("check-and-delete-partitions", serde_json::from_str(SCHEDULE).unwrap()).await;
    assert_eq!((&kept["body"]["objects"], &kept["body"]["kept"]), (&json!(0), &json!(15)));
    let mut contents = lab.aws.contents();
    contents.objects.retain(|object, _| !object.ends_with("/list.json"));
    assert_eq!(contents, before, "only the lists are kept");
    let mut event: Value = serde_json::from_str(SCHEDULE).unwrap();
    event["replace"] = json!(true);
    let removed = lab.call("check-and-delete-partitions", event).await;
    assert_eq!(
        (&removed["body"]["objects"], &removed["body"]["partitions"], &removed["body"]["kept"]),
        (&json!(16), &json!(1), &json!(0))
    );
    assert_eq!(removed["body"]["foreign"], json!([format!("s3://{foreign}")]), "left alone");
    let next = removed["body"]["next"].as_str().unwrap();
    assert!(
        next.ends_with("get-tickers was not triggered: invoke it with {\"anomesdia_exec\": 20261123}"),
        "{next}"
    );
    let left = lab.aws.contents();
    let partitions = left.partitions.values().map(BTreeMap::len).sum::<usize>();
    assert_eq!(
        (left.objects.len(), partitions),
        (5 + 1 + 2, 0),
        "another day, the foreign object and the lists"
    );

    let sent = lab.call("get-tickers", destination(&removed)).await;
    assert_eq!(sent["body"], json!({"anomesdia_exec": DAY, "acoes": 12, "fiis": 8}));
    let asked = lab.replica.requests().into_iter().map(|request| request.path);
    let lists: Vec<_> = asked.filter(|path| path.contains("resultado.php")).collect();
    assert_eq!(
        lists,
        ["resultado.php", "fii_resultado.php", "resultado.php", "fii_resultado.php"].map(Into::into),
        "each list is fetched once a run, and get-tickers fetches none"
    );
    let calls = lab.aws.calls();
    let batches = calls.iter().filter(|call| call.starts_with("SendMessageBatch")).count();
    assert_eq!(batches, 3, "twelve and eight messages in batches of ten");
    let messages = lab.aws.contents().messages;
    assert!(
        messages["pynvest-tickers-acoes-queue"]
            .contains(&r#"{"ticker":"PINV4","tipo":"acao","anomesdia_exec":20261123}"#.to_owned()),
        "{messages:?}"
    );
    assert_eq!(messages["pynvest-tickers-fiis-queue"].len(), 8);

    lab.batches(10);
    lab.day().await;
    for table in &TABLES {
        lab.assert_complete(table);
        let database = format!("db_{}.{}", table.layer, table.name);
        let place = format!("s3://{}/{}/anomesdia_exec={DAY}/", table.layer, table.name);
        assert_eq!(lab.aws.contents().partitions[&database], BTreeMap::from([(DAY.to_string(), place)]));
    }
    let objects = lab.aws.contents().objects;
    let of = |table: &str| {
        objects
            .keys()
            .filter(|object| {
                object.split('/').nth(1) == Some(table)
                    && object.contains("=20261123/")
                    && **object != foreign
            })
            .count()
    };
    assert_eq!(
        TABLES.each_ref().map(|table| of(table.name)),
        [3, 2, 1, 1, 1],
        "parts, and then one object each"
    );
    assert_eq!(objects.values().filter(|bytes| *bytes == "kept").count(), 5, "the other day");
    assert_eq!(objects.keys().filter(|object| !object.contains("/_")).count(), 8 + 5, "of the tables");
    let sidecars = |what: &str| objects.keys().filter(|object| object.contains(what)).count();
    assert_eq!(["/_pages/", "/_profile/", "/_reconciliation/"].map(sidecars), [5, 6, 7]);

    // A second dedup has nothing to do.
    let before = lab.aws.contents();
    lab.dedup().await;
    assert_eq!(lab.aws.contents(), before);
}

#[tokio::test]
async fn events_delivered_twice_and_in_any_order_give_the_same_lake() {
    let lab = Lab::new(9, 6).await;
    for seed in 0..3 {
        let mut random = fastrand::Rng::with_seed(seed);
        lab.aws.restore(crate::aws::Contents::default());
        let removed = lab.call("check-and-delete-partitions", serde_json::from_str(SCHEDULE).unwrap()).await;
        lab.call("get-tickers", destination(&removed)).await;
        let dedup = ["acoes", "fiis", "spec-ativos"]
            .map(|name| (format!("dedup-financial-data-for-{name}"), state_machine()));
        let mut pending: Vec<_> =
            lab.batches(4).into_iter().chain(dedup).flat_map(|event| [event.clone(), event]).collect();
        let mut delivered = 0;
        while !pending.is_empty() {
            let (function, event) = pending.swap_remove(random.usize(..pending.len()));
            let seen = lab.aws.calls().len();
            lab.call(&function, event).await;
            delivered += 1;
            pending.extend(lab.events_since(seen).into_iter().flat_map(|event| [event.clone(), event]));
        }
        assert!(delivered > 2 * 5 + 6 + 20, "{delivered} events");
        lab.dedup().await;
        for table in &TABLES {
            lab.assert_complete(table);
        }
    }
}

#[tokio::test]
async fn a_run_over_midnight_stays_one_day() {
    let lab = Lab::new(4, 4).await;
    // 18:45 in Brasília is 21:45 in Greenwich; at 23:59 it is the next day there.
    for (time, day) in
        [("2026-11-23T21:45:00Z", DAY), ("2026-11-24T02:59:59Z", DAY), ("2026-11-24T03:00:00Z", DAY + 1)]
    {
        let removed = lab.call("check-and-delete-partitions", json!({"time": time})).await;
        assert_eq!(removed["body"]["anomesdia_exec"], day, "{time}");
    }
    // The day in the answer counts, not the time of what it answers.
    let removed = json!({"status_code": 200, "body": {"anomesdia_exec": 20_240_229}});
    let sent = lab.call("get-tickers", destination(&removed)).await;
    assert_eq!(sent["body"]["anomesdia_exec"], 20_240_229);
    // A day asked for by hand counts before all, as a number or a text; without any, it is today in Brasília.
    for day in [json!(20_240_229), json!("20240229")] {
        let removed = lab
            .call(
                "check-and-delete-partitions",
                json!({"anomesdia_exec": day, "time": "2026-11-23T21:45:00Z"}),
            )
            .await;
        assert_eq!(removed["body"]["anomesdia_exec"], 20_240_229);
    }
    let today = || partition(pynvest::record::brasilia(chrono::Utc::now()).date_naive());
    let (before, removed, after) =
        (today(), lab.call("check-and-delete-partitions", json!({})).await, today());
    assert!([before, after].map(|day| json!(day)).contains(&removed["body"]["anomesdia_exec"]));
    let bad = lab.failure("check-and-delete-partitions", json!({"anomesdia_exec": 20_260_230})).await;
    assert_eq!(bad, "the event is not one with a day like 20261231 in anomesdia_exec");
    let bad = lab.failure("dedup-financial-data-for-acoes", json!({"time": "noon"})).await;
    assert_eq!(bad, "the event is not one with a time like 2026-12-31T21:45:00Z");
}

/// Whatever happens to the queue, no ticker is twice in what people read.
#[tokio::test]
async fn tickers_sent_again_after_a_crash_are_in_the_lake_once() {
    let lab = Lab::new(25, 5).await;
    let removed = json!({"status_code": 200, "body": {"anomesdia_exec": DAY}});
    lab.aws.fault_once("SendMessageBatch", 2, Fault::DieAfter);
    lab.end("get-tickers", destination(&removed)).await;
    lab.aws.restore(lab.aws.contents());
    lab.call("get-tickers", destination(&removed)).await;
    let sent: usize = lab.aws.contents().messages.values().map(Vec::len).sum();
    assert!(sent > 30, "{sent} messages for 30 tickers");
    for (function, event) in lab.batches(7) {
        lab.call(&function, event).await;
    }
    let mut seen = 0;
    while !lab.events_since(seen).is_empty() {
        let events = lab.events_since(seen);
        seen = lab.aws.calls().len();
        for (function, event) in events {
            lab.call(&function, event).await;
        }
    }
    lab.dedup().await;
    for table in &TABLES[2..] {
        lab.assert_complete(table);
    }
}
