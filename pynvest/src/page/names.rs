//! What the search box of the site knows: the names of all traded securities of both classes, `script/cmplte.php`.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::error::Error;
use crate::error::layout_diff::{LayoutDiff, Violation};
use crate::page::label::has_words;
use crate::record::ticker::Ticker;
use crate::record::value::literal::Scanner;

/// What the script is known by, and what comes before its list.
const MARKER: &str = "$('completar')";
const LIST: &str = "var tokens = [";
/// The text between a ticker and its name.
const SEPARATOR: &str = " - ";
/// Of 812 entries on a day of 2024.
const ENTRIES: usize = 10_000;
/// As much of what cannot be read as an error repeats, in letters.
const SHOWN: usize = 80;

/// A security and its name, as the search box of the site has them. The class is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SecurityName {
    /// The ticker.
    pub ticker: Ticker,
    /// The name as printed: of a company its short one, of a fund its legal one.
    pub name: String,
}

/// The script of the search box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamesPage {
    entries: Vec<(String, String)>,
    /// From where on it cannot be read.
    broken: Option<String>,
}

impl NamesPage {
    /// `None` if the text is something else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        memmem::find(text.as_bytes(), MARKER.as_bytes())?;
        let start = memmem::find(text.as_bytes(), LIST.as_bytes())? + LIST.len();
        let mut scanner = Scanner { text, at: start };
        let (mut entries, mut broken) = (Vec::new(), None);
        while scanner.take("]").is_none() {
            scanner.space();
            let rest = scanner.rest();
            match entry(&mut scanner).filter(|_| entries.len() < ENTRIES) {
                Some(entry) => entries.push(entry),
                None => {
                    broken = Some(rest.chars().take(SHOWN).collect());
                    break;
                }
            }
        }
        Some(Self { entries, broken })
    }

    /// The securities in the order of the script, each once.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if it cannot be read to its end, names no security, or names something that is no ticker.
    pub fn rows(&self) -> Result<Vec<SecurityName>, Error> {
        let (mut rows, mut seen) = (Vec::with_capacity(self.entries.len()), BTreeSet::new());
        for (code, name) in &self.entries {
            // Two of the site end in a blank.
            let ticker: Ticker = code.trim().parse().map_err(|_| unreadable(code))?;
            if seen.insert(ticker.clone()) {
                let name = name.strip_prefix(SEPARATOR.trim_start()).unwrap_or(name).trim().to_owned();
                rows.push(SecurityName { ticker, name });
            }
        }
        match &self.broken {
            Some(text) => Err(unreadable(text)),
            None if rows.is_empty() => Err(unreadable("]")),
            None => Ok(rows),
        }
    }
}

/// `['ABCB4', ' - ABC Brasil'],`; the last one has no comma.
fn entry(scanner: &mut Scanner<'_>) -> Option<(String, String)> {
    let quotes = ['\'', '"'];
    scanner.take("[")?;
    let code = scanner.string(&quotes)??;
    scanner.take(",")?;
    let name = scanner.string(&quotes)?.unwrap_or_default();
    scanner.take("]")?;
    let comma = scanner.take(",");
    scanner.space();
    (comma.is_some() || scanner.rest().starts_with(']')).then_some((code, name))
}

fn unreadable(text: &str) -> Error {
    let broken = vec![Violation::Unreadable { text: text.to_owned() }];
    Error::LayoutChanged {
        page: "names",
        ticker: None,
        changes: Box::new(LayoutDiff { broken, ..LayoutDiff::default() }),
    }
}

impl SecurityName {
    /// Whether every word of the text is a part of its ticker or name, whatever its case and accents.
    ///
    /// ```
    /// # use pynvest::page::SecurityName;
    /// # fn run(security: &SecurityName) {
    /// // PETR3 and PETR4 `PETROBRAS`, but not PRIO3 `PETRORIO`.
    /// assert!(security.matches("petr bras"));
    /// # }
    /// ```
    pub fn matches(&self, text: &str) -> bool {
        has_words(&format!("{} {}", self.ticker, self.name), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(list: &str) -> Option<NamesPage> {
        NamesPage::read(&format!("var searchInput = $('completar');\n\t\tvar tokens = [\n{list}"))
    }

    #[test]
    fn the_names_of_the_search_box_are_read_to_the_last() {
        let rows = page("['AALR3 ', ' - ALLIAR'],['ENGI11', ' - ENERGISA'],['ENGI11', ' - ENERGISA'],['CAML3', ' - D\\'OR \u{c1}GUA']];")
            .unwrap()
            .rows()
            .unwrap();
        let texts: Vec<_> = rows.iter().map(|row| format!("{} {}", row.ticker, row.name)).collect();
        assert_eq!(texts, ["AALR3 ALLIAR", "ENGI11 ENERGISA", "CAML3 D'OR \u{c1}GUA"]);
        assert!(
            rows[2].matches("agua")
                && rows[2].matches("A\u{301}GUA")
                && rows[2].matches("caml or")
                && rows[0].matches("aalr3")
        );
        assert!(!rows[2].matches("agua mineral") && !rows[0].matches(" "));
        assert_eq!(NamesPage::read("var tokens = [['AALR3', ' - ALLIAR']]"), None);
    }

    #[test]
    fn what_is_cut_or_changed_is_an_error_with_its_place() {
        for (list, place) in [
            ("['AALR3', ' - ALLIAR'],['ABCB4'", "['ABCB4'"),
            ("['AALR3', ' - D'OR'],['ABCB4', ' - ABC']]", "['AALR3', ' - D'OR'],"),
            ("['AALR3', ' - ALLIAR']['ABCB4', ' - ABC']]", "['AALR3', ' - ALLIAR']["),
            ("['A B', ' - ALLIAR']]", "`A B`"),
            ("]", "`]`"),
        ] {
            let error = page(list).unwrap().rows().unwrap_err();
            assert!(error.to_string().contains(place) && error.kind() == "layout_changed", "{error}");
        }
    }
}
