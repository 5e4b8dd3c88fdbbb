//! `pynvest dividends`: what securities have paid.

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

use crate::outcome::{Outcome, with_exit};
use crate::screen::payments::{Sum, is_since};
use crate::source::gather;
use crate::source::site;
use crate::source::ticker::ticker;
use crate::view::listing::{Heading, Listing, Row};
use crate::view::output::{self, Format};
use crate::view::text::Lang;

const EXAMPLES: &str = "\
Examples:
  pynvest dividends WEGE3
  pynvest dividends WEGE3 XPLG11 --since 2024 --out dividends.csv";

/// Shows payments for one share or unit, in reais, with yearly totals.
///
/// Totals go by record date, are gross of tax, and are not adjusted for splits. Income, returned capital and other kinds have a total
/// each.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct DividendsArgs {
    /// Tickers, such as WEGE3 or XPLG11.
    #[arg(required = true, value_delimiter = ',', value_parser = ticker)]
    tickers: Vec<Ticker>,
    /// Only record dates from this year on.
    #[arg(long, value_name = "YEAR")]
    since: Option<i32>,
    #[command(flatten)]
    site: site::Site,
    #[command(flatten)]
    output: output::Output,
}

const COLUMNS: [(&str, &str, Kind, &str); 6] = [
    ("ticker", "Papel", Kind::Text, "Código do papel na B3"),
    ("record_date", "Data-com", Kind::Date, "Quem tem o papel no fim deste dia tem direito"),
    ("payment_date", "Pagamento", Kind::Date, "Dia do pagamento"),
    ("kind", "Tipo", Kind::Text, "Tipo do provento"),
    ("printed_kind", "Tipo impresso", Kind::Text, "Tipo do provento como impresso"),
    ("amount", "Valor", Kind::Decimal, "Valor por ação ou cota, em reais"),
];

pub(crate) async fn run(arguments: DividendsArgs, lang: Lang) -> Result<Outcome> {
    let DividendsArgs { tickers, since, site, output } = arguments;
    output.check(lang)?;
    let client = site.client()?;
    let read = async |ticker: &Ticker| -> Result<(Ticker, Dividends), Error> {
        Ok((ticker.clone(), client.dividends(ticker).await?))
    };
    // One after the other: each of them may ask more than once.
    let securities = stream::iter(tickers.clone()).then(async |ticker| (ticker.clone(), read(&ticker).await));
    let (securities, failed) = gather::gather(securities, &tickers, lang).await;

    let (mut rows, mut sums, mut left_out) = (Vec::new(), Vec::new(), 0);
    for (ticker, payments) in &securities {
        for failed in &payments.failed {
            left_out += 1;
            let what = lang.pick("is left out", "fica de fora");
            let row = lang.pick("row", "linha");
            let reason = lang.error(&failed.reason);
            let _ = writeln!(io::stderr(), "{ticker}, {row} {} {what}: {reason}", failed.row);
        }
        for doubt in &payments.doubts {
            let _ = writeln!(io::stderr(), "{ticker}: ! {}", lang.doubt(doubt));
        }
        let wanted = payments.rows.iter().filter(|payment| is_since(payment, since));
        let mut years = BTreeMap::<_, Decimal>::new();
        for payment in wanted {
            if let (Some(day), Some(amount)) = (payment.record_date, payment.amount) {
                let total = years.entry((Reverse(day.year()), Sum::of(payment.kind))).or_default();
                *total = total.saturating_add(amount);
            }
            rows.push(row(ticker, payment, output.format(), lang));
        }
        sums.extend(years.into_iter().map(|((Reverse(year), sum), total)| -> Row {
            let kind = match sum {
                Sum::Income => lang.pick("income", "rendimentos"),
                Sum::Capital => lang.pick("capital returned", "capital devolvido"),
                Sum::Other => lang.pick("other, not income", "outros, não são rendimentos"),
            };
            let text = |text: &str| Some(Value::Text(text.to_owned()));
            let total = Some(Value::Decimal(total));
            vec![text(ticker.as_str()), text(&format!("total {year}")), None, text(kind), None, total]
        }));
    }
    let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
    if !securities.is_empty() {
        let title = lang.pick("dividends", "proventos").to_owned();
        let note = lang.pick(
            "Totals go by record date, are gross of tax, and are not adjusted for splits and bonus shares.",
            "Os totais seguem a data-com, são brutos de impostos e não são ajustados por desdobramentos e bonificações.",
        );
        let headings = COLUMNS.map(heading).into();
        let note = (!sums.is_empty()).then(|| note.to_owned());
        output.listing(Listing { title, headings, rows, sums, note, ..Listing::default() }, lang)?;
    }
    Ok(match gather::tell(securities.len(), failed, lang) {
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
