//! The examples are the targets; this crate has nothing of its own.
