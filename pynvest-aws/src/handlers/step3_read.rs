//! Step 3: from the site to SoR.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
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
use crate::event::{self, Message};
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
        match Message::read(&delivered.body) {
            Ok(message) if message.class == class && !message.is_of_now(app.message_hours) => {
                let Message { day, ticker, .. } = message;
                let error = Error::TooOld { ticker: ticker.clone(), day, hours: app.message_hours };
                batch.failed(ticker.as_str(), vec![delivered.id], &error);
            }
            Ok(message) if message.class == class => {
                batch.wanted.entry(message).or_default().push(delivered.id);
            }
            Ok(message) => {
                let error = Error::OtherQueue { ticker: message.ticker.clone(), found: message.class };
                batch.failed(message.ticker.as_str(), vec![delivered.id], &error);
            }
            Err(error) => batch.failed("", vec![delivered.id], &error),
        }
    }

    let site = app.site().await?;
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    let stop = tokio::time::sleep(left.saturating_sub(TO_WRITE.min(left / 4)));
    let wanted: Vec<Message> = batch.wanted.keys().cloned().collect();
    let mut read: BTreeMap<NaiveDate, Vec<(Message, Row)>> = BTreeMap::new();
    let mut doubts: BTreeMap<NaiveDate, Vec<Doubted>> = BTreeMap::new();
    let mut pages: BTreeMap<NaiveDate, Pages> = BTreeMap::new();
    let mut unkept = None;
    let mut latencies = Vec::new();
    let papers = stream::iter(wanted)
        .map(async |message| {
            let Ok(fetched) = site.capture(&message.ticker).await;
            (fetched, message)
        })
        .buffer_unordered(READERS)
        .take_until(stop);
    let mut papers = std::pin::pin!(papers);
    while let Some((fetched, message)) = papers.next().await {
        if app.keep_pages
            && !fetched.bytes.is_empty()
            && let Err(error) = keep(&mut pages, &message, &fetched)
        {
            unkept.get_or_insert(error);
        }
        let latency = fetched.latency;
        match paper(fetched, &message) {
            Ok(SorRow { row, doubts: odd, .. }) => {
                latencies.push(milliseconds(latency));
                if !odd.is_empty() {
                    doubts.entry(message.day).or_default().push(Doubted::new(message.ticker.as_str(), odd));
                }
                read.entry(message.day).or_default().push((message, row));
            }
            Err(error) => batch.not_read(&message, &error),
        }
    }

    // A page is kept before the row that was made of it.
    let kept = match unkept {
        Some(source) => Err(Error::Pages { source }),
        None => keep_pages(app, class, pages).await,
    };
    if let Err(error) = &kept {
        read.into_values().flatten().for_each(|(message, _)| batch.not_read(&message, error));
        read = BTreeMap::new();
    }
    let mut places = Vec::new();
    let mut rows = 0;
    for (day, mut papers) in read {
        papers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (messages, of_day): (Vec<Message>, Vec<Row>) = papers.into_iter().unzip();
        let key = Key::part(
            Table::of(Layer::Sor, class),
            day,
            &Key::name_of(class, messages.iter().map(|message| message.ticker.as_str())),
        );
        let sor = Batch { table: key.table, rows: of_day };
        let mut odd = doubts.remove(&day).unwrap_or_default();
        odd.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        match write(app, &key, &sor, &odd).await {
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

/// The pages of a day, and whose they are.
struct Pages {
    archive: Archive<Vec<u8>>,
    tickers: Vec<Ticker>,
}

/// Every page, one that cannot be read too: the next version may read it.
fn keep(pages: &mut BTreeMap<NaiveDate, Pages>, message: &Message, fetched: &Capture) -> io::Result<()> {
    let of_day = match pages.entry(message.day) {
        Entry::Occupied(pages) => pages.into_mut(),
        Entry::Vacant(none) => none.insert(Pages { archive: Archive::new(Vec::new())?, tickers: Vec::new() }),
    };
    of_day.tickers.push(message.ticker.clone());
    of_day.archive.add(message.ticker.as_str(), fetched.captured_at, &fetched.bytes)
}

async fn keep_pages(app: &App, class: Class, pages: BTreeMap<NaiveDate, Pages>) -> Result<(), Error> {
    for (day, Pages { archive, mut tickers }) in pages {
        tickers.sort();
        let bytes = archive.finish().map_err(|source| Error::Pages { source })?;
        let name = Key::name_of(class, tickers.iter().map(Ticker::as_str));
        let key = Key::part(Table::of(Layer::Sor, class), day, &name).beside(Sidecar::Pages);
        app.lake.leave(Layer::Sor, &key, bytes, "application/zstd").await?;
    }
    Ok(())
}
