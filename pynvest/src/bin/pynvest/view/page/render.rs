//! How the page is written: its template, style and script, and the policy that lets nothing else in.

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use crate::view::page::model::Page;
use crate::view::page::words::words;
use crate::view::text::Lang;

const TEMPLATE: &str = include_str!("../../../../../templates/report.html");
const STYLE: &str = include_str!("../../../../../templates/report.css");
const SCRIPT: &str = include_str!("../../../../../templates/report.js");

/// The page as one file that needs no other. Every text of it is escaped.
pub(crate) fn html(page: &Page, lang: Lang) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("report.html", TEMPLATE)?;
    let (style, script) = (unix(STYLE), unix(SCRIPT));
    let template = environment.get_template("report.html")?;
    let rendered = template.render(context! {
        page => Value::from(Serde(page)),
        t => words(lang),
        page_lang => lang.tag(),
        style_hash => hash(&style),
        script_hash => hash(&script),
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(script),
    });
    rendered.context("the page cannot be written")
}

/// A browser takes the hash of what it reads, in which a line ends as on Unix.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// As a policy names what it allows.
fn hash(text: &str) -> String {
    STANDARD.encode(digest(&SHA256, text.as_bytes()))
}
