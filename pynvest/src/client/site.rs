//! Answers of the site: redirects, refusals, cut bodies, and addresses without secrets.

use std::time::{Duration, SystemTime};
use std::{error, iter};

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use tokio::time::Instant;

use crate::client::rate_limiter::RateLimiter;
use crate::client::silence::Silence;
use crate::client::slot::Slot;
use crate::error::Error;

/// Larger than any page of the site, whose longest list has 0.8 MB, by an order of magnitude.
const BODY_LIMIT: usize = 8 << 20;
const REDIRECTS: usize = 3;
/// As much of a foreign address as an error repeats.
const SHOWN: usize = 200;

/// The body of an answer with status 200, or as much as came of another one.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// From the start of the request that gave this answer to its last byte.
    pub(crate) latency: Duration,
}

/// The message of the network layer for a tunnel that a proxy refuses for its password; its type is private.
const PROXY_DENIES: &str = "proxy authorization required";

/// Asks for a page, and follows redirects within the site; each of them waits for its turn and counts. What came is in
/// `body`, also if it is no page. `may_send` is asked once a turn has come.
pub(crate) async fn get(
    http: &reqwest::Client,
    pace: &RateLimiter,
    silence: &Silence,
    slot: &Slot,
    url: &Url,
    body: &mut Body,
    may_send: impl Fn() -> Result<(), Error>,
) -> Result<(), Error> {
    let mut url = url.clone();
    for redirects in 0.. {
        pace.turn().await;
        may_send()?;
        pace.sent();
        let sent = Instant::now();
        *body = Body::default();
        let answer = slot.wait(silence, one(http, &url, body)).await;
        body.latency = sent.elapsed();
        match answer? {
            Some((_, status)) if redirects == REDIRECTS => {
                return Err(Error::UnexpectedStatus { url: shown(&url), status: status.as_u16() });
            }
            Some((next, _)) => url = next,
            None => break,
        }
    }
    Ok(())
}

/// One request; where the site sends the client instead of answering.
async fn one(http: &reqwest::Client, url: &Url, body: &mut Body) -> Result<Option<(Url, StatusCode)>, Error> {
    let response = http.get(url.clone()).send().await.map_err(|error| broken(url, error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status.is_redirection()
        && let Some(location) = headers.get(LOCATION)
    {
        return Ok(Some((within_site(url, location.as_bytes())?, status)));
    }
    // A refusal is kept for whoever looks into it; that not all of it came is no matter then.
    let read = read(url, response, &mut body.bytes).await;
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return Err(Error::ProxyRefused { url: shown(url) });
    }
    let challenged = headers.get("cf-mitigated").is_some_and(|value| value == "challenge");
    if status == StatusCode::FORBIDDEN || challenged {
        return Err(Error::Blocked { url: Some(shown(url)) });
    }
    if status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
    {
        let retry_after = retry_after(&headers, SystemTime::now());
        return Err(Error::Unavailable { url: shown(url), status: status.as_u16(), retry_after });
    }
    if !status.is_success() {
        return Err(Error::UnexpectedStatus { url: shown(url), status: status.as_u16() });
    }
    read?;
    if is_cut(&body.bytes) {
        return Err(Error::Truncated { url: shown(url), bytes: body.bytes.len() });
    }
    Ok(None)
}

/// Where a redirect leads, if that is the site: its name with or without `www.`, and not from https back to http.
fn within_site(from: &Url, location: &[u8]) -> Result<Url, Error> {
    let text = String::from_utf8_lossy(location);
    let refused = |to: &str| Error::Redirected { url: shown(from), to: to.chars().take(SHOWN).collect() };
    let mut to = from.join(&text).map_err(|_| refused(&text.escape_debug().to_string()))?;
    // Whatever the redirect says, nobody but the settings names a user.
    let _ = (to.set_username(from.username()), to.set_password(from.password()));
    let name = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    let same_door = to.port() == from.port() || (to.port().is_none() && from.port().is_none());
    let safe = to.scheme() == from.scheme() || (from.scheme() == "http" && to.scheme() == "https");
    if name(&to).is_some() && name(&to) == name(from) && same_door && safe {
        Ok(to)
    } else {
        Err(refused(&shown(&to)))
    }
}

async fn read(url: &Url, mut response: Response, bytes: &mut Vec<u8>) -> Result<(), Error> {
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(url, error))? {
        if bytes.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::TooLarge { url: shown(url), limit: BODY_LIMIT });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(())
}

/// Whether the page is empty, or opens `<html` and does not close it. Each mark is searched from its own end of the page, which
/// reads little of it.
fn is_cut(bytes: &[u8]) -> bool {
    let opened = bytes.windows(5).any(|window| window.eq_ignore_ascii_case(b"<html"));
    let closed = bytes.windows(7).rev().any(|window| window.eq_ignore_ascii_case(b"</html>"));
    bytes.trim_ascii().is_empty() || (opened && !closed)
}

fn broken(url: &Url, error: reqwest::Error) -> Error {
    let (url, source) = (shown(url), Box::new(error.without_url()));
    let causes = || iter::successors(Some(&*source as &(dyn error::Error + 'static)), |error| error.source());
    if causes().any(|cause| cause.to_string().contains(PROXY_DENIES)) {
        return Error::ProxyRefused { url };
    }
    let http2 = || causes().filter_map(|cause| cause.downcast_ref::<h2::Error>());
    if http2().any(|cause| cause.is_remote() && cause.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM)) {
        return Error::Blocked { url: Some(url) };
    }
    if source.is_timeout() { Error::TimedOut { url, source } } else { Error::Connection { url, source } }
}

/// `Retry-After` in seconds, or as the date of an end that has not passed.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(now).ok(),
    }
}

/// The address without the name and the password that it may carry.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = (url.set_username(""), url.set_password(None));
    url.into()
}

/// The same for a text that may be no address.
pub(crate) fn without_password(text: &str) -> String {
    let user = text.find("://").map_or(0, |scheme| scheme + 3);
    match text.get(user..).and_then(|rest| rest.rfind('@')) {
        Some(at) => format!("{}…{}", &text[..user], &text[user + at..]),
        None => text.to_owned(),
    }
}
