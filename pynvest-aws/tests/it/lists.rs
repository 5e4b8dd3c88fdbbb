//! Lists that are compared with the last one before a message is sent.

use replica::Fault as Violation;
use serde_json::{Value, json};

use crate::lab::{DAY, Lab, SCHEDULE, STOCKS, destination};

const UNKNOWN: &str = "the stock list: 28 of its 40 tickers are in no list or page before, such as ";

fn schedule() -> Value {
    serde_json::from_str(SCHEDULE).unwrap()
}

fn sent(lab: &Lab) -> [usize; 2] {
    let messages = lab.aws.contents().messages;
    ["acoes", "fiis"].map(|of| messages.get(&format!("pynvest-tickers-{of}-queue")).map_or(0, Vec::len))
}

#[tokio::test]
async fn a_list_of_other_tickers_costs_no_message_until_the_next_day_or_somebody_accepts_it() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    lab.moved(20_261_119);
    let lab = lab.showing(40, 8).await;
    // The schedule may start a day twice: that is no second opinion.
    for _ in 0..2 {
        let removed = lab.call("check-and-delete-partitions", schedule()).await;
        let stocks = &removed["body"]["lists"]["acoes"];
        assert_eq!((&stocks["waits"], &stocks["tickers"]), (&json!(true), &json!([])));
        assert!(stocks["findings"][0].as_str().unwrap().starts_with(UNKNOWN), "{stocks}");
        lab.aws.restore(lab.aws.contents());
        let answer = lab.call("get-tickers", destination(&removed)).await["body"].clone();
        assert_eq!(
            (&answer["acoes"], &answer["fiis"], &answer["waiting"], &answer["findings_count"]),
            (&json!(0), &json!(8), &json!(["acoes"]), &json!(1))
        );
    }
    assert_eq!(sent(&lab), [0, 16], "the other class is read");
    assert!(lab.replica.requests().iter().all(|request| request.path.ends_with("resultado.php")));
    lab.dedup().await;
    let end = lab.call("dedup-financial-data-for-spec-ativos", json!({"anomesdia_exec": DAY})).await["body"]
        .clone();
    let said = end["reconciliation"].as_str().unwrap();
    let begin = format!("acoes: 0 sent, 0 in SoR, 0 in SoT, 0 in Spec, the list waits ({UNKNOWN}");
    assert!(said.starts_with(&begin) && end["whole"] == false, "{said}");
    let waiting = lab.aws.contents();

    // Asked by itself, get-tickers compares as well.
    let answer = lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    assert_eq!((&answer["body"]["waiting"], sent(&lab)[0]), (&json!(["acoes"]), 0));
    let answer = lab.call("get-tickers", json!({"anomesdia_exec": DAY, "accept": true})).await;
    assert_eq!((&answer["body"]["acoes"], sent(&lab)[0]), (&json!(40), 40));
    lab.dedup().await;
    let end = lab.call("dedup-financial-data-for-spec-ativos", json!({"anomesdia_exec": DAY})).await["body"]
        .clone();
    let said = end["reconciliation"].as_str().unwrap();
    assert!(said.starts_with("acoes: 40 sent, 0 in SoR, 0 in SoT, 0 in Spec, 40 missing ("), "{said}");
    // What was accepted is known.
    let answer = lab.call("get-tickers", json!({"anomesdia_exec": DAY})).await;
    assert_eq!(&answer["body"]["acoes"], 40);

    // Nothing is replaced by a list that waits.
    lab.aws.restore(waiting.clone());
    lab.aws.put(&format!("sor/{STOCKS}/anomesdia_exec={DAY}/a.part.parquet"), "today");
    let event = json!({"anomesdia_exec": DAY, "replace": true});
    let kept = lab.call("check-and-delete-partitions", event).await["body"].clone();
    assert_eq!((&kept["objects"], &kept["kept"]), (&json!(0), &json!(1)));

    // The site says the same on the next day.
    lab.aws.restore(waiting);
    lab.moved(20_261_120);
    let removed = lab.call("check-and-delete-partitions", schedule()).await;
    let stocks = &removed["body"]["lists"]["acoes"];
    assert_eq!(
        (&stocks["waits"], stocks["tickers"].as_array().unwrap().len()),
        (&json!(false), 40),
        "{stocks}"
    );
    let unclear = lab.failure("get-tickers", json!({"anomesdia_exec": DAY, "accept": "yes"})).await;
    assert_eq!(unclear, "the event is not one with true or false in accept");
}

#[tokio::test]
async fn half_a_list_is_a_finding_of_the_day_and_the_rest_is_read() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    lab.moved(20_261_119);
    // One letter of the kept list of FIIs is another.
    let kept = "sot/_profile/tbsot_fundamentus_indicadores_fiis_prep/anomesdia_exec=20261119/list.json";
    let intact = String::from_utf8(lab.aws.contents().objects[kept].to_vec()).unwrap();
    lab.aws.put(kept, intact.replace("\"PFII11\"", "\"PFIJ11\""));
    // Of many that are damaged ten are named.
    for day in 20_261_101..20_261_113 {
        lab.aws.put(&kept.replace("20261119", &day.to_string()), "{}");
    }
    lab.replica.fault(Violation::HalfList.on("resultado.php"));
    let removed = lab.call("check-and-delete-partitions", schedule()).await;
    lab.aws.restore(lab.aws.contents());
    let answer = lab.call("get-tickers", destination(&removed)).await["body"].clone();
    let (shrunk, damaged) =
        (answer["findings"][0].as_str().unwrap(), answer["findings"][1].as_str().unwrap());
    assert!(
        shrunk.starts_with(&format!("the stock list: 6 of the 12 tickers of {DAY} are gone, such as ")),
        "{answer}"
    );
    assert_eq!(
        damaged,
        &format!("{} cannot be read, and takes no part in the comparison of the list", &kept["sot/".len()..])
    );
    assert_eq!((&answer["findings_count"], sent(&lab)), (&json!(1 + 10), [6, 8]));
    for (function, event) in lab.batches(8) {
        lab.call(&function, event).await;
    }
    lab.deliver(0).await;
    let end = lab.call("dedup-financial-data-for-acoes", json!({"anomesdia_exec": DAY})).await;
    let findings = end["body"]["findings"].as_array().unwrap();
    assert!(findings.contains(&json!(shrunk)), "{end}");
}
