//! The client on the wire: sites that send elsewhere, ask for pauses, never end, or stand behind a password.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pynvest::{Client, ClientBuilder, Error, Ticker};
use replica::Exchange;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const INTERVAL: Duration = Duration::from_millis(50);

/// A site that gives each request, by its path with the query, the bytes of an answer.
pub(crate) struct Wire {
    url: String,
    seen: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Wire {
    pub(crate) async fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let Ok(byte @ 1..) = stream.read_buf(&mut request).await else { return };
                        assert!(byte < 100_000);
                    }
                    let head = String::from_utf8(request).unwrap();
                    let number = {
                        let mut log = log.lock().unwrap();
                        log.push((Instant::now(), head.clone()));
                        log.len() - 1
                    };
                    let path = head.split(' ').nth(1).unwrap_or_default();
                    let _ = stream.write_all(&answer(number, path)).await;
                });
            }
        });
        Self { url, seen }
    }

    fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn gaps(&self) -> Vec<Duration> {
        self.seen.lock().unwrap().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }

    /// The answer that carries this page.
    pub(crate) fn answer(page: &str) -> Vec<u8> {
        let page = replica::latin1(page);
        [head(200, &format!("Content-Length: {}\r\n", page.len())).into_bytes(), page].concat()
    }

    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder()
            .base_url(&self.url)
            .interval(INTERVAL)
            .timeout(Duration::from_millis(600))
            .retries(1)
    }
}

fn page() -> Vec<u8> {
    Wire::answer(&Exchange::builder().stocks(10).fiis(5).build().details("PINV4").unwrap())
}

fn head(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}\r\n")
}

fn moved(to: &str) -> Vec<u8> {
    head(301, &format!("Location: {to}\r\nContent-Length: 0\r\n")).into_bytes()
}

#[tokio::test]
async fn redirects_wait_for_their_turn_and_count() {
    let site = Wire::start(|number, _| if number % 3 == 2 { page() } else { moved("/again") }).await;
    let client = site.client().build().unwrap();
    for _ in 0..2 {
        client.stock("PINV4").await.unwrap();
    }
    assert_eq!(site.requests(), 6);
    assert!(site.gaps().iter().all(|gap| *gap >= INTERVAL - Duration::from_millis(10)), "{:?}", site.gaps());
}

#[tokio::test]
async fn a_redirect_out_of_the_site_is_not_followed_and_not_repeated() {
    for (to, shown) in [
        ("http://evil.example/detalhes.php", "http://evil.example/detalhes.php"),
        ("http://u:secret@evil.example/", "http://evil.example/"),
        ("gopher://127.0.0.1/x", "gopher://127.0.0.1/x"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
        ("http://[", "http://["),
    ] {
        let site = Wire::start(move |_, _| moved(to)).await;
        let client = site.client().build().unwrap();
        let error = client.stock("PINV4").await.unwrap_err();
        let sentence = format!("SITE/detalhes.php?papel=PINV4 sends to `{shown}`, which is not the site");
        assert_eq!(error.to_string().replace(&site.url, "SITE"), sentence);
        assert_eq!((error.kind(), error.is_transient(), site.requests()), ("redirected", false, 1));
    }
    // A redirect of two megabytes is no sentence.
    let site = Wire::start(|_, _| moved(&format!("http://evil.example/{}", "x".repeat(60_000)))).await;
    let error = site.client().build().unwrap().stock("PINV4").await.unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[tokio::test]
async fn a_pause_that_the_site_asks_for_holds_back_everybody() {
    let busy = |number: usize, _: &str| match number {
        0 => head(503, "Retry-After: 1\r\nContent-Length: 0\r\n").into_bytes(),
        _ => page(),
    };
    let site = Wire::start(busy).await;
    let client = site.client().interval(Duration::from_millis(1)).build().unwrap();
    let security: Ticker = "PINV4".parse().unwrap();
    let (one, other) = tokio::join!(client.capture(&security), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        client.capture(&security).await.unwrap()
    });
    assert!(one.unwrap().sheet.is_ok() && other.sheet.is_ok());
    let gaps = site.gaps();
    assert!(gaps[0] >= Duration::from_millis(900), "nobody asks during the pause: {gaps:?}");
    assert_eq!(site.requests(), 3);
}

#[tokio::test]
async fn answers_that_never_begin_end_with_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Bounded, as if without an end, and faster than anybody reads.
                let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(1_000);
                for _ in 0..20_000 {
                    if stream.write_all(&hints).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    let client = Client::builder().base_url(url).timeout(Duration::from_millis(300)).retries(1);
    let started = Instant::now();
    let error = client.interval(INTERVAL).build().unwrap().stock("PINV4").await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}: {error}", started.elapsed());
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn pages_in_unknown_words_stop_the_client_like_a_refusal() {
    let odd = "<html><body>Verifique que o seu navegador é seguro</body></html>";
    let site = Wire::start(move |_, _| {
        [head(200, &format!("Content-Length: {}\r\n", odd.len())), odd.to_owned()].concat().into_bytes()
    })
    .await;
    let client = site.client().build().unwrap();
    let mut kinds = Vec::new();
    for _ in 0..5 {
        kinds.push(client.stock("PINV4").await.unwrap_err().kind());
    }
    assert_eq!(kinds, ["not_fundamentus", "not_fundamentus", "not_fundamentus", "blocked", "blocked"]);
    assert_eq!(site.requests(), 3);
}

#[tokio::test]
async fn an_empty_answer_is_asked_for_again() {
    let site = Wire::start(|number, _| match number {
        0 => head(200, "Content-Length: 0\r\n").into_bytes(),
        _ => page(),
    })
    .await;
    assert!(site.client().build().unwrap().stock("PINV4").await.is_ok());
    assert_eq!(site.requests(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_is_there_all_the_same() {
    let whole = page();
    let half = {
        let body = whole.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        whole[body..body + 9_000].to_vec()
    };
    let served = half.clone();
    let site = Wire::start(move |_, _| {
        [head(200, &format!("Content-Length: {}\r\n", served.len())).into_bytes(), served.clone()].concat()
    })
    .await;
    let client = site.client().build().unwrap();
    let fetched = client.capture("PINV4").await.unwrap();
    let error = fetched.sheet.unwrap_err();
    assert!(matches!(error, Error::Truncated { bytes: 9_000, .. }), "{error}");
    assert_eq!((fetched.bytes, fetched.ticker.as_str()), (half, "PINV4"));
}

#[tokio::test]
async fn a_password_is_sent_and_never_printed() {
    let site = Wire::start(|_, _| head(503, "Content-Length: 0\r\n").into_bytes()).await;
    let secret = site.url.replace("http://", "http://maria:s3cret@");
    let builder = site.client().base_url(&secret);
    let client = builder.clone().build().unwrap();
    let error = client.stock("PINV4").await.unwrap_err();
    let said = format!("{builder:?} {client:?} {error} {error:?} {:?}", error.source());
    assert!(!said.contains("s3cret") && !said.contains("maria"), "{said}");
    let asked = site.seen.lock().unwrap()[0].1.to_ascii_lowercase();
    assert!(asked.contains("authorization: basic"), "{asked}");
    let error = Client::builder().base_url("http://maria:s3cret@host:badport/").build().unwrap_err();
    assert_eq!(error.to_string(), "the client cannot be built with base_url `http://…@host:badport/`");
}
