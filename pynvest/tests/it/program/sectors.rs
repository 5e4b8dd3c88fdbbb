//! Sectors and names: `list --sector`, `--sectors`, `--by`, the rank that leaves sectors out, and `find`.

use std::collections::{BTreeMap, BTreeSet};

use replica::{Exchange, Replica};
use tempfile::TempDir;

use super::lake::{pages, run_well};
use super::pynvest;

type Line = BTreeMap<String, String>;

/// An exchange of its own, with a cache of its own.
struct Place {
    replica: Replica,
    kept: TempDir,
}

impl Place {
    async fn new(exchange: Exchange) -> Self {
        Self { replica: Replica::start(exchange).await.unwrap(), kept: TempDir::new().unwrap() }
    }

    /// What a command prints and says, and how many requests it has sent. It runs beside the replica.
    async fn run(&self, command: &str, arguments: &[&str]) -> (Vec<Line>, String, usize) {
        let before = self.replica.requests().len();
        let mut program = pynvest(command);
        program.env("PYNVEST_CACHE", self.kept.path());
        program.args(["--interval", "0", "--site", &self.replica.url(), "--format", "csv"]).args(arguments);
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let rows = csv::Reader::from_reader(output.stdout.as_slice()).into_deserialize();
        let rows = rows.map(Result::unwrap).collect();
        (rows, said, self.replica.requests().len() - before)
    }
}

fn tickers(rows: &[Line]) -> Vec<&str> {
    rows.iter().map(|row| row["ticker"].as_str()).collect()
}

fn exchange() -> Exchange {
    Exchange::builder().stocks(120).fiis(4).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sector_is_asked_for_by_a_part_of_its_name_or_by_its_number() {
    let place = Place::new(exchange()).await;
    // The list of all, that of the sector, and a page of it.
    let (rows, said, requests) = place.run("list", &["--sector", "ELETRICA"]).await;
    assert!(rows.len() > 2 && requests == 3 && said.contains(" of 120 tickers match"), "{requests}: {said}");
    let (again, _, requests) = place.run("list", &["--sector", "14"]).await;
    assert_eq!((again, requests), (rows.clone(), 2), "its number is kept");
    let (more, _, requests) = place.run("list", &["--sector", "energia,maquinas"]).await;
    assert!(more.len() > rows.len() && requests == 4 && tickers(&more).contains(&"PINV4"), "{more:?}");
    let (none, said, _) = place.run("list", &["--sector", "correios"]).await;
    assert!(none.is_empty() && said.contains("no ticker is in `correios`; there are "), "{said}");
    // By then all are known.
    let (all, _, requests) = place.run("list", &["--sectors"]).await;
    assert_eq!(requests, all.len());
    let energy = all.iter().find(|row| row["sector"] == "Energia Elétrica").unwrap();
    assert_eq!((energy["id"].as_str(), energy["tickers"].parse()), ("14", Ok(rows.len())));
    let (printed, _, _) = place.run("list", &["--columns", "ticker,sector", "sector~eletrica"]).await;
    assert_eq!(tickers(&printed), tickers(&rows));
    assert!(printed.iter().all(|row| row["sector"] == "Energia Elétrica"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_has_changed_is_said_and_learnt_anew() {
    let place = Place::new(Exchange::builder().stocks(120).fiis(4).renumbered().build()).await;
    let (rows, said, _) = place.run("list", &["--sector", "energia"]).await;
    assert!(said.contains("Energia Elétrica is no longer sector 14: all sectors are read anew"), "{said}");
    let (again, said, requests) = place.run("list", &["--sector", "114"]).await;
    assert_eq!((again, requests), (rows, 2));
    assert!(!said.contains("no longer"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_magic_formula_leaves_out_finance_and_utilities_live_too() {
    let place = Place::new(exchange()).await;
    let saved = pages(&exchange(), "2026-11-20");
    let lake = TempDir::new().unwrap();
    run_well(lake.path(), &["--pages", saved.path().to_str().unwrap()]);
    let rank = ["--rank", "magic", "--columns", "ticker"];
    let (live, said, requests) = place.run("list", &rank).await;
    // This exchange has no gas, so all of its sectors are read.
    let finance = " because their sector is finance or a utility";
    assert!(said.contains(finance), "{said}");
    assert!((9..=100).contains(&requests), "{requests}");
    let (of_lake, ..) = place.run("list", &[&rank[..], &["--no-sectors"]].concat()).await;
    let without: BTreeSet<_> = tickers(&of_lake).into_iter().map(str::to_owned).collect();
    let with: BTreeSet<_> = tickers(&live).into_iter().map(str::to_owned).collect();
    assert!(with.is_subset(&without) && with.len() < without.len(), "{with:?} {without:?}");
    let (_, said, requests) = place.run("list", &[&rank[..], &["--no-sectors"]].concat()).await;
    assert!(
        requests == 1 && said.contains("without sectors, insurers and utilities are in this rank"),
        "{said}"
    );
    // The lake knows all sectors: the same are out.
    let mut program = pynvest("list");
    program.args([
        "--lake",
        lake.path().to_str().unwrap(),
        "--format",
        "csv",
        "--columns",
        "ticker,sector",
        "--rank",
        "magic",
    ]);
    let output = program.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for row in csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Line>() {
        let row = row.unwrap();
        assert!(
            !["Energia Elétrica", "Intermediários Financeiros"].contains(&row["sector"].as_str()),
            "{row:?}"
        );
        assert!(with.contains(&row["ticker"]), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickers_are_compared_with_those_of_their_sector() {
    let place = Place::new(exchange()).await;
    let (rows, ..) = place
        .run("list", &["liquidity>0", "--by", "sector", "--sort", "-roe", "--columns", "ticker,roe,name"])
        .await;
    assert!(rows.len() > 40, "{rows:?}");
    let mut sectors: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    rows.iter().for_each(|row| sectors.entry(row["sector"].as_str()).or_default().push(row));
    for (sector, rows) in sectors.iter().filter(|(sector, _)| !sector.is_empty()) {
        let places: Vec<usize> = rows.iter().map(|row| row["place"].parse().unwrap()).collect();
        assert_eq!(places, (1..=rows.len()).collect::<Vec<_>>(), "{sector}");
        let returns: Vec<f64> = rows.iter().map(|row| row["roe"].parse().unwrap()).collect();
        assert!(returns.is_sorted_by(|one, other| one >= other), "{sector}: {returns:?}");
        let middle = (returns[(returns.len() - 1) / 2] + returns[returns.len() / 2]) / 2.0;
        for row in rows {
            let median: f64 = row["roe_median"].parse().unwrap();
            assert!((median - middle).abs() < 1e-9, "{sector}: {median}, not {middle}");
        }
    }
    let (best, ..) =
        place.run("list", &["liquidity>0", "--by", "sector", "--sort", "-roe", "--limit", "1"]).await;
    let named: BTreeSet<_> = best.iter().map(|row| &row["sector"]).collect();
    assert!(named.len() >= sectors.len() - 1 && best.iter().all(|row| row["place"] != "2"), "{best:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tickers_are_found_by_name_and_suggested_for_those_that_nobody_knows() {
    let place = Place::new(exchange()).await;
    let show = |ticker: &'static str| async { place.run("show", &[ticker]).await.1 };
    assert!(!show("PINW4").await.contains("did you mean"), "no names are at hand");
    let (rows, _, requests) = place.run("find", &["logistica", "pinveste"]).await;
    assert_eq!((tickers(&rows), requests), (vec!["PFII11"], 1));
    let said = show("PINW4").await;
    assert!(said.contains("PINW4: did you mean ") && said.contains("PINV4"), "{said}");
    let (none, ..) = place.run("find", &["nobody"]).await;
    assert!(none.is_empty());

    let saved = pages(&exchange(), "2026-11-20");
    let lake = TempDir::new().unwrap();
    run_well(lake.path(), &["--pages", saved.path().to_str().unwrap()]);
    let output = pynvest("find")
        .args(["--lake", lake.path().to_str().unwrap(), "--format", "csv", "pinveste"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Line> =
        csv::Reader::from_reader(text.as_bytes()).into_deserialize().map(Result::unwrap).collect();
    let found: Vec<_> = rows.iter().map(|row| (row["ticker"].as_str(), row["class"].as_str())).collect();
    assert!(found.contains(&("PFIB11B", "fii")) && found.contains(&("PINV4", "stock")), "{found:?}");
}
