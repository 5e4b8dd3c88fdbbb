//! What a day says of itself at its end: whether it is whole, what differs from the last one, and the pages that it was made of.

use std::collections::BTreeSet;
use std::io::Read;

use pynvest::lake::{Layer, TABLES, Table};
use pynvest::{Class, Page};
use replica::Fault as Violation;
use serde_json::{Value, json};

use crate::aws::Contents;
use crate::lab::{DAY, End, Lab, batch, body, created, returned, state_machine};

/// Reads what `get-tickers` has sent, derives all of it and compacts it; the answer of the last step.
async fn run(lab: &Lab) -> Value {
    lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    for (function, event) in lab.batches(5) {
        lab.call(&function, event).await;
    }
    let seen = lab.aws.calls().len();
    for (function, event) in lab.events_since(0) {
        lab.call(&function, event).await;
    }
    for (function, event) in lab.events_since(seen) {
        lab.call(&function, event).await;
    }
    for class in ["acoes", "fiis"] {
        lab.call(&format!("dedup-financial-data-for-{class}"), state_machine()).await;
    }
    lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await["body"].clone()
}

fn reconciled(lab: &Lab) -> Value {
    let key = format!("spec/_reconciliation/tbspec_fundamentus_cotacao_ativos/anomesdia_exec={DAY}/day.json");
    serde_json::from_slice(&lab.aws.contents().objects[&key]).unwrap()
}

#[tokio::test]
async fn the_end_of_a_day_says_what_was_sent_and_what_has_arrived() {
    let lab = Lab::new(12, 10).await;
    let end = run(&lab).await;
    assert_eq!(end["whole"], true);
    assert_eq!(
        end["reconciliation"],
        "acoes: 12 sent, 12 in SoR, 12 in SoT, 12 in Spec; fiis: 10 sent, 10 in SoR, 10 in SoT, 10 in Spec"
    );
    let class = |count: u32| json!({"sent": count, "sor": count, "sot": count, "spec": count, "rejected": {}, "missing": [], "dead_letters": 0, "findings": [], "whole": true});
    let day = json!({"anomesdia_exec": DAY, "whole": true, "acoes": class(12), "fiis": class(10)});
    assert_eq!(reconciled(&lab), day);

    // One that is rejected is accounted for by name, and nine of ten are enough.
    lab.aws.restore(Default::default());
    lab.replica.fault(Violation::PoisonedValue.on("BPIN3"));
    let end = run(&lab).await;
    assert_eq!(
        (&end["whole"], end["reconciliation"].as_str().unwrap()),
        (
            &json!(true),
            "acoes: 12 sent, 12 in SoR, 11 in SoT, 11 in Spec, 1 rejected (BPIN3); fiis: 10 sent, 10 in SoR, 10 in SoT, 10 in Spec"
        )
    );
    let reason = reconciled(&lab)["acoes"]["rejected"]["BPIN3"].as_str().unwrap().to_owned();
    assert!(reason.contains("`12,3x` in column vlr_ind_p_sobre_vp"), "{reason}");

    // One that is nowhere is missed, and the day is not whole.
    lab.aws.restore(Default::default());
    lab.replica.clear_faults();
    lab.replica.fault(Violation::LayoutChanged.on("PINV4"));
    let dead = [("pynvest-tickers-acoes-queue-dlq".to_owned(), vec![body("PINV4", "acao")])];
    lab.aws.restore(Contents { messages: dead.into(), ..Contents::default() });
    let end = run(&lab).await;
    assert_eq!(
        (&end["whole"], end["reconciliation"].as_str().unwrap()),
        (
            &json!(false),
            "acoes: 12 sent, 11 in SoR, 11 in SoT, 11 in Spec, 1 missing (PINV4), 1 in the dead-letter queue; fiis: 10 sent, 10 in SoR, 10 in SoT, 10 in Spec"
        )
    );
    let day = reconciled(&lab);
    assert_eq!((&day["acoes"]["missing"], &day["acoes"]["dead_letters"]), (&json!(["PINV4"]), &json!(1)));
    assert_eq!((&day["acoes"]["sor"], &day["fiis"]["dead_letters"]), (&json!(11), &json!(0)));
}

#[tokio::test]
async fn a_class_that_is_lost_or_a_day_that_never_began_is_not_whole() {
    let lab = Lab::new(6, 4).await;
    for fii in lab.exchange.fiis() {
        lab.replica.fault(Violation::PoisonedValue.on(fii));
    }
    let end = run(&lab).await;
    assert_eq!(end["whole"], false, "{end}");
    let sentence = end["reconciliation"].as_str().unwrap();
    assert!(
        sentence.starts_with(
            "acoes: 6 sent, 6 in SoR, 6 in SoT, 6 in Spec; fiis: 4 sent, 4 in SoR, 0 in SoT, 0 in Spec, 4 rejected ("
        )
    );

    lab.aws.restore(Default::default());
    let end = lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    assert_eq!(end["body"]["whole"], false);
    assert_eq!(
        end["body"]["reconciliation"],
        "acoes: 0 sent, 0 in Spec, _reconciliation/acoes/anomesdia_exec=20261123/class.json is missing; \
         fiis: 0 sent, 0 in Spec, _reconciliation/fiis/anomesdia_exec=20261123/class.json is missing"
    );
}

#[tokio::test]
async fn the_end_of_a_day_reads_the_report_of_each_class_and_names_one_that_is_missing() {
    let lab = Lab::new(6, 4).await;
    run(&lab).await;
    let day = lab.aws.contents();
    let report = format!("spec/_reconciliation/fiis/anomesdia_exec={DAY}/class.json");
    let fiis: Value = serde_json::from_slice(&day.objects[&report]).unwrap();
    assert_eq!(fiis["sor"].as_object().unwrap().len(), 4);
    let tickers = |layer: &str| fiis[layer].as_object().unwrap().keys().collect::<Vec<_>>();
    assert_eq!(tickers("sot"), tickers("sor"));
    assert_eq!((&fiis["rejected"], &fiis["findings"]), (&json!({}), &json!([])));

    // Neither SoR nor SoT is read again.
    lab.aws.restore(day.clone());
    lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    let calls = lab.aws.calls();
    assert!(calls.iter().any(|call| call.starts_with("GetObject spec/")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains(" sor") || call.contains(" sot")), "{calls:?}");

    let mut without = day.clone();
    without.objects.remove(&report);
    lab.aws.restore(without);
    let end = lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    assert_eq!(
        (&end["body"]["whole"], end["body"]["reconciliation"].as_str().unwrap()),
        (
            &json!(false),
            "acoes: 6 sent, 6 in SoR, 6 in SoT, 6 in Spec; \
             fiis: 4 sent, 4 in Spec, _reconciliation/fiis/anomesdia_exec=20261123/class.json is missing"
        )
    );
    assert_eq!(
        (&reconciled(&lab)["fiis"]["sor"], &reconciled(&lab)["fiis"]["whole"]),
        (&Value::Null, &json!(false))
    );

    // One that is damaged is no report of an empty day.
    lab.aws.restore(day);
    lab.aws.put(&report, "{}");
    let end = lab.end("dedup-financial-data-for-spec-ativos", state_machine()).await;
    let End::Failed(error) = end else { panic!("{end:?}") };
    let failure = pynvest_aws::chain(&error);
    assert!(failure.starts_with(&format!("s3://{report} is damaged: ")), "{failure}");
    assert_eq!((error.kind(), error.is_transient()), ("bad_object", false));
}

#[tokio::test]
async fn the_pages_of_a_batch_are_kept_those_that_cannot_be_used_too() {
    let lab = Lab::new(6, 4).await;
    lab.replica.fault(Violation::LayoutChanged.on("BPIN3"));
    let event = batch(&["UPIN11", "PINV4", "BPIN3"].map(|ticker| body(ticker, "acao")));
    let answer = lab.call("get-financial-data-for-acoes", event.clone()).await;
    assert_eq!(returned(&answer), ["m2"]);
    let objects = lab.aws.contents().objects;
    let archives = objects.iter().filter(|(object, _)| {
        object.starts_with(&format!(
            "sor/_pages/tbsor_fundamentus_indicadores_acoes_raw/anomesdia_exec={DAY}/acoes-"
        )) && object.ends_with(".tar.zst")
    });
    assert_eq!(archives.clone().count(), 2);
    let mut names = [Vec::new(), Vec::new()];
    for (object, archive) in archives {
        let mut archive = tar::Archive::new(zstd::Decoder::new(archive.as_ref()).unwrap());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let (name, mtime) =
                (entry.path().unwrap().display().to_string(), entry.header().mtime().unwrap());
            assert!(chrono::Utc::now().timestamp().unsigned_abs() - mtime < 60, "{mtime}");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert!(matches!(Page::parse(&bytes), Page::Details(_)) || name == "BPIN3.html", "{name}");
            names[usize::from(object.ends_with("-unread.tar.zst"))].push(name);
        }
    }
    names[0].sort();
    assert_eq!(names, [vec!["PINV4.html", "UPIN11.html"], vec!["BPIN3.html"]]);

    let without = Lab::with(6, 4, &[("KEEP_PAGES", "false")]).await;
    without.call("get-financial-data-for-acoes", event).await;
    assert!(!without.aws.contents().objects.keys().any(|object| object.contains("_pages")));
}

#[tokio::test]
async fn a_class_has_its_profile_and_what_differs_from_the_last_day_is_found() {
    let lab = Lab::new(12, 10).await;
    run(&lab).await;
    let profile = |day: i32| {
        format!("sot/_profile/tbsot_fundamentus_indicadores_acoes_prep/anomesdia_exec={day}/profile.json")
    };
    let today = lab.aws.contents().objects[&profile(DAY)].clone();
    let today: Value = serde_json::from_slice(&today).unwrap();
    assert_eq!((&today["rows"], &today["listed"]), (&json!(12), &json!(12)));

    // The day before had twice as many; one that is damaged and one of tomorrow are not asked.
    let table = Table::of(Layer::Sot, Class::Stock);
    let compacted = format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", table.name);
    let compacted = lab.aws.contents().objects[&compacted].clone();
    let rows = pynvest::lake::Batch::from_parquet(table, compacted).unwrap().rows;
    let twice = pynvest::lake::Batch { table, rows: [rows.clone(), rows].concat() };
    let before = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let before = pynvest::lake::profile(&twice, before, &[], None).to_json();
    lab.aws.put(&profile(20_261_120), before);
    lab.aws.put(&profile(20_261_122), "{}");
    lab.aws.put(&profile(20_261_124), "{}");
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    let place = |day| format!("s3://sot/{}/anomesdia_exec={day}/compacted.parquet", table.name);
    let not_compared = format!(
        "{}: the rows cannot be compared with those of the last day: {} is missing or empty; {} is missing or empty",
        table.name,
        place(20_261_122),
        place(20_261_120)
    );
    assert_eq!(
        answer["body"]["findings"],
        json!([
            "tbsot_fundamentus_indicadores_acoes_prep has 12 tickers, on 20261120 it had 24",
            not_compared
        ])
    );
    assert_eq!(lab.rows(&TABLES[2]).len(), 12);
    let end = lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    assert_eq!(reconciled(&lab)["acoes"]["findings"], answer["body"]["findings"]);
    assert_eq!(
        end["body"]["reconciliation"],
        "acoes: 12 sent, 12 in SoR, 12 in SoT, 12 in Spec, 2 odd about the day; fiis: 10 sent, 10 in SoR, 10 in SoT, 10 in Spec"
    );
}

/// So many of twenty securities, one to each part, have a negative yield.
async fn doubtful_day(lab: &Lab, count: usize) -> Vec<(String, Value)> {
    lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    for (function, event) in lab.batches(5) {
        lab.call(&function, event).await;
    }
    let table = Table::of(Layer::Sor, Class::Stock);
    let column = table.columns.iter().position(|column| column.name == "vlr_ind_div_yield").unwrap();
    let mut contents = lab.aws.contents();
    let parts = contents
        .objects
        .iter_mut()
        .filter(|(object, _)| object.starts_with("sor/tbsor") && object.contains("/acoes-"));
    for (_, bytes) in parts.take(count) {
        let mut part = pynvest::lake::Batch::from_parquet(table, bytes.clone()).unwrap();
        part.rows[0][column] = Some(pynvest::record::Value::Text("-0,1%".to_owned()));
        *bytes = part.to_parquet().unwrap().into();
    }
    let mut events = lab.events_since(0);
    lab.aws.restore(contents);
    let all = events.clone();
    while let Some((function, event)) = events.pop() {
        let seen = lab.aws.calls().len();
        lab.call(&function, event).await;
        events.extend(lab.events_since(seen));
    }
    lab.dedup().await;
    all
}

/// One security of a part of five is more than a tenth of it, and less than a tenth of the day.
#[tokio::test]
async fn a_strict_lake_judges_doubts_by_the_whole_day() {
    for (strict, doubtful, aside) in [("false", 1, 0), ("true", 1, 1), ("true", 2, 2), ("true", 3, 0)] {
        let lab = Lab::with(20, 4, &[("STRICT", strict)]).await;
        let events = doubtful_day(&lab, doubtful).await;
        let rows = || TABLES.each_ref().map(|table| lab.captures(table).len());
        assert_eq!(rows(), [20, 4, 20 - aside, 4, 24 - aside], "{strict}, {doubtful}");
        let lines = |what: &str| {
            let table = TABLES[2].name;
            let key = format!("sot/_{what}/{table}/anomesdia_exec={DAY}/{what}.jsonl");
            let lines = lab.aws.contents().objects.get(&key).cloned().unwrap_or_default();
            String::from_utf8(lines.to_vec()).unwrap()
        };
        assert_eq!(
            lines("rejected").matches(r#""reason":"its figures contradict themselves""#).count(),
            aside
        );
        let doubts = lines("doubts");
        let securities: BTreeSet<&str> = doubts.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
        assert_eq!(securities.len(), doubtful - aside, "of the rows that are there");
        let day = reconciled(&lab);
        assert_eq!(day["acoes"]["rejected"].as_object().unwrap().len(), aside);
        assert_eq!(day["whole"], true);
        // No part keeps what is said of the whole, and what comes again changes nothing.
        let complete = lab.aws.contents();
        let is_sidecar =
            |object: &&String| object.starts_with("sot/_doubts/") || object.starts_with("sot/_rejected/");
        assert_eq!(
            complete.objects.keys().filter(is_sidecar).count(),
            usize::from(aside > 0) + usize::from(doubtful > aside)
        );
        for (function, event) in events {
            lab.call(&function, event).await;
            assert_eq!(lab.aws.contents(), complete);
        }
        lab.dedup().await;
        assert_eq!((rows(), reconciled(&lab)), ([20, 4, 20 - aside, 4, 24 - aside], day));
    }
}

/// Doubts go with the rows that they are about: read again without any, before the end of the day and after it.
#[tokio::test]
async fn doubts_do_not_outlive_their_rows() {
    let lab = Lab::new(6, 4).await;
    let labels = |lab: &Lab| -> Vec<String> {
        let objects = lab.aws.contents().objects.into_iter();
        let lines = objects.filter(|(object, _)| object.starts_with("sor/_doubts/"));
        let lines = lines.map(|(_, lines)| String::from_utf8(lines.to_vec()).unwrap());
        lines.filter(|lines| !lines.is_empty()).collect()
    };
    let securities = ["PINV4", "BPIN3"];
    for ended in [false, true] {
        lab.replica.fault(Violation::RenamedLabel.on("PINV4"));
        let part = lab.part(&securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
        assert!(labels(&lab)[0].starts_with(r#"{"ticker":"PINV4""#), "{ended}");
        lab.replica.clear_faults();
        let part = lab.part(&securities).await;
        lab.call("prep-financial-data-for-acoes", created(&part)).await;
        assert_eq!(labels(&lab), [""; 0], "{ended}");
        lab.dedup().await;
        assert_eq!(labels(&lab), [""; 0], "{ended}");
    }
}
