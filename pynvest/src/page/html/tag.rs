//! The HTML elements that matter, by name.

/// The names that matter. One byte, since the walk along a page hands on a thousand of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Table,
    Head,
    Body,
    Foot,
    /// `caption`, `col` and `colgroup`, before which a row ends.
    Caption,
    Row,
    Data,
    Heading,
    Break,

    // These go around words.
    Span,
    Link,
    Font,
    B,
    Strong,
    I,
    Em,
    Small,
    Big,
    U,
    S,
    Strike,
    Code,
    Tt,
    Nobr,

    // In these no tag begins. What is in the first two is shown.
    Title,
    Textarea,
    Script,
    Style,
    Noscript,
    Iframe,
    Noembed,
    Noframes,
    Xmp,
    Plaintext,

    /// Its content is not on the page.
    Template,

    Other,
}

impl Name {
    /// Whatever its case.
    pub(crate) fn of(name: &[u8]) -> Self {
        let mut lower = [0; "plaintext".len()];
        match lower.get_mut(..name.len()) {
            Some(lower) if name.iter().any(u8::is_ascii_uppercase) => {
                lower.copy_from_slice(name);
                lower.make_ascii_lowercase();
                Self::of_lower(lower)
            }
            _ => Self::of_lower(name),
        }
    }

    fn of_lower(name: &[u8]) -> Self {
        match name {
            b"table" => Self::Table,
            b"thead" => Self::Head,
            b"tbody" => Self::Body,
            b"tfoot" => Self::Foot,
            b"caption" | b"col" | b"colgroup" => Self::Caption,
            b"tr" => Self::Row,
            b"td" => Self::Data,
            b"th" => Self::Heading,
            b"br" => Self::Break,
            b"span" => Self::Span,
            b"a" => Self::Link,
            b"font" => Self::Font,
            b"b" => Self::B,
            b"strong" => Self::Strong,
            b"i" => Self::I,
            b"em" => Self::Em,
            b"small" => Self::Small,
            b"big" => Self::Big,
            b"u" => Self::U,
            b"s" => Self::S,
            b"strike" => Self::Strike,
            b"code" => Self::Code,
            b"tt" => Self::Tt,
            b"nobr" => Self::Nobr,
            b"title" => Self::Title,
            b"textarea" => Self::Textarea,
            b"script" => Self::Script,
            b"style" => Self::Style,
            b"noscript" => Self::Noscript,
            b"iframe" => Self::Iframe,
            b"noembed" => Self::Noembed,
            b"noframes" => Self::Noframes,
            b"xmp" => Self::Xmp,
            b"plaintext" => Self::Plaintext,
            b"template" => Self::Template,
            _ => Self::Other,
        }
    }

    /// Whether it goes around words.
    pub(crate) fn is_inline(self) -> bool {
        (Self::Span as u8..=Self::Nobr as u8).contains(&(self as u8))
    }

    /// The name of an element in which no tag begins.
    pub(crate) fn raw(self) -> Option<&'static [u8]> {
        Some(match self {
            Self::Title => b"title",
            Self::Textarea => b"textarea",
            Self::Script => b"script",
            Self::Style => b"style",
            Self::Noscript => b"noscript",
            Self::Iframe => b"iframe",
            Self::Noembed => b"noembed",
            Self::Noframes => b"noframes",
            Self::Xmp => b"xmp",
            Self::Plaintext => b"plaintext",
            _ => return None,
        })
    }

    /// Whether the text in such an element is shown.
    pub(crate) fn is_shown(self) -> bool {
        matches!(self, Self::Title | Self::Textarea)
    }
}

/// Whether an element of this name never has content. Whatever its case.
pub(crate) fn is_void(name: &str) -> bool {
    const VOID: [&str; 11] =
        ["area", "base", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
    VOID.iter().any(|void| void.eq_ignore_ascii_case(name))
}
