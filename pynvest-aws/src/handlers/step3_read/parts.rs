//! The rows and pages of a day on their way into SoR, and the object that they become.

use std::io;

use chrono::{DateTime, FixedOffset, NaiveDate};
use pynvest::lake::pipeline::{self, Archive, Key, Sidecar, SorRow};
use pynvest::lake::{Batch, Doubted, Layer, Row, Table};
use pynvest::{Class, Sheet, Ticker};

use crate::app::App;
use crate::error::Error;
use crate::event::Message;

/// Ends the name of an archive of pages that could not be read, and of the part that a later version makes of it.
pub(super) const UNREAD: &str = "-unread";

/// Rows that were read for a day.
#[derive(Default)]
pub(super) struct DayParts {
    pub(super) rows: Vec<(Message, Row)>,
    /// Doubts about the labels of the pages.
    pub(super) doubts: Vec<Doubted>,
    /// The pages that were read.
    pub(super) read: Pages,
    /// The pages that could not be read: the next version may read them. They never replace a page that was read.
    pub(super) unread: Pages,
}

/// The pages of a day, and whose they are.
#[derive(Default)]
pub(super) struct Pages {
    archive: Option<Archive<Vec<u8>>>,
    tickers: Vec<Ticker>,
}

/// A part of SoR, and the messages that it answers.
pub(super) struct Part {
    pub(super) key: Key,
    pub(super) messages: Vec<Message>,
    pub(super) sor: Batch,
    pub(super) doubts: Vec<Doubted>,
}

impl Pages {
    pub(super) fn add(
        &mut self,
        ticker: &Ticker,
        captured_at: DateTime<FixedOffset>,
        page: &[u8],
    ) -> io::Result<()> {
        let archive = match &mut self.archive {
            Some(archive) => archive,
            none => none.insert(Archive::new(Vec::new())?),
        };
        self.tickers.push(ticker.clone());
        archive.add(ticker.as_str(), captured_at, page)
    }

    /// The archive, and the name of the part of its securities; `None` without a page.
    pub(super) fn finish(mut self, class: Class) -> io::Result<Option<(String, Vec<u8>)>> {
        let Some(archive) = self.archive else { return Ok(None) };
        self.tickers.sort();
        let name = Key::name_of(class, self.tickers.iter().map(Ticker::as_str));
        Ok(Some((name, archive.finish()?)))
    }
}

impl DayParts {
    /// The rows and their doubts, in the order of the securities. The name of the part has this ending.
    pub(super) fn part(mut self, class: Class, day: NaiveDate, ending: &str) -> Part {
        self.rows.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.doubts.sort_by(|one, other| one.ticker.cmp(&other.ticker));
        let (messages, rows): (Vec<Message>, Vec<Row>) = self.rows.into_iter().unzip();
        let name = Key::name_of(class, messages.iter().map(|message| message.ticker.as_str()));
        let key = Key::part(Table::of(Layer::Sor, class), day, &(name + ending));
        Part { messages, sor: Batch { table: key.table, rows }, key, doubts: self.doubts }
    }
}

/// The row of a security.
pub(super) fn security(
    sheet: Result<Sheet, pynvest::Error>,
    captured_at: DateTime<FixedOffset>,
    Message { ticker, class, .. }: &Message,
) -> Result<SorRow, Error> {
    let bad = |source| Error::Pynvest { doing: format!("{ticker} cannot be read"), source };
    let sheet = sheet.map_err(bad)?;
    let found = sheet.layout().class();
    if found != *class {
        return Err(bad(pynvest::Error::OtherClass { ticker: ticker.clone(), wanted: *class, found }));
    }
    pipeline::sor_row(&sheet, captured_at).map_err(bad)
}

/// Writes a part, after the doubts about its labels. It is added to the day even if the day has ended: SoR has every capture.
pub(super) async fn write(app: &App, key: &Key, sor: &Batch, odd: &[Doubted]) -> Result<(), Error> {
    if let Some((Doubted { ticker, .. }, doubt)) =
        odd.first().and_then(|security| Some((security, security.doubts.first()?)))
    {
        let securities = odd.len();
        tracing::warn!(%key, securities, doubt = doubt.kind, "pages have doubts about their labels, first {ticker}: {doubt}");
    }
    let lines = odd.iter().map(Doubted::lines).collect();
    app.lake.leave_lines(Layer::Sor, &key.beside(Sidecar::Doubts), lines).await?;
    app.lake.write(key, sor).await
}
