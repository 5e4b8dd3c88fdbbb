//! A day never gets worse: neither by a second run, nor by events that come late, again, or after days.

use std::collections::BTreeMap;

use bytes::Bytes;
use pynvest::lake::TABLES;
use replica::Fault as Violation;
use serde_json::{Value, json};

use crate::aws::Fault;
use crate::lab::{DAY, End, Lab, SCHEDULE, batch, body, destination, returned, state_machine};

fn schedule() -> Value {
    serde_json::from_str(SCHEDULE).unwrap()
}

/// The archives of pages.
fn pages(lab: &Lab) -> BTreeMap<String, Bytes> {
    lab.aws.contents().objects.into_iter().filter(|(object, _)| object.contains("/_pages/")).collect()
}

#[tokio::test]
async fn a_second_run_whose_pages_refuse_keeps_the_complete_day() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let (before, archives) = (lab.aws.contents(), pages(&lab));
    for broken in [Violation::Forbidden, Violation::Challenge, Violation::Unavailable { retry_after: None }] {
        lab.aws.restore(before.clone());
        lab.replica.clear_faults();
        lab.replica.fault(broken.on("detalhes.php"));
        let kept = lab.call("check-and-delete-partitions", schedule()).await;
        assert_eq!(
            (&kept["body"]["objects"], &kept["body"]["partitions"], &kept["body"]["kept"]),
            (&json!(0), &json!(0), &json!(8)),
        );
        lab.call("get-tickers", destination(&kept)).await;
        for (function, event) in lab.batches(5) {
            let answer = lab.call(&function, event).await;
            assert!(!returned(&answer).is_empty());
        }
        lab.dedup().await;
        for table in &TABLES {
            lab.assert_complete(table);
        }
        let (unread, read): (BTreeMap<_, _>, BTreeMap<_, _>) =
            pages(&lab).into_iter().partition(|(object, _)| object.ends_with("-unread.tar.zst"));
        assert!(!unread.is_empty(), "refusals are kept");
        assert!(read == archives, "no refusal replaces a page");
    }
}

#[tokio::test]
async fn only_an_event_that_says_so_removes_a_complete_day() {
    let lab = Lab::new(6, 4).await;
    lab.day().await;
    let complete = lab.aws.contents();
    for keeps in [json!({"anomesdia_exec": DAY}), json!({"anomesdia_exec": DAY, "replace": false})] {
        lab.call("check-and-delete-partitions", keeps).await;
        assert_eq!(lab.aws.contents(), complete);
    }
    let unclear = lab.failure("check-and-delete-partitions", json!({"replace": "yes"})).await;
    assert_eq!(unclear, "the event is not one with true or false in replace");
    for waiting in ["waiting.json", "waiting.parquet"] {
        lab.aws.put(&format!("sot/_waiting/{}/anomesdia_exec={DAY}/{waiting}", TABLES[2].name), "");
    }
    let removed =
        lab.call("check-and-delete-partitions", json!({"anomesdia_exec": DAY, "replace": true})).await;
    // Objects of the tables, the rows that each class was taken with, and what waits.
    assert_eq!((&removed["body"]["objects"], &removed["body"]["partitions"]), (&json!(6 + 2 + 2), &json!(5)));
    assert!(TABLES.iter().all(|table| lab.rows(table).is_empty()));
    let left = lab.aws.contents().objects;
    let count = |ending: &str| left.keys().filter(|object| object.ends_with(ending)).count();
    assert_eq!(["/waiting.json", "/waiting.parquet", "/taken.parquet"].map(count), [0; 3]);
    assert_eq!(["/profile.json", "/list.json"].map(count), [2, 4], "lists of SoT and of Spec");
}

#[tokio::test]
async fn events_that_come_again_after_dedup_change_nothing() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let complete = lab.aws.contents();
    let events = lab.events_since(0);
    assert_eq!(events.len(), 5 + 5, "of SoR and of SoT");
    for (function, event) in events.iter().chain(events.iter().rev()) {
        lab.call(function, event.clone()).await;
        assert_eq!(lab.aws.contents(), complete, "{function}");
    }
}

/// Read again in other batches, the events of all that twice and in any order: at no moment is a security twice in SoT or in Spec, and
/// in the end the newest capture is in both, without another dedup. SoR has every capture.
#[tokio::test]
async fn messages_that_come_again_after_dedup_double_nothing() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let complete = TABLES.each_ref().map(|table| lab.captures(table));
    for seed in 0..2 {
        let mut random = fastrand::Rng::with_seed(seed);
        lab.later().await;
        let stocks: Vec<String> = lab.exchange.stocks().map(|ticker| body(ticker, "acao")).collect();
        let fiis: Vec<String> = lab.exchange.fiis().map(|ticker| body(ticker, "fii")).collect();
        let of = |class: &str, bodies: &[String]| (format!("get-financial-data-for-{class}"), batch(bodies));
        let mut pending: Vec<(String, Value)> = stocks.chunks(7).map(|bodies| of("acoes", bodies)).collect();
        pending.extend(fiis.chunks(3).map(|bodies| of("fiis", bodies)));
        pending.extend_from_within(..2);
        while !pending.is_empty() {
            let (function, event) = pending.swap_remove(random.usize(..pending.len()));
            let seen = lab.aws.calls().len();
            lab.call(&function, event).await;
            for table in &TABLES[2..] {
                lab.assert_complete(table);
            }
            pending.extend(lab.events_since(seen).into_iter().flat_map(|event| [event.clone(), event]));
        }
        let [sor_stocks, sor_fiis, sot_stocks, sot_fiis, spec] =
            TABLES.each_ref().map(|table| lab.captures(table));
        assert!(sor_stocks.iter().all(|(security, at)| *at > complete[0][security]), "newer");
        assert_eq!((&sot_stocks, &sot_fiis), (&sor_stocks, &sor_fiis));
        assert_eq!(spec, sor_stocks.into_iter().chain(sor_fiis).collect());
    }
    // The parts that told of it are empty, and the next dedup takes them away.
    lab.dedup().await;
    let told = |object: &String| !object.starts_with("sor/") && object.ends_with(".part.parquet");
    assert!(!lab.aws.contents().objects.keys().any(told));
}

#[tokio::test]
async fn a_late_message_reaches_every_layer_wherever_a_step_dies() {
    let lab = Lab::new(4, 4).await;
    lab.day().await;
    let before = lab.aws.contents();
    let old = lab.captures(&TABLES[4]);
    let securities_of_each = TABLES.each_ref().map(|table| lab.captures(table).len());
    lab.later().await;
    let securities = ["PINV4", "BPIN3"];
    let message = (
        "get-financial-data-for-acoes".to_owned(),
        batch(&securities.map(|security| body(security, "acao"))),
    );
    let mut deaths = 0;
    loop {
        lab.aws.restore(before.clone());
        // Before the next call is the same.
        lab.aws.fault_once("", deaths, Fault::DieAfter);
        let mut pending = vec![message.clone()];
        let mut died = false;
        while !pending.is_empty() {
            let (function, event) = pending.remove(0);
            let seen = lab.aws.calls().len();
            let end = lab.end(&function, event.clone()).await;
            pending.extend(lab.events_since(seen));
            if matches!(end, End::Died) {
                died = true;
                // Forgets the fault; what was written stays, and the event comes again.
                lab.aws.restore(lab.aws.contents());
                pending.push((function, event));
            }
            assert_eq!(TABLES.each_ref().map(|table| lab.captures(table).len()), securities_of_each);
        }
        let [sor, _, sot, _, spec] = TABLES.each_ref().map(|table| lab.captures(table));
        for security in securities {
            assert!(
                spec[security] > old[security]
                    && sor[security] == spec[security]
                    && sot[security] == spec[security]
            );
        }
        if !died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 25, "{deaths}");
}

/// A security that the day lacked, read after its end.
#[tokio::test]
async fn a_security_that_was_missing_is_there_once_its_message_is_redriven() {
    let lab = Lab::new(12, 8).await;
    lab.replica.fault(Violation::LayoutChanged.on("PINV4"));
    lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    let mut events = lab.batches(5);
    while let Some((function, event)) = events.pop() {
        let seen = lab.aws.calls().len();
        lab.call(&function, event).await;
        events.extend(lab.events_since(seen));
    }
    lab.dedup().await;
    assert_eq!(lab.captures(&TABLES[4]).len(), 19);
    lab.replica.clear_faults();
    let mut events = vec![("get-financial-data-for-acoes".to_owned(), batch(&[body("PINV4", "acao")]))];
    while let Some((function, event)) = events.pop() {
        let seen = lab.aws.calls().len();
        lab.call(&function, event).await;
        events.extend(lab.events_since(seen));
    }
    for table in &TABLES {
        lab.assert_complete(table);
    }
    let end = lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    assert_eq!(end["body"]["whole"], true);
}

/// The part of SoT is gone by then, and its rows are in the whole.
#[tokio::test]
async fn events_that_come_only_after_dedup_of_sot_still_reach_spec() {
    let lab = Lab::new(6, 4).await;
    lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    for (function, event) in lab.batches(5) {
        lab.call(&function, event).await;
    }
    let seen = lab.aws.calls().len();
    for (function, event) in lab.events_since(0) {
        lab.call(&function, event).await;
    }
    let late = lab.events_since(seen);
    assert_eq!(lab.rows(&TABLES[4]).len(), 0);
    lab.dedup().await;
    lab.assert_complete(&TABLES[4]);
    // Spec is gone, and SoT has no parts any more.
    let mut contents = lab.aws.contents();
    contents.objects.retain(|object, _| !object.starts_with("spec/tbspec"));
    lab.aws.restore(contents);
    for (function, event) in late {
        lab.call(&function, event).await;
    }
    lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    lab.assert_complete(&TABLES[4]);
}

#[tokio::test]
async fn messages_of_another_day_than_the_site_shows_are_refused() {
    let lab = Lab::with(6, 4, &[("MESSAGE_HOURS", "12")]).await;
    let brasilia = pynvest::record::brasilia(chrono::Utc::now());
    let on = |days: i64| {
        let day = brasilia.date_naive() + chrono::TimeDelta::days(days);
        let day = day.format("%Y%m%d").to_string();
        json!({"ticker": "PINV4", "tipo": "acao", "anomesdia_exec": day}).to_string()
    };
    let bodies = [on(0), on(-2), on(1), on(2), body("BPIN3", "acao").replace(&DAY.to_string(), "99991231")];
    let answer = lab.call("get-financial-data-for-acoes", batch(&bodies)).await;
    assert_eq!(returned(&answer), ["m1", "m2", "m3", "m4"]);
    assert_eq!(answer["body"]["causes"], json!({"too_old": 2, "bad_message": 2}));

    let sentence = "the event is not one with a day like 20261231 in anomesdia_exec";
    for day in [99_991_231, 19_891_231] {
        for function in ["check-and-delete-partitions", "get-tickers", "dedup-financial-data-for-fiis"] {
            assert_eq!(lab.failure(function, json!({"anomesdia_exec": day})).await, sentence);
        }
    }
}
