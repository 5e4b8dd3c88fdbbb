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

const AREA: &str = "total_area_m2";
/// What has no value without an area: a mean over it, and what is paid for or with a part of it.
const OF_AREA: [&str; 3] = ["vlr_vacancia_media", "vlr_do_m2", "vlr_aluguel_por_m2"];

/// What of all this a class has, by the places of its columns.
struct Rules {
    bounds: Vec<(&'static Bound, Vec<usize>)>,
    /// The missing figure, the printed one, and what the rule says.
    together: Vec<(usize, usize, Rule)>,
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
        Self {
            bounds: BOUNDS.iter().filter_map(|bound| Some((bound, places(bound)?))).collect(),
            together: TOGETHER.iter().filter_map(together).collect(),
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
    let Rules { bounds, together, area, of_area, changes } = Rules::of(class);
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
    broken.chain(alone).chain(of_area).chain(lost).collect()
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
        let alone = [EVEN_ZERO, PER_AREA, DATED, ALL_OF_IT, CHANGES];
        let rules = BOUNDS
            .iter()
            .map(|bound| bound.rule)
            .chain(TOGETHER.iter().map(|(_, _, rule)| *rule))
            .chain(alone);
        for (english, portuguese) in rules {
            is_portuguese(english, portuguese);
        }
    }

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
