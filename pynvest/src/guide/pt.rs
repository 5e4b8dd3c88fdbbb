//! Guias: uma tarefa em cada um. [Em inglês](super).

#[doc = include_str!("../../guide/screen-and-rank.pt-BR.md")]
pub mod screen_and_rank {}

#[doc = include_str!("../../guide/keep-a-lake.pt-BR.md")]
pub mod keep_a_lake {}

#[doc = include_str!("../../guide/ask-the-lake.pt-BR.md")]
pub mod ask_the_lake {}

#[doc = include_str!("../../guide/history-and-as-of.pt-BR.md")]
pub mod history_and_as_of {}

#[doc = include_str!("../../guide/ask-an-assistant.pt-BR.md")]
pub mod ask_an_assistant {}

#[doc = include_str!("../../guide/what-is-checked.pt-BR.md")]
pub mod what_is_checked {}

#[doc = include_str!("../../guide/the-library.pt-BR.md")]
pub mod the_library {}

#[doc = include_str!("../../guide/on-aws.pt-BR.md")]
pub mod on_aws {}
