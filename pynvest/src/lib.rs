#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
mod client;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "parquet")]
pub mod lake;
pub mod page;
pub mod record;

#[cfg(feature = "client")]
pub use client::capture::Capture;
#[cfg(feature = "client")]
pub use client::sectors::{SectorStocks, Sectors};
#[cfg(feature = "client")]
pub use client::{Client, settings::ClientBuilder};
pub use error::Error;
pub use page::{Dividend, FiiRow, Page, SecurityName, Sheet, StockRow};
pub use record::{Class, Details, Fii, Stock, Ticker};
