//! The tokenizer: tags with their attributes, and text, by the states of the WHATWG standard of HTML, 13.2.5.
//!
//! <https://html.spec.whatwg.org/multipage/parsing.html#tokenization>; each function names its states. It differs from the
//! standard on purpose:
//!
//! - Comments, doctypes, processing instructions and CDATA sections are skipped, not returned.
//! - Names are those of [`Name`]; attributes are those of [`Attributes`], as written. Whoever reads them decodes references.
//! - The content of `script`, `style`, `title` and other elements without markup is skipped or read by their names alone, as with
//!   scripting on; the standard switches the state when it builds the tree, which does not exist here.
//! - NUL bytes stay as they are, and carriage returns count as white space; the standard replaces both.
//! - Attributes of an end tag are skipped; an error of syntax is not reported.
//! - A tag that does not end is dropped with the rest of the page, as in the standard.
//!
//! Proof: html5lib's fixtures (`html5lib.rs`), and damaged pages against html5ever (`tests/it/html/against_html5ever.rs`).

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::page::html::decode::decode_attribute;
use crate::page::html::tag::Name;

/// A piece of a page. What a browser throws away, such as comments and tags that never end, is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A text, as it is written: character references are not read.
    Text(&'a str),
    /// Its attributes are those of the walk.
    Start(Name),
    End(Name),
}

/// The attributes that matter, as they are written; of two with one name the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Attributes<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) class: Option<&'a str>,
    pub(crate) colspan: Option<&'a str>,
    pub(crate) title: Option<&'a str>,
    pub(crate) color: Option<&'a str>,
    pub(crate) href: Option<&'a str>,
    pub(crate) style: Option<&'a str>,
    pub(crate) hidden: bool,
}

impl<'a> Attributes<'a> {
    fn set(&mut self, name: &[u8], value: &'a str) {
        let place = match name.len() {
            2 if name.eq_ignore_ascii_case(b"id") => &mut self.id,
            4 if name.eq_ignore_ascii_case(b"href") => &mut self.href,
            5 if name.eq_ignore_ascii_case(b"style") => &mut self.style,
            6 if name.eq_ignore_ascii_case(b"hidden") => {
                self.hidden = true;
                return;
            }
            5 if name.eq_ignore_ascii_case(b"class") => &mut self.class,
            5 if name.eq_ignore_ascii_case(b"title") => &mut self.title,
            5 if name.eq_ignore_ascii_case(b"color") => &mut self.color,
            7 if name.eq_ignore_ascii_case(b"colspan") => &mut self.colspan,
            _ => return,
        };
        place.get_or_insert(value);
    }

    /// Whether the element is not shown, as far as its own attributes say.
    pub(crate) fn hide(&self) -> bool {
        self.hidden || self.style.is_some_and(hides)
    }
}

/// The walk along a page. Each byte is looked at a few times at most, whatever the bytes.
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// The attributes of the start tag that came last.
    pub(crate) attributes: Attributes<'a>,
    /// The name of the last tag as written, if it is [`Name::Other`]; blank otherwise.
    pub(crate) other: &'a str,
    /// The element whose content comes next.
    raw: Option<Name>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, attributes: Attributes::default(), other: "", raw: None }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn between(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Goes to the end of the page, which ends whatever it is in.
    fn end(&mut self) {
        self.at = self.text.len();
    }

    /// Goes behind the next `>`: bogus comment state (13.2.5.41), and the DOCTYPE states (13.2.5.53 to 68), whose quotes hide no
    /// `>`.
    fn skip_tag(&mut self) {
        match memchr(b'>', self.rest()) {
            Some(length) => self.at += length + 1,
            None => self.end(),
        }
    }

    /// Behind `<!--`: the comment states, 13.2.5.43 to 52.
    fn skip_comment(&mut self) {
        let rest = self.rest();
        // `<!-->` and `<!--->` are comments with nothing in them.
        if let Some(length) =
            [b">".as_slice(), b"->"].iter().find(|end| rest.starts_with(end)).map(|end| end.len())
        {
            self.at += length;
            return;
        }
        let ends = |end: usize| {
            let inside = rest.get(..end).unwrap_or_default();
            inside.ends_with(b"--") || inside.ends_with(b"--!")
        };
        match memchr::memchr_iter(b'>', rest).find(|end| ends(*end)) {
            Some(end) => self.at += end + 1,
            None => self.end(),
        }
    }

    /// From `<` and a letter, or from `</` and a letter, which is `ahead`: to behind the `>`. `None` if there is none.
    ///
    /// Tag name state (13.2.5.8), the attribute states (13.2.5.32 to 39), and self-closing start tag state (13.2.5.40).
    // A tenth of the walk is saved where this and `next` are no calls.
    #[inline(always)]
    fn tag(&mut self, ahead: usize) -> Option<Name> {
        let bytes = self.text.as_bytes();
        self.other = "";
        let mut at = self.at + ahead;
        let (name, length) = match bytes.get(at..)? {
            // Nearly all that is in a table.
            [b't', b'd', b'>' | b' ', ..] => (Name::Data, 2),
            [b't', b'r', b'>' | b' ', ..] => (Name::Row, 2),
            [b's', b'p', b'a', b'n', b'>' | b' ', ..] => (Name::Span, 4),
            [b'a', b'>' | b' ', ..] => (Name::Link, 1),
            rest => {
                let ends = |byte: &u8| is_space(*byte) || matches!(byte, b'/' | b'>');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                let name = Name::of(rest.get(..length).unwrap_or_default());
                if name == Name::Other {
                    self.other = self.between(at, at + length);
                }
                (name, length)
            }
        };
        at += length;
        // Those of an end tag mean nothing.
        let wanted = ahead == 1;
        if wanted {
            self.attributes = Attributes::default();
        }
        loop {
            at = skip_while(bytes, at, |byte| is_space(byte) || byte == b'/');
            if *bytes.get(at)? == b'>' {
                self.at = at + 1;
                return Some(name);
            }
            let start = at;
            // An equals sign can begin a name.
            at = skip_while(bytes, at + 1, |byte| !is_space(byte) && !matches!(byte, b'/' | b'>' | b'='));
            let attribute = bytes.get(start..at).unwrap_or_default();
            at = skip_while(bytes, at, is_space);
            let mut value = at..at;
            if bytes.get(at) == Some(&b'=') {
                at = skip_while(bytes, at + 1, is_space);
                value = value_at(bytes, at)?;
                at = value.end + usize::from(value.start > at);
            }
            if wanted {
                self.attributes.set(attribute, self.text.get(value).unwrap_or_default());
            }
        }
    }

    /// Data state (13.2.5.1) and tag open state (13.2.5.6): up to where a tag begins, or something that is none and not shown either; a `<` before anything else is text.
    fn plain_text(&mut self) -> &'a str {
        let start = self.at;
        let begins = |after: u8| after.is_ascii_alphabetic() || matches!(after, b'/' | b'!' | b'?');
        loop {
            self.at += usize::from(self.byte(0) == Some(b'<'));
            match memchr(b'<', self.rest()) {
                Some(length) => self.at += length,
                None => self.end(),
            }
            if self.byte(1).is_none_or(begins) {
                return self.between(start, self.at);
            }
        }
    }

    /// The content of an element in which no tag begins; its end tag comes next: RCDATA and RAWTEXT states (13.2.5.2, 3 and 9 to
    /// 14), script data states (13.2.5.4 and 15 to 31), and PLAINTEXT state (13.2.5.5).
    fn raw_text(&mut self, element: Name) -> &'a str {
        let rest = self.rest();
        let length = match element {
            Name::Script => script_length(rest),
            Name::Plaintext => rest.len(),
            _ => {
                let name = element.raw().unwrap_or_default();
                let mut tags = memchr::memchr_iter(b'<', rest);
                tags.find(|tag| is_tag(rest, *tag, b"</", name)).unwrap_or(rest.len())
            }
        };
        let start = self.at;
        self.at += length;
        self.between(start, self.at)
    }

    /// The content of the script that has just begun.
    pub(crate) fn script(&mut self) -> &'a str {
        self.raw.take_if(|element| *element == Name::Script).map_or("", |element| self.raw_text(element))
    }

    /// The next piece of the page; what is only text may be left out. Data state (13.2.5.1), tag open state (13.2.5.6), end tag
    /// open state (13.2.5.7), and markup declaration open state (13.2.5.42).
    #[inline]
    pub(crate) fn next(&mut self, with_text: bool) -> Option<Token<'a>> {
        if let Some(element) = self.raw.take() {
            let text = self.raw_text(element);
            if element.is_shown() {
                return Some(Token::Text(text));
            }
        }
        loop {
            if self.byte(0)? == b'<' {
                let is_letter = |ahead| self.byte(ahead).is_some_and(|byte| byte.is_ascii_alphabetic());
                let ends = self.byte(1) == Some(b'/');
                if is_letter(1 + usize::from(ends)) {
                    let Some(name) = self.tag(1 + usize::from(ends)) else {
                        self.end();
                        return None;
                    };
                    if ends {
                        return Some(Token::End(name));
                    }
                    self.raw = Some(name).filter(|name| name.raw().is_some());
                    return Some(Token::Start(name));
                }
                match (self.byte(1), self.byte(2)) {
                    (Some(b'!'), _) if self.rest().starts_with(b"<!--") => {
                        self.at += "<!--".len();
                        self.skip_comment();
                        continue;
                    }
                    // A doctype, an instruction, or nothing that HTML knows.
                    (Some(b'!' | b'?'), _) | (Some(b'/'), Some(_)) => {
                        self.skip_tag();
                        continue;
                    }
                    _ => {}
                }
            }
            let text = self.plain_text();
            if with_text {
                return Some(Token::Text(text));
            }
        }
    }
}

/// The place of the first byte from this one on that is not skipped.
fn skip_while(bytes: &[u8], mut at: usize, skipped: impl Fn(u8) -> bool) -> usize {
    while bytes.get(at).is_some_and(|byte| skipped(*byte)) {
        at += 1;
    }
    at
}

/// Where the value of an attribute is that begins here, without its quotes: the attribute value states, 13.2.5.35 to 38.
fn value_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(at)?;
    if matches!(quote, b'"' | b'\'') {
        let start = at + 1;
        Some(start..start + memchr(quote, bytes.get(start..)?)?)
    } else {
        Some(at..skip_while(bytes, at, |byte| !is_space(byte) && byte != b'>'))
    }
}

/// Whether a style hides its element.
fn hides(style: &str) -> bool {
    let style = decode_attribute(style);
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.split('!').next().unwrap_or_default().trim();
        let is = |name: &str, hidden: &str| {
            property.trim().eq_ignore_ascii_case(name) && value.eq_ignore_ascii_case(hidden)
        };
        is("display", "none") || is("visibility", "hidden") || is("visibility", "collapse")
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}

/// Whether a tag of this name is at this place, whatever its case.
fn is_tag(bytes: &[u8], at: usize, open: &[u8], name: &[u8]) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(open) else { return false };
    let after = rest.get(name.len()).copied();
    rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
        && after.is_some_and(|byte| is_space(byte) || matches!(byte, b'/' | b'>'))
}

/// How long a script is, with the escaped states of 13.2.5.18 to 31. One inside a comment inside it, as scripts for browsers of the nineties had, does not end it.
fn script_length(bytes: &[u8]) -> usize {
    let (mut comment, mut inner) = (false, false);
    let mut at = 0;
    while let Some(ahead) = memchr2(b'<', b'-', bytes.get(at..).unwrap_or_default()) {
        at += ahead;
        let rest = bytes.get(at..).unwrap_or_default();
        if is_tag(bytes, at, b"</", b"script") {
            if !inner {
                return at;
            }
            inner = false;
        } else if comment && is_tag(bytes, at, b"<", b"script") {
            inner = true;
        } else if !comment && rest.starts_with(b"<!--") {
            comment = true;
            // Its dashes can be those of its end.
            at += 1;
        } else if comment && rest.starts_with(b"-->") {
            (comment, inner) = (false, false);
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> Vec<String> {
        let mut tokens = Tokens::new(html);
        let mut words = Vec::new();
        while let Some(token) = tokens.next(true) {
            let Attributes { id, class, colspan, title, .. } = tokens.attributes;
            words.push(match token {
                Token::Text(text) => text.to_owned(),
                Token::Start(Name::Data) => {
                    let values: Vec<_> = [id, class, colspan, title].into_iter().flatten().collect();
                    [String::from("<Data"), values.join("|")].join(if values.is_empty() { "" } else { " " })
                }
                Token::Start(name) => format!("<{name:?}"),
                Token::End(name) => format!("</{name:?}"),
            });
        }
        words
    }

    #[test]
    fn attributes_are_read_in_any_quoting() {
        for (html, expected) in [
            ("<TD CLASS=\"a b\">", "<Data a b"),
            ("<td class='a \"b\" > c'>", "<Data a \"b\" > c"),
            ("<td class=label>", "<Data label"),
            ("<td/class=a/b>", "<Data a/b"),
            ("<td id = 'x'\n class\n=\n\"y\" colspan=2/>", "<Data x|y|2/"),
            ("<td class=>", "<Data "),
            ("<td class id=x>", "<Data x|"),
            ("<td class=a class=b Class='c'>", "<Data a"),
            ("<td =class=a>", "<Data"),
            ("<td data-class=a xclass='b' title=\"c\"id=\"d\">", "<Data d|c"),
            ("<td title=\"<?php echo $x['a'] > 1 ?>\">", "<Data <?php echo $x['a'] > 1 ?>"),
        ] {
            assert_eq!(words(html), [expected], "{html}");
        }
    }

    #[test]
    fn what_is_no_tag_is_text_or_nothing() {
        for (html, expected) in [
            ("a < b <3 <", &["a < b <3 ", "<"][..]),
            ("<!doctype html \"a>b\">", &["b\">"]),
            ("a<!-- <td> -- > --! -->b", &["a", "b"]),
            ("<!-->a<!--->b<!----!>c<!-- x --!>d<!--->", &["a", "b", "c", "d"]),
            ("a<!-- -- <td>", &["a"]),
            ("<?php echo '<td>' ?>a", &["' ?>a"]),
            ("</>a</ td>b<!x>c", &["a", "b", "c"]),
            ("a</", &["a", "</"]),
            ("a<td", &["a"]),
            ("a<td class=\"x>b", &["a"]),
            ("<![CDATA[ <td> ]]>a", &[" ]]>a"]),
        ] {
            assert_eq!(words(html), expected, "{html}");
        }
    }

    #[test]
    fn no_tag_begins_in_a_script_a_style_or_a_title() {
        for (html, expected) in [
            ("<script>if (a<b) '<td>'</SCRIPT >x", &["<Script", "</Script", "x"][..]),
            ("<script><!-- <script> </script> <td> --></script>x", &["<Script", "</Script", "x"]),
            ("<script><!--></script>x", &["<Script", "</Script", "x"]),
            ("<script><!-- </script>x", &["<Script", "</Script", "x"]),
            ("<script></scriptx><td>", &["<Script"]),
            ("<title>a<td></titlex></title\n>b", &["<Title", "a<td></titlex>", "</Title", "b"]),
            ("<style><!-- <td> </style>b", &["<Style", "</Style", "b"]),
            ("<textarea><td>", &["<Textarea", "<td>"]),
        ] {
            assert_eq!(words(html), expected, "{html}");
        }
    }
}
