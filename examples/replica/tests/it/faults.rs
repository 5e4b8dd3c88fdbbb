//! Whether each fault is what it says, over a real connection.

use std::time::{Duration, Instant};

use encoding_rs::WINDOWS_1252;
use replica::{Charset, Fault, Replica};
use reqwest::{Client, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{AGENT, get, replica};
use crate::reader::{pairs, table};

const PAGE: &str = "detalhes.php?papel=PINV4";

async fn after(fault: Fault, path: &str) -> (Replica, Response) {
    let replica = replica().await;
    replica.fault(fault);
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = get(&client, &replica, path).await;
    (replica, response)
}

async fn text(fault: Fault, path: &str) -> String {
    let (_replica, response) = after(fault, path).await;
    assert_eq!(response.status(), 200);
    WINDOWS_1252.decode(&response.bytes().await.unwrap()).0.into_owned()
}

#[tokio::test]
async fn refusals_have_their_status_headers_and_body() {
    let retry = |text: &str| Some(text.to_owned());
    let date = "Fri, 20 Nov 2026 21:00:00 GMT";
    for (fault, status, header, body) in [
        (Fault::Forbidden, 403, ("server", "cloudflare"), "Access denied"),
        (Fault::Challenge, 403, ("cf-mitigated", "challenge"), "<title>Just a moment...</title>"),
        (Fault::TooManyRequests { retry_after: retry(date) }, 429, ("retry-after", date), "Too Many"),
        (Fault::TooManyRequests { retry_after: None }, 429, ("server", "cloudflare"), "Too Many"),
        (Fault::Unavailable { retry_after: retry("2") }, 503, ("retry-after", "2"), "Unavailable"),
        (Fault::Redirect { to: "/index.php".to_owned() }, 301, ("location", "/index.php"), "Moved"),
    ] {
        let asked_to_wait = matches!(
            &fault,
            Fault::TooManyRequests { retry_after: Some(_) } | Fault::Unavailable { retry_after: Some(_) }
        );
        let (replica, response) = after(fault, PAGE).await;
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[header.0], header.1);
        assert_eq!(response.headers().contains_key("retry-after"), asked_to_wait);
        assert!(response.text().await.unwrap().contains(body));
        assert_eq!(replica.requests()[0].status, Some(status));
    }
}

#[tokio::test]
async fn a_reset_is_a_reset_and_no_answer() {
    let replica = replica().await;
    replica.fault(Fault::Reset);
    let mut stream = TcpStream::connect(replica.url().trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET /detalhes.php?papel=PINV4 HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let error = stream.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(replica.requests()[0].status, None);
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_announced() {
    let replica = replica().await;
    replica.fault(Fault::Truncated);
    let mut stream = TcpStream::connect(replica.url().trim_start_matches("http://")).await.unwrap();
    let request =
        format!("GET /{PAGE} HTTP/1.1\r\nhost: x\r\nuser-agent: {AGENT}\r\naccept-encoding: gzip\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let announced: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(body.contains("FUNDAMENTUS - PINV4") && body.chars().count() < announced * 6 / 10);
    // A client notices.
    let response = get(&Client::new(), &replica, PAGE).await;
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn only_the_parser_can_notice_a_cut_page() {
    let page = text(Fault::CutPage, PAGE).await;
    assert!(page.contains("PINV4") && !page.contains("</html>"));
    assert!((3..55).contains(&pairs_that_close(&page)));
}

/// A page may be cut within a pair, which the reader of whole pages does not expect.
fn pairs_that_close(page: &str) -> usize {
    let whole = page.rfind("</tr>").unwrap();
    pairs(&page[..whole]).len()
}

#[tokio::test]
async fn a_wrong_charset_leaves_labels_unreadable() {
    for (charset, right, wrong) in
        [(Charset::Utf16, "Papel", "P\0a\0p\0e\0l"), (Charset::Utf8Twice, "Cotação", "CotaÃ§Ã£o")]
    {
        let (_replica, response) = after(Fault::WrongCharset(charset), PAGE).await;
        assert_eq!(response.headers()["content-type"], "text/html; charset=iso-8859-1");
        let bytes = response.bytes().await.unwrap();
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252.decode(&bytes).0.into_owned(),
        };
        assert!(!text.contains(right) && text.contains(wrong), "{charset:?}");
    }
}

#[tokio::test]
async fn a_changed_layout_lacks_two_labels() {
    for ticker in ["PINV4", "BPIN3", "PFII11"] {
        let page = text(Fault::LayoutChanged, &format!("detalhes.php?papel={ticker}")).await;
        let labels: Vec<String> = pairs(&page).into_iter().map(|(label, _)| label).collect();
        let has = |name: &str| labels.iter().any(|label| label == name);
        assert!(has("Último preço") && has("P/VP") && !has("Cotação") && !has("Min 52 sem"), "{ticker}");
    }
    for (path, id) in [("resultado.php", "resultado"), ("fii_resultado.php", "tabelaResultado")] {
        let (headings, rows) = table(&text(Fault::LayoutChanged, path).await, id);
        assert!(!headings.iter().any(|heading| heading == "Cotação" || heading == "P/VP"), "{headings:?}");
        assert!(headings.iter().any(|heading| heading == "Último preço"));
        assert!(rows.iter().all(|row| row.len() == headings.len()));
    }
}

#[tokio::test]
async fn an_empty_list_has_headings_and_no_rows() {
    for (path, id) in [
        ("resultado.php", "resultado"),
        ("fii_resultado.php", "tabelaResultado"),
        ("proventos.php?papel=PINV4", "resultado"),
        ("proventos.php?papel=PINV4", "resultado-anual"),
    ] {
        let (headings, rows) = table(&text(Fault::EmptyList, path).await, id);
        assert!(!headings.is_empty() && rows.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn half_a_list_has_the_first_half_of_its_rows() {
    for (path, id) in [("resultado.php", "resultado"), ("fii_resultado.php", "tabelaResultado")] {
        let (headings, rows) = table(&text(Fault::Delay(Duration::ZERO), path).await, id);
        let (kept, half) = table(&text(Fault::HalfList, path).await, id);
        assert_eq!((kept, half.as_slice()), (headings, &rows[..rows.len() / 2]), "{path}");
    }
}

#[tokio::test]
async fn one_poisoned_value_is_all_there_is() {
    for ticker in ["PINV4", "PFII11"] {
        let page = text(Fault::PoisonedValue, &format!("detalhes.php?papel={ticker}")).await;
        let poisoned: Vec<_> = pairs(&page).into_iter().filter(|(_, value)| value == "12,3x").collect();
        assert_eq!(poisoned, [("P/VP".to_owned(), "12,3x".to_owned())]);
    }
    for (path, id) in [
        ("resultado.php", "resultado"),
        ("fii_resultado.php", "tabelaResultado"),
        ("fii_proventos.php?papel=PFII11", "resultado"),
    ] {
        let (_, rows) = table(&text(Fault::PoisonedValue, path).await, id);
        assert_eq!(rows[0].iter().filter(|cell| *cell == "12,3x").count(), 1, "{path}: {:?}", rows[0]);
    }
}

#[tokio::test]
async fn one_figure_contradicts_the_others() {
    for ticker in ["PINV4", "PFII11"] {
        let path = format!("detalhes.php?papel={ticker}");
        let good = pairs(&text(Fault::Delay(Duration::ZERO), &path).await);
        let odd = pairs(&text(Fault::ContradictingFigures, &path).await);
        let differs = odd.into_iter().zip(good).filter(|(odd, good)| odd != good);
        let differs: Vec<_> = differs.map(|(odd, _)| odd).collect();
        assert_eq!(differs, [("P/VP".to_owned(), "77,77".to_owned())]);
    }
    let list = text(Fault::Delay(Duration::ZERO), "resultado.php").await;
    assert_eq!(text(Fault::ContradictingFigures, "resultado.php").await, list);
}

#[tokio::test]
async fn the_mobile_fault_needs_no_cookie() {
    assert!(!text(Fault::Mobile, PAGE).await.contains("w728"));
}

#[tokio::test]
async fn a_huge_body_goes_on() {
    let (_replica, mut response) = after(Fault::Huge, PAGE).await;
    let mut read = 0;
    while read < 20_000_000 {
        read += response.chunk().await.unwrap().unwrap().len();
    }
}

#[tokio::test]
async fn faults_come_and_go_while_it_runs() {
    let replica = replica().await;
    let client = Client::new();
    let status = async |path: &str| get(&client, &replica, path).await.status().as_u16();
    replica.fault(Fault::Unavailable { retry_after: None }.on("pinv4").first(2));
    replica.fault(Fault::Forbidden.on("resultado.php"));
    assert_eq!(status("resultado.php").await, 403);
    assert_eq!(status("fii_resultado.php").await, 200);
    for expected in [503, 503, 200] {
        assert_eq!(status(PAGE).await, expected);
        assert_eq!(status("detalhes.php?papel=BPIN3").await, 200);
    }
    replica.clear_faults();
    assert_eq!(status("resultado.php").await, 200);
    replica.fault(Fault::Delay(Duration::from_millis(80)).on("EXTR3"));
    let start = Instant::now();
    assert_eq!(status("detalhes.php?papel=EXTR3").await, 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_rate_strikes_the_same_requests_each_time() {
    let run = async || {
        let replica = replica().await;
        replica.fault(Fault::Unavailable { retry_after: None }.rate(30));
        let client = Client::new();
        for _ in 0..100 {
            get(&client, &replica, PAGE).await;
        }
        replica.requests().iter().map(|request| request.status).collect::<Vec<_>>()
    };
    let first = run().await;
    assert_eq!(first, run().await);
    assert!((15..45).contains(&first.iter().filter(|status| **status == Some(503)).count()));
}

#[tokio::test]
async fn compositions_registers_and_sectors_change_in_one_place() {
    let fund = "detalhes.php?papel=PFII11";
    let page = text(Fault::CommaComposition, fund).await;
    assert!(page.contains("data : [13962341752,00] }") && page.contains("data : [276061948.80] }"));
    let page = text(Fault::LostPart, fund).await;
    assert!(!page.contains("data : [13962341752.00] }") && page.contains("data : [276061948.80] }"));
    let page = text(Fault::ForeignCnpj, fund).await;
    assert!(page.contains("cnpjFundo=11728688000147#\"") && page.contains("PFII11"));
    let list = text(Fault::OtherSector, "resultado.php?setor=14").await;
    assert!(list.contains("?setor=15&") && !list.contains("?setor=14&"));
}
