//! What CloudWatch's embedded metric format is: a log line with figures, and no call to any service.

use std::io::{self, Write};
use std::sync::LazyLock;

use chrono::Utc;
use serde_json::json;

static FUNCTION: LazyLock<String> =
    LazyLock::new(|| std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "local".to_owned()));

/// More values than that do not fit one line of the format.
const MOST_VALUES: usize = 100;

/// Counts something, by function and by `dimension`: a table or a cause. Zero is a figure too.
pub(crate) fn count(name: &str, dimension: Option<(&str, &str)>, figure: usize) {
    line(name, "Count", dimension, &json!(figure));
}

/// Times in milliseconds.
pub(crate) fn times(name: &str, milliseconds: &[u64]) {
    for some in milliseconds.chunks(MOST_VALUES) {
        line(name, "Milliseconds", None, &json!(some));
    }
}

fn line(name: &str, unit: &str, dimension: Option<(&str, &str)>, figure: &serde_json::Value) {
    let mut dimensions = vec!["Function"];
    dimensions.extend(dimension.map(|(key, _)| key));
    let mut line = json!({
        "_aws": {
            "Timestamp": Utc::now().timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": "pynvest",
                "Dimensions": [dimensions],
                "Metrics": [{"Name": name, "Unit": unit}],
            }],
        },
        "Function": *FUNCTION,
    });
    if let Some((key, value)) = dimension {
        line[key] = json!(value);
    }
    line[name] = figure.clone();
    // Nobody may be listening; the work goes on.
    let _ = writeln!(io::stdout(), "{line}");
}
