//! Everything that may go wrong, one by one: what is said, and that nothing else suffers.

use std::time::{Duration, Instant};

use pynvest::lake::pipeline::LISTED;
use pynvest::lake::{Batch, TABLES, Table};
use replica::Fault as Violation;
use serde_json::{Value, json};

use crate::aws::Fault;
use crate::lab::{DAY, End, Lab, STOCKS, batch, body, created, destination, returned, state_machine};

fn removed() -> Value {
    destination(&json!({"status_code": 200, "body": {"anomesdia_exec": DAY}}))
}

/// The lines of the rejected rows of a part.
fn aside(lab: &Lab, object: &str) -> Vec<Value> {
    let lines = &lab.aws.contents().objects[object];
    std::str::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn nothing_is_deleted_before_the_site_has_shown_both_lists() {
    let lab = Lab::with(12, 8, &[("MINIMUM_FIIS", "9")]).await;
    lab.aws.put(&format!("sor/{STOCKS}/anomesdia_exec={DAY}/a.part.parquet"), "today");
    let before = lab.aws.contents();
    let today = json!({"anomesdia_exec": DAY});
    assert_eq!(
        lab.failure("check-and-delete-partitions", today.clone()).await,
        "the FII list has 8 tickers, fewer than the minimum of 9"
    );
    let lists = [
        (
            Violation::Forbidden.on("fii_resultado.php"),
            "the list of every FII cannot be read: the site refuses to serve SITE/fii_resultado.php",
        ),
        (
            Violation::EmptyList.on("resultado.php"),
            "the list of every stock cannot be read: the stock list at SITE/resultado.php has no rows",
        ),
        (
            Violation::Unavailable { retry_after: None }.on("resultado.php"),
            "the list of every stock cannot be read: the site is unavailable: SITE/resultado.php answered 503",
        ),
    ];
    for (fault, sentence) in lists {
        lab.replica.clear_faults();
        lab.replica.fault(fault);
        assert_eq!(lab.failure("check-and-delete-partitions", today.clone()).await, sentence);
        assert_eq!(lab.failure("get-tickers", removed()).await, sentence, "zero tickers are no success");
    }
    assert_eq!((lab.aws.contents(), lab.aws.calls().len()), (before, 0));
}

#[tokio::test]
async fn lists_that_are_handed_over_are_checked_as_those_of_the_site() {
    let lab = Lab::new(12, 8).await;
    let list = |tickers: Value| json!({"tickers": tickers, "waits": false, "findings": []});
    let stocks = list(json!(["PINV4", "BPIN3", "UPIN11", "EXTR3"]));
    let letters = || (b'A'..=b'Z').map(char::from);
    let names = letters()
        .flat_map(|one| letters().flat_map(move |two| letters().map(move |three| (one, two, three))));
    let many: Vec<String> =
        names.map(|(one, two, three)| format!("{one}{two}{three}A3")).take(LISTED + 1).collect();
    let bad = "the event is not one with lists as check-and-delete answers them";
    for (lists, sentence) in [
        (
            json!({"acoes": stocks, "fiis": list(json!(["PFII11"]))}),
            "the FII list has 1 ticker, fewer than the minimum of 4",
        ),
        (
            json!({"acoes": list(json!([])), "fiis": list(json!([]))}),
            "the stock list has 0 tickers, fewer than the minimum of 4",
        ),
        (
            json!({"acoes": list(json!(many)), "fiis": list(json!([]))}),
            "the stock list names 4001 tickers, more than the 4000 that are plausible",
        ),
        (json!({"acoes": list(json!(["no ticker"])), "fiis": list(json!([]))}), bad),
        (json!({"acoes": stocks}), bad),
    ] {
        let body = json!({"anomesdia_exec": DAY, "lists": lists});
        let failure = lab.failure("get-tickers", destination(&json!({"body": body}))).await;
        assert!(failure.starts_with(sentence), "{failure}");
    }
    assert!(lab.aws.calls().is_empty(), "nothing is sent");
}

#[tokio::test]
async fn what_sqs_does_not_take_is_sent_again_and_nothing_else() {
    let lab = Lab::new(12, 8).await;
    lab.aws.fault_once(
        "SendMessageBatch pynvest-tickers-acoes",
        0,
        Fault::Entry { ticker: "PINV4", sender_fault: false },
    );
    lab.call("get-tickers", removed()).await;
    let messages = lab.aws.contents().messages;
    assert_eq!(messages.values().map(Vec::len).collect::<Vec<_>>(), [12, 8], "each once");

    lab.aws.restore(Default::default());
    lab.aws.fault("SendMessageBatch", Fault::Entry { ticker: "PINV4", sender_fault: true });
    assert_eq!(
        lab.failure("get-tickers", removed()).await,
        "1 of 12 messages could not be sent, the first for PINV4: too many"
    );
    assert_eq!(
        lab.aws.contents().messages.values().map(Vec::len).collect::<Vec<_>>(),
        [11],
        "the others are"
    );
    let sent = lab.aws.calls().into_iter().filter(|call| call.starts_with("SendMessageBatch")).count();
    assert_eq!(sent, 2, "what is wrong with the message itself is not sent again");

    lab.aws.restore(Default::default());
    lab.aws.fault("GetQueueUrl", Fault::Error(400, "QueueDoesNotExist"));
    let failure = lab.failure("get-tickers", removed()).await;
    assert!(
        failure.starts_with("SQS refused to say where queue pynvest-tickers-fiis-queue is: "),
        "{failure}"
    );
}

#[tokio::test]
async fn each_message_of_a_batch_succeeds_or_fails_alone() {
    let lab = Lab::new(12, 8).await;
    let renamed = lab.exchange.renamed().next().unwrap().to_owned();
    lab.replica.fault(Violation::Unavailable { retry_after: None }.on("EXTR3"));
    lab.replica.fault(Violation::LayoutChanged.on("VELH3"));
    lab.replica.fault(Violation::CutPage.on("NUNC3").first(1));
    let bodies = [
        body("PINV4", "acao"),
        body("XXXX3", "acao"),
        body(&renamed, "acao"),
        body("PFII11", "acao"),
        body("PFII11", "fii"),
        "poison".to_owned(),
        body("not a ticker", "acao"),
        json!({"ticker": "BPIN3", "tipo": "acao", "anomesdia_exec": 20_261_341}).to_string(),
        json!({"ticker": "BPIN3", "tipo": "bond", "anomesdia_exec": DAY}).to_string(),
        body("EXTR3", "acao"),
        body("VELH3", "acao"),
        body("NUNC3", "acao"),
        json!({"ticker": "UPIN11", "tipo": "acao", "anomesdia_exec": "20261122"}).to_string(),
    ];
    let answer = lab.call("get-financial-data-for-acoes", batch(&bodies)).await;
    assert_eq!(returned(&answer), ["m1", "m10", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"]);
    assert_eq!(
        answer["body"]["causes"],
        json!({"bad_message": 4, "layout_changed": 1, "no_page": 1, "other_class": 1, "other_queue": 1, "unavailable": 1, "unknown_ticker": 1})
    );
    assert_eq!(answer["body"]["rows"], 3);
    // One object a day, each in its partition.
    let places: Vec<&str> =
        answer["body"]["locations"].as_array().unwrap().iter().map(|place| place.as_str().unwrap()).collect();
    assert!(
        places[0].starts_with(&format!("s3://sor/{STOCKS}/anomesdia_exec=20261122/acoes-")),
        "{places:?}"
    );
    assert!(
        places[1].starts_with(&format!("s3://sor/{STOCKS}/anomesdia_exec=20261123/acoes-")),
        "{places:?}"
    );
    assert_eq!(lab.rows(&TABLES[0]).len(), 2);

    // Once the site is well again, only what failed for good comes back.
    lab.replica.clear_faults();
    let answer = lab.call("get-financial-data-for-acoes", batch(&bodies)).await;
    assert_eq!(returned(&answer), ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"]);
    let not_a_batch = lab.failure("get-financial-data-for-acoes", json!({"time": "now"})).await;
    assert_eq!(not_a_batch, "the event is not a batch of SQS messages: missing field `Records`");
}

#[tokio::test]
async fn a_site_that_blocks_is_left_alone_at_once() {
    let lab = Lab::new(60, 8).await;
    lab.replica.fault(Violation::Challenge);
    let bodies: Vec<String> = lab.exchange.stocks().map(|ticker| body(ticker, "acao")).collect();
    let started = Instant::now();
    let answer = lab.call("get-financial-data-for-acoes", batch(&bodies)).await;
    assert_eq!((returned(&answer).len(), &answer["body"]["causes"]), (60, &json!({"blocked": 60})));
    // The client gives up after three refusals in a row, each with the three others that were under way.
    assert!(lab.replica.requests().len() <= 12, "{} requests", lab.replica.requests().len());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(
        lab.aws.calls().iter().all(|call| call.starts_with("PutObject sor/_pages/")),
        "no object without rows"
    );
    // The next invocation of the same process asks again.
    lab.replica.clear_faults();
    let answer = lab.call("get-financial-data-for-acoes", batch(&bodies)).await;
    assert_eq!(returned(&answer).len(), 0);
}

#[tokio::test]
async fn a_slow_site_does_not_cost_what_was_read() {
    let lab = Lab::new(12, 8).await;
    lab.replica.fault(Violation::Delay(Duration::from_secs(20)).on("EXTR3"));
    let bodies: Vec<String> = lab.exchange.stocks().map(|ticker| body(ticker, "acao")).collect();
    let started = Instant::now();
    let end = lab.end_within("get-financial-data-for-acoes", batch(&bodies), Duration::from_secs(6)).await;
    let End::Answered(answer) = end else { panic!("{end:?}") };
    // A quarter of the time is kept for writing.
    assert!(started.elapsed() < Duration::from_millis(5_800), "{:?}", started.elapsed());
    assert_eq!(answer["body"]["causes"], json!({"out_of_time": 1}));
    assert_eq!(lab.rows(&TABLES[0]).len(), 11);
    // Without any time, nothing is asked, and nothing is lost.
    let asked = lab.replica.requests().len();
    let end = lab.end_within("get-financial-data-for-acoes", batch(&bodies), Duration::ZERO).await;
    let End::Answered(answer) = end else { panic!("{end:?}") };
    assert_eq!((returned(&answer).len(), lab.replica.requests().len()), (12, asked));
}

#[tokio::test]
async fn what_cannot_be_written_goes_back_to_the_queue() {
    let lab = Lab::new(6, 4).await;
    let event = batch(&[body("PINV4", "acao"), body("BPIN3", "acao")]);
    for (call, code) in [
        ("PutObject", "AccessDenied"),
        ("GetTable", "EntityNotFoundException"),
        ("CreatePartition", "AccessDeniedException"),
    ] {
        lab.aws.restore(Default::default());
        lab.aws.fault(call, Fault::Error(if call == "PutObject" { 403 } else { 400 }, code));
        let answer = lab.call("get-financial-data-for-acoes", event.clone()).await;
        assert_eq!(
            (returned(&answer), &answer["body"]["causes"]),
            (vec!["m0", "m1"], &json!({"aws": 2})),
            "{call}"
        );
        assert_eq!(answer["body"]["locations"], json!([]));
    }
    // A busy service is asked again by the SDK.
    lab.aws.restore(Default::default());
    lab.aws.fault_once("PutObject", 0, Fault::Error(503, "SlowDown"));
    let answer = lab.call("get-financial-data-for-acoes", event).await;
    assert_eq!((returned(&answer).len(), lab.rows(&TABLES[0]).len()), (0, 2));
}

#[tokio::test]
async fn denied_permissions_are_named_with_the_thing() {
    let lab = Lab::new(6, 4).await;
    let sor = lab.part(&["PINV4"]).await;
    let file = sor.rsplit('/').next().unwrap().to_owned();
    let sot = "tbsot_fundamentus_indicadores_acoes_prep";
    let read = format!("S3 refused to read s3://{sor}: ");
    let write = format!("S3 refused to write s3://sot/{sot}/anomesdia_exec={DAY}/{file}: ");
    let describe = format!("Glue refused to describe db_sot.{sot}: ");
    let register = format!("Glue refused to register partition {DAY} of db_sot.{sot}: ");
    let before = lab.aws.contents();
    for (call, status, sentence) in [
        ("GetObject", 403, read),
        ("PutObject", 403, write),
        ("GetTable", 400, describe),
        ("CreatePartition", 400, register),
    ] {
        lab.aws.restore(before.clone());
        lab.aws.fault(call, Fault::Error(status, "AccessDeniedException"));
        let failure = lab.failure("prep-financial-data-for-acoes", created(&sor)).await;
        assert!(failure.starts_with(&sentence) && failure.contains("AccessDeniedException"), "{failure}");
    }
    lab.aws.restore(before.clone());
    lab.call("prep-financial-data-for-acoes", created(&sor)).await;
    lab.aws.restore(lab.aws.contents());
    for (call, sentence) in [
        ("ListObjects", format!("S3 refused to list s3://sot/{sot}/anomesdia_exec={DAY}/: ")),
        ("DeleteObjects", "S3 refused to delete 1 object of s3://sot/: ".to_owned()),
    ] {
        lab.aws.restore(lab.aws.contents());
        lab.aws.fault(call, Fault::Error(403, "AccessDenied"));
        let failure = lab.failure("dedup-financial-data-for-acoes", state_machine()).await;
        assert!(failure.starts_with(&sentence) && failure.contains("AccessDenied"), "{failure}");
    }
    lab.aws.restore(lab.aws.contents());
    lab.aws.fault("DeletePartition", Fault::Error(400, "AccessDeniedException"));
    let failure =
        lab.failure("check-and-delete-partitions", json!({"anomesdia_exec": DAY, "replace": true})).await;
    assert!(
        failure.starts_with(&format!("Glue refused to remove partition {DAY} of db_sor.{STOCKS}: ")),
        "{failure}"
    );
}

/// Its objects are there, and no query would find them.
#[tokio::test]
async fn a_partition_of_sor_that_cannot_be_registered_fails_dedup_of_its_class() {
    let lab = Lab::new(6, 4).await;
    lab.call("get-tickers", removed()).await;
    let batches = lab.batches(5);
    lab.aws.fault("CreatePartition db_sor.", Fault::Error(400, "AccessDeniedException"));
    for (function, event) in batches {
        assert!(!returned(&lab.call(&function, event).await).is_empty());
    }
    lab.deliver(0).await;
    let failure = lab.failure("dedup-financial-data-for-acoes", state_machine()).await;
    let sentence = format!("Glue refused to register partition {DAY} of db_sor.{STOCKS}: ");
    assert!(failure.starts_with(&sentence), "{failure}");
    let report = |object: &String| object.ends_with("/class.json");
    assert!(!lab.aws.contents().objects.keys().any(report));

    // Once it may, dedup registers it.
    lab.aws.restore(lab.aws.contents());
    lab.dedup().await;
    for table in &TABLES {
        lab.assert_complete(table);
        let partitions = &lab.aws.contents().partitions;
        assert!(partitions[&format!("db_{}.{}", table.layer, table.name)].contains_key(&DAY.to_string()));
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_typed_is_set_aside_and_the_others_go_on() {
    let lab = Lab::new(6, 4).await;
    lab.replica.fault(Violation::PoisonedValue.on("BPIN3"));
    let sor = lab.part(&["BPIN3", "PINV4", "UPIN11"]).await;
    let answer = lab.call("prep-financial-data-for-acoes", created(&sor)).await;
    let stem = sor.rsplit('/').next().unwrap().trim_end_matches(".part.parquet");
    let object =
        format!("sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/anomesdia_exec={DAY}/{stem}.jsonl");
    assert_eq!((&answer["body"]["rows"], &answer["body"]["rejected"]), (&json!(2), &json!(1)));
    assert_eq!(answer["body"]["locations"][0], format!("s3://{object}"));
    let [line] = aside(&lab, &object).try_into().unwrap();
    assert_eq!(line["ticker"], "BPIN3");
    assert_eq!(
        line["reason"],
        "`12,3x` in column vlr_ind_p_sobre_vp of tbsor_fundamentus_indicadores_acoes_raw BPIN3 is not a number like -1.234,56"
    );
    assert_eq!(line["row"].as_array().unwrap().len(), 67);

    // A part of such rows alone makes no object for the next step.
    let sor = lab.part(&["BPIN3"]).await;
    lab.aws.restore(lab.aws.contents());
    let answer = lab.call("prep-financial-data-for-acoes", created(&sor)).await;
    assert_eq!((&answer["body"]["rows"], lab.events_since(0).len()), (&json!(0), 0));
}

#[tokio::test]
async fn every_record_counts_and_what_is_not_for_us_is_ignored() {
    let lab = Lab::new(6, 4).await;
    let (good, other) = (lab.part(&["PINV4"]).await, lab.part(&["UPIN11"]).await);
    let half = lab.part(&["BPIN3"]).await;
    let mut contents = lab.aws.contents();
    let whole = contents.objects[&half].clone();
    contents.objects.insert(half.clone(), whole.slice(..whole.len() / 2));
    lab.aws.restore(contents);
    let records = |objects: &[&str]| json!({"Records": objects.iter().map(|object| created(object)["Records"][0].clone()).collect::<Vec<_>>()});
    // The half-written one is named, and those before and after it are done.
    let failure = lab.failure("prep-financial-data-for-acoes", records(&[&good, &half, &other])).await;
    assert!(
        failure.starts_with(&format!("s3://{half} cannot be read: this is not a Parquet file of {STOCKS}: ")),
        "{failure}"
    );
    assert_eq!(lab.rows(Table::named("tbsot_fundamentus_indicadores_acoes_prep").unwrap()).len(), 2);

    let day = format!("anomesdia_exec={DAY}");
    let foreign = [
        format!("elsewhere/{STOCKS}/{day}/a.part.parquet"),
        format!("sor/{STOCKS}/{day}/compacted.parquet"),
        format!("sor/{STOCKS}/{day}/deeper/a.part.parquet"),
        format!("sor/{STOCKS}/anomesdia_exec=20261341/a.part.parquet"),
        format!("sor/{STOCKS}/anomesdia_exec=99991231/a.part.parquet"),
        format!("sor/{STOCKS}/day=20261123/a.part.parquet"),
        format!("sor/tbsor_fundamentus_indicadores_fiis_raw/{day}/fiis-a.part.parquet"),
        format!("sor/somebody/{day}/a.part.parquet"),
        "sor/a.part.parquet".to_owned(),
        // Gone since: the day was removed.
        format!("sor/{STOCKS}/{day}/gone.part.parquet"),
    ];
    lab.aws.restore(lab.aws.contents());
    let foreign: Vec<&str> = foreign.iter().map(String::as_str).collect();
    let answer = lab.call("prep-financial-data-for-acoes", records(&foreign)).await;
    assert_eq!(
        (&answer["body"]["ignored"], lab.aws.calls().len()),
        (&json!(10), 2),
        "one is looked for, and the whole that it may be in"
    );

    let test = serde_json::from_str(include_str!("../data/s3-test.json")).unwrap();
    assert_eq!(lab.call("specialize-financial-data", test).await["body"]["ignored"], 0);
    let strange = lab.failure("specialize-financial-data", json!({"Event": "s3:ObjectRestore"})).await;
    assert_eq!(strange, "the event is not one of S3 about new objects");
}

/// As they are delivered: a put, a multipart upload whose key has all that is encoded, and the same by way of EventBridge.
#[tokio::test]
async fn keys_are_decoded_as_each_service_encodes_them() {
    let lab = Lab::with(6, 4, &[("SOR_BUCKET", "pynvest-sor")]).await;
    let read = lab.part(&["PINV4", "BPIN3"]).await;
    let day = format!("anomesdia_exec={DAY}");
    let written = lab.aws.contents().objects[&read].clone();
    let own = read.rsplit('/').next().unwrap();
    for (event, file) in [
        (include_str!("../data/s3-put.json"), own),
        (include_str!("../data/s3-multipart.json"), "acoes-made by+hand.part.parquet"),
        (include_str!("../data/s3-eventbridge.json"), "acoes-made by+hand.part.parquet"),
    ] {
        lab.aws.restore(Default::default());
        lab.aws.put(&format!("pynvest-sor/{STOCKS}/{day}/{file}"), written.clone());
        let answer = lab.call("prep-financial-data-for-acoes", serde_json::from_str(event).unwrap()).await;
        let place = format!("s3://sot/tbsot_fundamentus_indicadores_acoes_prep/{day}/{file}");
        assert_eq!(answer["body"]["locations"], json!([place]));
    }
}

#[tokio::test]
async fn dedup_says_so_when_there_is_nothing_and_touches_nothing_that_it_cannot_read() {
    let lab = Lab::new(6, 4).await;
    let answer = lab.call("dedup-financial-data-for-spec-ativos", state_machine()).await;
    assert_eq!(
        answer["body"],
        json!({
            "anomesdia_exec": DAY, "rows": 0, "objects": 0, "foreign": [], "foreign_count": 0, "note": "the partition is empty", "whole": false,
            "reconciliation": "acoes: 0 sent, 0 in Spec, _reconciliation/acoes/anomesdia_exec=20261123/class.json is missing; \
         fiis: 0 sent, 0 in Spec, _reconciliation/fiis/anomesdia_exec=20261123/class.json is missing",
        })
    );
    assert!(lab.aws.contents().partitions.is_empty(), "nor is it registered");

    let sor = lab.part(&["PINV4"]).await;
    lab.call("prep-financial-data-for-acoes", created(&sor)).await;
    let folder = format!("sot/tbsot_fundamentus_indicadores_acoes_prep/anomesdia_exec={DAY}");
    // What is no part of the table is named and left alone.
    let foreign =
        ["", "_SUCCESS", "_temporary/a.parquet", "notes.txt"].map(|name| format!("{folder}/{name}"));
    for foreign in &foreign {
        lab.aws.put(foreign, "not Parquet");
    }
    let before = lab.aws.contents();
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!((&answer["body"]["rows"], &answer["body"]["objects"]), (&json!(1), &json!(1)));
    assert_eq!(answer["body"]["foreign"], json!(foreign.each_ref().map(|foreign| format!("s3://{foreign}"))));
    assert!(foreign.iter().all(|foreign| lab.aws.contents().objects.contains_key(foreign)));

    // What claims to be a part and is none is named too; it stays, and the others are made into the whole.
    lab.aws.restore(before.clone());
    let foreign = format!("{folder}/foreign.parquet");
    lab.aws.put(&foreign, "not Parquet");
    let failure = lab.failure("dedup-financial-data-for-acoes", state_machine()).await;
    assert!(failure.starts_with(&format!("s3://{foreign} cannot be read: ")), "{failure}");
    let objects = lab.aws.contents().objects;
    assert!(objects.contains_key(&foreign));
    assert_eq!(objects.keys().filter(|object| object.ends_with(".part.parquet")).count(), 1, "that of SoR");
    // Nothing takes the place of a whole that cannot be read.
    lab.aws.restore(before.clone());
    lab.aws.put(&format!("{folder}/compacted.parquet"), "not Parquet");
    let sot = |lab: &Lab| -> Vec<_> {
        lab.aws.contents().objects.into_iter().filter(|(object, _)| object.starts_with("sot/tbsot")).collect()
    };
    let damaged = sot(&lab);
    let failure = lab.failure("dedup-financial-data-for-acoes", state_machine()).await;
    assert!(failure.starts_with(&format!("s3://{folder}/compacted.parquet cannot be read: ")), "{failure}");
    assert!(sot(&lab) == damaged);

    // A file with the same columns from elsewhere, such as one of the `lake` example, becomes part of the whole.
    let mut contents = before;
    let (part, bytes) = contents
        .objects
        .iter()
        .find(|(object, _)| object.starts_with("sot/tbsot") && object.ends_with(".part.parquet"))
        .unwrap();
    let by_hand = part.rsplit_once('/').unwrap().0.to_owned() + "/part-00000.parquet";
    let bytes = bytes.clone();
    contents.objects.insert(by_hand, bytes);
    lab.aws.restore(contents);
    let answer = lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    assert_eq!(
        (&answer["body"]["rows"], &answer["body"]["dropped"], &answer["body"]["objects"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let table = Table::named("tbsot_fundamentus_indicadores_acoes_prep").unwrap();
    let objects = lab.aws.contents().objects;
    let compacted = &objects[&format!("sot/{}/anomesdia_exec={DAY}/compacted.parquet", table.name)];
    assert_eq!(Batch::from_parquet(table, compacted.clone()).unwrap().rows.len(), 1);
}
