//! Rules between the rows of a list, and signs that a whole list has changed.

use rust_decimal::Decimal;

use crate::record::cell;
use crate::record::column::{Column, Source};
use crate::record::doubt::Doubt;
use crate::record::form::Form;
use crate::record::rules::damaged::damaged_text;
use crate::record::value::{Kind, Value};

type Row = Vec<Option<Value>>;

/// A column of a list that is the product of two others of its row, which share a price, an EBIT or an area.
struct Product {
    product: &'static str,
    factors: [&'static str; 2],
    english: &'static str,
    portuguese: &'static str,
}

/// They hold, with the printed rounding, in all of 5,001, 4,458 and 377 rows of 14 lists captured from 2022 to 2026.
const PRODUCTS: [Product; 3] = [
    Product {
        product: "pvp",
        factors: ["pl", "roe"],
        english: "price to book = price to earnings × ROE",
        portuguese: "P/VP = P/L × ROE",
    },
    Product {
        product: "psr",
        factors: ["pebit", "mrgebit"],
        english: "price to sales = price to EBIT × EBIT margin",
        portuguese: "PSR = P/EBIT × Mrg Ebit",
    },
    Product {
        product: "rent_m2",
        factors: ["price_m2", "cap_rate"],
        english: "rent per m² = price per m² × cap rate",
        portuguese: "Aluguel por m2 = Preço do m2 × Cap Rate",
    },
];

/// From this many rows with a figure a list is a whole market and no sector: a rule for nearly all of them is one for the list.
const MARKET: usize = 100;

/// Rows that may lack a figure by chance.
const FEW: usize = 10;

/// What the largest figure of a whole market is at least and at most, in reais. On four lists of all stocks it is 1.7 to 2.6 billion
/// and 370 to 445 billion, on two of all FIIs 15 to 26 billion and 13 to 15 million.
const LARGEST: [(&str, i64, i64); 4] = [
    ("equity", 2_000_000_000, 50_000_000_000_000),
    ("market_cap", 200_000_000, 5_000_000_000_000),
    ("stock liquidity", 20_000_000, 500_000_000_000),
    ("FII liquidity", 200_000, 5_000_000_000),
];

/// The doubts about the typed rows of a list, which has these of the columns.
pub(crate) fn doubts(columns: &[Column], present: &[bool], rows: &[Row]) -> Vec<Doubt> {
    let products = PRODUCTS.iter().filter_map(|product| broken(product, columns, rows));
    let figures = || {
        let places = columns.iter().enumerate().zip(present);
        places
            .filter(|((_, column), present)| **present && column.form.decimals().is_some())
            .map(|(it, _)| it)
    };
    let empty = figures().filter_map(|(place, column)| {
        let missing = rows.iter().filter(|row| value(row, place).is_none()).count();
        (missing > FEW && missing * 2 > rows.len()).then(|| {
            let (label, all) = (&column.source, rows.len());
            Doubt::listed(
                &[column],
                None,
                format!("`{label}` has no figure in {missing} of {all} rows, where a list prints a zero"),
                format!("`{label}` está vazio em {missing} de {all} linhas, onde uma lista imprime zero"),
            )
        })
    });
    let unsigned = || {
        let numbers =
            || figures().flat_map(|(place, _)| rows.iter().filter_map(move |row| number(row, place)));
        let signed = numbers().any(|number| number.is_sign_negative() && !number.is_zero());
        (rows.len() >= MARKET && !signed && numbers().any(|number| !number.is_zero())).then(|| {
            let all = rows.len();
            Doubt::listed(
                &[],
                None,
                format!("no figure in {all} rows is below zero; every list of this size has some"),
                format!("nenhum número em {all} linhas é negativo; toda lista deste tamanho tem alguns"),
            )
        })
    };
    let sized = figures().filter_map(|(place, column)| missized(place, column, columns, rows));
    let same = figures().filter_map(|(place, column)| same(place, column, rows));
    let impossible = figures().filter_map(|(place, column)| impossible(place, column, rows));
    let texts = || columns.iter().enumerate().zip(present).filter(|(_, present)| **present).map(|(it, _)| it);
    let nameless = texts().filter_map(|(place, column)| nameless(place, column, rows));
    let damaged = texts().filter_map(|(place, column)| damaged(place, column, rows));
    products
        .chain(empty)
        .chain(unsigned())
        .chain(sized)
        .chain(same)
        .chain(impossible)
        .chain(nameless)
        .chain(damaged)
        .chain(total(columns, rows))
        .collect()
}

/// One figure in all rows, or zero. On 14 lists captured from 2022 to 2026 no column has less than a quarter of its figures above or
/// below zero, and none but that of the properties one figure in more than 4% of its rows.
fn same(place: usize, column: &Column, rows: &[Row]) -> Option<Doubt> {
    let printed = || rows.iter().filter_map(|row| number(row, place));
    let mut figures = printed().filter(|number| !number.is_zero());
    let label = &column.source;
    let Some(first) = figures.next() else {
        let all = printed().count();
        return (all >= MARKET).then(|| {
            let message = format!("`{label}` is zero in all of {all} rows");
            Doubt::listed(&[column], None, message, format!("`{label}` é zero em todas as {all} linhas"))
        });
    };
    let mut others = 0;
    for figure in figures {
        if figure != first {
            return None;
        }
        others += 1;
    }
    // A few funds may have one property each, or all be vacant.
    let may_agree = column.kind == Kind::Count || column.name == VACANCY;
    let least = if may_agree { MARKET } else { FEW };
    (others >= least).then(|| {
        let (count, first) = (others + 1, column_text(column, first));
        let portuguese =
            format!("`{label}` é {} em todas as {count} linhas com um valor", cell::with_comma(&first));
        Doubt::listed(
            &[column],
            None,
            format!("`{label}` is {first} in all of {count} rows with a figure"),
            portuguese,
        )
    })
}

const VACANCY: &str = "vacancy";

/// What no list prints: a price or a current ratio below zero, a vacancy above 100%.
fn impossible(place: usize, column: &Column, rows: &[Row]) -> Option<Doubt> {
    let is_impossible = |number: Decimal| match column.name {
        "price" | "lc" => number.is_sign_negative() && !number.is_zero(),
        // The mean of rounded figures: three real rows print 100,02% to 100,05%.
        VACANCY => number > Decimal::new(101, 2),
        _ => false,
    };
    if !matches!(column.name, "price" | "lc" | VACANCY) {
        return None;
    }
    let mut odd = rows.iter().filter(|row| number(row, place).is_some_and(is_impossible));
    let first = odd.next()?;
    let (count, all, label) = (odd.count() + 1, rows.len(), &column.source);
    let figure = column_text(column, number(first, place)?);
    let ticker = ticker(first);
    let (english, portuguese) = if column.name == VACANCY {
        ("above 100%", "acima de 100%")
    } else {
        ("below zero", "abaixo de zero")
    };
    let message =
        format!("`{label}` is {english} in {count} of {all} rows, as in that of {ticker}: {figure}");
    let figure = cell::with_comma(&figure);
    let portuguese =
        format!("`{label}` está {portuguese} em {count} de {all} linhas, como na de {ticker}: {figure}");
    Some(Doubt::listed(&[column], Some(ticker), message, portuguese))
}

/// A figure as its column prints it, but with a dot.
fn column_text(column: &Column, number: Decimal) -> String {
    if column.form.is_percent() { format!("{}%", cell::points(number)) } else { number.to_string() }
}

/// The names are not where they were.
fn nameless(place: usize, column: &Column, rows: &[Row]) -> Option<Doubt> {
    let is_nameless = matches!(column.source, Source::Tooltip(_))
        && !rows.is_empty()
        && rows.iter().all(|row| value(row, place).is_none());
    is_nameless.then(|| {
        let all = rows.len();
        Doubt::listed(
            &[column],
            None,
            format!("no ticker has a name in {all} rows: the tooltips are gone"),
            format!("nenhum papel tem nome em {all} linhas: faltam as dicas com os nomes"),
        )
    })
}

/// Names and segments that lost letters.
fn damaged(place: usize, column: &Column, rows: &[Row]) -> Option<Doubt> {
    if column.kind != Kind::Text || column.optional {
        return None;
    }
    let mut texts = rows.iter().filter_map(|row| value(row, place)?.as_str());
    Some(Doubt::damaged(column, texts.find(|text| damaged_text(text))?))
}

fn value(row: &Row, place: usize) -> Option<&Value> {
    row.get(place)?.as_ref()
}

fn number(row: &Row, place: usize) -> Option<Decimal> {
    match value(row, place)? {
        Value::Decimal(number) => Some(*number),
        Value::Count(number) => Some(Decimal::from(*number)),
        _ => None,
    }
}

fn ticker(row: &Row) -> &str {
    value(row, 0).and_then(Value::as_str).unwrap_or_default()
}

fn broken(rule: &Product, columns: &[Column], rows: &[Row]) -> Option<Doubt> {
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let (product, one, other) = (place(rule.product)?, place(rule.factors[0])?, place(rule.factors[1])?);
    let breaks = |row: &&Row| {
        let figure = |place| Printed::new(number(row, place)?);
        let figures = || Some((figure(product)?, figure(one)?, figure(other)?));
        figures().and_then(|(product, one, other)| product.is_product(&one, &other)) == Some(false)
    };
    let mut odd = rows.iter().filter(breaks);
    let first = odd.next()?;
    let (count, all) = (odd.count() + 1, rows.len());
    let about: Vec<&Column> = [product, one, other].iter().filter_map(|place| columns.get(*place)).collect();
    let message = format!(
        "in {count} of {all} rows, as that of {}, it is not true that {}",
        ticker(first),
        rule.english
    );
    let portuguese =
        format!("em {count} de {all} linhas, como a de {}, não vale que {}", ticker(first), rule.portuguese);
    Some(Doubt::listed(&about, Some(ticker(first)), message, portuguese))
}

/// A printed figure, as a whole number of its last decimals, and how far the true one may be away.
struct Printed {
    /// In half millionths of the last decimal.
    units: i128,
    off: i128,
    scale: u32,
}

/// Half millionths of a last decimal.
const PARTS: i128 = 2_000_000;

impl Printed {
    /// `None` for zero, which a list also prints for a missing value.
    fn new(number: Decimal) -> Option<Self> {
        let units = number.mantissa();
        let digits = units.unsigned_abs().checked_ilog10()? + 1;
        // A whole last decimal, whether it was rounded or cut, and half a unit of the sixth digit, which a float keeps.
        let off = PARTS + 10_i128.checked_pow(digits)?;
        Some(Self { units: units.checked_mul(PARTS)?, off, scale: number.scale() })
    }

    /// Whether some numbers that are printed as these two have one as their product that is printed as this one. `None` beyond
    /// what can be told.
    fn is_product(&self, one: &Self, other: &Self) -> Option<bool> {
        let unit =
            10_i128.checked_pow((one.scale + other.scale).checked_sub(self.scale)?)?.checked_mul(PARTS)?;
        let product = one.units.checked_mul(other.units)?;
        let apart = product.checked_sub(self.units.checked_mul(unit)?)?.checked_abs()?;
        let of_one = one.units.abs().checked_mul(other.off)?;
        let of_other = other.units.abs().checked_mul(one.off)?;
        let of_both = one.off.checked_mul(other.off)?;
        Some(
            apart
                <= of_one
                    .checked_add(of_other)?
                    .checked_add(of_both)?
                    .checked_add(self.off.checked_mul(unit)?)?,
        )
    }
}

/// Amounts in thousands or in cents: of a whole market the largest one says so.
fn missized(place: usize, column: &Column, columns: &[Column], rows: &[Row]) -> Option<Doubt> {
    let is_stock = columns.iter().any(|column| column.name == "equity");
    let name = match column.name {
        "liquidity" if is_stock => "stock liquidity",
        "liquidity" => "FII liquidity",
        name => name,
    };
    let (_, least, most) = LARGEST.iter().find(|(known, ..)| *known == name)?;
    let (count, largest) = rows
        .iter()
        .filter_map(|row| number(row, place))
        .filter(|number| !number.is_zero())
        .fold((0, Decimal::ZERO), |(count, largest): (usize, _), number| (count + 1, number.max(largest)));
    let fits = (Decimal::from(*least)..=Decimal::from(*most)).contains(&largest);
    (count >= MARKET && !fits).then(|| {
        let label = &column.source;
        Doubt::listed(
            &[column],
            None,
            format!(
                "the largest `{label}` of {count} is {largest}, which is no amount in reais of a whole market"
            ),
            format!(
                "o maior `{label}` de {count} é {}, que não é um valor em reais de um mercado inteiro",
                cell::with_comma(&largest.to_string())
            ),
        )
    })
}

/// A row that is the sum or the mean of all others, in every amount and price.
fn total(columns: &[Column], rows: &[Row]) -> Option<Doubt> {
    let places: Vec<usize> = (0..)
        .zip(columns)
        .filter(|(_, column)| column.kind == Kind::Decimal && matches!(column.form, Form::Reais(_)))
        .filter(|(place, _)| {
            rows.iter().any(|row| number(row, *place).is_some_and(|number| !number.is_zero()))
        })
        .map(|(place, _)| place)
        .collect();
    let amount = |row: &Row, place: usize| number(row, place).unwrap_or_default();
    let sums: Vec<Decimal> = places
        .iter()
        .map(|place| rows.iter().fold(Decimal::ZERO, |sum, row| sum.saturating_add(amount(row, *place))))
        .collect();
    let others = Decimal::from(rows.len().checked_sub(1)?);
    let is_all = |row: &Row, parts: Decimal| {
        let own = || sums.iter().zip(&places).map(|(sum, place)| (*sum, amount(row, *place)));
        let printed = own().filter(|(_, own)| !own.is_zero());
        printed.clone().count() > 1
            && printed.into_iter().all(|(sum, own)| {
                let rest = sum.saturating_sub(own);
                // A thousandth, for what was rounded.
                own.saturating_mul(parts).saturating_sub(rest).abs() <= rest.abs() * Decimal::new(1, 3)
            })
    };
    let found = rows.iter().find(|row| is_all(row, Decimal::ONE) || is_all(row, others))?;
    (rows.len() > FEW && places.len() > 1).then(|| {
        let ticker = ticker(found);
        Doubt::listed(
            &[],
            Some(ticker),
            format!("the row of {ticker} is the sum or the mean of all others"),
            format!("a linha de {ticker} é a soma ou a média de todas as outras"),
        )
    })
}
