#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
mod client;
mod error;
#[cfg(feature = "parquet")]
pub mod lake;
pub mod page;
pub mod record;

#[cfg(feature = "client")]
pub use client::capture::Capture;
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder};
pub use error::Error;
pub use page::{Dividend, FiiRow, Page, Sheet, StockRow};
pub use record::{Class, Details, Fii, Stock, Ticker};
