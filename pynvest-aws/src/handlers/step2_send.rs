//! Step 2: sends one message for each ticker of the lists.

pub(super) mod lists;

use pynvest::lake::PARTITION;
use pynvest::lake::pipeline::{class_word, partition};
use pynvest::{Class, Ticker};
use serde_json::{Value, json};

use super::answer::{done, name_first};
use super::sent::{self, ListReport};
use crate::app::{App, day};
use crate::error::Error;
use crate::event::{self, Message};
use crate::metrics;

/// Sends a message for every security of the lists that check-and-delete has handed over, or else of those of the site. Sent again
/// by a run that is repeated, a security is captured again, and dedup keeps the newest. Of a list that waits nothing is sent.
pub(super) async fn get_tickers(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let accept = event::accept(event)?;
    app.check_shown(day)?;
    let lists = match event::lists(event)? {
        Some(lists) => lists,
        None => lists::read_lists(app, day, accept).await?,
    };
    let lists = || Class::ALL.into_iter().zip(&lists);
    let to_send = || lists().filter(|(_, list)| !list.waits);
    // What is known of both lists is there before the first message goes.
    for (class, list) in to_send() {
        app.check_count(class, list.tickers.len())?;
    }
    for (class, list) in lists() {
        ListReport::new(day, list.waits, list.findings.clone()).leave(app, class, day).await?;
    }
    for (class, list) in to_send() {
        sent::leave_sent(app, class, day, list.tickers.iter().map(Ticker::as_str)).await?;
    }
    let mut body = json!({PARTITION: partition(day)});
    let (mut waiting, mut findings) = (Vec::new(), Vec::new());
    for (class, list) in lists() {
        body[class_word(class)] = json!(list.tickers.len());
        findings.extend(list.findings.iter().cloned());
        if list.waits {
            waiting.push(class_word(class));
            tracing::error!(%class, %day, "nothing is sent: the list waits until a later one says the same or it is accepted");
            continue;
        }
        let message = |ticker: &Ticker| Message { day, ticker: ticker.clone(), class };
        let messages: Vec<Message> = list.tickers.iter().map(message).collect();
        app.queues.send(class, &messages).await?;
        tracing::info!(%class, %day, tickers = messages.len(), "sent the tickers to the queue");
    }
    metrics::count("TickersSent", None, to_send().map(|(_, list)| list.tickers.len()).sum());
    if !waiting.is_empty() {
        body["waiting"] = json!(waiting);
    }
    if !findings.is_empty() {
        name_first(&mut body, "findings", &findings);
    }
    Ok(done(&body))
}
