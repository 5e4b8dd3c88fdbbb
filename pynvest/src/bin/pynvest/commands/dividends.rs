//! `pynvest dividends`: what papers have paid.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use chrono::Datelike;
use clap::Args;
use futures_util::{StreamExt, stream};
use pynvest::page::{DividendKind, Dividends};
use pynvest::record::{Kind, Value};
use pynvest::{Dividend, Error, Ticker};
use rust_decimal::Decimal;

use crate::Outcome;
use crate::source::gather;
use crate::source::site;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output::{self, Format};
use crate::view::text::{Lang, escape_control};

/// Shows what stocks and FIIs have paid for one share or unit, in reais, with totals for each year.
#[derive(Args)]
#[command(after_help = crate::EXIT)]
pub(crate) struct DividendsArgs {
    /// The papers, such as WEGE3 or XPLG11.
    #[arg(required = true)]
    tickers: Vec<Ticker>,
    /// Leave out what has an earlier record date, or none.
    #[arg(long, value_name = "YEAR")]
    since: Option<i32>,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

const COLUMNS: [(&str, &str, Kind, &str); 6] = [
    ("ticker", "Papel", Kind::Text, "Código do papel na B3"),
    ("record_date", "Data com", Kind::Date, "Quem tem o papel no fim deste dia tem direito"),
    ("payment_date", "Pagamento", Kind::Date, "Dia do pagamento"),
    ("kind", "Tipo", Kind::Text, "Tipo do provento"),
    ("printed_kind", "Tipo impresso", Kind::Text, "Tipo do provento como impresso"),
    ("amount", "Valor", Kind::Decimal, "Valor por ação ou cota, em reais"),
];

pub(crate) async fn run(arguments: DividendsArgs, lang: Lang) -> Result<Outcome> {
    let DividendsArgs { tickers, since, site, output } = arguments;
    output.check(lang)?;
    let client = site.client()?;
    let expected = tickers.len();
    let read = async |ticker: &Ticker| -> Result<(Ticker, Dividends), Error> {
        Ok((ticker.clone(), client.dividends(ticker).await?))
    };
    // One after the other: each of them may ask more than once.
    let papers = stream::iter(tickers).then(async |ticker| (ticker.clone(), read(&ticker).await));
    let (papers, failed) = gather::gather(papers, expected, lang).await;

    let (mut rows, mut sums, mut left_out) = (Vec::new(), Vec::new(), 0);
    for (ticker, payments) in &papers {
        for failed in &payments.failed {
            left_out += 1;
            let what = lang.pick("is left out", "fica de fora");
            let row = lang.pick("row", "linha");
            let reason = escape_control(&failed.reason.to_string());
            let _ = writeln!(io::stderr(), "{ticker}, {row} {} {what}: {reason}", failed.row);
        }
        let year = |payment: &Dividend| payment.record_date.map_or(i32::MIN, |day| day.year());
        let wanted = payments.rows.iter().filter(|payment| year(payment) >= since.unwrap_or(i32::MIN));
        let mut years = BTreeMap::<_, Decimal>::new();
        for payment in wanted {
            if let (Some(day), Some(amount)) = (payment.record_date, payment.amount) {
                let returned = payment.kind == DividendKind::ReturnOfCapital;
                *years.entry((Reverse(day.year()), returned)).or_default() += amount;
            }
            rows.push(row(ticker, payment, output.format, lang));
        }
        sums.extend(years.into_iter().map(|((Reverse(year), returned), total)| -> Row {
            let kind = match returned {
                true => lang.pick("capital returned", "capital devolvido"),
                false => lang.pick("income", "rendimentos"),
            };
            let text = |text: &str| Some(Value::Text(text.to_owned()));
            let total = Some(Value::Decimal(total));
            vec![text(ticker.as_str()), text(&format!("total {year}")), None, text(kind), None, total]
        }));
    }
    let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
    if !papers.is_empty() {
        let title = lang.pick("dividends", "proventos").to_owned();
        output.listing(&Listing { title, headings: COLUMNS.map(heading).into(), rows, sums }, lang)?;
    }
    Ok(match gather::tell(papers.len(), failed, lang) {
        Outcome::Whole if left_out > 0 => Outcome::Partly,
        outcome => outcome,
    })
}

fn row(ticker: &Ticker, payment: &Dividend, format: Format, lang: Lang) -> Row {
    let day = |day: Option<_>| day.map(Value::Date);
    // What programs read is the same in every language.
    let people = matches!(format, Format::Table | Format::Csv | Format::Xlsx);
    let kind = match payment.kind {
        _ if !people || lang == Lang::En => payment.kind.as_str(),
        DividendKind::Dividend => "dividendo",
        DividendKind::InterestOnEquity => "juros sobre capital próprio",
        DividendKind::Income => "rendimento",
        DividendKind::ReturnOfCapital => "devolução de capital",
        _ => "outro",
    };
    vec![
        Some(Value::Text(ticker.to_string())),
        day(payment.record_date),
        day(payment.payment_date),
        Some(Value::Text(kind.to_owned())),
        Some(Value::Text(payment.printed_kind.clone())),
        payment.amount.map(Value::Decimal),
    ]
}
