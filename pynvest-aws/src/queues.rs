//! SQS: the queue of each class, in batches of ten messages.

use aws_sdk_sqs::types::{QueueAttributeName, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use backon::{BackoffBuilder, ExponentialBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use pynvest::{Class, Ticker};

use crate::error::Error;
use crate::event::Message;

/// As many entries as SQS takes at once.
const BATCH: usize = 10;
const BATCHES_AT_A_TIME: usize = 8;

#[derive(Debug)]
pub(crate) struct Queues {
    sqs: aws_sdk_sqs::Client,
    /// A URL, or a name to look up: stocks and FIIs.
    names: [String; 2],
    /// The same of their dead-letter queues.
    dead: [String; 2],
}

/// A message that SQS did not take, and what it says.
struct Refused {
    ticker: Ticker,
    reason: String,
}

impl Queues {
    pub(crate) fn new(sdk: &SdkConfig, names: [String; 2], dead: [String; 2]) -> Self {
        Self { sqs: aws_sdk_sqs::Client::new(sdk), names, dead }
    }

    /// How many messages are in the dead-letter queue of a class, of whatever day.
    pub(crate) async fn dead_letters(&self, class: Class) -> Result<usize, Error> {
        let url = self.url(of(class, &self.dead)).await?;
        let wanted = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.sqs.get_queue_attributes().queue_url(&url).attribute_names(wanted.clone()).send();
        let refused =
            |source| Error::Aws { service: "SQS", doing: format!("say how much is in {url}"), source };
        let attributes = asked.await.map_err(|error| refused(error.into()))?.attributes.unwrap_or_default();
        let count = attributes.get(&wanted).and_then(|count| count.parse().ok());
        count.ok_or_else(|| refused("the answer has no number".into()))
    }

    /// Sends all messages of a class, and says which could not be sent only after trying each of them.
    pub(crate) async fn send(&self, class: Class, messages: &[Message]) -> Result<(), Error> {
        let url = self.url(of(class, &self.names)).await?;
        let refused: Vec<Vec<Refused>> = stream::iter(messages.chunks(BATCH))
            .map(async |batch| self.send_batch(&url, batch).await)
            .buffer_unordered(BATCHES_AT_A_TIME)
            .try_collect()
            .await?;
        let count = refused.iter().map(Vec::len).sum();
        match refused.into_iter().flatten().next() {
            Some(Refused { ticker, reason }) => {
                Err(Error::NotSent { count, all: messages.len(), ticker, reason })
            }
            None => Ok(()),
        }
    }

    async fn url(&self, name: &str) -> Result<String, Error> {
        if name.starts_with("https://") || name.starts_with("http://") {
            return Ok(name.to_owned());
        }
        let missing =
            |source| Error::Aws { service: "SQS", doing: format!("say where queue {name} is"), source };
        let found =
            self.sqs.get_queue_url().queue_name(name).send().await.map_err(|error| missing(error.into()))?;
        found.queue_url.ok_or_else(|| missing("the answer has no URL".into()))
    }

    /// Only what SQS reports as failed is sent again.
    async fn send_batch(&self, url: &str, batch: &[Message]) -> Result<Vec<Refused>, Error> {
        let entry = |(place, message): (usize, &Message)| {
            SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(message.body()).build()
        };
        let bad = |source: Box<dyn std::error::Error + Send + Sync>| Error::Aws {
            service: "SQS",
            doing: format!("take messages into {url}"),
            source,
        };
        let mut left = batch
            .iter()
            .enumerate()
            .map(entry)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| bad(error.into()))?;
        let mut refused = Vec::new();
        let mut pauses = ExponentialBuilder::default().with_jitter().with_max_times(4).build();
        loop {
            let sent =
                self.sqs.send_message_batch().queue_url(url).set_entries(Some(left.clone())).send().await;
            // A call that fails as a whole has been repeated by the SDK.
            let failed = sent.map_err(|error| bad(error.into()))?.failed;
            let pause = pauses.next();
            left.retain(|entry| {
                let Some(failure) = failed.iter().find(|failure| failure.id == entry.id) else {
                    return false;
                };
                let again = !failure.sender_fault && pause.is_some();
                if !again {
                    refused.extend(failure.id.parse().ok().and_then(|place: usize| batch.get(place)).map(
                        |message| Refused {
                            ticker: message.ticker.clone(),
                            reason: failure.message.clone().unwrap_or_else(|| failure.code.clone()),
                        },
                    ));
                }
                again
            });
            match pause {
                Some(pause) if !left.is_empty() => tokio::time::sleep(pause).await,
                _ => return Ok(refused),
            }
        }
    }
}

fn of(class: Class, [stocks, fiis]: &[String; 2]) -> &str {
    match class {
        Class::Stock => stocks,
        Class::Fii => fiis,
    }
}
