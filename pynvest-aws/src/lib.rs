//! The data lake of pynvest on AWS: the functions of the day, in the order in which it goes.
//!
//! | file | what it alone knows |
//! |---|---|
//! | `handlers.rs` | the six steps of the day, one file each in `handlers/` |
//! | `event.rs` | what AWS delivers |
//! | `lake.rs` | S3 and Glue; what the objects are called, the library knows |
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
