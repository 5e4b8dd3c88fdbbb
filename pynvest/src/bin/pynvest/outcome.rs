//! How a command ends, and what its exit status says of that.

/// What a status of 3 means differs a little; the rest is the same everywhere.
const EXIT: &str =
    "Exit status: 0 all went well, 1 nothing could be done, 2 bad usage, 3 some of it could not be done.";

/// What is under the long help: the examples of the short one, then the exit statuses.
pub(crate) fn with_exit(examples: &str) -> String {
    format!("{examples}\n\n{EXIT}")
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Whole,
    /// Some of what was asked for is not there, which was said.
    Partly,
    /// All of it failed, which was said.
    Nothing,
}
