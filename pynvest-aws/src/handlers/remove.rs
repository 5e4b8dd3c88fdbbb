//! Step 1: what is removed before a day is read.

use pynvest::Class;
use pynvest::lake::{Beside, Layer, PARTITION, TABLES, partition};
use serde_json::{Value, json};

use super::done;
use crate::app::{App, day};
use crate::error::Error;

/// Removes the day from all tables, but only once the site has shown that it can be read again.
pub(super) async fn check_and_delete_partitions(app: &App, event: &Value) -> Result<Value, Error> {
    let day = day(event)?;
    let site = app.site()?;
    for class in [Class::Stock, Class::Fii] {
        app.tickers(&site, class).await?;
    }
    let (mut objects, mut partitions) = (0, 0);
    for table in &TABLES {
        let mut found = app.lake.objects(table, day).await?;
        if table.layer == Layer::Sot {
            found.extend(app.lake.beside(Beside::Rejected, table, day).await?);
        }
        let deleted = app.lake.delete_all(table.layer, &found).await?;
        let known = app.lake.unregister(table, day).await?;
        tracing::info!(table = table.name, %day, objects = deleted, partition = known, "the day is removed");
        objects += deleted;
        partitions += usize::from(known);
    }
    Ok(done(&json!({PARTITION: partition(day), "objects": objects, "partitions": partitions})))
}
