//! What cannot be, whatever the security: a part larger than its whole, a negative yield, a quarter that ends in the middle of a
//! month.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::record::column::Column;
use crate::record::doubt::{Doubt, Severity};
use crate::record::form::Form;
use crate::record::rules::bounds::{BOUNDS, Bound, Rule, figure};
use crate::record::security::Class;
use crate::record::value::{Kind, Value};

use Severity::{Contradiction, Suspicious};

const EVEN_ZERO: Rule = (
    "the other is printed too, as zero where there is none",
    "o outro também é impresso, como zero se não há nenhum",
);
const PER_AREA: Rule =
    ("area-based figures require a non-zero area", "números por área exigem uma área diferente de zero");
const DATED: Rule = ("there is no balance sheet without its date", "não há balanço sem sua data");
const ALL_OF_IT: Rule = ("no price falls by more than all of it", "nenhum preço cai mais que 100%");
const CHANGES: Rule = (
    "all price changes of a ticker are printed, or none",
    "todas as oscilações de um papel são impressas, ou nenhuma",
);

/// What the site prints for every security that has the other, and no amount of zero: the column, the other, and what that says.
/// It is so on 2,746 captures.
const TOGETHER: &[(&str, &str, Rule)] = &[
    ("nome_setor", "nome_subsetor", ("there is no subsector without a sector", "não há subsetor sem setor")),
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

const NAMED: Rule = (
    "every ticker has a kind of share and the name of a company",
    "todo papel tem um tipo e o nome de uma empresa",
);
const NAMED_FUND: Rule = ("every fund has a name", "todo fundo tem um nome");
const QUOTED: Rule =
    ("a price has a day and a range of 52 weeks", "uma cotação tem uma data e uma faixa de 52 semanas");
const SOURCES: Rule = (
    "every page that has it also has the price, its parts, the equity and the assets",
    "toda página que o tem também tem a cotação, suas partes, o patrimônio e o ativo",
);
const SAME_PARTS: Rule = (
    "every page that has it also has the other figure, which follows from the same amounts",
    "toda página que o tem também tem o outro número, que vem dos mesmos valores",
);

/// As [`TOGETHER`], on a whole page: a record of a few figures need not have the others, nor has a security that was never traded.
/// None of these is missing on 2,743 pages.
const TOGETHER_ON_A_PAGE: &[(&str, &str, Rule)] = &[
    ("tipo_papel", "nome_papel", NAMED),
    ("nome_empresa", "nome_papel", NAMED),
    ("nome_fii", "fii", NAMED_FUND),
    ("dt_ult_cot", "vlr_cot", QUOTED),
    ("vlr_min_52_sem", "vlr_cot", QUOTED),
    ("vlr_max_52_sem", "vlr_cot", QUOTED),
    ("vlr_cot", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_mercado", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_lucro_liq_ult_12m", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_ind_lpa", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_ind_vpa", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_ind_p_sobre_vp", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_patrim_liq", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_ativo", "vlr_ind_p_sobre_l", SOURCES),
    ("vlr_ind_ev_sobre_ebitda", "vlr_ind_ev_sobre_ebit", SAME_PARTS),
    ("vlr_ind_roic", "vlr_ind_ev_sobre_ebit", SAME_PARTS),
    ("vlr_ind_p_sobre_cap_giro", "vlr_ind_p_sobre_ativ_circ_liq", SAME_PARTS),
    ("vlr_ind_p_sobre_ativ_circ_liq", "vlr_ind_p_sobre_cap_giro", SAME_PARTS),
    ("vlr_ind_p_sobre_cap_giro", "vlr_liquidez_corr", SAME_PARTS),
    ("vlr_ind_margem_bruta", "vlr_ind_margem_ebit", SAME_PARTS),
    ("vlr_ind_giro_ativos", "vlr_ind_margem_ebit", SAME_PARTS),
    ("vlr_ind_psr", "vlr_ind_margem_ebit", SAME_PARTS),
    ("vlr_ind_p_sobre_ebit", "vlr_ind_margem_ebit", SAME_PARTS),
];

const TRADED: Rule = (
    "a security with a volume has a price, its range and its changes, and one with a P/VP has shares and a market value",
    "um papel com volume tem cotação, faixa e oscilações, e um com P/VP tem ações ou cotas e valor de mercado",
);
const VOLUME: &str = "vol_med_neg_2m";
/// What each of 2,644 pages with a volume prints, and not as zero.
const OF_TRADED: [&str; 3] = ["vlr_cot", "vlr_min_52_sem", "vlr_max_52_sem"];
const PRICE_TO_BOOK: [&str; 2] = ["vlr_ind_p_sobre_vp", "vlr_p_sobre_vp"];
/// What each of them prints that has a price to book too; a new security may be traded before its shares are known.
const OF_SIZED: [&str; 3] = ["vlr_mercado", "num_acoes", "num_cotas"];
/// What each of them prints, if only as zero.
const CHANGE: &str = "pct_var_12m";
/// The year labels are on every page of a security that was traded.
const YEAR: &str = "ano_ref";

const NO_BANK: Rule = (
    "a bank has no such figure, as it has neither EBIT nor revenue",
    "um banco não tem esse número, pois não tem EBIT nem receita",
);
/// What only pages of banks have.
const OF_BANKS: [&str; 4] =
    ["vlr_depositos", "vlr_cart_credito", "vlr_result_int_financ_ult_12m", "vlr_rec_servicos_ult_12m"];
/// What is a dash on each of 716 pages of banks; the last two are a dash or zero.
const OF_NO_BANK: [&str; 14] = [
    "vlr_ind_p_sobre_ebit",
    "vlr_ind_psr",
    "vlr_ind_p_sobre_ativ",
    "vlr_ind_p_sobre_cap_giro",
    "vlr_ind_p_sobre_ativ_circ_liq",
    "vlr_ind_ev_sobre_ebitda",
    "vlr_ind_ev_sobre_ebit",
    "vlr_ind_margem_bruta",
    "vlr_ind_margem_ebit",
    "vlr_ind_roic",
    "vlr_liquidez_corr",
    "vlr_ind_giro_ativos",
    "vlr_ind_ebit_sobre_ativo",
    "vlr_ind_margem_liq",
];

const AREA: &str = "total_area_m2";
/// What has no value without an area: a mean over it, and what is paid for or with a part of it.
const OF_AREA: [&str; 3] = ["vlr_vacancia_media", "vlr_do_m2", "vlr_aluguel_por_m2"];

/// What of all this a class has, by the places of its columns.
struct Rules {
    bounds: Vec<(&'static Bound, Vec<usize>)>,
    /// The missing figure, the printed one, and what the rule says.
    together: Vec<(usize, usize, Rule)>,
    /// The same on a whole page, and the first year in which every page has the missing figure.
    on_a_page: Vec<(usize, usize, Rule, Option<i32>)>,
    year: Option<usize>,
    volume: Option<usize>,
    of_traded: Vec<usize>,
    price_to_book: Option<usize>,
    of_sized: Vec<usize>,
    change: Option<usize>,
    of_banks: Vec<usize>,
    of_no_bank: Vec<usize>,
    area: Option<usize>,
    of_area: Vec<usize>,
    /// The price changes.
    changes: Vec<usize>,
}

impl Rules {
    fn new(class: Class) -> Self {
        let place = |name: &&str| class.place(name);
        let places = |bound: &Bound| bound.columns.iter().map(place).collect::<Option<Vec<_>>>();
        let together = |(column, other, rule): &(_, _, _)| Some((place(column)?, place(other)?, *rule));
        let on_a_page = |rule: &(_, _, _)| {
            let (missing, printed, rule) = together(rule)?;
            Some((missing, printed, rule, class.columns().get(missing)?.since))
        };
        Self {
            bounds: BOUNDS.iter().filter_map(|bound| Some((bound, places(bound)?))).collect(),
            together: TOGETHER.iter().filter_map(together).collect(),
            on_a_page: TOGETHER_ON_A_PAGE.iter().filter_map(on_a_page).collect(),
            year: class.place(YEAR),
            volume: class.place(VOLUME),
            of_traded: OF_TRADED.iter().filter_map(place).collect(),
            price_to_book: PRICE_TO_BOOK.iter().find_map(place),
            of_sized: OF_SIZED.iter().filter_map(place).collect(),
            change: class.place(CHANGE),
            of_banks: OF_BANKS.iter().filter_map(place).collect(),
            of_no_bank: OF_NO_BANK.iter().filter_map(place).collect(),
            area: class.place(AREA),
            of_area: OF_AREA.iter().filter_map(place).collect(),
            changes: (0..)
                .zip(class.columns())
                .filter(|(_, column)| column.form == Form::Change)
                .map(|(place, _)| place)
                .collect(),
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
    let rules = Rules::of(class);
    let Rules { bounds, together, area, of_area, changes, .. } = rules;
    let proved = match class {
        Class::Stock => Contradiction,
        // A handful of pages of FIIs is known.
        Class::Fii => Suspicious,
    };
    let find = |place: usize| Some((class.columns().get(place)?, row.get(place)?.as_ref()?));
    let mut figures = Vec::new();
    let broken = bounds.iter().filter_map(|(bound, places)| {
        figures.clear();
        for place in places {
            figures.push(figure(find(*place)?.1)?);
        }
        let (column, value) = find(*places.first()?)?;
        let doubt =
            || Doubt::implausible(bound.severity.min(proved), column, value, bound.columns, bound.rule);
        (bound.broken)(&figures).then(doubt)
    });
    let alone = together.iter().filter_map(|(missing, printed, rule)| {
        let (column, value) = find(*printed)
            .filter(|(column, value)| !is_no_amount(column, value) && find(*missing).is_none())?;
        let missing = class.columns().get(*missing)?;
        Some(Doubt::implausible(Suspicious, column, value, &[column.name, missing.name], *rule))
    });
    let no_area = matches!(area.and_then(find), Some((_, Value::Count(0))));
    let of_area = of_area.iter().filter(|_| no_area).filter_map(|place| {
        let (column, value) = find(*place)?;
        Some(Doubt::implausible(Suspicious, column, value, &[column.name, AREA], PER_AREA))
    });
    let lost: Vec<(&Column, &Value)> =
        changes.iter().filter_map(|place| find(*place)).filter(loses_more_than_all).collect();
    let lost = lost.first().map(|(column, value)| {
        let columns: Vec<&str> = lost.iter().map(|(column, _)| column.name).collect();
        Doubt::implausible(proved, column, value, &columns, ALL_OF_IT)
    });
    broken
        .chain(alone)
        .chain(rules.missing(class, row))
        .chain(rules.of_no_bank(class, row))
        .chain(of_area)
        .chain(lost)
        .collect()
}

impl Rules {
    /// What the page of a security that was traded must have and this one has not.
    fn missing(&self, class: Class, row: &[Option<Value>]) -> Vec<Doubt> {
        let value = |place: usize| row.get(place)?.as_ref();
        let column = |place: usize| class.columns().get(place);
        // A margin of zero is that of an EBIT of zero, by which nothing is divided.
        let printed =
            |place: usize| Some((column(place)?, value(place)?)).filter(|(_, value)| !is_zero(value));
        let Some(Value::Year(year)) = self.year.and_then(value) else { return Vec::new() };
        let volume = self.volume.and_then(|place| Some((column(place)?, value(place)?)));
        let traded = volume.filter(|(_, value)| !is_zero(value));
        // The site added one figure in the course of a year, and to no page of a security that was not traded since.
        let has_it = |since: &Option<i32>| since.is_none_or(|since| traded.is_some() && *year > since);
        let missing =
            self.on_a_page.iter().filter(|(missing, _, _, since)| value(*missing).is_none() && has_it(since));
        let alone = missing.filter_map(|(missing, other, rule, _)| {
            let (column, value) = printed(*other)?;
            let missing = class.columns().get(*missing)?;
            Some(Doubt::implausible(Suspicious, column, value, &[column.name, missing.name], *rule))
        });
        let mut doubts: Vec<Doubt> = alone.collect();
        if let Some((column, volume)) = traded {
            let lacks = |place: &&usize| value(**place).is_none_or(is_zero);
            let mut columns = vec![column.name];
            let change = self.change.iter().filter(|place| value(**place).is_none());
            let is_sized = self.price_to_book.and_then(value).is_some_and(|value| !is_zero(value));
            let sizes = self.of_sized.iter().filter(|_| is_sized);
            let lacking = self.of_traded.iter().chain(sizes).filter(lacks).chain(change);
            columns.extend(lacking.filter_map(|place| Some(class.columns().get(*place)?.name)));
            if columns.len() > 1 {
                doubts.push(Doubt::implausible(Suspicious, column, volume, &columns, TRADED));
            }
        }
        doubts
    }

    /// The figures of a bank that no bank has: one doubt about the first of them.
    fn of_no_bank(&self, class: Class, row: &[Option<Value>]) -> Option<Doubt> {
        let printed = |place: &usize| {
            let value = row.get(*place)?.as_ref().filter(|value| !is_zero(value))?;
            Some((class.columns().get(*place)?, value))
        };
        let (of_bank, _) = self.of_banks.iter().find_map(printed)?;
        let mut odd = self.of_no_bank.iter().filter_map(printed);
        let (column, value) = odd.next()?;
        let mut columns = vec![column.name];
        columns.extend(odd.map(|(column, _)| column.name));
        columns.push(of_bank.name);
        Some(Doubt::implausible(Suspicious, column, value, &columns, NO_BANK))
    }
}

/// Zero can also mean that the site has not processed the figure.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Decimal(number) => number.is_zero(),
        Value::Count(number) => *number == 0,
        _ => false,
    }
}

fn loses_more_than_all((_, value): &(&Column, &Value)) -> bool {
    matches!(value, Value::Decimal(change) if *change < Decimal::NEGATIVE_ONE)
}

/// An amount or a price of zero may stand for what the site has not processed. A count of zero is a count, no change a change.
fn is_no_amount(column: &Column, value: &Value) -> bool {
    column.kind == Kind::Decimal && matches!(value, Value::Decimal(number) if number.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::spelling::is_portuguese;

    #[test]
    fn every_rule_is_said_in_both_languages() {
        let alone = [EVEN_ZERO, PER_AREA, DATED, ALL_OF_IT, CHANGES, TRADED, NO_BANK];
        let rules = BOUNDS
            .iter()
            .map(|bound| bound.rule)
            .chain(TOGETHER.iter().chain(TOGETHER_ON_A_PAGE).map(|(_, _, rule)| *rule))
            .chain(alone);
        for (english, portuguese) in rules {
            is_portuguese(english, portuguese);
        }
    }

    #[test]
    fn every_rule_is_about_columns_of_one_class() {
        let together = TOGETHER.iter().chain(TOGETHER_ON_A_PAGE);
        let together = together.map(|(column, other, _)| vec![*column, *other]);
        let banks = [[&OF_BANKS[..], &OF_NO_BANK].concat(), vec![YEAR, VOLUME, CHANGE]];
        let traded = OF_TRADED.iter().chain(&OF_SIZED).chain(&PRICE_TO_BOOK).map(|name| vec![*name]);
        let of_area = OF_AREA.iter().map(|column| vec![*column, AREA]);
        let bounds = BOUNDS.iter().map(|bound| bound.columns.to_vec());
        for names in bounds.chain(together).chain(of_area).chain(traded).chain(banks) {
            let has_all = |class: Class| names.iter().all(|name| class.place(name).is_some());
            assert!(has_all(Class::Stock) || has_all(Class::Fii), "{names:?}");
        }
    }
}
