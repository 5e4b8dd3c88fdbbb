//! Characters that act on whoever shows them: none of a page or a file name leaves the program as it came, in any format or language.

use std::fs;

use replica::latin1;
use tempfile::TempDir;

use super::super::lake::small;
use super::super::pynvest;

/// What turns the direction of writing, is not seen, or is obeyed by a terminal, as references of HTML; and the start of a formula.
const NAME: &str =
    "&#xff1d;1&#x202e;&#x2066;&#x200b;&#xfeff;&#x7f;&#x85;&#x9b;31m&#x1b;[2J&#x2028;&#xad;&#xe0041;END";
/// Of those, what may never be printed.
const HIDDEN: [char; 11] = [
    '\u{202e}',
    '\u{2066}',
    '\u{200b}',
    '\u{feff}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{1b}',
    '\u{2028}',
    '\u{ad}',
    '\u{e0041}',
];

/// The text of a Parquet file or workbook is what the page says; whoever opens it shows it as data.
fn is_text(format: &str) -> bool {
    ["table", "csv", "json", "jsonl"].contains(&format)
}

#[test]
fn no_output_has_a_character_that_acts_and_no_cell_begins_a_formula() {
    let folder = TempDir::new().unwrap();
    let (lake, saved) = (folder.path().join("lake"), folder.path().join("saved"));
    fs::create_dir(&saved).unwrap();
    let page = small(1).details("PINV4").unwrap();
    let at = page.find("\"txt\">Empresa</span>").unwrap() + 10;
    let value = at + page[at..].find("\"txt\">").unwrap() + "\"txt\">".len();
    let end = value + page[value..].find('<').unwrap();
    let named = |more: &str| format!("{}{NAME}{more}{}", &page[..value], &page[end..]);
    for (day, more) in [("2026-11-20", ""), ("2026-11-23", "&#x202e;X")] {
        fs::write(saved.join(format!("PINV4-{day}.html")), latin1(&named(more))).unwrap();
    }
    // A name of a file acts too.
    fs::write(saved.join("\u{202e}\u{1b}[2Jjunk\u{200b}-2026-11-23.html"), "junk").unwrap();
    fs::write(saved.join("\u{202e}\u{1b}[2Jjunk\u{200b}.txt"), "junk").unwrap();
    let mut seen = 0;
    for lang in ["en", "pt"] {
        let lake = lake.with_extension(lang);
        for (command, arguments, json) in [
            ("lake", vec!["--pages", "SAVED", "--force-day", "--out", "LAKE"], "--json"),
            ("lake", vec!["--check", "--out", "LAKE"], "--json"),
            ("parse", vec!["SAVED"], ""),
            ("history", vec!["PINV4", "--columns", "company,price", "--lake", "LAKE"], "--format"),
            ("history", vec!["PINV4", "--columns", "price", "--lake", "LAKE"], "--format"),
            ("list", vec!["--columns", "ticker,company", "--lake", "LAKE"], "--format"),
            ("changes", vec!["--since", "2026-11-20", "--lake", "LAKE"], "--format"),
            ("facts", vec!["--lake", "LAKE"], ""),
        ] {
            let formats: &[&str] = match json {
                "--format" => &["table", "csv", "json", "jsonl"],
                "--json" => &["", "json"],
                _ => &[""],
            };
            for format in formats {
                let mut program = pynvest(command);
                for word in &arguments {
                    match *word {
                        "LAKE" => program.arg(&lake),
                        "SAVED" => program.arg(&saved),
                        word => program.arg(word),
                    };
                }
                match (json, *format) {
                    (_, "") => {}
                    ("--json", _) => drop(program.arg("--json")),
                    _ => drop(program.args(["--format", format])),
                }
                let output = program.args(["--lang", lang]).output().unwrap();
                for text in [output.stdout, output.stderr] {
                    let text = String::from_utf8(text).unwrap();
                    let found: Vec<char> = text
                        .trim_start_matches('\u{feff}')
                        .chars()
                        .filter(|letter| HIDDEN.contains(letter))
                        .collect();
                    assert!(found.is_empty(), "{command} {format} {lang} prints {found:?}: {text:?}");
                    seen += usize::from(text.contains("END"));
                    let formula = |cell: &str| cell.trim_start_matches('"').starts_with(['=', '\u{ff1d}']);
                    if *format == "csv" {
                        let cells = text.lines().flat_map(|line| line.split([',', ';']));
                        assert!(!cells.clone().any(formula), "{command} {lang}: {text}");
                    }
                    assert!(is_text(format) || format.is_empty());
                }
            }
        }
    }
    assert!(seen > 10, "the name was in {seen} outputs");
}
