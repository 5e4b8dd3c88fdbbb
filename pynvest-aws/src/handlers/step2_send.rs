//! Step 2: which papers are asked for.

use pynvest::lake::PARTITION;
use pynvest::lake::pipeline::partition;
use pynvest::{Class, Ticker};
use serde_json::{Value, json};

use super::{done, sent};
use crate::app::{App, day};
use crate::error::Error;
use crate::event::{self, Message};
use crate::metrics;

/// Sends a message for every paper of the lists that check-and-delete has handed over, or else of those of the site. Sent again
/// by a run that is repeated, a paper is captured again, and dedup keeps the newest.
pub(super) async fn get_tickers(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    // Both lists are there before the first message goes.
    let [stocks, fiis] = match event::lists(event)? {
        Some(lists) => lists,
        None => app.lists().await?,
    };
    let messages = |class, tickers: Vec<Ticker>| -> Result<Vec<Message>, Error> {
        app.check_count(class, tickers.len())?;
        Ok(tickers.into_iter().map(|ticker| Message { day, ticker, class }).collect())
    };
    let (stocks, fiis) = (messages(Class::Stock, stocks)?, messages(Class::Fii, fiis)?);
    for (class, messages) in [(Class::Stock, &stocks), (Class::Fii, &fiis)] {
        let papers = messages.iter().map(|message| message.ticker.as_str());
        sent::leave_sent(app, class, day, papers).await?;
    }
    for (class, messages) in [(Class::Stock, &stocks), (Class::Fii, &fiis)] {
        app.queues.send(class, messages).await?;
        tracing::info!(%class, %day, tickers = messages.len(), "the papers are in the queue");
    }
    metrics::count("TickersSent", None, stocks.len() + fiis.len());
    Ok(done(&json!({PARTITION: partition(day), "acoes": stocks.len(), "fiis": fiis.len()})))
}
