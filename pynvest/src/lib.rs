#![doc = include_str!("../README.md")]

mod cell;
#[cfg(feature = "client")]
mod client;
pub mod column;
mod dividend;
mod error;
mod fii;
mod html;
mod list;
mod page;
mod sheet;
mod stock;
mod ticker;

#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder};
pub use dividend::{Dividend, DividendKind};
pub use error::Error;
pub use fii::Fii;
pub use html::Grid;
pub use list::{FiiRow, List, StockRow};
pub use page::{Candidate, Page};
pub use sheet::{Details, Layout, Pair, Sheet};
pub use stock::Stock;
pub use ticker::{Class, Ticker};
