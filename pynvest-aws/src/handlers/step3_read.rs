//! Step 3: from the site to SoR.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use futures_util::{StreamExt, stream};
use pynvest::lake::pipeline::{self, Archive, Key, Sidecar, SorRow};
use pynvest::lake::{Batch, Doubted, Layer, Row, Table};
use pynvest::{Capture, Class, Ticker};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{done, milliseconds};
use crate::app::App;
use crate::error::{Error, chain};
use crate::event::{self, Delivered, Message};
use crate::metrics;

/// Pages that are asked for at the same time; how often one is asked for, the pace of the client says.
const READERS: usize = 4;
/// What is kept of a function's time to write what it has read.
const TO_WRITE: Duration = Duration::from_secs(10);

/// Reads the papers of a batch of messages into one SoR object a day. A message whose paper is not in the lake afterwards
/// is returned to the queue, and the others are done.
pub(super) async fn get_financial_data(
    app: &App,
    class: Class,
    event: Value,
    deadline: SystemTime,
) -> Result<Value, Error> {
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
        let Part { key, messages, sor, doubts } = parts.part(class, day);
        match write(app, &key, &sor, &doubts).await {
            Ok(()) => {
                let (read, milliseconds) = (sor.rows.len(), milliseconds(started.elapsed()));
                tracing::info!(table = key.table.name, %key, rows = read, milliseconds, "papers are in the lake");
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
    metrics::times("SiteLatency", &latencies);
    for (cause, count) in &batch.causes {
        metrics::count("Failures", Some(("Cause", cause)), *count);
    }
    let failures: Vec<Value> = batch.failures.iter().map(|id| json!({"itemIdentifier": id})).collect();
    let mut answer =
        done(&json!({"rows": rows, "failures": failures.len(), "causes": batch.causes, "locations": places}));
    answer["batchItemFailures"] = json!(failures);
    Ok(answer)
}

/// What the site has shown of the papers of a batch.
#[derive(Default)]
struct Reading {
    days: BTreeMap<NaiveDate, DayParts>,
    /// Why a page could not be put into its archive.
    unkept: Option<io::Error>,
    /// Of the pages that were read, in milliseconds.
    latencies: Vec<u64>,
}

/// What was read of a day.
#[derive(Default)]
struct DayParts {
    rows: Vec<(Message, Row)>,
    /// What is odd about the labels of the pages.
    doubts: Vec<Doubted>,
    pages: Option<Pages>,
}

/// The pages of a day, and whose they are.
struct Pages {
    archive: Archive<Vec<u8>>,
    tickers: Vec<Ticker>,
}

/// A part of SoR, and the messages that it answers.
struct Part {
    key: Key,
    messages: Vec<Message>,
    sor: Batch,
    doubts: Vec<Doubted>,
}

impl DayParts {
    /// Every page, one that cannot be read too: the next version may read it.
    fn keep(&mut self, message: &Message, fetched: &Capture) -> io::Result<()> {
        let pages = match &mut self.pages {
            Some(pages) => pages,
            none => none.insert(Pages { archive: Archive::new(Vec::new())?, tickers: Vec::new() }),
        };
        pages.tickers.push(message.ticker.clone());
        pages.archive.add(message.ticker.as_str(), fetched.captured_at, &fetched.bytes)
    }

    /// The rows and their doubts, in the order of the papers.
    fn part(mut self, class: Class, day: NaiveDate) -> Part {
        self.rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.doubts.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        let (messages, rows): (Vec<Message>, Vec<Row>) = self.rows.into_iter().unzip();
        let name = Key::name_of(class, messages.iter().map(|message| message.ticker.as_str()));
        let key = Key::part(Table::of(Layer::Sor, class), day, &name);
        Part { messages, sor: Batch { table: key.table, rows }, key, doubts: self.doubts }
    }
}

/// Reads the papers that are wanted, until there is only time left to write them.
async fn read(app: &App, batch: &mut Deliveries, deadline: SystemTime) -> Result<Reading, Error> {
    let site = app.site().await?;
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    let stop = tokio::time::sleep(left.saturating_sub(TO_WRITE.min(left / 4)));
    let wanted: Vec<Message> = batch.wanted.keys().cloned().collect();
    let mut reading = Reading::default();
    let papers = stream::iter(wanted)
        .map(async |message| {
            let Ok(fetched) = site.capture(&message.ticker).await;
            (fetched, message)
        })
        .buffer_unordered(READERS)
        .take_until(stop);
    let mut papers = std::pin::pin!(papers);
    while let Some((fetched, message)) = papers.next().await {
        let parts = reading.days.entry(message.day).or_default();
        if app.keep_pages
            && !fetched.bytes.is_empty()
            && let Err(error) = parts.keep(&message, &fetched)
        {
            reading.unkept.get_or_insert(error);
        }
        let latency = fetched.latency;
        match paper(fetched, &message) {
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

/// What has become of the messages of a batch.
#[derive(Default)]
struct Deliveries {
    /// Papers that are neither in the lake nor given up, and the messages that ask for them.
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

/// The row of a paper.
fn paper(fetched: Capture, Message { ticker, class, .. }: &Message) -> Result<SorRow, Error> {
    let bad = |source| Error::Pynvest { doing: format!("{ticker} cannot be read"), source };
    let sheet = fetched.sheet.map_err(bad)?;
    let found = sheet.layout().class();
    if found != *class {
        return Err(bad(pynvest::Error::OtherClass { ticker: ticker.clone(), wanted: *class, found }));
    }
    pipeline::sor_row(&sheet, fetched.captured_at).map_err(bad)
}

/// Writes a part, and first what is odd about the labels of its pages. It lies beside those of the day, also when that has ended:
/// SoR has every capture.
async fn write(app: &App, key: &Key, sor: &Batch, odd: &[Doubted]) -> Result<(), Error> {
    if let Some((Doubted { ticker, .. }, doubt)) =
        odd.first().and_then(|paper| Some((paper, paper.doubts.first()?)))
    {
        let papers = odd.len();
        tracing::warn!(%key, papers, doubt = doubt.kind, "pages have odd labels, the first that of {ticker}: {doubt}");
    }
    let lines = odd.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(Layer::Sor, &key.beside(Sidecar::Doubts), lines).await?;
    app.lake.write(key, sor).await
}

async fn keep_pages(app: &App, class: Class, days: &mut BTreeMap<NaiveDate, DayParts>) -> Result<(), Error> {
    for (day, parts) in days {
        let Some(Pages { archive, mut tickers }) = parts.pages.take() else { continue };
        tickers.sort();
        let bytes = archive.finish().map_err(|source| Error::Pages { source })?;
        let name = Key::name_of(class, tickers.iter().map(Ticker::as_str));
        let key = Key::part(Table::of(Layer::Sor, class), *day, &name).beside(Sidecar::Pages);
        app.lake.leave(Layer::Sor, &key, bytes, "application/zstd").await?;
    }
    Ok(())
}
