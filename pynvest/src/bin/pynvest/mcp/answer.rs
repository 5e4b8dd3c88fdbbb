//! What a tool answers: structured content and the same as text, or an error that says what to do.

use std::fmt::Display;
use std::ops::RangeInclusive;

use pynvest::Error;
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::Value as Json;

use crate::view::text::{Lang, escape_control};

/// An error is at most this many letters.
const LONGEST: usize = 2_000;

/// What still works without the site.
const LAKE: &str = "If the server has a lake, get_fundamentals and screen answer from it with as_of.";

/// Why a tool cannot answer, and what to do about it.
#[derive(Debug)]
pub(crate) struct Refusal(String);

impl Refusal {
    pub(crate) fn new(what: impl Display, to_do: &str) -> Self {
        Self(format!("{what}. {to_do}"))
    }

    /// An error of the library.
    pub(crate) fn of(error: Error, candidates: &[String]) -> Self {
        let to_do = match error.kind() {
            "unknown_ticker" | "choose_ticker" | "invalid_ticker" if candidates.is_empty() => {
                "Call find_ticker with the name of the company or fund.".to_owned()
            }
            "unknown_ticker" | "choose_ticker" | "invalid_ticker" => {
                format!("Candidates: {}. Or call find_ticker with the name.", candidates.join(", "))
            }
            "no_page" => "Call find_ticker with the name of the company for its present ticker.".to_owned(),
            "blocked" => format!("Do not repeat the call. {LAKE}"),
            _ if error.is_transient() => format!("Try again in a minute. {LAKE}"),
            _ => format!("Repeating the call does not help. {LAKE}"),
        };
        Self::new(Lang::En.causes(&error.into()), &to_do)
    }

    /// An error of the program, which may be one of the library.
    pub(crate) fn any(error: anyhow::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => Self::of(error, &[]),
            Err(error) => Self::new(Lang::En.causes(&error), "Try again in a minute."),
        }
    }

    pub(crate) fn into_text(self) -> String {
        escape_control(&self.0.chars().take(LONGEST).collect::<String>())
    }
}

/// How many rows an answer may have.
pub(crate) fn limit(asked: usize, most: usize) -> Result<usize, Refusal> {
    if (1..=most).contains(&asked) {
        return Ok(asked);
    }
    Err(Refusal::new(format!("the limit is {asked}"), &format!("Give 1 to {most}.")))
}

/// The items of an argument, if there are as many as the range allows.
pub(crate) fn counted<'a>(
    items: &'a [String],
    range: RangeInclusive<usize>,
    what: &str,
) -> Result<Vec<&'a str>, Refusal> {
    if range.contains(&items.len()) {
        return Ok(items.iter().map(|item| item.trim()).collect());
    }
    let to_do = format!("Give {} to {}.", range.start(), range.end());
    Err(Refusal::new(format!("{} {what} are asked for", items.len()), &to_do))
}

/// A structured answer and its text.
pub(crate) type Answer<T> = Result<(T, String), Refusal>;

/// The answer as the protocol has it.
pub(crate) fn result<T: Serialize>(answer: Answer<T>) -> CallToolResult {
    let written = answer.and_then(|(structured, text)| {
        let structured: Json = serde_json::to_value(structured)
            .map_err(|error| Refusal::new(error, "Ask for fewer columns."))?;
        Ok((structured, text))
    });
    match written {
        Ok((structured, text)) => {
            let mut result = CallToolResult::structured(structured);
            result.content = vec![ContentBlock::text(text)];
            result
        }
        Err(refusal) => CallToolResult::error(vec![ContentBlock::text(refusal.into_text())]),
    }
}

/// The length of what is sent of a structured value, in bytes.
pub(crate) fn size(structured: &impl Serialize) -> usize {
    serde_json::to_string(structured).map_or(usize::MAX, |json| json.len())
}
