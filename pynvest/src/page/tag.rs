//! Which elements of HTML matter, by name.

/// The names that matter.
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
    Span,
    Break,
    Link,
    /// The elements that go around words, by their place among those.
    Inline(u8),
    /// What is in it is text that is shown.
    Shown(Raw),
    /// What is in it is neither markup nor shown.
    Hidden(Raw),
    Other,
}

/// The elements in which no tag begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
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
}

impl Name {
    /// What colours words.
    pub(crate) const FONT: Self = Self::Inline(0);

    /// Whatever its case.
    pub(crate) fn of(name: &[u8]) -> Self {
        let mut lower = [0; "plaintext".len()];
        let Some(lower) = lower.get_mut(..name.len()) else { return Self::Other };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match &*lower {
            b"td" => Self::Data,
            b"tr" => Self::Row,
            b"span" => Self::Span,
            b"a" => Self::Link,
            b"th" => Self::Heading,
            b"table" => Self::Table,
            b"br" => Self::Break,
            b"thead" => Self::Head,
            b"tbody" => Self::Body,
            b"tfoot" => Self::Foot,
            b"caption" | b"col" | b"colgroup" => Self::Caption,
            b"font" => Self::FONT,
            b"b" => Self::Inline(1),
            b"strong" => Self::Inline(2),
            b"i" => Self::Inline(3),
            b"em" => Self::Inline(4),
            b"small" => Self::Inline(5),
            b"big" => Self::Inline(6),
            b"u" => Self::Inline(7),
            b"s" => Self::Inline(8),
            b"strike" => Self::Inline(9),
            b"code" => Self::Inline(10),
            b"tt" => Self::Inline(11),
            b"nobr" => Self::Inline(12),
            b"title" => Self::Shown(Raw::Title),
            b"textarea" => Self::Shown(Raw::Textarea),
            b"script" => Self::Hidden(Raw::Script),
            b"style" => Self::Hidden(Raw::Style),
            b"noscript" => Self::Hidden(Raw::Noscript),
            b"iframe" => Self::Hidden(Raw::Iframe),
            b"noembed" => Self::Hidden(Raw::Noembed),
            b"noframes" => Self::Hidden(Raw::Noframes),
            b"xmp" => Self::Hidden(Raw::Xmp),
            b"plaintext" => Self::Hidden(Raw::Plaintext),
            _ => Self::Other,
        }
    }
}

impl Raw {
    pub(crate) fn name(self) -> &'static [u8] {
        match self {
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
        }
    }
}
