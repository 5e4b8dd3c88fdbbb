//! Links and scripts of a page, wherever they are on it.

use std::borrow::Cow;

use crate::page::html::decode::decode_attribute;
use crate::page::html::tag::Name;
use crate::page::html::tokenizer::{Token, Tokens};

/// The contents of the scripts of a page, in page order.
pub(crate) fn scripts(text: &str) -> impl Iterator<Item = &str> {
    let mut tokens = Tokens::new(text);
    std::iter::from_fn(move || {
        loop {
            if tokens.next(false)? == Token::Start(Name::Script) {
                return Some(tokens.script());
            }
        }
    })
}

/// The addresses that the links of a page lead to, in page order, references decoded.
pub(crate) fn links(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut tokens = Tokens::new(text);
    std::iter::from_fn(move || {
        loop {
            if tokens.next(false)? == Token::Start(Name::Link)
                && let Some(href) = tokens.attributes.href
            {
                return Some(decode_attribute(href));
            }
        }
    })
}
