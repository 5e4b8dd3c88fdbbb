//! Doubts of a day: the securities whose figures contradict themselves, and what happens to their rows.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::sealed;
use crate::lake::steps::{Prepared, Reason, Rejected, dedup, prep, rejected_line};
use crate::lake::table::{Layer, Row, Table, ticker};
use crate::record::doubt::{Doubt, Severity};
use crate::record::rules::identity;

/// A security with doubts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Doubted {
    /// The security, as printed.
    pub ticker: String,
    /// The doubts; never empty.
    pub doubts: Vec<Doubt>,
}

impl Doubted {
    /// A security with these doubts.
    pub fn new(ticker: &str, doubts: Vec<Doubt>) -> Self {
        Self { ticker: ticker.to_owned(), doubts }
    }

    /// The doubts as JSON, one object a line with its checksum, as the lake keeps them under `_doubts`.
    pub fn lines(&self) -> String {
        let line = |doubt| Line { ticker: Cow::Borrowed(&self.ticker), doubt: Cow::Borrowed(doubt) };
        self.doubts.iter().map(|doubt| sealed::line(&line(doubt))).collect()
    }

    /// The securities of [`lines`](Self::lines), in their order; `None` if that is not what the bytes are, or not any more.
    pub fn from_lines(bytes: &[u8]) -> Option<Vec<Self>> {
        let mut securities: Vec<Self> = Vec::new();
        for line in std::str::from_utf8(bytes).ok()?.lines() {
            let Line { ticker, doubt } = sealed::from_line(line)?;
            match securities.last_mut().filter(|security| security.ticker == ticker) {
                Some(security) => security.doubts.push(doubt.into_owned()),
                None => securities.push(Self::new(&ticker, vec![doubt.into_owned()])),
            }
        }
        Some(securities)
    }
}

/// A doubt of a security, as one object of JSON.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    ticker: Cow<'a, str>,
    #[serde(flatten)]
    doubt: Cow<'a, Doubt>,
}

/// The securities of a typed batch that are in doubt, in the order of its rows.
///
/// ```
/// use pynvest::Class;
/// use pynvest::lake::{Batch, Layer, Table, doubts};
///
/// let sot = Batch { table: Table::of(Layer::Sot, Class::Stock), rows: Vec::new() };
/// assert!(doubts(&sot)?.is_empty());
///
/// let sor = Batch { table: Table::of(Layer::Sor, Class::Stock), rows: Vec::new() };
/// assert_eq!(
///     doubts(&sor).unwrap_err().to_string(),
///     "expected a table of the sot layer, found tbsor_fundamentus_indicadores_acoes_raw",
/// );
/// # Ok::<(), pynvest::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::OtherTable`] if the batch is not of a SoT table.
pub fn doubts(sot: &Batch) -> Result<Vec<Doubted>, Error> {
    let (Layer::Sot, Some(class)) = (sot.table.layer, sot.table.class) else {
        return Err(Error::OtherTable { wanted: Layer::Sot.as_str(), found: sot.table.name });
    };
    let securities = sot
        .rows
        .iter()
        .map(|row| Doubted::new(ticker(row).unwrap_or_default(), identity::doubts(class, row)));
    Ok(securities.filter(|security| !security.doubts.is_empty()).collect())
}

/// How many securities have a doubt of each kind.
pub(crate) fn securities_by_kind(doubted: &[Doubted]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for security in doubted {
        let kinds: BTreeSet<&str> = security.doubts.iter().map(|doubt| doubt.kind.as_str()).collect();
        kinds.into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
    }
    counts
}

/// A doubt that more than one security in this many has is no fault of theirs: the site has changed its arithmetic.
const COMMON: usize = 10;

/// Whether a strict lake rejects a row with this doubt.
pub(crate) fn contradicts(doubt: &Doubt, is_common: impl Fn(&str) -> bool) -> bool {
    doubt.severity == Severity::Contradiction && !is_common(&doubt.kind)
}

/// Which securities of a day a strict reader rejects: those with a contradiction, unless more than a tenth of the `securities` of the day
/// have the same one. Then the site has changed, which is a finding, and no reason to lose the day.
///
/// Gives the tickers to reject, and the kinds of doubt that are too common for that.
pub fn strictly(doubted: &[Doubted], securities: usize) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let counts = securities_by_kind(doubted).into_iter();
    let common: BTreeSet<&str> =
        counts.filter(|(_, count)| count * COMMON > securities).map(|(kind, _)| kind).collect();
    let doubtful = |security: &&Doubted| {
        security.doubts.iter().any(|doubt| contradicts(doubt, |kind| common.contains(kind)))
    };
    (doubted.iter().filter(doubtful).map(|security| security.ticker.as_str()).collect(), common)
}

/// [`dedup`] for a strict reader: the newest row of each security that is not in doubt, by [`strictly`] on the newest rows of all.
/// The second batch has the newest rows that are in doubt, of securities that have an older row or none.
///
/// # Errors
///
/// [`Error::OtherTable`] if the table is not one of SoT.
pub fn dedup_strictly(table: &'static Table, batches: Vec<Batch>) -> Result<(Batch, Vec<Row>), Error> {
    let Some(class) = table.class else {
        return Err(Error::OtherTable { wanted: Layer::Sot.as_str(), found: table.name });
    };
    let newest = dedup(table, batches.iter().cloned());
    let doubted = doubts(&newest)?;
    let common = strictly(&doubted, newest.rows.len()).1;
    let usable = |row: &Row| {
        !identity::doubts(class, row).iter().any(|doubt| contradicts(doubt, |kind| common.contains(kind)))
    };
    let usable_rows = |batch: Batch| Batch { table, rows: batch.rows.into_iter().filter(usable).collect() };
    let settled = dedup(table, batches.into_iter().map(usable_rows));
    Ok((settled, newest.rows.into_iter().filter(|row| !usable(row)).collect()))
}

/// The rows of a day in SoR, one a security, that SoT has not got, each with its reason as the lake keeps it under `_rejected`: those
/// that cannot be typed, and of a strict lake those in doubt. Sorted, so that the same rows give the same lines.
///
/// # Errors
///
/// [`Error::OtherTable`] if the batch is not of a SoR table.
pub fn rejected_lines(sor: &Batch, strict: bool) -> Result<String, Error> {
    let Prepared { batch, rejected } = prep(sor)?;
    let mut lines: Vec<String> = rejected.iter().map(Rejected::line).collect();
    if strict {
        let (_, aside) = dedup_strictly(batch.table, vec![batch])?;
        let aside: BTreeSet<&str> = aside.iter().filter_map(ticker).collect();
        let doubted = sor.rows.iter().filter(|row| ticker(row).is_some_and(|ticker| aside.contains(ticker)));
        lines.extend(doubted.map(|row| rejected_line(row, Reason::contradiction())));
    }
    lines.sort_unstable();
    Ok(lines.concat())
}
