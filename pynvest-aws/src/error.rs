//! Errors on AWS, named by what the operator can do.

use chrono::NaiveDate;
use pynvest::Class;
use pynvest::record::one_or_many;

/// Why a step of the day failed. The text is one sentence that names the thing; the cause is in
/// [`source`](std::error::Error::source), and [`chain`] joins both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An environment variable is missing.
    #[error("the environment variable {name} is not set")]
    MissingVariable {
        /// Its name.
        name: &'static str,
    },

    /// An environment variable holds something else than it should.
    #[error("the environment variable {name} is `{value}`, expected {expected}")]
    BadVariable {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// The expected value.
        expected: &'static str,
    },

    /// `_HANDLER` names none of the functions.
    #[error("no function has the handler `{handler}`: expected a function's name without pynvest-lambda-")]
    UnknownFunction {
        /// The handler as configured.
        handler: String,
    },

    /// The event is not of the kind that the function works on.
    #[error("the event is not {expected}")]
    BadEvent {
        /// The event that the function expects.
        expected: &'static str,
        /// The fault.
        source: Option<serde_json::Error>,
    },

    /// An SQS message cannot be understood; it will not mend itself.
    #[error("the message `{text}` is not {expected}")]
    BadMessage {
        /// The body, as far as a log line should hold it.
        text: String,
        /// The expected message.
        expected: &'static str,
        /// Why it is none.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },

    /// The message is so old that the site shows another day by now.
    #[error(
        "the message asks for {ticker} of {day}, but the site shows another day by now: messages are good until {hours} {} after their day",
        one_or_many(*.hours as usize, "hour", "hours")
    )]
    TooOld {
        /// The security.
        ticker: pynvest::Ticker,
        /// The day that the message names.
        day: NaiveDate,
        /// For how long a message is good.
        hours: u32,
    },

    /// The site does not show the wanted day.
    #[error(
        "the site does not show {day} now: a day is read from its midnight until {hours} {} after its end. What is there of it \
         stays; the state machine ends it from that, and get-financial-data reads its kept pages again",
        one_or_many(*.hours as usize, "hour", "hours")
    )]
    NotShown {
        /// The day.
        day: NaiveDate,
        /// For how long after its end a day is read.
        hours: u32,
    },

    /// The message is for securities of the other class than the function reads.
    #[error("the message for {ticker} says that it is a {}, but this function reads the other class", .found.noun())]
    OtherQueue {
        /// The security.
        ticker: pynvest::Ticker,
        /// The class in the message.
        found: Class,
    },

    /// A list of the site is too short to be true.
    #[error(
        "the {} list has {found} {}, fewer than the minimum of {minimum}",
        .class.noun(),
        one_or_many(*.found, "ticker", "tickers")
    )]
    TooFewTickers {
        /// The class.
        class: Class,
        /// How many securities it names.
        found: usize,
        /// How many there should be at least.
        minimum: usize,
    },

    /// A list of the site is too long to be true: each of its tickers would cost a message and a request.
    #[error("the {} list names {found} tickers, more than the {maximum} that are plausible", .class.noun())]
    TooManyTickers {
        /// The class.
        class: Class,
        /// How many securities it names.
        found: usize,
        /// How many there may be at most.
        maximum: usize,
    },

    /// The site, a page of it, or a row.
    #[error("{doing}")]
    Pynvest {
        /// The failed action.
        doing: String,
        /// Why.
        source: pynvest::Error,
    },

    /// Securities that could not be handed over to the queue after all attempts.
    #[error("{count} of {all} messages could not be sent, the first for {ticker}: {reason}")]
    NotSent {
        /// How many.
        count: usize,
        /// Of how many.
        all: usize,
        /// The first of them.
        ticker: pynvest::Ticker,
        /// The reason from SQS.
        reason: String,
    },

    /// S3, Glue or SQS did not do what it was asked.
    #[error("{service} refused to {doing}")]
    Aws {
        /// The service.
        service: &'static str,
        /// The request, with the name of its object.
        doing: String,
        /// The error of the SDK.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// An object of the reconciliation is not as it was written.
    #[error("{place} is damaged")]
    BadObject {
        /// Its address.
        place: String,
        /// The fault.
        source: serde_json::Error,
    },

    /// The pages could not be put into an archive.
    #[error("the pages cannot be kept")]
    Pages {
        /// Why.
        source: std::io::Error,
    },

    /// No page of a day is kept.
    #[error("no page is kept in {place}")]
    NoPages {
        /// Where they would be.
        place: String,
    },

    /// A kept page or an archive cannot be used.
    #[error("{name} cannot be used")]
    KeptPage {
        /// The archive, and the page in it.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Others kept changing the partition while it was being compacted.
    #[error(
        "{table} of {day} kept changing while it was compacted; nothing is lost, and the step may be repeated"
    )]
    Contended {
        /// The table.
        table: &'static str,
        /// The partition.
        day: NaiveDate,
    },

    /// The function's time is nearly over.
    #[error("no time was left to read {ticker}")]
    OutOfTime {
        /// The security.
        ticker: pynvest::Ticker,
    },
}

impl Error {
    /// A stable word for the kind of error, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MissingVariable { .. } => "missing_variable",
            Self::BadVariable { .. } => "bad_variable",
            Self::UnknownFunction { .. } => "unknown_function",
            Self::BadEvent { .. } => "bad_event",
            Self::BadMessage { .. } => "bad_message",
            Self::TooOld { .. } => "too_old",
            Self::NotShown { .. } => "not_shown",
            Self::OtherQueue { .. } => "other_queue",
            Self::TooFewTickers { .. } => "too_few_tickers",
            Self::TooManyTickers { .. } => "too_many_tickers",
            Self::Pynvest { source, .. } => source.kind(),
            Self::NotSent { .. } => "not_sent",
            Self::Aws { .. } => "aws",
            Self::BadObject { .. } => "bad_object",
            Self::Pages { .. } => "pages",
            Self::NoPages { .. } => "no_pages",
            Self::KeptPage { .. } => "kept_page",
            Self::Contended { .. } => "contended",
            Self::OutOfTime { .. } => "out_of_time",
        }
    }

    /// Whether the same step may succeed later without anybody's doing.
    pub fn is_transient(&self) -> bool {
        match self {
            // A site that blocks us is asked again when the queue delivers again, minutes later.
            Self::Pynvest { source, .. } => source.is_transient() || source.kind() == "blocked",
            Self::NotSent { .. } | Self::Aws { .. } | Self::Contended { .. } | Self::OutOfTime { .. } => true,
            _ => false,
        }
    }
}

/// The sentence with those of its causes. Lambda reports only the top line of an error.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |sentence, cause| format!("{sentence}: {cause}"))
}
