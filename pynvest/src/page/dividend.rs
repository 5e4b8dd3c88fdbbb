//! Dividends: dividends, interest on equity and distributions of funds.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::error::Error;
use crate::error::layout_diff::Violation;
use crate::page::headings::{FailedRow, Wanted};
use crate::page::html::grid::{Grid, Row};
use crate::page::label::folded;
use crate::record::cell::{self, Unreadable};
use crate::record::doubt::{Doubt, Misprints};
use crate::record::form::{Form, HYPHEN};
use crate::record::rules::damaged::damaged_text;
use crate::record::security::Class;
use crate::record::spelling::spelling;
use crate::record::ticker::Ticker;
use crate::record::value::{BadCell, Kind};

/// One payment of a stock (`proventos.php`) or a FII (`fii_proventos.php`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Dividend {
    /// Who holds the security at the end of this day is entitled: `Data` or `Última Data Com`.
    pub record_date: Option<NaiveDate>,
    /// When it is paid: `Data de Pagamento`; `None` if the site does not know.
    pub payment_date: Option<NaiveDate>,
    /// The kind of payment.
    pub kind: DividendKind,
    /// The kind as printed: `Tipo`.
    pub printed_kind: String,
    /// The payment for one share or unit, in reais: `Valor` divided by `Por quantas ações`.
    pub amount: Option<Decimal>,
    /// The payment as printed, in reais for [`shares`](Self::shares) shares: `Valor`.
    pub printed_amount: Option<Decimal>,
    /// For how many shares the printed amount is: `Por quantas ações`. 1 today, 1000 in the 1990s, and always 1
    /// for a FII, whose page does not say it.
    pub shares: i64,
}

/// The kinds of payment, whatever the spelling on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum DividendKind {
    /// Dividendo.
    Dividend,
    /// Juros sobre capital próprio: `JRS CAP PROPRIO`, `JUROS`.
    InterestOnEquity,
    /// Rendimento, the distribution of a FII.
    Income,
    /// Amortização, and restitution of capital: the holder's own money back.
    ReturnOfCapital,
    /// Anything else; [`Dividend::printed_kind`] says what.
    Other,
}

impl DividendKind {
    /// The kind in one word: `dividend`, `interest_on_equity`, `income`, `return_of_capital` or `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dividend => "dividend",
            Self::InterestOnEquity => "interest_on_equity",
            Self::Income => "income",
            Self::ReturnOfCapital => "return_of_capital",
            Self::Other => "other",
        }
    }

    fn of(printed: &str) -> Self {
        let plain = folded(printed);
        let any = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        if any(&["amortiz", "restitui", "rest cap", "rest. cap", "red cap", "red. cap", "reducao de cap"]) {
            Self::ReturnOfCapital
        } else if any(&["jrs", "juros", "jcp", "jscp"]) {
            Self::InterestOnEquity
        } else if any(&["dividendo"]) {
            Self::Dividend
        } else if any(&["rendimento"]) {
            Self::Income
        } else {
            Self::Other
        }
    }
}

spelling!("kind of dividend", DividendKind, [Dividend, InterestOnEquity, Income, ReturnOfCapital, Other]);

/// The payments on a page of dividends.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Dividends {
    /// The payments, newest first as on the page.
    pub rows: Vec<Dividend>,
    /// The rows that cannot be read, each with its reason.
    pub failed: Vec<FailedRow>,
    /// Doubts about the page: decimals, symbols, payments before the date that entitles, amounts or dates that are missing or alike in all
    /// rows, damaged kinds, its end. The values are kept as printed.
    pub doubts: Vec<Doubt>,
}

impl Dividends {
    /// Whether the page has no rows at all.
    #[cfg(feature = "client")]
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.failed.is_empty()
    }
}

/// A page of dividends of a stock or of distributions of a FII.
///
/// ```
/// use pynvest::{Class, Page};
/// use pynvest::page::DividendKind;
///
/// let page = "<html><h1>Proventos</h1><table id=resultado>
///     <tr><th>Data<th>Valor<th>Tipo<th>Data de Pagamento<th>Por quantas ações</tr>
///     <tr><td>23/09/2026<td>0,0350<td>JRS CAP PROPRIO<td>-<td>1</tr>
///     <tr><td>soon<td>0,0350<td>DIVIDENDO<td>-<td>1</tr>
/// </table><a href=index.php>home</a></html>";
/// let Page::Dividends(page) = Page::parse(page.as_bytes()) else { panic!("a page of dividends has this title") };
/// assert_eq!(page.class(), Class::Stock);
/// let dividends = page.rows()?;
/// assert_eq!(dividends.rows[0].kind, DividendKind::InterestOnEquity);
/// assert_eq!(dividends.rows[0].payment_date, None);
/// assert_eq!(
///     dividends.failed[0].reason.to_string(),
///     "`soon` in column record_date of stock dividends is not a day like 31/12/2026",
/// );
/// # Ok::<(), pynvest::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DividendsPage {
    class: Class,
    grid: Grid,
    ticker: Option<Ticker>,
}

/// The columns of both pages, by meaning; the order on the page differs between the two.
struct DividendColumns {
    record_date: Option<usize>,
    payment_date: Option<usize>,
    kind: Option<usize>,
    amount: Option<usize>,
    shares: Option<usize>,
}

/// The columns that both pages share.
const TYPE: &str = "Tipo";
const PAYMENT_DATE: &str = "Data de Pagamento";
const AMOUNT: &str = "Valor";
/// How a stock prints them; a FII has other decimals.
const AMOUNT_FORM: Form = Form::Reais(4);

impl DividendsPage {
    pub(crate) fn new(grid: Grid, ticker: Option<Ticker>) -> Self {
        let fii = grid.position("Última Data Com").is_some();
        Self { class: if fii { Class::Fii } else { Class::Stock }, grid, ticker }
    }

    /// The ticker in the head of the page; `None` if the page names none.
    pub fn ticker(&self) -> Option<&Ticker> {
        self.ticker.as_ref()
    }

    /// The class whose pages have these headings. A page that was cut before its headings counts as that of a stock.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The texts of the table: the raw level of the rows.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The payments. A row that cannot be read is in [`Dividends::failed`] with its reason.
    ///
    /// # Errors
    ///
    /// [`Error::LayoutChanged`] if headings are missing or in another order than ever.
    pub fn rows(&self) -> Result<Dividends, Error> {
        let (page, places) = self.dividend_places()?;
        let (mut rows, mut dated) = (Vec::new(), 0);
        let (mut early, mut misprinted) = (Misprints::default(), Misprints::default());
        let mut symbols = Misprints::default();
        let mut dashes = [(); 3].map(|()| Misprints::default());
        let dashed = [
            ("record_date", self.record_date(), places.record_date),
            ("payment_date", PAYMENT_DATE, places.payment_date),
            ("printed_amount", AMOUNT, places.amount),
        ];
        let read_row = |number, row: Row<'_>| {
            let payment = dividend(page, row, &places)?;
            check_kind(page, number, &payment)?;
            let text = |place: Option<usize>| place.and_then(|place| row.text(place)).unwrap_or_default();
            for (odd, (_, _, place)) in dashes.iter_mut().zip(dashed) {
                if cell::is_odd_dash(text(place)) {
                    odd.add(text(place));
                }
            }
            if AMOUNT_FORM.as_ever(text(places.amount)) != text(places.amount) {
                symbols.add(text(places.amount));
            }
            if let (Some(record_date), Some(payment_date)) = (payment.record_date, payment.payment_date) {
                dated += 1;
                if payment_date < record_date {
                    early.add(text(places.payment_date));
                }
            }
            // Every page of a stock prints four decimals.
            let decimals = payment.printed_amount.map(|amount| amount.scale());
            if places.shares.is_some() && decimals.is_some_and(|decimals| decimals != 4) {
                misprinted.add(text(places.amount));
            }
            rows.push(payment);
            Ok(())
        };
        let failed = self.grid.read_rows(page, read_row, |_| "")?;
        let mut doubts = self.grid.doubts();
        let mut doubt = |column, label, expected, odd: &Misprints| {
            doubts.push(Doubt::misprinted(column, label, expected, odd, rows.len()));
        };
        for (odd, (column, label, _)) in dashes.iter().zip(dashed).filter(|(odd, _)| odd.count > 0) {
            doubt(column, label, HYPHEN, odd);
        }
        if symbols.count > 0 {
            doubt("printed_amount", AMOUNT, Form::ReaisPerArea.expected(), &symbols);
        }
        if misprinted.count > 0 {
            doubt("printed_amount", AMOUNT, "an amount with four decimals", &misprinted);
        }
        if early.count > SLIPS.max(dated / 2) {
            // The two days may have changed places.
            doubt("payment_date", PAYMENT_DATE, "on or after the record date", &early);
        }
        doubts.extend(
            odd_payments(&rows).map(|(message, portuguese)| Doubt::listed(&[], None, message, portuguese)),
        );
        doubts.extend(odd_columns(&rows, self.record_date()).map(|(column, message, portuguese)| Doubt {
            columns: vec![column.to_owned()],
            ..Doubt::listed(&[], None, message, portuguese)
        }));
        let damaged = rows.iter().map(|row| row.printed_kind.as_str()).find(|kind| damaged_text(kind));
        doubts.extend(damaged.map(|kind| Doubt {
            kind: Doubt::DAMAGED_TEXT.to_owned(),
            columns: vec!["printed_kind".to_owned()],
            printed: Some(kind.to_owned()),
            ..Doubt::listed(
                &[],
                None,
                format!("`{kind}` in column printed_kind lost letters in a conversion"),
                format!("`{kind}` na coluna printed_kind perdeu letras em uma conversão"),
            )
        }));
        Ok(Dividends { rows, failed, doubts })
    }

    /// The heading of the record dates.
    fn record_date(&self) -> &'static str {
        match self.class {
            Class::Fii => "Última Data Com",
            Class::Stock => "Data",
        }
    }

    fn dividend_places(&self) -> Result<(&'static str, DividendColumns), Error> {
        let (page, headings) = match self.class {
            Class::Fii => ("FII dividends", ["Última Data Com", TYPE, PAYMENT_DATE, AMOUNT].as_slice()),
            Class::Stock => {
                ("stock dividends", ["Data", AMOUNT, TYPE, PAYMENT_DATE, "Por quantas ações"].as_slice())
            }
        };
        let wanted = |heading: &&'static str| Wanted { heading, needed: true };
        let places = self.grid.places(page, &headings.iter().map(wanted).collect::<Vec<_>>())?;
        let place = |heading| places.get(headings.iter().position(|other| *other == heading)?).copied()?;
        let places = DividendColumns {
            record_date: places.first().copied().flatten(),
            payment_date: place(PAYMENT_DATE),
            kind: place(TYPE),
            amount: place(AMOUNT),
            shares: place("Por quantas ações"),
        };
        Ok((page, places))
    }
}

/// From this many payments on a page has a history: a fault of all of them is one of the page.
const HISTORY: usize = 10;

/// Signs that no page of payments shows: amounts below zero, most rows twice, and amounts that all end in two zeros, as those in another
/// unit do.
fn odd_payments(rows: &[Dividend]) -> impl Iterator<Item = (String, String)> {
    let all = rows.len();
    let amounts = || rows.iter().filter_map(|row| row.printed_amount);
    let negative = amounts().filter(|amount| amount.is_sign_negative() && !amount.is_zero()).count();
    let round = amounts().filter(|amount| amount.mantissa() % 100 == 0 && amount.scale() > 1).count();
    let printed: BTreeSet<_> =
        rows.iter().map(|row| (row.record_date, row.payment_date, row.printed_amount)).collect();
    let twice = all - printed.len();
    let said = [
        (negative > 0).then(|| {
            let english = format!("{negative} of {all} payments are below zero");
            (english, format!("{negative} de {all} pagamentos são negativos"))
        }),
        (round >= HISTORY && round == amounts().count()).then(|| {
            let english =
                format!("the amounts of all {all} payments end in two zeros, as those in another unit do");
            (
                english,
                format!("os valores dos {all} pagamentos terminam em dois zeros, como em outra unidade"),
            )
        }),
        (twice > 1 && twice * 3 >= all).then(|| {
            let english = format!("{twice} of {all} payments are printed again");
            (english, format!("{twice} de {all} pagamentos estão repetidos"))
        }),
    ];
    said.into_iter().flatten()
}

/// No page has record dates before this year.
const FIRST_YEAR: i32 = 1990;
/// From this year on every payment of a stock is for one share.
const SINGLE_SHARES: i32 = 2000;

/// Columns that no page of payments shows: no amount or no record date at all, one amount in all rows, payments for more than one share,
/// record dates of another age. Each with its column.
fn odd_columns(
    rows: &[Dividend],
    record_date: &'static str,
) -> impl Iterator<Item = (&'static str, String, String)> {
    let all = rows.len();
    let missing = |column, label: &str, none: bool| {
        (none && all > 0).then(|| {
            let english = format!("`{label}` is missing in all of {all} rows");
            (column, english, format!("`{label}` falta em todas as {all} linhas"))
        })
    };
    let first = rows.iter().find_map(|row| row.printed_amount);
    let is_one = all >= HISTORY && rows.iter().all(|row| row.printed_amount == first);
    let in_years = |is_odd: &dyn Fn(i32, &Dividend) -> bool| {
        let is_odd = |row: &&Dividend| row.record_date.is_some_and(|day| is_odd(day.year(), row));
        rows.iter().filter(is_odd).count()
    };
    let shares = in_years(&|year, row| year >= SINGLE_SHARES && row.shares != 1);
    let early = in_years(&|year, _| year < FIRST_YEAR);
    let said = [
        missing("printed_amount", AMOUNT, first.is_none()),
        missing("record_date", record_date, rows.iter().all(|row| row.record_date.is_none())),
        first.filter(|_| is_one).map(|amount| {
            let english = format!("`{AMOUNT}` is {amount} in all of {all} rows");
            let amount = cell::with_comma(&amount.to_string());
            ("printed_amount", english, format!("`{AMOUNT}` é {amount} em todas as {all} linhas"))
        }),
        (shares > 0).then(|| {
            let english = format!("{shares} of {all} payments since {SINGLE_SHARES} are not for one share");
            (
                "shares",
                english,
                format!("{shares} de {all} pagamentos desde {SINGLE_SHARES} não são por uma ação"),
            )
        }),
        (early > 0).then(|| {
            let english = format!("{early} of {all} record dates are before {FIRST_YEAR}");
            ("record_date", english, format!("{early} de {all} datas com são anteriores a {FIRST_YEAR}"))
        }),
    ];
    said.into_iter().flatten()
}

fn dividend(page: &'static str, row: Row<'_>, places: &DividendColumns) -> Result<Dividend, BadCell> {
    let text = |place: Option<usize>| row.text(place?);
    let bad = |column, kind, text: &str| BadCell {
        record: page,
        column,
        kind,
        ticker: String::new(),
        text: text.to_owned(),
    };
    let date = |place, column| {
        let read = |text| cell::date(text).map_err(|Unreadable| bad(column, Kind::Date, text));
        text(place).filter(is_value).map(read).transpose()
    };
    let (record_date, payment_date) =
        (date(places.record_date, "record_date")?, date(places.payment_date, "payment_date")?);
    let amount = |text| {
        let read = cell::decimal(&AMOUNT_FORM.as_ever(text));
        read.map_err(|Unreadable| bad("printed_amount", Kind::Decimal, text))
    };
    let printed_amount = text(places.amount).filter(is_value).map(amount).transpose()?;
    let printed_kind = text(places.kind).unwrap_or_default().to_owned();
    // The page of a FII has no such column: its payments are for one unit.
    let shares = places.shares.map_or(Ok(1), |place| {
        let text = text(Some(place)).unwrap_or_default();
        let positive = cell::count(text).ok().filter(|shares| *shares > 0);
        positive.ok_or_else(|| bad("shares", Kind::Count, text))
    })?;
    Ok(Dividend {
        record_date,
        payment_date,
        kind: DividendKind::of(&printed_kind),
        printed_kind,
        amount: printed_amount.and_then(|amount| amount.checked_div(Decimal::from(shares))),
        printed_amount,
        shares,
    })
}

/// A lone dash is no value; nothing at all is none that the site prints.
fn is_value(text: &&str) -> bool {
    !cell::is_dash(text)
}

/// How many payments before the day that entitles to them are slips of whoever typed them.
const SLIPS: usize = 2;

/// Refuses a kind of payment without a letter: the value of another column, or none.
fn check_kind(page: &'static str, row: usize, payment: &Dividend) -> Result<(), Error> {
    let kind = payment.printed_kind.as_str();
    if !kind.contains(char::is_alphabetic) {
        let (label, text, expected) = (TYPE.to_owned(), kind.to_owned(), "a kind of payment");
        return Err(Violation::Form { label, row, text, expected }.of(page));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_whatever_their_case_and_accents() {
        for (printed, kind) in [
            ("DIVIDENDO", DividendKind::Dividend),
            ("Dividendo", DividendKind::Dividend),
            ("JRS CAP PROPRIO", DividendKind::InterestOnEquity),
            ("Jrs Cap Próprio", DividendKind::InterestOnEquity),
            ("JUROS", DividendKind::InterestOnEquity),
            ("Rendimento", DividendKind::Income),
            ("Amortização", DividendKind::ReturnOfCapital),
            ("REST CAP DIN", DividendKind::ReturnOfCapital),
            ("BONIFICAÇÃO", DividendKind::Other),
            ("", DividendKind::Other),
        ] {
            assert_eq!(DividendKind::of(printed), kind, "{printed}");
        }
    }
}
