//! Where and in which form the program writes: files, links, devices, pipes and sockets, and one name and unit for each figure.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use replica::latin1;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::lake::small;
use super::{pynvest, site};

fn list(arguments: &[&str]) -> Command {
    let mut command = pynvest("list");
    command.args(["--interval", "0", "--site", site(), "ticker=PINV4"]);
    if !arguments.contains(&"--columns") {
        command.args(["--columns", "ticker,price,dy,liquidity"]);
    }
    command.args(arguments);
    command
}

#[track_caller]
fn well(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A file in a workbook.
fn part(book: &Path, name: &str) -> String {
    let mut book = zip::ZipArchive::new(File::open(book).unwrap()).unwrap();
    let mut text = String::new();
    book.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_ending_of_a_file_is_its_format_and_a_contradiction_is_bad_usage() {
    let folder = TempDir::new().unwrap();
    let written = |name: &str, more: &[&str]| {
        let path = folder.path().join(name);
        let output = list(&[&["--out", path.to_str().unwrap()], more].concat()).output().unwrap();
        (output.status.code(), fs::read(path).unwrap_or_default())
    };
    for (name, more, begins) in [
        ("a.csv", &[][..], "ticker,price,dy,liquidity\n"),
        ("a.JSON", &[], "[\n  {\n    \"ticker\""),
        ("a.jsonl", &[], "{\"ticker\":\"PINV4\""),
        ("a.parquet", &[], "PAR1"),
        ("a.xlsx", &[], "PK"),
        ("a.txt", &[], "ticker"),
        ("a", &["--format", "CSV"], "ticker,price"),
    ] {
        let (status, bytes) = written(name, more);
        assert_eq!(status, Some(0), "{name}");
        assert!(bytes.starts_with(begins.as_bytes()), "{name}: {}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(written("b.xlsx", &["--format", "csv"]), (Some(2), Vec::new()));
    assert_eq!(written("c.xls", &[]), (Some(2), Vec::new()));
    let (status, bytes) = written("c.xls", &["--format", "csv"]);
    assert!(status == Some(0) && bytes.starts_with(b"ticker,price"), "{status:?}");
    let raw = folder.path().join("raw.xlsx");
    let output = pynvest("show").args(["PINV4", "--raw", "--out"]).arg(&raw).output().unwrap();
    assert_eq!((output.status.code(), raw.exists()), (Some(2), false));
}

#[cfg(unix)]
#[test]
fn what_is_there_is_treated_as_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let to = |path: &Path| list(&["--format", "csv", "--out", path.to_str().unwrap()]).output().unwrap();
    let expected = well(&to(Path::new("-")));
    assert!(expected.starts_with("ticker,price"));
    assert_eq!(well(&to(Path::new("/dev/stdout"))), expected);

    // The target of a link is replaced with its permissions, and a link to nothing makes its target.
    fs::write(path("target.csv"), "old").unwrap();
    fs::set_permissions(path("target.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target.csv", path("link.csv")).unwrap();
    symlink("later.csv", path("dangling.csv")).unwrap();
    for (link, target) in [("link.csv", "target.csv"), ("dangling.csv", "later.csv")] {
        well(&to(&path(link)));
        assert!(fs::symlink_metadata(path(link)).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(path(target)).unwrap(), expected);
    }
    assert_eq!(fs::metadata(path("target.csv")).unwrap().mode() & 0o777, 0o640);

    // A device by another name, as whoever may replace it would.
    symlink("/dev/null", path("null.csv")).unwrap();
    well(&to(&path("null.csv")));
    assert!(fs::symlink_metadata(path("null.csv")).unwrap().is_symlink());
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    let fifo = path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    well(&to(&fifo));
    assert_eq!(reader.join().unwrap(), expected);
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());

    let socket = path("socket.csv");
    let listener = UnixListener::bind(&socket).unwrap();
    let heard = std::thread::spawn(move || {
        let mut text = String::new();
        listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
        text
    });
    well(&to(&socket));
    assert_eq!(heard.join().unwrap(), expected);
}

/// A lake of PINV4 on two days, the second with another balance sheet.
fn lake() -> TempDir {
    let (pages, lake) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let page = small(1).details("PINV4").unwrap();
    let later = page.replacen(">30/09/2026<", ">31/12/2026<", 1).replacen(">5,7%<", ">6,8%<", 1);
    let later = later.replacen(">19.201.700.000<", ">19.301.700.000<", 1);
    for (day, page) in [("2026-11-20", &page), ("2026-11-23", &later)] {
        fs::write(pages.path().join(format!("PINV4-{day}.html")), latin1(page)).unwrap();
    }
    let mut command = pynvest("lake");
    command.arg("--pages").arg(pages.path()).arg("--out").arg(lake.path());
    assert!(command.output().unwrap().status.code().is_some());
    lake
}

#[test]
fn a_figure_has_one_name_one_unit_and_one_type_in_every_command() {
    let lake = lake();
    let folder = lake.path().to_str().unwrap();
    let first = |output: Output| -> Json {
        let text = well(&output);
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    let jsonl = ["--format", "jsonl"];
    let shown = first(
        pynvest("show").args(["PINV4", "--interval", "0", "--site", site()]).args(jsonl).output().unwrap(),
    );
    let past = first(
        pynvest("list")
            .args(["--lake", folder, "--as-of", "20/11/2026", "--columns", "all"])
            .args(jsonl)
            .output()
            .unwrap(),
    );
    let columns = ["--columns", "price,dy,liquidity,vlr_ind_p_sobre_l"];
    let course = first(
        pynvest("history").args(["PINV4", "--lake", folder]).args(columns).args(jsonl).output().unwrap(),
    );
    for row in [&shown, &past, &course] {
        let figures = ["price", "dy", "pl"].map(|name| row[name].as_str().unwrap());
        assert_eq!(figures, ["57.48", "0.057", "42.03"], "{row}");
        assert!(row["liquidity"].is_string(), "{row}");
    }
    let live = first(list(&jsonl).output().unwrap());
    assert_eq!(live["dy"], "0.0568", "the list has a decimal more");
    assert!(live["liquidity"].is_string());
    let table = well(&pynvest("list").args(["--lake", folder, "dy>0.06"]).output().unwrap());
    assert!(table.contains("6.8%"), "{table}");

    let mixed = pynvest("show")
        .args(["PINV4,pfii11.sa", "--interval", "0", "--site", site(), "--format", "csv"])
        .output()
        .unwrap();
    let mixed = well(&mixed);
    let heading = mixed.lines().next().unwrap();
    assert_eq!(heading.split(',').filter(|name| *name == "ticker").count(), 1, "{heading}");
    assert_eq!(
        mixed.lines().map(|line| line.split(',').next().unwrap()).collect::<Vec<_>>(),
        ["ticker", "PINV4", "PFII11"]
    );
}

#[test]
fn a_workbook_opens_ready_to_read() {
    let lake = lake();
    let book = lake.path().join("list.xlsx");
    well(
        &list(&["--columns", "ticker,dy,liquidity,equity", "--out", book.to_str().unwrap()])
            .output()
            .unwrap(),
    );
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    for text in ["<autoFilter ref=\"A1:D2\"/>", "state=\"frozen\"", "<v>0.0568</v>"] {
        assert!(sheet.contains(text), "{text} is not in {sheet}");
    }
    // 10,294,900,000 in the widest of its forms, and what a filter's button takes.
    let widths: Vec<f64> = sheet
        .split("<col ")
        .skip(1)
        .map(|column| column.split("width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
        .collect();
    assert!(widths.len() == 4 && widths[3] >= 14.0, "{widths:?}");
    let styles = part(&book, "xl/styles.xml");
    assert!(styles.contains("formatCode=\"#,##0.00%\""), "{styles}");

    let book = lake.path().join("changes.xlsx");
    let mut command = pynvest("changes");
    command.args(["--since", "20261123", "--lake"]).arg(lake.path()).arg("--out").arg(&book);
    well(&command.output().unwrap());
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    for number in ["19201700000", "19301700000", "0.057", "0.068"] {
        assert!(sheet.contains(&format!("<v>{number}</v>")), "{number} is not in {sheet}");
    }
    // 2026-09-30 and 2026-12-31 are days.
    assert!(sheet.contains("<v>46295</v>") && sheet.contains("<v>46387</v>"), "{sheet}");
}
