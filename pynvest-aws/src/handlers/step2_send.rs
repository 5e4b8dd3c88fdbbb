//! Step 2: which papers are asked for.

use pynvest::Class;
use pynvest::lake::PARTITION;
use pynvest::lake::pipeline::partition;
use serde_json::{Value, json};

use super::{done, sent};
use crate::app::{App, day};
use crate::error::Error;
use crate::event::Message;
use crate::metrics;

/// Sends a message for every paper. Sent again by a run that is repeated, a paper is captured again, and dedup keeps the newest.
pub(super) async fn get_tickers(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let site = app.site().await?;
    let messages = async |class| -> Result<Vec<Message>, Error> {
        let tickers = app.tickers(&site, class).await?.into_iter();
        Ok(tickers.map(|ticker| Message { day, ticker, class }).collect())
    };
    // Both lists are there before the first message goes.
    let (stocks, fiis) = (messages(Class::Stock).await?, messages(Class::Fii).await?);
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
