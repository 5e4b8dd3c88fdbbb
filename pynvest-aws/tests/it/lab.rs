//! What the tests share: a fictional exchange, the services, an app between them, and the events that AWS would deliver.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use pynvest::lake::pipeline;
use pynvest::lake::{Batch, Layer, Row, Table};
use pynvest::record::Kind;
use pynvest::{Class, Details, Page};
use pynvest_aws::{App, Error, handle};
use replica::{Exchange, Replica, latin1};
use serde_json::{Value, json};

use crate::aws::{Aws, Fault};

pub(crate) const DAY: i32 = 20_261_123;
pub(crate) const STOCKS: &str = "tbsor_fundamentus_indicadores_acoes_raw";
pub(crate) const SCHEDULE: &str = include_str!("../data/schedule.json");

/// Enough for every function to end by itself.
const TIME: Duration = Duration::from_secs(60);

pub(crate) struct Lab {
    pub(crate) aws: Aws,
    pub(crate) replica: Replica,
    pub(crate) exchange: Exchange,
    app: App,
}

/// How a function ended.
#[derive(Debug)]
pub(crate) enum End {
    Answered(Value),
    Failed(Error),
    Died,
}

impl Lab {
    pub(crate) async fn new(stocks: usize, fiis: usize) -> Self {
        Self::with(stocks, fiis, &[]).await
    }

    /// With these variables besides the usual ones, or in their place.
    pub(crate) async fn with(stocks: usize, fiis: usize, variables: &[(&str, &str)]) -> Self {
        Self::on(Aws::start().await, stocks, fiis, variables).await
    }

    /// The same services, and a site that shows another exchange.
    pub(crate) async fn showing(self, stocks: usize, fiis: usize) -> Self {
        Self::on(self.aws, stocks, fiis, &[]).await
    }

    async fn on(aws: Aws, stocks: usize, fiis: usize, variables: &[(&str, &str)]) -> Self {
        let exchange = || Exchange::builder().stocks(stocks).fiis(fiis).build();
        let replica = Replica::start(exchange()).await.unwrap();
        let (url, site) = (aws.url.clone(), replica.url());
        let usual = self::variables(&url, &site);
        let variable = |name: &str| {
            let given = variables.iter().chain(&usual).find(|(given, _)| *given == name);
            given.map(|(_, value)| (*value).to_owned())
        };
        let app = App::new(variable).unwrap();
        Self { aws, replica, exchange: exchange(), app }
    }

    pub(crate) async fn end_within(&self, function: &str, event: Value, time: Duration) -> End {
        let function = function.parse().unwrap();
        tokio::select! {
            answer = handle(&self.app, function, event, SystemTime::now() + time) => match answer {
                Ok(answer) => End::Answered(answer),
                Err(error) => End::Failed(error),
            },
            () = self.aws.death() => End::Died,
        }
    }

    pub(crate) async fn end(&self, function: &str, event: Value) -> End {
        self.end_within(function, event, TIME).await
    }

    /// The body of the answer.
    pub(crate) async fn call(&self, function: &str, event: Value) -> Value {
        match self.end(function, event).await {
            End::Answered(answer) => {
                assert_eq!(answer["status_code"], 200);
                answer
            }
            end => panic!("{function}: {end:?}"),
        }
    }

    /// The sentence of the failure, with its causes, and without the address of the site.
    pub(crate) async fn failure(&self, function: &str, event: Value) -> String {
        match self.end(function, event).await {
            End::Failed(error) => pynvest_aws::chain(&error).replace(&self.replica.url(), "SITE"),
            end => panic!("{function}: {end:?}"),
        }
    }

    /// The rows of a day in a table as anybody would read them, all objects together, without the time of capture.
    pub(crate) fn rows(&self, table: &'static Table) -> Vec<Row> {
        let prefix = format!("{}/{}/anomesdia_exec={DAY}/", table.layer, table.name);
        let contents = self.aws.contents();
        let objects = contents
            .objects
            .into_iter()
            .filter(|(object, _)| object.starts_with(&prefix) && object.ends_with(".parquet"));
        let rows = objects.flat_map(|(_, bytes)| Batch::from_parquet(table, bytes).unwrap().rows);
        timeless(table, rows)
    }

    /// When each security of a table was captured. SoR has every capture, and the newest counts; elsewhere none is there twice.
    #[track_caller]
    pub(crate) fn captures(&self, table: &'static Table) -> BTreeMap<String, DateTime<Utc>> {
        let prefix = format!("{}/{}/anomesdia_exec={DAY}/", table.layer, table.name);
        let objects =
            self.aws.contents().objects.into_iter().filter(|(object, _)| object.starts_with(&prefix));
        let mut captures = BTreeMap::new();
        for row in objects.flat_map(|(_, bytes)| Batch::from_parquet(table, bytes).unwrap().rows) {
            let (security, at) =
                (pipeline::ticker(&row).unwrap().to_owned(), pipeline::captured(table, &row).unwrap());
            let other: Option<DateTime<Utc>> = captures.get(&security).copied();
            assert!(other.is_none() || table.layer == Layer::Sor, "{security} twice in {}", table.name);
            captures.insert(security, other.unwrap_or_default().max(at.to_utc()));
        }
        captures
    }

    /// What should be in a table, read straight from the pages.
    pub(crate) fn expected(&self, table: &'static Table) -> Vec<Row> {
        let captured = pynvest::record::brasilia(chrono::Utc::now());
        let of_class = |class| -> Vec<Row> {
            let tickers: Vec<&str> = match class {
                Class::Stock => self.exchange.stocks().collect(),
                Class::Fii => self.exchange.fiis().collect(),
            };
            let rows = tickers.into_iter().map(|ticker| {
                let page = latin1(&self.exchange.details(ticker).unwrap());
                let Page::Details(sheet) = Page::parse(&page) else { panic!("{ticker}") };
                match (table.layer, sheet.details(captured).unwrap()) {
                    (Layer::Sor, _) => pipeline::sor_row(&sheet, captured).unwrap().row,
                    (_, Details::Stock(stock)) => stock.values(),
                    (_, Details::Fii(fii)) => fii.values(),
                }
            });
            rows.collect()
        };
        let rows: Vec<Row> = match table.class {
            Some(class) => of_class(class),
            None => [Class::Stock, Class::Fii]
                .into_iter()
                .flat_map(|class| {
                    let sor = [Class::Stock, Class::Fii].map(|class| Table::of(Layer::Sot, class));
                    let table = sor.into_iter().find(|table| table.class == Some(class)).unwrap();
                    pipeline::specialize(&Batch { table, rows: self.expected(table) }).unwrap().rows
                })
                .collect(),
        };
        timeless(table, rows)
    }

    /// The table has what it should, and the message fits a screen if not.
    #[track_caller]
    pub(crate) fn assert_complete(&self, table: &'static Table) {
        let (rows, expected) = (self.rows(table), self.expected(table));
        let of = |row: &Row| row[0].as_ref().unwrap().to_string();
        assert_eq!(
            rows.iter().map(of).collect::<Vec<_>>(),
            expected.iter().map(of).collect::<Vec<_>>(),
            "{}",
            table.name
        );
        for (row, expected) in rows.iter().zip(&expected) {
            assert_eq!(row, expected, "{}", table.name);
        }
    }

    /// The events of S3 about all parts that were written since the call of this number, to those whom they concern.
    pub(crate) fn events_since(&self, call: usize) -> Vec<(String, Value)> {
        let calls = self.aws.calls();
        let written = calls[call..].iter().filter_map(|call| call.strip_prefix("PutObject "));
        let events = written.filter(|object| object.ends_with(".part.parquet")).filter_map(|object| {
            let function = match object.split_once('/')?.0 {
                "sor" if object.contains("_acoes_") => "prep-financial-data-for-acoes",
                "sor" => "prep-financial-data-for-fiis",
                "sot" => "specialize-financial-data",
                _ => return None,
            };
            Some((function.to_owned(), created(object)))
        });
        events.collect()
    }

    /// The batches of SQS for all that is in the queues of the functions, which are empty then.
    pub(crate) fn batches(&self, size: usize) -> Vec<(String, Value)> {
        let mut contents = self.aws.contents();
        let (dead, queues): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut contents.messages)
            .into_iter()
            .partition(|(queue, _)| queue.ends_with("-dlq"));
        contents.messages = dead;
        let batches = queues.iter().flat_map(|(queue, bodies)| {
            let function = match queue.as_str() {
                "pynvest-tickers-acoes-queue" => "get-financial-data-for-acoes",
                _ => "get-financial-data-for-fiis",
            };
            bodies.chunks(size).map(|bodies| (function.to_owned(), batch(bodies))).collect::<Vec<_>>()
        });
        let batches = batches.collect();
        self.aws.restore(contents);
        batches
    }

    /// Gives all objects of the day to an earlier one, and forgets what was sent.
    pub(crate) fn moved(&self, to: i32) {
        let mut contents = self.aws.contents();
        contents.objects.retain(|object, _| !object.contains("_reconciliation"));
        let objects = std::mem::take(&mut contents.objects).into_iter();
        let named = |object: String| object.replace(&DAY.to_string(), &to.to_string());
        contents.objects = objects.map(|(object, bytes)| (named(object), bytes)).collect();
        self.aws.restore(contents);
    }

    /// Delivers the events of S3 about all that was written since the call of this number, until there are none.
    pub(crate) async fn deliver(&self, mut seen: usize) {
        loop {
            let events = self.events_since(seen);
            if events.is_empty() {
                return;
            }
            seen = self.aws.calls().len();
            for (function, event) in events {
                self.call(&function, event).await;
            }
        }
    }

    /// All of the day, each event once and in order.
    pub(crate) async fn day(&self) {
        let removed = self.call("check-and-delete-partitions", serde_json::from_str(SCHEDULE).unwrap()).await;
        self.call("get-tickers", destination(&removed)).await;
        for (function, event) in self.batches(5) {
            let answer = self.call(&function, event).await;
            assert_eq!(answer["batchItemFailures"], json!([]));
        }
        self.deliver(0).await;
        self.dedup().await;
    }

    pub(crate) async fn dedup(&self) {
        for name in ["acoes", "fiis", "spec-ativos"] {
            self.call(&format!("dedup-financial-data-for-{name}"), state_machine()).await;
        }
    }

    /// Until what is captured now is newer than what is compacted already.
    pub(crate) async fn later(&self) {
        if self.aws.contents().objects.keys().any(|object| object.ends_with("/compacted.parquet")) {
            tokio::time::sleep(Duration::from_millis(1_050)).await;
        }
    }

    /// A SoR part of these stocks, read by the function itself, later than what is compacted already; its key.
    pub(crate) async fn part(&self, tickers: &[&str]) -> String {
        self.later().await;
        let bodies: Vec<String> = tickers.iter().map(|ticker| body(ticker, "acao")).collect();
        let answer = self.call("get-financial-data-for-acoes", batch(&bodies)).await;
        let place = answer["body"]["locations"][0].as_str().unwrap().to_owned();
        place.strip_prefix("s3://").unwrap().to_owned()
    }
}

/// The environment of a function, as the module gives it.
pub(crate) fn variables<'a>(aws: &'a str, site: &'a str) -> [(&'static str, &'a str); 19] {
    [
        ("AWS_ENDPOINT_URL", aws),
        ("AWS_REGION", "sa-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIATEST"),
        ("AWS_SECRET_ACCESS_KEY", "very-secret"),
        ("SOR_BUCKET", "sor"),
        ("SOT_BUCKET", "sot"),
        ("SPEC_BUCKET", "spec"),
        ("SOR_DATABASE", "db_sor"),
        ("SOT_DATABASE", "db_sot"),
        ("SPEC_DATABASE", "db_spec"),
        (
            "TICKERS_ACOES_QUEUE",
            "https://sqs.sa-east-1.amazonaws.com/123456789012/pynvest-tickers-acoes-queue",
        ),
        ("TICKERS_FIIS_QUEUE", "pynvest-tickers-fiis-queue"),
        ("DEAD_LETTERS_ACOES_QUEUE", "https://sqs.invalid/pynvest-tickers-acoes-queue-dlq"),
        ("DEAD_LETTERS_FIIS_QUEUE", "https://sqs.invalid/pynvest-tickers-fiis-queue-dlq"),
        ("SITE_URL", site),
        ("SITE_INTERVAL_MS", "0"),
        ("MINIMUM_ACOES", "4"),
        ("MINIMUM_FIIS", "4"),
        // The day of the tests is long past.
        ("MESSAGE_HOURS", "1000000"),
    ]
}

fn timeless(table: &Table, rows: impl IntoIterator<Item = Row>) -> Vec<Row> {
    let time = table.columns.iter().position(|column| column.kind == Kind::Timestamp).unwrap();
    let mut rows: Vec<Row> = rows.into_iter().collect();
    for row in &mut rows {
        if let Some(value) = row.get_mut(time) {
            *value = None;
        }
    }
    rows.sort();
    rows
}

pub(crate) fn state_machine() -> Value {
    serde_json::from_str(include_str!("../data/state-machine.json")).unwrap()
}

/// What the first function has answered, as Lambda hands it over to the second.
pub(crate) fn destination(answer: &Value) -> Value {
    let mut event: Value = serde_json::from_str(include_str!("../data/destination.json")).unwrap();
    event["responsePayload"] = answer.clone();
    event
}

pub(crate) fn body(ticker: &str, tipo: &str) -> String {
    json!({"ticker": ticker, "tipo": tipo, "anomesdia_exec": DAY}).to_string()
}

/// A batch of SQS; the messages are `m0`, `m1`, …
pub(crate) fn batch(bodies: &[String]) -> Value {
    let event: Value = serde_json::from_str(include_str!("../data/sqs.json")).unwrap();
    let records = bodies.iter().enumerate().map(|(place, body)| {
        let mut record = event["Records"][0].clone();
        record["messageId"] = json!(format!("m{place}"));
        record["body"] = json!(body);
        record
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

/// The notification of S3 about a new object, whose key it encodes.
pub(crate) fn created(object: &str) -> Value {
    let (bucket, key) = object.split_once('/').unwrap();
    let mut event: Value = serde_json::from_str(include_str!("../data/s3-put.json")).unwrap();
    let record = &mut event["Records"][0]["s3"];
    record["bucket"]["name"] = json!(bucket);
    record["object"]["key"] = json!(key.replace('=', "%3D"));
    event
}

/// The SoT part that comes of a SoR part of stocks.
pub(crate) fn typed(part: &str) -> String {
    part.replacen("sor/tbsor_", "sot/tbsot_", 1).replacen("_raw/", "_prep/", 1)
}

/// The ids of the messages that go back to the queue, sorted.
pub(crate) fn returned(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let mut ids: Vec<&str> =
        failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

/// For every call that the function makes: it dies before or after it. Checks each time what `left` says of what is left, and of
/// what there is once the event has been delivered again; and that there was a death before and after each call that changes
/// something.
pub(crate) async fn die_everywhere(lab: &Lab, function: &str, event: &Value, left: impl Fn(&str)) {
    let before = lab.aws.contents();
    lab.aws.restore(before.clone());
    lab.call(function, event.clone()).await;
    let calls = lab.aws.calls();
    left("undisturbed");
    let changes: BTreeSet<&str> =
        calls.iter().map(String::as_str).filter(|call| changes_something(call)).collect();
    assert!(!changes.is_empty(), "{function} changes nothing: {calls:?}");
    for fault in [Fault::DieBefore, Fault::DieAfter] {
        let mut survived = changes.clone();
        for call in 0..calls.len() {
            lab.aws.restore(before.clone());
            lab.aws.fault_once("", call, fault.clone());
            let end = lab.end(function, event.clone()).await;
            assert!(matches!(end, End::Died), "{function} survives {fault:?} at call {call}: {end:?}");
            survived.remove(lab.aws.calls()[call].as_str());
            left("dead");
            // Forgets the fault; what was written stays.
            lab.aws.restore(lab.aws.contents());
            lab.call(function, event.clone()).await;
            left("repeated");
        }
        assert!(survived.is_empty(), "{function} never dies by {fault:?} at {survived:?}");
    }
}

/// Whether a call changes what is in S3, in Glue or in the queues.
fn changes_something(call: &str) -> bool {
    ["Put", "Delete", "Create", "Update", "Send"].iter().any(|verb| call.starts_with(verb))
}
