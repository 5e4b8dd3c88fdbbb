//! Figures of a run, as lines of the log without a request. What an alarm watches is also a metric of CloudWatch, in its embedded format.

use std::io::{self, Write};
use std::sync::LazyLock;

use chrono::Utc;
use serde_json::{Value, json};

static FUNCTION: LazyLock<String> =
    LazyLock::new(|| std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "local".to_owned()));

/// Counts something, by function and by `dimension`: a table or a cause. Zero is a figure too.
pub(crate) fn count(name: &str, dimension: Option<(&str, &str)>, figure: usize) {
    let mut line = json!({"Function": *FUNCTION, name: figure});
    if let Some((key, value)) = dimension {
        line[key] = json!(value);
    }
    write(&line);
}

/// Times in milliseconds: how many, the median and the longest.
pub(crate) fn times(name: &str, mut milliseconds: Vec<u64>) {
    milliseconds.sort_unstable();
    if let (Some(median), Some(longest)) = (milliseconds.get(milliseconds.len() / 2), milliseconds.last()) {
        write(&json!({"Function": *FUNCTION, name: {
            "Count": milliseconds.len(), "MedianMs": median, "MaxMs": longest,
        }}));
    }
}

/// Counts the findings of a day that no other alarm is about. A metric costs only in the hours in which it is written: a day without
/// findings writes none.
pub(crate) fn findings(figure: usize) {
    let mut line = json!({"Function": *FUNCTION, "Findings": figure});
    if figure > 0 {
        line["_aws"] = json!({
            "Timestamp": Utc::now().timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": "pynvest",
                "Dimensions": [["Function"]],
                "Metrics": [{"Name": "Findings", "Unit": "Count"}],
            }],
        });
    }
    write(&line);
}

fn write(line: &Value) {
    // A closed output is no reason to stop.
    let _ = writeln!(io::stdout(), "{line}");
}
