//! Knows the markup of the label and value cells on a details page, and remembers each pair it wrote.

use super::escape;
use crate::glossary::describe;
use crate::security::Branch;

/// Writes the `w728` tables of a details page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) html: String,
    /// Label and value as a reader of the page sees them, in page order, blank pairs included.
    pub(super) cells: Vec<(String, String)>,
}

/// The classes of a label cell and of its value cell, after `label` and `data`.
pub(super) type Widths = (&'static str, &'static str);

impl Sheet {
    pub(super) fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    pub(super) fn open_table(&mut self) {
        self.raw("\t\t\t<table class=\"w728\">\n");
    }

    pub(super) fn close_table(&mut self) {
        self.raw("\t\t\t</table>\n");
    }

    pub(super) fn open_row(&mut self) {
        self.raw("\t\t\t\t<tr>\n");
    }

    pub(super) fn close_row(&mut self) {
        self.raw("\t\t\t\t</tr>\n");
    }

    /// A section heading; `html` is written as it is.
    pub(super) fn heading(&mut self, class: &str, columns: u8, html: &str) {
        self.html.push_str(&format!(
            "\t\t\t\t\t<td class=\"{class}\" colspan=\"{columns}\"><span class=\"txt\">{html}</span></td>\n"
        ));
    }

    /// A label and a value on one line.
    pub(super) fn pair(&mut self, widths: Widths, label: &str, value: &str) {
        self.label(widths.0, label);
        self.value(widths.1, &escape(value));
        self.remember(label, value);
    }

    /// A label and a value that the site breaks over two lines.
    pub(super) fn broken_pair(&mut self, widths: Widths, label: &str, value: &str) {
        self.label(widths.0, label);
        self.value(widths.1, &format!("\n          {}", escape(value)));
        self.remember(label, value);
    }

    /// A label and a link to the securities of the same branch; an empty link for no branch.
    pub(super) fn branch_pair(&mut self, label: &str, query: &str, branch: Option<Branch>) {
        let (id, name) =
            branch.map_or_else(|| (String::new(), ""), |branch| (branch.id.to_string(), branch.name));
        self.label("", label);
        self.value("", &format!("<a href=\"{query}={id}\">{}</a>", escape(name)));
        self.remember(label, name);
    }

    /// A date and, in the same cell, the link to the document of that date.
    pub(super) fn document_pair(&mut self, widths: Widths, label: &str, date: &str, id: u32) {
        self.label(widths.0, label);
        self.html.push_str(&format!(
            "\t\t\t\t\t<td class=\"data {}\"><span class=\"txt\">{date}</span><a href=\"https://fnet.bmfbovespa.com.br/fnet/publico/downloadDocumento?id={id}\">\
             <img style=\"width: 13px; float: right;\" src=\"figuras/baixar.svg\" alt=\"Baixar o relatório\"></a>\n                 </td>\n",
            widths.1
        ));
        self.remember(label, date);
    }

    /// An oscillation: a label without `?`, a value coloured by its sign.
    ///
    /// `broken` is how the site writes the first one: on two lines.
    pub(super) fn change_pair(&mut self, label: &str, hundredths: i64, text: &str, broken: bool) {
        let colour = match hundredths.signum() {
            1 => "#306EFF",
            -1 => "#F75D59",
            _ => "#677C59",
        };
        let indent = if broken { "\n          " } else { "" };
        self.html.push_str(&format!(
            "\t\t\t\t\t<td class=\"label w1\"><span class=\"txt\">{label}</span></td>\n\
             \t\t\t\t\t<td class=\"data w1\"><span class=\"oscil\">{indent}<font color=\"{colour}\">{text}</font></span></td>\n"
        ));
        self.remember(label, text);
    }

    /// The blank pair that ends the oscillations of a stock.
    pub(super) fn blank_change(&mut self) {
        self.raw(
            "\t\t\t\t\t<td class=\"label w1\"><span class=\"txt\"></span></td>\n\
             \t\t\t\t\t<td class=\"data w1\"><span class=\"oscil\"></span></td>\n",
        );
        self.remember("", "");
    }

    /// A blank pair of a fund: cells without so much as a span.
    pub(super) fn bare_pair(&mut self) {
        self.raw("\t\t\t\t\t<td class=\"label\"></td>\n\t\t\t\t\t<td class=\"data\"></td>\n");
        self.remember("", "");
    }

    fn label(&mut self, width: &str, label: &str) {
        // The one label too long for its cell carries a style, as on the site.
        let style = if label == "Imóveis/PL do FII" { "style=\"font-size:10px;\" " } else { "" };
        self.html.push_str(&format!(
            "\t\t\t\t\t<td class=\"{}\"><span class=\"help tips\" title=\"{}\">?</span><span {style}class=\"txt\">{label}</span></td>\n",
            class("label", width),
            describe(label),
        ));
    }

    fn value(&mut self, width: &str, html: &str) {
        self.html.push_str(&format!(
            "\t\t\t\t\t<td class=\"{}\"><span class=\"txt\">{html}</span></td>\n",
            class("data", width),
        ));
    }

    fn remember(&mut self, label: &str, value: &str) {
        self.cells.push((label.to_owned(), value.trim().to_owned()));
    }
}

fn class(name: &str, width: &str) -> String {
    if width.is_empty() { name.to_owned() } else { format!("{name} {width}") }
}
