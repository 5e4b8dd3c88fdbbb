//! Where the tools read: the site with one client for the process, and the days of a lake.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::lake::History;
use pynvest::page::{Dividends, List};
use pynvest::record::{Candidate, Column, Sector, Value};
use pynvest::{Class, Client, Details, Error, FiiRow, Sheet, StockRow, Ticker};

use crate::mcp::answer::Refusal;
use crate::mcp::figures::cut;
use crate::mcp::memory::Memory;
use crate::mcp::search::{Known, search};
use crate::screen::rank::FINANCE_AND_UTILITIES;
use crate::screen::written::day;
use crate::screen::{holdings, sector};
use crate::source::sectors::{self, Wanted};
use crate::source::ticker::ticker;
use crate::view::listing::Row;
use crate::view::text::Lang;

/// What the securities of a class are called.
pub(crate) fn plural(class: Class) -> &'static str {
    if class == Class::Stock { "stocks" } else { "FIIs" }
}

/// Candidates that are named for a ticker that is not there.
const CANDIDATES: usize = 5;
const NAME: usize = 60;

/// The sources of one process.
pub(crate) struct Reader {
    client: Option<Client>,
    site: String,
    lake: Option<PathBuf>,
    details: Memory<Ticker, Security>,
    dividends: Memory<Ticker, Dividends>,
    stocks: Memory<(), List<StockRow>>,
    fiis: Memory<(), List<FiiRow>>,
    /// Sectors by ticker, by the number or part of their name that was asked for; `None` is those that the Magic Formula leaves out.
    sectors: Memory<Option<String>, BTreeMap<String, Sector>>,
}

/// A details page.
pub(crate) struct Security {
    pub(crate) sheet: Sheet,
    pub(crate) details: Details,
    pub(crate) captured_at: DateTime<FixedOffset>,
}

/// The rows of a day of a lake, or of the live list.
pub(crate) struct Rows {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// The day of the lake; `None` for the live list.
    pub(crate) day: Option<NaiveDate>,
    /// The numbers of the sectors of stocks, as far as they are known.
    pub(crate) numbers: BTreeMap<String, u32>,
    /// What is odd about the list, and rows that cannot be read.
    pub(crate) notes: Vec<String>,
}

impl Reader {
    /// `client` is `None` offline.
    pub(crate) fn new(client: Option<Client>, site: &str, lake: Option<PathBuf>) -> Self {
        Self {
            client,
            site: site.trim_end_matches('/').to_owned(),
            lake,
            details: Memory::new(),
            dividends: Memory::new(),
            stocks: Memory::new(),
            fiis: Memory::new(),
            sectors: Memory::new(),
        }
    }

    pub(crate) fn is_offline(&self) -> bool {
        self.client.is_none()
    }

    pub(crate) fn has_lake(&self) -> bool {
        self.lake.is_some()
    }

    fn client(&self) -> Result<&Client, Refusal> {
        let what = "this server is offline and does not ask the site";
        self.client.as_ref().ok_or_else(|| {
            Refusal::new(what, "get_fundamentals, screen, get_history and get_changes read the lake.")
        })
    }

    /// The page of the site that prints the figures of a security.
    pub(crate) fn address(&self, ticker: &str) -> String {
        format!("{}/detalhes.php?papel={ticker}", self.site)
    }

    pub(crate) fn dividends_address(&self, ticker: &Ticker, class: Class) -> String {
        let page = if class == Class::Stock { "proventos.php" } else { "fii_proventos.php" };
        format!("{}/{page}?papel={ticker}&tipo=2", self.site)
    }

    pub(crate) fn list_address(&self, class: Class) -> String {
        let page = if class == Class::Stock { "resultado.php" } else { "fii_resultado.php" };
        format!("{}/{page}", self.site)
    }

    /// The details page of a security, read at most 20 minutes ago.
    pub(crate) async fn security(&self, ticker: &Ticker) -> Result<Arc<Security>, Refusal> {
        let client = self.client()?;
        let read = async {
            let Ok(capture) = client.capture(ticker.clone()).await;
            let sheet = capture.sheet?;
            let details = sheet.details(capture.captured_at)?;
            Ok::<_, Error>(Security { sheet, details, captured_at: capture.captured_at })
        };
        match self.details.get(ticker.clone(), read).await {
            Ok(security) => Ok(security),
            Err(error) => Err(self.refusal(error, ticker.as_str()).await),
        }
    }

    pub(crate) async fn dividends(&self, ticker: &Ticker, class: Class) -> Result<Arc<Dividends>, Refusal> {
        let read = self.client()?.dividends_of(ticker.clone(), class);
        let read = self.dividends.get(ticker.clone(), read).await;
        read.map_err(|error| Refusal::of(error, &[]))
    }

    /// The live list of a class.
    pub(crate) async fn list(&self, class: Class) -> Result<Rows, Refusal> {
        fn notes<T>(list: &List<T>) -> Vec<String> {
            let failed =
                list.failed.iter().map(|failed| format!("row {} left out: {}", failed.row, failed.reason));
            failed.chain(list.doubts.iter().map(|doubt| doubt.message.clone())).collect()
        }
        let client = self.client()?;
        let refused = |error| Refusal::of(error, &[]);
        let (columns, rows, notes) = match class {
            Class::Stock => {
                let list = self.stocks.get((), client.stocks()).await.map_err(refused)?;
                (StockRow::COLUMNS, list.rows.iter().map(StockRow::values).collect(), notes(&list))
            }
            Class::Fii => {
                let list = self.fiis.get((), client.fiis()).await.map_err(refused)?;
                (FiiRow::COLUMNS, list.rows.iter().map(FiiRow::values).collect(), notes(&list))
            }
        };
        Ok(Rows { columns: columns.to_vec(), rows, day: None, numbers: sectors::numbers(&self.site), notes })
    }

    /// Adds to each row of the live list of stocks the name of its sector: of the sectors whose number is `part` or whose name holds it,
    /// or else of those that the Magic Formula leaves out.
    pub(crate) async fn add_sectors(&self, list: &mut Rows, part: Option<&str>) -> Result<(), Refusal> {
        let client = self.client()?;
        let part = part.map(str::to_owned);
        let wanted = match &part {
            None => Wanted::Named(&FINANCE_AND_UTILITIES),
            Some(part) => Wanted::Matching(std::slice::from_ref(part)),
        };
        let read = async {
            let found = sectors::ask(client, &self.site, &wanted, Lang::En).await?.into_iter();
            let named = found.flat_map(|one| {
                one.tickers.into_iter().map(move |ticker| (ticker.to_string(), one.sector.clone()))
            });
            Ok(named.collect())
        };
        let sectors = self.sectors.get(part.clone(), read).await.map_err(Refusal::any)?;
        for row in &mut list.rows {
            let ticker = row.first().and_then(Option::as_ref).and_then(Value::as_str).unwrap_or_default();
            let sector = sectors.get(ticker).map(|sector| sector.name.clone());
            row.push(sector.map(Value::Text));
        }
        list.numbers.extend(sectors.values().map(|sector| (sector.name.clone(), sector.id)));
        list.columns = sector::columns(Class::Stock, false);
        Ok(())
    }

    /// The sectors of the site whose names are known without a request.
    pub(crate) fn known_sectors(&self) -> Vec<String> {
        sectors::numbers(&self.site).into_keys().collect()
    }

    /// Reads the lake on a thread that may wait.
    pub(crate) async fn lake<T: Send + 'static>(
        &self,
        read: impl FnOnce(&History) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let none =
            || Refusal::new("this server has no lake", "Start it with --lake DIR, made by `pynvest lake`.");
        let root = self.lake.clone().ok_or_else(none)?;
        let reading = tokio::task::spawn_blocking(move || {
            let lake = History::open(root).map_err(|error| Refusal::of(error, &[]))?;
            read(&lake)
        });
        reading.await.map_err(|error| Refusal::new(error, "Try again."))?
    }

    /// The rows of the last day of the lake up to `asked`.
    pub(crate) async fn lake_rows(&self, class: Class, asked: NaiveDate) -> Result<Rows, Refusal> {
        let rows = self.lake(move |lake| rows_of(lake, class, asked)).await?;
        Ok(Rows { numbers: sectors::numbers(&self.site), ..rows })
    }

    /// All securities by name, and where the names are from: the live lists, or the last days of the lake where the site does not
    /// answer.
    pub(crate) async fn known(&self) -> Result<(Vec<Known>, Vec<String>), Refusal> {
        let live = self.known_live().await;
        if live.is_ok() || self.lake.is_none() {
            return live;
        }
        let kept = self.known_in_lake().await;
        if kept.is_ok() || self.is_offline() { kept } else { live }
    }

    async fn known_live(&self) -> Result<(Vec<Known>, Vec<String>), Refusal> {
        let (mut known, mut sources) = (Vec::new(), Vec::new());
        for class in Class::ALL {
            let list = self.list(class).await?;
            known.extend(list.rows.iter().map(|row| Known::of(class, &list.columns, row)));
            sources.push(self.list_address(class));
        }
        Ok((known, sources))
    }

    async fn known_in_lake(&self) -> Result<(Vec<Known>, Vec<String>), Refusal> {
        self.lake(|lake| {
            let (mut known, mut sources) = (Vec::new(), Vec::new());
            for class in Class::ALL {
                // A lake may be of one class.
                let Some(day) = lake.as_of(class, NaiveDate::MAX) else { continue };
                let day = rows_of(lake, class, day)?;
                known.extend(day.rows.iter().map(|row| Known::of(class, &day.columns, row)));
                sources.extend(day.day.map(|day| format!("the lake, {} of {day}", plural(class))));
            }
            Ok((known, sources))
        })
        .await
    }

    /// The securities that were perhaps meant; none if that cannot be found out.
    pub(crate) async fn candidates(&self, asked: &str) -> Vec<String> {
        let Ok((known, _)) = self.known().await else { return Vec::new() };
        let near = search(&known, asked).into_iter().take(CANDIDATES);
        near.map(|one| format!("{} ({})", one.ticker, cut(&one.name, NAME))).collect()
    }

    /// An error with the tickers that were perhaps meant.
    async fn refusal(&self, error: Error, asked: &str) -> Refusal {
        let candidates = match &error {
            Error::ChooseTicker { candidates, .. } => {
                let named = |one: &Candidate| format!("{} ({})", one.ticker, cut(&one.name, NAME));
                candidates.iter().take(CANDIDATES).map(named).collect()
            }
            error if ["unknown_ticker", "invalid_ticker"].contains(&error.kind()) => {
                self.candidates(asked).await
            }
            _ => Vec::new(),
        };
        Refusal::of(error, &candidates)
    }

    /// Reads a ticker as people write it.
    pub(crate) async fn ticker(&self, text: &str) -> Result<Ticker, Refusal> {
        match ticker(text) {
            Ok(ticker) => Ok(ticker),
            Err(invalid) => Err(self.refusal(invalid.into(), text).await),
        }
    }
}

fn rows_of(lake: &History, class: Class, asked: NaiveDate) -> Result<Rows, Refusal> {
    let first = lake.days(class).first();
    let day = lake.as_of(class, asked).ok_or_else(|| match first {
        Some(first) => Refusal::new(
            format!("the lake has no {} up to {asked}", plural(class)),
            &format!("Its first day is {first}."),
        ),
        None => Refusal::new(format!("the lake has no {}", plural(class)), "Ask without as_of."),
    })?;
    let batch = lake.day(class, day).map_err(|error| Refusal::of(error, &[]))?;
    let mut rows = batch.rows;
    if class == Class::Fii {
        rows.iter_mut().for_each(|row| row.extend(holdings::shares(row)));
    }
    let columns = sector::columns(class, true);
    Ok(Rows { columns, rows, day: Some(day), numbers: BTreeMap::new(), notes: Vec::new() })
}

/// A day of an argument.
pub(crate) fn day_of(text: Option<&str>) -> Result<Option<NaiveDate>, Refusal> {
    text.map(|text| {
        day(text)
            .map_err(|expected| Refusal::new(format!("`{}`: {expected}", cut(text, 40)), "Correct the day."))
    })
    .transpose()
}
