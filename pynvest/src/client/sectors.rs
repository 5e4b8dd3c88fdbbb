//! All sectors of the site, as its own pages name them.

use std::collections::BTreeSet;

use crate::client::Client;
use crate::error::Error;
use crate::record::security::Sector;
use crate::record::ticker::Ticker;

/// The site has 40.
const MOST: usize = 150;

/// A sector and its traded stocks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SectorStocks {
    /// The sector, as the details page of its first stock names it.
    pub sector: Sector,
    /// Its traded stocks, in the order of the site.
    pub tickers: Vec<Ticker>,
}

impl SectorStocks {
    /// A sector with these stocks.
    pub fn new(sector: Sector, tickers: Vec<Ticker>) -> Self {
        Self { sector, tickers }
    }
}

/// The sectors of all traded stocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Sectors {
    /// In the order of their names.
    pub sectors: Vec<SectorStocks>,
    /// The traded stocks in none.
    pub without: Vec<Ticker>,
}

impl Client {
    /// The sectors of all traded stocks, with their numbers and names: two requests for each sector and one for the whole list, about
    /// 80 in all. The page of a stock names its sector; the list of that sector says which others are in it.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), pynvest::Error> {
    /// for found in pynvest::Client::new()?.sectors().await?.sectors {
    ///     println!("{} {}: {} stocks", found.sector.id, found.sector.name, found.tickers.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::stocks`], [`Client::sheet`] and [`Client::stocks_in`].
    pub async fn sectors(&self) -> Result<Sectors, Error> {
        let traded = self
            .stocks()
            .await?
            .rows
            .into_iter()
            .filter(|row| row.average_daily_volume_2m.is_some_and(|volume| !volume.is_zero()));
        let traded: Vec<Ticker> = traded.map(|row| row.ticker).collect();
        let (mut seen, mut found) = (BTreeSet::new(), Sectors::default());
        for ticker in traded {
            if seen.contains(&ticker) {
                continue;
            }
            let sector = self.sheet(&ticker).await?.sector();
            let known = |sector: &Sector| found.sectors.iter().any(|other| other.sector == *sector);
            match sector.filter(|sector| !known(sector) && found.sectors.len() < MOST) {
                Some(sector) => {
                    let rows = self.stocks_in(&sector).await?.rows;
                    let tickers: Vec<Ticker> = rows.into_iter().map(|row| row.ticker).collect();
                    seen.extend(tickers.iter().cloned());
                    if !tickers.contains(&ticker) {
                        found.without.push(ticker);
                    }
                    found.sectors.push(SectorStocks::new(sector, tickers));
                }
                None => found.without.push(ticker),
            }
        }
        found.sectors.sort_by(|one, other| one.sector.name.cmp(&other.sector.name));
        Ok(found)
    }
}
