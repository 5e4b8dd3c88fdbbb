//! What an assistant does with the tools: it finds, compares, screens and looks back, on the live site and in a lake.

use replica::{Exchange, Replica};
use rmcp::model::{ReadResourceRequestParams, ResourceContents};
use serde_json::{Value, json};

use super::{MOST, Session, lake};
use crate::program::site;

/// A figure of an answer of `get_fundamentals`, by its unit and name.
fn figure<'a>(security: &'a Value, unit: &str, name: &str) -> &'a Value {
    let units = security["figures"].as_array().unwrap();
    let of =
        units.iter().find(|one| one["unit"] == unit).unwrap_or_else(|| panic!("no {unit} in {security}"));
    &of["values"][name]
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_is_searched_compared_and_screened_in_bounded_answers() {
    let session = Session::start(&["--site", site(), "--interval", "0"]).await;
    let url = |page: &str| format!("{}/{page}", site());

    let (found, _) = session.answer("find_ticker", json!({"query": "pinveste logistica"})).await;
    assert_eq!(found["matches"][0]["ticker"], "PFII11");
    assert_eq!(found["sources"], json!([url("resultado.php"), url("fii_resultado.php")]));
    let (found, text) = session.answer("find_ticker", json!({"query": "PINV3", "limit": 1})).await;
    assert_eq!(
        (found["matches"][0]["ticker"].as_str(), text.lines().next()),
        (Some("PINV4"), Some("PINV4 (stock) PINVESTE"))
    );

    let asked =
        json!({"tickers": ["pinv4.sa", "BPIN3", "PFII11", "NUNC3", "PINV4", "EXTR3", "UPIN11", "VELH3"]});
    let (compared, text) = session.answer("get_fundamentals", asked).await;
    let securities = compared["tickers"].as_array().unwrap();
    assert_eq!(
        (securities.len(), compared["failed"].as_array().unwrap().len()),
        (7, 0),
        "PINV4 is asked for twice"
    );
    for security in securities {
        assert!(size(security) <= 4_000 && security["more_figures"] == 0, "{security}");
    }
    let stock = &securities[0];
    assert_eq!(
        [&stock["ticker"], &stock["quote_date"], &stock["balance_date"], &stock["source"]],
        ["PINV4", "2026-11-20", "2026-09-30", url("detalhes.php?papel=PINV4").as_str()],
    );
    assert_eq!(figure(stock, "BRL", "price"), "57.48");
    assert_eq!(figure(stock, "ratio", "pl"), "42.03");
    assert_eq!(figure(stock, "fraction", "dy"), "0.057");
    assert_eq!(figure(stock, "count", "shares_outstanding"), "3759410000");
    assert_eq!(figure(&securities[2], "fraction", "dy"), "0.097", "of the FII");
    for line in [
        "PINV4 (stock) PINVESTE PN N1; quote of 2026-11-20, balance of 2026-09-30",
        "price 57.48",
        "NUNC3 (stock) ON; quote date not printed",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    // A bank has no EBIT, and NUNC3 was never traded: the two are missing for two reasons.
    let missing = |security: &Value, column: &str| {
        let reasons = security["missing"].as_array().unwrap();
        let of = reasons.iter().find(|one| one["columns"].as_array().unwrap().contains(&json!(column)));
        of.map(|one| one["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(missing(&securities[1], "ebit_12m").as_deref(), Some("pages of this layout do not have it"));
    assert_eq!(
        missing(&securities[3], "pebit").as_deref(),
        Some("the page prints no value (a dash or blank)")
    );
    assert_eq!(
        missing(&securities[3], "reference_year").as_deref(),
        Some("the page prints no value (a dash or blank)")
    );

    let largest = json!({
        "class": "stock", "limit": 100, "sort": "-liquidity",
        "columns": ["price", "pl", "pvp", "dy", "roe", "liquidity", "equity", "growth"],
    });
    let (screened, text) = session.answer("screen", largest).await;
    assert!(size(&screened) + text.len() <= 15_000, "{} and {}", size(&screened), text.len());
    let (rows, left_off) =
        (screened["rows"].as_array().unwrap().len(), screened["left_off"].as_u64().unwrap());
    assert_eq!(rows as u64 + left_off, screened["matching"].as_u64().unwrap());
    assert_eq!(
        (screened["screened"].as_u64(), screened["source"].as_str()),
        (Some(1_000), Some(&*url("resultado.php")))
    );
    let (cheap, text) =
        session.answer("screen", json!({"conditions": "pl>0 pl<8 dy>=6%", "sort": "-dy"})).await;
    let number = |row: &Value, name: &str| row["values"][name].as_str().unwrap().parse::<f64>().unwrap();
    let rows = cheap["rows"].as_array().unwrap();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| number(row, "pl") < 8.0 && number(row, "dy") >= 0.06),
        "{cheap}"
    );
    assert!(rows.windows(2).all(|pair| number(&pair[0], "dy") >= number(&pair[1], "dy")), "{cheap}");
    assert_eq!(cheap["conditions"], json!(["pl > 0.00", "pl < 8.00", "dy >= 6.00%"]));
    assert!(text.contains("A 0 may be a missing value"), "{text}");

    let machines = json!({"sector": "máquinas", "conditions": "ticker=PINV4", "columns": ["sector", "pl"]});
    let (machines, _) = session.answer("screen", machines).await;
    assert_eq!(
        machines["rows"][0]["values"],
        json!({"sector": "Máquinas e Equipamentos", "pl": "42.03"}),
        "{machines}"
    );
    let by_number = json!({"sector": "22", "conditions": "ticker=PINV4", "columns": ["sector", "pl"]});
    let (by_number, _) = session.answer("screen", by_number).await;
    assert_eq!(by_number["rows"], machines["rows"], "{by_number}");
    let (all, _) = session.answer("screen", json!({"sector": " ", "limit": 1})).await;
    assert_eq!(all["matching"], all["screened"], "{all}");
    let (ranked, _) = session.answer("screen", json!({"rank": "magic", "limit": 5})).await;
    let left_out = ranked["not_ranked"].to_string();
    assert!(left_out.contains("because their sector is finance or a utility"), "{left_out}");

    let (paid, text) =
        session.answer("get_dividends", json!({"ticker": "PINV4", "since_year": 2026, "limit": 1})).await;
    assert_eq!(
        paid["totals"],
        json!([{"year": 2026, "income": "0.4057", "capital_returned": "0", "other": "0"}])
    );
    assert_eq!((&paid["left_off"], &paid["unit"]), (&json!(1), &json!("BRL for one share or unit")));
    assert!(text.contains("record 2026-09-18, paid not printed, interest_on_equity 0.2055"), "{text}");

    let (described, _) = session.answer("describe", json!({"columns": ["pl"], "class": "stock"})).await;
    let column = &described["columns"][0];
    assert_eq!(
        [&column["lake_name"], &column["unit"], &column["label"]],
        ["vlr_ind_p_sobre_l", "ratio", "P/L"]
    );
    assert!(column["identities"].to_string().contains("(contradiction)"), "{column}");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lake_is_screened_by_sector_and_looked_back_on_without_the_site() {
    let path = lake().to_str().unwrap();
    let session = Session::start(&["--lake", path, "--offline"]).await;

    let (found, _) = session.answer("find_ticker", json!({"query": "motores"})).await;
    assert_eq!(found["sources"], json!(["the lake, stocks of 2026-11-25", "the lake, FIIs of 2026-11-25"]));
    let (screened, text) =
        session.answer("screen", json!({"sector": "maquinas", "columns": ["sector", "pl"]})).await;
    assert_eq!(screened["lake_day"], "2026-11-25");
    assert!(screened["matching"].as_u64() < screened["screened"].as_u64(), "{screened}");
    let rows = screened["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["values"]["sector"] == "Máquinas e Equipamentos"), "{screened}");
    let stock = rows.iter().find(|row| row["ticker"] == "PINV4").unwrap();
    // Its own session is older than that of the others.
    assert_eq!(
        (&screened["quote_date"], &stock["quote_date"]),
        (&json!("2026-11-25"), &json!("2026-11-20")),
        "{text}"
    );
    let (ranked, _) =
        session.answer("screen", json!({"rank": "magic", "min_liquidity": 0, "limit": 3})).await;
    let names: Vec<&Value> =
        ranked["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(
        (ranked["rows"][0]["values"]["rank"].as_str(), names[0]),
        (Some("1"), &json!("rank")),
        "{ranked}"
    );
    assert!(!ranked["not_ranked"].as_array().unwrap().is_empty(), "banks and utilities");

    let as_of = json!({"tickers": ["PINV4"], "as_of": "2026-11-24", "groups": ["quote"]});
    let (past, _) = session.answer("get_fundamentals", as_of).await;
    let security = &past["tickers"][0];
    assert_eq!(
        (&security["lake_day"], figure(security, "BRL", "price")),
        (&json!("2026-11-24"), &json!("57.48"))
    );
    assert_eq!(security["captured_at"], Value::Null, "absent");

    let asked =
        json!({"as_of": "lake", "conditions": "price_date>=2026-11-25", "sort": "-liquidity", "limit": 1});
    let (listed, _) = session.answer("screen", asked).await;
    let traded = listed["rows"][0]["ticker"].as_str().unwrap();
    let asked = json!({"tickers": [traded, "PINV4"], "columns": ["price"]});
    let (history, text) = session.answer("get_history", asked).await;
    let series = |ticker: &str| {
        history["series"].as_array().unwrap().iter().find(|one| one["ticker"] == ticker).unwrap()
    };
    // The price of the one moves every day, that of the other never: changes only.
    let days = |ticker: &str| series(ticker)["points"].as_array().unwrap().len();
    assert_eq!((days("PINV4"), &series("PINV4")["days"]), (1, &json!(3)), "{text}");
    assert!(days(traded) > 1, "{text}");
    assert_eq!(history["columns"], json!([{"name": "price", "unit": "BRL"}]));
    let every = json!({"tickers": ["PINV4"], "columns": ["price"], "every_day": true, "from": "2026-11-24"});
    let (every, _) = session.answer("get_history", every).await;
    let points = every["series"][0]["points"].as_array().unwrap();
    assert_eq!(points.iter().map(|point| &point["day"]).collect::<Vec<_>>(), ["2026-11-24", "2026-11-25"]);

    let (changed, _) = session
        .answer("get_changes", json!({"since": "2026-11-24", "kinds": ["balance"], "limit": 100}))
        .await;
    let changes = changed["changes"].as_array().unwrap();
    assert!(!changes.is_empty() && changes.iter().all(|one| one["kind"] == "balance"), "{changed}");
    let (all, _) = session.answer("get_changes", json!({"since": "2026-11-23", "limit": 100})).await;
    assert!(all["changes"].as_array().unwrap().len() >= changes.len());

    let refused = session.refusal("get_dividends", json!({"ticker": "PINV4"})).await;
    assert!(refused.starts_with("this server is offline and does not ask the site."), "{refused}");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resources_are_the_columns_the_days_and_a_ticker() {
    let session =
        Session::start(&["--lake", lake().to_str().unwrap(), "--site", site(), "--interval", "0"]).await;
    let listed = session.client.list_all_resources().await.unwrap();
    assert_eq!(
        listed.iter().map(|one| one.uri.as_str()).collect::<Vec<_>>(),
        ["pynvest://columns", "pynvest://days"]
    );
    let read = async |uri: &str| {
        let read = session.client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
        let [ResourceContents::TextResourceContents { text, .. }] = read.contents.as_slice() else {
            panic!("{read:?}")
        };
        assert!(text.len() <= MOST, "{uri} has {} bytes", text.len());
        serde_json::from_str::<Value>(text).unwrap()
    };
    assert!(read("pynvest://columns").await["columns"].as_array().unwrap().len() > 100);
    let days = json!(["2026-11-23", "2026-11-24", "2026-11-25"]);
    assert_eq!(read("pynvest://days").await, json!({"stock": days, "fii": days}));
    let ticker = read("pynvest://ticker/PFII11").await;
    assert_eq!(figure(&ticker["tickers"][0], "BRL", "price"), "260.30");
    let wrong =
        session.client.read_resource(ReadResourceRequestParams::new("file:///etc/passwd")).await.unwrap_err();
    assert!(wrong.to_string().contains("there is no such resource"), "{wrong}");
    session.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doubts_of_a_page_and_a_site_that_refuses_are_said() {
    let replica = Replica::start(Exchange::builder().seed(1).stocks(12).fiis(6).build()).await.unwrap();
    replica.fault(replica::Fault::ContradictingFigures.on("PINV4"));
    let lake = lake().to_str().unwrap();
    let session = Session::start(&["--site", &replica.url(), "--interval", "0", "--lake", lake]).await;
    let (answer, text) = session.answer("get_fundamentals", json!({"tickers": ["PINV4", "ZZZZ9"]})).await;
    let doubts = answer["tickers"][0]["doubts"].as_array().unwrap();
    let price_to_book = doubts.iter().find(|doubt| doubt["kind"] == "price_to_book").unwrap();
    assert_eq!(price_to_book["severity"], "contradiction");
    assert!(price_to_book["columns"].as_array().unwrap().contains(&json!("pvp")), "{price_to_book}");
    assert!(text.contains("doubt (contradiction): "), "{text}");
    let failed = &answer["failed"][0];
    assert_eq!(failed["ticker"], "ZZZZ9");
    assert!(failed["reason"].as_str().unwrap().contains("find_ticker"), "{failed}");

    replica.fault(replica::Fault::Forbidden);
    let refused = session.refusal("get_fundamentals", json!({"tickers": ["BPIN3"]})).await;
    assert!(refused.contains("Do not repeat the call.") && refused.contains("as_of"), "{refused}");
    let (found, _) = session.answer("find_ticker", json!({"query": "PFII"})).await;
    assert_eq!(found["matches"][0]["ticker"], "PFII11", "what is remembered needs no site");
    session.end().await;
}
