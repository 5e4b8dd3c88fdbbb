//! Securities next to each other: a row a figure, a column a ticker, then the medians.

use chrono::NaiveDate;
use pynvest::record::{Column, Form, Kind, Value, one_or_many};

use crate::view::listing::{Heading, Listing, Row, short};
use crate::view::output::Format;
use crate::view::table::{self, Colour, Style};
use crate::view::text::{Lang, escape_control};

pub(crate) struct SideBySide {
    pub(crate) tickers: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) groups: Vec<Group>,
    /// Which tickers count in the medians.
    pub(crate) peers: String,
    pub(crate) doubts: Vec<String>,
}

/// A sector or segment with a median.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) day: NaiveDate,
    /// How many tickers are in it.
    pub(crate) tickers: usize,
}

/// A row.
pub(crate) struct Figure {
    pub(crate) column: &'static Column,
    /// The value of each ticker, and whether it is in doubt.
    pub(crate) cells: Vec<(Option<Value>, bool)>,
    /// Of each group.
    pub(crate) medians: Vec<Option<Value>>,
    /// The places of the best values.
    pub(crate) best: Vec<usize>,
}

impl SideBySide {
    /// For people.
    pub(crate) fn draw(&self, lang: Lang, style: Style) -> String {
        let mut headings = vec![lang.pick("figure", "indicador").to_owned()];
        headings.extend(self.tickers.iter().cloned());
        let median = lang.pick("median", "mediana");
        headings.extend((1..=self.groups.len()).map(|number| match self.groups.len() {
            1 => median.to_owned(),
            _ => format!("{median} {number}"),
        }));
        let row = |figure: &Figure| {
            let shown = |value: &Option<Value>| match value {
                Some(value) => lang.readable(figure.column.form, value),
                None => "-".to_owned(),
            };
            let mut row = vec![lang.pick(short(figure.column).to_owned(), lang.heading(figure.column))];
            row.extend(figure.cells.iter().enumerate().map(|(place, (value, doubted))| {
                let mark = match doubted {
                    true => "! ",
                    false if figure.best.contains(&place) => "* ",
                    false => "",
                };
                format!("{mark}{}", shown(value))
            }));
            row.extend(figure.medians.iter().map(shown));
            row
        };
        let rows: Vec<Vec<String>> = self.figures.iter().map(row).collect();
        let right: Vec<bool> = (0..headings.len()).map(|column| column > 0).collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let mut text = table::panels(&headings, &rows, &right, style);
        let mut say = |line: &str, colour| {
            for line in table::cut(line, style.width.unwrap_or(usize::MAX)) {
                text.push_str(&style.paint(&line, colour));
                text.push('\n');
            }
        };
        say(
            lang.pick(
                "* the best value of the row, among the tickers",
                "* o melhor valor da linha, entre os papéis",
            ),
            Colour::Faint,
        );
        for (number, group) in (1..).zip(&self.groups) {
            let number = if self.groups.len() == 1 { String::new() } else { format!(" {number}") };
            let (name, count, day) = (escape_control(&group.name), group.tickers, lang.day(group.day));
            let tickers =
                lang.pick(one_or_many(count, "ticker", "tickers"), one_or_many(count, "papel", "papéis"));
            say(
                &match lang {
                    Lang::En => {
                        format!("median{number}: {count} {tickers} of {name} with {}, {day}", self.peers)
                    }
                    Lang::Pt => {
                        format!("mediana{number}: {count} {tickers} de {name} com {}, {day}", self.peers)
                    }
                },
                Colour::Faint,
            );
        }
        for doubt in &self.doubts {
            say(&format!("! {doubt}"), Colour::Doubt);
        }
        text
    }

    /// For programs and spreadsheets. Figures of different kinds share a column, which is a text; a workbook has them as what they are.
    pub(crate) fn listing(&self, format: Format, lang: Lang) -> Listing {
        let heading = |name: String, portuguese: &str, comment: &str| {
            Heading::new(name, portuguese, Kind::Text, comment, lang)
        };
        let mut headings = vec![
            heading("figure".to_owned(), "Indicador", "Nome curto da coluna"),
            heading(
                "better".to_owned(),
                "Melhor se",
                "higher: o maior valor; lower: o menor que não é negativo",
            ),
        ];
        let of_ticker =
            |ticker: &String| heading(ticker.clone(), ticker, "Valor do papel; percentuais como fração");
        headings.extend(self.tickers.iter().map(of_ticker));
        headings.extend(self.groups.iter().map(|group| {
            let (name, count) = (&group.name, group.tickers);
            let comment =
                format!("Mediana de {count} {} em {}", one_or_many(count, "papel", "papéis"), group.day);
            heading(format!("median of {name}"), &format!("mediana de {name}"), &comment)
        }));
        headings.extend([
            heading("best".to_owned(), "Melhor", "Papéis com o melhor valor"),
            heading("doubted".to_owned(), "Em dúvida", "Papéis cujo valor contradiz outros da página"),
        ]);
        Listing {
            title: lang.pick("compare", "comparação").to_owned(),
            headings,
            rows: self.figures.iter().map(|figure| self.row(figure, format, lang)).collect(),
            forms: self.figures.iter().map(|figure| figure.column.form).collect::<Vec<Form>>(),
            ..Listing::default()
        }
    }

    fn row(&self, figure: &Figure, format: Format, lang: Lang) -> Row {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        let cell = |value: &Option<Value>| Some(format.shared(value.as_ref()?, lang));
        let named = |is: &dyn Fn(usize) -> bool| {
            let names = self.tickers.iter().enumerate().filter(|(place, _)| is(*place));
            let names: Vec<&str> = names.map(|(_, ticker)| ticker.as_str()).collect();
            text(&names.join(" ")).filter(|_| !names.is_empty())
        };
        let mut row =
            vec![text(short(figure.column)), figure.column.better.and_then(|better| text(better.as_str()))];
        row.extend(figure.cells.iter().map(|(value, _)| cell(value)));
        row.extend(figure.medians.iter().map(cell));
        row.push(named(&|place| figure.best.contains(&place)));
        row.push(named(&|place| figure.cells.get(place).is_some_and(|(_, doubted)| *doubted)));
        row
    }
}
