//! Lists that lost tickers, or that are of others, as the program says it before it spends requests.

use std::path::Path;

use replica::{Exchange, Fault, Replica};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::pynvest;

fn exchange(stocks: usize) -> Exchange {
    Exchange::builder().stocks(stocks).fiis(stocks / 2).build()
}

/// A live run of a day: the exit status and the summary.
fn run(out: &Path, url: &str, day: &str, more: &[&str]) -> (i32, Json) {
    let mut command = pynvest("lake");
    command.args(["--interval", "0", "--json", "--force-day", "--site", url, "--day", day, "--out"]).arg(out);
    let output = command.args(more).output().unwrap();
    let summary = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), summary)
}

fn kinds(summary: &Json, field: &str) -> Vec<String> {
    let found = summary[field].as_array().cloned().unwrap_or_default();
    found.iter().map(|found| found["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_list_is_told_and_the_rest_is_read() {
    let (folder, replica) = (TempDir::new().unwrap(), Replica::start(exchange(30)).await.unwrap());
    let url = replica.url();
    let (status, first) = run(folder.path(), &url, "2026-11-23", &[]);
    assert_eq!((status, kinds(&first, "findings")), (0, vec![]), "{first}");
    let table = "tbsot_fundamentus_indicadores_acoes_prep";
    let list = folder.path().join(format!("sot/_profile/{table}/anomesdia_exec=20261123/list.json"));
    let intact = std::fs::read_to_string(&list).unwrap();
    assert!(intact.contains("\"PINV4\""));
    let lake = folder.path().to_str().unwrap();
    let ended = |arguments: &[&str]| {
        let output = pynvest(arguments[0]).args(&arguments[1..]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (check, report) = (["lake", "--check", "--out", lake], ["report", "--lake", lake]);
    assert_eq!(ended(&check).0, Some(0), "{}", ended(&check).1);
    assert_eq!(ended(&report).0, Some(0));
    // One letter of it is another: that is said, and mended by leaving it out.
    std::fs::write(&list, intact.replace("\"PINV4\"", "\"PINV5\"")).unwrap();
    let (status, said) = ended(&check);
    assert!(status == Some(3) && said.contains("list.json is damaged"), "{said}");
    assert_eq!(ended(&[&check[..], &["--mend"]].concat()).0, Some(0));
    assert!(ended(&check).0 == Some(0) && !list.exists());
    std::fs::write(&list, intact).unwrap();
    replica.fault(Fault::HalfList.on("resultado.php"));
    let (status, half) = run(folder.path(), &url, "2026-11-24", &[]);
    let found = kinds(&half, "findings");
    assert!(status == 3 && found.contains(&"list_shrunk".to_owned()), "{half}");
    assert!(half["classes"]["stock"]["read"].as_u64() > Some(10), "what is left is read: {half}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_other_tickers_costs_no_request_until_it_comes_again() {
    // Two thirds of its tickers are in no list before.
    let folder = TempDir::new().unwrap();
    let (one, other) =
        (Replica::start(exchange(30)).await.unwrap(), Replica::start(exchange(90)).await.unwrap());
    let (status, first) = run(folder.path(), &one.url(), "2026-11-23", &[]);
    assert_eq!(status, 0, "{first}");
    let (status, second) = run(folder.path(), &other.url(), "2026-11-24", &[]);
    let found = kinds(&second, "findings");
    assert_eq!(
        (status, &found[..]),
        (3, &["list_unknown", "list_unknown", "rows_lost", "rows_lost"].map(str::to_owned)[..])
    );
    let asked = other.requests().len();
    assert_eq!(asked, 2, "the two lists");
    let rows = |summary: &Json| summary["rows"]["tbsor_fundamentus_indicadores_acoes_raw"].as_u64().unwrap();
    assert_eq!(rows(&second), 0, "{second}");
    // The site says it again.
    let (_, third) = run(folder.path(), &other.url(), "2026-11-24", &[]);
    assert!(kinds(&third, "accepted").contains(&"list_unknown".to_owned()), "{third}");
    assert!(rows(&third) > 20 && other.requests().len() > asked + 30, "{third}");
    // And somebody may know better.
    let folder = TempDir::new().unwrap();
    run(folder.path(), &one.url(), "2026-11-23", &[]);
    let (_, accepted) = run(folder.path(), &other.url(), "2026-11-24", &["--accept"]);
    assert!(
        rows(&accepted) > 20 && kinds(&accepted, "accepted").contains(&"list_unknown".to_owned()),
        "{accepted}"
    );
}
