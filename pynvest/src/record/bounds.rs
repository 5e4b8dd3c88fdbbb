//! What cannot be, whatever the paper: a price outside of its own range, a part larger than its whole, a quarter that ends in
//! the middle of a month.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::record::column::{Column, Value};
use crate::record::doubt::Doubt;

/// A rule about some figures of a page. What is missing or printed as zero breaks none: zero also stands for what the site has
/// not processed.
struct Bound {
    /// The catalogue names of the figures; the doubt is about the first.
    columns: &'static [&'static str],
    /// What it says.
    english: &'static str,
    /// Whether these figures break it.
    broken: fn(&[Figure]) -> bool,
}

/// A figure or a day, as the lake holds it.
#[derive(Clone, Copy)]
enum Figure {
    Number(Decimal),
    Day(NaiveDate),
}

use Figure::{Day, Number};

const RANGE: &str = "a price lies between the lowest and the highest of 52 weeks";
const EARLIER: &str = "the price before this change lies between the lowest and the highest of 52 weeks too";
const PART: &str = "a part is no larger than its whole";
const NEVER_NEGATIVE: &str = "it is never negative";
const MONTH_END: &str = "a balance sheet is of the last day of a month";

/// One bound a line: what it says, its columns, and when it is broken. On 2,746 captures none is.
const BOUNDS: &[Bound] = &[
    bound(RANGE, &["vlr_cot", "vlr_min_52_sem", "vlr_max_52_sem"], is_outside),
    bound(EARLIER, &["pct_var_dia", "vlr_cot", "vlr_min_52_sem", "vlr_max_52_sem"], was_outside),
    bound(EARLIER, &["pct_var_mes", "vlr_cot", "vlr_min_52_sem", "vlr_max_52_sem"], was_outside),
    bound(EARLIER, &["pct_var_30d", "vlr_cot", "vlr_min_52_sem", "vlr_max_52_sem"], was_outside),
    bound(
        "the change in January is that of the year",
        &["pct_var_mes", "pct_var_ano_a0", "dt_ult_cot"],
        differs_in_january,
    ),
    bound(
        "EBITDA is no less than EBIT",
        &["vlr_ind_ev_sobre_ebitda", "vlr_ind_ev_sobre_ebit", "vlr_ebit_ult_12m"],
        is_less_than_ebit,
    ),
    bound("ROIC has the sign of EBIT", &["vlr_ind_roic", "vlr_ebit_ult_12m"], differ_in_sign),
    bound(
        "no quarter earns twice its revenue in a year that earns less than half of it",
        &["vlr_ebit_ult_3m", "vlr_receita_liq_ult_3m", "vlr_ebit_ult_12m", "vlr_receita_liq_ult_12m"],
        exceeds_revenue,
    ),
    bound(PART, &["vlr_ativ_circulante", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_disponibilidades", "vlr_ativ_circulante"], exceeds),
    bound(PART, &["vlr_patrim_liq", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_patrim_liq", "vlr_ativos"], exceeds),
    bound(PART, &["vlr_depositos", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_cart_credito", "vlr_ativo"], exceeds),
    bound(NEVER_NEGATIVE, &["vlr_ind_div_yield"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_div_yield"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_liquidez_corr"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativo"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativos"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_disponibilidades"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativ_circulante"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_divida_bruta"], is_negative),
    bound("no more than everything is vacant", &["vlr_vacancia_media"], is_no_share),
    bound(MONTH_END, &["dt_ult_balanco_proc"], is_within_a_month),
    bound(MONTH_END, &["dt_ult_informe_trim"], is_within_a_month),
];

const fn bound(
    english: &'static str,
    columns: &'static [&'static str],
    broken: fn(&[Figure]) -> bool,
) -> Bound {
    Bound { columns, english, broken }
}

/// The doubts about a typed row of a class.
pub(crate) fn doubts(columns: &[Column], row: &[Option<Value>]) -> Vec<Doubt> {
    let find = |name: &str| {
        let place = columns.iter().position(|column| column.name == name)?;
        Some((columns.get(place)?, row.get(place)?.as_ref()?))
    };
    let broken = BOUNDS.iter().filter_map(|bound| {
        let figures: Vec<Figure> =
            bound.columns.iter().map(|name| figure(find(name)?.1)).collect::<Option<_>>()?;
        let (column, value) = find(bound.columns.first()?)?;
        let doubt = || Doubt::implausible(column, value, bound.columns, bound.english);
        (bound.broken)(&figures).then(doubt)
    });
    let mut doubts: Vec<Doubt> = broken.collect();
    if let (None, Some((column, value))) = (find("nome_setor"), find("nome_subsetor")) {
        let columns = &["nome_subsetor", "nome_setor"];
        doubts.push(Doubt::implausible(column, value, columns, "there is no subsector without a sector"));
    }
    doubts
}

fn figure(value: &Value) -> Option<Figure> {
    match value {
        Value::Decimal(number) if !number.is_zero() => Some(Number(*number)),
        Value::Date(day) => Some(Day(*day)),
        _ => None,
    }
}

/// Half of what a price is printed in.
const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// How far an earlier price may lie outside, since dividends move prices and ranges on different days.
const BELOW: Decimal = Decimal::from_parts(95, 0, 0, false, 2);
const ABOVE: Decimal = Decimal::from_parts(105, 0, 0, false, 2);
/// Of two ratios, what rounding may add.
const ROUNDING: Decimal = Decimal::from_parts(2, 0, 0, false, 2);
/// The last digit of a price change.
const LAST_DIGIT: Decimal = Decimal::from_parts(1, 0, 0, false, 4);

fn is_outside(figures: &[Figure]) -> bool {
    matches!(figures, [Number(price), Number(low), Number(high)] if price < low || price > high)
}

fn was_outside(figures: &[Figure]) -> bool {
    let [Number(change), Number(price), Number(low), Number(high)] = figures else { return false };
    let grown = Decimal::ONE + change;
    let times = |number: Decimal, margin: Decimal| number.checked_mul(margin)?.checked_mul(grown);
    times(low - HALF, BELOW).is_some_and(|least| price + HALF < least)
        || times(high + HALF, ABOVE).is_some_and(|most| price - HALF > most)
}

fn differs_in_january(figures: &[Figure]) -> bool {
    matches!(figures, [Number(month), Number(year), Day(day)] if day.month() == 1 && (month - year).abs() > LAST_DIGIT)
}

/// EV/EBITDA lies between zero and EV/EBIT where EBIT is a profit; of a loss, beyond EV/EBIT or on the other side of zero.
fn is_less_than_ebit(figures: &[Figure]) -> bool {
    let [Number(ebitda), Number(ratio), Number(ebit)] = figures else { return false };
    let same_sign = ebitda.is_sign_negative() == ratio.is_sign_negative();
    // One part in a hundred, and two of the last digit.
    let room = ratio.abs() / Decimal::ONE_HUNDRED + ROUNDING;
    if ebit.is_sign_positive() {
        !same_sign || ebitda.abs() > ratio.abs() + room
    } else {
        same_sign && ebitda.abs() + room < ratio.abs()
    }
}

fn differ_in_sign(figures: &[Figure]) -> bool {
    matches!(figures, [Number(one), Number(other)] if one.is_sign_negative() != other.is_sign_negative())
}

fn exceeds_revenue(figures: &[Figure]) -> bool {
    let [Number(ebit), Number(revenue), Number(year_ebit), Number(year_revenue)] = figures else {
        return false;
    };
    let half = |number: &Decimal| *number / Decimal::TWO;
    revenue.is_sign_positive() && half(ebit) > *revenue && year_ebit.abs() <= half(year_revenue)
}

fn exceeds(figures: &[Figure]) -> bool {
    matches!(figures, [Number(part), Number(whole)] if part > whole)
}

fn is_negative(figures: &[Figure]) -> bool {
    matches!(figures, [Number(number)] if number.is_sign_negative())
}

fn is_no_share(figures: &[Figure]) -> bool {
    matches!(figures, [Number(percent)] if percent.is_sign_negative() || *percent > Decimal::ONE_HUNDRED)
}

fn is_within_a_month(figures: &[Figure]) -> bool {
    matches!(figures, [Day(day)] if day.succ_opt().is_some_and(|next| next.day() != 1))
}
