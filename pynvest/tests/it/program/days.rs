//! To which day a page belongs: history is not rewritten from what the site shows today.

use std::fs;
use std::io::Write;
use std::path::Path;

use chrono::Utc;
use pynvest::record::brasilia;
use replica::latin1;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::lake::small;
use super::{pynvest, site};

/// The page of PINV4, which shows the session of 2026-11-20, as these files.
fn saved(names: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, latin1(&small(1).details("PINV4").unwrap())).unwrap();
    }
    folder
}

/// The status, the days and the messages.
fn read(pages: &Path, arguments: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let out = TempDir::new().unwrap();
    let mut command = pynvest("lake");
    command.args(["--json", "--out"]).arg(out.path()).arg("--pages").arg(pages).args(arguments);
    let output = command.output().unwrap();
    let days = serde_json::Deserializer::from_slice(&output.stdout).into_iter().map(Result::unwrap);
    (output.status.code(), days.collect(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_live_site_gives_no_day_of_the_past_unless_it_is_forced() {
    let folder = TempDir::new().unwrap();
    for (lang, day, sentence) in [
        ("en", "2019-05-02", "not those of 2019-05-02"),
        ("pt", "2019-05-02", "não os de 02/05/2019"),
        ("en", "2099-12-30", "not those of 2099-12-30"),
    ] {
        let out = folder.path().join(format!("{lang}-{day}"));
        let run = |more: &[&str]| {
            let mut command = pynvest("lake");
            command.args(["--interval", "0", "--site", site(), "--limit", "2", "--lang", lang, "--day", day]);
            command.arg("--out").arg(&out).args(more).output().unwrap()
        };
        let refused = run(&[]);
        let message = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{message}");
        assert!(message.contains(sentence) && message.contains("--force-day"), "{message}");
        assert!(!out.exists(), "nothing was touched");
        assert_eq!(run(&["--force-day"]).status.code(), Some(0));
    }
    let today = brasilia(Utc::now()).date_naive().to_string();
    let mut command = pynvest("lake");
    command.args(["--interval", "0", "--site", site(), "--limit", "2", "--day", &today, "--out"]);
    assert_eq!(command.arg(folder.path().join("today")).output().unwrap().status.code(), Some(0));
}

#[test]
fn a_saved_page_belongs_to_the_day_in_its_name_or_that_of_its_folder() {
    let pages = saved(&[
        "PINV4-2026-11-21.html",
        "PINV4-2026-11-22T18-45-01.html",
        "PINV4_20261123.html",
        "2026-11-24/PINV4.html",
        "of_20261125/more/PINV4.html",
        "2026-11-24/PINV4-2026-11-26.html",
    ]);
    let (status, days, messages) = read(pages.path(), &[]);
    let found: Vec<&str> = days.iter().map(|day| day["day"].as_str().unwrap()).collect();
    let wanted = ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"];
    assert_eq!((status, found.as_slice()), (Some(0), wanted.as_slice()), "{messages}");
    assert!(days.iter().all(|day| day["files"]["dated_by_file"] == 0));
}

#[test]
fn a_page_that_shows_a_later_session_than_its_day_is_refused_and_named() {
    let pages = saved(&["PINV4-2026-11-19.html", "again/PINV4-2026-11-20.html"]);
    let (status, days, messages) = read(pages.path(), &[]);
    assert_eq!((status, days.len()), (Some(3), 2), "{messages}");
    let refused = &days[0]["files"]["unusable"]["later_session"][0];
    assert!(refused["ticker"].as_str().unwrap().ends_with("PINV4-2026-11-19.html"), "{refused}");
    assert_eq!(
        refused["message"],
        "the last session of PINV4 is 2026-11-20, which is after the day 2026-11-19"
    );
    let rows = |day: &Value| day["rows"]["tbsot_fundamentus_indicadores_acoes_prep"].clone();
    assert_eq!([rows(&days[0]), rows(&days[1])], [json!(0), json!(1)]);

    let pages = saved(&["PINV4.html"]);
    let (status, ..) = read(pages.path(), &["--day", "2019-05-02"]);
    assert_eq!(status, Some(1), "a day of 2019 with figures of 2026");
    let (status, days, _) = read(pages.path(), &["--day", "2019-05-02", "--force-day"]);
    assert_eq!((status, rows(&days[0])), (Some(0), json!(1)));
}

#[test]
fn a_page_in_the_file_of_another_ticker_is_named() {
    let pages = saved(&["PINV4-2026-11-20.html", "BPIN3-2026-11-20.html", "copy-2026-11-20.html"]);
    let (status, days, messages) = read(pages.path(), &[]);
    assert_eq!((status, days.len()), (Some(3), 1), "{messages}");
    let [named] = days[0]["failures"]["other_ticker"].as_array().unwrap().as_slice() else {
        panic!("{}", days[0])
    };
    let named = (named["ticker"].as_str().unwrap(), named["message"].as_str().unwrap());
    let expected = "BPIN3-2026-11-20.html has the page of PINV4, which is filed under PINV4";
    assert!(named.0 == "BPIN3" && named.1.ends_with(expected), "{named:?}");
    assert_eq!(days[0]["rows"]["tbsot_fundamentus_indicadores_acoes_prep"], json!(1));
}

#[test]
fn copies_whose_files_are_of_today_are_doubted() {
    let (status, days, messages) = read(saved(&["PINV4.html"]).path(), &[]);
    assert_eq!(status, Some(3), "{messages}");
    assert_eq!(
        (&days[0]["files"]["dated_by_file"], &days[0]["files"]["perhaps_copied"]),
        (&json!(1), &json!(true))
    );
    let day = days[0]["day"].as_str().unwrap();
    let (status, ..) = read(saved(&["PINV4.html"]).path(), &["--day", day]);
    assert_eq!(status, Some(0), "whoever says the day knows it");
    let (status, days, _) = read(saved(&["a/PINV4.html", "PINV4-2026-11-23.html"]).path(), &[]);
    assert_eq!((status, days.len()), (Some(0), 2), "one of two is not most");
}

#[test]
fn no_file_is_passed_over_in_silence() {
    let page = latin1(&small(1).details("PINV4").unwrap());
    let folder = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&page).unwrap();
    let text: String = page.iter().map(|byte| char::from(*byte)).collect();
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    write("A-2026-11-23.HTML", &page);
    write("B-2026-11-23.Htm", &page);
    write("C-2026-11-23.html.gz", &packed.finish().unwrap());
    write("D-2026-11-23.html", &utf16);
    write("detalhes.php@papel=PINV4", &page);
    write("E.mhtml", b"From: <Saved by Blink>");
    write("notes.txt", b"mine");
    let (status, days, messages) = read(folder.path(), &["--day", "2026-11-23"]);
    assert_eq!((status, days.len()), (Some(3), 1), "{messages}");
    let files = &days[0]["files"];
    let read: u64 = ["read", "older", "same"].iter().map(|name| files[name].as_u64().unwrap()).sum();
    assert_eq!((read, files["passed_over"].as_array().unwrap().len()), (5, 1), "{files}");
    assert!(files["passed_over"][0].as_str().unwrap().ends_with("notes.txt"), "{files}");
    assert!(files["unusable"]["unreadable"][0]["message"].as_str().unwrap().contains("MHTML"), "{files}");

    let output = pynvest("parse").arg(folder.path()).output().unwrap();
    let (lines, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(lines.lines().filter(|line| line.contains("\"ticker\":\"PINV4\"")).count(), 5, "{lines}");
    assert!(
        said.contains("1 file that is no page by its name, passed over") && said.contains("notes.txt"),
        "{said}"
    );
}
