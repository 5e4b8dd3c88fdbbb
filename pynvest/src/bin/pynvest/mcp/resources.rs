//! Resources that a client can attach: the columns, the days of the lake, and a ticker.

use pynvest::Class;
use pynvest::lake::History;
use rmcp::ErrorData;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use serde_json::json;

use crate::mcp::answer::Refusal;
use crate::mcp::reader::Reader;
use crate::mcp::tools::describe::described;
use crate::mcp::tools::fundamentals;

const COLUMNS: &str = "pynvest://columns";
const DAYS: &str = "pynvest://days";
const TICKER: &str = "pynvest://ticker/";
const JSON: &str = "application/json";

pub(crate) fn all(reader: &Reader) -> ListResourcesResult {
    let resource = |uri: &str, name: &str, about: &str| {
        Resource::new(uri, name).with_description(about).with_mime_type(JSON)
    };
    let mut resources = vec![resource(
        COLUMNS,
        "columns",
        "Every column of stocks and FIIs: unit, label, meaning, identities.",
    )];
    if reader.has_lake() {
        resources.push(resource(DAYS, "days", "The days of the lake, by class."));
    }
    ListResourcesResult::with_all_items(resources)
}

pub(crate) fn templates() -> ListResourceTemplatesResult {
    let ticker = ResourceTemplate::new(format!("{TICKER}{{ticker}}"), "ticker")
        .with_description("All figures of a stock or FII, such as pynvest://ticker/ITSA4.")
        .with_mime_type(JSON);
    ListResourceTemplatesResult::with_all_items(vec![ticker])
}

pub(crate) async fn read(reader: &Reader, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let found = match uri {
        COLUMNS => {
            let of = |class: Class| class.columns().iter().map(move |column| described(class, column));
            let columns: Vec<_> = Class::ALL.into_iter().flat_map(of).collect();
            Ok(json!({"columns": columns}))
        }
        DAYS => days(reader).await,
        _ => match uri.strip_prefix(TICKER) {
            Some(ticker) => {
                let tickers = vec![ticker.chars().take(20).collect()];
                let input = fundamentals::Input { tickers, groups: Vec::new(), as_of: None };
                fundamentals::answer(reader, input).await.map(|(output, _)| json!(output))
            }
            None => Err(Refusal::new(
                "there is no such resource",
                "Use pynvest://columns, pynvest://days or pynvest://ticker/{ticker}.",
            )),
        },
    };
    match found {
        Ok(content) => {
            let contents = ResourceContents::text(content.to_string(), uri).with_mime_type(JSON);
            Ok(ReadResourceResult::new(vec![contents]))
        }
        Err(refusal) => Err(ErrorData::resource_not_found(refusal.into_text(), None)),
    }
}

async fn days(reader: &Reader) -> Result<serde_json::Value, Refusal> {
    reader
        .lake(|lake: &History| {
            let days = |class| lake.days(class).iter().map(ToString::to_string).collect::<Vec<_>>();
            let [stocks, fiis] = Class::ALL.map(days);
            Ok(json!({"stock": stocks, "fii": fiis}))
        })
        .await
}
