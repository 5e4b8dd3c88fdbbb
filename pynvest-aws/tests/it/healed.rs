//! A day that did not end, that lost a layer, or of which not everything is known: nothing of it is taken away, what a layer below has
//! is derived again, and what nobody can give back is named.

use pynvest::lake::TABLES;
use replica::Fault as Violation;
use serde_json::{Value, json};

use crate::lab::{DAY, Lab, SCHEDULE, batch, body, created, destination, returned, state_machine, typed};

fn schedule() -> Value {
    serde_json::from_str(SCHEDULE).unwrap()
}

/// A day up to its end, each event once and in order, without any dedup.
async fn collect(lab: &Lab) {
    let removed = lab.call("check-and-delete-partitions", schedule()).await;
    lab.call("get-tickers", destination(&removed)).await;
    for (function, event) in lab.batches(5) {
        lab.call(&function, event).await;
    }
    let mut seen = 0;
    while lab.aws.calls().len() > seen {
        let events = lab.events_since(seen);
        seen = lab.aws.calls().len();
        for (function, event) in events {
            lab.call(&function, event).await;
        }
    }
}

/// The three dedups; what the last one answers.
async fn end(lab: &Lab) -> Value {
    for class in ["acoes", "fiis"] {
        lab.call(&format!("dedup-financial-data-for-{class}"), state_machine()).await;
    }
    lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await["body"].clone()
}

/// Takes every object away that begins so; there was one.
fn lose(lab: &Lab, prefix: &str) {
    let mut contents = lab.aws.contents();
    let before = contents.objects.len();
    contents.objects.retain(|object, _| !object.starts_with(prefix));
    assert!(contents.objects.len() < before, "{prefix}");
    lab.aws.restore(contents);
}

#[tokio::test]
async fn a_day_without_its_end_is_kept_whatever_comes_and_ended_from_what_is_there() {
    let lab = Lab::new(12, 8).await;
    collect(&lab).await;
    let collected = lab.aws.contents();

    // The next afternoon the site shows another day: nobody begins again, and nothing goes, not even by name.
    let later = Lab::with(12, 8, &[("MESSAGE_HOURS", "12")]).await;
    later.aws.restore(collected.clone());
    for event in [json!({"anomesdia_exec": DAY}), json!({"anomesdia_exec": DAY, "replace": true})] {
        let failure = later.failure("check-and-delete-partitions", event).await;
        assert!(
            failure.starts_with("the site does not show 2026-11-23 now: a day is read from its midnight"),
            "{failure}"
        );
    }
    later.failure("get-tickers", json!({"anomesdia_exec": DAY})).await;
    assert_eq!(later.aws.contents(), collected);
    assert_eq!(later.replica.requests().len(), 0, "nor is the site asked");

    // The rule is delivered again before the end, and then the site refuses every page.
    let kept = lab.call("check-and-delete-partitions", schedule()).await;
    assert_eq!((&kept["body"]["objects"], &kept["body"]["kept"]), (&json!(0), &json!(15)));
    assert_eq!(lab.aws.contents(), collected);
    lab.replica.fault(Violation::Forbidden.on("detalhes.php"));
    lab.call("get-tickers", destination(&kept)).await;
    for (function, event) in lab.batches(5) {
        assert!(!returned(&lab.call(&function, event).await).is_empty());
    }
    assert_eq!(end(&lab).await["whole"], true);
    for table in &TABLES {
        lab.assert_complete(table);
    }
}

#[tokio::test]
async fn only_parts_that_the_whole_has_are_removed_before_a_day_is_read_again() {
    let lab = Lab::new(6, 4).await;
    lab.day().await;
    let whole = lab.aws.contents();
    // A part of the run that is in the whole, left by a dedup that died, and one of a later capture.
    let stocks: Vec<String> = lab.exchange.stocks().take(2).map(str::to_owned).collect();
    let later = Lab::new(6, 4).await;
    later.aws.restore(whole.clone());
    lose(&later, "sot/tbsot");
    let newer = later.part(&[&stocks[0]]).await;
    later.call("prep-financial-data-for-acoes", created(&newer)).await;
    let newer = typed(&newer);
    let newer_bytes = later.aws.contents().objects[&newer].clone();
    let compacted = format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", TABLES[2].name);
    let old = compacted.replace("compacted", "acoes-left.part");
    lab.aws.put(&old, whole.objects[&compacted].clone());
    lab.aws.put(&newer, newer_bytes);
    let damaged = compacted.replace("compacted", "acoes-damaged.part");
    lab.aws.put(&damaged, "not Parquet");

    let answer = lab.call("check-and-delete-partitions", schedule()).await;
    assert_eq!(answer["body"]["objects"], 1);
    let objects = lab.aws.contents().objects;
    assert!(!objects.contains_key(&old) && objects.contains_key(&newer) && objects.contains_key(&damaged));
    assert!(whole.objects.keys().all(|object| objects.contains_key(object)));
}

#[tokio::test]
async fn a_layer_that_is_lost_is_derived_from_the_one_below_and_judged_if_it_cannot_be() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let complete = lab.aws.contents();
    for lost in [
        &["sot/tbsot_fundamentus_indicadores_acoes"][..],
        &["spec/tbspec"],
        &["sot/tbsot", "spec/tbspec"],
        &[
            "sot/tbsot",
            "spec/tbspec",
            "sot/_profile",
            "spec/_reconciliation/acoes/anomesdia_exec=20261123/class",
        ],
    ] {
        lab.aws.restore(complete.clone());
        lost.iter().for_each(|prefix| lose(&lab, prefix));
        let answer = end(&lab).await;
        assert_eq!(
            (&answer["whole"], answer["reconciliation"].as_str().unwrap()),
            (
                &json!(true),
                "acoes: 12 sent, 12 in SoR, 12 in SoT, 12 in Spec; fiis: 8 sent, 8 in SoR, 8 in SoT, 8 in Spec"
            )
        );
        for table in &TABLES {
            lab.assert_complete(table);
        }
    }
    // Spec has an older capture than SoT.
    lab.aws.restore(complete.clone());
    let part = lab.part(&["PINV4"]).await;
    lab.call("prep-financial-data-for-acoes", created(&part)).await;
    let captured = |place: usize| lab.captures(&TABLES[place])["PINV4"];
    assert!(captured(2) > captured(4));
    let answer = end(&lab).await;
    assert_eq!((captured(2), &answer["whole"]), (captured(4), &json!(true)));

    // What was printed cannot be made of what is typed.
    lab.aws.restore(complete);
    lose(&lab, "sor/tbsor_fundamentus_indicadores_fiis");
    let answer = end(&lab).await;
    assert_eq!(answer["whole"], false);
    let sentence = answer["reconciliation"].as_str().unwrap();
    assert!(sentence.contains("fiis: 8 sent, 0 in SoR, 8 in SoT, 8 in Spec, 8 not in SoR ("), "{sentence}");
    for table in &TABLES[2..] {
        lab.assert_complete(table);
    }
}

#[tokio::test]
async fn a_day_of_which_nobody_knows_what_was_sent_is_judged_by_what_has_arrived() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    for class in ["acoes", "fiis"] {
        lose(&lab, &format!("spec/_reconciliation/{class}/anomesdia_exec={DAY}/sent.json"));
    }
    let answer = end(&lab).await;
    assert_eq!(
        (&answer["whole"], answer["reconciliation"].as_str().unwrap()),
        (
            &json!(true),
            "acoes: sent unknown, 12 in SoR, 12 in SoT, 12 in Spec; \
             fiis: sent unknown, 8 in SoR, 8 in SoT, 8 in Spec"
        )
    );
    // Fewer than a list may have are no day.
    let strict = Lab::with(12, 8, &[("MINIMUM_ACOES", "13")]).await;
    strict.aws.restore(lab.aws.contents());
    assert_eq!(end(&strict).await["whole"], false);
}

#[tokio::test]
async fn an_answer_names_some_and_the_reconciliation_all() {
    const FOREIGN: usize = 3_000;
    let lab = Lab::new(6, 4).await;
    lab.day().await;
    for table in [&TABLES[2], &TABLES[4]] {
        for number in 0..FOREIGN {
            let place = format!(
                "{}/{}/anomesdia_exec={DAY}/notes of somebody, {number:04}.txt",
                table.layer, table.name
            );
            lab.aws.put(&place, "");
        }
    }
    // What Step Functions takes as an answer.
    let most = 262_144;
    for (function, event, report) in [
        ("check-and-delete-partitions", schedule(), None),
        ("dedup-financial-data-for-acoes", state_machine(), Some("acoes/anomesdia_exec=20261123/class.json")),
        (
            "dedup-financial-data-for-spec-ativos",
            state_machine(),
            Some("tbspec_fundamentus_cotacao_ativos/anomesdia_exec=20261123/day.json"),
        ),
    ] {
        let answer = lab.call(function, event).await;
        let count = if report.is_some() { FOREIGN } else { 2 * FOREIGN };
        assert_eq!(answer["body"]["foreign_count"], count, "{function}");
        assert_eq!(answer["body"]["foreign"].as_array().unwrap().len(), 20, "{function}");
        assert!(answer.to_string().len() < most / 10, "{function}");
        if let Some(report) = report {
            let report = lab.aws.contents().objects[&format!("spec/_reconciliation/{report}")].clone();
            let report: Value = serde_json::from_slice(&report).unwrap();
            assert_eq!(report["foreign"].as_array().unwrap().len(), FOREIGN, "{function}");
        }
    }
}

#[tokio::test]
async fn a_second_run_that_reads_nothing_is_a_finding_of_a_whole_day() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    lab.later().await;
    lab.replica.fault(Violation::Forbidden.on("detalhes.php"));
    let kept = lab.call("check-and-delete-partitions", schedule()).await;
    lab.call("get-tickers", destination(&kept)).await;
    for (function, event) in lab.batches(20) {
        assert!(!returned(&lab.call(&function, event).await).is_empty());
    }
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    let [finding] = &answer["body"]["findings"].as_array().unwrap()[..] else { panic!("{answer}") };
    let finding = finding.as_str().unwrap();
    assert!(
        finding
            .starts_with("tbsot_fundamentus_indicadores_acoes_prep: 12 of the 12 tickers that were sent at "),
        "{finding}"
    );
    let answer = end(&lab).await;
    let sentence = answer["reconciliation"].as_str().unwrap();
    assert_eq!(answer["whole"], true);
    assert!(sentence.contains("8 in Spec, 8 not read again since they were sent ("), "{sentence}");

    // Once they are read, nothing is odd.
    lab.replica.clear_faults();
    let stocks: Vec<String> = lab.exchange.stocks().map(|ticker| body(ticker, "acao")).collect();
    lab.call("get-financial-data-for-acoes", batch(&stocks)).await;
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!(answer["body"]["findings"], json!([]));
}
