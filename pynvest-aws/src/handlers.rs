//! The day, from top to bottom: what each of the functions does.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use futures_util::{StreamExt, TryStreamExt, stream};
use pynvest::lake::{self, Batch, Layer, PARTITION, Rejected, Row, TABLES, Table, partition};
use pynvest::{Class, Client};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::app::{App, day};
use crate::error::{Error, chain};
use crate::event::{self, Message};
use crate::lake::{Key, Object};
use crate::metrics;

/// Pages that are asked for at the same time; how often one is asked for, the pace of the client says.
const READERS: usize = 4;
/// What is kept of a function's time to write what it has read.
const TO_WRITE: Duration = Duration::from_secs(10);
/// Objects of a partition that are read at the same time.
const OPENED: usize = 8;
/// Another run that compacts the same partition is given way so often.
const COMPACTIONS: usize = 5;

/// One of the functions: each is called by what it does, and those that come by class or table by that too.
#[derive(Debug, Clone, Copy)]
pub enum Function {
    /// 1. Makes room for the day.
    CheckAndDeletePartitions,
    /// 2. Sends each paper to the queue of its class.
    GetTickers,
    /// 3. Reads papers of a class: SoR.
    GetFinancialData(Class),
    /// 4. Types the rows of a class: SoT.
    PrepFinancialData(Class),
    /// 5. Takes out the columns that both classes share: Spec.
    SpecializeFinancialData,
    /// 6. Leaves one row a paper in a table.
    DedupFinancialData(&'static Table),
}

impl FromStr for Function {
    type Err = Error;

    /// The handler of a function is its name without `pynvest-lambda-`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFunction`].
    fn from_str(handler: &str) -> Result<Self, Error> {
        Ok(match handler {
            "check-and-delete-partitions" => Self::CheckAndDeletePartitions,
            "get-tickers" => Self::GetTickers,
            "get-financial-data-for-acoes" => Self::GetFinancialData(Class::Stock),
            "get-financial-data-for-fiis" => Self::GetFinancialData(Class::Fii),
            "prep-financial-data-for-acoes" => Self::PrepFinancialData(Class::Stock),
            "prep-financial-data-for-fiis" => Self::PrepFinancialData(Class::Fii),
            "specialize-financial-data" => Self::SpecializeFinancialData,
            "dedup-financial-data-for-acoes" => Self::DedupFinancialData(Table::of(Layer::Sot, Class::Stock)),
            "dedup-financial-data-for-fiis" => Self::DedupFinancialData(Table::of(Layer::Sot, Class::Fii)),
            "dedup-financial-data-for-spec-ativos" => {
                Self::DedupFinancialData(Table::of(Layer::Spec, Class::Stock))
            }
            _ => return Err(Error::UnknownFunction { handler: handler.to_owned() }),
        })
    }
}

/// Does the function's work on an event, in time before `deadline`. The answer has `status_code`, and in `body` what was
/// done: counts and places.
///
/// # Errors
///
/// What kept the function from it. Doing it again is always safe.
pub async fn handle(
    app: &App,
    function: Function,
    event: Value,
    deadline: SystemTime,
) -> Result<Value, Error> {
    match function {
        Function::CheckAndDeletePartitions => check_and_delete_partitions(app, &event).await,
        Function::GetTickers => get_tickers(app, &event).await,
        Function::GetFinancialData(class) => get_financial_data(app, class, event, deadline).await,
        Function::PrepFinancialData(class) => {
            let sor = [Table::of(Layer::Sor, class)];
            derive(app, &sor, Table::of(Layer::Sot, class), event, |batch| {
                lake::prep(batch).map(|prepared| (prepared.batch, prepared.rejected))
            })
            .await
        }
        Function::SpecializeFinancialData => {
            let sot = [Class::Stock, Class::Fii].map(|class| Table::of(Layer::Sot, class));
            derive(app, &sot, Table::of(Layer::Spec, Class::Stock), event, |batch| {
                lake::specialize(batch).map(|quotes| (quotes, Vec::new()))
            })
            .await
        }
        Function::DedupFinancialData(table) => dedup_financial_data(app, table, &event).await,
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn done(body: &Value) -> Value {
    json!({"status_code": 200, "body": body})
}

/// Removes the day from all tables, but only once the site has shown that it can be read again.
async fn check_and_delete_partitions(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let site = app.site()?;
    for class in [Class::Stock, Class::Fii] {
        app.tickers(&site, class).await?;
    }
    let (mut objects, mut partitions) = (0, 0);
    for table in &TABLES {
        let mut found = app.lake.objects(table, day).await?;
        if table.layer == Layer::Sot {
            found.extend(app.lake.rejected(table, day).await?);
        }
        let deleted = app.lake.delete_all(table.layer, &found).await?;
        let known = app.lake.unregister(table, day).await?;
        tracing::info!(table = table.name, %day, objects = deleted, partition = known, "the day is removed");
        objects += deleted;
        partitions += usize::from(known);
    }
    Ok(done(&json!({PARTITION: partition(day), "objects": objects, "partitions": partitions})))
}

/// Sends a message for every paper. Sent again by a run that is repeated, a paper is captured again, and dedup keeps the newest.
async fn get_tickers(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let site = app.site()?;
    let messages = async |class| -> Result<Vec<Message>, Error> {
        let tickers = app.tickers(&site, class).await?.into_iter();
        Ok(tickers.map(|ticker| Message { day, ticker, class }).collect())
    };
    // Both lists are there before the first message goes.
    let (stocks, fiis) = (messages(Class::Stock).await?, messages(Class::Fii).await?);
    for (class, messages) in [(Class::Stock, &stocks), (Class::Fii, &fiis)] {
        app.queues.send(class, messages).await?;
        tracing::info!(%class, %day, tickers = messages.len(), "the papers are in the queue");
    }
    metrics::count("TickersSent", None, stocks.len() + fiis.len());
    Ok(done(&json!({PARTITION: partition(day), "acoes": stocks.len(), "fiis": fiis.len()})))
}

/// Reads the papers of a batch of messages into one SoR object a day. A message whose paper is not in the lake afterwards
/// is returned to the queue, and the others are done.
async fn get_financial_data(
    app: &App,
    class: Class,
    event: Value,
    deadline: SystemTime,
) -> Result<Value, Error> {
    let started = Instant::now();
    let mut batch = Deliveries::default();
    for delivered in event::messages(event)? {
        match Message::read(&delivered.body) {
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

    let site = app.site()?;
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    let stop = tokio::time::sleep(left.saturating_sub(TO_WRITE.min(left / 4)));
    let wanted: Vec<Message> = batch.wanted.keys().cloned().collect();
    let mut read: BTreeMap<NaiveDate, Vec<(Message, Row)>> = BTreeMap::new();
    let mut latencies = Vec::new();
    let papers = stream::iter(wanted)
        .map(async |message| (read_paper(&site, &message).await, message))
        .buffer_unordered(READERS)
        .take_until(stop);
    let mut papers = std::pin::pin!(papers);
    while let Some((paper, message)) = papers.next().await {
        match paper {
            Ok((row, latency)) => {
                latencies.push(milliseconds(latency));
                read.entry(message.day).or_default().push((message, row));
            }
            Err(error) => batch.not_read(&message, &error),
        }
    }

    let mut places = Vec::new();
    let mut rows = 0;
    for (day, mut papers) in read {
        papers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (messages, of_day): (Vec<Message>, Vec<Row>) = papers.into_iter().unzip();
        let key = Key::part(Table::of(Layer::Sor, class), day, &part_name(class, &messages));
        let sor = Batch { table: key.table, rows: of_day };
        match app.lake.write(&key, &sor).await {
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

async fn read_paper(
    site: &Client,
    Message { ticker, class, .. }: &Message,
) -> Result<(Row, Duration), Error> {
    let bad = |source| Error::Pynvest { doing: format!("{ticker} cannot be read"), source };
    let capture = site.capture(ticker.as_str()).await.map_err(bad)?;
    let found = capture.sheet.layout().class();
    if found != *class {
        return Err(bad(pynvest::Error::OtherClass { ticker: ticker.clone(), wanted: *class, found }));
    }
    let paper = lake::sor_row(&capture.sheet, capture.captured_at).map_err(bad)?;
    for doubt in &paper.doubts {
        tracing::warn!(%ticker, doubt = doubt.kind, "{doubt}");
    }
    Ok((paper.row, capture.latency))
}

/// A part is named by the papers in it: those of the same papers overwrite each other, and no others.
fn part_name(class: Class, messages: &[Message]) -> String {
    let mut hash = Sha256::new();
    for message in messages {
        hash.update(message.ticker.as_str());
        hash.update("\n");
    }
    let hash = hash.finalize();
    let class = if class == Class::Stock { "acoes" } else { "fiis" };
    hash.iter().take(8).fold(format!("{class}-"), |name, byte| format!("{name}{byte:02x}"))
}

/// Makes of every new part of a table `from` the one of the same name and day in the table `to`. Rows that cannot be are
/// set aside. All objects of an event are tried before the first failure is reported.
async fn derive(
    app: &App,
    from: &[&'static Table],
    to: &'static Table,
    event: Value,
    step: impl Fn(&Batch) -> Result<(Batch, Vec<Rejected>), pynvest::Error>,
) -> Result<Value, Error> {
    let mut outcome = Derived::default();
    let mut failure = None;
    for created in event::created(event)? {
        let part = Key::parse_part(&created.key).filter(|part| {
            from.iter().any(|table| table.name == part.table.name)
                && app.lake.bucket(part.table.layer) == created.bucket
        });
        let Some(part) = part else {
            tracing::info!(
                bucket = created.bucket,
                key = created.key,
                "an object that is not for this function"
            );
            outcome.ignored += 1;
            continue;
        };
        if let Err(error) = derive_part(app, &part, to, &step, &mut outcome).await {
            tracing::error!(key = %part, cause = error.kind(), "{}", chain(&error));
            metrics::count("Failures", Some(("Cause", error.kind())), 1);
            failure.get_or_insert(error);
        }
    }
    metrics::count("RowsWritten", Some(("Table", to.name)), outcome.rows);
    metrics::count("RowsRejected", Some(("Table", to.name)), outcome.rejected);
    match failure {
        Some(error) => Err(error),
        None => Ok(done(&json!({
            "rows": outcome.rows,
            "rejected": outcome.rejected,
            "ignored": outcome.ignored,
            "locations": outcome.places,
        }))),
    }
}

#[derive(Default)]
struct Derived {
    rows: usize,
    rejected: usize,
    ignored: usize,
    places: Vec<String>,
}

async fn derive_part(
    app: &App,
    from: &Key,
    to: &'static Table,
    step: impl Fn(&Batch) -> Result<(Batch, Vec<Rejected>), pynvest::Error>,
    outcome: &mut Derived,
) -> Result<(), Error> {
    let started = Instant::now();
    let Some((batch, _)) = app.lake.read(from.table, &from.to_string()).await? else {
        tracing::warn!(key = %from, "the object is gone: the day was removed meanwhile");
        outcome.ignored += 1;
        return Ok(());
    };
    let to = from.in_table(to);
    let (batch, rejected) = step(&batch)
        .map_err(|source| Error::Pynvest { doing: format!("{from} cannot be carried on"), source })?;
    if !rejected.is_empty() {
        let mut lines = String::new();
        for row in &rejected {
            tracing::warn!(ticker = row.ticker(), cause = row.reason.kind(), key = %from, "{}", row.reason);
            lines.push_str(&row.line());
        }
        outcome.rejected += rejected.len();
        outcome.places.push(app.lake.set_aside(&to, lines).await?);
    }
    if !batch.rows.is_empty() {
        app.lake.write(&to, &batch).await?;
        let (rows, milliseconds) = (batch.rows.len(), milliseconds(started.elapsed()));
        tracing::info!(table = to.table.name, key = %to, rows, milliseconds, "rows are in the lake");
        outcome.rows += rows;
        outcome.places.push(app.lake.location(to.table.layer, &to));
    }
    Ok(())
}

/// Makes one object of a partition, with the newest row of each paper. The parts go only after it is there, and only those
/// that are in it: stopped anywhere, the next run ends with the same rows.
async fn dedup_financial_data(app: &App, table: &'static Table, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let started = Instant::now();
    for _ in 0..COMPACTIONS {
        let found = app.lake.objects(table, day).await?;
        if found.is_empty() {
            tracing::warn!(table = table.name, %day, "the partition has no object");
            metrics::count("RowsWritten", Some(("Table", table.name)), 0);
            return Ok(done(
                &json!({PARTITION: partition(day), "rows": 0, "objects": 0, "note": "the partition is empty"}),
            ));
        }
        let read: Vec<Option<(Batch, Object)>> = stream::iter(&found)
            .map(async |object| app.lake.read(table, &object.key).await)
            .buffered(OPENED)
            .try_collect()
            .await?;
        if read.iter().any(Option::is_none) {
            continue; // Another run has compacted it.
        }
        let (batches, objects): (Vec<Batch>, Vec<Object>) = read.into_iter().flatten().unzip();
        let (compacted, parts): (Vec<Object>, Vec<Object>) =
            objects.into_iter().partition(Object::is_compacted);
        let before: usize = batches.iter().map(|batch| batch.rows.len()).sum();
        let batch = lake::dedup(table, batches);
        if !parts.is_empty() && !app.lake.compact(&batch, day, compacted.first()).await? {
            continue;
        }
        app.lake.register(table, day).await?;
        let deleted = app.lake.delete_read(table.layer, &parts).await?;
        let (rows, dropped) = (batch.rows.len(), before - batch.rows.len());
        let milliseconds = milliseconds(started.elapsed());
        tracing::info!(table = table.name, %day, rows, dropped, parts = deleted, milliseconds, "the partition is one object");
        metrics::count("RowsWritten", Some(("Table", table.name)), rows);
        let place = app.lake.location(table.layer, table.prefix(day));
        return Ok(done(&json!({
            PARTITION: partition(day),
            "rows": rows,
            "dropped": dropped,
            "objects": deleted,
            "locations": [place],
        })));
    }
    Err(Error::Contended { table: table.name, day })
}
