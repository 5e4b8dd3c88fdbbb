//! One spelling for each variant of an enum: in code, in text and in JSON.

/// The text is not one of the words of a set such as the classes or the layers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {set}: expected {}", .words.join(" or "))]
#[non_exhaustive]
pub struct InvalidWord {
    /// The text as given.
    pub text: String,
    /// What the text should name: `class`, `layout`, `layer` or `kind of dividend`.
    pub set: &'static str,
    /// The words of the set.
    pub words: Vec<&'static str>,
}

/// Reads and prints the variants of an enum by the words of its `as_str`.
macro_rules! spelling {
    ($set:literal, $type:ty, [$($variant:ident),*]) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::record::spelling::InvalidWord;

            /// The word of [`as_str`](Self::as_str), in any case.
            ///
            /// # Errors
            ///
            /// [`InvalidWord`](crate::record::InvalidWord) with the text as given and the words expected.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                const ALL: &[$type] = &[$( <$type>::$variant ),*];
                let found = ALL.iter().find(|one| one.as_str().eq_ignore_ascii_case(text));
                found.copied().ok_or_else(|| $crate::record::spelling::InvalidWord {
                    text: text.to_owned(),
                    set: $set,
                    words: ALL.iter().map(|one| one.as_str()).collect(),
                })
            }
        }
    };
}
pub(crate) use spelling;
