//! Start of a function: environment, SDK clients and log.

use std::io;
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use chrono::{NaiveDate, Utc};
use pynvest::lake::pipeline::LISTED;
use pynvest::{Class, Client};
use serde_json::Value;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::Error;
use crate::event;
use crate::lake::Lake;
use crate::queues::Queues;

/// State shared by all invocations of a process.
#[derive(Debug)]
pub struct App {
    pub(crate) lake: Lake,
    pub(crate) queues: Queues,
    site_url: String,
    site_interval: Duration,
    minimum: [usize; 2],
    /// Hours after its day for which a message is still read.
    pub(crate) message_hours: u32,
    /// Whether rows whose figures contradict themselves are rejected.
    pub(crate) strict: bool,
    /// A day is whole if at least this percentage of the sent securities of each class is in Spec.
    pub(crate) whole_percent: usize,
    /// Whether the pages are kept.
    pub(crate) keep_pages: bool,
}

impl App {
    /// Reads the environment and makes the clients; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::MissingVariable`] and [`Error::BadVariable`], which name the variable.
    pub fn new(variable: impl Fn(&'static str) -> Option<String>) -> Result<Self, Error> {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        let needed = |name| given(name).ok_or(Error::MissingVariable { name });
        let number = |name, default| {
            given(name).map_or(Ok(default), |value| {
                value.parse().map_err(|_| Error::BadVariable { name, value, expected: "a whole number" })
            })
        };
        let flag = |name, default| {
            given(name).map_or(Ok(default), |value| {
                value.parse().map_err(|_| Error::BadVariable { name, value, expected: "true or false" })
            })
        };
        let sdk = &sdk(given)?;
        let message_hours = number("MESSAGE_HOURS", 12)?;
        let milliseconds = number("SITE_INTERVAL_MS", 250)?;
        Ok(Self {
            lake: Lake::new(
                sdk,
                [needed("SOR_BUCKET")?, needed("SOT_BUCKET")?, needed("SPEC_BUCKET")?],
                [needed("SOR_DATABASE")?, needed("SOT_DATABASE")?, needed("SPEC_DATABASE")?],
            ),
            queues: Queues::new(
                sdk,
                [needed("TICKERS_ACOES_QUEUE")?, needed("TICKERS_FIIS_QUEUE")?],
                [needed("DEAD_LETTERS_ACOES_QUEUE")?, needed("DEAD_LETTERS_FIIS_QUEUE")?],
            ),
            site_url: given("SITE_URL").unwrap_or_else(|| "https://www.fundamentus.com.br".to_owned()),
            site_interval: Duration::from_millis(milliseconds as u64),
            minimum: [number("MINIMUM_ACOES", 500)?, number("MINIMUM_FIIS", 200)?],
            strict: flag("STRICT", false)?,
            whole_percent: number("WHOLE_PERCENT", 90)?,
            keep_pages: flag("KEEP_PAGES", true)?,
            message_hours: u32::try_from(message_hours).unwrap_or(u32::MAX),
        })
    }

    /// A client of the site. Each invocation has its own, so that the refusals of one do not silence the next; and each waits its
    /// interval before it asks for anything, so that one that follows another keeps the pace of both.
    pub(crate) async fn site(&self) -> Result<Client, Error> {
        tokio::time::sleep(self.site_interval).await;
        Client::builder()
            .base_url(&self.site_url)
            .interval(self.site_interval)
            .build()
            .map_err(|source| Error::Pynvest { doing: "the site cannot be asked".to_owned(), source })
    }

    /// Refuses a day that the site does not show.
    pub(crate) fn check_shown(&self, day: NaiveDate) -> Result<(), Error> {
        match event::is_shown(day, self.message_hours) {
            true => Ok(()),
            false => Err(Error::NotShown { day, hours: self.message_hours }),
        }
    }

    /// Whether a list of a class may have this many securities.
    pub(crate) fn check_count(&self, class: Class, found: usize) -> Result<(), Error> {
        let [stocks, fiis] = self.minimum;
        let minimum = if class == Class::Stock { stocks } else { fiis };
        match found {
            _ if found < minimum => Err(Error::TooFewTickers { class, found, minimum }),
            _ if found > LISTED => Err(Error::TooManyTickers { class, found, maximum: LISTED }),
            _ => Ok(()),
        }
    }
}

/// The day of a run: what the event says, else today in Brasília.
pub(crate) fn day(event: &Value) -> Result<NaiveDate, Error> {
    Ok(event::day(event)?.unwrap_or_else(|| pynvest::record::brasilia(Utc::now()).date_naive()))
}

/// The settings of the SDK, from the variables that Lambda sets. A person sets them with `aws configure export-credentials`;
/// Lambda has none of the other places that the SDK could search.
fn sdk(given: impl Fn(&'static str) -> Option<String>) -> Result<SdkConfig, Error> {
    let needed = |name| given(name).ok_or(Error::MissingVariable { name });
    let (key, secret) = (needed("AWS_ACCESS_KEY_ID")?, needed("AWS_SECRET_ACCESS_KEY")?);
    let credentials = Credentials::new(key, secret, given("AWS_SESSION_TOKEN"), None, "environment");
    // The SDK repeats a call that fails, twice at most.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build();
    let mut sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(needed("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts);
    sdk.set_endpoint_url(given("AWS_ENDPOINT_URL"));
    Ok(sdk.build())
}

/// Log lines are JSON on the standard output; `RUST_LOG` says which, as in `info` or `pynvest=debug`.
pub fn log_as_json() {
    let wanted = std::env::var("RUST_LOG").ok().and_then(|wanted| wanted.parse().ok());
    let wanted: Targets = wanted.unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(io::stdout);
    tracing_subscriber::registry()
        .with(lines)
        // The runtime says of a failure once more what `main` has said; what panics is on the standard error.
        .with(wanted.with_target("lambda_runtime::layers::panic", LevelFilter::OFF))
        .init();
}
