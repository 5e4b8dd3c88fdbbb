//! What a fund owns: the parts of its assets, as the script of a page and the tables of the lake write them.

use std::fmt;

use rust_decimal::Decimal;

use crate::record::value::literal::Scanner;

/// A part of the assets of a FII.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Part {
    /// Its name as printed, such as `CRI / CRA`; `None` for a part that the site leaves without a name.
    pub name: Option<String>,
    /// Its amount, in reais.
    pub amount: Decimal,
}

/// The parts of the assets of a FII, in page order.
///
/// Its text is JSON, as in the tables of the lake: a list of name, or null, and amount.
///
/// ```
/// use pynvest::record::Composition;
///
/// let composition: Composition = r#"[["CRI / CRA",1500.25],[null,20]]"#.parse()?;
/// assert_eq!(composition.parts()[0].name.as_deref(), Some("CRI / CRA"));
/// assert_eq!(composition.total().to_string(), "1520.25");
/// assert_eq!(composition.to_string(), r#"[["CRI / CRA",1500.25],[null,20]]"#);
/// # Ok::<(), pynvest::record::InvalidComposition>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Composition {
    parts: Vec<Part>,
}

/// A text that is no composition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a list of parts like [[\"CRI / CRA\",1.5]]")]
#[non_exhaustive]
pub struct InvalidComposition;

/// Bound that no page of the site approaches.
const PARTS: usize = 50;

/// The parts that are physical properties, whose sum to equity is printed as `Imóveis/PL do FII`.
const PROPERTIES: [&str; 2] = ["Imóveis para Renda", "Imóveis para Venda"];

impl Composition {
    /// The parts, in page order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The sum of all parts, in reais.
    pub fn total(&self) -> Decimal {
        self.parts.iter().map(|part| part.amount).sum()
    }

    /// The sum of the physical properties, in reais.
    pub fn properties(&self) -> Decimal {
        self.sum(&PROPERTIES)
    }

    /// The sum of the parts with one of these names, in reais.
    pub fn sum(&self, names: &[&str]) -> Decimal {
        let named = |part: &&Part| part.name.as_deref().is_some_and(|name| names.contains(&name));
        self.parts.iter().filter(named).map(|part| part.amount).sum()
    }

    /// The parts, in page order, each with its share of these assets as a fraction, to four places; `None` without assets.
    pub fn shares(&self, assets: Option<Decimal>) -> impl Iterator<Item = (&Part, Option<Decimal>)> {
        let share = move |part: &Part| Some(part.amount.checked_div(assets?)?.round_dp(4));
        self.parts.iter().map(move |part| (part, share(part)))
    }

    /// The series of a chart, from its `[`: `[ { name: 'Caixa' , data : [48396863.44] },  ]`. It is read, never run. A part may have
    /// other properties, in any order. With it comes where the first part is that is not written as ever. The error is where it
    /// stops being a series, at the start of the part.
    pub(crate) fn from_series(text: &str) -> Result<(Self, Option<usize>), usize> {
        let mut scanner = Scanner { text, at: 0 };
        let (mut parts, mut odd) = (Vec::new(), None);
        if scanner.take("[").is_none() {
            return Err(0);
        }
        loop {
            // A comment between parts is no part of a part.
            let before = scanner.at;
            comments(&mut scanner);
            scanner.space();
            let start = scanner.at;
            if text.get(before..start).is_some_and(|skipped| skipped.contains('/')) {
                odd = odd.or(Some(before));
            }
            if scanner.take("]").is_some() {
                return Ok((Self { parts }, odd));
            }
            let part = part_of_series(&mut scanner);
            if part.is_none() {
                scanner.at = start;
                odd = odd.or(Some(start));
            }
            let part = part.or_else(|| other_part(&mut scanner)).filter(|_| parts.len() < PARTS);
            parts.push(part.ok_or(start)?);
        }
    }
}

impl std::str::FromStr for Composition {
    type Err = InvalidComposition;

    fn from_str(text: &str) -> Result<Self, InvalidComposition> {
        let mut scanner = Scanner { text, at: 0 };
        let mut parts = Vec::new();
        scanner.take("[").ok_or(InvalidComposition)?;
        while scanner.take("]").is_none() {
            let comma = if parts.is_empty() { Some(()) } else { scanner.take(",") };
            let part = comma.and_then(|()| part_of_json(&mut scanner)).filter(|_| parts.len() < PARTS);
            parts.push(part.ok_or(InvalidComposition)?);
        }
        scanner.space();
        if scanner.at == text.len() { Ok(Self { parts }) } else { Err(InvalidComposition) }
    }
}

impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (position, Part { name, amount }) in self.parts.iter().enumerate() {
            f.write_str(if position == 0 { "[" } else { ",[" })?;
            match name {
                None => f.write_str("null")?,
                Some(name) => quoted(name, f)?,
            }
            write!(f, ",{amount}]")?;
        }
        f.write_str("]")
    }
}

/// A text as JSON writes it.
fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for letter in text.chars() {
        match letter {
            '"' | '\\' => write!(f, "\\{letter}")?,
            letter if letter.is_control() => write!(f, "\\u{:04x}", u32::from(letter))?,
            letter => write!(f, "{letter}")?,
        }
    }
    f.write_str("\"")
}

fn part_of_series(scanner: &mut Scanner<'_>) -> Option<Part> {
    scanner.take("{")?;
    scanner.take("name")?;
    scanner.take(":")?;
    let name = scanner.string(&['\'', '"'])?;
    scanner.take(",")?;
    scanner.take("data")?;
    scanner.take(":")?;
    scanner.take("[")?;
    let amount = scanner.number()?;
    scanner.take("]")?;
    end_of_part(scanner)?;
    Some(Part { name, amount })
}

fn end_of_part(scanner: &mut Scanner<'_>) -> Option<()> {
    scanner.take("}")?;
    // The last part has a comma too.
    let comma = scanner.take(",");
    scanner.space();
    (comma.is_some() || scanner.rest().starts_with(']')).then_some(())
}

/// A part with its properties in any order, whatever their quotes, with other properties and comments. Each of the two that count is
/// there once.
fn other_part(scanner: &mut Scanner<'_>) -> Option<Part> {
    let (mut name, mut amount) = (None, None);
    scanner.take("{")?;
    loop {
        comments(scanner);
        let key = match scanner.string(&['\'', '"']) {
            Some(key) => key?,
            None => word(scanner)?.to_owned(),
        };
        comments(scanner);
        scanner.take(":")?;
        comments(scanner);
        match key.as_str() {
            "name" if name.is_none() => name = Some(scanner.string(&['\'', '"'])?),
            "data" if amount.is_none() => {
                scanner.take("[")?;
                comments(scanner);
                amount = Some(scanner.number()?);
                comments(scanner);
                scanner.take("]")?;
            }
            "name" | "data" => return None,
            _ => skip_value(scanner)?,
        }
        comments(scanner);
        let comma = scanner.take(",");
        comments(scanner);
        if scanner.rest().starts_with('}') {
            break;
        }
        comma?;
    }
    end_of_part(scanner)?;
    Some(Part { name: name?, amount: amount? })
}

/// A name without quotes.
fn word<'a>(scanner: &mut Scanner<'a>) -> Option<&'a str> {
    scanner.space();
    let rest = scanner.rest();
    let is_of_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
    let word = rest.get(..length).filter(|word| !word.is_empty())?;
    scanner.at += length;
    Some(word)
}

/// Goes behind comments and blanks.
fn comments(scanner: &mut Scanner<'_>) {
    loop {
        scanner.space();
        let rest = scanner.rest();
        let length = if rest.starts_with("//") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else {
            return;
        };
        scanner.at += length.unwrap_or(rest.len());
    }
}

/// Goes behind a value that is not read: a literal, or a list or an object of them.
fn skip_value(scanner: &mut Scanner<'_>) -> Option<()> {
    let mut open = 0_usize;
    loop {
        comments(scanner);
        if scanner.take("[").or_else(|| scanner.take("{")).is_some() {
            open += 1;
        } else if open > 0 && scanner.take("]").or_else(|| scanner.take("}")).is_some() {
            open -= 1;
        } else if scanner.string(&['\'', '"']).is_none() && scanner.number().is_none() {
            word(scanner)?;
        }
        if open == 0 {
            return Some(());
        }
        comments(scanner);
        // Between the values of a list, or a name and its value.
        let _ = scanner.take(",").or_else(|| scanner.take(":"));
    }
}

fn part_of_json(scanner: &mut Scanner<'_>) -> Option<Part> {
    scanner.take("[")?;
    let name = match scanner.take("null") {
        Some(()) => None,
        None => Some(scanner.string(&['"'])?.unwrap_or_default()),
    };
    scanner.take(",")?;
    let amount = scanner.number()?;
    scanner.take("]")?;
    Some(Part { name, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(series: &str) -> Result<String, usize> {
        Composition::from_series(series).map(|(composition, odd)| {
            assert_eq!(odd, None, "{series}");
            composition.to_string()
        })
    }

    #[test]
    fn a_series_is_read_and_never_run() {
        let printed =
            "[\n { name: 'Imóveis para Renda' , data : [7164892898.57] }, { name: '' , data : [0.5] },  ],";
        assert_eq!(read(printed).as_deref(), Ok(r#"[["Imóveis para Renda",7164892898.57],[null,0.5]]"#));
        assert_eq!(read("[]").as_deref(), Ok("[]"));
        assert_eq!(read(r#"[{name:"d'\"\\\u00e1",data:[1]}]"#).as_deref(), Ok(r#"[["d'\"\\á",1]]"#));
        // Each stops at the start of the part that is none.
        for (series, place) in [
            ("series", 0),
            ("[{ name: 'A' , data : [1] } { name: 'B' , data : [1] }]", 1),
            ("[{ name: 'A' , data : [1] }, { name: 'B' , data : [1,5] }]", 29),
            ("[{ name: 'A' , data : [1] }, { name: 'B'c' , data : [1] }]", 29),
            ("[{ name: 'A' , data : [alert(1)] }]", 1),
            ("[{ name: 'A' , data : [1e3] }]", 1),
            ("[{ name: 'A' , data : [1.] }]", 1),
            ("[{ name: 'A' , data : [123456789012345] }]", 1),
            ("[{ name: 'A\n' , data : [1] }]", 1),
            ("[{ name: 'A' , data : [1] },", 28),
            ("[,]", 1),
        ] {
            assert_eq!(read(series), Err(place), "{series}");
        }
        let many = format!("[{}]", "{ name: 'A' , data : [1] },".repeat(51));
        assert_eq!(read(&many), Err(1 + 50 * 27));
    }

    #[test]
    fn a_series_that_is_written_otherwise_is_read_and_told() {
        let read = |series: &str| {
            let read = Composition::from_series(series);
            read.map(|(composition, odd)| (composition.to_string(), odd.is_some()))
        };
        let told = || Ok((r#"[["A",1],[null,2.5]]"#.to_owned(), true));
        for series in [
            "[{ name: 'A', data: [1], color: '#fff' }, { name: '', data: [2.5], color: '#000' }]",
            "[{ color: rgb, name: 'A', data: [1] }, { name: '', data: [2.5], }]",
            "[{ \"name\": \"A\", \"data\": [1] }, { \"name\": \"\", \"data\": [2.5] }]",
            "[{ data: [1], name: 'A' }, { data: [2.5], name: '' }]",
            "[/* assets */ { name: 'A', data: [1] }, // of the last quarter\n { name: '', data: [2.5] }]",
            "[{ name: 'A', data: [1] /* R$ */ }, { name: '', data: [2.5], marks: [1, ['x', 2], true], z: { on: false, 'w': 1 } }]",
        ] {
            assert_eq!(read(series), told(), "{series}");
        }
        for series in [
            "[{ name: 'A', color: '#fff' }]",
            "[{ nome: 'A', data: [1] }]",
            "[{ name: 'A', name: 'B', data: [1] }]",
            "[{ data: [1], name: 'A', data: [2] }]",
            "[{ name: 'A', data: [1, 2] }]",
            "[{ name: 'A', data: [1,5] }]",
            "[{ name: 'A', data: [1] color: 'x' }]",
            "[{ name: 'A', data: [1], color: run() }]",
            "[{ name: 'A', data: [1], color: [1",
            "[{ name: 'A', data: [1], /* ",
        ] {
            assert_eq!(read(series), Err(1), "{series}");
        }
    }

    #[test]
    fn the_text_of_the_lake_is_read_back() {
        for text in ["[]", r#"[["CRI / CRA",1.50],[null,-2]]"#] {
            assert_eq!(text.parse::<Composition>().unwrap().to_string(), text);
        }
        for text in
            ["", "[[1]]", "[[\"A\",1]", "[[\"A\",1]] x", "[[\"A\",1][\"B\",2]]", "[[\"A\",1,5]]", "{}"]
        {
            assert_eq!(text.parse::<Composition>(), Err(InvalidComposition), "{text}");
        }
        let control = Composition { parts: vec![Part { name: Some("a\u{1}b".into()), amount: 1.into() }] };
        assert_eq!(control.to_string().parse(), Ok(control));
    }
}
