//! The Brazilian stock-data site Fundamentus on loopback, for tests, examples and benches.
//!
//! An [`Exchange`] invents securities and prints their pages as the site does, odd cases included; a
//! folder of saved [`Pages`] serves those. A [`Replica`] puts either on a port of loopback, lets
//! [`Fault`]s happen on request, and remembers who asked for what.
//!
//! ```
//! use replica::{Exchange, Fault, Replica};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let exchange = Exchange::builder().stocks(20).fiis(10).build();
//! assert!(exchange.details("PINV4").is_some_and(|page| page.contains("57,48")));
//!
//! let replica = Replica::start(exchange).await?;
//! replica.fault(Fault::Unavailable { retry_after: None }.on("PINV4").first(2));
//! assert!(replica.url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```

mod answer;
mod charset;
mod draw;
mod exchange;
mod fault;
mod folder;
mod glossary;
mod invent;
mod log;
mod number;
mod page;
mod securities;
mod security;
mod server;
mod site;
mod spoil;

pub use charset::latin1;
pub use exchange::{Builder, Edition, Exchange};
pub use fault::{Charset, Fault, Rule, RuleError};
pub use folder::Pages;
pub use log::Request;
pub use server::Replica;
pub use site::Site;
