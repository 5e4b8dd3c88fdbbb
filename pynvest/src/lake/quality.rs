//! What a day is in doubt about: the papers whose figures contradict themselves, and what to do with their rows.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::lake::batch::Batch;
use crate::lake::steps::{Prepared, Rejected, dedup, prep, rejected_line};
use crate::lake::table::{Layer, Row, Table, ticker};
use crate::record::doubt::{Doubt, Severity};
use crate::record::rules::identity;

/// A paper with doubts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Doubted {
    /// The paper, as printed.
    pub ticker: String,
    /// What is odd about it; never empty.
    pub doubts: Vec<Doubt>,
}

impl Doubted {
    /// A paper with these doubts.
    pub fn new(ticker: &str, doubts: Vec<Doubt>) -> Self {
        Self { ticker: ticker.to_owned(), doubts }
    }

    /// The doubts as JSON, one object a line, as the lake keeps them beside its tables under `_doubts`.
    pub fn lines(&self) -> String {
        let line = |doubt| Line { ticker: Cow::Borrowed(&self.ticker), doubt: Cow::Borrowed(doubt) };
        // Texts always have a JSON form.
        let json = |doubt| serde_json::to_string(&line(doubt)).unwrap_or_default() + "\n";
        self.doubts.iter().map(json).collect()
    }

    /// The papers of [`lines`](Self::lines), in their order; `None` if that is not what the bytes are.
    pub fn from_lines(bytes: &[u8]) -> Option<Vec<Self>> {
        let mut papers: Vec<Self> = Vec::new();
        for line in std::str::from_utf8(bytes).ok()?.lines() {
            let Line { ticker, doubt } = serde_json::from_str(line).ok()?;
            match papers.last_mut().filter(|paper| paper.ticker == ticker) {
                Some(paper) => paper.doubts.push(doubt.into_owned()),
                None => papers.push(Self::new(&ticker, vec![doubt.into_owned()])),
            }
        }
        Some(papers)
    }
}

/// A doubt of a paper, as one object of JSON.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    ticker: Cow<'a, str>,
    #[serde(flatten)]
    doubt: Cow<'a, Doubt>,
}

/// The papers of a typed batch that are in doubt, in the order of its rows.
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
    let papers = sot
        .rows
        .iter()
        .map(|row| Doubted::new(ticker(row).unwrap_or_default(), identity::doubts(class, row)));
    Ok(papers.filter(|paper| !paper.doubts.is_empty()).collect())
}

/// How many papers have a doubt of each kind.
pub(crate) fn papers_by_kind(doubted: &[Doubted]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for paper in doubted {
        let kinds: BTreeSet<&str> = paper.doubts.iter().map(|doubt| doubt.kind.as_str()).collect();
        kinds.into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
    }
    counts
}

/// Why a strict reader sets a row aside, in the words of `_rejected`.
pub const CONTRADICTION: &str = "its figures contradict themselves";

/// A doubt that more than one paper in so many has is no fault of these papers: the site has changed its arithmetic.
const COMMON: usize = 10;

/// Whether a strict lake rejects a row with this doubt.
pub(crate) fn contradicts(doubt: &Doubt, is_common: impl Fn(&str) -> bool) -> bool {
    doubt.severity == Severity::Contradiction && !is_common(&doubt.kind)
}

/// Which papers of a day a strict reader sets aside: those with a contradiction, unless more than a tenth of the `papers` of the day
/// have the same one. Then the site has changed, which is a finding, and no reason to lose the day.
///
/// Gives the tickers to set aside, and the kinds of doubt that are too common for that.
pub fn strictly(doubted: &[Doubted], papers: usize) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let counts = papers_by_kind(doubted).into_iter();
    let common: BTreeSet<&str> =
        counts.filter(|(_, count)| count * COMMON > papers).map(|(kind, _)| kind).collect();
    let doubtful =
        |paper: &&Doubted| paper.doubts.iter().any(|doubt| contradicts(doubt, |kind| common.contains(kind)));
    (doubted.iter().filter(doubtful).map(|paper| paper.ticker.as_str()).collect(), common)
}

/// What [`dedup`] leaves of the captures of a day for a strict reader: of each paper the newest row that is not in doubt, as
/// [`strictly`] has it of the newest rows of all. Beside it the newest rows that are, of papers that have an older row or none.
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

/// The rows of a day in SoR, one a paper, that SoT has not got, each with its reason as the lake keeps it under `_rejected`: those
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
        lines.extend(doubted.map(|row| rejected_line(row, CONTRADICTION)));
    }
    lines.sort_unstable();
    Ok(lines.concat())
}
