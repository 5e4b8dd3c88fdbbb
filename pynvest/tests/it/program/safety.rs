//! A run never makes a day worse: what the day had stays, what was read survives, and nothing of others is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use replica::{Exchange, Fault, Replica, latin1};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::lake::{asked, contents, lake, pages, run, run_well, small};
use super::pynvest;

const DAY: &str = "anomesdia_exec=20261123";

/// The rows of typed stocks, and of all quotes.
fn counts(summary: &Value) -> (u64, u64) {
    let rows = |table: &str| summary["rows"][table].as_u64().unwrap();
    (rows("tbsot_fundamentus_indicadores_acoes_prep"), rows("tbspec_fundamentus_cotacao_ativos"))
}

async fn half() -> Replica {
    Replica::start(Exchange::builder().seed(1).stocks(12).fiis(6).build()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worse_run_takes_nothing_from_a_complete_day() {
    let whole = pages(&small(1), "2026-11-23");
    let folder = TempDir::new().unwrap();
    for (name, fault, failures) in [
        ("halved lists", None, ""),
        ("every page mobile", Some(Fault::Mobile), "mobile"),
        ("no page can be typed", Some(Fault::PoisonedValue), "bad_cell"),
        ("no label is known", Some(Fault::LayoutChanged), "layout_changed"),
    ] {
        let out = folder.path().join(name);
        run_well(&out, &["--pages", whole.path().to_str().unwrap()]);
        let replica = half().await;
        if let Some(fault) = fault {
            // The lists stay as they are.
            for ticker in ["PINV4", "BPIN3", "PFII11"] {
                replica.fault(fault.clone().on(ticker));
            }
        }
        let (status, summary, messages) = run(&out, &["--interval", "1", "--site", &replica.url()]);
        assert_eq!((status, counts(&summary)), (3, (24, 36)), "{name}: {messages}{summary}");
        assert!(summary["kept"].as_array().unwrap().len() >= 18, "{name}: those of the other half");
        if !failures.is_empty() {
            assert_eq!(summary["failures"][failures].as_array().unwrap().len(), 3, "{name}: {summary}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_run_has_read_is_not_asked_for_again() {
    let exchange = || Exchange::builder().seed(1).stocks(40).fiis(20).build();
    let replica = Replica::start(exchange()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let url = replica.url();
    for kill in 0..4 {
        let before = replica.requests().len();
        let mut child = lake(folder.path(), &["--interval", "20", "--site", &url]).spawn().unwrap();
        asked(&replica, before + 14).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!folder.path().join("spec").exists(), "kill {kill}: nothing is there before all of it is");
    }
    let (status, summary, messages) = run(folder.path(), &["--interval", "1", "--site", &url]);
    assert_eq!((status, counts(&summary)), (0, (40, 60)), "{messages}{summary}");
    let resumed = summary["resumed"].as_u64().unwrap();
    assert!((20..60).contains(&resumed), "{resumed}");
    // Two lists for each of five runs, and hardly any security twice: up to eight were on their way at each kill.
    let requests = replica.requests().len();
    assert!((70..=70 + 4 * 9).contains(&requests), "{requests}");
    let once = TempDir::new().unwrap();
    run_well(once.path(), &["--pages", pages(&exchange(), "2026-11-23").path().to_str().unwrap()]);
    assert_eq!(contents(folder.path(), true), contents(once.path(), true));

    // A day that is whole is read again when somebody asks for it.
    let before = replica.requests().len();
    run_well(folder.path(), &["--interval", "1", "--site", &url]);
    assert_eq!(replica.requests().len() - before, 62);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_killed_on_one_day_is_in_the_lake_after_the_next() {
    let replica = half().await;
    let folder = TempDir::new().unwrap();
    let url = replica.url();
    let mut child = lake(folder.path(), &["--interval", "20", "--site", &url]).spawn().unwrap();
    asked(&replica, 12).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let output = pynvest("lake")
        .args(["--day", "2026-11-24", "--force-day", "--json", "--interval", "1", "--site", &url, "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let securities = summary["recovered"]["2026-11-23"].as_u64().unwrap();
    let before = contents(folder.path(), false);
    let spec = |day: &str| format!("spec/tbspec_fundamentus_cotacao_ativos/anomesdia_exec={day}");
    assert!(securities >= 2 && before[&spec("20261123")].len() as u64 == securities, "{summary}");
    assert_eq!(before[&spec("20261124")].len(), 18);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_publishes_what_is_there_and_one_refused_security_stops_nothing() {
    let replica = half().await;
    let folder = TempDir::new().unwrap();
    replica.fault(Fault::Forbidden.on("BPIN3"));
    let url = replica.url();
    let (status, summary, _) = run(folder.path(), &["--interval", "1", "--site", &url]);
    assert_eq!((status, counts(&summary)), (3, (11, 17)), "{summary}");
    assert_eq!(summary["failures"]["blocked"].as_array().unwrap().len(), 1);
    assert_eq!((&summary["stopped"], &summary["missing"]), (&Value::Null, &json!(["BPIN3"])));

    // With nothing to wait for, the lists are read and no security is.
    let other = TempDir::new().unwrap();
    let (status, _, message) = run(other.path(), &["--deadline", "0", "--interval", "1", "--site", &url]);
    assert_eq!((status, message.as_str()), (1, "error: no ticker could be read: the deadline has passed\n"));
    // One that is never answered takes no more time than the deadline.
    replica.fault(Fault::Delay(Duration::from_secs(3_600)).on("PFII11"));
    let (status, summary, _) = run(other.path(), &["--deadline", "0", "--site", &url, "--tickers", "PINV4"]);
    assert_eq!((status, summary), (1, Value::Null));
}

#[test]
fn each_saved_page_goes_to_the_day_of_its_capture_and_every_file_is_accounted_for() {
    let exchange = small(1);
    let folder = TempDir::new().unwrap();
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let page = |ticker: &str| latin1(&exchange.details(ticker).unwrap());
    write("PINV4-2021-08-16.html", page("PINV4"));
    write("a/PINV4-2022-01-18.html", page("PINV4"));
    write("a/PINV4-2022-01-18T10-00-00.html", page("PINV4"));
    write("b/PINV4-2022-01-18.html", page("PINV4"));
    write("b/cut-2022-01-18.html", page("BPIN3")[..9_000].to_vec());
    write("b/blocked-2022-01-18.html", b"<title>Just a moment...</title>".to_vec());
    write("b/empty-2022-01-18.html", Vec::new());
    write("b/unknown-2022-01-18.html", latin1(&exchange.search("XXXX99")));
    fs::create_dir(folder.path().join("b/folder.html")).unwrap();
    #[cfg(unix)]
    assert!(
        std::process::Command::new("mkfifo")
            .arg(folder.path().join("b/pipe.html"))
            .status()
            .unwrap()
            .success()
    );
    // An archive that is cut in the middle gives what stands before the cut.
    let tickers: Vec<&str> = exchange.stocks().chain(exchange.fiis()).collect();
    let mut archive = tar::Builder::new(Vec::new());
    for ticker in &tickers {
        let bytes = page(ticker);
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        // 19 January 2022, 15:00 in Brasília.
        header.set_mtime(1_642_615_200);
        archive.append_data(&mut header, format!("{ticker}.html"), bytes.as_slice()).unwrap();
    }
    let archive = archive.into_inner().unwrap();
    let archive = zstd::encode_all(&archive[..archive.len() / 2], 0).unwrap();
    write("c/pages.tar.zst", archive);

    let out = TempDir::new().unwrap();
    let again = || {
        let mut command = pynvest("lake");
        command
            .args(["--json", "--force-day", "--keep-pages", "--pages"])
            .arg(folder.path())
            .arg("--out")
            .arg(out.path());
        let output = command.output().unwrap();
        let days: Vec<Value> =
            serde_json::Deserializer::from_slice(&output.stdout).into_iter().map(Result::unwrap).collect();
        (output.status.code(), days)
    };
    let (status, days) = again();
    let [first, second, third] = days.as_slice() else { panic!("{days:?}") };
    assert_eq!(status, Some(3));
    assert_eq!(
        [first, second, third].map(|day| day["day"].as_str().unwrap()),
        ["2021-08-16", "2022-01-18", "2022-01-19"]
    );
    assert_eq!([first, second].map(counts), [(1, 1), (1, 1)]);
    assert!(counts(third).1 > 10 && counts(third).1 < 36, "{third}");
    let files = &second["files"];
    assert_eq!(
        (&files["read"], &files["older"], &files["same"]),
        (&json!(1), &json!(1), &json!(1)),
        "{files}"
    );
    let kinds: BTreeMap<&str, usize> = files["unusable"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(kind, files)| (kind.as_str(), files.as_array().unwrap().len()))
        .collect();
    assert_eq!(kinds.get("blocked"), Some(&1), "{files}");
    assert_eq!(kinds.get("not_fundamentus"), Some(&1), "{files}");
    assert_eq!(files["other"]["unknown_ticker"].as_array().unwrap().len(), 1, "{files}");
    assert_eq!(second["failures"]["layout_changed"].as_array().unwrap().len(), 1, "the one that is cut");
    let unreadable: Vec<&str> = days
        .iter()
        .flat_map(|day| day["files"]["unusable"]["unreadable"].as_array().into_iter().flatten())
        .map(|file| file["ticker"].as_str().unwrap())
        .collect();
    assert!(unreadable.iter().any(|name| name.ends_with("pipe.html")), "{unreadable:?}");
    assert!(unreadable.iter().any(|name| name.ends_with("pages.tar.zst")), "{unreadable:?}");

    let before = bytes_of(out.path());
    assert_eq!(again().0, Some(3));
    assert_eq!(bytes_of(out.path()), before, "read again, nothing changes");
    // The lake itself has the pages now, by their days.
    let other = TempDir::new().unwrap();
    let output = pynvest("lake")
        .arg("--force-day")
        .arg("--pages")
        .arg(out.path())
        .arg("--out")
        .arg(other.path())
        .output()
        .unwrap();
    // The page that was cut is kept as it came.
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(contents(other.path(), false), contents(out.path(), false));
}

/// Every file of a lake.
fn bytes_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

#[test]
fn files_of_others_stay_and_a_flipped_bit_changes_no_value() {
    let whole = pages(&small(1), "2026-11-23");
    let whole = whole.path().to_str().unwrap();
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("lake");
    run_well(&out, &["--pages", whole]);
    let before = contents(&out, false);
    let sor = out.join("sor/tbsor_fundamentus_indicadores_acoes_raw").join(DAY);
    fs::write(sor.join(".DS_Store"), "not ours").unwrap();
    fs::create_dir(sor.join("_temporary")).unwrap();
    fs::write(sor.join("_temporary/0"), "not ours").unwrap();
    let summary = run_well(&out, &["--pages", whole, "--tickers", "PINV4"]);
    assert_eq!(summary["foreign"].as_array().unwrap().len(), 2, "{summary}");
    assert_eq!(fs::read_to_string(sor.join("_temporary/0")).unwrap(), "not ours");
    assert_eq!(fs::read_to_string(sor.join(".DS_Store")).unwrap(), "not ours");
    for foreign in [".DS_Store", "_temporary/0", "_temporary"] {
        let foreign = sor.join(foreign);
        let _ = fs::remove_file(&foreign).or_else(|_| fs::remove_dir(&foreign));
    }

    let intact = bytes_of(&out);
    let of_table = |path: &&PathBuf| path.extension() == Some("parquet".as_ref());
    let files: Vec<&PathBuf> = intact.keys().filter(of_table).collect();
    let mut rng = fastrand::Rng::with_seed(11);
    let mut noticed = 0;
    for flip in 0..60 {
        let file = files[rng.usize(..files.len())];
        let mut bytes = intact[file].clone();
        let place = rng.usize(..bytes.len());
        bytes[place] ^= 1 << rng.u8(..8);
        fs::write(file, bytes).unwrap();
        let (status, summary, messages) = run(&out, &["--pages", whole, "--tickers", "PFII11"]);
        assert!([0, 3].contains(&status), "flip {flip}: {messages}");
        let damaged = !summary["damaged"].as_array().unwrap().is_empty();
        assert_eq!(status == 3, damaged, "flip {flip}: {summary}");
        noticed += usize::from(damaged);
        for layer in ["sot", "spec"] {
            let rows = |lake: &BTreeMap<String, Vec<Vec<Option<String>>>>| -> Vec<_> {
                lake.iter()
                    .filter(|(partition, _)| partition.starts_with(layer))
                    .map(|(_, rows)| rows.clone())
                    .collect()
            };
            let after: BTreeMap<_, _> = sound(&out);
            assert_eq!(rows(&after), rows(&before), "flip {flip} in {}", file.display());
        }
        fs::remove_dir_all(&out).unwrap();
        for (path, bytes) in &intact {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    assert!(noticed > 30, "{noticed}");
}

/// What the sound files of a lake hold: a damaged one stays where it is, and is no part of a partition.
fn sound(out: &Path) -> BTreeMap<String, Vec<Vec<Option<String>>>> {
    let folder = TempDir::new().unwrap();
    for (path, bytes) in bytes_of(out) {
        let inside = path.strip_prefix(out).unwrap();
        let table = inside.components().nth(1).unwrap().as_os_str().to_str().unwrap().to_owned();
        if let Some(table) = pynvest::lake::Table::named(&table)
            && pynvest::lake::Batch::from_parquet(table, bytes.clone()).is_err()
        {
            continue;
        }
        let copy = folder.path().join(inside);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::write(copy, bytes).unwrap();
    }
    contents(folder.path(), false)
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_keep_a_day_from_its_place_is_tried_before_anything_is_asked() {
    let whole = pages(&small(1), "2026-11-23");
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("lake");
    run_well(&out, &["--pages", whole.path().to_str().unwrap()]);
    let replica = half().await;
    // A table that lies on another filesystem, where this machine has one.
    if let Ok(elsewhere) = TempDir::new_in("/dev/shm") {
        let table = out.join("sot/tbsot_fundamentus_indicadores_fiis_prep");
        std::process::Command::new("cp").arg("-r").arg(&table).arg(elsewhere.path()).status().unwrap();
        fs::rename(&table, folder.path().join("aside")).unwrap();
        let moved = elsewhere.path().join("tbsot_fundamentus_indicadores_fiis_prep");
        std::os::unix::fs::symlink(&moved, &table).unwrap();
        let before = contents(&out, false);
        let (status, _, message) = run(&out, &["--interval", "1", "--site", &replica.url()]);
        assert_eq!(status, 1);
        assert!(message.contains(" is on another filesystem (symlink or mount)"), "{message}");
        assert_eq!((contents(&out, false), replica.requests().len()), (before, 0));
        fs::remove_file(&table).unwrap();
        fs::rename(folder.path().join("aside"), &table).unwrap();
    }
    // A lake that is removed while it is written to.
    let child = lake(&out, &["--site", &replica.url()]).stderr(Stdio::piped()).spawn().unwrap();
    asked(&replica, 5).await;
    fs::remove_dir_all(&out).unwrap();
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(!out.join("spec").exists(), "half of a lake is worse than none");
}
