//! Lists of a sector: read as what they are, and never taken for the whole list.

use std::collections::BTreeSet;
use std::time::Duration;

use pynvest::record::{Filter, Sector};
use pynvest::{Class, Client, Error, Page, StockRow};
use replica::{Exchange, Fault, Replica, latin1};

use crate::client::wire::Wire;
use crate::page::captures::captures;

fn exchange() -> Exchange {
    Exchange::builder().stocks(80).fiis(10).build()
}

#[tokio::test]
async fn the_traded_stocks_of_a_sector_are_asked_for_by_the_link_of_a_details_page() {
    let replica = Replica::start(exchange()).await.unwrap();
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
    let sheet = client.sheet("PINV4").await.unwrap();
    let sector = sheet.sector().unwrap();
    assert_eq!(Some(sector.name.as_str()), sheet.get("Setor"));
    assert_eq!(sheet.segment().map(|segment| segment.name).as_deref(), sheet.get("Subsetor"));

    let rows = client.stocks_in(&sector).await.unwrap().rows;
    let whole = client.stocks().await.unwrap().rows;
    assert!(rows.iter().any(|row| row.ticker.as_str() == "PINV4") && rows.len() < whole.len());
    assert!(rows.iter().all(|row| whole.contains(row)));
    // A number that the site does not use is an empty list, and said to be one.
    let unknown = Sector { id: 999, ..sector };
    assert_eq!(client.stocks_in(&unknown).await.unwrap_err().kind(), "empty_list");
}

#[tokio::test]
async fn a_part_is_not_taken_for_the_whole_nor_for_another_part() {
    for (page, found) in [
        (exchange().stock_list_of_sector(14), "setor=14"),
        (exchange().stock_list_of_subsector(3), "segmento=3"),
        (exchange().stock_list_of_no_sector("None"), "setor=None"),
    ] {
        let site = Wire::start(move |_, _| Wire::answer(&page)).await;
        let client = site.client().build().unwrap();
        let sentence = format!("expected the whole list, the page says that it shows {found}");
        assert_eq!(client.stocks().await.unwrap_err().to_string(), sentence);
        assert_eq!(client.tickers(Class::Stock).await.unwrap_err().to_string(), sentence);
        let error = client.stocks_in(&Sector { id: 15, name: String::new() }).await.unwrap_err();
        assert!(matches!(error, Error::OtherFilter { wanted: Filter::Sector(15), .. }), "{error}");
    }
    let page = exchange().fii_list_of_segment(4);
    let site = Wire::start(move |_, _| Wire::answer(&page)).await;
    let client = site.client().build().unwrap();
    assert_eq!(client.fiis().await.unwrap_err().kind(), "other_filter");
    assert_eq!(client.tickers(Class::Fii).await.unwrap_err().kind(), "other_filter");
    // The whole list is no part, and a page that names no part is none either.
    for page in
        [exchange().stock_list(), exchange().stock_list().replace("interface=mobile", "interface=none")]
    {
        let site = Wire::start(move |_, _| Wire::answer(&page)).await;
        let error = site
            .client()
            .build()
            .unwrap()
            .stocks_in(&Sector { id: 1, name: String::new() })
            .await
            .unwrap_err();
        assert_eq!(error.kind(), "other_filter", "{error}");
    }
    let Page::StockList(list) = Page::parse(&latin1(&exchange().stock_list())) else {
        panic!("it is a list")
    };
    assert_eq!(list.filter(), Some(&Filter::All));
}

#[tokio::test]
async fn all_sectors_are_learnt_from_the_pages_of_their_stocks() {
    for exchange in [exchange(), Exchange::builder().stocks(80).fiis(10).renumbered().build()] {
        let replica = Replica::start(exchange).await.unwrap();
        let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
        let found = client.sectors().await.unwrap();
        let whole = client.stocks().await.unwrap().rows;
        let traded = |row: &&StockRow| !row.average_daily_volume_2m.unwrap_or_default().is_zero();
        let traded: BTreeSet<_> = whole.iter().filter(traded).map(|row| row.ticker.clone()).collect();
        let in_sectors = found.sectors.iter().flat_map(|sector| sector.tickers.clone());
        let mut all: Vec<_> = in_sectors.chain(found.without.clone()).collect();
        all.sort();
        assert_eq!(all, traded.into_iter().collect::<Vec<_>>(), "each in one, and none is left");
        let names: Vec<_> = found.sectors.iter().map(|found| found.sector.name.as_str()).collect();
        assert!(names.is_sorted() && names.len() > 10 && names.contains(&"Energia Elétrica"), "{names:?}");
        for found in &found.sectors {
            let page = client.sheet(found.tickers.last().unwrap()).await.unwrap();
            assert_eq!(page.sector().as_ref(), Some(&found.sector));
        }
    }
}

#[tokio::test]
async fn a_list_that_names_another_sector_ends_the_search() {
    let replica = Replica::start(exchange()).await.unwrap();
    replica.fault(Fault::OtherSector.on("resultado.php").after(1));
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
    assert_eq!(client.sectors().await.unwrap_err().kind(), "other_filter");
}

#[tokio::test]
async fn names_are_found_in_one_request() {
    let replica = Replica::start(exchange()).await.unwrap();
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
    let names = client.names().await.unwrap();
    let tickers = |found: Vec<pynvest::SecurityName>| -> Vec<String> {
        found.into_iter().map(|found| found.ticker.to_string()).collect()
    };
    assert!(names.iter().any(|one| one.ticker.as_str() == "PINV4" && one.name == "PINVESTE"), "{names:?}");
    assert_eq!(tickers(client.find("logistica PINVESTE").await.unwrap()), ["PFII11"]);
    assert_eq!(tickers(client.find("pinv4").await.unwrap()), ["PINV4"]);
    assert_eq!(tickers(client.find("nobody").await.unwrap()), [""; 0]);
    assert_eq!(replica.requests().len(), 4);
    replica.fault(Fault::CutPage.on("script/cmplte.php"));
    let error = client.find("pinv4").await.unwrap_err();
    assert!(error.kind() == "layout_changed" && error.to_string().contains("cannot be read"), "{error}");
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn captured_names_are_read_to_the_last() {
    let (_, script) = captures("names").into_iter().next().unwrap();
    let names = Page::parse(&script).into_names().unwrap().rows().unwrap();
    assert_eq!(names.len(), 812);
    let name = |ticker: &str| names.iter().find(|one| one.ticker.as_str() == ticker).unwrap().name.as_str();
    assert_eq!((name("AALR3"), name("ABCB4")), ("ALLIAR", "ABC Brasil"));
    let found: Vec<_> =
        names.iter().filter(|one| one.matches("petrobras")).map(|one| one.ticker.as_str()).collect();
    assert_eq!(found, ["PETR4", "PETR3"]);
}

#[test]
#[ignore = "needs captures of the site beside the repository"]
fn captured_parts_equal_the_whole_list_of_their_day() {
    let list = |name: &str| -> (Option<Filter>, Vec<StockRow>) {
        let (_, bytes) = captures("list").into_iter().find(|(file, _)| file == name).unwrap();
        let page = Page::parse(&bytes).into_stock_list().unwrap();
        (page.filter().cloned(), page.rows().unwrap().rows)
    };
    let (filter, whole) = list("stocks-2024-03-25.html");
    assert_eq!(filter, Some(Filter::All));
    let mut seen = BTreeSet::new();
    for (sector, count) in [(14, 61), (20, 43), (31, 13), (35, 0), (38, 15)] {
        let (filter, rows) = list(&format!("stocks-sector-{sector}-2024-03-25.html"));
        assert_eq!((filter, rows.len()), (Some(Filter::Sector(sector)), count));
        for row in rows {
            assert!(whole.contains(&row), "{}", row.ticker);
            assert!(seen.insert(row.ticker.clone()), "{} is in two sectors", row.ticker);
        }
    }
    let (filter, _) = list("stocks-sector-None-2024-01-22.html");
    assert_eq!(filter, Some(Filter::Other("setor=None".to_owned())));
    assert_eq!(list("stocks-2026-06-10.html").0, Some(Filter::All));
}
