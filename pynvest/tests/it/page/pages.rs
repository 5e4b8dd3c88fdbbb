//! Whole pages of the fictional exchange: every value, read from the page by hand into `tests/data`.

use std::fmt::Write;

use chrono::{DateTime, FixedOffset};
use pynvest::page::DividendKind;
use pynvest::record::{Column, Layout, Value};
use pynvest::{Error, Fii, FiiRow, Page, Sheet, Stock, StockRow};
use replica::{Edition, Exchange, latin1};

const FIXED: [(&str, Layout, &str); 8] = [
    ("PINV4", Layout::Stock, include_str!("../../data/PINV4.txt")),
    ("BPIN3", Layout::Bank, include_str!("../../data/BPIN3.txt")),
    ("UPIN11", Layout::Stock, include_str!("../../data/UPIN11.txt")),
    ("VELH3", Layout::Stock, include_str!("../../data/VELH3.txt")),
    ("NUNC3", Layout::Stock, include_str!("../../data/NUNC3.txt")),
    ("EXTR3", Layout::Stock, include_str!("../../data/EXTR3.txt")),
    ("PFII11", Layout::Fii, include_str!("../../data/PFII11.txt")),
    ("PFIB11B", Layout::Fii, include_str!("../../data/PFIB11B.txt")),
];

fn captured_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T18:45:00-03:00").unwrap()
}

fn exchange() -> Exchange {
    Exchange::builder().stocks(60).fiis(30).build()
}

fn page(ticker: &str) -> String {
    exchange().details(ticker).unwrap()
}

fn stock(html: &str) -> Result<Stock, Error> {
    Sheet::parse(&latin1(html))?.stock(captured_at())
}

/// One line a column, as in `tests/data`.
fn lines(columns: &[Column], values: &[Option<Value>]) -> String {
    let width = columns.iter().map(|column| column.name.len()).max().unwrap();
    columns.iter().zip(values).fold(String::new(), |mut text, (column, value)| {
        let value = value.as_ref().map_or_else(|| "null".to_owned(), Value::to_string);
        writeln!(text, "{:<width$} {value}", column.name).unwrap();
        text
    })
}

fn typed(sheet: &Sheet) -> String {
    match sheet.layout() {
        Layout::Fii => lines(Fii::COLUMNS, &sheet.fii(captured_at()).unwrap().values()),
        _ => lines(Stock::COLUMNS, &sheet.stock(captured_at()).unwrap().values()),
    }
}

#[test]
fn every_value_of_a_page_is_read() {
    for (ticker, layout, expected) in FIXED {
        let sheet = Sheet::parse(&latin1(&page(ticker))).unwrap();
        assert_eq!(sheet.layout(), layout, "{ticker}");
        assert_eq!(sheet.ticker().unwrap().as_str(), ticker);
        assert_eq!(typed(&sheet), expected, "{ticker}");
        assert_eq!(sheet.extra().next(), None, "{ticker}");
    }
}

#[test]
fn the_charset_is_found_in_the_bytes() {
    for (ticker, _, expected) in FIXED {
        let html = page(ticker);
        // Saved by a browser as UTF-8, while the page still says ISO-8859-1.
        assert_eq!(typed(&Sheet::parse(html.as_bytes()).unwrap()), expected, "{ticker}");
        // And converted by something that lost every accent.
        let lossy = String::from_utf8_lossy(&latin1(&html)).into_owned();
        let without_accents = |text: &str| text.replace(|letter: char| !letter.is_ascii(), "\u{fffd}");
        assert_eq!(typed(&Sheet::parse(lossy.as_bytes()).unwrap()), without_accents(expected), "{ticker}");
    }
}

#[test]
fn letters_may_be_written_as_entities() {
    let html = page("PINV4")
        .replace('ç', "&ccedil;")
        .replace('ã', "&#227;")
        .replace('ú', "&uacute;")
        .replace('í', "&#xED;");
    assert_eq!(typed(&Sheet::parse(html.as_bytes()).unwrap()), FIXED[0].2);
}

#[test]
fn a_raw_row_is_typed_like_its_page() {
    for ticker in exchange().stocks() {
        let sheet = Sheet::parse(&latin1(&page(ticker))).unwrap();
        let row = sheet.row(Stock::COLUMNS, "2026-11-23T18:45:00-03:00").unwrap();
        // As the lake keeps it: text or null.
        let kept: Vec<Option<String>> = row.into_iter().map(|text| text.map(str::to_owned)).collect();
        let kept: Vec<Option<&str>> = kept.iter().map(Option::as_deref).collect();
        assert_eq!(Stock::from_row(&kept).unwrap(), sheet.stock(captured_at()).unwrap(), "{ticker}");
    }
}

#[test]
fn the_raw_level_keeps_everything_with_section_and_description() {
    let sheet = Sheet::parse(&latin1(&page("PINV4"))).unwrap();
    assert_eq!(sheet.pairs().len(), 59);
    let find = |label: &str, occurrence| {
        sheet.pairs().iter().find(|pair| pair.label == label && pair.occurrence == occurrence).unwrap()
    };
    let section = |label, occurrence| find(label, occurrence).section.as_deref();
    assert_eq!(section("Papel", 1), None);
    assert_eq!(section("30 dias", 1), Some("Oscilações"));
    assert_eq!(section("P/L", 1), Some("Indicadores fundamentalistas"));
    assert_eq!(section("Ativo", 1), Some("Dados Balanço Patrimonial"));
    assert_eq!(section("EBIT", 1), Some("Dados demonstrativos de resultados / Últimos 12 meses"));
    assert_eq!(section("EBIT", 2), Some("Dados demonstrativos de resultados / Últimos 3 meses"));
    assert_eq!(find("EBIT", 2).value, "2.806.780.000");
    assert!(find("P/L", 1).description.is_some());
    assert_eq!(find("Dia", 1).description, None);
    let years: Vec<_> = sheet.years().map(|pair| (pair.label.as_str(), pair.value.as_str())).collect();
    assert_eq!(
        years,
        [
            ("2026", "-4,83%"),
            ("2025", "-4,19%"),
            ("2024", "56,43%"),
            ("2023", "-3,70%"),
            ("2022", "29,75%"),
            ("2021", "0,00%"),
        ]
    );

    let sheet = Sheet::parse(&latin1(&page("PFII11"))).unwrap();
    let section = |label: &str, occurrence| {
        let mut pairs = sheet.pairs().iter();
        pairs.find(|pair| pair.label == label && pair.occurrence == occurrence).unwrap().section.as_deref()
    };
    assert_eq!(section("2021", 1), Some("Oscilações"));
    assert_eq!(section("P/VP", 1), Some("Indicadores"));
    assert_eq!(section("FFO", 1), Some("Resultado / Últimos 12 meses"));
    assert_eq!(section("FFO", 2), Some("Resultado / Últimos 3 meses"));
    assert_eq!(section("Ativos", 1), Some("Balanço Patrimonial"));
    assert_eq!(section("Cap Rate", 1), Some("Imóveis"));
}

#[test]
fn labels_that_nobody_knows_are_kept() {
    let row = r#"<tr><td class="label"><span class="txt">Beta</span></td><td class="data"><span class="txt">1,2</span></td></tr>"#;
    let html = page("PINV4").replacen("</table>", &format!("{row}</table>"), 1);
    let sheet = Sheet::parse(html.as_bytes()).unwrap();
    let extra: Vec<_> = sheet.extra().map(|pair| (pair.label.as_str(), pair.value.as_str())).collect();
    assert_eq!(extra, [("Beta", "1,2")]);
    assert_eq!(typed(&sheet), FIXED[0].2);
}

#[test]
fn years_are_those_of_the_page() {
    let changes = |html: &str| {
        let stock = stock(html).unwrap();
        stock.yearly_changes().map(|(year, change)| format!("{year} {change}")).collect::<Vec<_>>()
    };
    assert_eq!(
        changes(&page("VELH3")),
        ["2019 0.2300", "2018 -0.0915", "2017 2.0420", "2016 0.0877", "2015 -0.5209", "2014 0.0421"]
    );
    assert_eq!(changes(&page("NUNC3")), [""; 0], "a ticker that was never traded has no years");
    // They are six and count down by one; on a page where they do not, no change can be said to be of a year.
    for (label, place) in
        [("", "`1`"), ("-1", "`-1`"), ("2020", "`2020`"), ("Ano 2024", "`Ano 2024`"), ("24", "`24`")]
    {
        let html = page("PINV4").replace(">2024<", &format!(">{label}<"));
        let error = stock(&html).unwrap_err().to_string();
        let expected = if label.is_empty() {
            "the layout of the stock page of PINV4 changed: `56,43%` in row 15 has no label, and 1 more"
                .to_owned()
        } else {
            format!(
                "the layout of the stock page of PINV4 changed: {place} is where the third of the six years was \
                 expected"
            )
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn a_security_of_2026_has_the_debt_ratio_of_its_edition() {
    let gross = Exchange::builder().stocks(1).fiis(1).edition(Edition::Gross).build();
    let stock = stock(&gross.details("PINV4").unwrap()).unwrap();
    assert_eq!(stock.gross_debt_to_equity.unwrap().to_string(), "0.49");
    assert_eq!(stock.net_debt_to_equity, None);
    // Neither of the two is a change of the layout, and both names are said.
    let neither = page("PINV4").replace("Dív Líq / Patrim", "Dívida / Patrim");
    let error = Sheet::parse(neither.as_bytes()).unwrap().stock(captured_at()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the layout of the stock page of PINV4 changed: it has no `Div Br/ Patrim`, `Dív Líq / Patrim`; \
         new is `Dívida / Patrim`"
    );
    // EV / EBITDA came in 2018: it is missing from older pages only.
    let renamed = page("PINV4").replace(">EV / EBITDA<", ">EV / EBITDA (12m)<");
    let error = Sheet::parse(renamed.as_bytes()).unwrap().stock(captured_at()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the layout of the stock page of PINV4 changed: it has no `EV / EBITDA`; new is `EV / EBITDA (12m)`"
    );
}

#[test]
fn an_unreadable_text_is_an_error_and_never_a_missing_value() {
    for (good, bad, expected) in [
        (
            ">20/11/2026<",
            ">31/11/2026<",
            "`31/11/2026` in column dt_ult_cot of stock PINV4 is not a day like 31/12/2026",
        ),
        (">-0,77%<", ">-0,7<", "`-0,7` in column pct_var_mes of stock PINV4 is not a percentage like -1,05%"),
        (
            ">431.062.000<",
            ">431.062,5<",
            "`431.062,5` in column vol_med_neg_2m of stock PINV4 is not a whole number like 1.234",
        ),
        (">57,48<", ">57.48<", "`57.48` in column vlr_cot of stock PINV4 is not a number like -1.234,56"),
        (">57,48<", ">n/d<", "`n/d` in column vlr_cot of stock PINV4 is not a number like -1.234,56"),
    ] {
        let html = page("PINV4").replacen(good, bad, 1);
        let error = Sheet::parse(html.as_bytes()).unwrap().stock(captured_at()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let html = page("PINV4").replacen(">PINV4</span></td>", ">-</span></td>", 1);
    let error = Sheet::parse(html.as_bytes()).unwrap().stock(captured_at()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`` in column nome_papel of stock - is not a text that identifies a ticker"
    );
}

#[test]
fn what_is_not_the_data_of_a_page_is_not_read() {
    let clean = page("PINV4");
    let table =
        r#"<table class="w728"><tr><td class="label">Papel</td><td class="data">FAKE3</td></tr></table>"#;
    for hidden in [
        format!("<!-- {table} -->"),
        format!("<script>var t = '{table}';</script>"),
        "<?php# echo $x; ?>".to_owned(),
    ] {
        let before = clean.replacen("<table", &format!("{hidden}<table"), 1);
        assert_eq!(typed(&Sheet::parse(before.as_bytes()).unwrap()), FIXED[0].2, "{hidden}");
        let after = clean.replacen("</body>", &format!("{hidden}</body>"), 1);
        assert_eq!(typed(&Sheet::parse(after.as_bytes()).unwrap()), FIXED[0].2, "{hidden}");
        let inside = clean.replacen("57,48", &format!("{hidden}57,48"), 1);
        assert_eq!(typed(&Sheet::parse(inside.as_bytes()).unwrap()), FIXED[0].2, "{hidden}");
    }
    let shouting = clean.replace("<table", "<TABLE").replace("</table>", "</TABLE>");
    assert_eq!(typed(&Sheet::parse(shouting.as_bytes()).unwrap()), FIXED[0].2);
}

#[test]
fn lists_are_read_by_their_headings() {
    let read = |exchange: &Exchange| {
        let Page::StockList(page) = Page::parse(&latin1(&exchange.stock_list())) else { panic!("no list") };
        (page.grid().headings().count(), page.rows().unwrap(), page)
    };
    let exchange = exchange();
    let (headings, list, page) = read(&exchange);
    assert_eq!(headings, 22);
    assert_eq!(list.rows.len() + list.repeated.len(), page.grid().rows().count());
    assert_eq!(list.rows.len(), exchange.stocks().count());
    assert!(!list.repeated.is_empty());
    let row = list.rows.iter().find(|row| row.ticker.as_str() == "PINV4").unwrap();
    assert_eq!(
        lines(StockRow::COLUMNS, &row.values()),
        "ticker     PINV4\nname       PINVESTE\nprice      57.48\npl         42.03\n\
         pvp        20.99\npsr        4.305\ndy         0.0568\npa         11.254\npcg        30.16\npebit      33.92\n\
         pacl       75.02\nevebit     33.25\nevebitda   30.11\nmrgbruta   0.4424\nmrgebit    0.1269\nmrgliq     0.1024\n\
         lc         2.55\nroic       0.3697\nroe        0.4994\nliquidity  431062000.00\nequity     10294900000.00\n\
         gross_debt null\nnet_debt   -0.42\ngrowth     0.2361\n"
    );
    // The list prints zeros where the details page prints dashes, and they stay zeros.
    let bank = list.rows.iter().find(|row| row.ticker.as_str() == "BPIN3").unwrap();
    assert_eq!(bank.price_to_ebit.unwrap().to_string(), "0.00");

    let (headings, list, _) = read(&Exchange::builder().stocks(1).fiis(1).edition(Edition::Gross).build());
    assert_eq!(headings, 21);
    let row = list.rows.iter().find(|row| row.ticker.as_str() == "PINV4").unwrap();
    assert_eq!(row.gross_debt_to_equity.unwrap().to_string(), "0.49");
    assert_eq!((row.gross_margin, row.net_debt_to_equity), (None, None));

    let Page::FiiList(page) = Page::parse(&latin1(&exchange.fii_list())) else { panic!("no list") };
    let list = page.rows().unwrap();
    assert_eq!(list.rows.len(), exchange.fiis().count());
    let row = list.rows.iter().find(|row| row.ticker.as_str() == "PFII11").unwrap();
    assert_eq!(
        lines(FiiRow::COLUMNS, &row.values()),
        "ticker     PFII11\nname       PINVESTE LOGÍSTICA - FUNDO DE INVESTIMENTO IMOBILIÁRIO\nsegment    Logística\n\
         price      260.30\nffo_yield  0.0747\ndy         0.0966\npvp        0.92\nmarket_cap 7853940000\n\
         liquidity  25508000\nproperties 70\nprice_m2   2904.90\nrent_m2    255.32\ncap_rate   0.0879\nvacancy    0.0421\n\
         address    Rodovia dos Galpões, km 38, Jundiaí - SP,Avenida da Doca, nº 1.200, São José - SC\n"
    );

    // An unknown sector is an empty list, not an error.
    let Page::StockList(page) = Page::parse(&latin1(&exchange.stock_list_of_sector(9999))) else {
        panic!("no list")
    };
    assert_eq!(page.rows().unwrap().rows, []);
}

#[test]
fn dividends_are_per_share_whatever_the_order_of_the_columns() {
    let exchange = exchange();
    let read = |ticker| match Page::parse(&latin1(&exchange.dividends(ticker).unwrap())) {
        Page::Dividends(page) => page.rows().unwrap().rows,
        other => panic!("{other:?}"),
    };
    let shown = |ticker| {
        let text = |dividend: pynvest::Dividend| {
            let day =
                |day: Option<chrono::NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
            let (record, payment) = (day(dividend.record_date), day(dividend.payment_date));
            let (amount, printed) = (dividend.amount.unwrap().normalize(), dividend.printed_amount.unwrap());
            format!(
                "{record} {payment} {:?} {} {amount} {printed}/{}",
                dividend.kind, dividend.printed_kind, dividend.shares
            )
        };
        read(ticker).into_iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(
        shown("PINV4"),
        [
            "2026-09-18 - InterestOnEquity JRS CAP PROPRIO 0.2055 0.2055/1",
            "2026-06-19 2026-08-12 InterestOnEquity JRS CAP PRÓPRIO 0.2002 0.2002/1",
            "2025-12-19 2026-03-11 Dividend DIVIDENDO 0.5239 0.5239/1",
            "2025-08-22 2025-09-10 Dividend Dividendo 2.715 2.7150/1",
            "1997-02-12 - Dividend DIVIDENDO 0.02431 24.3100/1000",
            "1996-02-26 - InterestOnEquity JUROS 0.00377 3.7700/1000",
        ]
    );
    assert_eq!(
        shown("PFII11"),
        [
            "2026-10-30 2026-11-16 Income Rendimento 2.1 2.10/1",
            "2026-09-30 2026-10-15 Income Rendimento 2.1 2.10/1",
            "2026-08-31 - ReturnOfCapital Amortização 9.7 9.70/1",
        ]
    );

    // One payment before its record date is a typing error; most of them are a doubt.
    let slip = |days: &[(&str, &str)]| {
        let mut page = exchange.dividends("PINV4").unwrap();
        for (record, paid) in days {
            page = page.replace(record, "#").replace(paid, record).replace('#', paid);
        }
        let Page::Dividends(page) = Page::parse(&latin1(&page)) else { panic!("no payments") };
        page.rows()
    };
    let days = [("19/06/2026", "12/08/2026"), ("19/12/2025", "11/03/2026"), ("22/08/2025", "10/09/2025")];
    assert_eq!(slip(&days[..1]).unwrap().rows.len(), 6);
    let doubts = slip(&days).unwrap().doubts;
    assert_eq!(
        doubts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["`Data de Pagamento` is not on or after the record date in 3 of 6 rows, as in `19/06/2026`"]
    );
    assert_eq!(read("BPIN3"), []);
    assert_eq!(read("PFII11")[2].kind, DividendKind::ReturnOfCapital);

    // One share in place of a thousand would be a payment a thousand times too high.
    for shares in ["0", "-", ""] {
        let nonsense =
            exchange.dividends("PINV4").unwrap().replacen("<td>1000</td>", &format!("<td>{shares}</td>"), 1);
        let dividends = Page::parse(nonsense.as_bytes()).into_dividends(pynvest::Class::Stock).unwrap();
        let dividends = dividends.rows().unwrap();
        assert_eq!((dividends.rows.len(), dividends.failed.len()), (5, 1), "one bad row is one failure");
        let expected =
            format!("`{shares}` in column shares of stock dividends is not a whole number like 1.234");
        assert_eq!((dividends.failed[0].row, dividends.failed[0].reason.to_string()), (5, expected));
    }
}

#[test]
fn a_page_of_one_ticker_with_the_figures_of_another_is_refused() {
    let exchange = exchange();
    for changed in ["vendo<strong>UPIN11</strong>", "vendo<strong> UPIN11 </strong>"] {
        let page = exchange.details("PINV4").unwrap().replacen("vendo<strong>PINV4</strong>", changed, 1);
        let refused = Sheet::parse(&latin1(&page)).and_then(|sheet| sheet.stock(Default::default()));
        assert_eq!(
            refused.unwrap_err().to_string(),
            "the layout of the stock page of PINV4 changed: its head names UPIN11, and its figures are those of PINV4"
        );
    }
    // A head without a ticker says nothing.
    let page = exchange.details("PINV4").unwrap().replacen("vendo<strong>PINV4</strong>", "", 1);
    assert!(Sheet::parse(&latin1(&page)).and_then(|sheet| sheet.stock(Default::default())).is_ok());
    let Page::Dividends(page) = Page::parse(&latin1(&exchange.dividends("PINV4").unwrap())) else { panic!() };
    assert_eq!(page.ticker().map(pynvest::Ticker::as_str), Some("PINV4"));
}

#[test]
fn every_other_page_says_what_it_is() {
    let exchange = exchange();
    let kind = |html: &str| Sheet::parse(&latin1(html)).unwrap_err().kind();
    assert_eq!(kind(&exchange.search("XXXX99")), "unknown_ticker");
    assert_eq!(kind(&exchange.search("PINV")), "choose_ticker");
    assert_eq!(kind(&exchange.all_stocks()), "choose_ticker");
    assert_eq!(kind(&exchange.mobile("PINV4").unwrap()), "mobile");
    assert_eq!(kind("<html><body><p>Access denied</p></body></html>"), "blocked");
    assert_eq!(kind("<html><title>Just a moment...</title></html>"), "blocked");
    assert_eq!(
        kind("<html><title>Um momento…</title><script>window._cf_chl_opt={};</script></html>"),
        "blocked"
    );
    // The classic page of somebody who came from the mobile one.
    let back = exchange.search("XXXX99").replace("interface=mobile", "interface=classic&interface=mobile");
    assert_eq!(kind(&back), "unknown_ticker");
    assert_eq!(kind(""), "not_fundamentus");
    assert_eq!(kind("<html><table><tr><td>1</td></tr></table></html>"), "not_fundamentus");
    let error = Sheet::parse(&latin1(&exchange.stock_list())).unwrap_err();
    assert_eq!(error.to_string(), "expected a details page, found a stock list page");
    let error = Page::parse(&latin1(&page("PINV4"))).into_fii_list().unwrap_err();
    assert_eq!(error.to_string(), "expected a FII list page, found a details page");
    let error = Sheet::parse(&latin1(&page("PFII11"))).unwrap().stock(captured_at()).unwrap_err();
    assert_eq!(error.to_string(), "PFII11 is a FII, not a stock");
}

#[test]
fn errors_and_pages_can_cross_threads() {
    fn sendable<T: Send + Sync + 'static>() {}
    sendable::<Error>();
    sendable::<Page>();
    sendable::<Stock>();
}

#[cfg(feature = "serde")]
#[test]
fn records_survive_json_with_decimals_as_text() {
    let stock = stock(&page("PINV4")).unwrap();
    let json = serde_json::to_value(&stock).unwrap();
    assert_eq!(json["ticker"], "PINV4");
    assert_eq!(json["net_debt"], "-4293290000");
    assert_eq!(json["roe"], "0.499");
    assert_eq!(json["deposits"], serde_json::Value::Null);
    assert_eq!(json["price_date"], "2026-11-20");
    assert_eq!(serde_json::from_value::<Stock>(json).unwrap(), stock);
}
