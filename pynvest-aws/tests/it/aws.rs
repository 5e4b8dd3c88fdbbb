//! S3, Glue and SQS on loopback, as far as the functions use them: what they hold is kept in memory, any call can be made to
//! fail, and the caller can be made to die at any call. IAM is not here; the end-to-end run of `deploy` has it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use pynvest::lake::pipeline;
use pynvest::lake::{TABLES, Table};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Objects of one page of a listing: few, so that every listing has several.
const LISTED: usize = 2;
/// What SQS says of a body; the SDK does not check it.
const NO_MD5: &str = "00000000000000000000000000000000";

/// What the services hold. Two are equal if nobody could tell them apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// `bucket/key` → bytes.
    pub(crate) objects: BTreeMap<String, Bytes>,
    /// Queue → bodies.
    pub(crate) messages: BTreeMap<String, Vec<String>>,
    /// `database.table` → partition → location.
    pub(crate) partitions: BTreeMap<String, BTreeMap<String, String>>,
}

/// The columns of a table as Glue has them.
fn columns(table: &Table) -> Vec<Value> {
    let column = |(name, kind, comment)| json!({"Name": name, "Type": kind, "Comment": comment});
    pipeline::glue_columns(table).map(column).collect()
}

/// What happens to a call instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error of this status and code.
    Error(u16, &'static str),
    /// The caller dies before the call has an effect.
    DieBefore,
    /// The caller dies after it.
    DieAfter,
    /// Of a batch for SQS, the entry of this ticker fails.
    Entry { ticker: &'static str, sender_fault: bool },
    /// The object is deleted before the call is looked at, and access to it denied.
    Gone { object: String },
    /// The object is written again, with these bytes, before the call is looked at.
    Overwrite { object: String, bytes: Bytes },
}

#[derive(Debug, Default)]
struct State {
    contents: Contents,
    /// Every call: `PutObject sor/tb…/x.parquet`, `CreatePartition db_sor.tb…/20261123`, `SendMessageBatch acoes`.
    calls: Vec<String>,
    /// A part of the call's name, how many such calls pass first, how many are struck, and what happens.
    faults: Vec<(String, usize, usize, Fault)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Aws {
    state: Arc<Mutex<State>>,
    dying: Arc<Notify>,
    pub(crate) url: String,
}

impl Aws {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let aws = Self { state: Arc::default(), dying: Arc::default(), url };
        let served = aws.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let aws = served.clone();
                tokio::spawn(async move {
                    let answer = service_fn(move |request| {
                        let aws = aws.clone();
                        async move { Ok::<_, Infallible>(aws.answer(request).await) }
                    });
                    // A caller that dies hangs up.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        aws
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn contents(&self) -> Contents {
        self.state().contents.clone()
    }

    /// Puts the services back to what they held, and forgets calls and faults.
    pub(crate) fn restore(&self, contents: Contents) {
        *self.state() = State { contents, ..State::default() };
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// All calls whose name has `call` in it.
    pub(crate) fn fault(&self, call: &str, fault: Fault) {
        self.state().faults.push((call.to_owned(), 0, usize::MAX, fault));
    }

    /// One such call, after `passed` others.
    pub(crate) fn fault_once(&self, call: &str, passed: usize, fault: Fault) {
        self.state().faults.push((call.to_owned(), passed, 1, fault));
    }

    /// Ends when a fault has made the caller die.
    pub(crate) async fn death(&self) {
        self.dying.notified().await;
    }

    pub(crate) fn put(&self, object: &str, bytes: impl Into<Bytes>) {
        self.state().contents.objects.insert(object.to_owned(), bytes.into());
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let target = head.headers.get("x-amz-target").map(|target| target.to_str().unwrap().to_owned());
        let call = Call { method: head.method, uri: head.uri, headers: head.headers, target, body };
        let name = call.name();
        let fault = {
            let mut state = self.state();
            state.calls.push(name.clone());
            state.strike(&name)
        };
        match fault {
            Some(Fault::Error(status, code)) => call.error(status, code),
            Some(Fault::DieBefore) => self.kill().await,
            Some(Fault::DieAfter) => {
                call.apply(&mut self.state(), None);
                self.kill().await
            }
            Some(Fault::Gone { object }) => {
                self.state().contents.objects.remove(&object);
                call.error(403, "AccessDenied")
            }
            Some(Fault::Overwrite { object, bytes }) => {
                self.put(&object, bytes);
                call.apply(&mut self.state(), None)
            }
            entry => call.apply(&mut self.state(), entry.as_ref()),
        }
    }

    async fn kill(&self) -> ! {
        self.dying.notify_one();
        std::future::pending().await
    }
}

impl State {
    fn strike(&mut self, call: &str) -> Option<Fault> {
        let place = self.faults.iter_mut().position(|(name, passed, left, _)| {
            let meant = call.contains(name.as_str()) && *left > 0;
            let struck = meant && *passed == 0;
            if meant && !struck {
                *passed -= 1;
            }
            struck
        })?;
        let (_, _, left, fault) = &mut self.faults[place];
        *left -= 1;
        Some(fault.clone())
    }
}

struct Call {
    method: Method,
    uri: hyper::Uri,
    headers: hyper::HeaderMap,
    target: Option<String>,
    body: Bytes,
}

impl Call {
    /// What is called, and on what.
    fn name(&self) -> String {
        if let Some(target) = &self.target {
            let (_, action) = target.split_once('.').unwrap();
            let body = self.json();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            return match action {
                "GetTable" => format!("GetTable {}.{}", text("DatabaseName"), text("Name")),
                "CreatePartition" => {
                    let day = body["PartitionInput"]["Values"][0].as_str().unwrap();
                    format!("CreatePartition {}.{}/{day}", text("DatabaseName"), text("TableName"))
                }
                "DeletePartition" | "GetPartition" => {
                    let day = body["PartitionValues"][0].as_str().unwrap();
                    format!("{action} {}.{}/{day}", text("DatabaseName"), text("TableName"))
                }
                "UpdatePartition" => {
                    let day = body["PartitionValueList"][0].as_str().unwrap();
                    format!("{action} {}.{}/{day}", text("DatabaseName"), text("TableName"))
                }
                "GetQueueUrl" => format!("GetQueueUrl {}", text("QueueName")),
                _ => format!("{action} {}", text("QueueUrl").rsplit('/').next().unwrap()),
            };
        }
        let object = self.object();
        match (&self.method, self.uri.query().unwrap_or_default()) {
            (&Method::GET, query) if query.contains("list-type=2") => {
                format!("ListObjects {object}{}", self.query("prefix"))
            }
            (&Method::POST, query) if query.contains("delete") => format!("DeleteObjects {object}"),
            (&Method::PUT, _) => format!("PutObject {object}"),
            (&Method::GET, _) => format!("GetObject {object}"),
            (method, query) => panic!("{method} {object}?{query} is none of the calls that are known here"),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `bucket/key`, or `bucket/`.
    fn object(&self) -> String {
        percent_encoding::percent_decode_str(self.uri.path().trim_start_matches('/'))
            .decode_utf8()
            .unwrap()
            .into_owned()
    }

    fn query(&self, name: &str) -> String {
        let pairs = self.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.into_iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned()
    }

    fn error(&self, status: u16, code: &str) -> Response<Full<Bytes>> {
        let message = "the test wants it so";
        let body = match self.target {
            Some(_) => json!({"__type": code, "message": message}).to_string(),
            None => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        };
        respond(status, body)
    }

    fn apply(&self, state: &mut State, entry: Option<&Fault>) -> Response<Full<Bytes>> {
        let name = self.name();
        let (action, thing) = name.split_once(' ').unwrap();
        match action {
            "ListObjects" => self.list(&state.contents),
            "GetObject" => match state.contents.objects.get(thing) {
                Some(bytes) => {
                    let mut answer = respond(200, bytes.clone());
                    answer.headers_mut().insert("etag", e_tag(bytes).parse().unwrap());
                    answer
                }
                None => self.error(404, "NoSuchKey"),
            },
            "PutObject" => {
                let there = state.contents.objects.get(thing).map(|bytes| e_tag(bytes));
                let condition =
                    |name: &str| self.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
                if condition("if-none-match").is_some() && there.is_some() {
                    return self.error(412, "PreconditionFailed");
                }
                match (condition("if-match"), there) {
                    (Some(_), None) => return self.error(404, "NoSuchKey"),
                    (Some(wanted), Some(found)) if wanted != found => {
                        return self.error(412, "PreconditionFailed");
                    }
                    _ => {}
                }
                assert!(condition("content-encoding").is_none(), "a body in pieces is not known here");
                state.contents.objects.insert(thing.to_owned(), self.body.clone());
                respond(200, "")
            }
            "DeleteObjects" => self.delete(&mut state.contents, thing),
            "GetTable" => {
                let (_, table) = thing.split_once('.').unwrap();
                let Some(table) = TABLES.iter().find(|each| each.name == table) else {
                    return self.error(400, "EntityNotFoundException");
                };
                let storage = json!({"Columns": columns(table), "Location": "s3://elsewhere/"});
                respond(200, json!({"Table": {"Name": table.name, "StorageDescriptor": storage}}).to_string())
            }
            "GetPartition" => {
                let (table, day) = thing.split_once('/').unwrap();
                match state.contents.partitions.get(table).and_then(|partitions| partitions.get(day)) {
                    Some(location) => {
                        let table = TABLES.iter().find(|each| table.ends_with(each.name)).unwrap();
                        let storage = json!({"Columns": columns(table), "Location": location});
                        let partition = json!({"Values": [day], "StorageDescriptor": storage});
                        respond(200, json!({"Partition": partition}).to_string())
                    }
                    None => self.error(400, "EntityNotFoundException"),
                }
            }
            "UpdatePartition" => {
                let (table, day) = thing.split_once('/').unwrap();
                let storage = &self.json()["PartitionInput"]["StorageDescriptor"];
                assert!(storage["Columns"].as_array().unwrap().len() > 10, "as its table stores it");
                let location = storage["Location"].as_str().unwrap().to_owned();
                state.contents.partitions.get_mut(table).unwrap().insert(day.to_owned(), location).unwrap();
                respond(200, "{}")
            }
            "CreatePartition" => {
                let (table, day) = thing.split_once('/').unwrap();
                let partitions = state.contents.partitions.entry(table.to_owned()).or_default();
                if partitions.contains_key(day) {
                    return self.error(400, "AlreadyExistsException");
                }
                let storage = &self.json()["PartitionInput"]["StorageDescriptor"];
                assert!(storage["Columns"].as_array().unwrap().len() > 10, "as its table stores it");
                partitions.insert(day.to_owned(), storage["Location"].as_str().unwrap().to_owned());
                respond(200, "{}")
            }
            "DeletePartition" => {
                let (table, day) = thing.split_once('/').unwrap();
                match state.contents.partitions.get_mut(table).and_then(|partitions| partitions.remove(day)) {
                    Some(_) => respond(200, "{}"),
                    None => self.error(400, "EntityNotFoundException"),
                }
            }
            "GetQueueUrl" => {
                respond(200, json!({"QueueUrl": format!("https://sqs.invalid/{thing}")}).to_string())
            }
            "GetQueueAttributes" => {
                let count = state.contents.messages.get(thing).map_or(0, Vec::len);
                let count = json!({"ApproximateNumberOfMessages": count.to_string()});
                respond(200, json!({"Attributes": count}).to_string())
            }
            "SendMessageBatch" => self.send(&mut state.contents, thing, entry),
            other => panic!("{other} is none of the calls that are known here"),
        }
    }

    fn list(&self, contents: &Contents) -> Response<Full<Bytes>> {
        let bucket = self.object();
        let bucket = bucket.trim_end_matches('/');
        let (prefix, after) = (self.query("prefix"), self.query("continuation-token"));
        let keys = contents.objects.iter().filter_map(|(object, bytes)| {
            let key = object.strip_prefix(bucket)?.strip_prefix('/')?;
            (key.starts_with(&prefix) && *key > *after).then_some((key, bytes))
        });
        let keys: Vec<_> = keys.collect();
        let (more, keys) = (keys.len() > LISTED, &keys[..keys.len().min(LISTED)]);
        let mut listed = String::new();
        for (key, bytes) in keys {
            let e_tag = e_tag(bytes).replace('"', "&quot;");
            listed += &format!(
                "<Contents><Key>{key}</Key><ETag>{e_tag}</ETag><Size>{}</Size></Contents>",
                bytes.len()
            );
        }
        if more {
            listed += &format!("<NextContinuationToken>{}</NextContinuationToken>", keys.last().unwrap().0);
        }
        respond(
            200,
            format!("<ListBucketResult><IsTruncated>{more}</IsTruncated>{listed}</ListBucketResult>"),
        )
    }

    fn delete(&self, contents: &mut Contents, bucket: &str) -> Response<Full<Bytes>> {
        let body = String::from_utf8(self.body.to_vec()).unwrap();
        let between = |text: &str, tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once('<')?.0.replace("&quot;", "\""))
        };
        let mut errors = String::new();
        for wanted in body.split("<Object>").skip(1) {
            let (key, e_tag_wanted) = (between(wanted, "Key").unwrap(), between(wanted, "ETag"));
            let object = format!("{bucket}{key}");
            let found = contents.objects.get(&object).map(|bytes| e_tag(bytes));
            if found.is_some() && e_tag_wanted.is_some() && e_tag_wanted != found {
                errors += &format!("<Error><Key>{key}</Key><Code>PreconditionFailed</Code></Error>");
                continue;
            }
            contents.objects.remove(&object);
        }
        respond(200, format!("<DeleteResult>{errors}</DeleteResult>"))
    }

    fn send(&self, contents: &mut Contents, queue: &str, fault: Option<&Fault>) -> Response<Full<Bytes>> {
        let body = self.json();
        let entries = body["Entries"].as_array().unwrap();
        assert!((1..=10).contains(&entries.len()), "as many as SQS takes");
        let (mut sent, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            let (id, message) = (&entry["Id"], entry["MessageBody"].as_str().unwrap());
            match fault {
                Some(Fault::Entry { ticker, sender_fault }) if message.contains(ticker) => {
                    failed.push(json!({"Id": id, "Code": "Throttled", "Message": "too many", "SenderFault": sender_fault}));
                }
                _ => {
                    contents.messages.entry(queue.to_owned()).or_default().push(message.to_owned());
                    sent.push(json!({"Id": id, "MessageId": format!("m-{id}"), "MD5OfMessageBody": NO_MD5}));
                }
            }
        }
        respond(200, json!({"Successful": sent, "Failed": failed}).to_string())
    }
}

fn e_tag(bytes: &[u8]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

fn respond(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}
