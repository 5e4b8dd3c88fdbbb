//! How a client is set up: what each setting is without being set, and what cannot work.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Url, redirect, retry};

use crate::client::pace::Pace;
use crate::client::{Client, Inner, site};
use crate::error::Error;

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

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: "https://www.fundamentus.com.br".to_owned(),
            user_agent: concat!("pynvest/", env!("CARGO_PKG_VERSION")).to_owned(),
            interval: Duration::from_millis(250),
            timeout: Duration::from_secs(30),
            retries: 3,
        }
    }
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
    /// Where the site is: `https://www.fundamentus.com.br` by default. A name and a password in it are sent, and never
    /// printed.
    #[must_use]
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// How the client introduces itself: `pynvest/<version>` by default. Better with a way to reach you, such as
    /// `pynvest/1.0 (maria@example.com)`. The site refuses the default names of HTTP libraries.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The least time from the start of one request to the start of the next: 250 ms by default. It holds for all that a
    /// client and its clones send: after failures, for redirects, and for retries, whose first pause is four times as long
    /// and then doubles. A pause that the site asks for holds back all of them, for a minute at most.
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
    /// [`Error::InvalidSetting`] for an address that is none, a user agent that no header can hold, or a machine without
    /// TLS roots.
    pub fn build(self) -> Result<Client, Error> {
        let mut base_url = Url::parse(&self.base_url)
            .map_err(|source| invalid("base_url", &site::without_password(&self.base_url), source))?;
        // So that joining a page keeps a path that the address may have.
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|source| invalid("user_agent", &self.user_agent, source))?;
        // No cookie store: a single mobile page would turn every later one into the mobile layout.
        let http = reqwest::Client::builder()
            .user_agent(user_agent)
            .gzip(true)
            // Followed and repeated here, so that each request waits for its turn and counts.
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            .build()
            .map_err(|source| invalid("TLS", "the roots of this machine", source))?;
        Ok(Client {
            inner: Arc::new(Inner {
                http,
                base_url,
                retries: self.retries,
                pace: Pace::new(self.interval),
                refusals: Mutex::default(),
            }),
        })
    }
}

pub(crate) fn invalid(
    setting: &'static str,
    value: &str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::InvalidSetting { setting, value: value.to_owned(), source: Some(Box::new(source)) }
}
