//! The securities that were sent to the queues and the findings about their lists, as a day keeps them for its reconciliation.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use pynvest::Class;
use pynvest::lake::pipeline::{class_word, partition};
use pynvest::lake::{Layer, PARTITION};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;

/// A sidecar of Spec, where the day ends.
const LAYER: Layer = Layer::Spec;

/// Where a day keeps what its reconciliation needs and says, of a class or a table.
pub(super) fn key(of: &str, day: NaiveDate, file: &str) -> String {
    format!("_reconciliation/{of}/{PARTITION}={}/{file}", partition(day))
}

/// The securities of a class that were sent to its queue.
#[derive(Serialize, Deserialize)]
pub(super) struct Sent {
    anomesdia_exec: i32,
    pub(super) sent: BTreeSet<String>,
    /// When, in whole seconds as captures have it; those of older versions do not say.
    #[serde(default)]
    pub(super) sent_at: Option<DateTime<Utc>>,
}

/// Leaves what will be sent. Before it is: what dies then has sent less, and the day is missed.
pub(super) async fn leave_sent<'a>(
    app: &App,
    class: Class,
    day: NaiveDate,
    tickers: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let sent_at = Some(Utc::now().trunc_subsecs(0));
    let sent = Sent { anomesdia_exec: partition(day), sent: tickers.map(str::to_owned).collect(), sent_at };
    leave(app, &key(class_word(class), day, "sent.json"), &sent).await
}

/// The securities of a class that were sent; `None` if none were, as on a day that never began.
pub(super) async fn sent(app: &App, class: Class, day: NaiveDate) -> Result<Option<Sent>, Error> {
    read(app, &key(class_word(class), day, "sent.json")).await
}

/// What the comparison of a list with the last one says.
#[derive(Serialize, Deserialize)]
pub(super) struct ListReport {
    anomesdia_exec: i32,
    /// Whether nothing of it is sent.
    pub(super) waits: bool,
    /// The findings; the first says why it waits.
    pub(super) findings: Vec<String>,
}

impl ListReport {
    pub(super) fn new(day: NaiveDate, waits: bool, findings: Vec<String>) -> Self {
        Self { anomesdia_exec: partition(day), waits, findings }
    }

    pub(super) async fn leave(&self, app: &App, class: Class, day: NaiveDate) -> Result<(), Error> {
        leave(app, &key(class_word(class), day, "list.json"), self).await
    }

    /// The report of a day; `None` if nothing was sent on it, or an older version has sent it.
    pub(super) async fn read(app: &App, class: Class, day: NaiveDate) -> Result<Option<Self>, Error> {
        read(app, &key(class_word(class), day, "list.json")).await
    }
}

/// An object of the reconciliation; `None` if it is not there.
pub(super) async fn read<T: DeserializeOwned>(app: &App, key: &str) -> Result<Option<T>, Error> {
    let Some((bytes, _)) = app.lake.get(LAYER, key).await? else { return Ok(None) };
    let bad = |source| Error::BadObject { place: app.lake.location(LAYER, key), source };
    serde_json::from_slice(&bytes).map(Some).map_err(bad)
}

/// Leaves an object of the reconciliation.
pub(super) async fn leave(app: &App, key: &str, what: &impl Serialize) -> Result<(), Error> {
    // Texts and numbers always have a JSON form.
    let json = serde_json::to_vec(what).unwrap_or_default();
    app.lake.leave(LAYER, key, json, "application/json").await.map(drop)
}
