//! Which part of a list a page shows, by its links.

use crate::page::html::decode::decode_attribute;
use crate::record::security::Filter;

/// The part of the list by the links of its page, as they are written; `None` if none of them says it.
pub(crate) fn filter(links: &[&str]) -> Option<Filter> {
    let mut found = links.iter().filter_map(|link| of_link(&decode_attribute(link)));
    let first = found.next()?;
    match found.find(|other| *other != first) {
        None => Some(first),
        Some(other) => Some(Filter::Other(format!("{first} and {other}"))),
    }
}

/// The filter that a link to the mobile edition repeats.
fn of_link(link: &str) -> Option<Filter> {
    let (_, query) = link.split_once('?')?;
    if !query.split('&').any(|part| part == "interface=mobile") {
        return None;
    }
    let parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && *part != "interface=mobile").collect();
    Some(match parts.as_slice() {
        [] => Filter::All,
        [part] => match (part.strip_prefix("setor="), part.strip_prefix("segmento=")) {
            (Some(id), _) => number(id).map_or_else(|| Filter::Other((*part).to_owned()), Filter::Sector),
            (_, Some(id)) => number(id).map_or_else(|| Filter::Other((*part).to_owned()), Filter::Segment),
            _ => Filter::Other((*part).to_owned()),
        },
        parts => Filter::Other(parts.join("&")),
    })
}

/// The number that a link to a list asks for: `14` of `resultado.php?setor=14`.
pub(crate) fn linked(link: &str, list: &str, parameter: &str) -> Option<u32> {
    let query = link.rsplit('/').next()?.strip_prefix(list)?.strip_prefix('?')?;
    number(query.strip_prefix(parameter)?.strip_prefix('=')?)
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::html::tables::Tables;
    use crate::page::markup::role;

    fn filter_of(page: &str) -> Option<Filter> {
        Tables::read(page, role).ok().and_then(|tables| filter(&tables.links))
    }

    #[test]
    fn a_page_names_its_filter() {
        let of = |link: &str| filter_of(&format!("<a href=index.php>x</a><a class=m href='{link}'>y</a>"));
        for (link, expected) in [
            ("?&interface=mobile", Some(Filter::All)),
            ("?interface=mobile", Some(Filter::All)),
            ("?setor=14&amp;interface=mobile", Some(Filter::Sector(14))),
            ("?segmento=5&interface=mobile", Some(Filter::Segment(5))),
            ("?setor=None&interface=mobile", Some(Filter::Other("setor=None".to_owned()))),
            ("?setor=%2B1&interface=mobile", Some(Filter::Other("setor=%2B1".to_owned()))),
            ("?setor=14&segmento=5&interface=mobile", Some(Filter::Other("setor=14&segmento=5".to_owned()))),
            ("?setor=14&interface=desktop", None),
            ("?setor=14", None),
        ] {
            assert_eq!(of(link), expected, "{link}");
        }
        let two = "<a href='?setor=1&interface=mobile'></a><a href='?&interface=mobile'></a>";
        assert_eq!(filter_of(two), Some(Filter::Other("setor=1 and the whole list".to_owned())));
        // No link begins in a comment or a script.
        assert_eq!(
            filter_of("<!--<a href='?setor=1&interface=mobile'>--><script><a href='?interface=mobile'>"),
            None
        );
    }
}
