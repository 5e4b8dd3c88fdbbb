//! `pynvest show`: what the site says of securities.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use clap::Args;
use futures_util::StreamExt;
use pynvest::page::Pair;
use pynvest::record::{Column, Doubt, Kind, Part, Section, Source, Value};
use pynvest::{Capture, Details, Error, Sheet, Ticker};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::outcome::{Outcome, with_exit};
use crate::source::gather;
use crate::source::site;
use crate::source::ticker::ticker;
use crate::view::listing::{Heading, Listing, short};
use crate::view::output::{self, Format};
use crate::view::parts;
use crate::view::sections::{self, Figure};
use crate::view::table::{self, Style};
use crate::view::text::{Lang, escape_control};

const EXAMPLES: &str = "\
Examples:
  pynvest show ITSA4
  pynvest show ITSA4,XPLG11 --format json
  pynvest show XPLG11 --raw";

/// Shows the figures of stocks and FIIs.
///
/// They are in the order of the site's page. A figure that contradicts others is marked with !, and the line below it says why.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct Show {
    /// Tickers, such as ITSA4 or XPLG11.
    #[arg(required = true, value_delimiter = ',', value_parser = ticker)]
    tickers: Vec<Ticker>,
    /// Print the labels and values as on the page, unknown ones too.
    #[arg(long, conflicts_with = "format")]
    raw: bool,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

/// A security as it came, and typed.
struct Security {
    sheet: Sheet,
    details: Details,
}

pub(crate) async fn run(arguments: Show, lang: Lang) -> Result<Outcome> {
    let Show { tickers, raw, site, output } = arguments;
    if raw {
        output.check_text(lang)?;
    } else {
        output.check(lang)?;
    }
    let client = site.client()?;
    let pages = client.captures(tickers.clone(), gather::CONCURRENCY);
    if raw {
        let sheets = pages.map(|(ticker, Ok(page))| (ticker, page.sheet));
        let (sheets, failed) = gather::gather(sheets, &tickers, lang).await;
        let mut text = String::new();
        for sheet in &sheets {
            let pair = |pair: &Pair| {
                [pair.section.as_deref().unwrap_or_default(), &pair.label, &pair.value]
                    .map(escape_control)
                    .to_vec()
            };
            let pairs: Vec<_> = sheet.pairs().iter().map(pair).collect();
            separate(&mut text, &table::rows_of(&[], &pairs, &[], output.style()));
        }
        // A file that is there keeps what it has.
        if !sheets.is_empty() {
            output.write(text.as_bytes())?;
        }
        return Ok(gather::tell(sheets.len(), failed, lang));
    }
    let securities = pages.map(|(ticker, Ok(page))| (ticker, Security::of(page)));
    let (securities, failed) = gather::gather(securities, &tickers, lang).await;
    if !securities.is_empty() {
        match output.format() {
            Format::Table => {
                let mut text = String::new();
                securities
                    .iter()
                    .for_each(|security| separate(&mut text, &security.page(lang, output.style())));
                output.write(text.as_bytes())?;
            }
            Format::Json => {
                let objects: Vec<Json> = securities.iter().map(|security| security.json(lang)).collect();
                output.write(output::pretty(&objects)?.as_bytes())?;
            }
            Format::Jsonl => {
                let objects: Vec<Json> = securities.iter().map(|security| security.json(lang)).collect();
                output.write(output::lines(&objects).as_bytes())?;
            }
            Format::Csv | Format::Parquet | Format::Xlsx => {
                output.listing(listing(&securities, lang), lang)?;
            }
        }
    }
    Ok(gather::tell(securities.len(), failed, lang))
}

fn separate(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

impl Security {
    fn of(capture: Capture) -> Result<Self, Error> {
        let sheet = capture.sheet?;
        let details = sheet.details(capture.captured_at)?;
        Ok(Self { sheet, details })
    }

    fn json(&self, lang: Lang) -> Json {
        let values = self.details.columns().iter().zip(self.details.values());
        let named = values.map(|(column, value)| {
            let heading = Heading::of(column, lang);
            (heading.name.to_string(), output::json(value.map(|value| heading.typed(value)).as_ref()))
        });
        let mut named: Map<_, _> = named.collect();
        if let Details::Fii(fii) = &self.details {
            let part = |(part, share): (&Part, Option<Decimal>)| json!({"name": part.name, "amount": part.amount.to_string(), "share": share.map(|share| share.to_string())});
            let parts = fii.composition.as_ref().map(|_| fii.composition().map(part).collect::<Json>());
            named.insert("composition".to_owned(), parts.unwrap_or_default());
        }
        named.insert("doubts".to_owned(), output::doubts(&self.details.doubts()));
        Json::Object(named)
    }

    /// The sections of the page in its order, each figure next to its label.
    fn page(&self, lang: Lang, style: Style) -> String {
        let sheet = &self.sheet;
        let doubts = self.details.doubts();
        let mut columns: Vec<(usize, &Column, &Pair, Option<Value>)> = Vec::new();
        for (column, value) in self.details.columns().iter().zip(self.details.values()) {
            // A label that is no year has no yearly change.
            let pair = sheet.pair(column.source);
            let pair = pair.filter(|_| value.is_some() || !matches!(column.source, Source::Year(_)));
            let place =
                pair.and_then(|pair| sheet.pairs().iter().position(|other| std::ptr::eq(other, pair)));
            if let (Some(pair), Some(place)) = (pair, place) {
                columns.push((place, column, pair, value));
            }
        }
        // Each doubt is told below one figure: the first of its columns that the page shows.
        let is_shown = |name: &&String| {
            columns.iter().any(|(_, column, ..)| column.name == **name && column.section().is_some())
        };
        let homes: Vec<Option<&String>> =
            doubts.iter().map(|doubt| doubt.columns.iter().find(is_shown)).collect();
        let first = |section| {
            let of = columns.iter().filter(|(_, column, ..)| column.section() == Some(section));
            of.map(|(place, ..)| *place).min()
        };
        let sections = columns.iter().filter_map(|(_, column, ..)| column.section());
        let mut sections: Vec<Section> = sections.collect::<BTreeSet<_>>().into_iter().collect();
        sections.sort_by_key(|section| first(*section));
        let mut shown = Vec::new();
        for section in sections {
            let mut of: Vec<_> =
                columns.iter().filter(|(_, column, ..)| column.section() == Some(section)).collect();
            of.sort_by_key(|(_, column, ..)| column.reading_order());
            let figures = of.into_iter().map(|(_, column, pair, value)| {
                let about = |doubt: &Doubt| doubt.columns.iter().any(|name| *name == column.name);
                let of_this = doubts
                    .iter()
                    .zip(&homes)
                    .filter(|(_, home)| home.is_some_and(|name| name == column.name));
                let sentences = of_this.map(|(doubt, _)| lang.doubt(doubt)).collect();
                Figure {
                    label: label(column, pair, lang),
                    value: figure(column, pair, value.as_ref(), lang),
                    is_text: column.kind == Kind::Text,
                    doubts: sentences,
                    doubted: doubts.iter().any(about),
                }
            });
            let heading = lang.pick(section.english(), section.portuguese()).to_owned();
            shown.push(sections::Section { heading, figures: figures.collect() });
        }
        let rest = doubts.iter().zip(&homes).filter(|(_, home)| home.is_none());
        let rest: Vec<String> = rest.map(|(doubt, _)| lang.doubt(doubt)).collect();
        let mut text = sections::draw(&shown, &rest, style);
        if let Details::Fii(fii) = &self.details {
            separate(&mut text, &parts::table(fii, lang, style));
        }
        text
    }
}

/// What a figure is called under the heading of its section: in English by its field, in Portuguese as on the page.
fn label(column: &Column, pair: &Pair, lang: Lang) -> String {
    let field = match (column.source, column.section()) {
        (Source::Year(_), _) => None,
        (Source::TwelveMonths(_), _) => column.field.strip_suffix("_12m"),
        (Source::ThreeMonths(_), _) => column.field.strip_suffix("_3m"),
        (_, Some(Section::PriceChanges)) => column.field.strip_prefix("change_"),
        _ => Some(column.field),
    };
    match (lang, field) {
        (Lang::En, Some(field)) => field.replace('_', " "),
        _ => escape_control(&pair.label),
    }
}

/// A figure as printed, with the separators of the language.
fn figure(column: &Column, pair: &Pair, value: Option<&Value>, lang: Lang) -> String {
    match value {
        None => "-".to_owned(),
        Some(value @ (Value::Text(_) | Value::Date(_))) => lang.readable(column.form, value),
        Some(_) => {
            let english = || pair.value.replace('.', "_").replace(',', ".").replace('_', ",");
            let number = escape_control(&lang.pick(english(), pair.value.clone()));
            if column.form.is_reais() { format!("R$ {number}") } else { number }
        }
    }
}

/// One row a security. Stocks and FIIs in one listing have the columns of both.
fn listing(securities: &[Security], lang: Lang) -> Listing {
    let mut headings: Vec<Heading> = Vec::new();
    for column in securities.iter().flat_map(|security| security.details.columns()) {
        let mut heading = Heading::of(column, lang);
        if headings.iter().any(|known| known.name == heading.name) {
            continue;
        }
        // Labels of a page repeat, names do not.
        if headings.iter().any(|known| known.shown == heading.shown) {
            heading.shown = heading.name.to_string();
        }
        headings.push(heading);
    }
    let row = |security: &Security| {
        let names = security.details.columns().iter().map(short);
        let values: BTreeMap<&str, Option<Value>> = names.zip(security.details.values()).collect();
        headings.iter().map(|heading| values.get(&*heading.name).cloned().flatten()).collect()
    };
    let rows = securities.iter().map(row).collect();
    Listing { title: lang.pick("tickers", "papéis").to_owned(), headings, rows, ..Listing::default() }
}
