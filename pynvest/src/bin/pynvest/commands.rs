//! The subcommands, one file each.

pub(crate) mod changes;
pub(crate) mod compare;
pub(crate) mod dividends;
pub(crate) mod facts;
pub(crate) mod find;
pub(crate) mod history;
pub(crate) mod lake;
pub(crate) mod list;
pub(crate) mod parse;
pub(crate) mod report;
pub(crate) mod shell;
pub(crate) mod show;
