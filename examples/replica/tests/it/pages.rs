//! Whether the pages are those of the site: their labels, their odd cases, their values.

use std::collections::{HashMap, HashSet};
use std::process::Command;

use chrono::NaiveDate;
use replica::{Edition, Exchange};

use crate::reader::{links, pairs, table, tables};

const QUOTE: &str = "Papel|Cotação|Tipo|Data últ cot|Empresa|Min 52 sem|Setor|Max 52 sem|Subsetor|Vol $ méd (2m)|\
    Valor de mercado|Últ balanço processado|Valor da firma|Nro. Ações";
const INDICATORS: &str = "Dia|P/L|LPA|Mês|P/VP|VPA|30 dias|P/EBIT|Marg. Bruta|12 meses|PSR|Marg. EBIT|\
    year|P/Ativos|Marg. Líquida|year|P/Cap. Giro|EBIT / Ativo|year|P/Ativ Circ Liq|ROIC|year|Div. Yield|ROE|\
    year|EV / EBITDA|Liquidez Corr|year|EV / EBIT|Dív Líq / Patrim||Cres. Rec (5a)|Giro Ativos";
const COMPANY: &str = "Ativo|Dív. Bruta|Disponibilidades|Dív. Líquida|Ativo Circulante|Patrim. Líq|\
    Receita Líquida|Receita Líquida|EBIT|EBIT|Lucro Líquido|Lucro Líquido";
const BANK: &str = "Ativo|Depósitos|Cart. de Crédito|Patrim. Líq|\
    Result Int Financ|Result Int Financ|Rec Serviços|Rec Serviços|Lucro Líquido|Lucro Líquido";
const FII: &str = "FII|Cotação|Nome|Data últ cot|Mandato|Min 52 sem|Segmento|Max 52 sem|Gestão|Vol $ méd (2m)|\
    Valor de mercado|Nro. Cotas|Relatório|Últ Info Trimestral|\
    Dia|FFO Yield|FFO/Cota|Mês|Div. Yield|Dividendo/cota|30 dias|P/VP|VP/Cota|12 meses|year|\
    year|Receita|Receita|year|Venda de ativos|Venda de ativos|year|FFO|FFO|\
    year|Rend. Distribuído|Rend. Distribuído|year||Ativos|Patrim Líquido|\
    Qtd imóveis|Área (m2)|Cap Rate|Qtd Unidades|Aluguel/m2|Vacância Média|Imóveis/PL do FII|Preço do m2|";

/// Labels with each of the year's replaced by `year`: those after `12 meses` that are a number or
/// the one blank among them.
fn shape(pairs: &[(String, String)]) -> String {
    let year = |at: usize, label: &str| {
        let blank = label.is_empty() && pairs.get(at + 1).is_some_and(|(next, _)| next == "P/Cap. Giro");
        let fii_blank = label.is_empty() && pairs.get(at + 1).is_some_and(|(next, _)| next == "Receita");
        label.parse::<i32>().is_ok() || blank || fii_blank
    };
    let labels: Vec<&str> = pairs
        .iter()
        .enumerate()
        .map(|(at, (label, _))| if year(at, label) { "year" } else { label.as_str() })
        .collect();
    labels.join("|")
}

#[test]
fn every_details_page_has_the_labels_of_its_layout() {
    let exchange = Exchange::builder().stocks(110).fiis(40).build();
    let company = [QUOTE, INDICATORS, COMPANY].join("|");
    let bank = [QUOTE, INDICATORS, BANK].join("|");
    assert_eq!((company.split('|').count(), bank.split('|').count(), FII.split('|').count()), (59, 57, 50));
    for ticker in exchange.stocks() {
        let html = exchange.details(ticker).unwrap();
        let pairs = pairs(&html);
        let shape = shape(&pairs);
        assert!(shape == company || shape == bank, "{ticker}: {shape}");
        assert_eq!(tables(&html), 5, "{ticker}");
        assert_eq!(Some(pairs), exchange.cells(ticker), "{ticker}");
    }
    for ticker in exchange.fiis() {
        let html = exchange.details(ticker).unwrap();
        let pairs = pairs(&html);
        assert_eq!(shape(&pairs), FII, "{ticker}");
        assert_eq!(tables(&html), 6, "{ticker}");
        assert_eq!(Some(pairs), exchange.cells(ticker), "{ticker}");
    }
}

/// The values of the details page of `ticker` under this label, in page order.
pub(crate) fn values(exchange: &Exchange, ticker: &str, label: &str) -> Vec<String> {
    let cells = exchange.cells(ticker).unwrap();
    cells.into_iter().filter(|(name, _)| name == label).map(|(_, value)| value).collect()
}

#[test]
fn fixed_securities_are_the_same_whatever_the_seed() {
    let small = |seed| Exchange::builder().stocks(0).fiis(0).seed(seed).build();
    let (one, other) = (small(1), small(2));
    assert_eq!(one.stocks().collect::<Vec<_>>(), ["PINV4", "BPIN3", "UPIN11", "VELH3", "NUNC3", "EXTR3"]);
    assert_eq!(one.fiis().collect::<Vec<_>>(), ["PFII11", "PFIB11B"]);
    for ticker in one.stocks().chain(one.fiis()) {
        assert_eq!(one.details(ticker), other.details(ticker));
    }
    let value = |ticker, label| values(&one, ticker, label).join(" ");
    assert_eq!(value("PINV4", "Receita Líquida"), "50.193.900.000 1.468.310.000");
    assert_eq!(value("PINV4", "ROE"), "49,9%");
    assert_eq!(value("PINV4", "Dív Líq / Patrim"), "-0,42");
    assert_eq!(value("BPIN3", "Depósitos"), "0");
    assert_eq!(value("BPIN3", "P/EBIT"), "-");
    assert_eq!(value("VELH3", "2014"), "4,21%");
    assert_eq!(value("NUNC3", "Data últ cot"), "-");
    assert_eq!(value("NUNC3", "-4"), "0,00%");
    assert_eq!(value("EXTR3", "Marg. Líquida"), "-36.266,4%");
    assert_eq!(value("PFII11", "Relatório"), "30/10/2026");
    assert_eq!(value("PFII11", "Preço do m2"), "2.905");
    assert_eq!(value("PFIB11B", "Segmento"), "");
}

#[test]
fn the_same_seed_prints_the_same_bytes_and_another_does_not() {
    let page = |seed| {
        let exchange = Exchange::builder().seed(seed).build();
        let details: Vec<String> =
            exchange.stocks().chain(exchange.fiis()).filter_map(|ticker| exchange.details(ticker)).collect();
        assert_eq!(details.len(), 1_450);
        (details, exchange.stock_list(), exchange.fii_list())
    };
    let first = page(7);
    assert!(first == page(7));
    assert!(first.1 != page(8).1);
    // A page of a small exchange is that of a large one.
    let small = Exchange::builder().stocks(100).fiis(20).build();
    assert_eq!(small.details("FYRN3").as_ref(), first.0.iter().find(|page| page.contains(">FYRN3<")));
}

#[test]
fn no_ticker_is_listed_for_two_securities() {
    let largest = Exchange::builder().stocks(Exchange::MOST).fiis(Exchange::MOST).build();
    let tickers: HashSet<&str> = largest.stocks().chain(largest.fiis()).chain(largest.renamed()).collect();
    assert_eq!(tickers.len(), 2 * 9_464 + 5);
    assert!(tickers.iter().all(|ticker| (5..=7).contains(&ticker.len())));
}

#[test]
fn more_securities_than_there_are_tickers_are_refused() {
    for option in ["--stocks", "--fiis"] {
        let output = Command::new(env!("CARGO_BIN_EXE_replica")).args([option, "9465"]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("no more than 9464 tickers of a class can be invented"), "{message}");
    }
}

#[test]
fn every_character_is_one_of_latin_1() {
    let exchange = Exchange::default();
    let mut pages: Vec<String> = exchange
        .stocks()
        .chain(exchange.fiis())
        .flat_map(|ticker| [exchange.details(ticker), exchange.dividends(ticker), exchange.mobile(ticker)])
        .flatten()
        .collect();
    pages.extend([exchange.stock_list(), exchange.fii_list(), exchange.all_stocks(), exchange.search("?")]);
    for page in pages {
        let foreign = page.chars().find(|character| matches!(u32::from(*character), 0x80..0xA0 | 0x100..));
        assert_eq!(foreign, None);
        assert_eq!(replica::latin1(&page).len(), page.chars().count());
    }
}

#[test]
fn there_is_a_share_of_every_odd_case() {
    let exchange = Exchange::default();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let (mut numbers, mut negatives) = (0, 0);
    for ticker in exchange.stocks() {
        let cells = exchange.cells(ticker).unwrap();
        let value = |label: &str| {
            cells.iter().find(|(name, _)| name == label).map_or("absent", |(_, value)| value.as_str())
        };
        let bank = value("Depósitos") != "absent";
        let last = value("Data últ cot");
        let cases = [
            ("bank", bank),
            ("bank by layout alone", bank && value("Subsetor") != "Bancos"),
            ("bank by sector alone", !bank && value("Subsetor") == "Bancos"),
            ("no deposits", value("Depósitos") == "0"),
            ("never traded", last == "-"),
            ("stale", last != "-" && !last.ends_with("2026")),
            ("no sector", value("Setor").is_empty()),
            ("no subsector", !value("Setor").is_empty() && value("Subsetor").is_empty()),
            ("no volume", value("Vol $ méd (2m)") == "0"),
            ("unit", ticker.ends_with("11")),
            ("11B", ticker.ends_with("11B")),
            ("5B", ticker.ends_with("5B")),
            ("33", ticker.ends_with("33")),
            ("digit in the root", ticker.get(1..2).is_some_and(|digit| digit.parse::<u8>().is_ok())),
            ("ampersand", value("Empresa").contains('&')),
            (
                "beyond a thousand percent",
                cells
                    .iter()
                    .any(|(_, value)| value.ends_with('%') && value.contains('.') && !value.starts_with('-')),
            ),
            (
                "below minus a thousand percent",
                cells
                    .iter()
                    .any(|(_, value)| value.ends_with('%') && value.contains('.') && value.starts_with('-')),
            ),
            ("missing", cells.iter().any(|(_, value)| value == "-")),
            ("PHP", exchange.details(ticker).unwrap().contains("<? echo rand(0,2); ?>")),
        ];
        for (case, is) in cases {
            *counts.entry(case).or_default() += usize::from(is);
        }
        let number =
            |value: &&String| value.trim_end_matches('%').chars().all(|c| "0123456789.,-".contains(c));
        for value in cells.iter().map(|(_, value)| value).filter(number).filter(|value| value.len() > 1) {
            numbers += 1;
            negatives += usize::from(value.starts_with('-'));
        }
    }
    for (case, least, most) in [
        ("bank", 20, 60),
        ("bank by layout alone", 3, 30),
        ("bank by sector alone", 1, 20),
        ("no deposits", 3, 40),
        ("never traded", 30, 100),
        ("stale", 70, 160),
        ("no sector", 40, 130),
        ("no subsector", 10, 80),
        ("no volume", 350, 600),
        ("unit", 15, 80),
        ("11B", 3, 20),
        ("5B", 3, 20),
        ("33", 3, 20),
        ("digit in the root", 3, 20),
        ("ampersand", 10, 90),
        ("beyond a thousand percent", 20, 200),
        ("below minus a thousand percent", 5, 100),
        ("missing", 100, 500),
        ("PHP", 100, 300),
    ] {
        assert!((least..=most).contains(&counts[case]), "{case}: {}", counts[case]);
    }
    let share = negatives * 100 / numbers;
    assert!((12..=20).contains(&share), "{share} % of the numbers are negative");
    let count = |is: &dyn Fn(&str) -> bool| exchange.fiis().filter(|ticker| is(ticker)).count();
    assert!((10..=40).contains(&count(&|ticker| ticker.ends_with("11B"))));
    assert!((10..=80).contains(&count(&|ticker| values(&exchange, ticker, "Segmento") == [""])));
    assert!((380..=450).contains(&count(&|ticker| values(&exchange, ticker, "Mandato") == [""])));
    assert!((5..=40).contains(&count(&|ticker| values(&exchange, ticker, "Data últ cot") == ["-"])));
}

#[test]
fn lists_agree_with_the_details_pages() {
    for edition in [Edition::Gross, Edition::Net] {
        let exchange = Exchange::builder().stocks(300).fiis(40).edition(edition).build();
        let (headings, rows) = table(&exchange.stock_list(), "resultado");
        let debt = match edition {
            Edition::Gross => [("Dív.Brut/ Patrim.", "Div Br/ Patrim")],
            Edition::Net => [("Dív.Líq/ Patrim.", "Dív Líq / Patrim")],
        };
        let gross_margin = [("Mrg Bruta", "Marg. Bruta")];
        let pairs = [
            ("Cotação", "Cotação"),
            ("P/L", "P/L"),
            ("EV/EBITDA", "EV / EBITDA"),
            ("Liq. Corr.", "Liquidez Corr"),
        ];
        let pairs =
            pairs.into_iter().chain(debt).chain(gross_margin.into_iter().filter(|_| edition == Edition::Net));
        assert_eq!(headings.len(), if edition == Edition::Net { 22 } else { 21 });
        let column = |heading: &str| headings.iter().position(|name| name == heading).unwrap();
        // Twice the ticker of position 17 and of position 267.
        assert_eq!(rows.len(), 302);
        for (heading, label) in pairs {
            for row in &rows {
                let [details] = values(&exchange, &row[0], label).try_into().unwrap();
                let listed = &row[column(heading)];
                if label == "Marg. Bruta" {
                    assert_eq!(details == "-", details == "-" && listed == "0,00%", "{row:?}");
                } else if details == "-" {
                    assert_eq!(listed, "0,00", "{row:?}");
                } else {
                    assert_eq!(listed, &details, "{row:?}");
                }
            }
        }
        assert_eq!(rows.iter().find(|row| row[0] == "PINV4").unwrap()[column("PSR")], "4,305");
        assert_eq!(
            rows.iter().find(|row| row[0] == "PINV4").unwrap()[column("Patrim. Líq")],
            "10.294.900.000,00"
        );
    }
}

#[test]
fn the_list_of_funds_hides_their_addresses() {
    let exchange = Exchange::builder().stocks(0).fiis(30).build();
    let (headings, rows) = table(&exchange.fii_list(), "tabelaResultado");
    assert_eq!(
        headings.join("|"),
        "Papel|Segmento|Cotação|FFO Yield|Dividend Yield|P/VP|Valor de Mercado|Liquidez|\
        Qtd de imóveis|Preço do m2|Aluguel por m2|Cap Rate|Vacância Média|Endereço"
    );
    assert_eq!(rows.len(), 30);
    assert_eq!(
        rows[0].join("|"),
        "PFII11|Logística|260,30|7,47%|9,66%|0,92|7.853.940.000|25.508.000|70|2.904,90|255,32|8,79%|4,21%|\
         Rodovia dos Galpões, km 38, Jundiaí - SP,Avenida da Doca, nº 1.200, São José - SC"
    );
    let (_, logistics) = table(&exchange.fii_list_of_segment(11), "tabelaResultado");
    assert_eq!(logistics.len(), 1);
}

#[test]
fn a_search_finds_a_page_a_choice_or_nothing() {
    let exchange = Exchange::builder().stocks(100).fiis(10).build();
    let heading = |text: &str| {
        let page = exchange.search(text);
        page.split_once("<h1>").map(|(_, rest)| rest.split('<').next().unwrap().to_owned())
    };
    assert_eq!(heading(" pinv4 "), None);
    assert_eq!(heading("PINV"), Some("Selecione o Papel".to_owned()));
    assert_eq!(heading("motores s.a."), Some("Selecione o Papel".to_owned()));
    assert_eq!(heading("ITSAE4"), Some("Nenhum papel encontrado".to_owned()));
    for old in exchange.renamed() {
        assert_eq!(links(&exchange.search(old), "test1"), [old]);
        assert_eq!(exchange.details(old), None);
    }
    let all = links(&exchange.all_stocks(), "test1");
    assert_eq!(all.len(), 105);
    assert!((3..20).contains(&all.iter().filter(|ticker| ticker.ends_with(' ')).count()));
}

#[test]
fn sectors_filter_the_list() {
    let exchange = Exchange::default();
    let (_, machines) = table(&exchange.stock_list_of_sector(22), "resultado");
    assert!(machines.iter().any(|row| row[0] == "PINV4"));
    assert!(machines.iter().all(|row| values(&exchange, &row[0], "Setor") == ["Máquinas e Equipamentos"]));
    let (headings, none) = table(&exchange.stock_list_of_sector(999), "resultado");
    assert_eq!((headings.len(), none.len()), (22, 0));
    let (_, banks) = table(&exchange.stock_list_of_subsector(33), "resultado");
    assert!((10..60).contains(&banks.len()));
}

#[test]
fn dividends_come_in_the_columns_of_their_class() {
    let exchange = Exchange::default();
    let (headings, rows) = table(&exchange.dividends("PINV4").unwrap(), "resultado");
    assert_eq!(headings.join("|"), "Data|Valor|Tipo|Data de Pagamento|Por quantas ações");
    let rows: Vec<String> = rows.iter().map(|row| row.join("|")).collect();
    assert_eq!(
        rows,
        [
            "18/09/2026|0,2055|JRS CAP PROPRIO|-|1",
            "19/06/2026|0,2002|JRS CAP PRÓPRIO|12/08/2026|1",
            "19/12/2025|0,5239|DIVIDENDO|11/03/2026|1",
            "22/08/2025|2,7150|Dividendo|10/09/2025|1",
            "12/02/1997|24,3100|DIVIDENDO|-|1000",
            "26/02/1996|3,7700|JUROS|-|1000",
        ]
    );
    let (_, years) = table(&exchange.dividends("PINV4").unwrap(), "resultado-anual");
    assert_eq!(years[0], ["2026", "0,406"]);
    let (headings, rows) = table(&exchange.dividends("PFII11").unwrap(), "resultado");
    assert_eq!(headings.join("|"), "Última Data Com|Tipo|Data de Pagamento|Valor");
    assert_eq!(rows[0].join("|"), "30/10/2026|Rendimento|16/11/2026|2,10");
    assert!(table(&exchange.dividends("UPIN11").unwrap(), "resultado").1.is_empty());
    let nineties =
        exchange.stocks().filter(|ticker| exchange.dividends(ticker).unwrap().contains("<td>1000</td>"));
    assert!(nineties.count() > 10);
}

#[test]
fn an_older_session_moves_the_dates() {
    let session = NaiveDate::from_ymd_opt(2022, 1, 3).unwrap();
    let exchange = Exchange::builder().stocks(60).fiis(40).session(session).edition(Edition::Gross).build();
    let last: HashSet<String> =
        exchange.stocks().skip(6).flat_map(|ticker| values(&exchange, ticker, "Data últ cot")).collect();
    assert!(last.contains("03/01/2022") && !last.iter().any(|date| date.ends_with("2026")));
    // Mandates were still printed then.
    assert!(exchange.fiis().skip(2).any(|ticker| values(&exchange, ticker, "Mandato") == ["Renda"]));
}

#[test]
fn the_mobile_page_has_no_tables_and_no_dashes() {
    let page = Exchange::builder().stocks(0).fiis(0).build().mobile("bpin3").unwrap();
    assert!(!page.contains("w728") && !page.contains("<table") && !page.contains(">-<"));
    assert!(page.contains("<h1 class=\"acao-papel\">BPIN3</h1>"));
}
