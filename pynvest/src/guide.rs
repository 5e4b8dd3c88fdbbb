//! Guides: one task each, in English and, in [`pt`], in Portuguese.
//!
//! | guide | guia |
//! |---|---|
//! | [Screen and rank](screen_and_rank) | [Filtrar e classificar](pt::screen_and_rank) |
//! | [Keep a lake](keep_a_lake) | [Manter um lake](pt::keep_a_lake) |
//! | [Ask the lake](ask_the_lake) | [Consultar o lake](pt::ask_the_lake) |
//! | [History and as of](history_and_as_of) | [Histórico e data de referência](pt::history_and_as_of) |
//! | [Ask an assistant](ask_an_assistant) | [Perguntar a um assistente](pt::ask_an_assistant) |
//! | [What is checked](what_is_checked) | [O que é verificado](pt::what_is_checked) |
//! | [The library](the_library) | [A biblioteca](pt::the_library) |
//! | [On AWS](on_aws) | [Na AWS](pt::on_aws) |

#[doc = include_str!("../guide/screen-and-rank.md")]
pub mod screen_and_rank {}

#[doc = include_str!("../guide/keep-a-lake.md")]
pub mod keep_a_lake {}

#[doc = include_str!("../guide/ask-the-lake.md")]
pub mod ask_the_lake {}

#[doc = include_str!("../guide/history-and-as-of.md")]
pub mod history_and_as_of {}

#[doc = include_str!("../guide/ask-an-assistant.md")]
pub mod ask_an_assistant {}

#[doc = include_str!("../guide/what-is-checked.md")]
pub mod what_is_checked {}

#[doc = include_str!("../guide/the-library.md")]
pub mod the_library {}

#[doc = include_str!("../guide/on-aws.md")]
pub mod on_aws {}

pub mod pt;
