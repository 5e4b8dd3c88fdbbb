//! Knows the script of the search box: the tickers and names of all traded securities.

/// The script, in the order of the tickers.
pub(crate) fn script<'a>(securities: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut securities: Vec<_> = securities.collect();
    securities.sort_unstable();
    let entry = |(place, (ticker, name)): (usize, (&str, &str))| {
        // One of the site ends in a blank.
        let blank = if place == 0 { " " } else { "" };
        format!("['{ticker}{blank}', ' - {}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
    };
    let entries: Vec<String> = securities.into_iter().enumerate().map(entry).collect();
    format!(
        "\nwindow.addEvent('domready', function(){{\n\t\t\tvar caixa = $('completar');\n\t\t\tvar tokens = [\n{}];\n\t\t\tnew Sugestoes(caixa, tokens);\n\t\t}});\n",
        entries.join(",")
    )
}
