//! What a run has to say at its end.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use pynvest::Class;
use pynvest::lake::{Layer, TABLES, Table, partition};
use serde_json::{Value, json};

use crate::day::{Day, Failure};

/// Papers named of each cause; a program finds them all in the JSON.
const NAMED: usize = 12;

pub(crate) struct Report<'a> {
    pub(crate) day: &'a Day,
    pub(crate) out: &'a Path,
    pub(crate) took: Duration,
}

impl Report<'_> {
    fn causes(&self) -> BTreeMap<&str, Vec<&Failure>> {
        let mut causes: BTreeMap<&str, Vec<&Failure>> = BTreeMap::new();
        for failure in &self.day.failures {
            causes.entry(failure.kind).or_default().push(failure);
        }
        causes
    }

    /// What is odd about the day as a whole.
    fn findings(&self) -> Vec<String> {
        let stopped = self.day.stopped.iter().map(|reason| format!("the run stopped early: {reason}"));
        stopped.chain(self.day.findings.iter().map(ToString::to_string)).collect()
    }

    /// The same for programs: rows per table, failures by cause, seconds and requests.
    pub(crate) fn json(&self) -> Value {
        let rows: serde_json::Map<_, _> = TABLES
            .iter()
            .zip(self.day.rows)
            .map(|(table, rows)| (table.name.to_owned(), rows.into()))
            .collect();
        let failure = |failure: &&Failure| json!({"paper": failure.paper, "message": failure.message});
        let causes: serde_json::Map<_, _> = self
            .causes()
            .into_iter()
            .map(|(kind, failures)| (kind.to_owned(), failures.iter().map(failure).collect()))
            .collect();
        json!({
            "day": self.day.date.to_string(),
            "out": self.out.to_string_lossy(),
            "rows": rows,
            "failures": causes,
            "kept": self.day.kept,
            "doubted": self.day.doubted.iter().map(|paper| json!({
                "paper": paper.ticker,
                "messages": paper.doubts.iter().map(|doubt| doubt.message.as_str()).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "findings": self.findings(),
            "requests": self.day.requests,
            "milliseconds": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} in {}", self.day.date, self.out.display())?;
        for (table, rows) in TABLES.iter().zip(self.day.rows) {
            writeln!(f, "{rows:>8} rows  {}/{}", table.layer, table.name)?;
        }
        for (kind, failures) in self.causes() {
            let papers: Vec<_> = failures.iter().take(NAMED).map(|failure| failure.paper.as_str()).collect();
            let more = if failures.len() > NAMED { ", …" } else { "" };
            writeln!(f, "{:>8} failed: {kind}: {}{more}", failures.len(), papers.join(", "))?;
            if let Some(first) = failures.first() {
                writeln!(f, "         such as: {}", first.message)?;
            }
        }
        for finding in self.findings() {
            writeln!(f, "         {finding}")?;
        }
        named(f, "kept from an earlier run, not read again", self.day.kept.iter().map(String::as_str))?;
        named(f, "in doubt, see _doubts", self.day.doubted.iter().map(|paper| paper.ticker.as_str()))?;
        writeln!(f, "{:.1} s, {} requests", self.took.as_secs_f32(), self.day.requests)?;
        let spec = Table::of(Layer::Spec, Class::Stock);
        let folder = self.out.join(spec.layer.to_string()).join(spec.name);
        let (folder, day) = (folder.display(), partition(self.day.date));
        writeln!(f, "\nAsk it, with DuckDB or pandas:")?;
        writeln!(
            f,
            "  duckdb -c \"FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true) LIMIT 5\""
        )?;
        writeln!(
            f,
            "  python -c \"import pandas; print(pandas.read_parquet('{folder}/anomesdia_exec={day}'))\""
        )?;
        writeln!(
            f,
            "  duckdb -c \".read examples/query.sql\"    (four classic questions, for a lake in ./lake)"
        )
    }
}

fn named<'a>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    papers: impl ExactSizeIterator<Item = &'a str>,
) -> fmt::Result {
    let (count, more) = (papers.len(), if papers.len() > NAMED { ", …" } else { "" });
    if count == 0 {
        return Ok(());
    }
    let papers: Vec<_> = papers.take(NAMED).collect();
    writeln!(f, "{count:>8} {what}: {}{more}", papers.join(", "))
}
