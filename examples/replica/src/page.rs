//! Knows what surrounds every classic page: head, menus, footer, and how text becomes HTML.

pub(crate) mod details;
pub(crate) mod dividends;
pub(crate) mod list;
pub(crate) mod mobile;
pub(crate) mod names;
pub(crate) mod notice;
mod sheet;

/// Where in the site a page stands: fills the holes of the shell.
pub(crate) struct Frame<'a> {
    /// Class of `<body>`.
    pub(crate) body: &'a str,
    /// Ticker in view; empty on lists and searches.
    pub(crate) ticker: &'a str,
    /// The `software` menu of a stock, of a fund, or none.
    pub(crate) menu: Menu,
    /// The query of a list that shows a part, as `setor=14`; blank otherwise.
    pub(crate) filter: &'a str,
}

/// Which menu of links about the security in view is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Menu {
    Stock,
    Fii,
    Empty,
}

impl Frame<'_> {
    /// Everything before the content of the page.
    pub(crate) fn open(&self) -> String {
        // A ticker may come from the address bar.
        let ticker = escape(self.ticker);
        let title = if ticker.is_empty() {
            "FUNDAMENTUS - Invista consciente".to_owned()
        } else {
            format!("FUNDAMENTUS - {ticker} - Invista consciente - Indicadores")
        };
        let menu = match self.menu {
            Menu::Stock => include_str!("shell/menu-stock.html"),
            Menu::Fii => include_str!("shell/menu-fii.html"),
            Menu::Empty => "",
        };
        let viewing = if self.menu == Menu::Empty {
            String::new()
        } else {
            format!("<div class=\"atual\"><p>Você está vendo<strong>{ticker}</strong></p></div>")
        };
        let query = match self.filter {
            "" if ticker.is_empty() => String::new(),
            "" => format!("papel={ticker}&h=1"),
            filter => escape(filter),
        };
        let holes = [
            ("{{title}}", title.as_str()),
            ("{{body}}", self.body),
            ("{{viewing}}", viewing.as_str()),
            ("{{menu}}", menu),
            ("{{content}}", content_class(self.ticker)),
            ("{{ticker}}", ticker.as_str()),
            ("{{query}}", query.as_str()),
        ];
        let mut html = include_str!("shell/head.html").to_owned();
        for (hole, text) in holes {
            html = html.replace(hole, text);
        }
        html
    }
}

/// The end of the content: closes what [`Frame::open`] left open, down to `</html>`.
pub(crate) const CLOSE: &str = include_str!("shell/foot.html");

/// The site leaks a line of its PHP into an attribute of some pages; here, of one ticker in five.
fn content_class(ticker: &str) -> &'static str {
    if !ticker.is_empty() && ticker.bytes().map(u32::from).sum::<u32>() % 5 == 0 {
        "conteudo <? echo rand(0,2); ?> clearfix"
    } else {
        "conteudo clearfix"
    }
}

/// Escapes text for an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
