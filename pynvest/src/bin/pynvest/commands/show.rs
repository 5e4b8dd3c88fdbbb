//! `pynvest show`: what the site says of papers.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use futures_util::{StreamExt, stream};
use pynvest::lake::pipeline::IDENTITIES;
use pynvest::record::{Doubt, Source, Value};
use pynvest::{Client, Details, Error, Sheet, Ticker};
use serde_json::{Map, Value as Json, json};

use crate::Outcome;
use crate::source::gather;
use crate::source::site;
use crate::view::listing::{Heading, Listing};
use crate::view::output::{self, Format};
use crate::view::table::{self, Colour, Style};
use crate::view::text::{Lang, escape_control};

/// Papers that are waited for at the same time; the pace of the client holds all the same.
const CONCURRENCY: usize = 8;

/// Shows what Fundamentus says of stocks and FIIs. Figures that contradict others are marked.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct Show {
    /// The papers, such as ITSA4 or XPLG11.
    #[arg(required = true)]
    tickers: Vec<Ticker>,
    /// Show the labels and values as they stand on the page, unknown ones too.
    #[arg(long, conflicts_with = "format")]
    raw: bool,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

/// A paper as it came, and typed.
struct Paper {
    sheet: Sheet,
    details: Details,
}

pub(crate) async fn run(arguments: Show, lang: Lang) -> Result<Outcome> {
    let Show { tickers, raw, site, output } = arguments;
    output.check(lang)?;
    let client = site.client()?;
    let expected = tickers.len();
    if raw {
        let sheets = stream::iter(tickers)
            .map(async |ticker| (ticker.clone(), client.sheet(&ticker).await))
            .buffered(CONCURRENCY);
        let (sheets, failed) = gather::gather(sheets, expected, lang).await;
        let mut text = String::new();
        for sheet in &sheets {
            let pair = |pair: &pynvest::page::Pair| {
                [pair.section.as_deref().unwrap_or_default(), &pair.label, &pair.value]
                    .map(escape_control)
                    .to_vec()
            };
            let pairs: Vec<_> = sheet.pairs().iter().map(pair).collect();
            separate(&mut text, &table::rows_of(&[], &pairs, &[], output.style()));
        }
        output.write(text.as_bytes())?;
        return Ok(gather::tell(sheets.len(), failed, lang));
    }
    let papers = stream::iter(tickers)
        .map(async |ticker| {
            let paper = Paper::of(&client, &ticker).await;
            (ticker, paper)
        })
        .buffered(CONCURRENCY);
    let (papers, failed) = gather::gather(papers, expected, lang).await;
    if !papers.is_empty() {
        match output.format {
            Format::Table => {
                let mut text = String::new();
                papers.iter().for_each(|paper| separate(&mut text, &paper.table(lang, output.style())));
                output.write(text.as_bytes())?;
            }
            Format::Json => {
                let objects: Vec<Json> = papers.iter().map(Paper::json).collect();
                output.write((serde_json::to_string_pretty(&objects)? + "\n").as_bytes())?;
            }
            Format::Jsonl => {
                let objects: Vec<Json> = papers.iter().map(Paper::json).collect();
                output.write(output::lines(&objects).as_bytes())?;
            }
            Format::Csv | Format::Parquet | Format::Xlsx => output.listing(&listing(&papers, lang), lang)?,
        }
    }
    Ok(gather::tell(papers.len(), failed, lang))
}

fn separate(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

impl Paper {
    async fn of(client: &Client, ticker: &Ticker) -> Result<Self, Error> {
        let Ok(capture) = client.capture(ticker).await;
        let sheet = capture.sheet?;
        let details = sheet.details(capture.captured_at)?;
        Ok(Self { sheet, details })
    }

    fn json(&self) -> Json {
        let values = self.details.columns().iter().zip(self.details.values());
        let mut named: Map<_, _> =
            values.map(|(column, value)| (column.name.to_owned(), output::json(value.as_ref()))).collect();
        let doubts = self.details.doubts().into_iter().map(|doubt| {
            json!({"kind": doubt.kind, "columns": doubt.columns, "printed": doubt.printed, "message": doubt.message})
        });
        named.insert("doubts".to_owned(), doubts.collect());
        Json::Object(named)
    }

    /// One line a figure, in the groups of the page, with the doubts below.
    fn table(&self, lang: Lang, style: Style) -> String {
        let sheet = &self.sheet;
        let doubts = self.details.doubts();
        let mut groups = BTreeMap::<_, Vec<Vec<String>>>::new();
        for (column, value) in self.details.columns().iter().zip(self.details.values()) {
            // Beside what is no year there is no yearly change.
            let pair = sheet.pair(column.source);
            let Some(pair) = pair.filter(|_| value.is_some() || !matches!(column.source, Source::Year(_)))
            else {
                continue;
            };
            let shown = match &value {
                None => "-".to_owned(),
                Some(value @ (Value::Text(_) | Value::Date(_))) => lang.readable(column.form, value),
                Some(_) => {
                    // As printed, with the separators of the language.
                    let english = || pair.value.replace('.', "_").replace(',', ".").replace('_', ",");
                    let number = lang.pick(english(), pair.value.clone());
                    if column.form.is_reais() { format!("R$ {number}") } else { number }
                }
            };
            let doubted = doubts.iter().any(|doubt| doubt.columns.iter().any(|name| *name == column.name));
            let group = sheet.pairs().iter().position(|first| first.section == pair.section);
            let mut line = vec![escape_control(&pair.label), escape_control(&shown)];
            if lang == Lang::En {
                line.insert(0, column.field.replace('_', " "));
            }
            line.extend(doubted.then(|| "!".to_owned()));
            groups.entry(group).or_default().push(line);
        }
        let columns = lang.pick(3, 2);
        let mut rows = Vec::new();
        for group in groups.into_values() {
            if !rows.is_empty() {
                rows.push(vec![String::new(); columns]);
            }
            rows.extend(group);
        }
        let right: Vec<bool> = (0..columns).map(|column| column + 1 == columns).collect();
        let mut text = table::rows_of(&[], &rows, &right, style);
        for doubt in &doubts {
            text.push_str(&style.paint(&format!("! {}", escape_control(&said(doubt, lang))), Colour::Doubt));
            text.push('\n');
        }
        text
    }
}

/// What is odd, in the language of the user where it is an identity that does not hold.
fn said(doubt: &Doubt, lang: Lang) -> String {
    let identity = IDENTITIES.iter().find(|identity| identity.code == doubt.kind);
    match (lang, identity, &doubt.printed) {
        (Lang::Pt, Some(identity), Some(printed)) => {
            format!("não fecha: {}; impresso está {printed}", identity.portuguese)
        }
        _ => doubt.message.clone(),
    }
}

/// One row a paper. Stocks and FIIs in one listing have the columns of both.
fn listing(papers: &[Paper], lang: Lang) -> Listing {
    let mut headings: Vec<Heading> = Vec::new();
    for column in papers.iter().flat_map(|paper| paper.details.columns()) {
        if !headings.iter().any(|heading| heading.name == column.name) {
            // The labels of a page repeat, its names in the catalogue do not.
            headings.push(Heading { shown: column.name.to_owned(), ..Heading::of(column, lang) });
        }
    }
    let row = |paper: &Paper| {
        let names = paper.details.columns().iter().map(|column| column.name);
        let values: BTreeMap<&str, Option<Value>> = names.zip(paper.details.values()).collect();
        headings.iter().map(|heading| values.get(heading.name).cloned().flatten()).collect()
    };
    let rows = papers.iter().map(row).collect();
    Listing { title: lang.pick("papers", "papeis").to_owned(), headings, rows, sums: Vec::new() }
}
