//! Events of AWS: the parts that the functions read.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use percent_encoding::percent_decode_str;
use pynvest::lake::PARTITION;
use pynvest::lake::pipeline::partition;
use pynvest::record::brasilia;
use pynvest::{Class, Ticker};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Error;

/// The day that an event is about, if it says so: as `anomesdia_exec`, by itself or in what the function before has
/// answered, or as the `time` of EventBridge, whose day is counted in Brasília.
pub(crate) fn day(event: &Value) -> Result<Option<NaiveDate>, Error> {
    let given = [&event[PARTITION], &event["responsePayload"]["body"][PARTITION]];
    if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
        let bad =
            || Error::BadEvent { expected: "one with a day like 20261231 in anomesdia_exec", source: None };
        return parse_day(given).map(Some).ok_or_else(bad);
    }
    let Some(time) = event["time"].as_str() else { return Ok(None) };
    let time: DateTime<Utc> = time.parse().map_err(|_| Error::BadEvent {
        expected: "one with a time like 2026-12-31T21:45:00Z",
        source: None,
    })?;
    let day = brasilia(time).date_naive();
    let bad = || Error::BadEvent { expected: "one with a time from 1990 to tomorrow", source: None };
    is_plausible(day).then_some(Some(day)).ok_or_else(bad)
}

fn parse_day(value: &Value) -> Option<NaiveDate> {
    let digits = match value {
        Value::String(text) => text.clone(),
        number => number.as_u64()?.to_string(),
    };
    let day = (digits.len() == 8).then(|| NaiveDate::parse_from_str(&digits, "%Y%m%d").ok())??;
    is_plausible(day).then_some(day)
}

/// Whether a day can be one of a run: the exchange had no such pages before 1990, and nobody has read any of after tomorrow.
pub(crate) fn is_plausible(day: NaiveDate) -> bool {
    let today = brasilia(Utc::now()).date_naive();
    day.year() >= 1990 && today.succ_opt().is_none_or(|tomorrow| day <= tomorrow)
}

/// Whether what the site shows now belongs to a day: from its midnight until this many hours after the next midnight.
pub(crate) fn is_shown(day: NaiveDate, hours: u32) -> bool {
    let now = brasilia(Utc::now()).naive_local();
    let begins = day.and_time(NaiveTime::MIN);
    now >= begins && now - begins < TimeDelta::hours(24 + i64::from(hours))
}

/// Whether the event asks by name for the removal of a whole day, however complete.
pub(crate) fn replace(event: &Value) -> Result<bool, Error> {
    flag(&event["replace"], "one with true or false in replace")
}

/// Whether the event says that a list or a day is to be taken, however much it differs from the last one.
pub(crate) fn accept(event: &Value) -> Result<bool, Error> {
    flag(&event["accept"], "one with true or false in accept")
}

/// Whether the event asks for the kept pages of a day to be read again.
pub(crate) fn kept_pages(event: &Value) -> Result<bool, Error> {
    flag(&event["kept_pages"], "one with true or false in kept_pages")
}

fn flag(given: &Value, expected: &'static str) -> Result<bool, Error> {
    match given {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(Error::BadEvent { expected, source: None }),
    }
}

/// A list of the site after its comparison with the last one.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) tickers: Vec<Ticker>,
    /// Whether it is another list. Nothing of it is sent then.
    pub(crate) waits: bool,
    /// The findings as sentences; the first says why it waits.
    pub(crate) findings: Vec<String>,
}

/// The lists of stocks and of FIIs.
pub(crate) type Lists = [List; 2];

/// The lists that the function before has read and answered, if it has.
pub(crate) fn lists(event: &Value) -> Result<Option<Lists>, Error> {
    #[derive(Deserialize)]
    struct Answered {
        acoes: AnsweredList,
        fiis: AnsweredList,
    }
    #[derive(Deserialize)]
    struct AnsweredList {
        tickers: Vec<String>,
        waits: bool,
        findings: Vec<String>,
    }
    let lists = &event["responsePayload"]["body"]["lists"];
    if lists.is_null() {
        return Ok(None);
    }
    let bad =
        |source| Error::BadEvent { expected: "one with lists as check-and-delete answers them", source };
    let Answered { acoes, fiis } = Answered::deserialize(lists).map_err(|error| bad(Some(error)))?;
    let parse = |AnsweredList { tickers, waits, findings }| {
        let tickers = tickers.iter().map(|ticker| ticker.parse().map_err(|_| bad(None)));
        Ok(List { tickers: tickers.collect::<Result<_, _>>()?, waits, findings })
    };
    Ok(Some([parse(acoes)?, parse(fiis)?]))
}

/// The lists as an answer, for [`lists`].
pub(crate) fn answered([acoes, fiis]: &Lists) -> Value {
    let of = |list: &List| {
        let tickers: Vec<&str> = list.tickers.iter().map(Ticker::as_str).collect();
        json!({"tickers": tickers, "waits": list.waits, "findings": list.findings})
    };
    json!({"acoes": of(acoes), "fiis": of(fiis)})
}

/// One security to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Message {
    pub(crate) day: NaiveDate,
    pub(crate) ticker: Ticker,
    pub(crate) class: Class,
}

impl From<Message> for Ticker {
    fn from(message: Message) -> Self {
        message.ticker
    }
}

#[derive(Deserialize)]
struct Body {
    ticker: String,
    tipo: String,
    anomesdia_exec: Value,
}

const A_MESSAGE: &str = r#"one like {"ticker":"ITSA4","tipo":"acao","anomesdia_exec":20261231}"#;

impl Message {
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let bad = |source| Error::BadMessage {
            text: body.chars().take(200).collect(),
            expected: A_MESSAGE,
            source,
        };
        let read: Body = serde_json::from_str(body).map_err(|error| bad(Some(error.into())))?;
        let class = match read.tipo.as_str() {
            "acao" => Class::Stock,
            "fii" => Class::Fii,
            _ => return Err(bad(None)),
        };
        let day = parse_day(&read.anomesdia_exec).ok_or_else(|| bad(None))?;
        let ticker =
            read.ticker.parse().map_err(|error: pynvest::record::InvalidTicker| bad(Some(error.into())))?;
        Ok(Self { day, ticker, class })
    }

    /// Whether what the site shows now still belongs to the day of the message. A message that was redriven days later would file the
    /// quotes of another day under its own.
    pub(crate) fn is_of_now(&self, hours: u32) -> bool {
        is_shown(self.day, hours)
    }

    pub(crate) fn body(&self) -> String {
        let tipo = match self.class {
            Class::Stock => "acao",
            Class::Fii => "fii",
        };
        format!(r#"{{"ticker":"{}","tipo":"{tipo}","{PARTITION}":{}}}"#, self.ticker, partition(self.day))
    }
}

/// A message as SQS delivers it: its id, and what it says.
#[derive(Deserialize)]
pub(crate) struct Delivered {
    #[serde(rename = "messageId")]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) body: String,
}

/// The messages of a batch of SQS.
pub(crate) fn messages(event: Value) -> Result<Vec<Delivered>, Error> {
    #[derive(Deserialize)]
    struct Batch {
        #[serde(rename = "Records")]
        records: Vec<Delivered>,
    }
    let batch: Batch = serde_json::from_value(event)
        .map_err(|error| Error::BadEvent { expected: "a batch of SQS messages", source: Some(error) })?;
    Ok(batch.records)
}

/// A new object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// The new objects of a notification of S3, or of an event that S3 has sent through EventBridge. None for the test
/// event that S3 sends when a notification is set up.
pub(crate) fn created(event: Value) -> Result<Vec<Created>, Error> {
    #[derive(Deserialize)]
    struct Object {
        bucket: Bucket,
        object: Key,
    }
    #[derive(Deserialize)]
    struct Bucket {
        name: String,
    }
    #[derive(Deserialize)]
    struct Key {
        key: String,
    }
    #[derive(Deserialize)]
    struct Record {
        s3: Object,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Event {
        Notification {
            #[serde(rename = "Records")]
            records: Vec<Record>,
        },
        Bridge {
            detail: Object,
        },
        Test {
            #[serde(rename = "Event")]
            event: String,
        },
    }
    let bad = |source| Error::BadEvent { expected: "one of S3 about new objects", source };
    Ok(match serde_json::from_value(event).map_err(|error| bad(Some(error)))? {
        Event::Notification { records } => records
            .into_iter()
            .map(|Record { s3 }| Created { bucket: s3.bucket.name, key: decoded(&s3.object.key) })
            .collect(),
        // Only notifications encode the key.
        Event::Bridge { detail } => vec![Created { bucket: detail.bucket.name, key: detail.object.key }],
        Event::Test { event } if event == "s3:TestEvent" => Vec::new(),
        Event::Test { .. } => return Err(bad(None)),
    })
}

/// A key as in a URL's query: `+` for a blank, and any byte as `%3D`.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}
