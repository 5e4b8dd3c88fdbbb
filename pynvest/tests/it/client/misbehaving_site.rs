//! The client against a site that misbehaves: what it says, how often it asks, and how far apart.

use std::collections::HashSet;
use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime};

use futures_util::StreamExt;
use pynvest::{Class, Client, ClientBuilder, Details, Error, Ticker};
use replica::{Charset, Exchange, Fault, Replica};

const INTERVAL: Duration = Duration::from_millis(10);

/// A small exchange, and a client that waits little: first pause 40 to 80 ms, second 80 to 160 ms.
async fn site() -> (Replica, ClientBuilder) {
    let replica = Replica::start(Exchange::builder().stocks(40).fiis(20).build()).await.unwrap();
    let client = Client::builder()
        .base_url(replica.url())
        .interval(INTERVAL)
        .timeout(Duration::from_millis(400))
        .retries(2);
    (replica, client)
}

/// The times between the starts of the requests that the site has seen.
fn gaps(replica: &Replica) -> Vec<Duration> {
    replica.requests().windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

/// What a stock that cannot be had says, and how many requests that took.
async fn failure(fault: Fault) -> (Replica, Error, usize) {
    let (replica, client) = site().await;
    replica.fault(fault);
    let error = client.build().unwrap().stock("PINV4").await.unwrap_err();
    let requests = replica.requests().len();
    (replica, error, requests)
}

#[track_caller]
fn assert_says(error: &Error, replica: &Replica, sentence: &str) {
    assert_eq!(error.to_string().replace(&replica.url(), "SITE"), sentence);
}

#[tokio::test]
async fn every_call_reads_its_page() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();

    let stock = client.stock(" pinv4 ").await.unwrap();
    assert_eq!(stock.ticker.as_str(), "PINV4");
    assert_eq!(stock.price.unwrap().to_string(), "57.48");
    let age = chrono::Utc::now().signed_duration_since(stock.captured_at);
    assert!((0..5).contains(&age.num_seconds()), "captured {age} ago");
    assert_eq!(stock.captured_at.offset().to_string(), "-03:00");

    let fii = client.fii("PFII11").await.unwrap();
    assert_eq!(fii.units_outstanding, Some(30_172_647));
    // Nothing but the page tells that this unit is a stock.
    let Details::Stock(unit) = client.details("UPIN11").await.unwrap() else { panic!("UPIN11 is a unit") };
    assert_eq!(unit.share_class.as_deref(), Some("UNT N2"));
    assert_eq!(client.sheet("PINV4").await.unwrap().get("P/VP"), Some("20,99"));

    let stocks = client.stocks().await.unwrap();
    let listed: HashSet<_> = stocks.rows.iter().map(|row| row.ticker.as_str()).collect();
    assert_eq!(listed.len(), stocks.rows.len(), "every ticker once");
    assert!(!stocks.repeated.is_empty(), "the site lists some twice");
    let tickers = client.tickers(Class::Stock).await.unwrap().rows;
    assert_eq!(tickers.iter().map(Ticker::as_str).collect::<HashSet<_>>(), listed);
    assert!(client.tickers(Class::Fii).await.unwrap().rows.contains(&"PFIB11B".parse().unwrap()));
    assert_eq!(client.fiis().await.unwrap().rows.len(), client.tickers(Class::Fii).await.unwrap().rows.len());

    assert_eq!(client.dividends("PINV4").await.unwrap().rows.len(), 6);
    assert_eq!(client.dividends("pfii11").await.unwrap().rows.len(), 3);
    assert_eq!(client.dividends("BPIN3").await.unwrap().rows, []);

    let agents: HashSet<_> =
        replica.requests().iter().filter_map(|request| request.user_agent.clone()).collect();
    assert_eq!(agents, HashSet::from([concat!("pynvest/", env!("CARGO_PKG_VERSION")).into()]));
}

#[tokio::test]
async fn the_user_agent_can_carry_a_contact() {
    let (replica, client) = site().await;
    let client = client.user_agent("pynvest/1.0 (maria@example.com)").build().unwrap();
    client.stock("PINV4").await.unwrap();
    assert_eq!(replica.requests()[0].user_agent.as_deref(), Some("pynvest/1.0 (maria@example.com)"));
}

#[tokio::test]
async fn what_is_no_ticker_is_never_asked_for() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();
    for text in ["", "PETR4&x=1", "PETR 4", "a/../b", "AÇÃO3"] {
        let error = client.stock(text).await.unwrap_err();
        assert_says(
            &error,
            &replica,
            &format!("`{text}` is not a ticker: expected three to twelve letters and digits, as in ITSA4"),
        );
    }
    assert_eq!(replica.requests().len(), 0);
}

#[tokio::test]
async fn the_longest_interval_is_no_panic() {
    let (replica, client) = site().await;
    let client = client.interval(Duration::MAX).build().unwrap();
    assert!(client.stock("PINV4").await.is_ok());
    assert_eq!(replica.requests().len(), 1);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_once() {
    let error = Client::builder().base_url("fundamentus").build().unwrap_err();
    assert_eq!(error.to_string(), "the client cannot be built with base_url `fundamentus`");
    assert!(error.source().is_some());
    let error = Client::builder().user_agent("two\nlines").build().unwrap_err();
    assert_eq!(error.to_string(), "the client cannot be built with user_agent `two\nlines`");
}

#[tokio::test]
async fn an_unknown_ticker_is_told_and_not_asked_again() {
    let (replica, client) = site().await;
    let error = client.build().unwrap().details("XXXX99").await.unwrap_err();
    assert_says(&error, &replica, "no ticker on Fundamentus matches XXXX99");
    assert!(!error.is_transient());
    assert_eq!(replica.requests().len(), 1);
}

#[tokio::test]
async fn a_partial_or_renamed_ticker_gives_the_candidates() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();
    let error = client.details("PINV").await.unwrap_err();
    let Error::ChooseTicker { candidates, .. } = &error else { panic!("{error}") };
    assert!(candidates.iter().any(|candidate| {
        candidate.ticker == "PINV4" && candidate.legal_name == "PINVESTE MÁQUINAS & MOTORES S.A."
    }));
    assert!(error.to_string().starts_with("no ticker on Fundamentus is exactly PINV; "), "{error}");

    let exchange = Exchange::builder().stocks(40).fiis(20).build();
    let old = exchange.renamed().next().unwrap();
    let error = client.details(old).await.unwrap_err();
    let Error::NoPage { ticker, name } = &error else { panic!("{error}") };
    assert_eq!((ticker.as_str(), error.kind()), (old, "no_page"));
    let expected =
        format!("Fundamentus knows {old} ({name}) but has no page for it: it was delisted or renamed");
    assert_says(&error, &replica, &expected);
}

#[tokio::test]
async fn a_security_of_the_other_class_is_told() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();
    let error = client.stock("PFII11").await.unwrap_err();
    assert_says(&error, &replica, "PFII11 is a FII, not a stock");
    let error = client.fii("UPIN11").await.unwrap_err();
    assert_says(&error, &replica, "UPIN11 is a stock, not a FII");
}

#[tokio::test]
async fn a_refused_client_does_not_repeat_itself_and_soon_stops() {
    for fault in [Fault::Forbidden, Fault::Challenge] {
        let (replica, client) = site().await;
        replica.fault(fault);
        let client = client.build().unwrap();
        for requests in [1, 2, 3, 3, 3] {
            let error = client.stock("PINV4").await.unwrap_err();
            assert!(matches!(error, Error::Blocked { .. }) && !error.is_transient());
            assert_says(&error, &replica, "the site refuses to serve SITE/detalhes.php?papel=PINV4");
            assert_eq!(replica.requests().len(), requests);
        }
        // A clone is the same client; a new one may try again.
        assert!(client.clone().stock("PINV4").await.is_err());
        assert_eq!(replica.requests().len(), 3);
    }
}

#[tokio::test]
async fn an_answer_in_between_ends_a_row_of_refusals() {
    let (replica, client) = site().await;
    replica.fault(Fault::Forbidden.on("BPIN3"));
    let client = client.build().unwrap();
    for _ in 0..3 {
        assert!(client.stock("BPIN3").await.is_err());
        assert!(client.stock("BPIN3").await.is_err());
        assert!(client.stock("PINV4").await.is_ok());
    }
    assert_eq!(replica.requests().len(), 9);
}

#[tokio::test]
async fn an_unavailable_site_is_asked_again_with_growing_pauses() {
    let (replica, error, requests) = failure(Fault::Unavailable { retry_after: None }).await;
    assert_says(&error, &replica, "the site is unavailable: SITE/detalhes.php?papel=PINV4 answered 503");
    assert!(error.is_transient());
    assert_eq!(requests, 3);
    let gaps = gaps(&replica);
    // 40 ms and 80 ms, each with a jitter of up to itself; the upper bounds leave room for a busy machine.
    assert!((40..500).contains(&gaps[0].as_millis()), "{gaps:?}");
    assert!((80..700).contains(&gaps[1].as_millis()), "{gaps:?}");
}

#[tokio::test]
async fn a_site_that_recovers_in_time_is_read() {
    for fault in [
        Fault::Unavailable { retry_after: None },
        Fault::TooManyRequests { retry_after: None },
        Fault::Reset,
        Fault::Truncated,
        Fault::CutPage,
        Fault::Delay(Duration::from_secs(1)),
    ] {
        let (replica, client) = site().await;
        replica.fault(fault.clone().first(2));
        let stock = client.build().unwrap().stock("PINV4").await;
        assert_eq!(stock.unwrap_or_else(|error| panic!("{fault:?}: {error}")).ticker.as_str(), "PINV4");
        assert_eq!(replica.requests().len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn a_site_that_asks_for_a_pause_gets_it() {
    let in_two_seconds = || httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    for retry_after in [|| "1".to_owned(), in_two_seconds] {
        let (replica, client) = site().await;
        let retry_after = retry_after();
        replica.fault(Fault::TooManyRequests { retry_after: Some(retry_after.clone()) }.first(1));
        client.build().unwrap().stock("PINV4").await.unwrap();
        let gaps = gaps(&replica);
        assert_eq!(gaps.len(), 1);
        // The date has whole seconds: between one and two of them are left.
        assert!((950..3_000).contains(&gaps[0].as_millis()), "{retry_after}: {gaps:?}");
    }
}

#[tokio::test]
async fn a_site_that_asks_for_too_long_a_pause_is_left_alone() {
    let retry_after = Some("3600".to_owned());
    let (replica, error, requests) = failure(Fault::Unavailable { retry_after }).await;
    assert_says(&error, &replica, "the site is unavailable: SITE/detalhes.php?papel=PINV4 answered 503");
    assert!(matches!(error, Error::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 3600));
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn a_slow_answer_times_out() {
    let started = Instant::now();
    let (replica, error, requests) = failure(Fault::Delay(Duration::from_secs(30))).await;
    assert_says(&error, &replica, "SITE/detalhes.php?papel=PINV4 did not answer in time");
    assert!(error.is_transient() && error.source().is_some());
    assert_eq!(requests, 3);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_broken_connection_is_told_with_its_cause() {
    for fault in [Fault::Reset, Fault::Truncated] {
        let (replica, error, requests) = failure(fault).await;
        assert_says(&error, &replica, "the connection to SITE/detalhes.php?papel=PINV4 failed");
        assert!(error.is_transient());
        let cause = error.source().unwrap().to_string();
        assert!(!cause.is_empty() && !cause.contains("detalhes"), "the address is said once: {cause}");
        assert_eq!(requests, 3);
    }
}

#[tokio::test]
async fn a_site_that_is_not_there_is_told() {
    let (replica, client) = site().await;
    let url = replica.url();
    drop(replica);
    let error = client.build().unwrap().stock("PINV4").await.unwrap_err();
    assert_eq!(error.to_string(), format!("the connection to {url}/detalhes.php?papel=PINV4 failed"));
}

#[tokio::test]
async fn a_page_cut_in_the_middle_is_never_taken_for_a_whole_one() {
    let (replica, error, requests) = failure(Fault::CutPage).await;
    let Error::Truncated { bytes, .. } = error else { panic!("{error}") };
    let page = Exchange::default().details("PINV4").unwrap().chars().count();
    assert_eq!(bytes, page / 2);
    assert_says(
        &error,
        &replica,
        &format!("the page at SITE/detalhes.php?papel=PINV4 is cut off after {bytes} bytes"),
    );
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn a_page_in_the_wrong_charset_is_refused() {
    let (replica, error, requests) = failure(Fault::WrongCharset(Charset::Utf16)).await;
    assert_says(&error, &replica, "this is not a data page of Fundamentus");
    assert_eq!(requests, 1);

    let (replica, error, requests) = failure(Fault::WrongCharset(Charset::Utf8Twice)).await;
    assert_says(
        &error,
        &replica,
        "the layout of the stock page of PINV4 changed: it has no `Cotação`, `Data últ cot`, `Vol $ méd (2m)`, \
         `Últ balanço processado`, `Nro. Ações`, `Mês`, `Marg. Líquida`, `Div Br/ Patrim` and 8 more; new is `CotaÃ§Ã£o`, \
         `Data Ãºlt cot`, `Vol $ mÃ©d (2m)`, `Ãšlt balanÃ§o processado`, `Nro. AÃ§Ãµes`, `MÃªs`, \
         `Marg. LÃ\u{ad}quida`, `DÃ\u{ad}v LÃ\u{ad}q / Patrim` and 7 more",
    );
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn the_mobile_layout_is_refused_and_its_cookie_not_kept() {
    let (replica, client) = site().await;
    replica.fault(Fault::Mobile.first(1));
    let client = client.build().unwrap();
    let error = client.stock("PINV4").await.unwrap_err();
    assert_says(
        &error,
        &replica,
        "the page is in the mobile layout, which does not tell missing values from zeros",
    );
    client.stock("PINV4").await.unwrap();
    assert!(replica.requests().iter().all(|request| request.cookie.is_none()));
}

#[tokio::test]
async fn a_changed_layout_names_the_labels_that_are_gone() {
    let (replica, error, requests) = failure(Fault::LayoutChanged).await;
    assert_says(
        &error,
        &replica,
        "the layout of the stock page of PINV4 changed: it has no `Cotação`, `Min 52 sem`, `Max 52 sem`; \
         new is `Último preço`, `Maior 52 sem`",
    );
    assert_eq!(requests, 1);

    let (replica, client) = site().await;
    replica.fault(Fault::LayoutChanged);
    let client = client.build().unwrap();
    let error = client.stocks().await.unwrap_err();
    assert_says(
        &error,
        &replica,
        "the layout of the stock list page changed: it has no `Cotação`, `P/VP`; new is `Último preço`",
    );
    assert!(client.tickers(Class::Stock).await.is_ok(), "the tickers are still there");
}

#[tokio::test]
async fn an_unreadable_value_names_column_ticker_and_text() {
    let (replica, error, requests) = failure(Fault::PoisonedValue).await;
    assert_says(
        &error,
        &replica,
        "`12,3x` in column vlr_ind_p_sobre_vp of stock PINV4 is not a number like -1.234,56",
    );
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn an_empty_list_is_a_failure() {
    let (replica, client) = site().await;
    replica.fault(Fault::EmptyList);
    let client = client.build().unwrap();
    let error = client.tickers(Class::Fii).await.unwrap_err();
    assert_says(&error, &replica, "the FII list at SITE/fii_resultado.php has no rows");
    let error = client.stocks().await.unwrap_err();
    assert_says(&error, &replica, "the stock list at SITE/resultado.php has no rows");
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let (replica, client) = site().await;
    replica.fault(Fault::Huge);
    let client = client.timeout(Duration::from_secs(30)).build().unwrap();
    let error = client.stock("PINV4").await.unwrap_err();
    assert_says(&error, &replica, "the answer of SITE/detalhes.php?papel=PINV4 is larger than 8388608 bytes");
    assert_eq!(replica.requests().len(), 1);
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();
    replica.fault(Fault::Redirect { to: "/detalhes.php?papel=BPIN3".to_owned() }.on("PINV4"));
    let error = client.stock("PINV4").await.unwrap_err();
    assert_says(&error, &replica, "asked for PINV4, the site showed BPIN3");
    replica.clear_faults();
    replica.fault(Fault::Redirect { to: "/detalhes.php?papel=PINV4".to_owned() }.on("PINV4"));
    let before = replica.requests().len();
    let error = client.stock("PINV4").await.unwrap_err();
    assert_says(&error, &replica, "SITE/detalhes.php?papel=PINV4 answered 301");
    assert_eq!(replica.requests().len() - before, 4, "one request and three redirects");
}

#[tokio::test]
async fn a_page_that_does_not_exist_is_not_asked_for_again() {
    let (replica, client) = site().await;
    let client = client.base_url(format!("{}/elsewhere", replica.url())).build().unwrap();
    let error = client.stock("PINV4").await.unwrap_err();
    assert_says(&error, &replica, "SITE/elsewhere/detalhes.php?papel=PINV4 answered 404");
    assert_eq!(replica.requests().len(), 1);
}

#[tokio::test]
async fn a_ticker_is_taken_as_text_or_checked() {
    let (_replica, client) = site().await;
    let client = client.build().unwrap();
    let ticker: Ticker = "PINV4".parse().unwrap();
    let stock = client.stock("pinv4").await.unwrap();
    assert_eq!(client.stock(String::from("PINV4")).await.unwrap().ticker, stock.ticker);
    assert_eq!(client.stock(&ticker).await.unwrap().ticker, stock.ticker);
    assert_eq!(client.stock(ticker.clone()).await.unwrap().ticker, stock.ticker);
    let Ok(capture) = client.capture(&ticker).await;
    assert!(capture.sheet.is_ok());
    let mut bulk: Vec<_> = client.bulk(["PINV4", "not one"], 2).collect().await;
    bulk.sort_by_key(|(given, _)| *given);
    assert!(matches!(&bulk[0], ("PINV4", Ok(_))));
    assert!(matches!(&bulk[1], ("not one", Err(error)) if error.kind() == "invalid_ticker"));
}

#[tokio::test]
async fn the_pages_of_both_classes_are_asked_before_a_ticker_has_no_payments() {
    let (replica, client) = site().await;
    let client = client.build().unwrap();
    for (ticker, payments, pages) in [("PINV4", 6, 1), ("PFII11", 3, 2), ("BPIN3", 0, 3), ("UPIN11", 0, 3)] {
        let before = replica.requests().len();
        assert_eq!(client.dividends(ticker).await.unwrap().rows.len(), payments, "{ticker}");
        assert_eq!(replica.requests().len() - before, pages, "{ticker}");
    }
    let error = client.dividends("XXXX99").await.unwrap_err();
    assert_says(&error, &replica, "no ticker on Fundamentus matches XXXX99");
    let before = replica.requests().len();
    assert_eq!(client.dividends_of("PFII11", Class::Fii).await.unwrap().rows.len(), 3);
    assert_eq!(client.dividends_of("PFII11", Class::Stock).await.unwrap().rows, [], "as the site says");
    assert_eq!(replica.requests().len() - before, 2);
}

#[tokio::test]
async fn the_pace_holds_side_by_side_and_after_failures() {
    let interval = Duration::from_millis(250);
    let (replica, client) = site().await;
    replica.fault(Fault::Reset.on("PINV4"));
    replica.fault(Fault::Unavailable { retry_after: None }.on("BPIN3"));
    let client = client.interval(interval).retries(0).build().unwrap();
    let tickers = ["PINV4", "BPIN3", "UPIN11", "VELH3", "PINV4", "BPIN3", "EXTR3", "NUNC3"];
    let results: Vec<_> = client.bulk(tickers, 8).collect().await;
    assert_eq!(results.len(), 8);
    let gaps = gaps(&replica);
    assert_eq!(gaps.len(), 7);
    // The site sees the pace of the sender blurred by the time that a connection takes.
    assert!(gaps.iter().sum::<Duration>() >= interval * 6, "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap >= interval / 2), "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_gives_every_security_once_whatever_happens_to_some() {
    let exchange = Exchange::builder().stocks(150).fiis(50).build();
    let replica = Replica::start(exchange.clone()).await.unwrap();
    replica.delay(Duration::from_millis(5));
    replica.fault(Fault::Unavailable { retry_after: None }.rate(20));
    replica.fault(Fault::Reset.rate(10));
    replica.fault(Fault::PoisonedValue.on("BPIN3"));
    replica.fault(Fault::Forbidden.on("PFII11"));
    let client =
        Client::builder().base_url(replica.url()).interval(Duration::ZERO).retries(8).build().unwrap();
    let tickers: Vec<Ticker> = exchange
        .stocks()
        .chain(exchange.fiis())
        .chain(["XXXX99"])
        .map(|ticker| ticker.parse().unwrap())
        .collect();

    // In a task of its own, as a server would run it.
    let (reader, wanted) = (client.clone(), tickers.clone());
    let reading = tokio::spawn(async move { reader.bulk(wanted, 12).collect::<Vec<_>>().await });
    let results = reading.await.unwrap();

    let mut seen: Vec<_> = results.iter().map(|(ticker, _)| ticker.clone()).collect();
    let mut expected = tickers;
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
    let mut failed: Vec<_> = results
        .iter()
        .filter_map(|(ticker, details)| Some((ticker.as_str(), details.as_ref().err()?.kind())))
        .collect();
    failed.sort_unstable();
    assert_eq!(failed, [("BPIN3", "bad_cell"), ("PFII11", "blocked"), ("XXXX99", "unknown_ticker")]);
    for (ticker, details) in &results {
        assert!(details.as_ref().is_ok_and(|details| details.ticker() == ticker) || details.is_err());
    }
    assert!((2..=12).contains(&replica.in_flight_peak()), "{}", replica.in_flight_peak());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_ticker_holds_up_nobody_and_is_asked_for_again_at_the_end() {
    let (replica, client) = site().await;
    // Once for the first ticker, always for the second.
    replica.fault(Fault::Delay(Duration::from_secs(3_600)).on("PINV4").first(1));
    replica.fault(Fault::Delay(Duration::from_secs(3_600)).on("BPIN3"));
    let client = client.timeout(Duration::from_millis(600)).build().unwrap();
    let others = ["UPIN11", "VELH3", "EXTR3", "NUNC3", "PFII11", "PFIB11B"];
    let started = Instant::now();
    let results: Vec<_> = client.bulk(["PINV4", "BPIN3"].into_iter().chain(others), 2).collect().await;

    let order: Vec<_> =
        results.iter().map(|(ticker, details)| (*ticker, details.as_ref().err().map(Error::kind))).collect();
    assert_eq!(order[6..], [("PINV4", None), ("BPIN3", Some("timed_out"))]);
    assert_eq!(order.iter().filter(|(_, failed)| failed.is_none()).count(), 7);
    // Nobody waits for the retries of another: one attempt of each, then those that were not answered.
    let asked: Vec<_> = replica
        .requests()
        .iter()
        .filter_map(|request| request.ticker.as_deref().map(str::to_owned))
        .collect();
    assert_eq!(asked[..2], ["PINV4", "BPIN3"]);
    assert_eq!(asked[8..], ["PINV4", "BPIN3", "BPIN3"]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
