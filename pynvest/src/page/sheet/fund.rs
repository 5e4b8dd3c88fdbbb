//! Parts of a FII page outside of its labels: links to documents, and the script that draws the composition.

use std::borrow::Cow;

use crate::error::layout_diff::Violation;
use crate::page::html::decode::decode_attribute;
use crate::record::cell;
use crate::record::column::Source;
use crate::record::fii::composition::Composition;
use crate::record::fii::{COMPOSITION, DOCUMENTS, REPORT, REPORT_ADDRESS};

/// Where the script draws the composition.
const CHART: &str = "#chartComposicaoAtivos";
const REGISTER: &str = "https://fnet.bmfbovespa.com.br/fnet/publico/abrirGerenciadorDocumentosCVM?cnpjFundo=";
/// As much of a series that cannot be read as an error repeats, in letters.
const SHOWN: usize = 100;

/// The texts that are printed without a label, each with the source of its column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fund {
    texts: Vec<(Source, String)>,
    /// From where on the series of the chart cannot be read.
    unread: Option<String>,
    /// Doubts about how it is printed.
    pub(crate) issues: Vec<(Source, Violation)>,
}

impl Fund {
    /// By the links and scripts of the page, as they are written; `report` is the value of `Relatório`, and its link.
    pub(crate) fn read(links: &[&str], scripts: &[&str], report: Option<(&str, Option<&str>)>) -> Self {
        let mut fund = Self::default();
        let source = Source::Link(REPORT);
        if let Some((date, link)) = report {
            let link = link.unwrap_or_default();
            // Without a report there is no link to one.
            if !link.is_empty() || cell::present(date).is_some() {
                let (id, as_ever) = behind(link, REPORT_ADDRESS);
                fund.take(source, link, id.filter(|id| is_id(id)), as_ever);
            }
        }
        let links = links.iter().map(|link| decode_attribute(link));
        let mut registers = links.filter(|link| link.contains("cnpjFundo="));
        let link = registers.next().unwrap_or_default();
        let other = registers.find(|other| *other != link);
        let (cnpj, as_ever) = behind(&link, REGISTER);
        let printed = cnpj.map(|cnpj| cnpj.trim_end_matches('#')).unwrap_or_default();
        let cnpj = without_punctuation(printed);
        let as_ever = as_ever && cnpj == printed;
        let cnpj = Some(&*cnpj).filter(|cnpj| other.is_none() && is_cnpj(cnpj));
        fund.take(Source::Link(DOCUMENTS), other.as_deref().unwrap_or(&link), cnpj, as_ever);
        let source = Source::Series(COMPOSITION);
        match series(scripts) {
            Some(series) => {
                let from = |place| series.get(place..).unwrap_or_default();
                let shown = |place| from(place).chars().take(SHOWN).collect::<String>().trim().to_owned();
                match Composition::from_series(series) {
                    Ok((composition, odd)) => {
                        fund.texts.push((source, composition.to_string()));
                        let (heading, text) = (COMPOSITION.to_owned(), odd.map(shown));
                        let violation = text.map(|text| Violation::Series { heading, text });
                        fund.issues.extend(violation.map(|violation| (source, violation)));
                    }
                    Err(place) => {
                        let text = shown(place);
                        fund.issues.push((source, Violation::Unreadable { text: text.clone() }));
                        fund.unread = Some(text);
                    }
                }
            }
            None => {
                let violation = Violation::NoSeries { heading: COMPOSITION.to_owned() };
                fund.issues.push((source, violation));
            }
        }
        fund
    }

    fn take(&mut self, source: Source, link: &str, text: Option<&str>, as_ever: bool) {
        if text.is_none() || !as_ever {
            let (label, link) = (source.to_string(), link.to_owned());
            self.issues.push((source, Violation::Link { label, link }));
        }
        self.texts.extend(text.map(|text| (source, text.to_owned())));
    }

    /// The series of the chart, from where on it cannot be read.
    pub(crate) fn unread(&self) -> Option<&str> {
        self.unread.as_deref()
    }

    pub(crate) fn text(&self, source: Source) -> Option<&str> {
        self.texts.iter().find(|(of, _)| *of == source).map(|(_, text)| text.as_str())
    }
}

fn is_id(text: &str) -> bool {
    (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is behind an address, and whether the address is as ever: the same without encryption is as good.
fn behind<'a>(link: &'a str, address: &str) -> (Option<&'a str>, bool) {
    if let Some(rest) = link.strip_prefix(address) {
        return (Some(rest), true);
    }
    let plain = link.strip_prefix("http://").zip(address.strip_prefix("https://"));
    (plain.and_then(|(link, address)| link.strip_prefix(address)), false)
}

/// `11.728.688/0001-47`, or the same in an address, as 14 digits; any other text as it is.
fn without_punctuation(cnpj: &str) -> Cow<'_, str> {
    let plain = cnpj.replace("%2F", "/").replace("%2f", "/");
    let formed = plain.len() == 18
        && plain
            .bytes()
            .zip(*b"00.000.000/0000-00")
            .all(|(byte, form)| if form == b'0' { byte.is_ascii_alphanumeric() } else { byte == form });
    if formed { Cow::Owned(plain.replace(['.', '/', '-'], "")) } else { Cow::Borrowed(cnpj) }
}

fn is_cnpj(text: &str) -> bool {
    text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// From behind `series:` on, in the script that draws the composition.
fn series<'a>(scripts: &[&'a str]) -> Option<&'a str> {
    scripts.iter().find(|script| script.contains(CHART)).and_then(|script| property(script, "series"))
}

/// What is behind the first property of this name, outside of texts and comments.
fn property<'a>(script: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = script;
    loop {
        let letter = rest.chars().next()?;
        let word = rest.len()
            - rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_').len();
        let length = match letter {
            '"' | '\'' | '`' => literal(rest, letter),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ if word == 0 => letter.len_utf8(),
            _ => {
                let (found, behind) = rest.split_at_checked(word)?;
                if let Some(value) = behind.trim_ascii_start().strip_prefix(':').filter(|_| found == name) {
                    return Some(value.trim_ascii_start());
                }
                word
            }
        };
        rest = rest.get(length..)?;
    }
}

/// How long a literal is, with its quotes.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == quote && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(place, _)| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::html::tables::Tables;
    use crate::page::markup::role;

    fn tables(page: &str) -> Tables<'_> {
        Tables::read(page, role).unwrap_or_default()
    }

    fn fund(page: &str, report: Option<(&str, Option<&str>)>) -> Fund {
        let page = tables(page);
        Fund::read(&page.links, &page.scripts, report)
    }

    #[test]
    fn the_series_is_that_of_the_chart_of_the_composition() {
        let page = "<script>var a = { series: [1] }</script><script>
            // series: [ 2 ]
            /* series: [ 3 ] */ var b = 'series: [4]'; myseries: 5;
            var options = { series : [6] }; document.querySelector(\"#chartComposicaoAtivos\")</script>
            <!-- <script>series: [7] #chartComposicaoAtivos</script> -->";
        let found = series(&tables(page).scripts);
        assert!(found.is_some_and(|found| found.starts_with("[6] }")), "{found:?}");
        for page in [
            "<script>series: [1] #chart</script>",
            "<p>series: [1] #chartComposicaoAtivos",
            "<script>'#chartComposicaoAtivos",
        ] {
            assert_eq!(series(&tables(page).scripts), None, "{page}");
        }
    }

    #[test]
    fn links_that_lead_elsewhere_are_no_documents() {
        let cnpj = |html: &str| {
            let fund = fund(html, None);
            // Also of the page without a series.
            (fund.text(Source::Link(DOCUMENTS)).map(str::to_owned), fund.issues.len() - 1)
        };
        let told = Some("11728688000147".to_owned());
        let link = |rest: &str| format!("<a href='{REGISTER}{rest}'>x</a>");
        let right = link("11728688000147#");
        assert_eq!(cnpj(&right), (Some("11728688000147".to_owned()), 0));
        // Without encryption, or with punctuation: read and told.
        assert_eq!(cnpj(&right.replace("https:", "http:")), (told.clone(), 1));
        assert_eq!(cnpj(&link("11.728.688/0001-47")), (told.clone(), 1));
        assert_eq!(cnpj(&link("11.728.688%2F0001-47#")), (told, 1));
        assert_eq!(cnpj(&link("11.728.688/000147#")), (None, 1));
        assert_eq!(cnpj(&right.repeat(2)), (Some("11728688000147".to_owned()), 0));
        assert_eq!(cnpj(&(right.clone() + &link("28737771000185#"))), (None, 1));
        assert_eq!(cnpj(&link("1172868800014#")), (None, 1));
        assert_eq!(cnpj("<a href='https://example.com/?cnpjFundo=11728688000147'>x</a>"), (None, 1));
        assert_eq!(cnpj(""), (None, 1));

        let report = |link: &str| {
            let fund = fund(&right, Some(("29/05/2026", Some(link))));
            (fund.text(Source::Link(REPORT)).map(str::to_owned), fund.issues.len())
        };
        // That there is no series is the other issue.
        assert_eq!(report(&format!("{REPORT_ADDRESS}1218334")), (Some("1218334".to_owned()), 1));
        let plain = format!("{REPORT_ADDRESS}1218334").replace("https:", "http:");
        assert_eq!(report(&plain), (Some("1218334".to_owned()), 2));
        for link in [&format!("{REPORT_ADDRESS}1218334&x=1"), "detalhes.php", ""] {
            assert_eq!(report(link), (None, 2), "{link}");
        }
        assert_eq!(fund(&right, Some(("-", None))).issues.len(), 1);
    }
}
