//! Knows the pages that are no record: not found, choose, home, denied, challenge and the like.

use super::{CLOSE, Frame, Menu, escape};

/// What the front of the site answers to a client it does not like.
pub(crate) const DENIED: &str = "<html><body><p>Access denied</p></body></html>";

/// What stands in the way of a visitor who must first prove to be one.
pub(crate) const CHALLENGE: &str = include_str!("../shell/challenge.html");

/// A row of the page that asks which security was meant.
pub(crate) struct Choice<'a> {
    pub(crate) ticker: &'a str,
    pub(crate) name: &'a str,
    pub(crate) legal_name: &'a str,
}

/// Nothing matched the search.
pub(crate) fn not_found() -> String {
    search(
        "  \t<div class=\"center\">\n\t\t<div class=\"conteudo clearfix\">\n\t\t<h1>Nenhum papel encontrado</h1><BR><BR><BR><BR>\t\t</div>\n\t</div>\n",
    )
}

/// Something matched the search, even a single security.
pub(crate) fn choose<'a>(choices: impl Iterator<Item = Choice<'a>>) -> String {
    let mut table = String::from(
        "<div class=\"center\">\n<div class=\"conteudo clearfix\">\n<h1>Selecione o Papel</h1>\n<table id=\"test1\" class=\"resultado sortable-onload-0-reverse rowstyle-par colstyle-col no-arrow\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\">\n<thead>\n<tr>\n",
    );
    for (at, heading) in ["Papel", "Nome Comercial", "Razão Social"].into_iter().enumerate() {
        table.push_str(&format!(
            "<th style=\"-moz-user-select: none;\" class=\"sortable-text fd-column-{at}\"><a href=\"#\">{heading}</a></th>\n"
        ));
    }
    table.push_str("</tr>\n</thead>\n<tbody>\n");
    for (at, choice) in choices.enumerate() {
        let class = if at.is_multiple_of(2) { "" } else { "par" };
        // Some links of the full list end in a space; here, one in sixteen.
        let space = if at % 16 == 3 { " " } else { "" };
        let ticker = choice.ticker;
        table.push_str(&format!(
            "<tr class=\"{class}\">\n<td><a href=\"detalhes.php?papel={ticker}{space}\">{ticker}{space}</a></td>\n<td>{}</td>\n<td>{}</td>\n</tr>\n",
            escape(choice.name),
            escape(choice.legal_name),
        ));
    }
    table.push_str("</tbody>\n</table>\n</div>\n</div>\n");
    search(&table)
}

/// The front page, where a redirect may lead.
pub(crate) fn home() -> String {
    search("<h1>Bem-vindo</h1><p>Escolha um papel na busca acima.</p>\n")
}

/// A path the site does not have.
pub(crate) const MISSING: &str = "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n</body></html>\n";

/// The body of an answer that says to wait.
pub(crate) const UNAVAILABLE: &str =
    "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>\n";

/// The body of an answer that says to slow down.
pub(crate) const TOO_MANY: &str =
    "<html><head><title>429</title></head><body><h1>Too Many Requests</h1></body></html>\n";

/// The junk body of a redirect.
pub(crate) fn moved(to: &str) -> String {
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>301 Moved Permanently</title>\n</head><body>\n<h1>Moved Permanently</h1>\n<p>See <a href=\"{}\">there</a>.</p>\n</body></html>\n",
        escape(to)
    )
}

fn search(content: &str) -> String {
    let frame = Frame { body: "detalhes", ticker: "", menu: Menu::Empty, filter: "" };
    let mut html = frame.open();
    html.push_str(content);
    html.push_str(CLOSE);
    html
}
