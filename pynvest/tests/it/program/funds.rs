//! What funds own, through the program: shown, screened, told when it changes, and absent in days of before.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;

use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use replica::{Exchange, latin1};
use serde_json::Value as Json;
use tempfile::TempDir;

use super::lake::pages;
use super::{pynvest, site};

fn exchange() -> Exchange {
    Exchange::builder().stocks(6).fiis(40).build()
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_fund_is_shown_with_a_bar_for_each_part() {
    let show = |arguments: &[&str]| {
        text(
            pynvest("show")
                .args(["--interval", "0", "--site", site(), "PFII11"])
                .args(arguments)
                .output()
                .unwrap(),
        )
    };
    let shown = show(&[]);
    let words: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    for line in [
        &["CNPJ", "57225014000120"][..],
        &["report", "https://fnet.bmfbovespa.com.br/fnet/publico/downloadDocumento?id=1225014"],
        &["Imóveis", "para", "Renda", "R$", "13,962,341,752.00", "93.9%", "███████████████████████"],
        &["(without", "a", "name)", "R$", "110,424,779.52", "0.7%", "█"],
    ] {
        assert!(words.iter().any(|words| words == line), "{line:?} is not in\n{shown}");
    }
    let fund: Json = serde_json::from_str(&show(&["--format", "json"])).unwrap();
    let [first, .., cash] = fund[0]["composition"].as_array().unwrap().as_slice() else { panic!("{fund}") };
    assert_eq!(first["name"], "Imóveis para Renda");
    assert_eq!((cash["amount"].as_str(), cash["share"].as_str()), (Some("23005162.40"), Some("0.0015")));
    assert_eq!(
        (&fund[0]["cnpj"], &fund[0]["report_document"]),
        (&"57225014000120".into(), &1_225_014.into())
    );
}

/// As a program of before wrote it: without the columns that were appended since.
fn age(file: &Path) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
    let mask = ProjectionMask::leaves(builder.parquet_schema(), 0..50);
    let batches: Vec<_> = builder.with_projection(mask).build().unwrap().map(Result::unwrap).collect();
    let mut writer = ArrowWriter::try_new(File::create(file).unwrap(), batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
}

/// Files saved pages as a day. The quotes of each day are the same, which a lake does not believe.
fn file_day(lake: &Path, pages: &TempDir, day: &str) {
    let mut command = pynvest("lake");
    command.args(["--force-day", "--accept", "--day", day, "--out"]).arg(lake);
    let output = command.arg("--pages").arg(pages.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
}

fn files(lake: &Path, day: &str) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(lake).into_iter().map(|entry| entry.unwrap().into_path());
    let is_old = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.contains("fundamentus_indicadores_fiis") && name.contains(day) && name.ends_with(".parquet")
    };
    all.filter(is_old).collect()
}

#[test]
fn days_of_before_are_read_beside_those_that_know_what_funds_own() {
    let lake = TempDir::new().unwrap();
    let dir = lake.path().to_str().unwrap();
    let first = pages(&exchange(), "2026-11-20");
    file_day(lake.path(), &first, "2026-11-20");
    let old = files(lake.path(), "20261120");
    assert_eq!(old.len(), 2, "SoR and SoT: {old:?}");
    old.iter().for_each(|file| age(file));

    let list = |arguments: &[&str]| {
        let output = pynvest("list")
            .args(["--lake", dir, "--class", "fii", "--format", "jsonl"])
            .args(arguments)
            .output();
        lines(&text(output.unwrap()))
    };
    let of_before = list(&["--columns", "ticker,cnpj,report_document,composition,paper"]);
    assert_eq!(of_before.len(), 40);
    for row in &of_before {
        for column in ["cnpj", "report_document", "composition", "paper"] {
            assert!(row[column].is_null(), "{row}");
        }
    }
    // The next day, one fund has sold a part and another has another CNPJ.
    let second = pages(&exchange(), "2026-11-24");
    file_day(lake.path(), &second, "2026-11-24");
    let third = pages(&exchange(), "2026-11-25");
    let page = exchange().details("PFII11").unwrap();
    let page = page.replace("'FII' , data : [50611357.28]", "'FII' , data : [50611357.27]");
    fs::write(third.path().join("PFII11-2026-11-25.html"), latin1(&page)).unwrap();
    let page = exchange().details("PFIB11B").unwrap().replace("59322931000159", "57225014000120");
    fs::write(third.path().join("PFIB11B-2026-11-25.html"), latin1(&page)).unwrap();
    file_day(lake.path(), &third, "2026-11-25");

    let all = list(&["--columns", "ticker,cnpj,properties_share,paper,funds,stocks,cash", "paper>=0"]);
    assert_eq!(all.len(), 40);
    let share = |row: &Json, column: &str| row[column].as_str().unwrap().parse::<f64>().unwrap();
    for row in &all {
        let sum: f64 = ["properties_share", "paper", "funds", "stocks", "cash"]
            .map(|name| share(row, name))
            .iter()
            .sum();
        assert!((0.3..=1.0).contains(&sum), "{row}");
    }
    let half = list(&["properties>50%", "--columns", "ticker,properties_share"]);
    assert!(
        !half.is_empty() && half.len() < 40 && half.iter().all(|row| share(row, "properties_share") > 0.5)
    );
    assert!(half.iter().any(|row| row["ticker"] == "PFII11"));
    let many = list(&["properties>=70", "--columns", "ticker,properties"]);
    assert!(many.iter().all(|row| row["properties"].as_i64() >= Some(70)), "a count is a count: {many:?}");
    let segment = list(&["--segment", "logistica", "--columns", "ticker,segment"]);
    assert!(!segment.is_empty() && segment.iter().all(|row| row["segment"] == "Logística"), "{segment:?}");

    let output = pynvest("changes")
        .args(["--lake", dir, "--since", "2026-11-24", "--format", "jsonl"])
        .output()
        .unwrap();
    let only =
        pynvest("changes").args(["--lake", dir, "--kind", "composition", "--format", "jsonl"]).output();
    let only = lines(&text(only.unwrap()));
    assert_eq!(only.iter().map(|row| &row["ticker"]).collect::<Vec<_>>(), ["PFII11"]);
    let changes: Vec<(String, String, String)> = lines(&text(output))
        .iter()
        .map(|row| {
            ["ticker", "kind", "column"].map(|name| row[name].as_str().unwrap_or_default().to_owned()).into()
        })
        .collect();
    let expected = [("PFIB11B", "name", "cnpj"), ("PFII11", "composition", "composition")];
    assert_eq!(changes, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    let history = pynvest("history")
        .args(["--lake", dir, "--columns", "cnpj,price", "--format", "jsonl", "PFII11"])
        .output();
    let history = lines(&text(history.unwrap()));
    assert_eq!(history.len(), 3);
    assert!(history[0]["cnpj"].is_null() && history[2]["cnpj"] == "57225014000120", "{history:?}");
}
