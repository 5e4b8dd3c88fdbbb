//! Settings of a client, and its builder.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Url, redirect, retry};

use crate::client::transport::{Transport, invalid};
use crate::client::{Client, site};
use crate::error::Error;

/// Most bytes of a user agent.
const LONGEST_USER_AGENT: usize = 1_000;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a [`Client`]; what is not set keeps the default that its method names.
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: String,
    user_agent: String,
    interval: Duration,
    timeout: Duration,
    retries: usize,
}

impl fmt::Debug for ClientBuilder {
    /// Without the name and the password that the address may carry.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base_url, user_agent, interval, timeout, retries } = self;
        let base_url = site::without_password(base_url);
        let mut builder = f.debug_struct("ClientBuilder");
        builder.field("base_url", &base_url).field("user_agent", user_agent).field("interval", interval);
        builder.field("timeout", timeout).field("retries", retries).finish()
    }
}

impl ClientBuilder {
    /// The address of the site: `https://www.fundamentus.com.br` by default. A name and a password in it are sent, and never
    /// printed.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// The `User-Agent`: `pynvest/<version>` by default. Add a way to reach you, such as `pynvest/1.0 (maria@example.com)`. The
    /// site refuses the default names of HTTP libraries.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The least time from the start of one request to the start of the next: 250 ms by default. It holds for all requests of a
    /// client and its clones, redirects and retries included. The first pause before a retry is four times as long and then
    /// doubles. A `Retry-After` of the site holds back all requests, for a minute at most.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The longest time for one answer, from the start of its request to its last byte: 30 s by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a request is repeated after a transient failure: 3 times by default.
    #[must_use]
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSetting`] for an invalid address, and for a user agent that no header can hold or that is longer than 1,000
    /// bytes; [`Error::NoRoots`] on a machine without root certificates, unless the site is an `http` address of this machine.
    pub fn build(self) -> Result<Client, Error> {
        let mut base_url = Url::parse(&self.base_url)
            .map_err(|source| invalid("base_url", &site::without_password(&self.base_url), source))?;
        // So that joining a page keeps a path that the address may have.
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        if self.user_agent.len() > LONGEST_USER_AGENT {
            let long = std::io::Error::other(format!("it is longer than {LONGEST_USER_AGENT} bytes"));
            return Err(invalid("user_agent", &self.user_agent, long));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|source| invalid("user_agent", &self.user_agent, source))?;
        // No cookie store: a single mobile page would turn every later one into the mobile layout.
        let http = || {
            reqwest::Client::builder()
                .user_agent(user_agent.clone())
                .gzip(true)
                // Followed and repeated here, so that each request waits for its turn and counts.
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(self.timeout)
        };
        let http = match http().build() {
            Err(_) if is_plain_loopback(&base_url) => http().tls_certs_only([]).build(),
            built => built,
        }
        .map_err(|source| Error::NoRoots { source: Box::new(source) })?;
        let transport = Transport::new(http, base_url, self.retries, self.interval, self.timeout);
        Ok(Client { transport: Arc::new(transport) })
    }
}

/// A site on this machine that needs no certificate, as in tests.
fn is_plain_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    url.scheme() == "http"
        && (host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback()))
}

impl Client {
    /// A client with the default settings.
    ///
    /// # Errors
    ///
    /// [`Error::NoRoots`] if this machine has no root certificates.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// The settings, to change some.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            base_url: "https://www.fundamentus.com.br".to_owned(),
            user_agent: concat!("pynvest/", env!("CARGO_PKG_VERSION")).to_owned(),
            interval: Duration::from_millis(250),
            timeout: Duration::from_secs(30),
            retries: 3,
        }
    }
}
