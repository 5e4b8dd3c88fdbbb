//! The three ranks, and the securities that they leave out.

use std::collections::BTreeMap;

use clap::ValueEnum;
use pynvest::record::{Column, Kind, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::screen::figures::{Figures, Reason};
use crate::view::listing::{Heading, Row};
use crate::view::text::Lang;

/// By what tickers are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rank {
    /// Greenblatt: place by EV/EBIT plus place by ROIC; no banks, insurers or utilities
    Magic,
    /// Graham: fair price √(22.5 × LPA × VPA) against the price
    Graham,
    /// Bazin: ceiling price, dividends of 12 months / 6%, against the price
    Bazin,
}

/// What is printed with each rank: the figures that it is made of.
pub(crate) const MAGIC_COLUMNS: &str = "ticker,name,price,evebit,roic,liquidity";
pub(crate) const GRAHAM_COLUMNS: &str = "ticker,name,price,pl,pvp,liquidity";
pub(crate) const BAZIN_COLUMNS: &str = "ticker,name,price,dy,liquidity";

/// The least daily volume of a ticker that is ranked, in reais, unless another is given.
pub(crate) const FLOOR: &str = "1e6";

/// Sectors of the site whose companies have no EBIT or no capital that could be compared with those of others.
pub(crate) const FINANCE_AND_UTILITIES: [&str; 7] = [
    "Intermediários Financeiros",
    "Previdência e Seguros",
    "Securitizadoras e Recebíveis",
    "Serviços Financeiros Diversos",
    "Energia Elétrica",
    "Água e Saneamento",
    "Gás",
];

/// The price to earnings of 15 times the price to book of 1.5 that Graham allows.
const GRAHAM: Decimal = Decimal::from_parts(225, 0, 0, false, 1);
/// The least that Bazin wants to be paid in a year.
const BAZIN: Decimal = Decimal::from_parts(6, 0, 0, false, 2);

/// The securities of a rank from the best on, each as what the rank says of it and its row; and how many are in none.
pub(crate) struct Ranked {
    pub(crate) rows: Vec<(Row, Row)>,
    pub(crate) left_out: BTreeMap<Reason, usize>,
}

/// What a rank makes of one security.
struct Judged {
    row: Row,
    /// What it is compared by, one after the other; less is better.
    merits: Vec<Decimal>,
    /// Its place by each merit.
    places: Vec<i64>,
    /// What else the rank says of it.
    says: Row,
}

impl Rank {
    /// What the rank says of a security, before the columns of its row.
    pub(crate) fn headings(self, lang: Lang) -> Vec<Heading> {
        let place = ("rank", "Posição", Kind::Count, "Posição; iguais dividem uma");
        let margin =
            ("margin", "Margem", Kind::Fraction, "Quanto o preço pode subir até lá, como fração da cotação");
        let said = match self {
            Self::Magic => vec![
                place,
                ("score", "Soma", Kind::Count, "Soma das duas posições seguintes"),
                ("rank_evebit", "Pos. EV/EBIT", Kind::Count, "Posição por EV/EBIT, do menor ao maior"),
                ("rank_roic", "Pos. ROIC", Kind::Count, "Posição por ROIC, do maior ao menor"),
            ],
            Self::Graham => {
                vec![
                    place,
                    ("fair_price", "Preço justo", Kind::Decimal, "Raiz de 22,5 × LPA × VPA, em reais"),
                    margin,
                ]
            }
            Self::Bazin => vec![
                place,
                ("ceiling_price", "Preço teto", Kind::Decimal, "Proventos de 12 meses sobre 6%, em reais"),
                margin,
            ],
        };
        let heading = |(name, portuguese, kind, comment)| Heading::new(name, portuguese, kind, comment, lang);
        said.into_iter().map(heading).collect()
    }

    /// Ranks rows that have these columns, whether those of the live list or of the details: their fields have the same names.
    pub(crate) fn order(self, columns: &[Column], rows: Vec<Row>, floor: Decimal) -> Ranked {
        let (mut securities, mut left_out) = (Vec::new(), BTreeMap::new());
        for row in rows {
            match self.judge(&Figures { columns, row: &row }, floor) {
                Ok((merits, says)) => securities.push(Judged { row, merits, places: Vec::new(), says }),
                Err(reason) => *left_out.entry(reason).or_default() += 1,
            }
        }
        for merit in 0..securities.first().map_or(0, |security| security.merits.len()) {
            let merits: Vec<_> =
                securities.iter().map(|security| security.merits.get(merit).copied()).collect();
            securities
                .iter_mut()
                .zip(places(&merits))
                .for_each(|(security, place)| security.places.push(place));
        }
        let sums: Vec<i64> = securities.iter().map(|security| security.places.iter().sum()).collect();
        let mut ranked: Vec<_> = places(&sums).into_iter().zip(sums).zip(securities).collect();
        ranked.sort_by_cached_key(|((place, _), security)| {
            (*place, Figures { columns, row: &security.row }.text("ticker").map(str::to_owned))
        });
        let said = |((place, sum), security): ((i64, i64), Judged)| {
            let mut said = vec![Some(Value::Count(place))];
            if self == Self::Magic {
                said.extend([sum].into_iter().chain(security.places).map(|count| Some(Value::Count(count))));
            }
            said.extend(security.says);
            (said, security.row)
        };
        Ranked { rows: ranked.into_iter().map(said).collect(), left_out }
    }

    fn judge(self, security: &Figures<'_>, floor: Decimal) -> Result<(Vec<Decimal>, Row), Reason> {
        if self == Self::Magic
            && security.text("sector").is_some_and(|sector| FINANCE_AND_UTILITIES.contains(&sector))
        {
            return Err(Reason::Sector);
        }
        if security.number("average_daily_volume_2m").is_none_or(|volume| volume < floor) {
            return Err(Reason::Illiquid);
        }
        if self == Self::Magic {
            // EV/EBIT is also positive if both are negative.
            security.positive("price_to_ebit", "P/EBIT")?;
            let (ev_to_ebit, roic) =
                (security.positive("ev_to_ebit", "EV/EBIT")?, security.known("roic", "ROIC")?);
            return Ok((vec![ev_to_ebit, -roic], Row::new()));
        }
        let price = security.positive("price", "Cotação")?;
        let (merit, target, margin) = match self {
            Self::Bazin => bazin(price, security.positive("dividend_yield", "Div. Yield")?),
            _ => graham(price, Worth::of(security)?),
        }
        .ok_or(Reason::Boundless)?;
        Ok((vec![-merit], vec![Some(Value::Decimal(target)), Some(Value::Decimal(margin))]))
    }
}

/// What Graham compares a price with.
#[derive(Clone, Copy)]
enum Worth {
    /// Earnings times book value, of a share.
    OfShare(Decimal),
    /// P/L times P/VP.
    Multiple(Decimal),
}

impl Worth {
    /// From earnings and book value of a share where there are such columns, else from the ratios to the price.
    fn of(security: &Figures<'_>) -> Result<Self, Reason> {
        let per_share = security.columns.iter().any(|column| column.field == "earnings_per_share");
        let (one, other) = if per_share {
            (
                security.positive("earnings_per_share", "LPA")?,
                security.positive("book_value_per_share", "VPA")?,
            )
        } else {
            (security.positive("price_to_earnings", "P/L")?, security.positive("price_to_book", "P/VP")?)
        };
        let product = one.checked_mul(other).filter(|product| !product.is_zero()).ok_or(Reason::Boundless)?;
        Ok(if per_share { Self::OfShare(product) } else { Self::Multiple(product) })
    }
}

/// The square of fair price over price, which no root rounds; the fair price; and how far it is above the price.
fn graham(price: Decimal, worth: Worth) -> Option<(Decimal, Decimal, Decimal)> {
    let square = price.checked_mul(price)?;
    let (merit, fair) = match worth {
        Worth::OfShare(product) => {
            let fair = GRAHAM.checked_mul(product)?;
            (fair.checked_div(square)?, fair)
        }
        Worth::Multiple(multiple) => {
            (GRAHAM.checked_div(multiple)?, GRAHAM.checked_mul(square)?.checked_div(multiple)?)
        }
    };
    Some((merit, root(fair, 2)?, root(merit, 4)? - Decimal::ONE))
}

/// The dividend yield, the ceiling, and how far that is above the price.
fn bazin(price: Decimal, dividend_yield: Decimal) -> Option<(Decimal, Decimal, Decimal)> {
    let ceiling = price.checked_mul(dividend_yield)?.checked_div(BAZIN)?;
    Some((dividend_yield, half_up(ceiling, 2), half_up(dividend_yield.checked_div(BAZIN)?, 4) - Decimal::ONE))
}

fn half_up(number: Decimal, decimals: u32) -> Decimal {
    let mut rounded =
        number.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(decimals);
    rounded
}

/// The square root, rounded to this many decimals, computed with whole numbers alone.
fn root(square: Decimal, decimals: u32) -> Option<Decimal> {
    // Of four times the square, so that the last bit of the root says to which side it is nearer.
    let unit = Decimal::from(4 * 100_u64.checked_pow(decimals)?);
    let twice = square.checked_mul(unit)?.to_u128()?.isqrt();
    Decimal::try_from_i128_with_scale(i128::try_from(twice.div_ceil(2)).ok()?, decimals).ok()
}

/// The place of each: one more than there are better ones.
fn places<T: Ord>(merits: &[T]) -> Vec<i64> {
    let mut sorted: Vec<&T> = merits.iter().collect();
    sorted.sort_unstable();
    let better = |merit: &T| sorted.partition_point(|other| *other < merit);
    merits.iter().map(|merit| i64::try_from(better(merit)).map_or(i64::MAX, |better| better + 1)).collect()
}

#[cfg(test)]
mod tests {
    use pynvest::{Stock, StockRow};

    use super::*;

    const LEAST: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// A security that trades enough, with the figures `field=value field=value`.
    fn row(columns: &[Column], ticker: &str, figures: &str) -> Row {
        let figures = format!("average_daily_volume_2m=1000000 {figures}");
        let cell = |column: &Column| {
            if column.field == "ticker" {
                return Some(Value::Text(ticker.to_owned()));
            }
            let given = figures.rsplit(' ').filter_map(|figure| figure.split_once('='));
            let (_, value) = given.into_iter().find(|(field, _)| *field == column.field)?;
            Some(if column.kind == Kind::Text {
                Value::Text(value.replace('_', " "))
            } else {
                Value::Decimal(number(value))
            })
        };
        columns.iter().map(cell).collect()
    }

    /// The ranked securities, each as its ticker and what the rank says of it, and who is left out.
    fn ranked(
        rank: Rank,
        columns: &[Column],
        securities: &[(&str, &str)],
    ) -> (Vec<String>, Vec<(Reason, usize)>) {
        let rows = securities.iter().map(|(ticker, figures)| row(columns, ticker, figures)).collect();
        let Ranked { rows, left_out } = rank.order(columns, rows, LEAST);
        let line = |(said, row): &(Row, Row)| {
            assert_eq!(said.len(), rank.headings(Lang::En).len());
            let cells = row.first().into_iter().chain(said).flatten();
            cells.map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        (rows.iter().map(line).collect(), left_out.into_iter().collect())
    }

    #[test]
    fn the_magic_formula_adds_two_places() {
        let securities = [
            ("EEEE3", "price_to_ebit=5 ev_to_ebit=6 roic=0.25"),
            ("DDDD3", "price_to_ebit=9 ev_to_ebit=8 roic=0.30"),
            ("CCCC3", "price_to_ebit=5 ev_to_ebit=5 roic=0.10"),
            ("BBBB3", "price_to_ebit=5 ev_to_ebit=5.00 roic=0.3"),
            ("AAAA3", "price_to_ebit=3 ev_to_ebit=4 roic=0.20"),
            ("BANK3", "price_to_ebit=0 ev_to_ebit=0 roic=0"),
            ("LOSS3", "price_to_ebit=-2 ev_to_ebit=1 roic=-0.1"),
            ("CASH3", "price_to_ebit=5 ev_to_ebit=-1 roic=0.9"),
            ("NONE3", "price_to_ebit=5 roic=0.9"),
            ("ZERO3", "price_to_ebit=5 ev_to_ebit=1 roic=0"),
            ("THIN3", "price_to_ebit=5 ev_to_ebit=1 roic=0.9 average_daily_volume_2m=999999.99"),
        ];
        let (lines, left_out) = ranked(Rank::Magic, StockRow::COLUMNS, &securities);
        assert_eq!(
            lines,
            ["BBBB3 1 3 2 1", "AAAA3 2 5 1 4", "DDDD3 3 6 5 1", "CCCC3 4 7 2 5", "EEEE3 4 7 4 3"]
        );
        let expected = [
            (Reason::Illiquid, 1),
            (Reason::Unknown("EV/EBIT"), 1),
            (Reason::Unknown("P/EBIT"), 1),
            (Reason::Unknown("ROIC"), 1),
            (Reason::Negative("EV/EBIT"), 1),
            (Reason::Negative("P/EBIT"), 1),
        ];
        assert_eq!(left_out, expected);
    }

    #[test]
    fn where_the_sector_is_known_finance_and_utilities_are_out() {
        let securities = [
            ("SEGU3", "sector=Previdência_e_Seguros price_to_ebit=1 ev_to_ebit=0.65 roic=0.774"),
            ("LUZE3", "sector=Energia_Elétrica price_to_ebit=1 ev_to_ebit=0.65 roic=0.774"),
            ("PETR4", "sector=Petróleo,_Gás_e_Biocombustíveis price_to_ebit=1 ev_to_ebit=2 roic=0.174"),
            ("UNIT11", "price_to_ebit=1 ev_to_ebit=3 roic=0.2"),
        ];
        let (lines, left_out) = ranked(Rank::Magic, Stock::COLUMNS, &securities);
        assert_eq!(lines, ["PETR4 1 3 1 2", "UNIT11 1 3 2 1"]);
        assert_eq!(left_out, [(Reason::Sector, 2)]);
        // The others judge them too.
        let (lines, _) =
            ranked(Rank::Bazin, Stock::COLUMNS, &[("SEGU3", "sector=Gás price=50 dividend_yield=0.075")]);
        assert_eq!(lines, ["SEGU3 1 62.50 0.2500"]);
    }

    #[test]
    fn graham_is_the_same_from_ratios_and_from_a_share() {
        let securities = [
            ("SAME3", "price=9 price_to_earnings=15 price_to_book=1.5"),
            ("TWIN4", "price=20 price_to_earnings=2.5 price_to_book=1"),
            ("TWIN3", "price=10 price_to_earnings=5 price_to_book=0.5"),
            ("ODDS3", "price=7 price_to_earnings=10 price_to_book=2"),
            ("BOTH3", "price=7 price_to_earnings=-3 price_to_book=-0.5"),
            ("DEBT3", "price=7 price_to_earnings=3 price_to_book=-0.5"),
            ("ZERO3", "price=7 price_to_earnings=3 price_to_book=0"),
            ("HUGE3", "price=79228162514264337593543950335 price_to_earnings=3 price_to_book=1"),
        ];
        let (lines, left_out) = ranked(Rank::Graham, StockRow::COLUMNS, &securities);
        // The root of 22.5 / 20 is 1.06066, and seven times that is 7.42462.
        let expected =
            ["TWIN3 1 30.00 2.0000", "TWIN4 1 60.00 2.0000", "ODDS3 3 7.42 0.0607", "SAME3 4 9.00 0.0000"];
        assert_eq!(lines, expected);
        let expected = [
            (Reason::Unknown("P/VP"), 1),
            (Reason::Negative("P/L"), 1),
            (Reason::Negative("P/VP"), 1),
            (Reason::Boundless, 1),
        ];
        assert_eq!(left_out, expected);

        // The roots of 900 and of 90, which is 9.48683.
        let securities = [
            ("DEAR3", "price=12.34 earnings_per_share=0.5 book_value_per_share=8"),
            ("FAIR3", "price=30 earnings_per_share=2 book_value_per_share=20"),
        ];
        let (lines, _) = ranked(Rank::Graham, Stock::COLUMNS, &securities);
        assert_eq!(lines, ["FAIR3 1 30.00 0.0000", "DEAR3 2 9.49 -0.2312"]);
    }

    #[test]
    fn bazin_wants_six_percent() {
        let securities = [
            ("LESS3", "price=10 dividend_yield=0.0300"),
            ("MORE3", "price=4.07 dividend_yield=0.7469"),
            ("NONE3", "price=10 dividend_yield=0"),
        ];
        let (lines, left_out) = ranked(Rank::Bazin, StockRow::COLUMNS, &securities);
        // 4.07 × 0.7469 / 0.06 is 50.66472.
        assert_eq!(lines, ["MORE3 1 50.66 11.4483", "LESS3 2 5.00 -0.5000"]);
        assert_eq!(left_out, [(Reason::Unknown("Div. Yield"), 1)]);
    }
}
