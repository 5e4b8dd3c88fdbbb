//! The data lake of pynvest on AWS: the functions of the day, in the order in which it goes.
//!
//! | file | what it alone knows |
//! |---|---|
//! | `handlers.rs` | the six steps of the day |
//! | `event.rs` | what AWS delivers |
//! | `lake.rs` | S3 and Glue |
//! | `queues.rs` | SQS |
//! | `app.rs` | the environment, and what is made once |
//! | `metrics.rs` | CloudWatch's embedded metric format |
//! | `error.rs` | what can go wrong |

mod app;
mod error;
mod event;
mod handlers;
mod lake;
mod metrics;
mod queues;

pub use app::{App, log_as_json};
pub use error::{Error, chain};
pub use handlers::{Function, handle};
