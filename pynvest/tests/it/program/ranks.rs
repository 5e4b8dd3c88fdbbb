//! `pynvest list --rank` on the whole replica, and on a day of a lake.

use std::collections::BTreeMap;

use replica::Exchange;
use tempfile::TempDir;

use super::lake::{pages, run_well};
use super::{pynvest, site};

type Line = BTreeMap<String, String>;

/// The rows of the list, and what is said beside them.
fn list(arguments: &[&str]) -> (Vec<Line>, String) {
    let output = pynvest("list")
        .args(["--interval", "0", "--site", site(), "--format", "csv"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    let rows = csv::Reader::from_reader(output.stdout.as_slice()).into_deserialize();
    (rows.map(Result::unwrap).collect(), said)
}

/// Securities and the reasons for which they are not ranked.
fn left_out(said: &str) -> Vec<(usize, &str)> {
    let reasons = said.lines().filter_map(|line| line.split_once(" left out because "));
    let count = |tickers: &str| tickers.split(' ').next().unwrap().parse().unwrap();
    reasons.map(|(tickers, why)| (count(tickers), why)).collect()
}

#[test]
fn every_security_is_ranked_or_counted() {
    for (rank, shown) in [("magic", "roic"), ("graham", "pvp"), ("bazin", "dy")] {
        let (rows, said) = list(&["--rank", rank]);
        let out: usize = left_out(&said).iter().map(|(securities, _)| securities).sum();
        assert_eq!(rows.len() + out, 1000, "{rank}: {said}");
        assert!(rows.len() > 100 && out > 100, "{rank}: {said}");
        let keys: Vec<(u32, &str)> =
            rows.iter().map(|row| (row["rank"].parse().unwrap(), row["ticker"].as_str())).collect();
        assert!(keys.is_sorted() && keys[0].0 == 1, "{rank}: places, then tickers");
        for row in &rows {
            assert!(!["", "0.00", "0.0000"].contains(&row[shown].as_str()), "{rank}: {row:?}");
            assert!(row["liquidity"].parse::<f64>().unwrap() >= 1e6, "{rank}: {row:?}");
        }
    }
}

#[test]
fn the_magic_formula_without_sectors_says_what_it_cannot_know() {
    let (rows, said) = list(&["--rank", "magic", "--limit", "3", "--no-sectors"]);
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["evebit"].parse::<f64>().unwrap() > 0.0), "{rows:?}");
    assert!(said.contains("without sectors, insurers and utilities are in this rank"), "{said}");
    let banks = "P/EBIT is missing, or is a 0 that may stand for it";
    assert!(left_out(&said).iter().any(|(securities, why)| *securities > 0 && *why == banks), "{said}");
}

#[test]
fn a_rank_is_of_the_securities_that_meet_the_conditions() {
    // 22.5 / (42.03 × 20.99) is 0.0255042, whose root is 0.15970; of 57.48 that is 9.18.
    let (rows, said) = list(&["ticker=PINV4", "--rank", "graham", "--min-liquidity", "0"]);
    let figures: Vec<_> =
        ["rank", "fair_price", "margin", "price"].iter().map(|name| &rows[0][*name]).collect();
    assert_eq!(figures, ["1", "9.18", "-0.8403", "57.48"]);
    assert!(rows.len() == 1 && said.starts_with("1 of 1000 tickers matches"), "{said}");
    let (rows, said) = list(&["ticker=PINV4", "--rank", "graham", "--min-liquidity", "1e15"]);
    assert!(rows.is_empty(), "{rows:?}");
    assert_eq!(left_out(&said), [(1, "they trade less than 1,000,000,000,000,000 reais a day")]);
}

/// With the figures known then, and the same for readers of either language.
#[test]
fn a_day_of_a_lake_is_ranked_by_the_same_conditions_and_columns() {
    let (securities, lake) =
        (pages(&Exchange::builder().stocks(80).fiis(2).build(), "2026-11-20"), TempDir::new().unwrap());
    run_well(lake.path(), &["--pages", securities.path().to_str().unwrap()]);
    let ask = |arguments: &[&str]| -> (Vec<serde_json::Value>, String) {
        let past = ["--as-of", "2026-11-25", "--format", "jsonl", "--lake", lake.path().to_str().unwrap()];
        let output = pynvest("list").args(past).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        let lines = String::from_utf8(output.stdout).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), said)
    };
    let all = ["pl<1e6", "roe>-1e3", "dy>=0", "vol_med_neg_2m>=0"];
    let columns = ["--columns", "ticker,sector,liquidity,evebit,vlr_ind_roic,pl,pvp,dy"];
    for rank in ["magic", "graham", "bazin"] {
        let rows = [&all[..], &columns, &["--rank", rank]].concat();
        let (english, said) = ask(&rows);
        assert_eq!(ask(&[&rows[..], &["--lang", "pt"]].concat()).0, english, "{rank}");
        assert!(said.contains("% and liquidity >= 0, as of 2026-11-23\n"), "{rank}: {said}");
        let matching: usize = said.split(' ').next().unwrap().parse().unwrap();
        let out: usize = left_out(&said).iter().map(|(securities, _)| securities).sum();
        assert_eq!(english.len() + out, matching, "{rank}: {said}");
        assert!(english.len() > 5, "{rank}: {said}");
        let finance = "their sector is finance or a utility";
        assert_eq!(left_out(&said).iter().any(|(_, why)| *why == finance), rank == "magic", "{rank}: {said}");
        let places: Vec<_> =
            english.iter().map(|row| (row["rank"].as_i64(), row["ticker"].as_str())).collect();
        assert!(places.is_sorted(), "{rank}: {places:?}");
        // By default with the columns that it is made of.
        assert!(ask(&["--rank", rank]).0[0]["company"].is_string(), "{rank}");
    }
    // 22.5 × 1.37 × 2.74 is 84.4605, whose root is 9.19; 57.48 is to fall by 84.01%.
    let graham =
        ["ticker=pinv4", "--rank", "graham", "--min-liquidity", "0", "--columns", "vlr_ind_lpa,vlr_ind_vpa"];
    let (rows, _) = ask(&graham);
    let figures = ["fair_price", "margin", "earnings_per_share", "book_value_per_share"]
        .map(|name| rows[0][name].as_str().unwrap());
    assert_eq!(figures, ["9.19", "-0.8401", "1.37", "2.74"]);
}

#[test]
fn what_cannot_be_ranked_is_bad_usage() {
    for (arguments, sentence) in [
        (&["--rank", "graham", "--class", "fii"][..], "--rank is for stocks"),
        (&["--rank", "graham", "--sort", "pl"], "'--rank <RANK>' cannot be used with '--sort <SORT>'"),
        (&["--min-liquidity", "5"], "--rank <RANK>"),
        (&["ple<8", "--rank", "magic", "--lang", "pt"], "nenhuma coluna se chama `ple`; há ticker, name, "),
        (&["pl<0,x", "--rank", "bazin", "--lang", "pt"], "`0,x` não é um número como "),
    ] {
        let output = pynvest("list").args(["--site", site()]).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(sentence), "{arguments:?}: {said}");
    }
}
