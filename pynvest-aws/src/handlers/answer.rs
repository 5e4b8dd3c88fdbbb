//! Answers of the functions.

use std::time::Duration;

use serde_json::{Value, json};

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn done(body: &Value) -> Value {
    json!({"status_code": 200, "body": body})
}

/// Most things named in an answer; the answer counts all of them.
const NAMED: usize = 20;

/// Names things in an answer, the first of them if they are many, and counts them.
pub(super) fn name_first(body: &mut Value, what: &str, all: &[String]) {
    body[what] = json!(all.iter().take(NAMED).collect::<Vec<_>>());
    body[format!("{what}_count")] = json!(all.len());
}
