//! How literals of JavaScript and JSON are read, without running anything.

use rust_decimal::Decimal;

/// Bound that no page of the site approaches: bytes of a text.
const TEXT: usize = 300;
/// The digits before and behind the dot that the lake can store.
const INTEGER: usize = 14;
const DECIMALS: usize = 6;

/// A walk along literals of JavaScript or JSON.
pub(crate) struct Scanner<'a> {
    pub(crate) text: &'a str,
    /// Where it is.
    pub(crate) at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_ascii_start().len();
    }

    /// Goes behind this word, if it comes next.
    pub(crate) fn take(&mut self, word: &str) -> Option<()> {
        self.space();
        self.rest().starts_with(word).then(|| self.at += word.len())
    }

    /// A literal in one of these quotes; a blank one is no name.
    pub(crate) fn string(&mut self, quotes: &[char]) -> Option<Option<String>> {
        self.space();
        let mut letters = self.rest().char_indices();
        let (_, quote) = letters.next().filter(|(_, quote)| quotes.contains(quote))?;
        let mut read = String::new();
        let end = loop {
            let (place, letter) = letters.next()?;
            match letter {
                letter if letter == quote => break place + 1,
                '\\' => read.push(match letters.next()?.1 {
                    escaped @ ('\'' | '"' | '\\' | '/') => escaped,
                    'u' => {
                        let code = (0..4)
                            .try_fold(0, |code, _| Some(code * 16 + letters.next()?.1.to_digit(16)?))?;
                        char::from_u32(code)?
                    }
                    _ => return None,
                }),
                '\n' | '\r' => return None,
                letter => read.push(letter),
            }
            if read.len() > TEXT {
                return None;
            }
        };
        self.at += end;
        let name = read.trim();
        Some((!name.is_empty()).then(|| name.to_owned()))
    }

    /// A plain decimal with a dot, as the script writes them.
    pub(crate) fn number(&mut self) -> Option<Decimal> {
        self.space();
        let rest = self.rest();
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let of = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let integer = of(digits);
        let decimals = digits.get(integer..)?.strip_prefix('.').map(of);
        let fits =
            (1..=INTEGER).contains(&integer) && decimals.is_none_or(|all| (1..=DECIMALS).contains(&all));
        let length = rest.len() - digits.len() + integer + decimals.map_or(0, |decimals| decimals + 1);
        let number = rest.get(..length).filter(|_| fits)?.parse().ok()?;
        self.at += length;
        Some(number)
    }
}
