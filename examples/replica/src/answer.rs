//! Knows what an HTTP answer of the site looks like: status, headers, compression, and its faults.

use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::charset;
use crate::fault::{Charset, Fault};
use crate::page::notice;
use crate::site::{Query, Site};
use crate::spoil;

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

const PAGE_TYPE: &str = "text/html; charset=iso-8859-1";
const FRONT_TYPE: &str = "text/html; charset=UTF-8";
const NOTHING: &str = "private, max-age=0, no-store, no-cache, must-revalidate";

/// How many blanks follow a huge page: 4,096 times this many, which makes 256 MiB.
const BLANKS: usize = 64 * 1024;

/// Default names of libraries, which the front of the site turns away.
const TURNED_AWAY: [&str; 12] = [
    "python",
    "curl/",
    "wget/",
    "go-http-client",
    "java/",
    "okhttp",
    "axios",
    "node",
    "libwww",
    "scrapy",
    "reqwest",
    "ruby",
];

/// A request as far as the answer depends on it.
pub(crate) struct Asked<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
}

impl Asked<'_> {
    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn is_turned_away(&self) -> bool {
        let agent = self.header(header::USER_AGENT).unwrap_or("").to_lowercase();
        agent.trim().is_empty() || TURNED_AWAY.iter().any(|name| agent.starts_with(name))
    }

    fn takes_gzip(&self) -> bool {
        self.header(header::ACCEPT_ENCODING).is_some_and(|accepted| accepted.contains("gzip"))
    }

    fn keeps_mobile_cookie(&self) -> bool {
        self.header(header::COOKIE)
            .is_some_and(|cookies| cookies.split(';').any(|cookie| cookie.trim() == "nv_int=1"))
    }
}

/// An answer being put together.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self { status, headers: HeaderMap::new(), bytes: bytes.into() };
        answer.set(header::CONTENT_TYPE, content_type);
        answer.set(header::SERVER, "cloudflare");
        answer
    }

    fn set(&mut self, name: HeaderName, value: &'static str) {
        self.headers.insert(name, HeaderValue::from_static(value));
    }

    /// Sets a header to text from outside, unless no header may hold it.
    fn set_text(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }

    fn front(status: StatusCode, body: &str) -> Self {
        let mut answer = Self::new(status, FRONT_TYPE, body);
        answer.set(header::CACHE_CONTROL, NOTHING);
        answer
    }

    fn wait(status: StatusCode, body: &str, retry_after: Option<&str>) -> Self {
        let mut answer = Self::front(status, body);
        if let Some(value) = retry_after {
            answer.set_text(header::RETRY_AFTER, value);
        }
        answer
    }

    /// Sends everything: plain with its length, or gzip in chunks.
    fn whole(mut self, gzip: bool) -> Response<Body> {
        if gzip && let Some(packed) = pack(&self.bytes) {
            self.set(header::CONTENT_ENCODING, "gzip");
            self.set(header::VARY, "Accept-Encoding");
            // A stream has no length, and so goes out in chunks, as the site's pages do.
            let body = stream::iter([Ok(Frame::data(Bytes::from(packed)))]);
            return self.with(StreamBody::new(body).boxed_unsync());
        }
        let body = Full::new(Bytes::from(std::mem::take(&mut self.bytes)));
        self.with(body.map_err(io::Error::other).boxed_unsync())
    }

    /// Announces everything, sends half.
    fn truncated(mut self) -> Response<Body> {
        let bytes = Bytes::from(std::mem::take(&mut self.bytes));
        self.set_text(header::CONTENT_LENGTH, &bytes.len().to_string());
        let half = bytes.slice(..bytes.len() / 2);
        let body = stream::iter([Ok(Frame::data(half))]).chain(stream::once(async {
            // The half has to be on its way before the connection goes.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(io::Error::from(io::ErrorKind::UnexpectedEof))
        }));
        self.with(StreamBody::new(body).boxed_unsync())
    }

    /// Sends everything, and then blanks for as long as anybody reads.
    fn huge(mut self) -> Response<Body> {
        let page = Bytes::from(std::mem::take(&mut self.bytes));
        let blanks = Bytes::from(vec![b' '; BLANKS]);
        let body = stream::iter(std::iter::once(page).chain(std::iter::repeat_n(blanks, 4_096)))
            .map(|chunk| Ok(Frame::data(chunk)));
        self.with(StreamBody::new(body).boxed_unsync())
    }

    fn with(self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The answer to a request; `None` to drop the connection.
pub(crate) fn answer(site: &Site, asked: &Asked<'_>, fault: Option<&Fault>) -> Option<Response<Body>> {
    let gzip = asked.takes_gzip();
    let answer = match fault {
        Some(Fault::Reset) => return None,
        Some(Fault::Forbidden) => denied(),
        Some(Fault::Challenge) => challenge(),
        Some(Fault::TooManyRequests { retry_after }) => {
            Answer::wait(StatusCode::TOO_MANY_REQUESTS, notice::TOO_MANY, retry_after.as_deref())
        }
        Some(Fault::Unavailable { retry_after }) => {
            Answer::wait(StatusCode::SERVICE_UNAVAILABLE, notice::UNAVAILABLE, retry_after.as_deref())
        }
        Some(Fault::Redirect { to }) => {
            let mut answer =
                Answer::new(StatusCode::MOVED_PERMANENTLY, PAGE_TYPE, charset::latin1(&notice::moved(to)));
            answer.set_text(header::LOCATION, to);
            answer
        }
        _ if asked.is_turned_away() => denied(),
        Some(Fault::Truncated) => return Some(page(site, asked).truncated()),
        Some(Fault::Huge) => return Some(page(site, asked).huge()),
        Some(Fault::Mobile) => {
            let bytes = site.mobile(&asked.query);
            Answer::new(StatusCode::OK, PAGE_TYPE, bytes)
        }
        Some(fault) => {
            let mut answer = page(site, asked);
            answer.bytes = spoiled(&answer.bytes, fault);
            answer
        }
        None => page(site, asked),
    };
    Some(answer.whole(gzip))
}

/// A page of the site, or its 404.
fn page(site: &Site, asked: &Asked<'_>) -> Answer {
    if asked.keeps_mobile_cookie() {
        return Answer::new(StatusCode::OK, PAGE_TYPE, site.mobile(&asked.query));
    }
    let Some(bytes) = site.page(asked.path, &asked.query) else {
        return Answer::new(StatusCode::NOT_FOUND, PAGE_TYPE, notice::MISSING);
    };
    let mut answer = Answer::new(StatusCode::OK, PAGE_TYPE, bytes);
    answer.set(header::CACHE_CONTROL, if asked.path == "detalhes.php" { "max-age=1200" } else { "no-store" });
    if asked.query.mobile {
        answer.set(header::SET_COOKIE, "nv_int=1; expires=Tue, 19-Jan-2038 03:14:07 GMT; path=/");
    }
    answer
}

fn denied() -> Answer {
    Answer::front(StatusCode::FORBIDDEN, notice::DENIED)
}

fn challenge() -> Answer {
    let mut answer = Answer::front(StatusCode::FORBIDDEN, notice::CHALLENGE);
    answer.set(HeaderName::from_static("cf-mitigated"), "challenge");
    answer
}

/// A page after a fault that only its reader can notice.
fn spoiled(bytes: &[u8], fault: &Fault) -> Vec<u8> {
    let html = charset::from_latin1(bytes);
    let spoil = match fault {
        Fault::CutPage => spoil::cut,
        Fault::RenamedLabel => spoil::rename_label,
        Fault::LayoutChanged => spoil::change_layout,
        Fault::EmptyList => spoil::empty_tables,
        Fault::HalfList => spoil::halve_tables,
        Fault::PoisonedValue => spoil::poison,
        Fault::ContradictingFigures => spoil::contradict,
        Fault::CommaComposition => spoil::comma_composition,
        Fault::LostPart => spoil::lose_part,
        Fault::ForeignCnpj => spoil::foreign_cnpj,
        Fault::OtherSector => spoil::other_sector,
        Fault::WrongCharset(Charset::Utf16) => return charset::utf16(&html),
        Fault::WrongCharset(Charset::Utf8Twice) => return charset::utf8_twice(&html),
        _ => return bytes.to_vec(),
    };
    charset::latin1(&spoil(&html))
}

/// Compresses in memory, quickly; `None` if even that fails.
fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
