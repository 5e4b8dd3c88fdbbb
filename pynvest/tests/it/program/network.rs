//! The program on networks of companies: proxies that refuse or are SOCKS, no root certificates, and a site that ends connections.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{io, thread};

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::{pynvest, site};

/// A server on loopback, and how many connections it has had.
fn server(
    serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let (counted, serve) = (Arc::clone(&count), Arc::new(serve));
    thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let serve = Arc::clone(&serve);
            // A client that leaves is no matter.
            thread::spawn(move || stream.and_then(|stream| serve(stream)));
        }
    });
    (address, count)
}

/// A command with nothing of this machine's network settings.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = pynvest(arguments[0]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(&arguments[1..]).envs(variables.iter().copied()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request)?;
    stream.write_all(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
    )
}

#[test]
fn a_proxy_that_refuses_the_password_hears_it_once() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().to_str().unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://site.example");
        for command in [
            &["show", "ITSA4", "PETR4", "VALE3"][..],
            &["list"],
            &["dividends", "ITSA4"],
            &["lake", "--out", out],
        ] {
            let (proxy, requests) = server(refuse);
            let proxy = format!("http://maria:s3cret@{proxy}");
            let arguments = [command, &["--site", &url]].concat();
            let output = run(&arguments, &[("HTTP_PROXY", &proxy), ("HTTPS_PROXY", &proxy)]);
            let messages = said(&output);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {messages}");
            assert_eq!(requests.load(Ordering::Relaxed), 1, "{arguments:?}: {messages}");
            assert!(messages.contains(&format!("the proxy refuses {url}")), "{arguments:?}: {messages}");
            assert!(!messages.contains("s3cret") && !messages.contains("maria"), "{messages}");
        }
    }
}

/// SOCKS 5 without a password; whatever name is wanted, it leads to `target`.
fn socks(mut stream: TcpStream, target: &str) -> io::Result<()> {
    let mut methods = [0; 2];
    stream.read_exact(&mut methods)?;
    stream.read_exact(&mut vec![0; methods[1].into()])?;
    stream.write_all(&[5, 0])?;
    let mut wanted = [0; 5];
    stream.read_exact(&mut wanted)?;
    assert_eq!(wanted[..4], [5, 1, 0, 3], "a name is asked for, which this machine does not look up");
    stream.read_exact(&mut vec![0; usize::from(wanted[4]) + 2])?;
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 80])?;
    let (mut from, mut to) = (stream.try_clone()?, TcpStream::connect(target)?);
    let mut back = to.try_clone()?;
    thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut back, &mut stream).map(drop)
}

#[test]
fn a_socks_proxy_passes_on() {
    let target = site().trim_start_matches("http://");
    let (proxy, connections) = server(move |stream| socks(stream, target));
    let proxy = format!("socks5h://{proxy}");
    let arguments = ["show", "PINV4", "--site", "http://site.example", "--format", "json"];
    let output = run(&arguments, &[("ALL_PROXY", &proxy)]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("PINV4"));
    assert!(connections.load(Ordering::Relaxed) > 0);
}

#[test]
fn without_root_certificates_the_message_says_what_to_install_and_loopback_needs_none() {
    let nowhere = [("SSL_CERT_FILE", "/nowhere/roots.pem"), ("SSL_CERT_DIR", "/nowhere")];
    for url in ["https://site.example", "https://127.0.0.1:1", "http://site.example"] {
        let output = run(&["show", "PINV4", "--site", url], &nowhere);
        let messages = said(&output);
        assert_eq!(output.status.code(), Some(1), "{messages}");
        assert!(messages.contains("`ca-certificates`") && messages.contains("SSL_CERT_FILE"), "{messages}");
    }
    let output = run(&["show", "PINV4", "--site", site()], &nowhere);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

/// The codes of HTTP/2 for a client that asks too much, and for a server that is broken.
const ENHANCE_YOUR_CALM: u8 = 11;
const INTERNAL_ERROR: u8 = 2;

/// What a site does instead of answering.
#[derive(Clone, Copy)]
enum Does {
    /// Ends the connection for this reason.
    GoesAway(u8),
    /// Sends a frame of the stream, and the other for ever.
    Floods([Frame; 2]),
}

/// The type, the flags and the payload of a frame.
type Frame = (u8, u8, &'static [u8]);

const HEADERS: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame((kind, flags, payload): Frame, stream: [u8; 4]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags], &stream[..], payload].concat()
}

/// Does this at each request of an HTTP/2 connection.
fn instead_of_answers(mut stream: impl Read + Write, does: Does, asked: &AtomicUsize) -> io::Result<()> {
    stream.read_exact(&mut [0; 24])?;
    stream.write_all(&frame((4, 0, &[]), [0; 4]))?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize])?;
        if head[3] != HEADERS {
            continue;
        }
        asked.fetch_add(1, Ordering::Relaxed);
        match does {
            Does::GoesAway(reason) => {
                stream.write_all(&[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, reason])?;
                stream.flush()?;
            }
            Does::Floods(frames) => {
                let of = |one: &Frame| frame(*one, [head[5], head[6], head[7], head[8]]);
                let [first, then] = &frames;
                stream.write_all(&of(first))?;
                let flood = of(then).repeat(1_000);
                loop {
                    stream.write_all(&flood)?;
                }
            }
        }
    }
}

/// A site that does this instead of answering, its certificate, and how often it was asked.
fn site_that(does: Does) -> (SocketAddr, String, Arc<AtomicUsize>) {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let private = PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let chain = vec![key.cert.der().clone()];
    let mut settings =
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private).unwrap();
    settings.alpn_protocols = vec![b"h2".to_vec()];
    let (settings, asked) = (Arc::new(settings), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    let (address, _) = server(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&settings)).map_err(io::Error::other)?;
        instead_of_answers(StreamOwned::new(connection, stream), does, &count)
    });
    (address, key.cert.pem(), asked)
}

#[test]
fn a_site_that_asks_for_calm_is_a_site_that_refuses() {
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    let tickers = ["show", "ITSA4", "PETR4", "VALE3", "WEGE3", "BBAS3"];
    for (reason, refuses) in [(ENHANCE_YOUR_CALM, true), (INTERNAL_ERROR, false)] {
        let (address, certificate, asked) = site_that(Does::GoesAway(reason));
        std::fs::write(&roots, certificate).unwrap();
        let url = format!("https://{address}");
        let arguments = [&tickers[..], &["--interval", "20", "--site", &url]].concat();
        let output = run(&arguments, &[("SSL_CERT_FILE", roots.to_str().unwrap())]);
        let (messages, asked) = (said(&output), asked.load(Ordering::Relaxed));
        assert_eq!(messages.contains("refuses to serve"), refuses, "{reason}: {messages}");
        // Nothing that was refused is asked for again; whatever else is broken is tried four times, and a try that meets a
        // connection just ended is not heard here.
        let expected = if refuses { 3..=5 } else { 12..=20 };
        assert!(expected.contains(&asked), "{reason}: {asked} requests: {messages}");
    }
}

/// `:status: 200`.
const OK: &[u8] = &[0x88];

/// The time of the processors that a program takes until it ends, and what it says.
fn cost(arguments: &[&str], roots: &str) -> (Duration, Output) {
    let child = pynvest(arguments[0])
        .args(&arguments[1..])
        .env("SSL_CERT_FILE", roots)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stat = format!("/proc/{}/stat", child.id());
    let ticks = loop {
        // One that has ended is there until somebody waits for it.
        let text = std::fs::read_to_string(&stat).unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        if fields[0] == "Z" {
            break fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    };
    (Duration::from_millis(ticks * 10), child.wait_with_output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn a_flood_of_frames_costs_little_and_is_an_error() {
    let folder = TempDir::new().unwrap();
    let roots = folder.path().join("roots.pem");
    for (what, frames) in [
        ("headers without an end", [(HEADERS, 0, OK), (9, 0, &[][..])]),
        ("data without an end", [(HEADERS, END_HEADERS, OK), (0, 0, &[])]),
    ] {
        let (address, certificate, asked) = site_that(Does::Floods(frames));
        std::fs::write(&roots, certificate).unwrap();
        let url = format!("https://{address}");
        let arguments = ["show", "ITSA4", "--interval", "20", "--site", &url];
        let (cost, output) = cost(&arguments, roots.to_str().unwrap());
        let messages = said(&output);
        assert_eq!(output.status.code(), Some(1), "{what}: {messages}");
        assert!(messages.contains("excessive load"), "{what}: {messages}");
        // Each of four tries ends with its connection.
        assert_eq!(asked.load(Ordering::Relaxed), 4, "{what}: {messages}");
        assert!(cost < Duration::from_secs(1), "{what}: {cost:?}");
    }
}
