//! Seeded days of faults and kills: whatever happens, nothing is lost, doubled or invented, and a clean run heals all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pynvest::Page;
use pynvest::lake::pipeline::{prep, sor_row};
use pynvest::lake::{Batch, Layer, Table};
use replica::{Charset, Exchange, Fault, Replica, latin1};
use tempfile::TempDir;

use super::lake::{contents, lake, run};

/// A row, every value as text, without the time of its capture.
type Row = Vec<Option<String>>;

/// What SoT should have of every security of an exchange.
fn expected(exchange: &Exchange) -> BTreeMap<String, Row> {
    let securities = exchange.stocks().chain(exchange.fiis()).map(|ticker| {
        let Page::Details(sheet) = Page::parse(&latin1(&exchange.details(ticker).unwrap())) else {
            panic!("{ticker} has no details page");
        };
        let row = sor_row(&sheet, chrono::DateTime::UNIX_EPOCH.fixed_offset()).unwrap().row;
        let table = Table::of(Layer::Sor, sheet.layout().class());
        let typed = prep(&Batch { table, rows: vec![row] }).unwrap().batch;
        // As a lake has it: with six decimals.
        let kept = Batch::from_parquet(typed.table, typed.to_parquet().unwrap()).unwrap();
        (ticker.to_owned(), timeless(kept.table, &kept.rows[0]))
    });
    securities.collect()
}

fn timeless(table: &Table, row: &[Option<pynvest::record::Value>]) -> Row {
    let texts = table.columns.iter().zip(row).map(|(column, value)| {
        value.as_ref().filter(|_| column.name != "datetime_exec").map(ToString::to_string)
    });
    texts.collect()
}

/// What SoT has, and how many rows of SoT or Spec are of a security that has one already.
fn found(out: &Path) -> (BTreeMap<String, Row>, usize) {
    let (mut securities, mut doubled) = (BTreeMap::new(), 0);
    for (partition, rows) in contents(out, true) {
        let mut seen = BTreeSet::new();
        for row in rows {
            let ticker = row[0].clone().unwrap();
            if !partition.starts_with("sor") {
                doubled += usize::from(!seen.insert(ticker.clone()));
            }
            if partition.starts_with("sot") {
                securities.insert(ticker, row);
            }
        }
    }
    (securities, doubled)
}

/// A few faults that strike some securities each.
fn misfortune(rng: &mut fastrand::Rng, replica: &Replica) -> String {
    let soon = Some("0".to_owned());
    let all = [
        Fault::Mobile,
        Fault::LayoutChanged,
        Fault::RenamedLabel,
        Fault::PoisonedValue,
        Fault::Reset,
        Fault::Truncated,
        Fault::CutPage,
        Fault::WrongCharset(Charset::Utf16),
        Fault::WrongCharset(Charset::Utf8Twice),
        Fault::Unavailable { retry_after: soon.clone() },
        Fault::TooManyRequests { retry_after: soon },
        Fault::Forbidden,
        Fault::Challenge,
        Fault::Redirect { to: "/index.php".to_owned() },
        Fault::Delay(Duration::from_millis(20)),
    ];
    let names = (0..rng.usize(1..=4)).map(|_| {
        let fault = all[rng.usize(..all.len())].clone();
        let percent = rng.u32(2..30);
        let name =
            format!("{fault:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect::<String>();
        // The lists have to be there; what becomes of a day without them is told elsewhere.
        replica.fault(fault.rate(percent).on("detalhes.php"));
        format!("{name}={percent}")
    });
    names.collect::<Vec<_>>().join(" ")
}

/// One day: a run with faults, often killed; others over what it left; and one without, which has to heal everything.
async fn day(seed: u64, stocks: usize, fiis: usize, kills: usize) -> String {
    let mut rng = fastrand::Rng::with_seed(seed);
    let exchange = Exchange::builder().seed(seed).stocks(stocks).fiis(fiis).build();
    let expected = expected(&exchange);
    let replica = Replica::start(exchange).await.unwrap();
    let url = replica.url();
    let folder = TempDir::new().unwrap();
    let (mut before, mut told, mut killed) = (BTreeMap::new(), Vec::new(), 0);
    let mut takes = Duration::from_secs(2);
    for round in 0..kills + 2 {
        replica.clear_faults();
        let faults = misfortune(&mut rng, &replica);
        let arguments = ["--interval", "1", "--deadline", "1", "--site", &url];
        if round < kills {
            let mut child = lake(folder.path(), &arguments).spawn().unwrap();
            tokio::time::sleep(takes.mul_f32(rng.f32())).await;
            child.kill().unwrap();
            killed += usize::from(!child.wait().unwrap().success());
        } else {
            let started = Instant::now();
            let out = folder.path().to_owned();
            let url = url.clone();
            let (status, summary, messages) = tokio::task::spawn_blocking(move || {
                run(&out, &["--interval", "1", "--deadline", "1", "--site", &url])
            })
            .await
            .unwrap();
            takes = started.elapsed();
            assert!([0, 1, 3].contains(&status), "seed {seed}, {faults}: {messages}");
            let named: usize = summary["failures"].as_object().map_or(0, |kinds| {
                kinds.values().map(|securities| securities.as_array().unwrap().len()).sum()
            });
            told.push(format!("{faults}: {status}, {named} named"));
        }
        let (after, doubled) = found(folder.path());
        assert_eq!(doubled, 0, "seed {seed}, {faults}");
        for (ticker, row) in &after {
            let wrong =
                row.iter().zip(&expected[ticker]).filter(|(found, right)| found.is_some() && found != right);
            assert_eq!(wrong.count(), 0, "seed {seed}, {faults}: {ticker} has invented values");
        }
        let lost: Vec<&String> = before.keys().filter(|ticker| !after.contains_key(*ticker)).collect();
        assert!(lost.is_empty(), "seed {seed}, {faults}: lost {lost:?}");
        before = after;
    }
    replica.clear_faults();
    let (out, securities) = (folder.path().to_owned(), before.len());
    // A first one for what is missing, since the last run ended early; a second one for all.
    for clean in 0..2 {
        let (out, url) = (out.clone(), url.clone());
        let (status, summary, messages) =
            tokio::task::spawn_blocking(move || run(&out, &["--interval", "1", "--site", &url]))
                .await
                .unwrap();
        assert!(clean == 0 || status == 0, "seed {seed}: {messages}{summary}");
    }
    let (after, doubled) = found(&out);
    assert_eq!((after == expected, doubled), (true, 0), "seed {seed} is not healed");
    assert!(fs::read_dir(out.join(".pynvest")).unwrap().count() == 1, "seed {seed}: only the lock is left");
    format!(
        "| {seed} | {} | {killed} | {} | {securities} | 0 | 0 | 0 | yes |",
        told.join("; "),
        expected.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seeded_days_of_faults_lose_double_and_invent_nothing() {
    for seed in 0..2 {
        day(seed, 24, 12, 3).await;
    }
}

/// `cargo test --release -p pynvest --all-features -- --ignored --nocapture forty_five_days`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes many minutes"]
async fn forty_five_days_of_faults_and_five_hundred_kills() {
    println!(
        "| seed | faults: status | killed | tickers | there before the clean run | lost | doubled | invented | healed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for seed in 100..145 {
        println!("{}", day(seed, 200, 100, 13).await);
    }
}

/// The most requests in any second, wherever it begins.
fn most_in_a_second(times: &[Instant]) -> usize {
    let within = |place: usize| {
        times.iter().skip(place).take_while(|at| **at < times[place] + Duration::from_secs(1)).count()
    };
    (0..times.len()).map(within).max().unwrap_or(0)
}

/// `cargo test --release -p pynvest --all-features -- --ignored --nocapture default_pace`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes seven minutes"]
async fn a_day_at_the_default_pace_killed_at_a_third_asks_for_the_rest_only() {
    let replica = Replica::start(Exchange::builder().stocks(1000).fiis(450).build()).await.unwrap();
    let soon = Some("1".to_owned());
    for (fault, percent) in [
        (Fault::Unavailable { retry_after: None }, 2),
        (Fault::TooManyRequests { retry_after: soon }, 1),
        (Fault::Reset, 1),
        (Fault::Truncated, 1),
    ] {
        replica.fault(fault.rate(percent).on("detalhes.php"));
    }
    let (url, folder, started) = (replica.url(), TempDir::new().unwrap(), Instant::now());
    let mut first = lake(folder.path(), &["--site", &url]).spawn().unwrap();
    while replica.requests().len() < 1450 / 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let asked = replica.requests().len();
    let out = folder.path().to_owned();
    let (status, summary, messages) =
        tokio::task::spawn_blocking(move || run(&out, &["--site", &url])).await.unwrap();
    let (securities, doubled) = found(folder.path());
    let times: Vec<Instant> = replica.requests().iter().map(|request| request.at).collect();
    let most = most_in_a_second(&times);
    println!(
        "{} requests, {asked} of them before the kill, in {:?}; at most {most} in a second; status {status}; {} tickers, {doubled} doubled",
        times.len(),
        started.elapsed(),
        securities.len(),
    );
    assert_eq!((status, securities.len(), doubled), (0, 1450, 0), "{messages}{summary}");
    // Four in a second, and one that was late on its way.
    assert!(most <= 5, "{most} in a second");
    // The lists twice, each fault once more, and the securities that were on their way when the kill came.
    assert!(times.len() < 1450 + 1450 / 10 + 30, "{}", times.len());
}
