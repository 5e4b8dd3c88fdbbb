#![doc = include_str!("../README.md")]

#[cfg(feature = "parquet")]
mod batch;
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
mod quote;
mod sheet;
mod stock;
#[cfg(feature = "parquet")]
pub mod table;
mod ticker;

#[cfg(feature = "parquet")]
pub use batch::Batch;
pub use cell::brasilia;
#[cfg(feature = "client")]
pub use client::{Capture, Client, ClientBuilder};
pub use dividend::{Dividend, DividendKind};
pub use error::Error;
pub use fii::Fii;
pub use html::Grid;
pub use list::{FiiRow, List, StockRow};
pub use page::{Candidate, Page};
pub use quote::Quote;
pub use sheet::{Details, Layout, Pair, Sheet};
pub use stock::Stock;
pub use ticker::{Class, Ticker};
