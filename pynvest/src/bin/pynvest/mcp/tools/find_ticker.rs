//! `find_ticker`: the tickers that a name, a part of one or a mistyped ticker may mean.

use pynvest::Class;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, Refusal, limit};
use crate::mcp::figures::cut;
use crate::mcp::reader::Reader;
use crate::mcp::search::search;

pub(crate) const ABOUT: &str = "Find the tickers of stocks and FIIs of B3 by company or fund name, part of a name, sector, or a mistyped \
ticker. Call this first when the ticker is not certain.";

const MOST: usize = 25;
const NAME: usize = 60;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// A name or ticker, such as "banco do brasil" or WEGE3; accents and case do not matter.
    pub(crate) query: String,
    /// stock or fii; both when absent.
    pub(crate) class: Option<String>,
    /// How many at most, 1 to 25.
    #[serde(default = "ten")]
    pub(crate) limit: usize,
}

fn ten() -> usize {
    10
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) matches: Vec<Match>,
    /// Matches beyond the limit.
    pub(crate) left_off: usize,
    /// Where the names are from.
    pub(crate) sources: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Match {
    pub(crate) ticker: String,
    pub(crate) class: &'static str,
    pub(crate) name: String,
    /// Sector of a stock or segment of a FII, where the source prints one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) sector: String,
}

/// The class of an argument.
pub(crate) fn class_of(text: &str) -> Result<Class, Refusal> {
    text.trim()
        .to_lowercase()
        .parse()
        .map_err(|_| Refusal::new(format!("`{}` is no class", cut(text, NAME)), "Use stock or fii."))
}

pub(crate) async fn answer(reader: &Reader, input: Input) -> Answer<Output> {
    if input.query.trim().is_empty() {
        return Err(Refusal::new("the query is blank", "Give a name or a ticker."));
    }
    let class = input.class.as_deref().map(class_of).transpose()?;
    let limit = limit(input.limit, MOST)?;
    let (known, sources) = reader.known().await?;
    let mut found = search(&known, &input.query);
    found.retain(|one| class.is_none_or(|class| class == one.class));
    if found.is_empty() {
        let what = format!("no ticker or name matches `{}`", cut(&input.query, NAME));
        return Err(Refusal::new(
            what,
            "Try fewer words, or another spelling. Names are those of Fundamentus.",
        ));
    }
    let matches: Vec<Match> = found
        .iter()
        .take(limit)
        .map(|one| Match {
            ticker: one.ticker.clone(),
            class: one.class.as_str(),
            name: cut(&one.name, NAME),
            sector: cut(&one.sector, NAME),
        })
        .collect();
    let left_off = found.len().saturating_sub(limit);
    let lines: Vec<String> = matches
        .iter()
        .map(|one| {
            format!("{} ({}) {} {}", one.ticker, one.class, one.name, one.sector).trim_end().to_owned()
        })
        .collect();
    let mut text = lines.join("\n");
    if left_off > 0 {
        text.push_str(&format!("\n{left_off} more match; add a word or raise the limit."));
    }
    text.push_str(&format!("\nfrom {}", sources.join(" and ")));
    let sources = sources.iter().map(|source| cut(source, 160)).collect();
    Ok((Output { matches, left_off, sources }, text))
}
