//! What cannot be, whatever the paper: a part larger than its whole, a negative yield, a quarter that ends in the middle of a
//! month.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::record::column::Column;
use crate::record::doubt::Doubt;
use crate::record::security::Class;
use crate::record::value::{Kind, Value};

/// A rule about some figures of a page. What is missing breaks none.
struct Bound {
    /// The catalogue names of the figures; the doubt is about the first.
    columns: &'static [&'static str],
    /// What it says.
    english: &'static str,
    /// Whether these figures break it.
    broken: fn(&[Figure]) -> bool,
}

/// A figure or a day.
#[derive(Clone, Copy)]
enum Figure {
    Number(Decimal),
    Day(NaiveDate),
}

use Figure::{Day, Number};

const PART: &str = "a part is no larger than its whole";
const NEVER_NEGATIVE: &str = "it is never negative";
const EVEN_ZERO: &str = "the other is printed too, as zero where there is none";
const PER_AREA: &str = "where there is no area nothing is said of it";
const DEPRECIATION: &str =
    "depreciation is a part of the costs: where EBIT is above zero and far below the revenue, so is EBITDA";
const ROW_OFF: &str = "where the year is ordinary, no quarter has less than an eighth of its revenue and more EBIT than all of it";
const QUARTER: &str = "a quarter is a part of its year, in every line of the results or in none";
const DATED: &str = "there is no balance sheet without its date";
const CHANGES: &str = "all price changes of a paper are printed, or none";

/// What the site prints for every paper that has the other, and no amount of zero: the column, the other, and what that says.
/// It is so on 2,746 captures.
const TOGETHER: &[(&str, &str, &str)] = &[
    ("nome_setor", "nome_subsetor", "there is no subsector without a sector"),
    ("vlr_ind_div_yield", "vlr_cot", EVEN_ZERO),
    ("num_acoes", "vlr_cot", EVEN_ZERO),
    ("dt_ult_balanco_proc", "vlr_ativo", DATED),
    ("qtd_imoveis", "qtd_unidades", EVEN_ZERO),
    ("qtd_unidades", "qtd_imoveis", EVEN_ZERO),
    ("total_area_m2", "qtd_imoveis", EVEN_ZERO),
    ("pct_var_dia", "pct_var_12m", CHANGES),
    ("pct_var_mes", "pct_var_12m", CHANGES),
    ("pct_var_30d", "pct_var_12m", CHANGES),
    ("pct_var_12m", "pct_var_dia", CHANGES),
    ("pct_var_ano_a0", "pct_var_ano_a1", CHANGES),
    ("pct_var_ano_a1", "pct_var_ano_a2", CHANGES),
    ("pct_var_ano_a2", "pct_var_ano_a3", CHANGES),
    ("pct_var_ano_a3", "pct_var_ano_a4", CHANGES),
    ("pct_var_ano_a4", "pct_var_ano_a5", CHANGES),
    ("pct_var_ano_a5", "pct_var_ano_a4", CHANGES),
];

/// One bound each: what it says, its columns, and when it is broken. Most follow from what the figures are, for any company; those
/// about EBITDA and quarters are asked of ordinary companies only, and are broken on none of 2,746 captures. What is only usual is
/// not here: a price outside of its range of 52 weeks (earlier prices are adjusted for dividends), EBITDA below EBIT, more cash
/// than current assets, negative cash.
const BOUNDS: &[Bound] = &[
    bound(PART, &["vlr_ativ_circulante", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_patrim_liq", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_patrim_liq", "vlr_ativos"], exceeds),
    bound(PART, &["vlr_depositos", "vlr_ativo"], exceeds),
    bound(PART, &["vlr_cart_credito", "vlr_ativo"], exceeds),
    bound(
        DEPRECIATION,
        &["vlr_ind_ev_sobre_ebitda", "vlr_firma", "vlr_ebit_ult_12m", "vlr_receita_liq_ult_12m"],
        is_no_ebitda,
    ),
    bound(
        ROW_OFF,
        &["vlr_ebit_ult_3m", "vlr_receita_liq_ult_3m", "vlr_ebit_ult_12m", "vlr_receita_liq_ult_12m"],
        is_a_row_off,
    ),
    bound(
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
        QUARTER,
        &[
            "vlr_rec_bruta_ult_12m",
            "vlr_rec_bruta_ult_3m",
            "vlr_rendim_distr_ult_12m",
            "vlr_rendim_distr_ult_3m",
        ],
        quarter_exceeds_year,
    ),
    bound(NEVER_NEGATIVE, &["vlr_ind_div_yield"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_div_yield"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_liquidez_corr"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativo"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativos"], is_negative),
    bound(NEVER_NEGATIVE, &["vlr_ativ_circulante"], is_negative),
    bound("a bank has no enterprise value", &["vlr_firma", "vlr_result_int_financ_ult_12m"], are_printed),
    bound("no more than everything is vacant", &["vlr_vacancia_media"], is_no_part),
    bound("a quarterly report is of the last day of a month", &["dt_ult_informe_trim"], is_within_a_month),
];

const AREA: &str = "total_area_m2";
/// What has no value without an area: a mean over it, and what is paid for or with a part of it.
const OF_AREA: [&str; 3] = ["vlr_vacancia_media", "vlr_do_m2", "vlr_aluguel_por_m2"];

const fn bound(
    english: &'static str,
    columns: &'static [&'static str],
    broken: fn(&[Figure]) -> bool,
) -> Bound {
    Bound { columns, english, broken }
}

/// What of all this a class has, by the places of its columns.
struct Rules {
    bounds: Vec<(&'static Bound, Vec<usize>)>,
    /// What is missing, and what is printed.
    together: Vec<(usize, usize, &'static str)>,
    area: Option<usize>,
    of_area: Vec<usize>,
}

impl Rules {
    fn new(class: Class) -> Self {
        let place = |name: &&str| class.place(name);
        let places = |bound: &Bound| bound.columns.iter().map(place).collect::<Option<Vec<_>>>();
        let together = |(column, other, english): &(_, _, _)| Some((place(column)?, place(other)?, *english));
        Self {
            bounds: BOUNDS.iter().filter_map(|bound| Some((bound, places(bound)?))).collect(),
            together: TOGETHER.iter().filter_map(together).collect(),
            area: class.place(AREA),
            of_area: OF_AREA.iter().filter_map(place).collect(),
        }
    }

    fn of(class: Class) -> &'static Self {
        static STOCK: LazyLock<Rules> = LazyLock::new(|| Rules::new(Class::Stock));
        static FII: LazyLock<Rules> = LazyLock::new(|| Rules::new(Class::Fii));
        match class {
            Class::Stock => &STOCK,
            Class::Fii => &FII,
        }
    }
}

/// The doubts about a typed row of a class.
pub(crate) fn doubts(class: Class, row: &[Option<Value>]) -> Vec<Doubt> {
    let Rules { bounds, together, area, of_area } = Rules::of(class);
    let find = |place: usize| Some((class.columns().get(place)?, row.get(place)?.as_ref()?));
    let mut figures = Vec::new();
    let broken = bounds.iter().filter_map(|(bound, places)| {
        figures.clear();
        for place in places {
            figures.push(figure(find(*place)?.1)?);
        }
        let (column, value) = find(*places.first()?)?;
        let doubt = || Doubt::implausible(column, value, bound.columns, bound.english);
        (bound.broken)(&figures).then(doubt)
    });
    let alone = together.iter().filter_map(|(missing, printed, english)| {
        let (column, value) = find(*printed)
            .filter(|(column, value)| !is_no_amount(column, value) && find(*missing).is_none())?;
        let missing = class.columns().get(*missing)?;
        Some(Doubt::implausible(column, value, &[column.name, missing.name], english))
    });
    let no_area = matches!(area.and_then(find), Some((_, Value::Count(0))));
    let of_area = of_area.iter().filter(|_| no_area).filter_map(|place| {
        let (column, value) = find(*place)?;
        Some(Doubt::implausible(column, value, &[column.name, AREA], PER_AREA))
    });
    broken.chain(alone).chain(of_area).collect()
}

/// An amount or a price of zero may stand for what the site has not processed. A count of zero is a count, no change a change.
fn is_no_amount(column: &Column, value: &Value) -> bool {
    column.kind == Kind::Decimal && matches!(value, Value::Decimal(number) if number.is_zero())
}

fn figure(value: &Value) -> Option<Figure> {
    match value {
        Value::Decimal(number) => Some(Number(*number)),
        Value::Date(day) => Some(Day(*day)),
        _ => None,
    }
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

/// Zero also stands for what the site has not processed.
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

/// Net income stands where revenue should, revenue where EBIT should.
fn is_a_row_off(figures: &[Figure]) -> bool {
    let [Number(ebit), Number(revenue), Number(yearly_ebit), Number(yearly_revenue)] = figures else {
        return false;
    };
    let shrunk = *revenue > Decimal::ZERO && *revenue * Decimal::from(8) < *yearly_revenue;
    let is_revenue = ebit > revenue && ebit > yearly_ebit && ebit <= yearly_revenue;
    is_ordinary(*yearly_ebit, *yearly_revenue) && shrunk && is_revenue
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

fn is_within_a_month(figures: &[Figure]) -> bool {
    matches!(figures, [Day(day)] if day.succ_opt().is_some_and(|next| next.day() != 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_about_columns_of_one_class() {
        let together = TOGETHER.iter().map(|(column, other, _)| vec![*column, *other]);
        let of_area = OF_AREA.iter().map(|column| vec![*column, AREA]);
        for names in BOUNDS.iter().map(|bound| bound.columns.to_vec()).chain(together).chain(of_area) {
            let has_all = |class: Class| names.iter().all(|name| class.place(name).is_some());
            assert!(has_all(Class::Stock) || has_all(Class::Fii), "{names:?}");
        }
    }
}
