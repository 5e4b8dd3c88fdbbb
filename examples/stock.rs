//! Prints what Fundamentus says of one stock or FII: `cargo run --example stock -- ITSA4`

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};

use clap::Parser;
use pynvest::page::Pair;
use pynvest::record::{Kind, Source};
use pynvest::{Client, Ticker};
use replica::{Exchange, Replica};
use serde_json::Map;

/// Prints what Fundamentus says of one stock or FII.
#[derive(Parser)]
struct Options {
    /// The paper, such as ITSA4 or XPLG11.
    ticker: Ticker,
    /// Print the labels and values as they stand on the page, unknown ones too.
    #[arg(long)]
    raw: bool,
    /// Print all columns under the names and in the units of the lake, values as text.
    #[arg(long, conflicts_with = "raw")]
    json: bool,
    /// Where the site is.
    #[arg(long, default_value = "https://www.fundamentus.com.br")]
    site: String,
    /// Read a fictional exchange inside this program instead, without a network.
    #[arg(long, conflicts_with = "site")]
    replica: bool,
}

#[tokio::main]
async fn main() {
    let printed = text(Options::parse()).await.and_then(|text| Ok(write!(io::stdout(), "{text}")?));
    // A reader that has seen enough, such as `head`, is no failure.
    let enough = |error: &io::Error| error.kind() == ErrorKind::BrokenPipe;
    if let Some(error) = printed.err().filter(|error| !error.downcast_ref().is_some_and(enough)) {
        let _ = writeln!(io::stderr(), "error: {error:#}");
        std::process::exit(1);
    }
}

async fn text(options: Options) -> anyhow::Result<String> {
    let replica = if options.replica { Some(Replica::start(Exchange::default()).await?) } else { None };
    let client = Client::builder().base_url(replica.as_ref().map_or(options.site, Replica::url)).build()?;
    let capture = client.capture(options.ticker.as_str()).await?;
    let sheet = &capture.sheet;
    if options.raw {
        let line = |p: &Pair| format!("{:55}{:23}{}\n", p.section.as_deref().unwrap_or(""), p.label, p.value);
        return Ok(sheet.pairs().iter().map(line).collect());
    }
    let details = sheet.details(capture.captured_at)?;
    let values = details.values().into_iter().map(|value| value.map(|value| value.to_string()));
    let columns = details.columns().iter().zip(values);
    if options.json {
        let named: Map<_, _> = columns.map(|(column, text)| (column.name.into(), text.into())).collect();
        return Ok(serde_json::to_string_pretty(&named)? + "\n");
    }
    let mut groups = BTreeMap::<_, String>::new();
    for (column, text) in columns {
        // Beside what is no year there is no yearly change.
        let Some(pair) =
            sheet.pair(column.source).filter(|_| text.is_some() || !matches!(column.source, Source::Year(_)))
        else {
            continue;
        };
        let number = pair.value.replace('.', "_").replace(',', ".").replace('_', ","); // English separators
        let value = match (text, column.kind) {
            (None, _) => "-".to_owned(),
            (Some(text), Kind::Text | Kind::Date) => text,
            _ if column.comment.contains("em reais") => format!("R$ {number}"),
            _ => number,
        };
        let group = sheet.pairs().iter().position(|first| first.section == pair.section);
        let line = format!("{:35}  {:22}  {value:>22}\n", column.field.replace('_', " "), pair.label);
        groups.entry(group).or_default().push_str(&line);
    }
    Ok(groups.into_values().collect::<Vec<_>>().join("\n"))
}
