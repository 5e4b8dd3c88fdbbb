//! The lists of the site, each compared with the last one before a message is sent, by the same comparison as in a directory.

use chrono::NaiveDate;
use pynvest::lake::pipeline::{ListBefore, ListMemory, ListVerdict, Listing, Sidecar, day_of};
use pynvest::lake::{Layer, Table};
use pynvest::page::FailedRow;
use pynvest::{Class, Client};

use crate::app::App;
use crate::error::Error;
use crate::event::{List, Lists};
use crate::handlers::judgement::{TRIED, last_rows};

/// Reads both lists and compares them. Nothing is kept before both have as many tickers as is plausible.
pub(in crate::handlers) async fn read_lists(app: &App, day: NaiveDate, accept: bool) -> Result<Lists, Error> {
    let site = app.site().await?;
    let (stocks, fiis) = (listing(app, &site, Class::Stock).await?, listing(app, &site, Class::Fii).await?);
    Ok([judged(app, stocks, day, accept).await?, judged(app, fiis, day, accept).await?])
}

async fn listing(app: &App, site: &Client, class: Class) -> Result<Listing, Error> {
    let listing = site.listing(class).await.map_err(|source| {
        let doing = format!("the list of every {} cannot be read", class.noun());
        Error::Pynvest { doing, source }
    })?;
    for FailedRow { ticker, row, reason, .. } in &listing.tickers.failed {
        tracing::warn!(%class, ticker, row, error = reason.kind(), "a row of the list cannot be read: {reason}");
    }
    if !listing.tickers.repeated.is_empty() {
        tracing::info!(%class, repeated = ?listing.tickers.repeated, "the list has duplicate tickers; the first row of each is kept");
    }
    app.check_count(class, listing.tickers.rows.len())?;
    Ok(listing)
}

/// Compares a list with the last one, and keeps it for the next day.
async fn judged(app: &App, listing: Listing, day: NaiveDate, accept: bool) -> Result<List, Error> {
    let class = listing.class;
    let table = Table::of(Layer::Sot, class);
    let Kept { last, mut today, unread } = kept(app, table, day).await?;
    // The same event may come twice: only the list of another day is a second opinion.
    if let Some(today) = &mut today {
        today.waiting.clear();
    }
    // Dedup says which days are passed over.
    let (rows, _) = last_rows(app, table, day).await?;
    let before = ListBefore {
        last: last.as_ref(),
        today: today.as_ref(),
        pages: rows.as_ref().map(|(day, rows)| (*day, rows)),
    };
    let verdict = ListVerdict::new(&listing, day, &before, accept);
    for finding in &verdict.findings {
        tracing::warn!(%class, %day, finding = finding.kind, waits = verdict.waits, "{finding}");
    }
    for accepted in &verdict.accepted {
        tracing::info!(%class, %day, "accepted a list that contradicts the last one: {accepted}");
    }
    let json = verdict.memory.to_json().into_bytes();
    app.lake.leave(Layer::Sot, &ListMemory::key(table, day), json, "application/json").await?;
    let mut findings: Vec<String> = verdict.findings.iter().map(ToString::to_string).collect();
    findings.extend(
        unread
            .iter()
            .map(|key| format!("{key} cannot be read, and takes no part in the comparison of the list")),
    );
    let tickers = if verdict.waits { Vec::new() } else { listing.tickers.rows };
    Ok(List { tickers, waits: verdict.waits, findings })
}

/// Lists of a class that were kept: of the last day before, and of the day itself.
struct Kept {
    last: Option<ListMemory>,
    today: Option<ListMemory>,
    /// The keys of those that cannot be read; the log names all.
    unread: Vec<String>,
}

async fn kept(app: &App, table: &Table, day: NaiveDate) -> Result<Kept, Error> {
    let objects = app.lake.listed(Layer::Sot, &Sidecar::Profile.all(table)).await?;
    let days = objects.iter().filter_map(|object| {
        let day = day_of(object.key.split('/').nth(2)?)?;
        (object.key == ListMemory::key(table, day)).then_some(day)
    });
    let mut days: Vec<NaiveDate> = days.filter(|of| *of <= day).collect();
    days.sort_unstable();
    let mut kept = Kept { last: None, today: None, unread: Vec::new() };
    for of in days.into_iter().rev() {
        let key = ListMemory::key(table, of);
        let Some((bytes, _)) = app.lake.get(Layer::Sot, &key).await? else { continue };
        match ListMemory::from_json(&bytes) {
            Some(list) if of == day => kept.today = Some(list),
            Some(list) => {
                kept.last = Some(list);
                break;
            }
            None => {
                tracing::warn!(key, "the kept list cannot be read");
                if kept.unread.len() < TRIED {
                    kept.unread.push(key);
                }
            }
        }
    }
    Ok(kept)
}
