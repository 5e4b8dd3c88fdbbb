//! Hostile pages: whatever the shape, time and memory grow with the size of the page and no faster.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use peak_alloc::PeakAlloc;
use pynvest::Page;
use replica::{Exchange, latin1};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What comes before, what is repeated until the size is reached, and what comes after.
struct Shape(&'static str, &'static str, &'static str);

const DATA: &str = "<table class=w728><tr>";
const LIST: &str = "<table id=resultado><tr><th>Papel</th></tr>";
const PAYMENTS: &str = "<h1>Proventos</h1><table id=resultado><tr><th>Data<th>Valor<th>Tipo<th>Data de Pagamento\
    <th>Por quantas ações</tr>";
const SEARCH: &str = "<table id=test1><tr><th>Papel<th>Nome Comercial<th>Razão Social</tr>";
const CELL: &str = "<table class=w728><tr><td class=label>";
const END: &str = "</table><a href=x>x</a>";

const SHAPES: [Shape; 56] = [
    Shape("<table class=w728><tr><td class=label>", "<span>x", END),
    Shape(CELL, "<span>x</span>", END),
    Shape(CELL, "<span class=txt>", END),
    Shape(CELL, "<span class=txt>a</span>", END),
    Shape(CELL, "<span class=tips title=x></span>", END),
    Shape(CELL, "<b>", END),
    Shape("<table class=w728><tr><td class=label><b><b><b><b><b><b><b><b><b><b><b><b>", "</a>", END),
    Shape(DATA, "<td class=nivel1>", END),
    Shape(DATA, "<tr><td class=nivel1>x", END),
    Shape(DATA, "<td class=nivel2>x<td class=label>a<td class=data>b", END),
    Shape(DATA, "<td class=label>a<td class=data>b", END),
    Shape(DATA, "<tr><td class=label>a<td class=data>b", END),
    Shape(DATA, "<tr><td class=data>b", END),
    Shape(DATA, "<tr><td class=label>", END),
    Shape(DATA, "<td>", END),
    Shape(DATA, "<tr>", END),
    Shape(DATA, "</tr>", END),
    Shape(DATA, "</tbody>", END),
    Shape(LIST, "<tr><td>", END),
    Shape(LIST, "<tr><td>AAAA3", END),
    Shape(LIST, "<tr><td>A<td>B", END),
    Shape("<table id=resultado><tr>", "<th>Papel", END),
    Shape("<table id=resultado><tr>", "<th colspan=1000>", END),
    Shape(PAYMENTS, "<tr><td>01/01/2024<td>1,00<td>JRS<td>-<td>1", END),
    Shape(PAYMENTS, "<tr><td>x<td>x<td>x<td>x<td>x", END),
    Shape(SEARCH, "<tr><td>A<td>B<td>C", END),
    Shape(SEARCH, "<tr><td>", END),
    Shape("", "<table>", END),
    Shape("", "<table></table>", END),
    Shape("", "<table><tr><td>", END),
    Shape("", "<table class=w728>x</table>", END),
    Shape("", "</table>", END),
    Shape("", "<!--", END),
    Shape("", "<!-- -->", END),
    Shape(CELL, "<!-- -- ->", END),
    Shape("", "<script>", END),
    Shape("", "<script></script>", END),
    Shape("<script>", "<!--<script>", END),
    Shape("<script><!--", "</script", END),
    Shape("<title>", "</titl", END),
    Shape("<table><td ", "a ", END),
    Shape("<table><td ", "a=\"b\" ", END),
    Shape("<table><td ", "class=label ", END),
    Shape("<table class=w728><td class=\"", "label ", "\"></table>"),
    Shape(CELL, "<td title='", END),
    Shape(CELL, "&", END),
    Shape(CELL, "&amp", END),
    Shape(CELL, "&aaaaaa", END),
    Shape(CELL, "&#1", END),
    Shape(CELL, "&notin;", END),
    Shape(CELL, "<", END),
    Shape(CELL, "</", END),
    Shape(CELL, "\u{a0}", END),
    Shape(CELL, "é ", END),
    Shape("", "\u{0}", END),
    Shape("", "<h1>Provento fundamentus-classic Access denie", ""),
];

/// Shapes that are no repetition, and one whose bytes are no UTF-8.
fn halves(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let half = |piece: &str| piece.repeat(size / 2 / piece.len());
    let pair = "<tr><td class=label>a<td class=data>b";
    let row = "<tr><td>AAAA3";
    vec![
        (
            "half a heading, half pairs",
            format!("{DATA}<td class=nivel1>{}{}{END}", half("x"), half(pair)).into(),
        ),
        (
            "half a label",
            format!("{DATA}<td class=label>{}<td class=data>{}{END}", half("x"), half("y")).into(),
        ),
        (
            "half headings, half rows",
            format!("<table id=test1><tr>{}{}{END}", half("<th>a"), half("<tr><td>")).into(),
        ),
        (
            "a list, half headings, half rows",
            format!("<table id=resultado><tr>{}{}{END}", half("<th>Papel"), half(row)).into(),
        ),
        ("high bytes", [CELL.as_bytes(), &vec![0x80; size], END.as_bytes()].concat()),
    ]
}

fn pages(size: usize) -> Vec<(String, Vec<u8>)> {
    let repeated = SHAPES.iter().map(|Shape(before, piece, after)| {
        (
            format!("{before}{piece}…"),
            format!("{before}{}{after}", piece.repeat(size / piece.len())).into_bytes(),
        )
    });
    repeated.chain(halves(size).into_iter().map(|(name, page)| (name.to_owned(), page))).collect()
}

/// Everything that can be asked of a page.
fn read(bytes: &[u8]) {
    let said = |error: Option<pynvest::Error>| error.map_or(0, |error| error.to_string().len());
    black_box(match Page::parse(bytes) {
        Page::Details(sheet) => said(sheet.details(DateTime::UNIX_EPOCH.fixed_offset()).err()),
        Page::StockList(page) => page.rows().map_or(0, |list| list.rows.len()) + said(page.tickers().err()),
        Page::FiiList(page) => said(page.rows().err()) + said(page.tickers().err()),
        Page::Dividends(page) => said(page.rows().err()),
        page => said(page.into_sheet().err()),
    });
}

/// The quickest of some runs, for each byte.
fn time(page: &[u8], runs: usize) -> Duration {
    let run = || {
        let start = Instant::now();
        read(page);
        start.elapsed()
    };
    std::iter::repeat_with(run).take(runs).min().unwrap()
}

fn per_byte(time: Duration, page: &[u8]) -> u128 {
    // In picoseconds.
    time.as_nanos() * 1_000 / page.len() as u128
}

fn ordinary() -> u128 {
    let page = latin1(&Exchange::builder().stocks(5).fiis(5).build().details("PINV4").unwrap());
    per_byte(time(&page, 50), &page)
}

/// A factor that no busy machine reaches, and none that is quadratic keeps.
#[test]
fn no_shape_takes_longer_than_its_size() {
    let ordinary = ordinary();
    for size in [64_000, 1_000_000] {
        for (name, page) in pages(size) {
            let runs = |runs| per_byte(time(&page, runs), &page);
            let quick = runs(2);
            // On a busy machine both runs may have had to wait.
            let found = if quick < 30 * ordinary { quick } else { runs(20) };
            assert!(
                found < 30 * ordinary,
                "{name} of {size} bytes: {found} ps a byte, ordinary is {ordinary}"
            );
        }
    }
}

#[test]
fn what_no_page_has_so_much_of_is_refused_in_words() {
    let refused = |page: String| Page::parse(page.as_bytes()).into_sheet().unwrap_err().to_string();
    for (page, said) in [
        (format!("{DATA}{}{END}", "<td>".repeat(1_001)), "more than 1000 cells in a row"),
        (format!("{DATA}{}{END}", "<tr><td>".repeat(1_001)), "more than 1000 cells"),
        (format!("{DATA}{}{END}", "<tr><td>".repeat(10_001)), "more than 10000 rows in a table"),
        (format!("{CELL}{}{END}", "x".repeat(100_001)), "more than 100000 bytes in a cell"),
        (format!("{CELL}{}{END}", "&amp;".repeat(30_001)), "more than 30000 character references"),
        (format!("{CELL}{}{END}", "<span>".repeat(101)), "more than 100 open tags in a cell"),
        (format!("{DATA}<td class=nivel1>{}{END}", "x".repeat(201)), "more than 200 bytes in a heading"),
        (format!("{DATA}{}{END}", "<td class=nivel1>".repeat(61)), "more than 60 headings over one table"),
        ("<table><tr><td>".repeat(17), "more than 16 tables inside one another"),
        ("<table></table>".repeat(1_001), "more than 1000 tables"),
    ] {
        let error = refused(page);
        let expected = format!("the layout of the details page changed: it has {said}, many times those");
        assert!(error.starts_with(&expected), "{error}");
    }
    let list = format!("{LIST}{}{END}", "<tr><td>x<td>y".repeat(2_001));
    let Page::StockList(grid) = Page::parse(list.as_bytes()) else { panic!("no list") };
    let error = grid.tickers().unwrap_err().to_string();
    assert!(error.contains("more than 2000 rows that cannot be read"), "{error}");
}

/// `cargo test --release -p pynvest --test it huge_shapes -- --ignored --nocapture`
#[test]
#[ignore = "takes a minute without optimisation, and measures the heap of the whole process"]
fn huge_shapes_take_time_and_memory_as_ordinary_pages_do() {
    let ordinary = ordinary();
    println!("ordinary: {ordinary} ps a byte");
    let mut slow = Vec::new();
    for size in [64_000, 1_000_000, 8_000_000, 32_000_000] {
        for (name, page) in pages(size) {
            let before = HEAP.current_usage();
            HEAP.reset_peak_usage();
            read(&page);
            let peak = HEAP.peak_usage().saturating_sub(before) * 10 / page.len();
            let found = per_byte(time(&page, if size < 8_000_000 { 5 } else { 2 }), &page);
            let times = found as u64 * 10 / ordinary as u64;
            println!(
                "{size:>8} {found:>6} ps {:>3}.{} times, heap {:>2}.{} pages: {name:?}",
                times / 10,
                times % 10,
                peak / 10,
                peak % 10
            );
            if times > 50 || peak > 250 {
                slow.push((size, name, times, peak));
            }
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
