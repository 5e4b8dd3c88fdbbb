//! Whether the site behaves over HTTP: charset, compression, cookies, denial, log, and saved pages.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use replica::{Exchange, Pages, Replica, latin1};
use reqwest::{Client, Response};

use crate::reader::{links, pairs};

pub(crate) const AGENT: &str = "Mozilla/5.0 (a test)";

pub(crate) async fn replica() -> Replica {
    Replica::start(Exchange::builder().stocks(40).fiis(20).build()).await.unwrap()
}

pub(crate) async fn get(client: &Client, replica: &Replica, path: &str) -> Response {
    client.get(format!("{}/{path}", replica.url())).header("user-agent", AGENT).send().await.unwrap()
}

fn plain() -> Client {
    Client::builder().no_gzip().build().unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_page_arrives_plain_and_compressed() {
    let replica = replica().await;
    let expected = latin1(&Exchange::builder().stocks(40).fiis(20).build().details("PINV4").unwrap());
    let response = get(&plain(), &replica, "detalhes.php?papel=pinv4%20").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/html; charset=iso-8859-1");
    assert_eq!(header(&response, "server"), "cloudflare");
    assert_eq!(header(&response, "cache-control"), "max-age=1200");
    assert_eq!(header(&response, "content-length"), expected.len().to_string());
    assert_eq!(response.bytes().await.unwrap(), expected);

    let response = plain()
        .get(format!("{}/detalhes.php?papel=PINV4", replica.url()))
        .header("user-agent", AGENT)
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(header(&response, "content-encoding"), "gzip");
    assert_eq!(header(&response, "transfer-encoding"), "chunked");
    assert!(response.bytes().await.unwrap().len() < expected.len() / 2);
    let unpacked = get(&Client::new(), &replica, "detalhes.php?papel=PINV4").await;
    assert_eq!(unpacked.bytes().await.unwrap(), expected);
}

#[tokio::test]
async fn the_default_names_of_libraries_are_denied() {
    let replica = replica().await;
    let url = format!("{}/resultado.php", replica.url());
    let ask = |agent: Option<&'static str>| {
        let request = Client::new().get(&url);
        match agent {
            Some(agent) => request.header("user-agent", agent),
            None => request,
        }
        .send()
    };
    for agent in
        [None, Some(""), Some("python-requests/2.32.3"), Some("curl/8.5.0"), Some("Go-http-client/1.1")]
    {
        let response = ask(agent).await.unwrap();
        assert_eq!(response.status(), 403, "{agent:?}");
        assert!(response.text().await.unwrap().contains("Access denied"));
    }
    assert_eq!(ask(Some("pynvest/1.0")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_keeps_the_cookie_gets_the_mobile_page() {
    let replica = replica().await;
    let client = plain();
    let mobile = get(&client, &replica, "detalhes.php?papel=PINV4&interface=mobile").await;
    assert!(header(&mobile, "set-cookie").starts_with("nv_int=1; expires=Tue, 19-Jan-2038"));
    assert!(!mobile.text().await.unwrap().contains("w728"));
    // Without the cookie the next page is the classic one, with it it is not.
    assert!(get(&client, &replica, "detalhes.php?papel=PINV4").await.text().await.unwrap().contains("w728"));
    let kept = client
        .get(format!("{}/detalhes.php?papel=PINV4", replica.url()))
        .header("user-agent", AGENT)
        .header("cookie", "a=b; nv_int=1")
        .send()
        .await
        .unwrap();
    assert!(!kept.text().await.unwrap().contains("w728"));
}

#[tokio::test]
async fn paths_lead_to_their_pages() {
    let replica = replica().await;
    let client = plain();
    for (path, status, text) in [
        ("", 200, "Bem-vindo"),
        ("detalhes.php", 200, "id=\"test1\""),
        ("detalhes.php?papel=", 200, "id=\"test1\""),
        ("detalhes.php?papel=XXXX99", 200, "<h1>Nenhum papel encontrado</h1>"),
        ("resultado.php?setor=22", 200, ">PINV4<"),
        ("resultado.php?setor=abc", 200, "id=\"resultado\""),
        ("fii_resultado.php", 200, ">PFIB11B<"),
        ("proventos.php?papel=PINV4&tipo=2", 200, "24,3100"),
        ("proventos.php?papel=PFII11&tipo=2", 200, "<tbody>\n\t\t\t\t\t\t  \t"),
        ("fii_proventos.php?papel=PFII11&tipo=2", 200, "Amortiza"),
        ("fii_proventos.php?papel=%3Cb%3E&tipo=2", 200, "&lt;B>"),
        ("balancos.php?papel=PINV4", 404, "Not Found"),
    ] {
        let response = get(&client, &replica, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(response.text().await.unwrap().contains(text), "{path}");
    }
}

#[tokio::test]
async fn the_log_tells_who_asked_and_the_peak_how_many() {
    let replica = replica().await;
    replica.delay(Duration::from_millis(60));
    let client = plain();
    let tickers = ["PINV4", "BPIN3", "UPIN11", "ZZZZ9"];
    let paths = tickers.map(|ticker| format!("detalhes.php?papel={ticker}"));
    join_all(paths.iter().map(|path| get(&client, &replica, path))).await;
    assert_eq!(replica.in_flight_peak(), 4);
    replica.delay(Duration::ZERO);
    get(&client, &replica, "resultado.php?setor=22").await;
    assert_eq!(replica.in_flight_peak(), 4);

    let requests = replica.requests();
    let asked: HashSet<&str> = requests.iter().filter_map(|request| request.ticker.as_deref()).collect();
    assert_eq!(asked, HashSet::from(tickers));
    assert!(requests.is_sorted_by_key(|request| request.at));
    let last = requests.last().unwrap();
    assert_eq!((&*last.path, &*last.query, &last.ticker), ("resultado.php", "setor=22", &None));
    assert_eq!((last.user_agent.as_deref(), &last.cookie, last.status), (Some(AGENT), &None, Some(200)));
}

#[tokio::test]
async fn a_folder_is_served_byte_for_byte() {
    let exchange = Exchange::builder().stocks(0).fiis(0).build();
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("2026/11");
    fs::create_dir_all(&deep).unwrap();
    let page = |ticker| exchange.details(ticker).unwrap();
    let newest = [b"\xFF\xFE".to_vec(), latin1(&page("PINV4"))].concat();
    for (path, bytes) in [
        ("PINV4-2026-11-19.html", latin1("class=\"w728\"")),
        ("2026/11/PINV4-2026-11-20.html", newest.clone()),
        // The last by name, but no security.
        ("PINV4-2026-11-21.html", latin1(&exchange.search("PIN"))),
        ("2026/UPIN11.html", page("UPIN11").into_bytes()),
        ("PFII11-x.html", latin1(&page("PFII11"))),
        ("notes-2026.html", latin1("class=\"w728\"")),
        ("NUNC3-mobile.html", latin1(&exchange.mobile("NUNC3").unwrap())),
    ] {
        fs::write(folder.path().join(path), bytes).unwrap();
    }
    let pages = Pages::open(folder.path()).unwrap();
    assert_eq!(pages.stocks().collect::<Vec<_>>(), ["PINV4", "UPIN11"]);
    assert_eq!(pages.fiis().collect::<Vec<_>>(), ["PFII11"]);
    let replica = Replica::start(pages).await.unwrap();
    let client = plain();
    let response = get(&client, &replica, "detalhes.php?papel=pinv4").await;
    assert_eq!(header(&response, "content-type"), "text/html; charset=iso-8859-1");
    assert_eq!(response.bytes().await.unwrap(), newest);
    let text = async |path: &str| get(&client, &replica, path).await.text().await.unwrap();
    // This one was saved as UTF-8, and is served so.
    assert_eq!(
        get(&client, &replica, "detalhes.php?papel=UPIN11").await.bytes().await.unwrap(),
        page("UPIN11")
    );
    assert_eq!(links(&text("resultado.php").await, "resultado"), ["PINV4", "UPIN11"]);
    assert_eq!(links(&text("fii_resultado.php").await, "tabelaResultado"), ["PFII11"]);
    assert_eq!(links(&text("detalhes.php?papel=PIN").await, "test1"), ["PINV4", "UPIN11"]);
    assert!(text("detalhes.php?papel=NUNC3").await.contains("Nenhum papel encontrado"));
    assert!(pairs(&text("detalhes.php?papel=PFII11").await).len() == 50);

    fs::write(folder.path().join("fii_resultado.php.html"), "a saved list").unwrap();
    let replica = Replica::start(Pages::open(folder.path()).unwrap()).await.unwrap();
    assert_eq!(get(&client, &replica, "fii_resultado.php").await.text().await.unwrap(), "a saved list");
    assert!(Pages::open(folder.path().join("absent")).is_err());
}

#[tokio::test]
async fn a_dropped_replica_no_longer_answers() {
    let replica = replica().await;
    let url = replica.url();
    get(&plain(), &replica, "detalhes.php?papel=PINV4").await;
    drop(replica);
    tokio::task::yield_now().await;
    assert!(plain().get(url).header("user-agent", AGENT).send().await.is_err());
}
