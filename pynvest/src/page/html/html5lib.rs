//! The tokenizer against the fixtures of html5lib, on the part of the standard that it implements.

use std::path::Path;

use serde_json::Value;

use crate::page::html::decode::{decode_attribute, decode_text};
use crate::page::html::tag::Name;
use crate::page::html::tokenizer::{Attributes, Token, Tokens};

/// The attributes that are read, with their values decoded.
type Read = Vec<(&'static str, String)>;

/// A token in the form that both sides share: adjacent texts are one.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Start(Name, Read),
    End(Name),
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

fn ours(input: &str) -> Vec<Piece> {
    let mut tokens = Tokens::new(input);
    let mut pieces = Vec::new();
    while let Some(token) = tokens.next(true) {
        match token {
            Token::Text(text) => push_text(&mut pieces, &decode_text(text)),
            Token::Start(name) => pieces.push(Piece::Start(name, attributes(&tokens.attributes))),
            Token::End(name) => pieces.push(Piece::End(name)),
        }
    }
    pieces
}

fn attributes(read: &Attributes<'_>) -> Read {
    let Attributes { id, class, colspan, title, color, href, style, hidden } = *read;
    let hidden = hidden.then_some("");
    let all = [
        ("id", id),
        ("class", class),
        ("colspan", colspan),
        ("title", title),
        ("color", color),
        ("href", href),
        ("style", style),
        ("hidden", hidden),
    ];
    let written = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
    written.map(|(name, value)| (name, decode_attribute(value).into_owned())).collect()
}

fn theirs(output: &[Value]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for token in output {
        let Some([kind, name, ..]) = token.as_array().map(Vec::as_slice) else { continue };
        let (kind, name) = (kind.as_str().unwrap(), name.as_str().unwrap_or_default());
        match kind {
            "Character" => push_text(&mut pieces, name),
            "StartTag" => {
                let value = |name: &&'static str| {
                    let value = token[2].get(*name)?.as_str()?;
                    Some((*name, if *name == "hidden" { "" } else { value }.to_owned()))
                };
                let names = ["id", "class", "colspan", "title", "color", "href", "style", "hidden"];
                pieces
                    .push(Piece::Start(Name::of(name.as_bytes()), names.iter().filter_map(value).collect()));
            }
            "EndTag" => pieces.push(Piece::End(Name::of(name.as_bytes()))),
            _ => {}
        }
    }
    pieces
}

/// Whether a test is about the part that is implemented; see the differences in the header of the tokenizer.
fn applies(test: &Value) -> bool {
    let input = test["input"].as_str().unwrap();
    let data = |states: &Value| states.as_array().unwrap().iter().any(|state| state == "Data state");
    test.get("initialStates").is_none_or(data)
        && test.get("doubleEscaped").is_none()
        && !input.contains(['\0', '\r'])
        && ours(input).iter().all(|piece| !matches!(piece, Piece::Start(name, _) if name.raw().is_some()))
}

#[test]
#[ignore = "needs html5lib's fixtures of tokenizers, whose folder HTML5LIB_TESTS names"]
fn tokens_are_those_of_html5lib() {
    let folder = std::env::var_os("HTML5LIB_TESTS").unwrap();
    let (mut same, mut skipped, mut other) = (0, 0, Vec::new());
    for file in std::fs::read_dir(Path::new(&folder)).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "test") {
            continue;
        }
        let tests: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        // `xmlViolationTests` are about another output than HTML's.
        for test in tests.get("tests").and_then(Value::as_array).into_iter().flatten() {
            if !applies(test) {
                skipped += 1;
                continue;
            }
            let (ours, theirs) =
                (ours(test["input"].as_str().unwrap()), theirs(test["output"].as_array().unwrap()));
            if ours == theirs {
                same += 1;
            } else {
                other.push(format!("{}: {ours:?} and {theirs:?}", test["description"]));
            }
        }
    }
    assert!(other.is_empty(), "{} differ: {other:#?}", other.len());
    assert!(same > 5_000, "{same} the same, {skipped} of parts that are not implemented");
}
