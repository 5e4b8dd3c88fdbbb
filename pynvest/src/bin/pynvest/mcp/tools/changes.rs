//! `get_changes`: what happened to the securities of the lake since a day.

use chrono::NaiveDate;
use pynvest::lake::{Change, changes};
use pynvest::record::{Column, Value, one_or_many};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, counted, limit};
use crate::mcp::figures::{cut, text, unit};
use crate::mcp::reader::{Reader, day_of, plural};
use crate::source::lake_days;
use crate::view::listing::short;
use crate::view::text::Lang;

pub(crate) const ABOUT: &str = "What happened in the lake since a day: tickers that appeared or ended, new balance sheets and what moved with \
them, restated figures, changed names, sectors and share counts, jumps of the dividend yield, missing days. Needs a lake.";

const MOST: usize = 100;
const UNREAD: usize = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The first day (YYYY-MM-DD) [default: the last day of the lake]. Each day is compared with the one before it.
    pub(crate) since: Option<String>,
    /// Only these tickers.
    #[serde(default)]
    pub(crate) tickers: Vec<String>,
    /// Only these kinds: appeared, ended, absent, may_be, name, sector, class, composition, balance, restated, shares, dividend_yield, days_missing.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// How many at most, 1 to 100.
    #[serde(default = "fifty")]
    pub(crate) limit: usize,
}

fn fifty() -> usize {
    50
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) since: String,
    pub(crate) changes: Vec<Happened>,
    /// Changes that are not shown.
    pub(crate) left_off: usize,
    /// Days that cannot be read.
    pub(crate) unread: Vec<String>,
    /// The page of a ticker.
    pub(crate) source: String,
}

/// A value that is absent was missing on that day, or does not apply.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Happened {
    pub(crate) day: String,
    /// Blank for what is about a whole day.
    pub(crate) ticker: String,
    pub(crate) class: &'static str,
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
    /// The difference as a fraction of what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) relative: Option<String>,
}

pub(crate) async fn answer(reader: &Reader, input: Input) -> Answer<Output> {
    let kinds = counted(&input.kinds, 0..=Change::KINDS.len(), "kinds")?;
    if let Some(unknown) = kinds.iter().find(|kind| !Change::KINDS.contains(kind)) {
        let what = format!("no kind of change is called `{}`", cut(unknown, 40));
        return Err(Refusal::new(what, &format!("Kinds: {}.", Change::KINDS.join(", "))));
    }
    let limit = limit(input.limit, MOST)?;
    let mut tickers = Vec::new();
    for text in counted(&input.tickers, 0..=MOST, "tickers")? {
        tickers.push(reader.ticker(text).await?);
    }
    let since = day_of(input.since.as_deref())?;
    let (since, found, unread) = reader
        .lake(move |lake| {
            let none = || Refusal::new("the lake has no days", "Fill it with `pynvest lake`.");
            let since: NaiveDate = since.or_else(|| lake_days::last(lake)).ok_or_else(none)?;
            let (found, unread) = changes(lake, since);
            Ok((since, found, unread))
        })
        .await?;
    let wanted = |change: &&Change| {
        (tickers.is_empty() || tickers.iter().any(|ticker| ticker.as_str() == change.ticker))
            && (kinds.is_empty() || kinds.contains(&change.kind))
    };
    let all: Vec<&Change> = found.iter().filter(wanted).collect();
    let unread: Vec<String> = unread
        .into_iter()
        .map(|one| {
            cut(&format!("{} {}: {}", plural(one.class), one.day, Lang::En.causes(&one.reason.into())), 200)
        })
        .collect();
    let more = unread.len().saturating_sub(UNREAD);
    let output = Output {
        since: since.to_string(),
        changes: all.iter().take(limit).map(|change| happened(change)).collect(),
        left_off: all.len().saturating_sub(limit),
        unread: unread
            .into_iter()
            .take(UNREAD)
            .chain((more > 0).then(|| format!("{more} more days")))
            .collect(),
        source: cut(&reader.address("TICKER"), 160),
    };
    let text = said(&output);
    Ok((output, text))
}

fn happened(change: &Change) -> Happened {
    let value = |value: &Option<Value>| {
        let value = value.clone()?;
        Some(match change.column {
            Some(column) => text(column, value),
            None => cut(&value.to_string(), 80),
        })
    };
    Happened {
        day: change.day.to_string(),
        ticker: change.ticker.clone(),
        class: change.class.as_str(),
        kind: change.kind,
        column: change.column.map(short),
        unit: change.column.map(|column: &Column| unit(column)),
        before: value(&change.before),
        after: value(&change.after),
        relative: change.relative().map(|fraction| fraction.to_string()),
    }
}

fn said(output: &Output) -> String {
    let all = output.changes.len() + output.left_off;
    let mut lines = vec![format!("{all} {} since {}", one_or_many(all, "change", "changes"), output.since)];
    lines.extend(output.changes.iter().map(|one| {
        let mut line = format!("{} {} {}", one.day, one.ticker, one.kind);
        if let Some(column) = one.column {
            line.push_str(&format!(" {column}"));
        }
        if one.before.is_some() || one.after.is_some() {
            let [before, after] =
                [&one.before, &one.after].map(|value| value.as_deref().unwrap_or("missing"));
            line.push_str(&format!(": {before} -> {after}"));
        }
        line
    }));
    if output.left_off > 0 {
        lines.push(format!("{} more not shown: give kinds or tickers", output.left_off));
    }
    lines.extend(output.unread.iter().map(|day| format!("cannot be read: {day}")));
    lines.join("\n")
}
