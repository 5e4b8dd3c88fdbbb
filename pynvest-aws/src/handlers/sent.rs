//! The papers that were sent to the queues, as a day keeps them for its reconciliation.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::lake::pipeline::{class_word, partition};
use pynvest::lake::{Layer, PARTITION};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;

/// Beside Spec, where the day ends.
const LAYER: Layer = Layer::Spec;

/// Where a day keeps what its reconciliation needs and says, of a class or a table.
pub(super) fn key(of: &str, day: NaiveDate, file: &str) -> String {
    format!("_reconciliation/{of}/{PARTITION}={}/{file}", partition(day))
}

/// The papers of a class that were sent to its queue.
#[derive(Serialize, Deserialize)]
struct Sent {
    anomesdia_exec: i32,
    sent: BTreeSet<String>,
}

/// Leaves what will be sent. Before it is: what dies then has sent less, and the day is missed.
pub(super) async fn leave_sent<'a>(
    app: &App,
    class: Class,
    day: NaiveDate,
    tickers: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let sent = Sent { anomesdia_exec: partition(day), sent: tickers.map(str::to_owned).collect() };
    leave(app, &key(class_word(class), day, "sent.json"), &sent).await
}

/// What was sent of a class; `None` if nothing was, as on a day that never began.
pub(super) async fn sent(app: &App, class: Class, day: NaiveDate) -> Result<Option<BTreeSet<String>>, Error> {
    let sent: Option<Sent> = read(app, "what was sent", &key(class_word(class), day, "sent.json")).await?;
    Ok(sent.map(|sent| sent.sent))
}

/// An object of the reconciliation; `None` if it is not there.
pub(super) async fn read<T: DeserializeOwned>(app: &App, what: &str, key: &str) -> Result<Option<T>, Error> {
    let Some((bytes, _)) = app.lake.get(LAYER, key).await? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::Aws {
        service: "S3",
        doing: format!("read {what} in {}", app.lake.location(LAYER, key)),
        source: error.into(),
    })
}

/// Leaves an object of the reconciliation.
pub(super) async fn leave(app: &App, key: &str, what: &impl Serialize) -> Result<(), Error> {
    // Texts and numbers always have a JSON form.
    let json = serde_json::to_vec(what).unwrap_or_default();
    app.lake.leave(LAYER, key, json, "application/json").await.map(drop)
}
