//! The day, from top to bottom: which function does what.

mod add_rows;
mod answer;
mod class_report;
mod findings;
mod judgement;
mod reconciliation;
mod sent;
mod sidecar;
mod sor_snapshot;
mod step1_remove;
mod step2_send;
mod step3_read;
mod step4_5_derive;
mod step6_dedup;

use std::str::FromStr;
use std::time::SystemTime;

use futures_util::FutureExt;
use pynvest::Class;
use pynvest::lake::{Layer, Table};
use serde_json::Value;

use crate::app::App;
use crate::error::Error;

/// One of the functions: each is called by what it does, and those that come by class or table by that too.
#[derive(Debug, Clone, Copy)]
pub enum Function {
    /// 1. Makes room for the day.
    CheckAndDeletePartitions,
    /// 2. Sends each security to the queue of its class.
    GetTickers,
    /// 3. Reads securities of a class: SoR.
    GetFinancialData(Class),
    /// 4. Types the rows of a class: SoT.
    PrepFinancialData(Class),
    /// 5. Takes out the columns that both classes share: Spec.
    SpecializeFinancialData,
    /// 6. Leaves one row a security in a table.
    DedupFinancialData(&'static Table),
}

impl FromStr for Function {
    type Err = Error;

    /// The handler of a function is its name without `pynvest-lambda-`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFunction`].
    fn from_str(handler: &str) -> Result<Self, Error> {
        Ok(match handler {
            "check-and-delete-partitions" => Self::CheckAndDeletePartitions,
            "get-tickers" => Self::GetTickers,
            "get-financial-data-for-acoes" => Self::GetFinancialData(Class::Stock),
            "get-financial-data-for-fiis" => Self::GetFinancialData(Class::Fii),
            "prep-financial-data-for-acoes" => Self::PrepFinancialData(Class::Stock),
            "prep-financial-data-for-fiis" => Self::PrepFinancialData(Class::Fii),
            "specialize-financial-data" => Self::SpecializeFinancialData,
            "dedup-financial-data-for-acoes" => Self::DedupFinancialData(Table::of(Layer::Sot, Class::Stock)),
            "dedup-financial-data-for-fiis" => Self::DedupFinancialData(Table::of(Layer::Sot, Class::Fii)),
            "dedup-financial-data-for-spec-ativos" => {
                Self::DedupFinancialData(Table::of(Layer::Spec, Class::Stock))
            }
            _ => return Err(Error::UnknownFunction { handler: handler.to_owned() }),
        })
    }
}

/// Does the function's work on an event, in time before `deadline`. The answer has `status_code`, and in `body` what was
/// done: counts and places.
///
/// # Errors
///
/// The cause of the failure. It is always safe to try again.
pub async fn handle(
    app: &App,
    function: Function,
    event: Value,
    deadline: SystemTime,
) -> Result<Value, Error> {
    // Boxed: all steps, each in the other, are deeper than the compiler looks.
    dispatch(app, function, event, deadline).boxed_local().await
}

async fn dispatch(app: &App, function: Function, event: Value, deadline: SystemTime) -> Result<Value, Error> {
    match function {
        Function::CheckAndDeletePartitions => step1_remove::check_and_delete_partitions(app, &event).await,
        Function::GetTickers => step2_send::get_tickers(app, &event).await,
        Function::GetFinancialData(class) => {
            step3_read::get_financial_data(app, class, event, deadline).await
        }
        Function::PrepFinancialData(class) => {
            let sor = [Table::of(Layer::Sor, class)];
            step4_5_derive::derive(app, &sor, Table::of(Layer::Sot, class), event, step4_5_derive::prep).await
        }
        Function::SpecializeFinancialData => {
            let sot = Class::ALL.map(|class| Table::of(Layer::Sot, class));
            let spec = Table::of(Layer::Spec, Class::Stock);
            step4_5_derive::derive(app, &sot, spec, event, step4_5_derive::specialize).await
        }
        Function::DedupFinancialData(table) => step6_dedup::dedup_financial_data(app, table, &event).await,
    }
}
