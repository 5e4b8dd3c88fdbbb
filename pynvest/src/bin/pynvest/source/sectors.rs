//! The sectors of the stocks of the live list, which prints none: the site has a list for each, by a number that it may change.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use chrono::NaiveDate;
use pynvest::lake::pipeline::ticker;
use pynvest::record::{Sector, Value};
use pynvest::{Client, Error, SectorStocks, Ticker};
use serde::{Deserialize, Serialize};

use crate::screen::sector::matches;
use crate::source::kept::{self, is_fresh, today};
use crate::source::site::Site;
use crate::view::listing::Row;
use crate::view::text::{Lang, escape_control};

/// The numbers of 2021 to 2026. Each is a hint, which a details page has to confirm.
const HINTS: [(u32, &str); 40] = [
    (1, "Agropecuária"),
    (2, "Água e Saneamento"),
    (3, "Alimentos Processados"),
    (4, "Serv.Méd.Hospit. Análises e Diagnósticos"),
    (5, "Automóveis e Motocicletas"),
    (6, "Bebidas"),
    (7, "Comércio"),
    (8, "Comércio e Distribuição"),
    (9, "Computadores e Equipamentos"),
    (10, "Construção Civil"),
    (11, "Construção e Engenharia"),
    (12, "Diversos"),
    (14, "Energia Elétrica"),
    (15, "Equipamentos"),
    (16, "Exploração de Imóveis"),
    (17, "Gás"),
    (18, "Holdings Diversificadas"),
    (19, "Hoteis e Restaurantes"),
    (20, "Intermediários Financeiros"),
    (21, "Madeira e Papel"),
    (22, "Máquinas e Equipamentos"),
    (23, "Materiais Diversos"),
    (24, "Material de Transporte"),
    (25, "Medicamentos e Outros Produtos"),
    (26, "Mídia"),
    (27, "Mineração"),
    (28, "Outros"),
    (30, "Petróleo, Gás e Biocombustíveis"),
    (31, "Previdência e Seguros"),
    (32, "Produtos de Uso Pessoal e de Limpeza"),
    (33, "Programas e Serviços"),
    (34, "Químicos"),
    (36, "Serviços Diversos"),
    (37, "Serviços Financeiros Diversos"),
    (38, "Siderurgia e Metalurgia"),
    (39, "Tecidos, Vestuário e Calçados"),
    (40, "Telecomunicações"),
    (41, "Transporte"),
    (42, "Utilidades Domésticas"),
    (43, "Viagens e Lazer"),
];

/// Which sectors are needed.
pub(crate) enum Wanted<'a> {
    All,
    /// Those whose name holds one of these texts, without accents, or whose number one is. Each has to be there.
    Matching(&'a [String]),
    /// Those with one of these names, as far as they are there.
    Named(&'a [&'a str]),
}

impl Wanted<'_> {
    fn has(&self, sector: &Sector) -> bool {
        match self {
            Self::All => true,
            Self::Matching(texts) => texts.iter().any(|text| is(text, sector)),
            Self::Named(names) => names.contains(&sector.name.as_str()),
        }
    }
}

fn is(text: &str, sector: &Sector) -> bool {
    matches(text, Some(sector.id), &sector.name)
}

/// A sector whose number and name a details page has confirmed.
#[derive(Clone, Serialize, Deserialize)]
struct Known {
    id: u32,
    name: String,
    day: NaiveDate,
}

/// The sectors of a site that are known, kept for a month.
#[derive(Default, Serialize, Deserialize)]
struct Book {
    sectors: Vec<Known>,
    /// When all of them were learnt; `None` if never.
    complete: Option<NaiveDate>,
}

const FILE: &str = "sectors";

/// The numbers of the sectors of a site that are known, by their names, without a request.
pub(crate) fn numbers(site: &str) -> BTreeMap<String, u32> {
    let book: Book = kept::read(FILE, site).unwrap_or_default();
    book.sectors.into_iter().filter(|known| is_fresh(known.day)).map(|known| (known.name, known.id)).collect()
}

/// Adds to each row of the live list the name of its sector, of those that are wanted, and gives their numbers.
pub(crate) async fn fill(
    rows: &mut [Row],
    site: &Site,
    wanted: Option<Wanted<'_>>,
    lang: Lang,
) -> Result<BTreeMap<String, u32>> {
    let found = match &wanted {
        Some(wanted) => ask(&site.client()?, &site.site, wanted, lang).await?,
        None => Vec::new(),
    };
    let named = |found: &SectorStocks| {
        let name = found.sector.name.clone();
        found.tickers.iter().map(move |ticker| (ticker.to_string(), name.clone())).collect::<Vec<_>>()
    };
    let sectors: BTreeMap<String, String> = found.iter().flat_map(named).collect();
    for row in rows {
        let sector = ticker(row).and_then(|ticker| sectors.get(ticker)).cloned();
        row.push(sector.map(Value::Text));
    }
    Ok(found.into_iter().map(|found| (found.sector.name, found.sector.id)).collect())
}

/// Asks the site for these sectors: one request for each that is known, one more for each that a details page has to confirm, and
/// about 80 where all are learnt anew.
pub(crate) async fn ask(
    client: &Client,
    site: &str,
    wanted: &Wanted<'_>,
    lang: Lang,
) -> Result<Vec<SectorStocks>> {
    let mut book: Book = kept::read(FILE, site).unwrap_or_default();
    book.sectors.retain(|known| is_fresh(known.day));
    book.complete = book.complete.filter(|day| is_fresh(*day));
    let found = match some(client, &mut book, wanted).await? {
        Ok(found) => found,
        Err(changed) => {
            let anew = lang.pick("all sectors are read anew", "todos os setores são lidos de novo");
            let said = match (changed, lang) {
                (None, _) => anew.to_owned(),
                (Some(Sector { id, name }), Lang::En) => format!("{name} is no longer sector {id}: {anew}"),
                (Some(Sector { id, name }), Lang::Pt) => format!("{name} não é mais o setor {id}: {anew}"),
            };
            say(&said);
            let learnt = client.sectors().await?.sectors;
            let known = |found: &SectorStocks| Known {
                id: found.sector.id,
                name: found.sector.name.clone(),
                day: today(),
            };
            book = Book { sectors: learnt.iter().map(known).collect(), complete: Some(today()) };
            learnt.into_iter().filter(|found| wanted.has(&found.sector)).collect()
        }
    };
    if let Err(error) = kept::write(FILE, site, &book) {
        let what = lang.pick(
            "the numbers of the sectors cannot be kept",
            "não foi possível guardar os números dos setores",
        );
        say(&format!("{what}: {}", lang.sentence(&error)));
    }
    Ok(found)
}

fn say(text: &str) {
    // Nobody may be listening.
    let _ = writeln!(io::stderr(), "{}", escape_control(text));
}

/// Those that are known or that a hint leads to. The inner error says why all have to be read anew: a number has changed, or nothing
/// is known of one.
async fn some(
    client: &Client,
    book: &mut Book,
    wanted: &Wanted<'_>,
) -> Result<Result<Vec<SectorStocks>, Option<Sector>>> {
    let known = book.sectors.iter().map(|known| (Sector { id: known.id, name: known.name.clone() }, true));
    let mut asked: Vec<(Sector, bool)> = known.collect();
    if book.complete.is_none() {
        let is_known =
            |id: u32, name: &str| book.sectors.iter().any(|known| known.id == id || known.name == name);
        let hints = HINTS.iter().filter(|(id, name)| !is_known(*id, name));
        asked.extend(hints.map(|(id, name)| (Sector { id: *id, name: (*name).to_owned() }, false)));
        let is_unknown = match wanted {
            Wanted::All => true,
            Wanted::Matching(texts) => {
                texts.iter().any(|text| !asked.iter().any(|(sector, _)| is(text, sector)))
            }
            Wanted::Named(_) => false,
        };
        if is_unknown {
            return Ok(Err(None));
        }
    }
    asked.retain(|(sector, _)| wanted.has(sector));
    let mut found = Vec::with_capacity(asked.len());
    for (sector, is_known) in asked {
        let rows = match client.stocks_in(&sector).await {
            Ok(list) => list.rows,
            Err(Error::EmptyList { .. }) => return Ok(Err(Some(sector))),
            Err(error) => return Err(error.into()),
        };
        let tickers: Vec<Ticker> = rows.into_iter().map(|row| row.ticker).collect();
        if let Some(first) = tickers.first().filter(|_| !is_known) {
            if client.sheet(first).await?.sector().as_ref() != Some(&sector) {
                return Ok(Err(Some(sector)));
            }
            book.sectors.push(Known { id: sector.id, name: sector.name.clone(), day: today() });
        }
        found.push(SectorStocks::new(sector, tickers));
    }
    Ok(Ok(found))
}
