//! Bounds of figures and days: their columns, their sentence, and when they are broken.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::record::cell::brasilia;
use crate::record::doubt::Severity;
use crate::record::value::Value;

/// What a rule says, in English and in Portuguese.
pub(crate) type Rule = (&'static str, &'static str);

/// A rule about some figures of a page. What is missing breaks none.
pub(crate) struct Bound {
    pub(crate) severity: Severity,
    /// The catalogue names of the figures; the doubt is about the first.
    pub(crate) columns: &'static [&'static str],
    pub(crate) rule: Rule,
    /// Whether these figures break it.
    pub(crate) broken: fn(&[Figure]) -> bool,
}

/// A figure, a day or a year.
#[derive(Clone, Copy)]
pub(crate) enum Figure {
    Number(Decimal),
    Day(NaiveDate),
    Year(i32),
}

use Figure::{Day, Number, Year};
use Severity::{Contradiction, Suspicious};

const PART: Rule = ("a part is no larger than its whole", "uma parte não é maior que o todo");
const NEVER_NEGATIVE: Rule = ("it is never negative", "nunca é negativo");
const DEPRECIATION: Rule = (
    "depreciation is a part of the costs: where EBIT is above zero and far below the revenue, so is EBITDA",
    "a depreciação é parte dos custos: se o EBIT é positivo e bem menor que a receita, o EBITDA também é",
);
const ROW_OFF: Rule = (
    "where the year is ordinary, no quarter has less than an eighth of its revenue and more EBIT than all of it",
    "se o ano é comum, nenhum trimestre tem menos de um oitavo de sua receita e mais EBIT que todo o ano",
);
const QUARTER: Rule = (
    "a quarter is a part of its year, in every line of the results or in none",
    "um trimestre é parte de seu ano, em todas as linhas do resultado ou em nenhuma",
);
const COPIED: Rule = (
    "three months are a part of the year: where there is growth over five years, no results are the same in every line",
    "três meses são parte do ano: se há crescimento em cinco anos, nenhum resultado é igual em todas as linhas",
);
const ROW_ABOVE: Rule = (
    "where the year is ordinary, no quarter has less than an eighth of its revenue and a higher net income than all of it",
    "se o ano é comum, nenhum trimestre tem menos de um oitavo de sua receita e lucro líquido maior que o de todo o ano",
);
const RANGE: Rule =
    ("the lowest price is no higher than the highest", "a menor cotação não é maior que a maior");
const FIRST_YEAR: Rule = (
    "the first year is that of the last session or a later one",
    "o primeiro ano é o do último pregão ou posterior",
);
const TRADED: Rule = (
    "the first year of a ticker that is traded is that of its last session",
    "o primeiro ano de um papel negociado é o de seu último pregão",
);
const MARGINS: Rule = (
    "net margin is printed as the gross one, which is below EBIT margin, and the gross one as the net one",
    "a margem líquida está impressa como a bruta, que é menor que a margem EBIT, e a bruta como a líquida",
);
const CAPTURED: Rule =
    ("no page shows a day after its capture", "nenhuma página mostra um dia posterior à sua captura");
const CAPTURED_YEAR: Rule = (
    "no page shows a year after that of its capture",
    "nenhuma página mostra um ano posterior ao de sua captura",
);

/// One bound each: what it says, its columns, and when it is broken. Most follow from what the figures are, for any company; those
/// about EBITDA and quarters are asked of ordinary companies only, and are broken on none of 2,746 captures. What is only usual is
/// not here: a price outside of its range of 52 weeks (earlier prices are adjusted for dividends), EBITDA below EBIT, more cash
/// than current assets, negative cash.
pub(crate) const BOUNDS: &[Bound] = &[
    bound(Contradiction, PART, &["vlr_ativ_circulante", "vlr_ativo"], exceeds),
    bound(Contradiction, PART, &["vlr_patrim_liq", "vlr_ativo"], exceeds),
    bound(Suspicious, PART, &["vlr_patrim_liq", "vlr_ativos"], exceeds),
    bound(Contradiction, PART, &["vlr_depositos", "vlr_ativo"], exceeds),
    bound(Contradiction, PART, &["vlr_cart_credito", "vlr_ativo"], exceeds),
    bound(
        Suspicious,
        DEPRECIATION,
        &["vlr_ind_ev_sobre_ebitda", "vlr_firma", "vlr_ebit_ult_12m", "vlr_receita_liq_ult_12m"],
        is_no_ebitda,
    ),
    bound(
        Suspicious,
        ROW_OFF,
        &["vlr_ebit_ult_3m", "vlr_receita_liq_ult_3m", "vlr_ebit_ult_12m", "vlr_receita_liq_ult_12m"],
        is_a_row_off,
    ),
    bound(
        Suspicious,
        ROW_ABOVE,
        &[
            "vlr_lucro_liq_ult_3m",
            "vlr_receita_liq_ult_3m",
            "vlr_ebit_ult_12m",
            "vlr_receita_liq_ult_12m",
            "vlr_lucro_liq_ult_12m",
        ],
        is_a_row_above,
    ),
    bound(
        Suspicious,
        COPIED,
        &[
            "vlr_lucro_liq_ult_3m",
            "vlr_lucro_liq_ult_12m",
            "vlr_receita_liq_ult_3m",
            "vlr_receita_liq_ult_12m",
            "vlr_ebit_ult_3m",
            "vlr_ebit_ult_12m",
            "pct_cresc_rec_liq_ult_5a",
        ],
        is_copied,
    ),
    bound(
        Suspicious,
        COPIED,
        &[
            "vlr_lucro_liq_ult_3m",
            "vlr_lucro_liq_ult_12m",
            "vlr_result_int_financ_ult_3m",
            "vlr_result_int_financ_ult_12m",
            "vlr_rec_servicos_ult_3m",
            "vlr_rec_servicos_ult_12m",
            "pct_cresc_rec_liq_ult_5a",
        ],
        is_copied,
    ),
    // Measured on 3 pages of FIIs.
    bound(
        Suspicious,
        ("a property has at least one rentable unit", "um imóvel tem ao menos uma unidade locável"),
        &["qtd_imoveis", "qtd_unidades"],
        are_more,
    ),
    bound(
        Suspicious,
        QUARTER,
        &[
            "vlr_rec_servicos_ult_12m",
            "vlr_rec_servicos_ult_3m",
            "vlr_lucro_liq_ult_12m",
            "vlr_lucro_liq_ult_3m",
        ],
        quarter_exceeds_year,
    ),
    bound(
        Suspicious,
        QUARTER,
        &[
            "vlr_result_int_financ_ult_12m",
            "vlr_result_int_financ_ult_3m",
            "vlr_lucro_liq_ult_12m",
            "vlr_lucro_liq_ult_3m",
        ],
        is_one_quarter,
    ),
    bound(
        Suspicious,
        QUARTER,
        &[
            "vlr_rec_bruta_ult_12m",
            "vlr_rec_bruta_ult_3m",
            "vlr_rendim_distr_ult_12m",
            "vlr_rendim_distr_ult_3m",
        ],
        quarter_exceeds_year,
    ),
    bound(Contradiction, NEVER_NEGATIVE, &["vlr_ind_div_yield"], is_negative),
    bound(Suspicious, NEVER_NEGATIVE, &["vlr_div_yield"], is_negative),
    bound(Contradiction, NEVER_NEGATIVE, &["vlr_liquidez_corr"], is_negative),
    bound(Contradiction, NEVER_NEGATIVE, &["vlr_ativo"], is_negative),
    bound(Suspicious, NEVER_NEGATIVE, &["vlr_ativos"], is_negative),
    bound(Contradiction, NEVER_NEGATIVE, &["vlr_ativ_circulante"], is_negative),
    bound(
        Contradiction,
        ("a bank has no enterprise value", "um banco não tem valor da firma"),
        &["vlr_firma", "vlr_result_int_financ_ult_12m"],
        are_printed,
    ),
    bound(Contradiction, RANGE, &["vlr_min_52_sem", "vlr_max_52_sem"], exceeds),
    bound(Contradiction, FIRST_YEAR, &["ano_ref", "dt_ult_cot"], is_before),
    bound(Suspicious, TRADED, &["ano_ref", "dt_ult_cot", "vol_med_neg_2m", "pct_var_30d"], is_long_before),
    bound(Suspicious, CAPTURED, &["dt_ult_cot", "datetime_exec"], is_after),
    bound(Suspicious, CAPTURED, &["dt_ult_balanco_proc", "datetime_exec"], is_after),
    bound(Suspicious, CAPTURED, &["dt_ult_informe_trim", "datetime_exec"], is_after),
    bound(Suspicious, CAPTURED, &["dt_ult_relat_ger", "datetime_exec"], is_after),
    bound(Suspicious, CAPTURED_YEAR, &["ano_ref", "datetime_exec"], is_after),
    bound(
        Suspicious,
        MARGINS,
        &[
            "vlr_ind_margem_bruta",
            "vlr_ind_margem_ebit",
            "vlr_ind_margem_liq",
            "vlr_receita_liq_ult_12m",
            "vlr_lucro_liq_ult_12m",
        ],
        are_margins_exchanged,
    ),
    bound(
        Suspicious,
        (
            "a balance sheet is of the last day of a month, rather than the last session",
            "um balanço é do último dia de um mês, e não do último pregão",
        ),
        &["dt_ult_balanco_proc", "dt_ult_cot"],
        are_days_exchanged,
    ),
    bound(
        Suspicious,
        ("no more than everything is vacant", "a vacância não passa do todo"),
        &["vlr_vacancia_media"],
        is_no_part,
    ),
    bound(
        Suspicious,
        (
            "a quarterly report is of the last day of a month",
            "um informe trimestral é do último dia de um mês",
        ),
        &["dt_ult_informe_trim"],
        is_within_a_month,
    ),
];

const fn bound(
    severity: Severity,
    rule: Rule,
    columns: &'static [&'static str],
    broken: fn(&[Figure]) -> bool,
) -> Bound {
    Bound { severity, columns, rule, broken }
}

/// A value as a bound sees it; a text is none.
pub(crate) fn figure(value: &Value) -> Option<Figure> {
    match value {
        Value::Decimal(number) => Some(Number(*number)),
        Value::Count(number) => Some(Number(Decimal::from(*number))),
        Value::Date(day) => Some(Day(*day)),
        Value::Year(year) => Some(Year(*year)),
        // Of a saved page nobody knows when it was captured: it says a day of before there were any.
        Value::Timestamp(time) => Some(Day(brasilia(time.to_utc()).date_naive())).filter(is_of_the_site),
        Value::Text(_) => None,
    }
}

/// The first year that a page may show.
const FIRST_PAGES: i32 = 2000;

fn is_of_the_site(captured: &Figure) -> bool {
    matches!(captured, Day(day) if day.year() >= FIRST_PAGES)
}

fn is_after(figures: &[Figure]) -> bool {
    match figures {
        [Day(day), Day(captured)] => day > captured,
        [Year(year), Day(captured)] => *year > captured.year(),
        _ => false,
    }
}

fn is_before(figures: &[Figure]) -> bool {
    matches!(figures, [Year(year), Day(session)] if *year < session.year())
}

/// Whether the last session of a security that has a volume of two months and a price change of 30 days is of another year than the
/// page. Right after a new year, it may be of the end of the one before.
fn is_long_before(figures: &[Figure]) -> bool {
    let [Year(year), Day(session), Number(volume), Number(change)] = figures else { return false };
    let is_new_year = *year == session.year() + 1 && session.month() >= 9;
    *year > session.year() && !is_new_year && !volume.is_zero() && !change.is_zero()
}

/// Net income to revenue is what is printed as the gross margin, to the digit, and not what is printed as the net one: that is
/// larger than both. Gross margin below EBIT margin and net margin is on none of 1,978 pages that print the three.
fn are_margins_exchanged(figures: &[Figure]) -> bool {
    let [Number(gross), Number(ebit), Number(net), Number(revenue), Number(income)] = figures else {
        return false;
    };
    // Half of the last digit of a percentage, and what two amounts of six digits add to it.
    let near = |margin: &Decimal| {
        income.checked_div(*revenue).is_some_and(|ratio| (ratio - margin).abs() <= Decimal::new(6, 4))
    };
    are_printed(figures) && gross < ebit && gross < net && near(gross) && !near(net)
}

/// A whole of zero has no parts: what the site has not processed is zero with all that is in it.
fn exceeds(figures: &[Figure]) -> bool {
    matches!(figures, [Number(part), Number(whole)] if part > whole)
}

fn is_negative(figures: &[Figure]) -> bool {
    matches!(figures, [Number(number)] if *number < Decimal::ZERO)
}

fn is_no_part(figures: &[Figure]) -> bool {
    matches!(figures, [Number(fraction)] if *fraction < Decimal::ZERO || *fraction > Decimal::ONE)
}

/// Zero can also mean that the site has not processed the figure.
fn are_printed(figures: &[Figure]) -> bool {
    figures.iter().all(|figure| matches!(figure, Number(number) if !number.is_zero()))
}

/// EBIT of twelve months as that of most companies: above zero, and no more than half of the revenue. Where it is not, other income
/// may be larger than the revenue, and nothing follows.
fn is_ordinary(ebit: Decimal, revenue: Decimal) -> bool {
    ebit > Decimal::ZERO && ebit * Decimal::TWO <= revenue
}

/// In 1,400 rows of lists with such an EBIT, EBITDA is at most 0.75 of the revenue.
fn is_no_ebitda(figures: &[Figure]) -> bool {
    let [Number(multiple), Number(enterprise_value), Number(ebit), Number(revenue)] = figures else {
        return false;
    };
    let opposite = multiple.is_sign_negative() != enterprise_value.is_sign_negative();
    // A multiple of two decimals, taken where EBITDA is least.
    let most = *revenue * (multiple.abs() + Decimal::new(1, 2));
    are_printed(figures) && is_ordinary(*ebit, *revenue) && (opposite || enterprise_value.abs() > most)
}

/// Net income is in the place of revenue, and revenue in that of EBIT.
fn is_a_row_off(figures: &[Figure]) -> bool {
    let [Number(ebit), Number(revenue), Number(yearly_ebit), Number(yearly_revenue)] = figures else {
        return false;
    };
    let shrunk = *revenue > Decimal::ZERO && *revenue * Decimal::from(8) < *yearly_revenue;
    let is_revenue = ebit > revenue && ebit > yearly_ebit && ebit <= yearly_revenue;
    is_ordinary(*yearly_ebit, *yearly_revenue) && shrunk && is_revenue
}

/// Revenue is in the place of net income, and EBIT in that of revenue. So it is on none of 2,027 pages.
fn is_a_row_above(figures: &[Figure]) -> bool {
    let [Number(income), Number(revenue), Number(yearly_ebit), Number(yearly_revenue), Number(yearly_income)] =
        figures
    else {
        return false;
    };
    let shrunk = *revenue > Decimal::ZERO && *revenue * Decimal::from(8) < *yearly_revenue;
    let is_revenue = income > revenue && income > yearly_income && income <= yearly_revenue;
    is_ordinary(*yearly_ebit, *yearly_revenue) && shrunk && is_revenue
}

/// Pairs of a quarter and its year: each is the same, and two of them are not zero, though the company has years before, as its growth
/// says: the first quarter of a new one is all there is of its year. So it is on none of 2,743 pages.
fn is_copied(figures: &[Figure]) -> bool {
    let [figures @ .., growth] = figures else { return false };
    if !are_printed(&[*growth]) {
        return false;
    }
    let is_same = |pair: &&[Figure]| matches!(pair, [Number(quarter), Number(year)] if quarter == year);
    let pairs = || figures.chunks(2);
    pairs().filter(is_same).count() == pairs().count() && pairs().filter(|pair| are_printed(pair)).count() > 1
}

/// A whole of zero may be one that nobody counted.
fn are_more(figures: &[Figure]) -> bool {
    are_printed(figures) && exceeds(figures)
}

/// More than twice as much in three months as in twelve, though income is ordinary.
fn quarter_exceeds_year(figures: &[Figure]) -> bool {
    let [Number(year), Number(quarter), Number(other_year), Number(other_quarter)] = figures else {
        return false;
    };
    let ordinary = other_year > other_quarter && *other_quarter > Decimal::ZERO;
    (*year > Decimal::ZERO && ordinary && *quarter > *year * Decimal::TWO) || is_one_quarter(figures)
}

/// The quarter is all there is of a year, though there is more of the income.
fn is_one_quarter(figures: &[Figure]) -> bool {
    let [Number(year), Number(quarter), Number(other_year), Number(other_quarter)] = figures else {
        return false;
    };
    are_printed(figures) && year == quarter && other_year != other_quarter
}

fn are_days_exchanged(figures: &[Figure]) -> bool {
    matches!(figures, [balance, session] if is_within_a_month(&[*balance]) && !is_within_a_month(&[*session]))
}

fn is_within_a_month(figures: &[Figure]) -> bool {
    matches!(figures, [Day(day)] if day.succ_opt().is_some_and(|next| next.day() != 1))
}
