//! `get_dividends`: what a security has paid for one share or unit.

use std::collections::BTreeMap;

use chrono::Datelike;
use pynvest::Dividend;
use rmcp::schemars::{self, JsonSchema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::mcp::answer::{Answer, limit};
use crate::mcp::figures::cut;
use crate::mcp::reader::Reader;
use crate::screen::payments::{Sum, is_since};

pub(crate) const ABOUT: &str = "Dividends, interest on equity and FII distributions of one ticker, in BRL for one share or unit, newest first, \
with totals by year of the record date. Gross of tax, not adjusted for splits. Live from the site.";

const MOST: usize = 100;
const YEARS: usize = 15;
const NOTES: usize = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// One ticker, such as ITSA4.
    pub(crate) ticker: String,
    /// The first year of the record date, such as 2024.
    pub(crate) since_year: Option<i32>,
    /// How many payments to show at most, 1 to 100.
    #[serde(default = "twenty")]
    pub(crate) limit: usize,
}

fn twenty() -> usize {
    20
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    pub(crate) ticker: String,
    pub(crate) class: &'static str,
    /// The unit of every amount.
    pub(crate) unit: &'static str,
    pub(crate) source: String,
    pub(crate) payments: Vec<Payment>,
    /// Payments that are not shown; they are in the totals.
    pub(crate) left_off: usize,
    /// By year, newest first; at most 15.
    pub(crate) totals: Vec<Total>,
    /// Doubts about the page, and rows that cannot be read.
    pub(crate) doubts: Vec<String>,
}

/// A date or amount that the page does not print is absent.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Payment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payment_date: Option<String>,
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Total {
    pub(crate) year: i32,
    /// Dividends, interest on equity and distributions.
    pub(crate) income: String,
    /// The holder's own money back.
    pub(crate) capital_returned: String,
    /// Anything else, which is no income.
    pub(crate) other: String,
}

pub(crate) async fn answer(reader: &Reader, input: Input) -> Answer<Output> {
    let limit = limit(input.limit, MOST)?;
    let ticker = reader.ticker(&input.ticker).await?;
    let class = reader.security(&ticker).await?.details.class();
    let page = reader.dividends(&ticker, class).await?;
    let wanted: Vec<&Dividend> =
        page.rows.iter().filter(|payment| is_since(payment, input.since_year)).collect();
    let mut years = BTreeMap::<i32, [Decimal; 3]>::new();
    for payment in &wanted {
        if let (Some(day), Some(amount)) = (payment.record_date, payment.amount) {
            let [income, capital, other] = years.entry(day.year()).or_default();
            let sum = match Sum::of(payment.kind) {
                Sum::Income => income,
                Sum::Capital => capital,
                Sum::Other => other,
            };
            *sum = sum.saturating_add(amount);
        }
    }
    let payment = |payment: &&Dividend| Payment {
        record_date: payment.record_date.map(|day| day.to_string()),
        payment_date: payment.payment_date.map(|day| day.to_string()),
        kind: payment.kind.as_str(),
        amount: payment.amount.map(|amount| amount.to_string()),
    };
    let total = |(year, [income, capital, other]): (i32, [Decimal; 3])| Total {
        year,
        income: income.to_string(),
        capital_returned: capital.to_string(),
        other: other.to_string(),
    };
    let mut doubts: Vec<String> = page
        .failed
        .iter()
        .map(|failed| format!("row {} left out: {}", failed.row, failed.reason))
        .chain(page.doubts.iter().map(|doubt| doubt.message.clone()))
        .map(|said| cut(&said, 200))
        .collect();
    let more = doubts.len().saturating_sub(NOTES);
    doubts.truncate(NOTES);
    if more > 0 {
        doubts.push(format!("{more} more"));
    }
    let output = Output {
        ticker: ticker.to_string(),
        class: class.as_str(),
        unit: "BRL for one share or unit",
        source: cut(&reader.dividends_address(&ticker, class), 160),
        payments: wanted.iter().take(limit).map(payment).collect(),
        left_off: wanted.len().saturating_sub(limit),
        totals: years.into_iter().rev().take(YEARS).map(total).collect(),
        doubts,
    };
    let text = said(&output);
    Ok((output, text))
}

fn said(output: &Output) -> String {
    let missing = || "not printed".to_owned();
    let mut lines = vec![format!("{} ({}), {}, {}", output.ticker, output.class, output.unit, output.source)];
    if output.payments.is_empty() {
        lines.push("The page has no payment since then.".to_owned());
    }
    lines.extend(output.payments.iter().map(|one| {
        let [record, payment, amount] = [&one.record_date, &one.payment_date, &one.amount]
            .map(|text| text.clone().unwrap_or_else(missing));
        format!("record {record}, paid {payment}, {} {amount}", one.kind)
    }));
    if output.left_off > 0 {
        lines.push(format!("{} older payments not shown", output.left_off));
    }
    lines.extend(output.totals.iter().map(|one| {
        format!(
            "{}: income {}, capital returned {}, other {}",
            one.year, one.income, one.capital_returned, one.other
        )
    }));
    lines.extend(output.doubts.iter().map(|doubt| format!("doubt: {doubt}")));
    lines.join("\n")
}
