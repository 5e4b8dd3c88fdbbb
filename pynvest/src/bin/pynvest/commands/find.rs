//! `pynvest find`: the tickers that a name, or a part of one, may mean.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use pynvest::Class;
use pynvest::page::has_words;
use pynvest::record::{Kind, Value};

use crate::outcome::{Outcome, with_exit};
use crate::screen::figures::Figures;
use crate::source::kept::{self, Names};
use crate::source::lake_days;
use crate::source::site;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output::{self, Format};
use crate::view::text::Lang;

const EXAMPLES: &str = "\
Examples:
  pynvest find petro
  pynvest find banco do brasil --lake lake";

/// Finds tickers by a name or a part of one.
///
/// Case and accents do not matter. The site knows the names of traded tickers, and is asked once. With --lake it is not asked, and all
/// tickers of the last day are searched.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct Find {
    /// Words that must all be in the name or ticker.
    #[arg(required = true)]
    text: Vec<String>,
    /// Search the last day of this lake instead of the site.
    #[arg(long, value_name = "DIR", conflicts_with = "interval", display_order = 800)]
    lake: Option<PathBuf>,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

pub(crate) async fn run(arguments: Find, lang: Lang) -> Result<Outcome> {
    let Find { text, lake, site, output } = arguments;
    output.check(lang)?;
    let words = text.join(" ");
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    // What programs read is the same in every language.
    let called = |class: Class| match output.format() {
        Format::Table => lang.class(class),
        _ => class.as_str(),
    };
    let rows: Vec<Row> = match lake {
        Some(lake) => {
            let lake = lake_days::open(&lake, lang)?;
            let mut rows = Vec::new();
            for class in Class::ALL.into_iter().filter(|class| !lake.days(*class).is_empty()) {
                let (_, of_class) = lake_days::rows(&lake, class, None, lang)?;
                rows.extend(of_class.iter().map(|row| {
                    let figures = Figures { columns: class.columns(), row };
                    let of = |field: &str| figures.text(field).map(str::to_owned).map(Value::Text);
                    vec![of("ticker"), of("company").or_else(|| of("name")), text(called(class))]
                }));
            }
            rows
        }
        None => {
            let names = site.client()?.names().await?;
            // Only for suggestions: without it there are none.
            let _ = kept::write(Names::FILE, &site.site, &Names::of(&names));
            names.iter().map(|one| vec![text(one.ticker.as_str()), text(&one.name), None]).collect()
        }
    };
    let mut found: Vec<Row> = rows.into_iter().filter(|row| has(row, &words)).collect();
    found.sort();
    let outcome = if found.is_empty() { Outcome::Nothing } else { Outcome::Whole };
    let heading = |(name, portuguese, comment)| Heading::new(name, portuguese, Kind::Text, comment, lang);
    let listing = Listing {
        title: lang.pick("tickers", "papéis").to_owned(),
        headings: [
            ("ticker", "Papel", "Código do papel na B3"),
            ("name", "Nome", "Nome da empresa ou do fundo"),
            ("class", "Classe", "Classe do papel, stock ou fii, onde a fonte diz"),
        ]
        .map(heading)
        .into(),
        rows: found,
        ..Listing::default()
    };
    output.listing(listing, lang)?;
    Ok(outcome)
}

/// Whether all words are in the ticker or the name.
fn has(row: &Row, words: &str) -> bool {
    let text =
        |place: usize| row.get(place).and_then(Option::as_ref).and_then(Value::as_str).unwrap_or_default();
    has_words(&format!("{} {}", text(0), text(1)), words)
}
