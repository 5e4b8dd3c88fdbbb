//! The data lake of pynvest on AWS: the functions of the day, in the order in which it goes.
//!
//! | file | what it alone knows |
//! |---|---|
//! | `handlers.rs` | which function does which step of the day; they are in `handlers/step1_…` to `step6_…` |
//! | `handlers/add_rows.rs` | how rows come to a day that is compacted, and to one that is not |
//! | `handlers/sent.rs` | the papers that were sent to the queues |
//! | `handlers/sor_snapshot.rs` | of SoR, the newest capture of each paper |
//! | `handlers/sidecar.rs` | doubts and rejected rows at the end of a day |
//! | `handlers/findings.rs` | what differs from the day before |
//! | `handlers/class_report.rs` | what dedup of a class leaves for the end of the day |
//! | `handlers/reconciliation.rs` | whether a day is whole |
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
