//! The data lake of pynvest on AWS: the functions of the day, in their order.
//!
//! | file | what it alone knows |
//! |---|---|
//! | `handlers.rs` | which function does which step of the day; they are in `handlers/step1_…` to `step6_…` |
//! | `handlers/step2_send/lists.rs` | whether a list of the site is like the last one |
//! | `handlers/step3_read/from_pages.rs` | how the kept pages of a day are read again |
//! | `handlers/step3_read/parts.rs` | the rows and pages of a day on their way into SoR |
//! | `handlers/answer.rs` | what a function answers |
//! | `handlers/add_rows.rs` | how rows come to a day that is compacted, and to one that is not |
//! | `handlers/sent.rs` | the securities that were sent to the queues, and the findings about their lists |
//! | `handlers/sor_snapshot.rs` | of SoR, the newest capture of each security |
//! | `handlers/sidecar.rs` | doubts and rejected rows at the end of a day |
//! | `handlers/findings.rs` | what differs from the day before |
//! | `handlers/judgement.rs` | whether the rows of a class may be published, by comparison with the last day |
//! | `handlers/class_report.rs` | what dedup of a class leaves for the end of the day |
//! | `handlers/reconciliation.rs` | whether a day is whole |
//! | `event.rs` | what AWS delivers |
//! | `lake.rs` | S3; what the objects are called, the library knows |
//! | `catalog.rs` | Glue: the partitions of the tables |
//! | `queues.rs` | SQS |
//! | `app.rs` | the environment, and what is made once |
//! | `metrics.rs` | CloudWatch's embedded metric format |
//! | `error.rs` | what can go wrong |

mod app;
mod catalog;
mod error;
mod event;
mod handlers;
mod lake;
mod metrics;
mod queues;

pub use app::{App, log_as_json};
pub use error::{Error, chain};
pub use handlers::{Function, handle};
