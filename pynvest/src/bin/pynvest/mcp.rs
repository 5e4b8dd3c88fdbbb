//! `pynvest mcp`: the program as tools for assistants, over the Model Context Protocol.

pub(crate) mod answer;
pub(crate) mod figures;
pub(crate) mod memory;
pub(crate) mod reader;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod server;
pub(crate) mod tools;
