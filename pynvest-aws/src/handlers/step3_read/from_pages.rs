//! Reads the kept pages of a day into SoR again, without a request to the site.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::lake::pipeline::{Entry, Sidecar, SorRow, entries, partition, survey};
use pynvest::lake::{Doubted, Layer, PARTITION, Table};
use pynvest::{Class, Page, Ticker};
use serde_json::{Value, json};

use super::parts::{DayParts, Part, UNREAD, security, write};
use crate::app::App;
use crate::error::{Error, chain};
use crate::event::Message;
use crate::handlers::answer::{done, name_first};
use crate::metrics;

/// Result of reading archives.
#[derive(Default)]
struct ReadAgain {
    pages: usize,
    rows: usize,
    locations: Vec<String>,
    /// What cannot be used, and why: archives and pages.
    unread: Vec<String>,
    causes: BTreeMap<&'static str, usize>,
    /// The first of them.
    failure: Option<Error>,
}

/// Reads each archive of a day into one SoR object. It has the name of the object that was made of the same securities when they
/// were read from the site, and takes its place. Pages that could not be read then get an object of their own. Read twice, the result
/// is the same.
pub(super) async fn read_kept_pages(app: &App, class: Class, day: NaiveDate) -> Result<Value, Error> {
    let table = Table::of(Layer::Sor, class);
    let archives = app.lake.sidecars(Sidecar::Pages, table, day).await?;
    let mut again = ReadAgain::default();
    for archive in &archives {
        let Some((bytes, _)) = app.lake.get(Layer::Sor, &archive.key).await? else { continue };
        let parts = again.read(class, day, &app.lake.location(Layer::Sor, &archive.key), &bytes);
        if parts.rows.is_empty() {
            continue;
        }
        let ending = if archive.key.contains(UNREAD) { UNREAD } else { "" };
        let Part { key, sor, doubts, .. } = parts.part(class, day, ending);
        write(app, &key, &sor, &doubts).await?;
        tracing::info!(table = table.name, %key, rows = sor.rows.len(), "wrote tickers of kept pages to SoR");
        again.rows += sor.rows.len();
        again.locations.push(app.lake.location(Layer::Sor, &key));
    }
    metrics::count("RowsWritten", Some(("Table", table.name)), again.rows);
    let ReadAgain { pages, rows, locations, unread, causes, failure } = again;
    if rows == 0 {
        let place = app.lake.location(Layer::Sor, Sidecar::Pages.prefix(table, day));
        return Err(failure.unwrap_or(Error::NoPages { place }));
    }
    let next = format!("Start the state machine with {{\"{PARTITION}\": {}}} to end the day", partition(day));
    let mut body = json!({
        PARTITION: partition(day),
        "archives": archives.len(),
        "pages": pages,
        "rows": rows,
        "causes": causes,
        "next": next,
    });
    name_first(&mut body, "unread", &unread);
    name_first(&mut body, "locations", &locations);
    Ok(done(&body))
}

impl ReadAgain {
    /// The rows of an archive.
    fn read(&mut self, class: Class, day: NaiveDate, place: &str, archive: &[u8]) -> DayParts {
        let mut parts = DayParts::default();
        let found = survey(|| Ok(archive));
        let mut each = |Entry { name, captured_at, content, .. }: Entry| {
            self.pages += 1;
            let bad = |source| Error::KeptPage { name: format!("{place}:{name}"), source };
            match content.map_err(|error| bad(error.into())).and_then(|bytes| {
                let ticker = name.strip_suffix(".html").unwrap_or(&name).parse::<Ticker>();
                let ticker = ticker.map_err(|error| bad(error.into()))?;
                row(Message { day, ticker, class }, captured_at, &bytes)
            }) {
                Ok((message, SorRow { row, doubts, .. })) => {
                    if !doubts.is_empty() {
                        parts.doubts.push(Doubted::new(message.ticker.as_str(), doubts));
                    }
                    parts.rows.push((message, row));
                }
                Err(error) => self.not_read(error),
            }
            true
        };
        // Where the archive is damaged its survey says.
        let _ = entries(archive, found.sound, None, &mut each);
        if let Some(damage) = found.damage {
            self.not_read(Error::KeptPage { name: place.to_owned(), source: damage.into() });
        }
        parts
    }

    fn not_read(&mut self, error: Error) {
        let sentence = chain(&error);
        tracing::warn!(cause = error.kind(), "{sentence}");
        *self.causes.entry(error.kind()).or_default() += 1;
        self.unread.push(sentence);
        self.failure.get_or_insert(error);
    }
}

/// The row of a kept page, which must show the ticker under whose name it was kept.
fn row(
    message: Message,
    captured_at: DateTime<FixedOffset>,
    page: &[u8],
) -> Result<(Message, SorRow), Error> {
    let sheet = Page::parse(page).into_sheet().and_then(|sheet| match sheet.ticker() {
        Some(shown) if shown != message.ticker => {
            Err(pynvest::Error::OtherTicker { ticker: message.ticker.clone(), shown })
        }
        _ => Ok(sheet),
    });
    security(sheet, captured_at, &message).map(|row| (message, row))
}
