//! A day of which some tickers are never answered: the others are in it in the time that they need themselves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pynvest::Client;
use pynvest::lake::{Directory, RunOptions, Stopped};
use replica::{Exchange, Fault, Replica};
use tempfile::TempDir;

/// What comes of a day of a hundred tickers of which these are never answered, by their place: the tickers that are read and those that
/// are not, the requests, and how long it took.
async fn day(silent: impl Fn(usize) -> bool, deadline: Duration) -> (usize, usize, usize, Duration) {
    let exchange = Exchange::builder().stocks(60).fiis(40).build();
    let tickers: BTreeSet<String> = exchange.stocks().chain(exchange.fiis()).map(str::to_owned).collect();
    let silent: BTreeSet<String> = tickers
        .iter()
        .enumerate()
        .filter(|(place, _)| silent(*place))
        .map(|(_, ticker)| ticker.clone())
        .collect();
    let replica = Replica::start(exchange).await.unwrap();
    for ticker in &silent {
        replica.fault(Fault::Delay(Duration::from_secs(3_600)).on(ticker));
    }
    let folder = TempDir::new().unwrap();
    let client =
        Client::builder().base_url(replica.url()).interval(Duration::from_millis(5)).build().unwrap();
    let started = Instant::now();
    let run = RunOptions::new().deadline(deadline);
    let report = Directory::open(folder.path()).unwrap().read_site(&client, &run, &|_| {}).await.unwrap();
    let took = started.elapsed();

    let [stocks, fiis] = &report.classes;
    assert_eq!(stocks.read + fiis.read, tickers.len() - silent.len(), "{:?}", report.causes());
    assert_eq!(report.rows[4].1, tickers.len() - silent.len());
    assert_eq!(report.missing, silent);
    assert_eq!(report.stopped, Some(Stopped::Deadline));
    (tickers.len() - silent.len(), silent.len(), replica.requests().len(), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_tickers_cost_their_own_place_and_the_rest_of_the_day_is_there() {
    // The first dozen, more than run at the same time, and then every fifth.
    let few = day(|place| place < 12 || place % 5 == 0, Duration::from_secs(15));
    let half = day(|place| place % 2 == 0, Duration::from_secs(25));
    for (read, silent, requests, took) in [few.await, half.await] {
        // Each once, and both lists: none was answered so late that it was asked for again.
        assert!(requests <= read + silent + 2, "{requests} requests");
        assert!(took < Duration::from_secs(40), "{took:?}");
    }
}

#[tokio::test]
async fn a_deadline_names_each_of_the_tickers_that_were_asked_for_and_not_read() {
    let replica = Replica::start(Exchange::builder().stocks(10).fiis(5).build()).await.unwrap();
    replica.fault(Fault::Delay(Duration::from_secs(3_600)).on("BPIN3"));
    let folder = TempDir::new().unwrap();
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
    let tickers = ["BPIN3", "PINV4"].map(|ticker| ticker.parse().unwrap());
    let run = RunOptions::new().tickers(tickers).deadline(Duration::from_secs(2));
    let report = Directory::open(folder.path()).unwrap().read_site(&client, &run, &|_| {}).await.unwrap();
    let causes: Vec<_> = report.failures.iter().map(|failed| (failed.ticker.as_str(), failed.kind)).collect();
    assert_eq!((report.rows[4].1, causes), (1, vec![("BPIN3", "not_read")]));
    assert!(!report.is_whole());
}
