//! Knows the mobile layout: no tables, and zeros where the classic page has dashes.

use super::escape;

/// Renders the mobile page of a security from the pairs of its classic page.
pub(crate) fn page(ticker: &str, cells: &[(String, String)]) -> String {
    let mut html = include_str!("../shell/mobile-head.html").replace("{{ticker}}", &escape(ticker));
    for (label, value) in cells.iter().filter(|(label, _)| !label.is_empty()) {
        let value = if value == "-" { "0,00" } else { value };
        html.push_str(&format!(
            "\t\t\t\t\t<div class=\"col-sm-auto\">\n\t\t\t\t\t\t<div class=\"data\">\n\t\t\t\t\t\t\t<span class=\"data-title\">{} <span class=\"data-tooltip\" title=\"{}\">?</span></span>\n              <span class=\"data-value\">{}</span>\n\t\t\t\t\t\t</div>\n\t\t\t\t\t</div>\n",
            escape(label),
            crate::glossary::describe(label),
            escape(value),
        ));
    }
    html.push_str("\t\t\t\t</div>\n\t\t\t</div>\n\t\t</div>\n\t</div>\n</body>\n</html>\n");
    html
}
