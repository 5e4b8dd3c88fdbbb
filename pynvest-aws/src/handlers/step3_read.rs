//! Step 3: reads the pages of a batch of messages into SoR.

mod from_pages;
mod parts;

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use futures_util::StreamExt;
use pynvest::lake::pipeline::{Key, Sidecar, SorRow};
use pynvest::lake::{Doubted, Layer, Table};
use pynvest::{Capture, Class};
use serde_json::{Value, json};
use tokio::time::Instant;

use self::parts::{DayParts, Part, UNREAD, security, write};
use super::answer::{done, milliseconds};
use crate::app::{App, day};
use crate::error::{Error, chain};
use crate::event::{self, Delivered, Message};
use crate::metrics;

/// Requests in flight at the same time, within the pace of the client. A slow one delays no other.
const READERS: usize = 4;
/// Time that a function reserves for writing.
const TO_WRITE: Duration = Duration::from_secs(10);

/// Reads the securities of a batch of messages into one SoR object a day, or the kept pages of a day again. A message whose security
/// is not in the lake afterwards is returned to the queue, and the others are done.
pub(super) async fn get_financial_data(
    app: &App,
    class: Class,
    event: Value,
    deadline: SystemTime,
) -> Result<Value, Error> {
    if event::kept_pages(&event)? {
        return from_pages::read_kept_pages(app, class, day(&event)?).await;
    }
    let started = Instant::now();
    let mut batch = Deliveries::default();
    for delivered in event::messages(event)? {
        batch.take(app, class, delivered);
    }
    let Reading { mut days, unkept, latencies } = read(app, &mut batch, deadline).await?;

    // A page is kept before the row that was made of it.
    let kept = match unkept {
        Some(source) => Err(Error::Pages { source }),
        None => keep_pages(app, class, &mut days).await,
    };
    if let Err(error) = &kept {
        let rows = days.values_mut().flat_map(|parts| std::mem::take(&mut parts.rows));
        rows.for_each(|(message, _)| batch.not_read(&message, error));
    }
    let mut places = Vec::new();
    let mut rows = 0;
    for (day, parts) in days {
        if parts.rows.is_empty() {
            continue;
        }
        let Part { key, messages, sor, doubts } = parts.part(class, day, "");
        match write(app, &key, &sor, &doubts).await {
            Ok(()) => {
                let (read, milliseconds) = (sor.rows.len(), milliseconds(started.elapsed()));
                tracing::info!(table = key.table.name, %key, rows = read, milliseconds, "wrote tickers to SoR");
                rows += read;
                places.push(app.lake.location(Layer::Sor, &key));
                messages.iter().for_each(|message| drop(batch.wanted.remove(message)));
            }
            Err(error) => messages.iter().for_each(|message| batch.not_read(message, &error)),
        }
    }
    for message in batch.wanted.keys().cloned().collect::<Vec<_>>() {
        batch.not_read(&message, &Error::OutOfTime { ticker: message.ticker.clone() });
    }
    metrics::count("RowsWritten", Some(("Table", Table::of(Layer::Sor, class).name)), rows);
    metrics::times("SiteLatency", latencies);
    for (cause, count) in &batch.causes {
        metrics::count("Failures", Some(("Cause", cause)), *count);
    }
    let failures: Vec<Value> = batch.failures.iter().map(|id| json!({"itemIdentifier": id})).collect();
    let mut answer =
        done(&json!({"rows": rows, "failures": failures.len(), "causes": batch.causes, "locations": places}));
    answer["batchItemFailures"] = json!(failures);
    Ok(answer)
}

/// Pages of the securities of a batch.
#[derive(Default)]
struct Reading {
    days: BTreeMap<NaiveDate, DayParts>,
    /// Why a page could not be put into its archive.
    unkept: Option<io::Error>,
    /// Of the pages that were read, in milliseconds.
    latencies: Vec<u64>,
}

/// Reads the securities that are wanted, until there is only time left to write them.
async fn read(app: &App, batch: &mut Deliveries, deadline: SystemTime) -> Result<Reading, Error> {
    let site = app.site().await?;
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    let stop = tokio::time::sleep(left.saturating_sub(TO_WRITE.min(left / 4)));
    let wanted: Vec<Message> = batch.wanted.keys().cloned().collect();
    let mut reading = Reading::default();
    let securities = site.captures(wanted, READERS).take_until(stop);
    let mut securities = std::pin::pin!(securities);
    while let Some((message, Ok(fetched))) = securities.next().await {
        let parts = reading.days.entry(message.day).or_default();
        let Capture { sheet, captured_at, latency, bytes, .. } = fetched;
        let row = security(sheet, captured_at, &message);
        let pages = if row.is_ok() { &mut parts.read } else { &mut parts.unread };
        if app.keep_pages
            && !bytes.is_empty()
            && let Err(error) = pages.add(&message.ticker, captured_at, &bytes)
        {
            reading.unkept.get_or_insert(error);
        }
        match row {
            Ok(SorRow { row, doubts, .. }) => {
                reading.latencies.push(milliseconds(latency));
                if !doubts.is_empty() {
                    parts.doubts.push(Doubted::new(message.ticker.as_str(), doubts));
                }
                parts.rows.push((message, row));
            }
            Err(error) => batch.not_read(&message, &error),
        }
    }
    Ok(reading)
}

/// Result of the messages of a batch.
#[derive(Default)]
struct Deliveries {
    /// Securities that are neither in the lake nor given up, and the messages that ask for them.
    wanted: BTreeMap<Message, Vec<String>>,
    /// Messages that go back to the queue.
    failures: Vec<String>,
    causes: BTreeMap<&'static str, usize>,
}

impl Deliveries {
    /// A message that the function can serve is wanted; any other fails.
    fn take(&mut self, app: &App, class: Class, delivered: Delivered) {
        match Message::read(&delivered.body) {
            Ok(message) if message.class == class && !message.is_of_now(app.message_hours) => {
                let Message { day, ticker, .. } = message;
                let error = Error::TooOld { ticker: ticker.clone(), day, hours: app.message_hours };
                self.failed(ticker.as_str(), vec![delivered.id], &error);
            }
            Ok(message) if message.class == class => {
                self.wanted.entry(message).or_default().push(delivered.id);
            }
            Ok(message) => {
                let error = Error::OtherQueue { ticker: message.ticker.clone(), found: message.class };
                self.failed(message.ticker.as_str(), vec![delivered.id], &error);
            }
            Err(error) => self.failed("", vec![delivered.id], &error),
        }
    }

    fn not_read(&mut self, message: &Message, error: &Error) {
        let ids = self.wanted.remove(message).unwrap_or_default();
        self.failed(message.ticker.as_str(), ids, error);
    }

    /// The queue delivers such a message again, and what fails for good ends in the dead-letter queue.
    fn failed(&mut self, ticker: &str, ids: Vec<String>, error: &Error) {
        let (cause, again) = (error.kind(), error.is_transient());
        tracing::warn!(ticker, cause, transient = again, messages = ?ids, "{}", chain(error));
        *self.causes.entry(cause).or_default() += ids.len();
        self.failures.extend(ids);
    }
}

async fn keep_pages(app: &App, class: Class, days: &mut BTreeMap<NaiveDate, DayParts>) -> Result<(), Error> {
    for (day, parts) in days {
        for (pages, ending) in [(&mut parts.read, ""), (&mut parts.unread, UNREAD)] {
            let pages = std::mem::take(pages).finish(class).map_err(|source| Error::Pages { source })?;
            let Some((name, bytes)) = pages else { continue };
            let key = Key::part(Table::of(Layer::Sor, class), *day, &(name + ending)).beside(Sidecar::Pages);
            app.lake.leave(Layer::Sor, &key, bytes, "application/zstd").await?;
        }
    }
    Ok(())
}
