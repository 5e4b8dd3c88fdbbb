//! What stands where on a details page: its rows, label by label, in the three layouts.

use std::cmp::Ordering;
use std::sync::LazyLock;

use crate::record::cell;
use crate::record::column::{Column, Source};
use crate::record::security::Layout;

/// One place of a page: what its label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// This label.
    Label(&'static str),
    /// One of these two labels, depending on the year of the capture.
    Either(&'static str, &'static str),
    /// This label, under the heading of the last twelve months.
    Twelve(&'static str),
    /// This label, under the heading of the last three months.
    Three(&'static str),
    /// The n-th of the six year labels, from 0.
    Year(usize),
    /// This label, on old pages, whose last rows of indicators are arranged in another way.
    Anywhere(&'static str),
}

use Place::{Anywhere, Either, Label, Three, Twelve, Year};

type Row = &'static [Place];

const STOCK_HEAD: &[Row] = &[
    &[Label("Papel"), Label("Cotação")],
    &[Label("Tipo"), Label("Data últ cot")],
    &[Label("Empresa"), Label("Min 52 sem")],
    &[Label("Setor"), Label("Max 52 sem")],
    &[Label("Subsetor"), Label("Vol $ méd (2m)")],
    &[Label("Valor de mercado"), Label("Últ balanço processado")],
    &[Label("Valor da firma"), Label("Nro. Ações")],
];

const INDICATORS: &[Row] = &[
    &[Label("Dia"), Label("P/L"), Label("LPA")],
    &[Label("Mês"), Label("P/VP"), Label("VPA")],
    &[Label("30 dias"), Label("P/EBIT"), Label("Marg. Bruta")],
    &[Label("12 meses"), Label("PSR"), Label("Marg. EBIT")],
    &[Year(0), Label("P/Ativos"), Label("Marg. Líquida")],
    &[Year(1), Label("P/Cap. Giro"), Label("EBIT / Ativo")],
    &[Year(2), Label("P/Ativ Circ Liq"), Label("ROIC")],
    &[Year(3), Label("Div. Yield"), Label("ROE")],
];

/// The last rows of the indicators.
const LAST_INDICATORS: &[Row] = &[
    &[Year(4), Label("EV / EBITDA"), Label("Liquidez Corr")],
    &[Year(5), Label("EV / EBIT"), Either("Div Br/ Patrim", "Dív Líq / Patrim")],
    &[Label("Cres. Rec (5a)"), Label("Giro Ativos")],
];

/// The same until 2018, without `EV / EBITDA`.
const LAST_INDICATORS_UNTIL_2018: &[Row] = &[
    &[Year(4)],
    &[Year(5)],
    &[
        Anywhere("EV / EBIT"),
        Anywhere("Liquidez Corr"),
        Anywhere("Giro Ativos"),
        Anywhere("Div Br/ Patrim"),
        Anywhere("Cres. Rec (5a)"),
    ],
];

const STOCK_FIGURES: &[Row] = &[
    &[Label("Ativo"), Label("Dív. Bruta")],
    &[Label("Disponibilidades"), Label("Dív. Líquida")],
    &[Label("Ativo Circulante"), Label("Patrim. Líq")],
    &[Twelve("Receita Líquida"), Three("Receita Líquida")],
    &[Twelve("EBIT"), Three("EBIT")],
    &[Twelve("Lucro Líquido"), Three("Lucro Líquido")],
];

const BANK_FIGURES: &[Row] = &[
    &[Label("Ativo"), Label("Depósitos")],
    &[Label("Cart. de Crédito"), Label("Patrim. Líq")],
    &[Twelve("Result Int Financ"), Three("Result Int Financ")],
    &[Twelve("Rec Serviços"), Three("Rec Serviços")],
    &[Twelve("Lucro Líquido"), Three("Lucro Líquido")],
];

const FII: &[Row] = &[
    &[Label("FII"), Label("Cotação")],
    &[Label("Nome"), Label("Data últ cot")],
    &[Label("Mandato"), Label("Min 52 sem")],
    &[Label("Segmento"), Label("Max 52 sem")],
    &[Label("Gestão"), Label("Vol $ méd (2m)")],
    &[Label("Valor de mercado"), Label("Nro. Cotas")],
    &[Label("Relatório"), Label("Últ Info Trimestral")],
    &[Label("Dia"), Label("FFO Yield"), Label("FFO/Cota")],
    &[Label("Mês"), Label("Div. Yield"), Label("Dividendo/cota")],
    &[Label("30 dias"), Label("P/VP"), Label("VP/Cota")],
    &[Label("12 meses")],
    &[Year(0)],
    &[Year(1), Twelve("Receita"), Three("Receita")],
    &[Year(2), Twelve("Venda de ativos"), Three("Venda de ativos")],
    &[Year(3), Twelve("FFO"), Three("FFO")],
    &[Year(4), Twelve("Rend. Distribuído"), Three("Rend. Distribuído")],
    &[Year(5)],
    &[Label("Ativos"), Label("Patrim Líquido")],
    &[Label("Qtd imóveis"), Label("Área (m2)"), Label("Cap Rate")],
    &[Label("Qtd Unidades"), Label("Aluguel/m2"), Label("Vacância Média")],
    &[Label("Imóveis/PL do FII"), Label("Preço do m2")],
];

/// How a value is printed, where every page prints it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A percentage in `span.oscil`, with two decimals.
    Oscillation,
    /// A percentage with so many decimals.
    Percentage(usize),
    /// Reais or shares, without decimals.
    Amount,
    /// A price or a ratio, with two decimals.
    Ratio,
    /// Something that is never blank; nothing is a dash.
    Figure,
    /// A text that is never blank.
    Text,
    /// A text that may be blank.
    Blank,
}

const OSCILLATIONS: [&str; 4] = ["Dia", "Mês", "30 dias", "12 meses"];
const MAY_BE_BLANK: [&str; 4] = ["Setor", "Subsetor", "Mandato", "Segmento"];
const TEXTS: [&str; 6] = ["Papel", "Tipo", "Empresa", "FII", "Nome", "Gestão"];
const PERCENTAGES: [&str; 12] = [
    "Marg. Bruta",
    "Marg. EBIT",
    "Marg. Líquida",
    "EBIT / Ativo",
    "ROIC",
    "ROE",
    "Div. Yield",
    "Cres. Rec (5a)",
    "Cap Rate",
    "Vacância Média",
    "Imóveis/PL do FII",
    "FFO Yield",
];
const AMOUNTS: [&str; 12] = [
    "Valor de mercado",
    "Valor da firma",
    "Ativo",
    "Dív. Bruta",
    "Disponibilidades",
    "Dív. Líquida",
    "Ativo Circulante",
    "Patrim. Líq",
    "Depósitos",
    "Cart. de Crédito",
    "Ativos",
    "Patrim Líquido",
];

const RATIOS: [&str; 21] = [
    "Cotação",
    "Min 52 sem",
    "Max 52 sem",
    "P/L",
    "P/VP",
    "P/EBIT",
    "PSR",
    "P/Ativos",
    "P/Cap. Giro",
    "P/Ativ Circ Liq",
    "EV / EBITDA",
    "EV / EBIT",
    "LPA",
    "VPA",
    "Liquidez Corr",
    "Div Br/ Patrim",
    "Dív Líq / Patrim",
    "Giro Ativos",
    "FFO/Cota",
    "Dividendo/cota",
    "VP/Cota",
];

impl Form {
    fn of(place: Place) -> Self {
        let (Label(label) | Either(label, _) | Anywhere(label)) = place else {
            return if matches!(place, Year(_)) { Self::Oscillation } else { Self::Amount };
        };
        match label {
            _ if OSCILLATIONS.contains(&label) => Self::Oscillation,
            _ if MAY_BE_BLANK.contains(&label) => Self::Blank,
            _ if TEXTS.contains(&label) => Self::Text,
            "FFO Yield" => Self::Percentage(2),
            _ if PERCENTAGES.contains(&label) => Self::Percentage(1),
            _ if AMOUNTS.contains(&label) => Self::Amount,
            _ if RATIOS.contains(&label) => Self::Ratio,
            _ => Self::Figure,
        }
    }

    /// Whether this text, which is not blank, has the decimals of this form. What is no such number at all is for the
    /// reader of the column to refuse.
    pub(crate) fn fits(self, text: &str) -> bool {
        let (number, percentage) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        if number.ends_with(char::is_whitespace) {
            return false;
        }
        let decimals = number.rsplit_once(',').map_or(0, |(_, decimals)| decimals.len());
        match self {
            _ if !number.bytes().all(|byte| byte.is_ascii_digit() || b"-.,".contains(&byte)) => true,
            Self::Oscillation => !percentage || decimals == 2,
            Self::Percentage(printed) => !percentage || decimals == printed,
            Self::Amount => percentage || decimals == 0,
            Self::Ratio => cell::decimals(text).is_none_or(|decimals| decimals == 2),
            Self::Figure | Self::Text | Self::Blank => true,
        }
    }

    /// Whether this text is printed in this form and in no other: a percentage or a number with so many decimals.
    pub(crate) fn is(self, text: &str) -> bool {
        let (number, percentage) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let decimals = cell::decimals(number);
        match self {
            Self::Oscillation => percentage && decimals == Some(2),
            Self::Percentage(printed) => percentage && decimals == Some(printed),
            Self::Amount => !percentage && decimals == Some(0),
            Self::Ratio => !percentage && decimals == Some(2),
            Self::Figure | Self::Text | Self::Blank => false,
        }
    }

    /// What the colour of this text says and its sign does not. The site chooses the colour by the number itself: what is
    /// printed as zero may have any.
    pub(crate) fn contradicts_colour(self, text: &str, colour: Ordering) -> Option<&'static str> {
        let change = Some(text).filter(|_| self == Self::Oscillation).and_then(cell::present)?;
        let negative = change.starts_with('-');
        let (agrees, expected) = match colour {
            Ordering::Greater => (!negative, "its colour says: a rise"),
            Ordering::Less => (negative, "its colour says: a fall"),
            Ordering::Equal => {
                (!change.bytes().any(|byte| matches!(byte, b'1'..=b'9')), "its colour says: no change")
            }
        };
        (!agrees).then_some(expected)
    }

    /// What is expected, in words.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Oscillation | Self::Percentage(2) => "a percentage with two decimals",
            Self::Percentage(_) => "a percentage with one decimal",
            Self::Amount => "a number without decimals",
            Self::Ratio => "a number with two decimals",
            Self::Figure | Self::Text | Self::Blank => "anywhere but among the price changes",
        }
    }
}

/// A place, the row it is in, how its value is printed, and the column or columns of the class that are read from it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) place: Place,
    pub(crate) row: usize,
    pub(crate) form: Form,
    /// The column of the label, or of the first of two.
    pub(crate) column: Option<usize>,
    /// The column of the second of two labels.
    pub(crate) other: Option<usize>,
}

/// All places of a page, in page order.
#[derive(Debug)]
pub(crate) struct Arrangement {
    pub(crate) slots: Vec<Slot>,
}

impl Arrangement {
    fn new(parts: &[&[Row]], columns: &[Column]) -> Self {
        let read_from = |source: Source| columns.iter().position(|column| column.source == source);
        let mut slots = Vec::new();
        for (number, row) in parts.iter().copied().flatten().enumerate() {
            slots.extend(row.iter().map(|place| {
                let (column, other) = match *place {
                    Label(label) | Twelve(label) | Anywhere(label) => (read_from(Source::Label(label)), None),
                    Either(label, other) => {
                        (read_from(Source::Label(label)), read_from(Source::Label(other)))
                    }
                    Three(label) => (read_from(Source::Second(label)), None),
                    Year(back) => (read_from(Source::Year(back)), None),
                };
                Slot { place: *place, row: number, form: Form::of(*place), column, other }
            }));
        }
        Self { slots }
    }

    /// The places of a page in this layout; `old` is the one without `EV / EBITDA`, until 2018.
    pub(crate) fn of(layout: Layout, old: bool) -> &'static Self {
        static STOCK: LazyLock<Arrangement> = stock!(LAST_INDICATORS, STOCK_FIGURES);
        static OLD_STOCK: LazyLock<Arrangement> = stock!(LAST_INDICATORS_UNTIL_2018, STOCK_FIGURES);
        static BANK: LazyLock<Arrangement> = stock!(LAST_INDICATORS, BANK_FIGURES);
        static OLD_BANK: LazyLock<Arrangement> = stock!(LAST_INDICATORS_UNTIL_2018, BANK_FIGURES);
        static FUND: LazyLock<Arrangement> =
            LazyLock::new(|| Arrangement::new(&[FII], Layout::Fii.class().columns()));
        match (layout, old) {
            (Layout::Stock, false) => &STOCK,
            (Layout::Stock, true) => &OLD_STOCK,
            (Layout::Bank, false) => &BANK,
            (Layout::Bank, true) => &OLD_BANK,
            (Layout::Fii, _) => &FUND,
        }
    }
}

macro_rules! stock {
    ($last:expr, $figures:expr) => {
        LazyLock::new(|| {
            Arrangement::new(&[STOCK_HEAD, INDICATORS, $last, $figures], Layout::Stock.class().columns())
        })
    };
}
use stock;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_place_and_every_place_its_column() {
        for (layouts, columns) in [
            (&[Layout::Stock, Layout::Bank][..], Layout::Stock.class().columns()),
            (&[Layout::Fii][..], Layout::Fii.class().columns()),
        ] {
            let mut placed = vec![false; columns.len()];
            for slot in layouts.iter().flat_map(|layout| &Arrangement::of(*layout, false).slots) {
                assert!(slot.column.is_some(), "{slot:?}");
                assert_eq!(slot.other.is_some(), matches!(slot.place, Either(..)), "{slot:?}");
                for column in slot.column.into_iter().chain(slot.other) {
                    placed[column] = true;
                }
            }
            for (column, placed) in columns.iter().zip(placed) {
                let printed = !matches!(column.source, Source::CaptureTime | Source::FirstYear);
                assert_eq!(placed, printed, "{}", column.name);
            }
        }
    }

    #[test]
    fn a_change_has_the_sign_of_its_colour() {
        let said = |text, colour| Form::Oscillation.contradicts_colour(text, colour);
        assert_eq!(said("-0,66%", Ordering::Greater), Some("its colour says: a rise"));
        assert_eq!(said("0,66%", Ordering::Less), Some("its colour says: a fall"));
        assert_eq!(said("-0,01%", Ordering::Equal), Some("its colour says: no change"));
        for (text, colour) in [
            ("10,88%", Ordering::Greater),
            ("0,00%", Ordering::Greater),
            ("-0,00%", Ordering::Less),
            ("0,00%", Ordering::Equal),
            ("-", Ordering::Greater),
        ] {
            assert_eq!(said(text, colour), None, "{text}");
        }
        assert_eq!(Form::Ratio.contradicts_colour("-0,66", Ordering::Greater), None);
    }

    #[test]
    fn a_form_is_told_by_its_decimals_and_its_sign() {
        for (form, fitting, other) in [
            (Form::Oscillation, "-1.767,53%", "4,7%"),
            (Form::Percentage(1), "4,7%", "4,70%"),
            (Form::Amount, "-3.293.290.000", "46,48"),
            (Form::Ratio, "-1.767,53", "22.026.900.000"),
        ] {
            assert!(form.fits(fitting) && !form.fits(other), "{form:?}");
            assert!(form.fits("-") && form.fits("n/d"), "{form:?}");
        }
    }
}
