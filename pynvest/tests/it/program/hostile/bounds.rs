//! Inputs without end: each has a bound, and what is cut is said.

use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;

use pynvest::lake::TABLES;
use replica::{Exchange, latin1};
use serde_json::json;
use tempfile::TempDir;

use super::super::lake::{contents, pages, run, run_well, small};
use super::super::{pynvest, site};

/// The longest message of any command, whatever it is about.
const MESSAGE: usize = 20_000;

#[test]
fn no_message_repeats_an_argument_or_a_variable_that_is_very_long() {
    let long = "A".repeat(100_000);
    let (url, path) = (format!("http://127.0.0.1:1/{long}"), format!("/nowhere/{long}"));
    for arguments in [
        vec!["show", &long],
        vec!["show", "PINV4", "--site", &url, "--interval", "0"],
        vec!["show", "PINV4", "--site", &long],
        vec!["show", "PINV4", "--site", site(), "--out", &path],
        vec!["show", "PINV4", "--site", site(), "--user-agent", &long],
        vec!["list", &long],
        vec!["list", "--columns", &long, "--site", site()],
        vec!["list", "--lake", &path],
        vec!["history", "PINV4", "--lake", &path],
        vec!["history", "PINV4", "--columns", &long, "--lake", "."],
        vec!["changes", "--kind", &long],
        vec!["facts", "--lake", &path],
        vec!["compare", "PINV4", &long],
        vec!["dividends", &long],
        vec!["lake", "--out", &path],
        vec!["lake", "--check", "--out", &path],
        vec!["lake", "--pages", &path, "--out", "/nowhere"],
        vec!["lake", "--day", &long],
        vec!["parse", &path],
        vec![&long],
    ] {
        let output = pynvest(arguments[0]).args(&arguments[1..]).output().unwrap();
        let said = output.stderr.len().max(output.stdout.len());
        let words: Vec<&str> = arguments.iter().map(|word| word.get(..30).unwrap_or(word)).collect();
        assert!(![Some(0), None, Some(101)].contains(&output.status.code()), "{words:?}");
        assert!(said < MESSAGE, "{words:?} says {said} bytes");
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
    for (name, command) in [
        ("PYNVEST_LANG", vec!["show", "PINV4"]),
        ("PYNVEST_SITE", vec!["show", "PINV4"]),
        ("PYNVEST_USER_AGENT", vec!["show", "PINV4", "--site", site()]),
        ("PYNVEST_LAKE", vec!["history", "PINV4"]),
        ("LANG", vec!["show", "A!"]),
    ] {
        let output = pynvest(command[0]).args(&command[1..]).env(name, &long).output().unwrap();
        assert!(![Some(0), None, Some(101)].contains(&output.status.code()), "{name}");
        assert!(output.stderr.len() < MESSAGE && output.stdout.is_empty(), "{name}");
    }
}

#[test]
fn a_file_that_is_no_page_and_names_without_end_are_not_read_into_memory() {
    let folder = TempDir::new().unwrap();
    // As large as a disk, and no byte of it written.
    let huge = folder.path().join("huge.html");
    File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    let output = pynvest("parse").arg(&huge).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it is larger than 8388608 bytes, as no page is"), "{said}");

    let mut child = pynvest("parse").arg("-").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let names = vec![b'A'; 1 << 20];
    while stdin.write_all(&names).is_ok() {}
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("standard input has more than 268435456 bytes of names"), "{said}");
}

#[test]
fn files_of_a_lake_that_are_larger_than_any_are_damaged_and_the_day_heals() {
    let (folder, saved) = (TempDir::new().unwrap(), pages(&small(1), "2026-11-23"));
    let saved = saved.path().to_str().unwrap();
    let out = folder.path().join("lake");
    run_well(&out, &["--pages", saved]);
    let right = contents(&out, false);
    let files: Vec<_> = walkdir::WalkDir::new(&out)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file() && entry.file_name() != "lock")
        .map(walkdir::DirEntry::into_path)
        .filter(|path| !path.to_string_lossy().contains("fii"))
        .collect();
    for path in files {
        File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        let output = pynvest("lake").args(["--check", "--out"]).arg(&out).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{}: {said}", path.display());
        let name = path.strip_prefix(&out).unwrap().display().to_string();
        assert!(said.contains(&format!("{name} is damaged")), "{name}: {said}");
        let (status, _, messages) = run(&out, &["--pages", saved]);
        assert!([0, 3].contains(&status), "{name}: {messages}");
        run_well(&out, &["--pages", saved]);
        assert!(contents(&out, false) == right, "{name}");
    }
    // A journal too.
    File::create(out.join(".pynvest/READY")).unwrap().set_len(1 << 40).unwrap();
    let (status, _, messages) = run(&out, &["--pages", saved]);
    assert_eq!(status, 1, "{messages}");
    assert!(messages.contains("READY cannot be read: it is larger than"), "{messages}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for_and_a_file_in_the_place_of_a_folder_is_not_fatal() {
    let (folder, saved) = (TempDir::new().unwrap(), pages(&small(1), "2026-11-23"));
    let saved = saved.path().to_str().unwrap();
    let day = "anomesdia_exec=20261123";
    let (profile, facts, table) = (
        format!("sot/_profile/{}/{day}/profile.json", TABLES[2].name),
        "facts/stock.parquet",
        TABLES[2].name,
    );
    for (number, pipe) in [profile.as_str(), facts].into_iter().enumerate() {
        let out = folder.path().join(format!("pipe{number}"));
        run_well(&out, &["--pages", saved]);
        assert_eq!(pynvest("facts").arg("--lake").arg(&out).output().unwrap().status.code(), Some(0));
        fs::remove_file(out.join(pipe)).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(out.join(pipe)).status().unwrap().success());
        let output = pynvest("lake").args(["--check", "--out"]).arg(&out).output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(3), "{pipe}: {said}");
        assert!(said.contains(pipe), "{pipe}: {said}");
        assert!([0, 3].contains(&run(&out, &["--pages", saved]).0), "{pipe}");
    }
    // Whatever of it has no place is named; the rest of the day is there.
    for (number, place) in [
        "sot".to_owned(),
        format!("sot/{table}"),
        "sot/_profile".to_owned(),
        format!("sor/_doubts/{}", TABLES[0].name),
    ]
    .iter()
    .enumerate()
    {
        let out = folder.path().join(format!("file{number}"));
        run_well(&out, &["--pages", saved]);
        fs::remove_dir_all(out.join(place)).unwrap_or_default();
        fs::create_dir_all(out.join(place).parent().unwrap()).unwrap();
        fs::write(out.join(place), "not ours").unwrap();
        let (status, summary, messages) = run(&out, &["--pages", saved]);
        assert_eq!((status, &summary["rows"][TABLES[4].name]), (3, &json!(36)), "{place}: {messages}");
        assert!(
            summary["damaged"][0].as_str().is_some_and(|named| named.starts_with(place.as_str())),
            "{summary}"
        );
        assert_eq!(fs::read_to_string(out.join(place)).unwrap(), "not ours", "{place}");
        let output = pynvest("lake").args(["--check", "--out"]).arg(&out).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{place}: {said}");
        assert!(said.contains("is no folder of the lake"), "{place}: {said}");
    }
}

#[test]
fn a_day_has_room_for_so_many_tickers_and_the_rest_is_said() {
    let folder = TempDir::new().unwrap();
    let mut archive = tar::Builder::new(
        zstd::Encoder::new(File::create(folder.path().join("pages.tar.zst")).unwrap(), 1).unwrap(),
    );
    // Texts as long as any page has them, which nobody's day would have on every page.
    let mut long = small(1).details("PINV4").unwrap();
    for label in ["Empresa", "Setor", "Subsetor"] {
        let at = long.find(&format!("\"txt\">{label}</span>")).unwrap() + 10;
        let value = at + long[at..].find("\"txt\">").unwrap() + "\"txt\">".len();
        let value =
            value + usize::from(long[value..].starts_with('<')) * (long[value..].find('>').unwrap() + 1);
        long.insert_str(value, &"A".repeat(90_000));
    }
    for number in 0..260 {
        let bytes = latin1(&long.replace("PINV4", &format!("{}{}ZZ3", letter(number / 26), letter(number))));
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mtime(1_795_464_000);
        archive.append_data(&mut header, format!("{number}.html"), bytes.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
    let out = folder.path().join("lake");
    let (status, summary, messages) = run(&out, &["--pages", folder.path().to_str().unwrap()]);
    let left_out = summary["files"]["unusable"]["too_many"].as_array().map_or(0, Vec::len);
    let read = summary["files"]["read"].as_u64().unwrap_or_default();
    assert_eq!((status, left_out as u64 + read), (3, 260), "{messages}");
    assert!(left_out > 0 && read > 200, "{read} read");
    let output = pynvest("history").args(["AAZZ3", "--lake"]).arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

fn letter(number: usize) -> char {
    char::from(b'A' + u8::try_from(number % 26).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_invented_tickers_is_cut_and_that_is_said() {
    let replica = replica::Replica::start(Exchange::builder().stocks(4_050).fiis(5).build()).await.unwrap();
    let (folder, url) = (TempDir::new().unwrap(), replica.url());
    let out = folder.path().join("lake");
    let (status, summary, messages) = tokio::task::spawn_blocking(move || {
        run(&out, &["--interval", "0", "--site", &url, "--deadline", "0"])
    })
    .await
    .unwrap();
    assert_eq!((status, summary), (1, json!(null)), "{messages}");
    let folder = TempDir::new().unwrap();
    let url = replica.url();
    let out = folder.path().join("lake");
    let (status, summary, messages) =
        tokio::task::spawn_blocking(move || run(&out, &["--interval", "0", "--site", &url])).await.unwrap();
    let said = summary["failures"]["too_many"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (status, said.as_str()),
        (3, "the list has 4050 tickers: only the first 4000 are asked for"),
        "{messages}"
    );
    assert!(replica.requests().len() <= 4_020, "{} requests", replica.requests().len());
}
