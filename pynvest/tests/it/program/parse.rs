//! `parse`: one line a file, whatever the file.

use std::fs;

use replica::{Exchange, latin1};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{fed, pynvest};

fn exchange() -> Exchange {
    Exchange::builder().stocks(60).fiis(30).build()
}

/// The lines for files of these contents, in their order, and the exit status.
fn parse(pages: &[(&str, Vec<u8>)]) -> (Vec<Value>, i32) {
    let folder = TempDir::new().unwrap();
    let mut command = pynvest("parse");
    for (name, bytes) in pages {
        fs::write(folder.path().join(name), bytes).unwrap();
        command.arg(name);
    }
    let output = command.current_dir(&folder).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, output.status.code().unwrap())
}

#[test]
fn a_details_page_is_every_column_as_printed_and_as_typed() {
    let page = |ticker| latin1(&exchange().details(ticker).unwrap());
    let (lines, status) =
        parse(&[("a", page("PINV4")), ("b", page("BPIN3")), ("c", page("NUNC3")), ("d", page("PFII11"))]);
    assert_eq!(status, 0);
    let [stock, bank, never, fii] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(
        (&stock["file"], &stock["page"], &stock["ticker"]),
        (&json!("a"), &json!("stock"), &json!("PINV4"))
    );
    assert_eq!(stock["columns"].as_object().unwrap().len(), 66);
    assert_eq!(stock["columns"]["vlr_cot"], json!({"text": "57,48", "value": "57.48"}));
    assert_eq!(stock["columns"]["pct_var_mes"], json!({"text": "-0,77%", "value": "-0.0077"}));
    assert_eq!(stock["columns"]["vlr_ind_roe"], json!({"text": "49,9%", "value": "0.499"}));
    assert_eq!(stock["columns"]["num_acoes"], json!({"text": "3.759.410.000", "value": 3_759_410_000_i64}));
    assert_eq!(stock["columns"]["dt_ult_cot"], json!({"text": "20/11/2026", "value": "2026-11-20"}));
    assert_eq!(stock["columns"]["ano_ref"], json!({"text": "2026", "value": 2026}));
    assert_eq!(stock["columns"]["vlr_depositos"], json!({"text": null, "value": null}));
    assert_eq!(stock["years"][5], json!({"year": 2021, "change": "0.0000"}));
    assert_eq!(stock["extra"], json!([]));
    assert_eq!(bank["page"], "bank");
    assert_eq!(bank["columns"]["vlr_depositos"], json!({"text": "0", "value": "0"}));
    assert_eq!(bank["columns"]["vlr_firma"], json!({"text": "-", "value": null}));
    assert_eq!(never["columns"]["pct_var_ano_a1"], json!({"text": "0,00%", "value": null}));
    assert_eq!(never["columns"]["ano_ref"], json!({"text": "1", "value": null}));
    assert_eq!(never["columns"]["nome_setor"], json!({"text": "", "value": null}));
    assert_eq!(never["years"], json!([]));
    assert_eq!((&fii["page"], fii["columns"].as_object().unwrap().len()), (&json!("fii"), 52));
}

#[test]
fn lists_and_dividends_are_rows() {
    let exchange = exchange();
    let (lines, status) = parse(&[
        ("stocks", latin1(&exchange.stock_list())),
        ("fiis", latin1(&exchange.fii_list())),
        ("payments", latin1(&exchange.dividends("PINV4").unwrap())),
        ("distributions", latin1(&exchange.dividends("PFII11").unwrap())),
    ]);
    assert_eq!(status, 0);
    let found: Vec<_> = lines
        .iter()
        .map(|line| (line["page"].as_str().unwrap(), line["rows"].as_array().unwrap().len()))
        .collect();
    assert_eq!(found, [("stock_list", 60), ("fii_list", 30), ("stock_dividends", 6), ("fii_dividends", 3)]);
    assert!(
        !lines[0]["repeated"].as_array().unwrap().is_empty(),
        "the list names some twice, and that is said"
    );
    let row = lines[0]["rows"].as_array().unwrap().iter().find(|row| row["ticker"] == "PINV4").unwrap();
    assert_eq!((&row["dividend_yield"], &row["net_debt_to_equity"]), (&json!("0.0568"), &json!("-0.42")));
    for line in &lines {
        assert!(line["extra"] == json!([]) && line["doubts"].is_array(), "{}", line["file"]);
    }
    // A list that ends with its data, as one that was cut.
    let list = exchange.stock_list();
    let end = list.find("</table>").unwrap() + "</table>".len();
    let (cut, _) = parse(&[("cut", latin1(&format!("{}</html>", &list[..end])))]);
    let doubts = cut[0]["doubts"].as_array().unwrap();
    let is_end =
        |doubt: &Value| doubt["message"].as_str().unwrap().starts_with("the page ends with its data");
    assert!(doubts.iter().any(is_end), "{doubts:?}");
    assert_eq!(lines[2]["rows"][5]["amount"].as_str().unwrap().trim_end_matches('0'), "0.00377");
}

#[test]
fn a_bad_file_never_stops_the_rest() {
    let exchange = exchange();
    let good = exchange.details("PINV4").unwrap();
    let (lines, status) = parse(&[
        ("unknown", latin1(&exchange.search("XXXX99"))),
        ("choose", latin1(&exchange.search("PINV"))),
        ("mobile", latin1(&exchange.mobile("PINV4").unwrap())),
        ("blocked", b"<html><body><p>Access denied</p></body></html>".to_vec()),
        ("layout", latin1(&good.replace(">P/VP<", ">Valor/VP<"))),
        ("cut", latin1(&good)[..15_000].to_vec()),
        ("cell", latin1(&good.replace(">57,48<", ">57.48<"))),
        ("noise", (0..=255).collect()),
        ("empty", Vec::new()),
        ("good", latin1(&good)),
    ]);
    assert_eq!(status, 3);
    let kinds: Vec<_> = lines.iter().map(|line| line["error"]["kind"].as_str().unwrap_or("none")).collect();
    assert_eq!(
        kinds,
        [
            "unknown_ticker",
            "choose_ticker",
            "mobile",
            "blocked",
            "layout_changed",
            "layout_changed",
            "bad_cell",
            "not_fundamentus",
            "not_fundamentus",
            "none"
        ]
    );
    assert_eq!(
        lines[4]["error"]["message"],
        "the layout of the stock page of PINV4 changed: it has no `P/VP`; new is `Valor/VP`"
    );
    assert_eq!(lines[9]["ticker"], "PINV4");
}

#[test]
fn paths_come_from_the_standard_input_and_a_missing_file_is_one_line() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("good"), latin1(&exchange().details("PINV4").unwrap())).unwrap();
    let mut command = pynvest("parse");
    command.arg("-").current_dir(&folder);
    let output = fed(&mut command, b"missing\ngood\n\xff\n");
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["error"]["kind"], &lines[1]["ticker"], lines.len()),
        (&json!("io"), &json!("PINV4"), 3)
    );
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "3 files read, 2 without data\n");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn every_file_of_a_folder_has_a_line() {
    let folder = TempDir::new().unwrap();
    let page = latin1(&exchange().details("PINV4").unwrap());
    for name in ["PINV4.HTML", "saved.mhtml", "notes.txt", "detalhes.php@papel=PINV4"] {
        fs::write(folder.path().join(name), &page).unwrap();
    }
    let output = pynvest("parse").arg(".").current_dir(&folder).output().unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let files: Vec<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["./PINV4.HTML", "./detalhes.php@papel=PINV4", "./saved.mhtml", "./notes.txt"]);
    assert_eq!((&lines[0]["ticker"], &lines[1]["ticker"]), (&json!("PINV4"), &json!("PINV4")));
    let archive = lines[2]["error"]["message"].as_str().unwrap();
    assert!(archive.contains("MHTML") && archive.ends_with("save the page as HTML only"), "{archive}");
    assert_eq!(lines[3]["passed_over"], "its name is not that of a page");
    assert_eq!(output.status.code(), Some(3));
}
